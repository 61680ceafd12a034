import { BlockList, isIP } from 'node:net';
import { AppError } from '../domain/errors.ts';

/**
 * Where the house may post to. A partner's address is typed in by a person and resolved by somebody else's name server: without this it
 * could point into the house's own network (SSRF). Addresses are checked after resolving, at the moment of connecting.
 */
export interface AddressRules {
  /** May this address be connected to? `secure`: over TLS. */
  allows(address: string, secure: boolean): boolean;
}

/** Not globally reachable, IANA special-purpose registries (RFC 6890 and later). */
const SPECIAL_V4 = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'];
const SPECIAL_V6 = ['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8'];

/**
 * @param networks ranges that are allowed although they are private, and over plain http too (`10.20.0.0/16`, `fd00::/8`)
 * @throws AppError `settings.invalid`
 */
export function createAddressRules(networks: readonly string[]): AddressRules {
  const special = blockList([...SPECIAL_V4, ...SPECIAL_V6]);
  const allowed = blockList(networks);
  return {
    allows: (address, secure) => {
      const plain = unmapped(address);
      const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
      if (isIP(plain) === 0) return false;
      return allowed.check(plain, family) || (secure && !special.check(plain, family));
    },
  };
}

/** An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`, also `::ffff:a00:1`) is that IPv4 address. */
function unmapped(address: string): string {
  const inner = /^::ffff:(.+)$/i.exec(address)?.[1];
  if (inner === undefined) return address;
  if (isIP(inner) === 4) return inner;
  const [high, low] = inner.split(':').map((part) => Number.parseInt(part, 16));
  if (high === undefined || low === undefined || Number.isNaN(high + low)) return address;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix, ...rest] = range.split('/');
    const version = isIP(address);
    const bits = prefix === undefined ? (version === 4 ? 32 : 128) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || rest.length > 0 || bits < 0 || bits > (version === 4 ? 32 : 128)) throw new AppError('settings.invalid', 'WEBHOOK_NETWORKS: must be addresses or ranges (10.0.0.0/8), comma separated', { status: 500 });
    list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
