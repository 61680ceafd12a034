import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { RawRequest } from './contract.ts';

/**
 * The guard of webhooks that nobody signs (VoiceXML browsers, some cloud telephones): a secret in the address that only the
 * peer was told, and a list of where it may come from. Weaker than a signature, as whoever reads the address can write
 * anything: TLS, and no access log with queries.
 */
export interface Guard {
  /** Null: let in. Else why not: a fixed word. */
  refusal(request: RawRequest): 'bad_key' | 'bad_address' | null;
  /** To be put behind every address that the peer is given. */
  readonly query: string;
}

/** Shorter ones could be guessed. */
export const SECRET_MIN_CHARS = 16;
const SECRET = /^[A-Za-z0-9_-]{16,200}$/;

/**
 * @param given.secret letters, digits, `-` and `_`, 16 or more
 * @param given.allow addresses and networks, comma separated (`10.0.0.0/8, 2001:db8::/32, 192.0.2.7`); empty: from anywhere
 * @returns the guard, or what is wrong with the settings, in words that repeat no value
 */
export function createGuard(given: { readonly secret: string; readonly allow: string }): Guard | { readonly faults: readonly ('secret' | 'allow')[] } {
  const list = readList(given.allow);
  const faults = [...(SECRET.test(given.secret) ? [] : ['secret' as const]), ...(list === null ? ['allow' as const] : [])];
  if (faults.length > 0 || list === null) return { faults };
  const expected = digest(given.secret);
  const anywhere = given.allow.trim() === '';
  return {
    query: `key=${given.secret}`,
    refusal(request) {
      const at = request.url.indexOf('?');
      const keys = new URLSearchParams(at === -1 ? '' : request.url.slice(at + 1)).getAll('key');
      // Digests have one length, so the time tells nothing of the secret's.
      if (!timingSafeEqual(digest(keys.length === 1 ? (keys[0] ?? '') : ''), expected)) return 'bad_key';
      if (anywhere) return null;
      const peer = unmapped(request.peer ?? '');
      const family = isIP(peer);
      return family !== 0 && list.check(peer, family === 6 ? 'ipv6' : 'ipv4') ? null : 'bad_address';
    },
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** `::ffff:192.0.2.7`, as a socket for both families tells an IPv4 peer. */
const unmapped = (address: string): string => (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address);

/** Null when an entry is neither an address nor a network. */
function readList(text: string): BlockList | null {
  const list = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    if (family === 0 || rest.length > 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))) return null;
    list.addSubnet(address, prefix === undefined ? bits : Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
