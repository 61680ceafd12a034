import type { ConferenceReport } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { LinkageCall, LinkageCallParty, LinkageCallPartyState } from '../store/contract.ts';

/** How the parties of a three-party call go on by what the platform tells, which may come twice, late and out of order. Pure. */

export const freshParty = (key: string | null, at: EpochMs): LinkageCallParty => ({ state: 'waiting', code: null, key, externalId: null, at, joinedAt: null, leftAt: null, seconds: 0 });

/** How far along a ringing is; nothing goes back. */
const RANK: Readonly<Record<LinkageCallPartyState, number>> = { waiting: 0, calling: 1, unknown: 1, ringing: 2, answered: 3, in: 4, left: 5, busy: 5, 'no-answer': 5, canceled: 5, failed: 5 };

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
      // Told late: of a stay that is over.
      if (party.state === 'in' || (party.leftAt !== null && at <= party.leftAt) || (RANK[party.state] === 5 && party.state !== 'left')) return changed;
      // A telephone that we rang stays once; a caller may be moved out and in.
      if (party.state === 'left' && party.key !== null) return changed;
      return { ...known, state: 'in', code: null, at, joinedAt: at };
    case 'left':
    case 'completed':
      return gone(party, known, told.state, at) ?? changed;
    case 'ended':
      return party.state === 'in' ? gone(party, known, 'left', at) : null;
    default:
      if (RANK[told.state] <= RANK[party.state]) return changed;
      // Whoever talked was reached, whatever is said of the ringing afterwards.
      if (RANK[told.state] === 5 && party.state === 'in') return changed;
      return { ...known, state: told.state, code: told.code, at };
  }
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

/** The key of the next ringing of a party. */
export function nextKey(call: Pick<LinkageCall, 'id' | 'seat' | 'service'>, party: 'seat' | 'service'): string {
  const last = Number(/\.(\d+)$/.exec(call[party]?.key ?? '')?.[1] ?? '0');
  return `${call.id}.${party}.${last + 1}`;
}
