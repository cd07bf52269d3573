import { parseCidr } from './cidr-set';

/** The rule that the text breaks, or nothing: a CIDR of either family, with its mask and no bits behind it. */
export function checkCidr(text: string): string | undefined {
  const parsed = parseCidr(text);
  if (!parsed) return `'${text}' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24`;
  const host = `${text.split('/')[0]}/${parsed.family === 4 ? 32 : 128}`;
  if (!parsed.masked) return `'${text}' has no mask: write ${host} for the one address`;
  return parsed.hostBits ? `'${text}' has bits set behind its mask: write ${parsed.set.toString()}, or ${host} for the one address` : undefined;
}
