// Password hashes: what is stored, what it is verified by when secrets and parameters change, and what production allows.
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { type Hashing, hashPassword, SETS, verifyPassword } from "../../src/identity/passwords.ts";

const [OLD, NEW] = ["the secret before, long enough to be one", "the secret from now on, long enough too"];
const hashing = (secrets: string[], passwordHash: Hashing["passwordHash"] = "scrypt"): Hashing => ({
  sealingSecrets: secrets,
  passwordHash,
});
const PASSWORD = "four words make one";

describe("parameters", () => {
  it("are none that production refuses: PBKDF2 of 100,000 iterations at most, memory far below an isolate's", () => {
    for (const [name, set] of Object.entries(SETS)) {
      if (set.kind === "pbkdf2") expect(set.iterations, name).toBeLessThanOrEqual(100_000);
      else expect(128 * set.r * (set.N + set.p), name).toBeLessThanOrEqual(20 * 2 ** 20);
    }
  });

  it("are as strong as OWASP asks of scrypt with 16 MiB (N=2^14, r=8, p=5)", () => {
    expect(SETS.scrypt1).toEqual({ kind: "scrypt", N: 2 ** 14, r: 8, p: 5 });
  });
});

describe.each(["scrypt", "pbkdf2"] as const)("a password hashed by %s", { timeout: 60_000 }, (kind) => {
  const now = hashing([NEW], kind);

  it("is verified, and no other is", async () => {
    const stored = await hashPassword(now, PASSWORD);
    expect(await verifyPassword(now, PASSWORD, stored)).toEqual({ ok: true, outdated: false });
    for (const wrong of [`${PASSWORD} `, PASSWORD.toUpperCase(), "", "\0"])
      expect(await verifyPassword(now, wrong, stored), wrong).toEqual({ ok: false, outdated: false });
  });

  it("is stored differently each time, and tells nothing of the password or the secret", async () => {
    const [one, other] = [await hashPassword(now, PASSWORD), await hashPassword(now, PASSWORD)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[a-z0-9]+\.[\w-]{8}\.[\w-]{22}\.[\w-]{43}$/);
    expect(one.split(".")[1]).toBe(other.split(".")[1]);
  });

  it("is outdated under a new secret or another kind, and unknown when its secret has gone", async () => {
    const stored = await hashPassword(hashing([OLD], kind), PASSWORD);
    expect(await verifyPassword(hashing([NEW, OLD], kind), PASSWORD, stored)).toEqual({ ok: true, outdated: true });
    expect(await verifyPassword(hashing([NEW, OLD], kind), "wrong", stored)).toEqual({ ok: false, outdated: false });
    expect(await verifyPassword(hashing([OLD], kind === "scrypt" ? "pbkdf2" : "scrypt"), PASSWORD, stored)).toEqual({
      ok: true,
      outdated: true,
    });
    expect(await verifyPassword(hashing([NEW], kind), PASSWORD, stored)).toEqual({ ok: false, outdated: false });
    const anew = await hashPassword(hashing([NEW, OLD], kind), PASSWORD);
    expect(await verifyPassword(hashing([NEW], kind), PASSWORD, anew)).toEqual({ ok: true, outdated: false });
  });
});

describe("hashing", { timeout: 60_000 }, () => {
  const now = hashing([NEW], "pbkdf2");

  it("treats letters that look the same as the same, however they were typed", async () => {
    const stored = await hashPassword(now, "Z\u00fcrich am Morgen \ufb01n");
    expect((await verifyPassword(now, "Zu\u0308rich am Morgen fin", stored)).ok).toBe(true);
  });

  it("finds nothing right where nothing, or nonsense, is stored", async () => {
    const good = await hashPassword(now, PASSWORD);
    const [set, kid, salt, hash] = good.split(".");
    for (const stored of [
      null,
      undefined,
      "",
      "x",
      PASSWORD,
      `${good}.x`,
      `toString.${kid}.${salt}.${hash}`,
      `${set}.${kid}.${salt}.`,
      `${set}.${kid}..${hash}`,
      `${set}.wrong.${salt}.${hash}`,
      `${set}.${kid}.${salt}.${hash?.slice(0, -2)}AA`,
    ])
      expect(await verifyPassword(now, PASSWORD, stored), String(stored)).toEqual({ ok: false, outdated: false });
  });

  it("lets a few wait for their turn and tells the others when to come back", async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => hashPassword(now, PASSWORD)));
    const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason as GatewayError] : []));
    expect(refused).toHaveLength(12);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(GatewayError);
      expect([reason.status, reason.headers["retry-after"]]).toEqual([429, "2"]);
    }
    expect(await hashPassword(now, PASSWORD)).toEqual(expect.any(String));
  });
});
