// Reads HTTP/1.1 messages off a keep-alive socket, for the load client (responses) and the fast upstream (requests).
// Only what the two need: header block, Content-Length, chunked bodies, bodies that end with the connection. Written by
// hand because node:http costs several times the CPU of the Workers under test would leave for it.
const EMPTY: Buffer = Buffer.alloc(0);
const MAX_HEAD_BYTES = 65_536;

export type Message = { start: string; headers: Record<string, string>; body: Buffer };
type State = "head" | "fixed" | "chunk-size" | "chunk" | "trailer" | "until-close";

export class MessageReader {
  private readonly kind: "request" | "response";
  private readonly onMessage: (message: Message) => void;
  private unread = EMPTY;
  private state: State = "head";
  private start = "";
  private headers: Record<string, string> = {};
  private missing = 0;
  private parts: Buffer[] = [];

  constructor(kind: "request" | "response", onMessage: (message: Message) => void) {
    this.kind = kind;
    this.onMessage = onMessage;
  }

  /** Takes what arrived; calls onMessage once per complete message. Throws on what is no HTTP. */
  push(data: Buffer): void {
    this.unread = this.unread.length === 0 ? data : Buffer.concat([this.unread, data]);
    while (this.step());
  }

  /** The peer closed its side: a body without a length ends here. */
  end(): void {
    if (this.state !== "until-close") return;
    this.unread = EMPTY;
    this.emit(Buffer.concat(this.parts));
  }

  /** One step forward; false when more bytes are needed. */
  private step(): boolean {
    switch (this.state) {
      case "head":
        return this.readHead();
      case "fixed":
        return this.readFixed();
      case "chunk-size":
        return this.readChunkSize();
      case "chunk":
        return this.readChunk();
      case "trailer":
        return this.readTrailer();
      case "until-close":
        if (this.unread.length > 0) this.parts.push(this.unread);
        this.unread = EMPTY;
        return false;
    }
  }

  private readHead(): boolean {
    const end = this.unread.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.unread.length > MAX_HEAD_BYTES) throw new Error("header block over 64 KiB");
      return false;
    }
    const lines = this.unread.toString("latin1", 0, end).split("\r\n");
    this.unread = this.unread.subarray(end + 4);
    this.start = lines[0] ?? "";
    this.headers = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      if (colon > 0) this.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return this.beginBody();
  }

  private beginBody(): boolean {
    const status = this.kind === "response" ? Number(this.start.slice(9, 12)) : 0;
    if (status >= 100 && status < 200) return this.unread.length > 0; // interim: the real head follows
    if (status === 204 || status === 304) return this.emit(EMPTY);
    const { "transfer-encoding": encoding, "content-length": length } = this.headers;
    if (encoding !== undefined && /chunked/i.test(encoding)) this.state = "chunk-size";
    else if (length !== undefined) {
      this.missing = Number(length);
      if (this.missing === 0) return this.emit(EMPTY);
      this.state = "fixed";
    } else if (this.kind === "request") return this.emit(EMPTY);
    else this.state = "until-close";
    return true;
  }

  private readFixed(): boolean {
    const taken = this.unread.subarray(0, this.missing);
    if (taken.length === 0) return false;
    this.unread = this.unread.subarray(taken.length);
    this.missing -= taken.length;
    if (this.missing === 0 && this.parts.length === 0) return this.emit(taken);
    this.parts.push(taken);
    return this.missing === 0 && this.emit(Buffer.concat(this.parts));
  }

  private readChunkSize(): boolean {
    const end = this.unread.indexOf("\r\n");
    if (end < 0) return false;
    this.missing = Number.parseInt(this.unread.toString("latin1", 0, end), 16);
    if (Number.isNaN(this.missing)) throw new Error("bad chunk size");
    this.unread = this.unread.subarray(end + 2);
    this.state = this.missing === 0 ? "trailer" : "chunk";
    return true;
  }

  private readChunk(): boolean {
    if (this.unread.length < this.missing + 2) {
      if (this.unread.length > 0 && this.unread.length <= this.missing) {
        this.parts.push(this.unread);
        this.missing -= this.unread.length;
        this.unread = EMPTY;
      }
      return false;
    }
    if (this.missing > 0) this.parts.push(this.unread.subarray(0, this.missing));
    this.unread = this.unread.subarray(this.missing + 2);
    this.state = "chunk-size";
    return true;
  }

  private readTrailer(): boolean {
    const end = this.unread.indexOf("\r\n");
    if (end < 0) return false;
    this.unread = this.unread.subarray(end + 2);
    if (end > 0) return true; // a trailer line
    return this.emit(this.parts.length === 1 && this.parts[0] ? this.parts[0] : Buffer.concat(this.parts));
  }

  private emit(body: Buffer): boolean {
    const message = { start: this.start, headers: this.headers, body };
    this.state = "head";
    this.parts = [];
    this.onMessage(message);
    return this.unread.length > 0;
  }
}
