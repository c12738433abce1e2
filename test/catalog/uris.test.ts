// Where URIs of a view lead, and which ones clients have for what comes from a server.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Uris } from "../../src/catalog/uris.ts";
import type { LinkData, ResourceData, WithheldData } from "../../src/catalog/view.ts";

const entry = (upstreamId: string | null, uri: string, original?: string): ResourceData => ({
  id: `${upstreamId} ${uri}`,
  upstreamId,
  text: "{}",
  uri,
  ...(original === undefined ? {} : { original }),
});
const uris = (parts: {
  resources?: ResourceData[];
  templates?: ResourceData[];
  links?: LinkData[];
  withheld?: WithheldData[];
}) => new Uris({ resources: [], templates: [], links: [], withheld: [], ...parts });

/** Two servers with the same resource and template; `maps` came later. */
const shared = uris({
  resources: [
    entry("weather", "ui://app"),
    entry("maps", "ui://maps--app", "ui://app"),
    entry("maps", "map://only"),
    entry(null, "memo://ours"),
  ],
  templates: [
    entry("weather", "note://{name}"),
    entry("maps", "note://maps--{name}", "note://{name}"),
    entry("maps", "tile://{x}/{y}"),
  ],
});

describe("a URI leads", () => {
  it.each([
    ["to the one server that has it", "map://only", "maps", "map://only", "map://only"],
    ["to the first of two that share it", "ui://app", "weather", "ui://app", "ui://app"],
    ["by its mark to the later of two", "ui://maps--app", "maps", "ui://app", "ui://maps--app"],
    ["to the template of the first", "note://a", "weather", "note://a", "note://{name}"],
    ["by its mark to the template of the later", "note://maps--a", "maps", "note://a", "note://maps--{name}"],
    ["to a template that nobody shares", "tile://1/2", "maps", "tile://1/2", "tile://{x}/{y}"],
    ["to us", "memo://ours", null, "memo://ours", "memo://ours"],
  ] as const)("%s: %s", (_where, uri, upstreamId, own, entryUri) => {
    expect(shared.toUpstream(uri)).toMatchObject({ upstreamId, uri: own, entry: { uri: entryUri } });
  });

  it("by a mark to its server even when the view does not list it, and then to nothing the view has", () => {
    expect(shared.toUpstream("other://maps--x")).toEqual({ upstreamId: "maps", uri: "other://x" });
    expect(shared.toUpstream("https://a.example/#maps")).toEqual({ upstreamId: "maps", uri: "https://a.example/" });
  });

  it.each(["other://x", "other://weather--x", "other://nobody--x", "tile://1"])("nowhere known: %s", (uri) => {
    expect(shared.toUpstream(uri)).toBeUndefined();
  });

  it("to the most specific template", () => {
    const nested = uris({
      templates: [entry("one", "a://{+all}"), entry("two", "a://b/{x}"), entry("one", "a://b/{x}/c")],
    });
    expect(["a://b/1/c", "a://b/1", "a://b", "a://b/1/d"].map((uri) => nested.toUpstream(uri)?.entry?.uri)).toEqual([
      "a://b/{x}/c",
      "a://b/{x}",
      "a://{+all}",
      "a://{+all}",
    ]);
  });

  it("past a template to nothing, where what it would lead to is switched off", () => {
    const guarded = uris({
      templates: [entry("one", "a://{+all}"), entry("two", "a://b/{x}")],
      withheld: [
        { upstreamId: "one", uri: "a://secret", template: false },
        { upstreamId: "one", uri: "a://vault/{x}", template: true },
        { upstreamId: "one", uri: "{+any}", template: true },
        { upstreamId: "two", uri: "a://b/off", template: false },
        { upstreamId: "two", uri: "a://free", template: false },
        { upstreamId: "one", uri: "a://{broken", template: true },
      ],
    });
    const owner = (uri: string) => guarded.toUpstream(uri)?.upstreamId;
    expect(["a://secret", "a://vault/1"].map(owner)).toEqual([undefined, undefined]);
    expect(["a://free", "a://vault", "a://b/on"].map(owner)).toEqual(["one", "one", "two"]);
    expect(owner("a://b/off")).toBe("one"); // another server's, where it is not switched off
  });

  it("past a marked template to nothing, where what it would lead to is switched off", () => {
    const guarded = uris({
      templates: [entry("one", "a://{x}"), entry("two", "a://two--{x}", "a://{x}")],
      withheld: [{ upstreamId: "two", uri: "a://secret", template: false }],
    });
    expect(guarded.toUpstream("a://two--secret")).toEqual({ upstreamId: "two", uri: "a://secret" });
    expect(guarded.toUpstream("a://secret")).toMatchObject({ upstreamId: "one", entry: { uri: "a://{x}" } });
  });

  it("of an interface that only a tool names to the server of the tool", () => {
    const linked = uris({
      templates: [entry("maps", "ui://{+any}")],
      links: [
        { upstreamId: "weather", uri: "ui://app" },
        { upstreamId: "clock", uri: "ui://clock--app", original: "ui://app" },
        { upstreamId: "maps", uri: "ui://map" },
      ],
    });
    expect(linked.toUpstream("ui://app")).toEqual({ upstreamId: "weather", uri: "ui://app" });
    expect(linked.toUpstream("ui://clock--app")).toEqual({ upstreamId: "clock", uri: "ui://app" });
    expect(linked.toUpstream("ui://map")).toMatchObject({ upstreamId: "maps", entry: { uri: "ui://{+any}" } });
    expect(["weather", "clock", "maps"].map((id) => linked.toClient("ui://app", id))).toEqual([
      "ui://app",
      "ui://clock--app",
      "ui://app",
    ]);
  });
});

describe("clients have", () => {
  it.each([
    ["of the first holder everything as it is", "weather", ["ui://app", "note://a", "other://x", "https://a.example/"]],
    ["of a later holder its own as it is", "maps", ["map://only", "tile://1/2"]],
    ["of a later holder what the web has as it is", "maps", ["https://a.example/"]],
  ])("%s", (_what, server, same) => {
    expect(same.map((uri) => shared.toClient(uri, server))).toEqual(same);
  });

  it("of a later holder what it shares, and what the view does not list, with its mark", () => {
    expect(
      ["ui://app", "note://a", "note://{name}", "other://x", "memo://ours"].map((uri) => shared.toClient(uri, "maps")),
    ).toEqual(["ui://maps--app", "note://maps--a", "note://maps--{name}", "other://maps--x", "memo://maps--ours"]);
  });

  it("URIs that lead back to what they are there, whatever a later holder names", () => {
    const piece = fc.constantFrom(
      "ui://",
      "note://",
      "app",
      "maps--",
      "weather--",
      "a",
      "/",
      "#",
      "https://",
      "{name}",
      "memo:",
      "--",
    );
    const text = fc.array(piece, { minLength: 1 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (uri) => {
        const given = shared.toClient(uri, "maps");
        if (given === uri && /^https?:/.test(uri)) return;
        expect(shared.toUpstream(given)).toMatchObject({ upstreamId: "maps", uri });
      }),
      { numRuns: 2_000 },
    );
  });

  it("of servers that share nothing nothing to be rewritten", () => {
    const apart = uris({ resources: [entry("one", "a://x"), entry("two", "b://x")] });
    expect(["one", "two"].map((id) => apart.rewrites(id))).toEqual([false, false]);
    expect(["weather", "maps", "nobody"].map((id) => shared.rewrites(id))).toEqual([false, true, false]);
  });

  it("a marked URI of a server whose mark had to be counted on", () => {
    const counted = uris({
      resources: [entry("one", "a://x"), entry("one", "a://two--x"), entry("two", "a://two.2--x", "a://x")],
    });
    expect(counted.toUpstream("a://two.2--x")).toMatchObject({ upstreamId: "two", uri: "a://x" });
    expect(counted.toUpstream("a://two--x")).toMatchObject({ upstreamId: "one", uri: "a://two--x" });
    expect(counted.toClient("b://y", "two")).toBe("b://two.2--y");
    expect(counted.toUpstream("b://two.2--y")).toEqual({ upstreamId: "two", uri: "b://y" });
  });
});

it("completions refer to templates and resources by exactly the text that clients see", () => {
  expect(shared.reference("note://maps--{name}")).toMatchObject({ upstreamId: "maps", original: "note://{name}" });
  expect(shared.reference("ui://app")).toMatchObject({ upstreamId: "weather" });
  expect(["note://a", "note://{other}", "other://maps--x"].map((uri) => shared.reference(uri))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
