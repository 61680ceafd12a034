import type { ReachAttempt, ReachChange } from '../store/contract.ts';
import { REACH_ENDED } from '../store/contract-outbound.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import { record } from '../tickets/record.ts';
import type { OutboundContext } from './context.ts';
import { attemptLine } from './words.ts';

/** One attempt's way: forward only. What has ended stays ended, whoever says something else afterwards. */

/** How far along a state is; nothing goes back. */
const RANK: Readonly<Record<ReachAttempt['state'], number>> = { sending: 0, sent: 1, ringing: 2, answered: 3, machine: 4, delivered: 4, completed: 4, busy: 4, 'no-answer': 4, canceled: 4, failed: 4, unknown: 4 };

export const hasEnded = ({ state }: Pick<ReachAttempt, 'state'>): boolean => REACH_ENDED.includes(state);

/**
 * Puts an attempt forward, in the open transaction; what follows from its end happens in the same one.
 * @returns the attempt as it is now, or null when this changes nothing
 */
export async function putForward(context: OutboundContext, unit: TicketUnit, { id }: Pick<ReachAttempt, 'id'>, change: ReachChange): Promise<ReachAttempt | null> {
  // An answer and a report may come at one moment, on two nodes.
  const attempt = await unit.repos.reach.claim(id);
  if (attempt === null) return null;
  const state = change.state ?? attempt.state;
  // A report may overtake the answer that it reports of: the peer's id and the time are still news then.
  const late = hasEnded(attempt) || RANK[state] < RANK[attempt.state];
  const kept: ReachChange = late ? pick(attempt, change) : change;
  if (Object.keys(kept).length === 0 || (!late && state === attempt.state && sameAs(attempt, change))) return null;
  const now = context.now();
  const ends = !late && hasEnded({ state });
  const whole: ReachChange = ends ? { ...kept, endedAt: kept.endedAt ?? now } : kept;
  await unit.repos.reach.update(attempt.id, whole);
  const next: ReachAttempt = { ...attempt, ...whole };
  if (late || state === attempt.state) return next;
  if (attempt.kind === 'call') await context.callWent?.(unit, next);
  await tellTicket(context, unit, next);
  if (ends && attempt.kind === 'notification') await followEnd(context, unit, next);
  context.count({ channel: next.channel, status: next.state });
  return next;
}

/** Of a change that comes late: only what was not known. */
function pick(attempt: ReachAttempt, change: ReachChange): ReachChange {
  return {
    ...(attempt.externalId === null && change.externalId !== undefined && change.externalId !== null ? { externalId: change.externalId } : {}),
    ...(attempt.sentAt === null && change.sentAt !== undefined && change.sentAt !== null ? { sentAt: change.sentAt } : {}),
  };
}

function sameAs(attempt: ReachAttempt, change: ReachChange): boolean {
  return Object.entries(change).every(([name, value]) => attempt[name as keyof ReachChange] === value);
}

/** A line in the ticket's history for what a seat wants to know: it went out, it failed, nobody knows. A person's number is in none. */
async function tellTicket(context: OutboundContext, unit: TicketUnit, attempt: ReachAttempt): Promise<void> {
  const ticket = attempt.ticketId === null ? null : await unit.repos.tickets.get(attempt.ticketId);
  if (ticket === null || attempt.state === 'ringing') return;
  await record(context, unit, ticket, { type: 'ticket.noted', actor: { kind: 'system' }, at: context.now(), data: { text: attemptLine(attempt), attemptId: attempt.id } });
}

/** What failed or was taken back goes by the next way; what nobody knows of only where the rules say so, because the citizen may have it already. */
async function followEnd(context: OutboundContext, unit: TicketUnit, attempt: ReachAttempt): Promise<void> {
  const again = attempt.state === 'failed' || attempt.state === 'canceled' || (attempt.state === 'unknown' && context.rules.afterUnknown === 'next');
  if (!again) return;
  for (const id of attempt.noticeIds) {
    const notice = await unit.repos.ticketNotices.get(id);
    // Told on another channel meanwhile, or over.
    if (notice === null || notice.state !== 'sent' || notice.channels.at(-1) !== attempt.channel) continue;
    await unit.repos.ticketNotices.update(id, { state: 'waiting', sentAt: null });
  }
  if (attempt.noticeIds.length > 0) await wakeNotices(context, unit, attempt.citizenId, context.now());
}
