// Bindings that write down every storage operation, and can hold them back until a test lets them go.
import type { Bindings } from "../src/env.ts";

/** Bindings with a record of what was done with them, such as `DB.batch`, `VIEWS.get` or `SESSION.upstreamSession`. */
export interface Counted {
  readonly bindings: Bindings;
  readonly operations: string[];
  /** From now on operations wait: `reached` resolves with the first of them; `release` lets all go on, or fail. */
  hold(): { readonly reached: Promise<void>; release(failure?: Error): void };
}

type Call = () => unknown;

/** An object of whose methods each call is handed to `onCall`, by name, ready to be made. */
function watch<T extends object>(target: T, onCall: (method: string, call: Call, args: unknown[]) => unknown): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => onCall(String(key), () => Reflect.apply(value, object, args), args);
    },
  });
}

export function counted(given: Bindings): Counted {
  const operations: string[] = [];
  let gate: { readonly reached: () => void; readonly open: Promise<void> } | undefined;

  const operate = async (name: string, call: Call): Promise<unknown> => {
    operations.push(name);
    gate?.reached();
    await gate?.open;
    return await call();
  };
  /** Watched statements with what D1 wants in a batch: the statements themselves. */
  const bare = new WeakMap<object, D1PreparedStatement>();
  const statement = (prepared: D1PreparedStatement): D1PreparedStatement => {
    const watched = watch(prepared, (method, call) =>
      method === "bind" ? statement(call() as D1PreparedStatement) : operate(`DB.${method}`, call),
    );
    bare.set(watched, prepared);
    return watched;
  };
  const database = watch(given.DB, (method, call, args) => {
    if (method === "prepare") return statement(call() as D1PreparedStatement);
    const [statements] = args as [D1PreparedStatement[]];
    return operate(
      `DB.${method}`,
      method === "batch" ? () => given.DB.batch(statements.map((one) => bare.get(one) ?? one)) : call,
    );
  });
  const objects = (binding: "SESSION" | "SYNC" | "LIMITER"): DurableObjectNamespace =>
    watch(given[binding], (_method, call) =>
      watch(call() as object, (method, send) => operate(`${binding}.${method}`, send)),
    );
  return {
    bindings: {
      ...given,
      DB: database,
      VIEWS: watch(given.VIEWS, (method, call) => operate(`VIEWS.${method}`, call)),
      SESSION: objects("SESSION"),
      SYNC: objects("SYNC"),
      LIMITER: objects("LIMITER"),
    },
    operations,
    hold() {
      const reached = Promise.withResolvers<void>();
      const open = Promise.withResolvers<void>();
      gate = { reached: reached.resolve, open: open.promise };
      return {
        reached: reached.promise,
        release(failure) {
          gate = undefined;
          if (failure) open.reject(failure);
          else open.resolve();
        },
      };
    },
  };
}
