import { parseCIDR } from 'ipaddr.js';

/** The rule that the text breaks, or nothing: a CIDR of either family, with its mask and no host bits. */
export function checkCidr(text: string): string | undefined {
  let network: string;
  try {
    const [address, prefix] = parseCIDR(text);
    const bytes = address.toByteArray().map((byte, index) => byte & (0xff << Math.max(0, Math.min(8, 8 * (index + 1) - prefix))) & 0xff);
    if (bytes.every((byte, index) => byte === address.toByteArray()[index])) {
      // ipaddr.js takes shorthand such as 10.1/16, which Calico and AWS refuse.
      return /^(\d+\.){3}\d+\/|:/.test(text) ? undefined : `'${text}' is no CIDR: write all four numbers of the address, as 192.0.2.0/24`;
    }
    network = `${bytes.length === 4 ? bytes.join('.') : 'the first address of the range'}/${prefix}`;
  } catch {
    return `'${text}' is no CIDR: an address, '/', and the length of the mask, as 192.0.2.0/24`;
  }
  return `'${text}' has bits set behind its mask: write ${network}, or the address itself with ${text.includes(':') ? '/128' : '/32'}`;
}
