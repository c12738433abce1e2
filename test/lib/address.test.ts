import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyHost, type HostClass } from "../../src/lib/address.ts";

/** As the guard meets it: whatever someone typed, after the URL parser. */
const classify = (host: string): HostClass => classifyHost(new URL(`http://${host}/`).hostname);

const table: Record<HostClass, string[]> = {
  public: [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "0x08080808",
    "134744072",
    "1.1.1.1.",
    "[2606:4700:4700::1111]",
    "[2a00:1450:4001:80b::200e]",
    "[2001:200::1]",
    "[2001:4860:4860::8888]",
    "[2003::1]",
    "[::ffff:8.8.8.8]",
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "a.b.c.example.org",
    "localhost.example.com",
    "notlocalhost.com",
    "local.com",
    "mylocal.net",
    "internal.example.com",
    "lan.example.com",
    "xn--mnchen-3ya.de",
    "m\u00fcnchen.de",
    "under_score.example.com",
    "127.0.0.1.example.com",
    "10.example.com",
    "a.cafe",
  ],
  loopback: [
    "127.0.0.1",
    "127.0.0.1.",
    "127.0.0.1..",
    "127.255.255.255",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0X7F.0x0.0x0.0x1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "0000177.0000.0000.0001",
    "2130706433",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "\u2460\u2461\u2466.0.0.1",
    "127.0.0.1\u00ad",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost..",
    "\uff2c\uff2f\uff23\uff21\uff2c\uff28\uff2f\uff33\uff34",
    "loc%61lhost",
    "loca\u00adlhost",
    "a.localhost",
    "a.b.localhost.",
  ],
  private: [
    "10.0.0.0",
    "10.255.255.255",
    "10.1",
    "167772161",
    "172.16.0.0",
    "172.31.255.255",
    "192.168.0.0",
    "192.168.255.255",
    "0xc0a80001",
    "192.168.257",
    "100.64.0.0",
    "100.127.255.255",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fdff:ffff::]",
    "[fec0::1]",
    "[feff::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:c0a8:1]",
    "[::ffff:100.64.0.1]",
    "printer.local",
    "printer.local.",
    "PRINTER.LOCAL",
    "vault.internal",
    "nas.home.arpa",
    "home.arpa",
    "router.lan",
    "box.localdomain",
    "wiki.corp",
    "wiki.intranet",
    "tv.home",
    "db.private",
    "app.test",
    "intranet",
    "redis",
    "redis.",
    "com",
    "db_1",
  ],
  "link-local": [
    "169.254.0.0",
    "169.254.1.1",
    "169.254.255.255",
    "0xa9fe0101",
    "[fe80::1]",
    "[febf::1]",
    "[::ffff:169.254.1.1]",
  ],
  metadata: [
    "169.254.169.254",
    "169.254.169.254.",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.0.23",
    "100.100.100.200",
    "168.63.129.16",
    "[::ffff:168.63.129.16]",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd00:0ec2:0:0:0:0:0:0254]",
    "[fd00:ec2::23]",
    "[fd20:ce::254]",
    "[fd00:42::42]",
    "metadata",
    "metadata.google.internal",
    "Metadata.Google.Internal.",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "api.metadata.cloud.ibm.com",
    "instance-data",
    "instance-data.ec2.internal",
    "rancher-metadata",
  ],
  reserved: [
    "0.0.0.0",
    "0",
    "0x0",
    "0.255.255.255",
    "192.0.0.1",
    "192.0.0.255",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.254",
    "255.255.255.255",
    "4294967295",
    "[::]",
    "[::ffff:0:0]",
    "[::ffff:255.255.255.255]",
    "[::ffff:224.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::8.8.8.8]",
    "[::2]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:808:808]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1:ffff:ffff:ffff:7f00:1]",
    "[100::1]",
    "[100:0:0:1::1]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
    "[2001:2::1]",
    "[2001:3::1]",
    "[2001:4:112::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:30::1]",
    "[2001:1ff::1]",
    "[2001:db8::1]",
    "[2002::]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:808:808::1]",
    "[2620:4f:8000::1]",
    "[3fff::1]",
    "[4000::1]",
    "[5f00::1]",
    "[8000::1]",
    "[fe00::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "mcp.example",
    "x.invalid",
    "abcdef.onion",
    "x.alt",
    "1.0.0.127.in-addr.arpa",
    "ipv4only.arpa",
    ".",
    "..",
    "a..b",
    "a..localhost.example.com",
    "(x).example.com",
    "a'b.example.com",
  ],
};

const rows = Object.entries(table).flatMap(([expected, hosts]) => hosts.map((host) => ({ host, expected })));

describe("classifyHost", () => {
  it.each(rows)("calls $host $expected", ({ host, expected }) => {
    expect(classify(host)).toBe(expected);
  });

  it.each(["", "[", "]", "[]", "[::1", "::1", "[fe80::1%eth0]", "[127.0.0.1]", "[1.1.1.1]", "[::1]x", "[:::]"])(
    "calls %j, which no URL holds, reserved",
    (host) => {
      expect(classifyHost(host)).toBe("reserved");
    },
  );

  it.each([
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "1.1.1.1.1",
    "256.1.1.1",
    "08.8.8.8",
    "\uff11.1.1.1",
    "EXAMPLE.COM",
    "a b.com",
    "exa\u00admple.com",
  ])("never calls %j public when it comes past the URL parser", (host) => {
    expect(classifyHost(host)).not.toBe("public");
  });

  const octet = fc.integer({ min: 0, max: 255 });
  const octets = fc.tuple(octet, octet, octet, octet);

  it("sees through every spelling of an IPv4 address", () => {
    const styles = [(n: number) => `${n}`, (n: number) => `0x${n.toString(16)}`, (n: number) => `0${n.toString(8)}`];
    fc.assert(
      fc.property(
        octets,
        fc.array(fc.constantFrom(...styles), { minLength: 4, maxLength: 4 }),
        ([a, b, c, d], style) => {
          const write = (parts: number[]) => parts.map((part, i) => (style[i] ?? String)(part)).join(".");
          const plain = classifyHost(`${a}.${b}.${c}.${d}`);
          const spellings = [
            [a, b, c, d],
            [a, b, c * 256 + d],
            [a, (b * 256 + c) * 256 + d],
            [((a * 256 + b) * 256 + c) * 256 + d],
          ];
          for (const parts of spellings) expect(classify(write(parts))).toBe(plain);
          expect(classify(`[::ffff:${a}.${b}.${c}.${d}]`)).toBe(plain);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("calls an IPv4 address embedded any other way reserved", () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const hex = (high: number, low: number) => (high * 256 + low).toString(16);
        expect(classify(`[64:ff9b::${a}.${b}.${c}.${d}]`)).toBe("reserved");
        expect(classify(`[64:ff9b:1::${a}.${b}.${c}.${d}]`)).toBe("reserved");
        expect(classify(`[2002:${hex(a, b)}:${hex(c, d)}::1]`)).toBe("reserved");
        expect(classify(`[2001:0:${hex(a, b)}:${hex(c, d)}::1]`)).toBe("reserved");
        expect(["reserved", "loopback"]).toContain(classify(`[::${a}.${b}.${c}.${d}]`));
      }),
    );
  });

  it("calls no IPv6 address outside 2000::/3 public, save a mapped public IPv4", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.tuple(group, group, group, group, group, group, group, group), (groups) => {
        const inside = groups[0] >> 13 === 1;
        const mapped = groups.slice(0, 5).every((part) => part === 0) && groups[5] === 0xffff;
        const verdict = classify(`[${groups.map((part) => part.toString(16)).join(":")}]`);
        if (!inside && !mapped) expect(verdict).not.toBe("public");
      }),
      { numRuns: 1000 },
    );
  });

  it("judges a name alike with and without its trailing dot", () => {
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(classify(`${name}.`)).toBe(classify(name));
      }),
    );
  });
});
