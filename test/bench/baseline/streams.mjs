// The least a gateway can do to hold a stream: check a hashed bearer token, then an event stream with a comment every 25 s.
const KEEPALIVE = 25_000;
const encoder = new TextEncoder();
const COMMENT = encoder.encode(":\n\n");

export default {
  async fetch(request, env) {
    const token = (request.headers.get("authorization") ?? "").slice(7);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token))).toHex();
    if (hash !== env.KEY_HASH) return new Response(null, { status: 401 });
    let keepalive;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(COMMENT);
        keepalive = setInterval(() => controller.enqueue(COMMENT), KEEPALIVE);
      },
      cancel() {
        clearInterval(keepalive);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
};
