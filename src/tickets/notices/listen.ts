import type { Ticket, TicketEvent, TicketEventType } from '../../domain/ticket.ts';
import type { TicketRules } from '../../domain/ticket-rules.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { ASKS } from '../visits/due.ts';
import { quietUntil } from './quiet.ts';

/** Which events a citizen hears of, and when. Written down here; said by src/intake/notices.ts. */

/** Outbox kind: what waits for one citizen is to be told. Payload: {citizenId, awake?}. */
export const NOTICE_KIND = 'notice';
export const noticeLane = (citizenId: string): string => `notice:${citizenId}`;

/** A visit-back is asked whatever the list says; where a ticket was dispatched as it was opened, the citizen has just been told. */
export function hearsNotice({ notices }: TicketRules, type: TicketEventType, ticket: Ticket): boolean {
  if (ASKS.includes(type)) return true;
  if (type === 'ticket.dispatched' && ticket.dispatchedAt === ticket.createdAt) return false;
  return notices.events.includes(type);
}

/**
 * Writes the notice of an event, once for each citizen, and sets the time at which it is told. What the citizen did themselves they were
 * told at once: that is kept as skipped.
 */
export async function noteEvent(context: TicketsContext, unit: TicketUnit, ticket: Ticket, event: TicketEvent): Promise<void> {
  const { ticketRules } = context.city;
  if (!hearsNotice(ticketRules, event.type, ticket)) return;
  // Who is being called about it hears it on the telephone.
  const skip = event.actor.kind === 'citizen' || event.data['by'] === 'call' || isIdle(ticketRules, event);
  const now = context.now();
  const isNew = await unit.repos.ticketNotices.insert({ id: context.newId(), ticketId: ticket.id, seq: event.seq, citizenId: ticket.citizenId, channels: [], state: skip ? 'skipped' : 'waiting', createdAt: now, sentAt: null });
  if (!isNew || skip) return;
  const quiet = ticket.urgency === 'emergency' ? null : quietUntil(ticketRules.notices.quiet, now);
  await wakeNotices(context, unit, ticket.citizenId, quiet ?? now);
}

/** A leading ticket moves often; its followers hear what they would hear of their own. */
function isIdle({ notices }: TicketRules, event: TicketEvent): boolean {
  if (event.type !== 'ticket.leader_moved' || event.data['archived'] === true) return false;
  const led = event.data['event'];
  return typeof led === 'string' && !notices.events.some((type) => type === led);
}

/**
 * One row a citizen for the morning, which a later notice joins, and one for now, which no later notice puts off. `awake`: they are here,
 * the night does not count.
 */
export async function wakeNotices(context: Pick<TicketsContext, 'now'>, unit: TicketUnit, citizenId: string, availableAt: EpochMs, awake = false): Promise<void> {
  const lane = noticeLane(citizenId);
  const now = context.now();
  const row = { id: availableAt > now ? lane : `${lane}:now`, lane, availableAt };
  await unit.repos.outbox.put({ ...row, kind: NOTICE_KIND, payload: { citizenId, ...(awake ? { awake } : {}) }, blocking: false, now });
  unit.after.push({ kind: 'wake', rows: [row] });
}
