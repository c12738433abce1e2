import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand, match, specificity, type TemplateValue, UriTemplateError } from "../../src/lib/uri-template.ts";

/** The variables of RFC 6570 section 3.2. */
const VARS: Record<string, TemplateValue> = {
  count: ["one", "two", "three"],
  dom: ["example", "com"],
  dub: "me/too",
  hello: "Hello World!",
  half: "50%",
  var: "value",
  who: "fred",
  base: "http://example.com/home/",
  path: "/foo/bar",
  list: ["red", "green", "blue"],
  keys: { semi: ";", dot: ".", comma: "," },
  v: "6",
  x: "1024",
  y: "768",
  empty: "",
  empty_keys: {},
  undef: undefined,
};

describe("expand follows RFC 6570", () => {
  it.each([
    // 3.2.1
    ["{count}", "one,two,three"],
    ["{count*}", "one,two,three"],
    ["{/count}", "/one,two,three"],
    ["{/count*}", "/one/two/three"],
    ["{;count}", ";count=one,two,three"],
    ["{;count*}", ";count=one;count=two;count=three"],
    ["{?count}", "?count=one,two,three"],
    ["{?count*}", "?count=one&count=two&count=three"],
    ["{&count*}", "&count=one&count=two&count=three"],
    // 3.2.2
    ["{var}", "value"],
    ["{hello}", "Hello%20World%21"],
    ["{half}", "50%25"],
    ["O{empty}X", "OX"],
    ["O{undef}X", "OX"],
    ["{x,y}", "1024,768"],
    ["{x,hello,y}", "1024,Hello%20World%21,768"],
    ["?{x,empty}", "?1024,"],
    ["?{x,undef}", "?1024"],
    ["?{undef,y}", "?768"],
    ["{var:3}", "val"],
    ["{var:30}", "value"],
    ["{list}", "red,green,blue"],
    ["{list*}", "red,green,blue"],
    ["{keys}", "semi,%3B,dot,.,comma,%2C"],
    ["{keys*}", "semi=%3B,dot=.,comma=%2C"],
    // 3.2.3
    ["{+var}", "value"],
    ["{+hello}", "Hello%20World!"],
    ["{+half}", "50%25"],
    ["{base}index", "http%3A%2F%2Fexample.com%2Fhome%2Findex"],
    ["{+base}index", "http://example.com/home/index"],
    ["O{+empty}X", "OX"],
    ["O{+undef}X", "OX"],
    ["{+path}/here", "/foo/bar/here"],
    ["here?ref={+path}", "here?ref=/foo/bar"],
    ["up{+path}{var}/here", "up/foo/barvalue/here"],
    ["{+x,hello,y}", "1024,Hello%20World!,768"],
    ["{+path,x}/here", "/foo/bar,1024/here"],
    ["{+path:6}/here", "/foo/b/here"],
    ["{+list}", "red,green,blue"],
    ["{+list*}", "red,green,blue"],
    ["{+keys}", "semi,;,dot,.,comma,,"],
    ["{+keys*}", "semi=;,dot=.,comma=,"],
    // 3.2.4
    ["{#var}", "#value"],
    ["{#hello}", "#Hello%20World!"],
    ["{#half}", "#50%25"],
    ["foo{#empty}", "foo#"],
    ["foo{#undef}", "foo"],
    ["{#x,hello,y}", "#1024,Hello%20World!,768"],
    ["{#path,x}/here", "#/foo/bar,1024/here"],
    ["{#path:6}/here", "#/foo/b/here"],
    ["{#list}", "#red,green,blue"],
    ["{#list*}", "#red,green,blue"],
    ["{#keys}", "#semi,;,dot,.,comma,,"],
    ["{#keys*}", "#semi=;,dot=.,comma=,"],
    // 3.2.5
    ["{.who}", ".fred"],
    ["{.who,who}", ".fred.fred"],
    ["{.half,who}", ".50%25.fred"],
    ["www{.dom*}", "www.example.com"],
    ["X{.var}", "X.value"],
    ["X{.empty}", "X."],
    ["X{.undef}", "X"],
    ["X{.var:3}", "X.val"],
    ["X{.list}", "X.red,green,blue"],
    ["X{.list*}", "X.red.green.blue"],
    ["X{.keys}", "X.semi,%3B,dot,.,comma,%2C"],
    ["X{.keys*}", "X.semi=%3B.dot=..comma=%2C"],
    ["X{.empty_keys}", "X"],
    ["X{.empty_keys*}", "X"],
    // 3.2.6
    ["{/who}", "/fred"],
    ["{/who,who}", "/fred/fred"],
    ["{/half,who}", "/50%25/fred"],
    ["{/who,dub}", "/fred/me%2Ftoo"],
    ["{/var}", "/value"],
    ["{/var,empty}", "/value/"],
    ["{/var,undef}", "/value"],
    ["{/var,x}/here", "/value/1024/here"],
    ["{/var:1,var}", "/v/value"],
    ["{/list}", "/red,green,blue"],
    ["{/list*}", "/red/green/blue"],
    ["{/list*,path:4}", "/red/green/blue/%2Ffoo"],
    ["{/keys}", "/semi,%3B,dot,.,comma,%2C"],
    ["{/keys*}", "/semi=%3B/dot=./comma=%2C"],
    // 3.2.7
    ["{;who}", ";who=fred"],
    ["{;half}", ";half=50%25"],
    ["{;empty}", ";empty"],
    ["{;v,empty,who}", ";v=6;empty;who=fred"],
    ["{;v,undef,who}", ";v=6;who=fred"],
    ["{;x,y}", ";x=1024;y=768"],
    ["{;x,y,empty}", ";x=1024;y=768;empty"],
    ["{;x,y,undef}", ";x=1024;y=768"],
    ["{;hello:5}", ";hello=Hello"],
    ["{;list}", ";list=red,green,blue"],
    ["{;list*}", ";list=red;list=green;list=blue"],
    ["{;keys}", ";keys=semi,%3B,dot,.,comma,%2C"],
    ["{;keys*}", ";semi=%3B;dot=.;comma=%2C"],
    // 3.2.8
    ["{?who}", "?who=fred"],
    ["{?half}", "?half=50%25"],
    ["{?x,y}", "?x=1024&y=768"],
    ["{?x,y,empty}", "?x=1024&y=768&empty="],
    ["{?x,y,undef}", "?x=1024&y=768"],
    ["{?var:3}", "?var=val"],
    ["{?list}", "?list=red,green,blue"],
    ["{?list*}", "?list=red&list=green&list=blue"],
    ["{?keys}", "?keys=semi,%3B,dot,.,comma,%2C"],
    ["{?keys*}", "?semi=%3B&dot=.&comma=%2C"],
    // 3.2.9
    ["{&who}", "&who=fred"],
    ["{&half}", "&half=50%25"],
    ["?fixed=yes{&x}", "?fixed=yes&x=1024"],
    ["{&x,y,empty}", "&x=1024&y=768&empty="],
    ["{&x,y,undef}", "&x=1024&y=768"],
    ["{&var:3}", "&var=val"],
    ["{&list}", "&list=red,green,blue"],
    ["{&list*}", "&list=red&list=green&list=blue"],
    ["{&keys}", "&keys=semi,%3B,dot,.,comma,%2C"],
    ["{&keys*}", "&semi=%3B&dot=.&comma=%2C"],
  ])("%s -> %s", (template, uri) => {
    expect(expand(template, VARS)).toBe(uri);
  });

  it.each([
    ["plain text/\u00e9 \u{1f600}%20%zz", {}, "plain%20text/%C3%A9%20%F0%9F%98%80%20%25zz"],
    ["{+a}", { a: "[x]%5B%zz" }, "[x]%5B%25zz"],
    ["{a:2}", { a: "\u{1f600}\u{1f601}\u{1f602}" }, "%F0%9F%98%80%F0%9F%98%81"],
    ["{a}", { a: "\ud800" }, "%EF%BF%BD"],
    ["{user-id}", { "user-id": "7" }, "7"],
    ["{?keys*}", { keys: { a: "", b: "1" } }, "?a=&b=1"],
    ["{;keys*}", { keys: { a: "", b: "1" } }, ";a;b=1"],
    ["{?list*}", { list: [] }, ""],
    ["{constructor}{toString}", {}, ""],
  ])("beyond its examples: %j", (template, vars: Record<string, TemplateValue>, uri) => {
    expect(expand(template, vars)).toBe(uri);
  });

  it("takes only the values it was given itself", () => {
    expect(expand("{a}{constructor}", Object.create({ a: "inherited" }))).toBe("");
  });

  it.each([
    "{",
    "}",
    "a{b",
    "a}b",
    "{}",
    "{+}",
    "{a,}",
    "{,a}",
    "{a b}",
    "{a:0}",
    "{a:12345}",
    "{a:x}",
    "{a*:3}",
    "{=a}",
    "{!a}",
    "{@a}",
    "{|a}",
    "{{a}}",
    "{a{b}",
  ])("refuses %j as malformed", (template) => {
    expect(() => expand(template, {})).toThrow(UriTemplateError);
    expect(() => specificity(template)).toThrow(UriTemplateError);
    expect(match(template, "a")).toBeUndefined();
    expect(match(template, template)).toBeUndefined();
  });
});

describe("match", () => {
  it.each([
    ["file:///readme.md", "file:///readme.md", {}],
    ["greeting://{name}", "greeting://ada", { name: "ada" }],
    ["greeting://{name}", "greeting://New%20York", { name: "New York" }],
    ["greeting://{name}", "greeting://New York", { name: "New York" }],
    ["mail://{to}", "mail://ada@example.com", { to: "ada@example.com" }],
    ["users://{id}/profile", "users://42/profile", { id: "42" }],
    ["repo://{owner}/{repo}/issues/{n}", "repo://a/b/issues/7", { owner: "a", repo: "b", n: "7" }],
    ["file:///{+path}", "file:///a/b%20c.txt", { path: "a/b%20c.txt" }],
    ["file:///{+path}.{ext}", "file:///a/b.tar.gz", { path: "a/b.tar", ext: "gz" }],
    ["{+path}/x-{id}", "p/x-1/x-2", { path: "p/x-1", id: "2" }],
    ["{a}-{b}", "x-y-z", { a: "x-y", b: "z" }],
    ["{a}.json", "x.json.json", { a: "x.json" }],
    ["{a}{b}", "xyz", { a: "xy", b: "z" }],
    ["{x,y}", "1,2", { x: "1", y: "2" }],
    ["{x,y}", "1", { x: "1" }],
    ["{list}", "red,green", { list: "red,green" }],
    ["doc{.format}", "doc.tar.gz", { format: "tar.gz" }],
    ["doc{.format}", "doc", {}],
    ["api{/a,b}", "api/1/2", { a: "1", b: "2" }],
    ["api{/a}/c", "api/1/c", { a: "1" }],
    ["api{/path*}", "api/1/2/3", { path: "1/2/3" }],
    ["api{/path*}{?q}", "api/1/2?q=x", { path: "1/2", q: "x" }],
    ["page{#part}", "page#a/b", { part: "a/b" }],
    ["page{#part}", "page", {}],
    ["search{?q,limit}", "search?q=a%26b&limit=5", { q: "a&b", limit: "5" }],
    ["search{?q,limit}", "search?limit=5&q=a", { q: "a", limit: "5" }],
    ["search{?q,limit}", "search?limit=5", { limit: "5" }],
    ["search{?q,limit}", "search", {}],
    ["search{?q}{&limit}", "search?q=1&limit=2", { q: "1", limit: "2" }],
    ["search?fixed=1{&q}", "search?fixed=1&q=2", { q: "2" }],
    ["search{?q}", "search?q=", { q: "" }],
    ["search{?q}", "search?q=a=b", { q: "a=b" }],
    ["search{?list*}", "search?list=a&list=b", { list: "a,b" }],
    ["search{?any*}", "search?x=1&y=2", { x: "1", y: "2" }],
    ["map{;x,y}", "map;x=1;y", { x: "1", y: "" }],
    ["{a:3}/{a}", "val/value", { a: "value" }],
    ["{a}/{a:3}", "value/val", { a: "value" }],
    ["caf\u00e9://{id}", "caf%C3%A9://1", { id: "1" }],
    ["caf\u00e9://{id}", "caf\u00e9://1", { id: "1" }],
    ["ui://{__proto__}", "ui://x", Object.fromEntries([["__proto__", "x"]])],
  ])("%s takes %s", (template, uri, values) => {
    expect(match(template, uri)).toEqual(values);
  });

  it.each([
    ["file:///readme.md", "file:///readme.mdx"],
    ["file:///readme.md", "file:///readme"],
    ["greeting://{name}", "greeting://"],
    ["greeting://{name}", "greeting://a/b"],
    ["greeting://{name}", "greeting://a?b"],
    ["greeting://{name}", "greeting://a#b"],
    ["greeting://{name}", "Greeting://a"],
    ["greeting://{name}", "greeting://%zz"],
    ["greeting://{name}", "greeting://%ff"],
    ["users://{id}/profile", "users://42/profile/x"],
    ["users://{id}/profile", "users://4/2/profile"],
    ["api{/a}", "api/1/2"],
    ["search{?q}", "search?q=1&r=2"],
    ["search{?q}", "search?"],
    ["search{?q}", "search?q=%zz"],
    ["search{?q}", "search&q=1"],
    ["doc{.format}", "doc."],
    ["{a}-{b}", "x-"],
    ["{a}x{b}", "aabb"],
    ["", "x"],
    ["a", ""],
  ])("%s leaves %s alone", (template, uri) => {
    expect(match(template, uri)).toBeUndefined();
  });

  it("takes nothing for nothing", () => {
    expect(match("", "")).toEqual({});
  });

  const word = fc.stringMatching(/^[a-zA-Z0-9 %&=,;\u00e4\u{1f600}._~-]{1,8}$/u);
  const template = fc
    .array(fc.tuple(fc.stringMatching(/^[a-z:/]{1,4}$/), fc.constantFrom("", "/", "#", ".")), {
      minLength: 1,
      maxLength: 5,
    })
    .map((pieces) => pieces.map(([literal, operator], i) => `${literal}{${operator}v${i}}`).join(""));

  it("finds values that expand to the same URI again", () => {
    fc.assert(
      fc.property(template, fc.array(word, { minLength: 5, maxLength: 5 }), (pattern, words) => {
        const uri = expand(pattern, Object.fromEntries(words.map((text, i) => [`v${i}`, text])));
        const found = match(pattern, uri);
        if (found === undefined) throw new Error(`${pattern} does not match ${uri}`);
        expect(expand(pattern, found)).toBe(uri);
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the very values where slashes separate them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 5 }), (words) => {
        const pattern = `x://${words.map((_, i) => `{v${i}}`).join("/")}{?q,r}`;
        const values = Object.fromEntries([...words.map((text, i) => [`v${i}`, text]), ["q", words[0]], ["r", ""]]);
        expect(match(pattern, expand(pattern, values))).toEqual(values);
      }),
    );
  });

  it("agrees with a regular expression on simple variables", () => {
    const small = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(small("ab/-"), { minLength: 1, maxLength: 4 }), small("ab/-"), (literals, uri) => {
        const pattern = literals.map((literal, i) => (i === 0 ? literal : `{v${i}}${literal}`)).join("");
        const groups = new RegExp(`^${literals.join("([^/?#]+)")}$`).exec(uri);
        const expected = groups && Object.fromEntries(groups.slice(1).map((text, i) => [`v${i + 1}`, text]));
        expect(match(pattern, uri)).toEqual(expected ?? undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it("answers at once where backtracking would never end", () => {
    expect(match(`${"{+a}a".repeat(40)}b`, "a".repeat(20_000))).toBeUndefined();
    expect(match(`${"{a}".repeat(60)}/`, "a".repeat(20_000))).toBeUndefined();
    expect(match(`x{a}${"a".repeat(60)}b`, `x${"a".repeat(60_000)}`)).toBeUndefined();
    expect(match(`${"{?a*}".repeat(40)}!`, `?${"a&".repeat(10_000)}`)).toBeUndefined();
  });

  it("refuses to work on what is longer than any template and URI need to be", () => {
    expect(match("{+a}", "x".repeat(1_000_000))).toEqual({ a: "x".repeat(1_000_000) });
    expect(match("{+a}", "x".repeat(2_000_000))).toBeUndefined();
  });
});

describe("specificity", () => {
  it("puts the longest literal prefix first, then the most literal text", () => {
    const ordered = [
      "file:///docs/readme.md",
      "file:///docs/{name}",
      "file:///{dir}/readme.md",
      "file:///{dir}/{name}.md",
      "file:///{+path}",
      "{scheme}://fixed",
      "{+uri}",
    ];
    const shuffled = ordered.toReversed().toSorted((a, b) => specificity(b) - specificity(a));
    expect(shuffled).toEqual(ordered);
  });
});
