import type { EpochMs } from '../../domain/activity.ts';
import type { QueueRules } from '../../domain/queue-rules.ts';
import type { QueueEntry, RosterSeat, SeatPresenceState } from '../../store/contract.ts';
import { groupOf } from './choose.ts';

/** A seat counts as there while its last sign of life is younger than this. */
export const ALIVE_MS = 45_000;

export interface PresenceNow {
  readonly presence: SeatPresenceState | 'offline';
  readonly reason: string | null;
  readonly since: EpochMs | null;
  readonly until: EpochMs | null;
}

/** What a seat is now: a wrap-up ends by itself, and who gives no sign of life is offline whatever was said last. */
export function presenceOf(seat: Pick<RosterSeat, 'presence' | 'beatAt' | 'state'>, now: EpochMs): PresenceNow {
  const { state } = seat;
  const gone = seat.presence === 'offline' || seat.beatAt < now - ALIVE_MS;
  if (gone) return { presence: 'offline', reason: null, since: seat.beatAt === 0 ? null : seat.beatAt, until: null };
  if (state === null) return { presence: seat.presence === 'away' ? 'away' : 'online', reason: null, since: null, until: null };
  if (state.state === 'wrap-up' && state.until !== null && state.until <= now) return { presence: 'online', reason: null, since: state.until, until: null };
  return { presence: state.state, reason: state.reason, since: state.since, until: state.until };
}

export function capacityOf(rules: QueueRules, seat: Pick<RosterSeat, 'skills'>): number {
  return seat.skills?.capacity ?? rules.capacity;
}

export function groupsOf(rules: QueueRules, seat: Pick<RosterSeat, 'skills'>): readonly string[] {
  return seat.skills?.groups ?? rules.groups.filter((group) => group.general === true).map((group) => group.id);
}

/** How many more may be offered to it now. */
export function roomOf(rules: QueueRules, seat: RosterSeat, now: EpochMs): number {
  return presenceOf(seat, now).presence === 'online' ? Math.max(0, capacityOf(rules, seat) - seat.serving - seat.offered) : 0;
}

export interface Offer {
  readonly conversationId: string;
  readonly groupId: string;
  readonly seatId: string;
}

interface FreeSeat {
  readonly seat: RosterSeat;
  readonly room: number;
  planned: number;
}

export interface OfferPlan {
  readonly offers: readonly Offer[];
  /** When somebody who was passed over may be asked again; null: nobody. */
  readonly againAt: EpochMs | null;
}

/**
 * Who is offered what now. Those who stand first choose first; each gets the seat that the strategy prefers among those that serve
 * the group, have room and did not just decline. An enterprise's own seat is asked before all others, whatever groups it serves.
 * @param entries waiting, not offered and not leaving; in their order
 */
export function planOffers(rules: QueueRules, entries: readonly QueueEntry[], seats: readonly RosterSeat[], now: EpochMs): OfferPlan {
  // By group, so that a long queue of one group does not look at the seats of all others again and again.
  const byGroup = new Map<string, FreeSeat[]>();
  const byId = new Map<string, FreeSeat>();
  for (const seat of seats) {
    const room = roomOf(rules, seat, now);
    if (room === 0) continue;
    const one: FreeSeat = { seat, room, planned: 0 };
    byId.set(seat.id, one);
    for (const group of groupsOf(rules, seat)) {
      const serving = byGroup.get(group);
      if (serving === undefined) byGroup.set(group, [one]);
      else serving.push(one);
    }
  }
  const offers: Offer[] = [];
  let againAt: EpochMs | null = null;
  for (const entry of entries) {
    const groupId = groupOf(rules, entry.groupId).id;
    const serving = byGroup.get(groupId) ?? [];
    const wanted = entry.wantedSeatId === null ? undefined : byId.get(entry.wantedSeatId);
    const able = (wanted === undefined || serving.includes(wanted) ? serving : [...serving, wanted]).filter((one) => one.room > one.planned);
    if (able.length === 0) continue;
    const askable = able.filter((one) => {
      const askedAgainAt = refusedUntil(rules, entry, one.seat.id);
      if (askedAgainAt === null || askedAgainAt <= now) return true;
      againAt = againAt === null ? askedAgainAt : Math.min(againAt, askedAgainAt);
      return false;
    });
    const load = (one: FreeSeat): number => one.seat.serving + one.seat.offered + one.planned;
    const [best] = askable.toSorted(
      (a, b) =>
        Number(b.seat.id === entry.wantedSeatId) - Number(a.seat.id === entry.wantedSeatId) ||
        (rules.strategy === 'least-loaded' ? load(a) - load(b) || a.seat.servedAt - b.seat.servedAt : a.planned - b.planned || a.seat.servedAt - b.seat.servedAt || load(a) - load(b)) ||
        (a.seat.id < b.seat.id ? -1 : 1),
    );
    if (best === undefined) continue;
    best.planned += 1;
    offers.push({ conversationId: entry.conversationId, groupId, seatId: best.seat.id });
  }
  return { offers, againAt };
}

/** When this seat may be asked for it again; null: it has not declined. */
function refusedUntil(rules: QueueRules, entry: QueueEntry, seatId: string): EpochMs | null {
  const last = entry.refusals.findLast((refusal) => refusal.seatId === seatId);
  return last === undefined ? null : last.at + rules.retrySeconds * 1_000;
}

/** What time has done to somebody who waits. */
export type Overflow = { readonly kind: 'stay'; readonly at: EpochMs } | { readonly kind: 'move'; readonly groupId: string } | { readonly kind: 'callback' };

export function overflowOf(rules: QueueRules, entry: Pick<QueueEntry, 'groupId' | 'groupSince'>, now: EpochMs): Overflow {
  const group = groupOf(rules, entry.groupId);
  const at = entry.groupSince + group.overflowSeconds * 1_000;
  if (at > now) return { kind: 'stay', at };
  return group.next === 'callback' ? { kind: 'callback' } : { kind: 'move', groupId: group.next };
}

/** Refusals that still count, so that they do not pile up over a long wait. */
export function freshRefusals(rules: QueueRules, refusals: QueueEntry['refusals'], now: EpochMs): QueueEntry['refusals'] {
  return refusals.filter((refusal) => refusal.at + rules.retrySeconds * 1_000 > now);
}
