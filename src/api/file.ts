// Files that are made while they are sent, a page of rows at a time, so that their size does not matter.

/** How rows are written. `head` goes first, `tail` last, `between` between any two. */
export interface Format<Row> {
  readonly type: string;
  readonly head: string;
  readonly between?: string;
  readonly tail?: string;
  line(row: Row): string;
}

/** A file, named after today. The first page is read before, so that a failure to read is told as one. */
export async function fileOf<Row>(
  name: string,
  ending: string,
  { type, head, between = "", tail = "", line }: Format<Row>,
  rows: AsyncGenerator<readonly Row[], void, void>,
): Promise<Response> {
  const encoder = new TextEncoder();
  let page = await rows.next();
  let [before, written] = [head, false];
  const text = (row: Row): string => {
    const one = (written ? between : "") + line(row);
    written = true;
    return one;
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (page.done) {
        controller.enqueue(encoder.encode(before + tail));
        return controller.close();
      }
      controller.enqueue(encoder.encode(before + page.value.map(text).join("")));
      before = "";
      page = await rows.next();
    },
    cancel: () => void rows.return(),
  });
  const file = `${name}-${new Date().toISOString().slice(0, 10)}.${ending}`;
  return new Response(body, {
    headers: { "content-type": type, "content-disposition": `attachment; filename="${file}"` },
  });
}
