// The block of addresses that one customer of a network is given, and so counts as one caller: an IPv4 address, or an
// IPv6 /64 (RFC 6177), of which everybody has 2^64 addresses.
import ipaddr from "ipaddr.js";

const MOST = 10_000;
const known = new Map<string, string>();

/** The block of an address as the platform writes it; anything that is no address stands for itself. */
export function addressBlock(address: string): string {
  if (!address.includes(":")) return address;
  const block = known.get(address) ?? blockOf(address);
  if (known.size >= MOST) known.clear();
  known.set(address, block);
  return block;
}

function blockOf(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}
