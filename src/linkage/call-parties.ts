import type { ConferenceReport } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { LinkageCall, LinkageCallParty, LinkageCallPartyState } from '../store/contract.ts';

/** How the parties of a three-party call go on by what the platform tells, which may come twice, late and out of order. Pure. */

export const freshParty = (key: string | null, at: EpochMs): LinkageCallParty => ({ state: 'waiting', code: null, key, externalId: null, at, joinedAt: null, leftAt: null, seconds: 0 });

/** How far along a ringing is; nothing goes back. */
const RANK: Readonly<Record<LinkageCallPartyState, number>> = { waiting: 0, calling: 1, unknown: 1, ringing: 2, answered: 3, in: 4, left: 5, busy: 5, 'no-answer': 5, canceled: 5, failed: 5 };

/** Code of a citizen whose own call is over: it does not come back into any room. */
export const HUNG_UP = 'call.hung_up';

export const isComing = (party: LinkageCallParty | null): boolean => party !== null && ['waiting', 'calling', 'ringing', 'answered'].includes(party.state);
export const isIn = (party: LinkageCallParty | null): boolean => party?.state === 'in';

type Told = Pick<ConferenceReport, 'state' | 'code' | 'externalId' | 'at'>;

/** @returns null when this changes nothing */
export function partyAfter(party: LinkageCallParty, told: Told, now: EpochMs): LinkageCallParty | null {
  const at = told.at === null || told.at > now ? now : told.at;
  const known = { ...party, externalId: party.externalId ?? told.externalId };
  const changed = known.externalId === party.externalId ? null : known;
  switch (told.state) {
    case 'joined':
      if (party.code === HUNG_UP) return changed;
      // Told late: of a stay that is over.
      if (party.state === 'in' || (party.leftAt !== null && at <= party.leftAt) || (RANK[party.state] === 5 && party.state !== 'left')) return changed;
      // A telephone that we rang stays once; a caller may be moved out and in.
      if (party.state === 'left' && party.key !== null) return changed;
      return { ...known, state: 'in', code: null, at, joinedAt: at };
    case 'left':
    case 'completed':
      if (told.state === 'completed' && party.key === null) return hungUp(party, known, at) ?? changed;
      return gone(party, known, told.state, at) ?? changed;
    case 'ended':
      return party.state === 'in' ? gone(party, known, 'left', at) : null;
    default:
      if (RANK[told.state] <= RANK[party.state]) return changed;
      // Whoever talked was reached, whatever is said of the ringing afterwards.
      if (RANK[told.state] === 5 && party.state === 'in') return changed;
      // Not every platform has a word of its own for a ringing that was called off.
      return { ...known, state: told.state === 'no-answer' && party.ending !== undefined ? 'canceled' : told.state, code: told.code, at };
  }
}

function hungUp(party: LinkageCallParty, known: LinkageCallParty, at: EpochMs): LinkageCallParty | null {
  return party.code === HUNG_UP ? null : { ...(gone(party, known, 'completed', at) ?? known), code: HUNG_UP };
}

function gone(party: LinkageCallParty, known: LinkageCallParty, told: 'left' | 'completed', at: EpochMs): LinkageCallParty | null {
  if (RANK[party.state] === 5) return party.leftAt === null && party.state === 'left' ? { ...known, leftAt: at } : null;
  const stay = party.state === 'in' && party.joinedAt !== null ? Math.max(0, Math.round((at - party.joinedAt) / 1000)) : 0;
  // It left a room that we have not heard it join: the join, when it is told, is older than this.
  if (party.state !== 'in' && told === 'left' && party.key === null) return { ...known, leftAt: at, at };
  return { ...known, state: 'left', at, leftAt: at, seconds: party.seconds + stay };
}

export interface WhatNow {
  /** Nobody is coming and nobody is there. */
  readonly over: boolean;
  /** The citizen is to be taken back to the seat at the desk: alone in a room there is nobody to hear. */
  readonly release: boolean;
}

export function whatNow({ citizen, seat, service }: Pick<LinkageCall, 'citizen' | 'seat' | 'service'>): WhatNow {
  const anybody = [seat, service].some((party) => isComing(party) || isIn(party));
  return { over: !anybody, release: !anybody && citizen.state !== 'left' };
}

/** Has picked up: in the room, or on the way into it. */
const isHere = (party: LinkageCallParty | null): boolean => party?.state === 'in' || party?.state === 'answered';

/**
 * Whose calls are to end, as the citizen has hung up: nobody is to pick up, or to stay, with nobody there. A seat that is there goes on with the
 * service, rung or in the room, and a service that is there waits for a seat that is being rung.
 */
export function whoEnds(call: Pick<LinkageCall, 'citizen' | 'seat' | 'service'>): readonly ('seat' | 'service')[] {
  if (call.citizen.code !== HUNG_UP || isHere(call.seat) || (isHere(call.service) && isComing(call.seat))) return [];
  return (['seat', 'service'] as const).filter((name) => isComing(call[name]) || isIn(call[name]));
}

export interface Ends {
  readonly change: Partial<Pick<LinkageCall, 'seat' | 'service'>>;
  /** To be ordered of the platform, each once for a ringing and once more for one that was answered all the same. */
  readonly orders: readonly { readonly party: 'seat' | 'service'; readonly key: string }[];
}

/** What `whoEnds` comes to: who is not yet rung is not, who rings is ended by the platform's name of the call as soon as that is known. */
export function endsOf(call: Pick<LinkageCall, 'citizen' | 'seat' | 'service'>, at: EpochMs): Ends {
  const change: { seat?: LinkageCallParty; service?: LinkageCallParty } = {};
  const orders: { party: 'seat' | 'service'; key: string }[] = [];
  for (const name of whoEnds(call)) {
    const party = call[name];
    if (party === null || party.key === null) continue;
    const ending = isHere(party) ? 'hangup' : 'cancel';
    if (party.state === 'waiting') change[name] = { ...party, state: 'canceled', ending, at };
    else if (party.externalId !== null && party.ending !== ending && party.ending !== 'hangup') {
      change[name] = { ...party, ending, at };
      orders.push({ party: name, key: party.key });
    }
  }
  return { change, orders };
}

/** The key of the next ringing of a party. */
export function nextKey(call: Pick<LinkageCall, 'id' | 'seat' | 'service'>, party: 'seat' | 'service'): string {
  const last = Number(/\.(\d+)$/.exec(call[party]?.key ?? '')?.[1] ?? '0');
  return `${call.id}.${party}.${last + 1}`;
}
