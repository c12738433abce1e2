// Which network a host belongs to, judged by its spelling alone (no DNS): the first half of the guard against
// server-side request forgery. Only "public" may be reached unless an operator says otherwise.

import ipaddr from "ipaddr.js";

/**
 * - `public`: a global unicast address, or a name of the public DNS
 * - `loopback`: this machine
 * - `private`: RFC 1918, unique local, site local, carrier-grade NAT, and names that only a local network resolves
 * - `link-local`: 169.254/16, fe80::/10
 * - `metadata`: where clouds keep their instances' credentials; never to be reached, not even in development
 * - `reserved`: everything else that is no single public host: unspecified, multicast, broadcast, documentation,
 *   benchmarking, IPv4 embedded by NAT64, 6to4, Teredo or the compatible form, and what is no normal host name at all
 */
export type HostClass = "public" | "loopback" | "private" | "link-local" | "metadata" | "reserved";

/** Ranges of ipaddr.js that are not "reserved" to us. "unicast" is what it calls everything it knows nothing about. */
const RANGES: Partial<Record<string, HostClass>> = {
  unicast: "public",
  loopback: "loopback",
  private: "private",
  carrierGradeNat: "private",
  uniqueLocal: "private",
  deprecatedSiteLocal: "private",
  linkLocal: "link-local",
};

const METADATA = new Set([
  "169.254.169.254", // AWS, Azure, Google, DigitalOcean, Oracle
  "169.254.170.2", // AWS container credentials
  "169.254.170.23", // AWS pod identity
  "169.254.0.23", // Tencent
  "100.100.100.200", // Alibaba
  "168.63.129.16", // Azure's wire server, in public address space
  "192.0.0.192", // Oracle classic
  "fd00:ec2::254", // AWS
  "fd00:ec2::23", // AWS pod identity
  "fd20:ce::254", // Google
  "fd00:42::42", // Scaleway
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
  "metadata.packet.net",
  "metadata.platformequinix.com",
  "api.metadata.cloud.ibm.com",
  "instance-data",
  "instance-data.ec2.internal",
  "rancher-metadata",
]);

/**
 * Last labels the public DNS never holds: RFC 6761, 6762, 7686, 9476, ICANN's `.internal`, and those withheld because
 * private networks use them.
 */
const TOP_LABELS = new Map<string, HostClass>([
  ["localhost", "loopback"],
  ["localdomain", "private"],
  ["local", "private"],
  ["internal", "private"],
  ["lan", "private"],
  ["home", "private"],
  ["corp", "private"],
  ["mail", "private"],
  ["intranet", "private"],
  ["private", "private"],
  ["test", "private"],
  ["arpa", "reserved"],
  ["example", "reserved"],
  ["invalid", "reserved"],
  ["onion", "reserved"],
  ["alt", "reserved"],
]);

const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const ENDS_IN_NUMBER = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/**
 * Classifies a host name as `new URL(…).hostname` gives it: lower case, IPv4 as four decimals, IPv6 in brackets.
 * A spelling the URL parser would not have produced is "reserved", never "public".
 */
export function classifyHost(hostname: string): HostClass {
  if (hostname.startsWith("[")) return classifyV6(hostname);
  const host = withoutTrailingDots(hostname);
  if (METADATA.has(host)) return "metadata";
  if (!NAME.test(host)) return "reserved";
  return ENDS_IN_NUMBER.test(host) ? classifyV4(host) : classifyName(host);
}

function classifyName(name: string): HostClass {
  if (name === "home.arpa" || name.endsWith(".home.arpa")) return "private"; // RFC 8375
  const dot = name.lastIndexOf(".");
  return TOP_LABELS.get(name.slice(dot + 1)) ?? (dot === -1 ? "private" : "public");
}

function classifyV4(host: string): HostClass {
  return ipaddr.IPv4.isValidFourPartDecimal(host) ? classifyAddress(ipaddr.IPv4.parse(host)) : "reserved";
}

function classifyV6(hostname: string): HostClass {
  const literal = hostname.slice(1, -1);
  if (!hostname.endsWith("]") || !ipaddr.IPv6.isValid(literal)) return "reserved";
  const address = ipaddr.IPv6.parse(literal);
  if (address.zoneId !== undefined) return "reserved";
  if (address.isIPv4MappedAddress()) return classifyAddress(address.toIPv4Address());
  const outside = classifyAddress(address);
  return outside === "public" && !isGlobalUnicast(address) ? "reserved" : outside;
}

function classifyAddress(address: ipaddr.IPv4 | ipaddr.IPv6): HostClass {
  if (METADATA.has(address.toString())) return "metadata";
  return RANGES[address.range()] ?? "reserved";
}

/** 2000::/3, the only part of IPv6 that is handed out (RFC 4291): an unknown range outside of it is no public host. */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

function withoutTrailingDots(hostname: string): string {
  let end = hostname.length;
  while (hostname[end - 1] === ".") end--;
  return hostname.slice(0, end);
}
