// Addresses and the ranges they lie in (CIDR, RFC 4632 and RFC 4291 §2.3). IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
import ipaddr from "ipaddr.js";

/** An address with the number of leading bits that count. */
export type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

const MAPPED_BITS = 96;

/** The range that a text names, an address alone being a range of one; undefined for anything else. */
export function parseRange(text: string): Range | undefined {
  const [, host = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = literal(host);
  if (!address) return undefined;
  const most = address.kind() === "ipv4" ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  if (length > most) return undefined;
  if (!(address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())) return [address, length];
  return length < MAPPED_BITS ? undefined : [address.toIPv4Address(), length - MAPPED_BITS];
}

/** The address that a text is; undefined when it is none. */
export function parseAddress(text: string): Range[0] | undefined {
  const address = literal(text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Whether an address lies in a range. */
export const liesIn = (address: Range[0], [network, bits]: Range): boolean =>
  address.kind() === network.kind() && address.match(network as never, bits);

/** Written in full: no octal, hexadecimal or shortened IPv4, no zone. */
function literal(text: string): Range[0] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}
