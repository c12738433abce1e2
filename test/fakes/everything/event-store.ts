// The events of one session's streams, kept so that a client can resume them (2025-11-25, basic/transports).
// An event's id is its number and its stream, so a stream is resumed without looking anything up.

import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** An event store in memory; it lasts as long as its session. */
export function eventStore(): EventStore {
  const events: { readonly id: string; readonly stream: string; readonly message: JSONRPCMessage }[] = [];
  const streamOf = (id: string): string => id.slice(id.indexOf("-") + 1);
  return {
    storeEvent: async (stream, message) => {
      const id = `${events.length}-${stream}`;
      events.push({ id, stream, message });
      return id;
    },
    getStreamIdForEventId: async (id) => streamOf(id),
    replayEventsAfter: async (lastId, { send }) => {
      const stream = streamOf(lastId);
      const missed = events.slice(Number.parseInt(lastId, 10) + 1).filter((event) => event.stream === stream);
      // A priming event is stored as an empty message: it marks a place and says nothing.
      for (const { id, message } of missed) if ("jsonrpc" in message) await send(id, message);
      return stream;
    },
  };
}
