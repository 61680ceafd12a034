import { setTimeout as pause } from 'node:timers/promises';
import { claim } from '../../bus/claim.ts';
import type { JobHandler } from '../../bus/contract.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { QueueEntry } from '../../store/contract.ts';
import { enqueue, type IntakeContext, type Unit, writeUnit } from '../context.ts';
import { release } from '../turn.ts';
import { groupOf } from './choose.ts';
import { CALLBACK_KIND, offerOver, TELL_KIND, wakeQueue } from './entry.ts';
import { freshRefusals, overflowOf, planOffers, presenceOf } from './plan.ts';
import { honestWait, paceOf } from './pace.ts';
import { usualWait } from './words.ts';

/** Entries looked at together; a queue that is longer has its tail looked at when its head is gone. */
const AT_ONCE = 2_000;
/** Waits that an estimate is made of, and how old they may be: of the last hour, else of the last day. */
const WAITS = 50;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Between two looks, at the least, when nothing but the clock calls. */
const SOONEST_MS = 250;
/** After a look the queue rests so many times as long as it took, at most so many ms: on a bad day hundreds ask for a person in a second, and one look serves them all. */
const REST = 4;
const MOST_REST_MS = 250;

/**
 * Looks at everybody who waits: ends offers that nobody answered, passes on to the next group, offers to seats that have room, and has citizens told
 * where they stand. One row in one lane, so that no two nodes look at the same time; it plans its own next look, so that a
 * restart loses nothing. It writes entries and periods only: conversations are changed by rows of their own.
 */
export function createAssignHandler(context: IntakeContext): JobHandler {
  let restsUntil = 0;
  return async (row, lease) => {
    const rest = restsUntil - performance.now();
    if (rest > 0) await pause(rest);
    const began = performance.now();
    const released = await writeUnit(context, async (unit) => {
      // Its row goes first: whoever begins to wait from here on makes another one.
      await claim(unit, row, lease);
      const next = await assign(context, unit);
      if (next !== null) await wakeQueue(context, unit, Math.max(next, context.now() + SOONEST_MS));
      return release(context, unit, lease);
    });
    restsUntil = performance.now() + Math.min(MOST_REST_MS, REST * (performance.now() - began));
    return { kind: 'done', released };
  };
}

/** @returns when to look again; null: when something changes */
export async function assign(context: IntakeContext, unit: Unit): Promise<EpochMs | null> {
  const now = context.now();
  const { repos } = unit;
  const { queueRules: rules } = context.city;
  const due: EpochMs[] = [];
  const waiting: QueueEntry[] = [];
  const entries = await repos.queue.list({ limit: AT_ONCE });
  let ended = 0;
  const seats = entries.length === 0 || rules.assign === 'manual' ? [] : await repos.seatWork.roster();
  // Who wraps up after another conversation may still accept what was offered before.
  const there = new Set(seats.filter((seat) => ['online', 'wrap-up'].includes(presenceOf(seat, now).presence)).map(({ id }) => id));
  for (const entry of entries) {
    const current = await withoutLateOffer(context, unit, entry, there);
    if (current !== entry) ended += 1;
    if (current === null) continue;
    if (current.offeredUntil !== null) due.push(current.offeredUntil);
    if (current.kind === 'waiting' && !current.leaving) waiting.push(await overflown(context, unit, current));
  }
  const stays = waiting.filter((entry) => !entry.leaving);
  for (const entry of stays) {
    const overflow = overflowOf(rules, entry, now);
    // Who is being asked just now is asked to the end.
    if (overflow.kind === 'stay' && entry.offeredTo === null) due.push(overflow.at);
  }
  const open = stays.filter((entry) => entry.offeredTo === null);
  const offered = new Set<string>();
  if (rules.assign === 'offer' && open.length > 0) {
    // Offers that ended a moment ago have given room back.
    const seatsNow = ended === 0 ? seats : await repos.seatWork.roster();
    const { offers, againAt } = planOffers(rules, open, seatsNow, now);
    if (againAt !== null) due.push(againAt);
    for (const seat of seats) {
      const { presence, until } = presenceOf(seat, now);
      if (presence === 'wrap-up' && until !== null) due.push(until);
    }
    const until = now + rules.offerSeconds * 1_000;
    for (const offer of offers) {
      if (!(await repos.queue.offer(offer.conversationId, { seatId: offer.seatId, until }))) continue;
      offered.add(offer.conversationId);
      due.push(until);
      const period = await repos.services.current(offer.conversationId);
      if (period !== null && period.offeredAt === null) await repos.services.update(period.id, { offeredAt: now }, now);
      unit.after.push({ kind: 'offer', conversationId: offer.conversationId, groupId: offer.groupId, seatId: offer.seatId, until, offer: 'queue' }, { kind: 'conversation', conversationId: offer.conversationId }, { kind: 'presence', seatIds: [offer.seatId] });
    }
  }
  const tellAgainAt = await tellPlaces(context, unit, stays, offered);
  if (tellAgainAt !== null) due.push(tellAgainAt);
  return due.length === 0 ? null : Math.min(...due);
}

/**
 * An offer whose time is over, or whose seat has gone on a break, is a refusal; one between seats is over, and the first seat keeps what it has. Null: gone
 * from the queue.
 */
async function withoutLateOffer(context: IntakeContext, unit: Unit, entry: QueueEntry, there: ReadonlySet<string>): Promise<QueueEntry | null> {
  const now = context.now();
  if (entry.offeredTo === null || entry.offeredUntil === null) return entry;
  const stands = entry.offeredUntil > now && (entry.kind === 'transfer' || there.has(entry.offeredTo));
  if (stands) return entry;
  unit.after.push(offerOver(entry, entry.offeredTo), { kind: 'conversation', conversationId: entry.conversationId }, { kind: 'presence', seatIds: [entry.offeredTo] });
  if (entry.kind === 'transfer') {
    await unit.repos.queue.remove(entry.conversationId);
    return null;
  }
  const change = { offeredTo: null, offeredUntil: null, refusals: [...freshRefusals(context.city.queueRules, entry.refusals, now), { seatId: entry.offeredTo, at: now }] };
  await unit.repos.queue.change(entry.conversationId, change);
  return { ...entry, ...change };
}

/** Waited long enough here: the next group has it, or a ticket is opened. */
async function overflown(context: IntakeContext, unit: Unit, entry: QueueEntry): Promise<QueueEntry> {
  if (entry.offeredTo !== null) return entry;
  const now = context.now();
  const overflow = overflowOf(context.city.queueRules, entry, now);
  if (overflow.kind === 'stay') return entry;
  unit.after.push({ kind: 'conversation', conversationId: entry.conversationId });
  if (overflow.kind === 'callback') {
    await unit.repos.queue.change(entry.conversationId, { leaving: true });
    await enqueue(unit, [{ id: `queue:callback:${entry.conversationId}:${now}`, lane: `queue:${entry.conversationId}`, kind: CALLBACK_KIND, payload: { conversationId: entry.conversationId }, availableAt: now, blocking: true, now }]);
    return { ...entry, leaving: true };
  }
  const change = { groupId: groupOf(context.city.queueRules, overflow.groupId).id, groupSince: now };
  await unit.repos.queue.change(entry.conversationId, change);
  const period = await unit.repos.services.current(entry.conversationId);
  if (period !== null) await unit.repos.services.update(period.id, { groupId: change.groupId }, now);
  unit.after.push({ kind: 'queue', groupIds: [entry.groupId, change.groupId] });
  return { ...entry, ...change };
}

/** Has those told who were not told yet, or whose place is another than they were told a while ago. */
async function tellPlaces(context: IntakeContext, unit: Unit, entries: readonly QueueEntry[], offered: ReadonlySet<string>): Promise<EpochMs | null> {
  const now = context.now();
  const tellMs = context.city.queueRules.tellSeconds * 1_000;
  const places = new Map<string, number>();
  const usual = new Map<string, number | null>();
  const pace = new Map<string, number | null>();
  const storms = (context.storm?.view().level ?? 0) > 0;
  let again: EpochMs | null = null;
  for (const entry of entries) {
    const ahead = places.get(entry.groupId) ?? 0;
    places.set(entry.groupId, ahead + 1);
    if (offered.has(entry.conversationId) || entry.offeredTo !== null || entry.toldPosition === ahead) continue;
    if (entry.toldAt !== null && entry.toldAt + tellMs > now) {
      again = again === null ? entry.toldAt + tellMs : Math.min(again, entry.toldAt + tellMs);
      continue;
    }
    if (!usual.has(entry.groupId)) usual.set(entry.groupId, await usualOf(context, unit, entry.groupId));
    if (storms && !pace.has(entry.groupId)) pace.set(entry.groupId, await paceOf(unit.repos, entry.groupId, now));
    const usualMs = usual.get(entry.groupId) ?? null;
    const wait = storms ? honestWait(usualMs, pace.get(entry.groupId) ?? null, { ahead, waitedMs: now - entry.waitedFrom }) : usualMs;
    const first = entry.toldAt === null;
    await unit.repos.queue.change(entry.conversationId, { toldPosition: ahead, toldAt: now });
    const row = { id: `queue:tell:${entry.conversationId}`, lane: `queue:${entry.conversationId}`, availableAt: now };
    await unit.repos.outbox.put({ ...row, kind: TELL_KIND, payload: { conversationId: entry.conversationId, ahead, usualMs: wait, first }, blocking: false, now });
    unit.after.push({ kind: 'wake', rows: [row] });
  }
  return again;
}

export async function usualOf(context: IntakeContext, unit: Pick<Unit, 'repos'>, groupId: string): Promise<number | null> {
  const now = context.now();
  return usualWait(await unit.repos.services.waits(groupId, now - HOUR_MS, WAITS)) ?? usualWait(await unit.repos.services.waits(groupId, now - DAY_MS, WAITS));
}
