import type { EpochMs } from '../../domain/activity.ts';
import type { Hold } from '../../domain/legal-clock.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { openClocks } from '../clocks.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';
import { dueAfter } from '../effects.ts';

/** A ticket that follows another one waits with it: its clocks stand, and go on with what is left when it is on its own again. */

type ClockChange = Pick<Ticket, 'holds' | 'deadlineAt'>;

/** Stops every running clock and saves it; what the ticket's row has to say of it. */
export async function standClocks(context: TicketsContext, unit: TicketUnit, ticket: Ticket, at: EpochMs): Promise<ClockChange> {
  const clocks = await openClocks(context, unit, ticket);
  for (const row of clocks.rows) if (row.endedAt === null) clocks.change({ ...row, dueAt: null });
  await clocks.save();
  return { deadlineAt: null, holds: [...ticket.holds, { from: at, to: null, merged: true }] };
}

/** Has them run again: the time in between does not count, as with an approved hold. */
export async function continueClocks(context: TicketsContext, unit: TicketUnit, followed: Ticket, at: EpochMs): Promise<ClockChange> {
  const holds: Hold[] = followed.holds.map((hold) => (hold.to === null ? { ...hold, to: at } : hold));
  const ticket: Ticket = { ...followed, holds };
  const clocks = await openClocks(context, unit, ticket);
  const requests = await unit.repos.requests.of(ticket.id);
  let deadlineAt: EpochMs | null = null;
  for (const row of clocks.rows) {
    if (row.endedAt !== null) continue;
    const extensions = row.stage === 'handle' ? requests.filter((request) => request.kind === 'extension' && request.state === 'upheld' && (request.judgedAt ?? 0) >= row.startedAt) : [];
    const { dueAt } = clocks.change({ ...row, dueAt: dueAfter({ context, ticket }, row.startedAt, row.rule, holds, extensions) });
    if (row.stage === 'handle') deadlineAt = dueAt;
  }
  await clocks.save();
  return { holds, deadlineAt };
}

/** Ends every clock: the ticket is archived with its leading one. */
export async function endClocks(context: TicketsContext, unit: TicketUnit, ticket: Ticket, at: EpochMs): Promise<ClockChange> {
  const clocks = await openClocks(context, unit, ticket);
  for (const row of clocks.rows) if (row.endedAt === null) clocks.change({ ...row, endedAt: at });
  await clocks.save();
  return { deadlineAt: null, holds: ticket.holds.map((hold) => (hold.to === null ? { ...hold, to: at } : hold)) };
}
