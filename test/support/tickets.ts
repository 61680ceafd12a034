import type { MoveGiven, MoverRole } from '../../src/domain/ticket-moves.ts';
import type { RequestKind, Ticket, TicketActor, TicketState } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { openClocks } from '../../src/tickets/clocks.ts';
import { moveTicket, type Mover } from '../../src/tickets/move.ts';
import { type OpenTicketGiven, openTicket } from '../../src/tickets/open.ts';
import { aTicket } from '../factories/tickets.ts';
import { city, type IntakeUnderTest } from './intake.ts';

/** Ticket work in tests: who moves, tickets in any state, moves by name. */

const named = (at: number): string => {
  const department = city.departments[at];
  if (department === undefined) throw new Error('the demo city has too few departments');
  return department.id;
};
export const LEAD = named(0);
export const OTHER = named(1);

export const SEAT: Mover = { role: 'seat', actor: { kind: 'seat', seatId: 'seat-1' } };
export const SUPERVISOR: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-2' } };
export const CITIZEN: Mover = { role: 'citizen', actor: { kind: 'citizen' } };
export const DEPARTMENT: Mover = { role: 'department', actor: { kind: 'department', departmentId: LEAD, seatId: 'seat-3' } };

export function moverOf(role: MoverRole): Mover {
  const actors: Readonly<Record<MoverRole, TicketActor>> = {
    system: { kind: 'system' }, citizen: { kind: 'citizen' }, seat: { kind: 'seat', seatId: 'seat-1' }, editor: { kind: 'seat', seatId: 'seat-1' }, supervisor: { kind: 'seat', seatId: 'seat-1' },
    administrator: { kind: 'seat', seatId: 'seat-1' }, department: { kind: 'department', departmentId: LEAD, seatId: 'seat-1' }, partner: { kind: 'partner', partnerId: 'partner-1' },
  };
  return { role, actor: actors[role] };
}

export async function aCitizenIn(intake: IntakeUnderTest): Promise<string> {
  return intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
}

/** An opened ticket; without an item it waits for dispatch. */
export async function opened(intake: IntakeUnderTest, over: Partial<OpenTicketGiven> = {}): Promise<Ticket> {
  const citizenId = await aCitizenIn(intake);
  return writeUnit(intake.context, (unit) =>
    openTicket(intake.context, unit, {
      ticketKind: '投诉', itemCode: null, title: '夜间施工', content: '半夜施工', townId: null, place: null, happened: null, phone: null, name: null,
      urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' }, ...over,
    }));
}

export function move(intake: IntakeUnderTest, ticket: Pick<Ticket, 'id' | 'version'>, name: string, given: MoveGiven = {}, by: Mover = SEAT): Promise<Ticket> {
  return writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, ticket.id, name, { version: ticket.version, ...given }, by));
}

/** A ticket that is handled by LEAD. */
export async function handled(intake: IntakeUnderTest, over: Partial<OpenTicketGiven> = {}): Promise<Ticket> {
  const waiting = await opened(intake, over);
  const dispatched = waiting.state === '待派' ? await move(intake, waiting, 'dispatch', { departmentId: LEAD }) : waiting;
  return move(intake, dispatched, 'sign');
}

/** A finished one whose result is passed: it waits in 回访. */
export async function finished(intake: IntakeUnderTest, over: Partial<OpenTicketGiven> = {}): Promise<Ticket> {
  return move(intake, await move(intake, await handled(intake, over), 'finish', { result: '已处理' }), 'passReview', {}, SUPERVISOR);
}

/** Put there as it is, with a running clock and the request that waits: any state, also one that no walk leads to. */
export async function ticketIn(intake: IntakeUnderTest, state: TicketState, pending: RequestKind | null, stateBefore: TicketState | null = null): Promise<Ticket> {
  const citizenId = await aCitizenIn(intake);
  const now = intake.clock.now();
  const id = intake.context.newId();
  const ticket = aTicket({
    id, number: `n${id}`, state, pending, stateBefore, citizenId, itemCode: null, departmentId: LEAD, createdAt: now, updatedAt: now, dispatchedAt: now,
    ...(state === '归档' ? { archivedAt: now, closure: 'confirmed' as const } : {}), ...(state === '挂起' ? { holds: [{ from: now, to: null }] } : {}),
  });
  await writeUnit(intake.context, async (unit) => {
    await unit.repos.tickets.insert(ticket, null);
    const clocks = await openClocks(intake.context, unit, ticket);
    if (state !== '归档') clocks.start('handle', now);
    await clocks.save();
    if (pending === null) return;
    await unit.repos.requests.insert({
      id: intake.context.newId(), ticketId: id, kind: pending, departmentId: LEAD, itemCode: null, reasonCode: 'x', reason: '理由', evidence: [], amount: 1, until: now + 86_400_000,
      askedBy: `department:${LEAD}`, askedAt: now, judgeBy: null, state: 'asked', judgedBy: null, judgedAt: null, verdict: null,
    });
  });
  return ticket;
}

export const eventsOf = (intake: IntakeUnderTest, { id }: Pick<Ticket, 'id'>) => intake.store.read((repos) => repos.tickets.events(id));
export const clocksOf = (intake: IntakeUnderTest, { id }: Pick<Ticket, 'id'>) => intake.store.read((repos) => repos.clocks.of(id));
export async function nowOf(intake: IntakeUnderTest, { id }: Pick<Ticket, 'id'>): Promise<Ticket> {
  const ticket = await intake.store.read((repos) => repos.tickets.get(id));
  if (ticket === null) throw new Error('the ticket is gone');
  return ticket;
}
