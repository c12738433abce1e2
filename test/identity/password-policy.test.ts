// Which passwords are taken.
import { describe, expect, it } from "vitest";
import { checkPassword } from "../../src/identity/password-policy.ts";

const ME = { email: "maria.lopez@acme-tools.example" };
const wrong = (password: string, user = ME) => checkPassword(password, user).join(" ");

describe("a password", () => {
  it.each([
    "correct horse battery staple",
    "four words make one",
    "zwölf Boxkämpfer jagen",
    "T7#kk2!pQz0w",
    "my cat eats acme cheese at noon",
    "𝒜𝒷𝒸 unusual letters are fine",
    "   spaces   count   ",
    "9f1c44ab07de",
    `${"x".repeat(3)}marianna trench${"y".repeat(990)}`,
  ])("such as %j is taken", (password) => {
    expect(checkPassword(password, ME)).toEqual([]);
  });

  it("is at least 12 characters, not bytes or halves of characters, and 1024 bytes at most", () => {
    expect(wrong("T7#kk2!pQz0")).toMatch(/fewer than 12/);
    expect(wrong("😀😎🤖👽🎃🐙")).toMatch(/fewer than 12/);
    expect(wrong("ab8fk2".repeat(171))).toMatch(/1024 bytes/);
    expect(wrong(`${"é".repeat(600)}abc`)).toMatch(/1024 bytes/);
  });

  it.each([
    "maria.lopez@acme-tools.example",
    "Maria.Lopez!2026",
    "xx-MARIA.LOPEZ-xx",
    "lopezlopez1234",
    "Acme-acme-2026!",
  ])("is not made of the user's address: %j", (password) => {
    expect(wrong(password)).toMatch(/address/);
  });

  it("may hold a short name that stands in many words", () => {
    expect(wrong("banana boat in winter", { email: "ana@x.example" })).toBe("");
  });

  it.each(["aaaaaaaaaaaa", "abababababab", "hunter2hunter2", "xK9!xK9!xK9!x", "1984198419841984"])(
    "is not one short piece over and over: %j",
    (password) => {
      expect(wrong(password)).toMatch(/repeats/);
    },
  );

  it.each([
    "abcdefghijkl",
    "123456789012",
    "zyxwvutsrqponm",
    "qwertyuiop12",
    "1qaz2wsx3edc",
    "abcd1234efgh",
    "aabbccddeeff",
  ])("is not a sequence: %j", (password) => {
    expect(wrong(password)).toMatch(/follows/);
  });

  it.each([
    "password12345",
    "PasswordPassword",
    "P@ssw0rd2026!",
    "Welcome2026!!",
    "administrator",
    "iloveyou12345",
    "!!Summer-2026!!",
    "letmein_letmein",
    "causeway-admin-1",
    "changeme!!2026",
    "qwerty-monkey-99",
  ])("is not among those that are tried first: %j", (password) => {
    expect(wrong(password)).toMatch(/tried first/);
  });

  it("is judged in sentences", () => {
    for (const sentence of checkPassword("aaaaaaaaaaaa", ME)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
