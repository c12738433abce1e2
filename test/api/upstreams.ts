// MCP servers that a test file starts on this machine and closes at its end.
import { type Fault, hangs } from "../fakes/faults.ts";
import { type Faulty, startFaulty } from "../fakes/faulty.ts";

const HEALTHY: Fault = { ...hangs("request"), times: 0 };

/** Starts servers that go wrong as told, healthy when nothing is told, and closes them all. */
export function upstreams() {
  const running: Faulty[] = [];
  const server = async (fault: Fault = HEALTHY): Promise<Faulty> => {
    const started = await startFaulty(fault);
    running.push(started);
    return started;
  };
  return { server, closeAll: () => Promise.all(running.map(({ close }) => close())) };
}
