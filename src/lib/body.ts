// Bodies of requests, read without trusting what they say of their size (security.md T21).

/** The text of a body; undefined when it has more than `maxBytes` bytes. */
export async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null) return Number(length) > maxBytes ? undefined : await request.text();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
