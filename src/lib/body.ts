// Bodies of requests, read without trusting what they say of their size.

/**
 * The text of a body; undefined when it has more than `maxBytes` bytes. Somebody still sending would not hear the
 * refusal, so as much again is read and thrown away before giving up.
 */
export async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) <= maxBytes) return await request.text();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) text += decoder.decode(chunk, { stream: true });
    else if (bytes > 2 * maxBytes) return undefined;
  }
  return bytes > maxBytes ? undefined : text + decoder.decode();
}
