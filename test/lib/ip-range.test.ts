import { describe, expect, it } from "vitest";
import { liesIn, parseAddress, parseRange } from "../../src/lib/ip-range.ts";

const within = (address: string, range: string): boolean | undefined => {
  const [at, of] = [parseAddress(address), parseRange(range)];
  return at && of && liesIn(at, of);
};

describe("an address lies in a range", () => {
  it.each([
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["10.1.2.3", "10.255.255.255/8", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.2", "192.0.2.1", false],
    ["192.0.2.2", "0.0.0.0/0", true],
    ["192.0.2.129", "192.0.2.128/25", true],
    ["192.0.2.127", "192.0.2.128/25", false],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["::1", "::/0", true],
    ["192.0.2.1", "::/0", false],
    ["::1", "0.0.0.0/0", false],
    ["::ffff:192.0.2.1", "192.0.2.0/24", true],
    ["::ffff:c000:201", "192.0.2.0/24", true],
    ["192.0.2.1", "::ffff:192.0.2.0/120", true],
    ["192.0.3.1", "::ffff:192.0.2.0/120", false],
  ])("%s in %s: %s", (address, range, lies) => expect(within(address, range)).toBe(lies));
});

describe("what is no range, or no address", () => {
  it.each([
    "",
    " ",
    "10",
    "10.1",
    "10.0.0/24",
    "010.0.0.1",
    "0x0a000001",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/08x",
    "::1/129",
    "::g",
    "fe80::1%eth0",
    "::ffff:10.0.0.0/8",
    "example.com",
    "10.0.0.1 ",
    "[::1]",
    "10.0.0.1:80",
  ])("%j", (text) => {
    expect(parseRange(text)).toBeUndefined();
    if (!text.includes("/")) expect(parseAddress(text)).toBeUndefined();
  });
});
