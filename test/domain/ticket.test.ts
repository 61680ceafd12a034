import { describe, expect, it } from 'vitest';
import { TICKET_MOVES, TICKET_STATES, type Ticket } from '../../src/domain/ticket.ts';
import type { SeatRole } from '../../src/store/contract.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { legalMoves, moveTicket } from '../../src/intake/tickets.ts';
import { aTicket } from '../factories/tickets.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const ROLES: readonly SeatRole[] = ['seat', 'supervisor', 'administrator'];

/** Written out by hand: the table must say this and no more. state → move → state, and who may. */
const ALLOWED: readonly (readonly [from: string, move: string, to: string, roles: readonly SeatRole[]])[] = [
  ['受理', 'accept', '待派', ['seat', 'supervisor', 'administrator']],
  ['待派', 'dispatch', '待签收', ['seat', 'supervisor', 'administrator']],
  ['待签收', 'redirect', '待签收', ['supervisor', 'administrator']],
  ['待签收', 'sign', '办理中', ['seat', 'supervisor', 'administrator']],
  ['办理中', 'finish', '办结', ['seat', 'supervisor', 'administrator']],
];
const names = [...new Set(TICKET_MOVES.map(({ name }) => name)), 'reopen', 'delete', '', 'constructor'];
const may = (from: string, move: string, role: SeatRole) => ALLOWED.find(([state, name, , roles]) => state === from && name === move && roles.includes(role));

describe('the table of moves', () => {
  it('knows only states that exist, and every state but the last has a way out', () => {
    for (const move of TICKET_MOVES) {
      expect(TICKET_STATES).toContain(move.from);
      expect(TICKET_STATES).toContain(move.to);
      expect(move.label).not.toBe('');
    }
    for (const state of TICKET_STATES) expect([state, TICKET_MOVES.some((move) => move.from === state)]).toEqual([state, state !== '办结']);
  });

  it('leads from the first state to every other', () => {
    const reached = new Set<string>(['受理']);
    for (const _ of TICKET_STATES) for (const move of TICKET_MOVES) if (reached.has(move.from)) reached.add(move.to);
    expect([...reached].sort()).toEqual([...TICKET_STATES].sort());
  });

  it.each(ROLES)('shows a %s exactly the moves that are theirs', (role) => {
    for (const state of TICKET_STATES) {
      expect([state, legalMoves(aTicket({ state }), role).map(({ name }) => name)]).toEqual([state, ALLOWED.filter(([from, , , roles]) => from === state && roles.includes(role)).map(([, name]) => name)]);
    }
  });
});

describe('every pair of state and move, for every role', () => {
  const department = city.departments[0]?.id ?? '';

  async function ticketIn(intake: IntakeUnderTest, state: Ticket['state']): Promise<Ticket> {
    const citizenId = intake.context.newId();
    const ticket = aTicket({ id: intake.context.newId(), number: `n${intake.context.newId()}`, state, citizenId, itemCode: null });
    await intake.store.write(async (repos) => {
      await repos.citizens.resolve({ id: citizenId, channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() });
      await repos.tickets.insert(ticket, null);
    });
    return ticket;
  }

  it.each(ROLES)('%s: what the table allows is done once, everything else is refused and changes nothing', async (role) => {
    const intake = await openIntake();
    try {
      let refused = 0;
      for (const state of TICKET_STATES) {
        for (const name of names) {
          const ticket = await ticketIn(intake, state);
          const given = { version: ticket.version, departmentId: department, result: '已处理', reason: '职责调整' };
          const go = () => writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, ticket.id, name, given, { seatId: 'seat-1', role }));
          const allowed = may(state, name, role);
          if (allowed !== undefined) {
            expect(await go()).toMatchObject({ state: allowed[2], version: 2 });
            // The same click again is told that it came too late.
            await expect(go()).rejects.toMatchObject({ status: 409 });
          } else {
            refused += 1;
            await expect(go(), `${state} ${name} ${role}`).rejects.toMatchObject({ code: 'ticket.move_refused', status: 409 });
            const [now, events] = await intake.store.read(async (repos) => [await repos.tickets.get(ticket.id), await repos.tickets.events(ticket.id)] as const);
            expect(now).toMatchObject({ state, version: 1 });
            expect(events).toEqual([]);
          }
        }
      }
      expect(refused).toBe(TICKET_STATES.length * names.length - ALLOWED.filter(([, , , roles]) => roles.includes(role)).length);
    } finally {
      await intake.close();
    }
  });
});
