// Preloaded (--import) into servers of others, which listen on every interface and only tell a log where: it holds
// them to 127.0.0.1, reports the port they got to the process that started them, and ends them when that one is gone.
import { type ListenOptions, Server } from "node:net";

const HOST = "127.0.0.1";
type Callback = () => void;

const listen: (this: Server, options: ListenOptions, callback?: Callback) => Server = Server.prototype.listen;

function listenOnLoopback(this: Server, ...given: (ListenOptions | string | number | Callback | undefined)[]): Server {
  const [first] = given;
  const options: ListenOptions =
    typeof first === "object" ? { ...first, host: HOST } : { port: Number(first), host: HOST };
  this.once("listening", () => {
    const address = this.address();
    if (address !== null && typeof address === "object") process.send?.({ port: address.port });
  });
  return listen.call(
    this,
    options,
    given.find((one): one is Callback => typeof one === "function"),
  );
}

Object.assign(Server.prototype, { listen: listenOnLoopback });
process.once("disconnect", () => process.exit());
