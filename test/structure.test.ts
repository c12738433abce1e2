// The house stands as it was drawn: imports lead downwards, faces stand alone, the dashboard and the command line know
// only what they may, and every source file says at its top what lives in it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Floors from the top; a file may import its own floor and those below. Names are folders or files of src/. */
const FLOORS: readonly (readonly string[])[] = [
  ["index", "app"],
  ["downstream", "api", "auth", "dashboard"],
  ["gateway", "federation", "context", "schedule"],
  ["upstream", "policy"],
  ["catalog", "identity"],
  ["db", "observability", "schemas", "env", "variables", "errors", "lib"],
];
const FACES = FLOORS[1] ?? [];
/** What the gateway holds people to, and the dashboard and the documentation tell them beforehand. */
const RULES = ["src/identity/common-passwords.ts", "src/identity/password-policy.ts", "src/identity/permissions.ts"];
const CLI_MAY = ["cli", "lib", "schemas", "env", "variables"];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly types: boolean;
}

/** Source files under a folder, as paths from the project's top with `/`. */
function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.d\.ts$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.includes("/node_modules/"));
}

/** Relative imports of a file, by the paths they lead to. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found = text.matchAll(
    /^(import|export)( type)?\b[^;'"]*?from\s*["'](\.[^"']+)["']|^import\s*["'](\.[^"']+)["']|import\(\s*["'](\.[^"']+)["']/gm,
  );
  return [...found].map(([, , types, from, bare, dynamic]) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), from ?? bare ?? dynamic ?? ""))
      .split(sep)
      .join("/"),
    types: types !== undefined,
  }));
}

/** `src/gateway/tools.ts` is in `gateway`, `src/app.ts` in `app`. */
const roomOf = (path: string): string | undefined => /^src\/([^/.]+)/.exec(path)?.[1];
const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));
const shown = ({ from, to }: Import): string => `${from} -> ${to}`;

const src = sources("src");
const inside = src.flatMap(importsOf).filter(({ to }) => to.startsWith("src/"));

describe("imports", () => {
  test("are all seen: each leads to a file that exists, with its extension", () => {
    expect(inside.length).toBeGreaterThan(200);
    expect(inside.filter(({ to }) => !src.includes(to)).map(shown)).toEqual([]);
    const said = src.map((file) => readFileSync(join(ROOT, file), "utf8").match(/from "\.{1,2}\//g)?.length ?? 0);
    expect(said.reduce((sum, count) => sum + count, 0)).toBe(src.flatMap(importsOf).length);
  });

  test("every room of src/ has its floor", () => {
    const rooms = new Set(src.map((file) => roomOf(file) ?? ""));
    rooms.delete("cli");
    expect([...rooms].filter((room) => floorOf(room) < 0)).toEqual([]);
  });

  test("lead to the same floor or down, never up", () => {
    const upward = inside.filter(
      ({ from, to }) => roomOf(from) !== "cli" && floorOf(roomOf(to) ?? "") < floorOf(roomOf(from) ?? ""),
    );
    expect(upward.map(shown)).toEqual([]);
  });

  test("never lead from one face to another: they meet in app.ts", () => {
    const across = inside.filter(
      ({ from, to }) =>
        FACES.includes(roomOf(from) ?? "") && FACES.includes(roomOf(to) ?? "") && roomOf(from) !== roomOf(to),
    );
    expect(across.map(shown)).toEqual([]);
  });

  test("of the command line lead to lib, schemas, env and rules, and nothing leads to it", () => {
    const mayLeadTo = (to: string): boolean => CLI_MAY.includes(roomOf(to) ?? "") || RULES.includes(to);
    const out = inside.filter(({ from, to }) => roomOf(from) === "cli" && !mayLeadTo(to));
    const into = inside.filter(({ from, to }) => roomOf(to) === "cli" && roomOf(from) !== "cli");
    expect([...out, ...into].map(shown)).toEqual([]);
  });

  test("of the dashboard lead to the schemas, to types, and to rules that import nothing but rules", () => {
    const out = sources("admin")
      .flatMap(importsOf)
      .filter(({ to, types }) => to.startsWith("src/") && !types && !to.startsWith("src/schemas/"));
    expect(out.filter(({ to }) => !RULES.includes(to)).map(shown)).toEqual([]);
    expect(inside.filter(({ from, to }) => RULES.includes(from) && !RULES.includes(to)).map(shown)).toEqual([]);
  });

  test("of schemas and lib name no Workers module, so that Node and browsers can read them", () => {
    const readable = src.filter((file) => /^src\/(schemas|lib|cli|env|variables)/.test(file));
    expect(readable.filter((file) => readFileSync(join(ROOT, file), "utf8").includes('"cloudflare:'))).toEqual([]);
  });
});

describe("source files", () => {
  test("open with a comment that says what lives there", () => {
    const files = [...src, ...sources("admin/src"), ...sources("test").filter((file) => !file.endsWith(".test.ts"))];
    expect(files.length).toBeGreaterThan(150);
    const silent = files.filter(
      (file) => !/^(#!.*\n)?(\/\/ \S.{20,}|\/\*)/.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(silent).toEqual([]);
  });
});
