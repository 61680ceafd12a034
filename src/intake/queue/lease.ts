import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../../bus/claim.ts';
import type { JobHandler } from '../../bus/contract.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { Conversation } from '../../domain/conversation.ts';
import type { RosterSeat } from '../../store/contract.ts';
import { type IntakeContext, type Unit, writeUnit } from '../context.ts';
import { say } from '../outgoing.ts';
import { release } from '../turn.ts';
import { houseSays, isSparing, statusDraft } from './citizen.ts';
import { enterQueue, leaseRow, SUSPECT_MS } from './entry.ts';
import { freedSaid } from './words.ts';

const LeasePayload = Compile(Type.Object({ seatId: Type.String(), suspected: Type.Boolean() }));
/** Freed in one transaction; more follow at once. */
const AT_ONCE = 20;

/**
 * Does a seat that has conversations still live? Its page beats every 15 s. When that has stayed out for the lease, its conversations go back to
 * the head of the queue. It is looked at twice, some beats apart: after a restart, or an outage of the database, all seats look dead for a moment.
 */
export function createLeaseHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!LeasePayload.Check(row.payload)) return { kind: 'bury', code: 'queue.bad_payload' };
    const { seatId, suspected } = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const now = context.now();
      const [seat = null] = await unit.repos.seatWork.roster(seatId);
      const looksAgainAt = seat === null ? null : nextLook(context, seat, suspected, now);
      if (looksAgainAt !== null) {
        const next = leaseRow(context, seatId, looksAgainAt.at, looksAgainAt.suspected);
        await unit.repos.outbox.put(next);
        unit.after.push({ kind: 'wake', rows: [{ id: next.id, lane: next.lane, availableAt: next.availableAt }] });
      } else if (seat === null || seat.serving > 0) await free(context, unit, seatId);
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}

/** When to look again; null: nothing to look after any more, or its time is over. */
export function nextLook(context: Pick<IntakeContext, 'city'>, seat: RosterSeat, suspected: boolean, now: EpochMs): { readonly at: EpochMs; readonly suspected: boolean } | null {
  if (seat.serving === 0) return null;
  const leaseMs = context.city.queueRules.leaseSeconds * 1_000;
  // A program without a page has never beaten: nothing is known of its life but what it does.
  if (seat.beatAt === 0) return { at: now + leaseMs, suspected: false };
  const over = Math.max(seat.beatAt, seat.actedAt) + leaseMs;
  if (over - SUSPECT_MS > now) return { at: over - SUSPECT_MS, suspected: false };
  if (!suspected) return { at: Math.max(over, now + SUSPECT_MS), suspected: true };
  return over > now ? { at: over, suspected: true } : null;
}

async function free(context: IntakeContext, unit: Unit, seatId: string): Promise<void> {
  const { repos } = unit;
  const all = await repos.conversations.list({ owner: ['human'], seatId, limit: AT_ONCE });
  for (const conversation of all) await freeOne(context, unit, conversation);
  for (const conversation of all) await repos.trail.append({ at: context.now(), actor: 'system', action: 'conversation.freed', subject: `conversation:${conversation.id}`, purpose: null });
  unit.after.push({ kind: 'presence', seatIds: [seatId] });
  if (all.length === AT_ONCE) await repos.outbox.put(leaseRow(context, seatId, context.now(), true));
}

async function freeOne(context: IntakeContext, unit: Unit, conversation: Conversation): Promise<void> {
  const now = context.now();
  const period = await unit.repos.services.current(conversation.id);
  const waitedFrom = period?.askedAt ?? now;
  const waiting = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'waiting', seatId: null, waitingSince: waitedFrom });
  // Said even where messages are counted: silence would look like a seat that does not answer.
  await say(context, unit, waiting, [statusDraft(context, 'waiting'), ...(isSparing(context, waiting) && waiting.unread === 0 ? [] : [houseSays(context, freedSaid(waiting.locale))])]);
  await enterQueue(context, unit, waiting, { waitedFrom, returned: true, refusals: conversation.seatId === null ? [] : [{ seatId: conversation.seatId, at: now }] });
  unit.after.push({ kind: 'conversation', conversationId: waiting.id });
}
