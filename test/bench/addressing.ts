// fakes/addressing.ts in a process of its own; ends with its standard input.
import { startAddressing } from "../fakes/addressing.ts";

const { url } = await startAddressing();
console.log(JSON.stringify({ url }));
process.stdin.resume().once("end", () => process.exit(0));
