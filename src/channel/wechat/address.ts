import { asAddress, type Address } from '../../domain/activity.ts';

/**
 * Text keys made of several parts: the parts cannot run into each other whatever they hold. Only this channel reads them.
 */

/** Joins parts with a slash; a slash or percent sign within a part is escaped. */
export function joinParts(parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[%/]/g, (sign) => (sign === '%' ? '%25' : '%2F'))).join('/');
}

/** The reverse of joinParts. */
export function splitParts(joined: string): readonly string[] {
  return joined.split('/').map((part) => part.replace(/%25|%2F/g, (code) => (code === '%25' ? '%' : '/')));
}

export interface Peer {
  /** Original id of our account (`gh_…`), the push's ToUserName. */
  readonly account: string;
  /** The citizen's openid; differs from app to app. */
  readonly openid: string;
}

export function formatAddress(peer: Peer): Address {
  return asAddress(joinParts([peer.account, peer.openid]));
}

/** Null when the address was not minted here. */
export function parseAddress(address: Address): Peer | null {
  const [account, openid, ...rest] = splitParts(address);
  if (account === undefined || openid === undefined || openid === '' || rest.length > 0) return null;
  return { account, openid };
}
