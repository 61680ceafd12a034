import { describe, expect, it } from 'vitest';
import { MOVE_NAMES, moveNamed, type MoveGiven, type MoveName } from '../../src/domain/ticket-moves.ts';
import { TICKET_STATES } from '../../src/domain/ticket.ts';
import { movesFor } from '../../src/tickets/move.ts';
import { city, openIntake } from '../support/intake.ts';
import { expectedOf, PENDINGS, ROLES } from '../support/ticket-table.ts';
import { eventsOf, move, moverOf, nowOf, OTHER, ticketIn } from '../support/tickets.ts';

/** Everything that any move needs, so that only the table decides. */
function everything(name: MoveName, now: number): MoveGiven {
  const { reasons } = city.ticketRules;
  const list = moveNamed(name)?.reasons;
  const reasonCode = list === undefined ? 'x' : reasons[list].find(({ evidence }) => evidence !== true)?.code;
  return { departmentId: OTHER, reason: '职责调整', reasonCode, result: '已处理', amount: 1, until: now + 86_400_000, person: '分管负责人', process: 4, solved: name !== 'veto' };
}

describe('every state, pending request and move, by every role', () => {
  it.each(ROLES)('%s: what the table allows is done once, everything else is refused and changes nothing', async (role) => {
    const intake = await openIntake();
    try {
      let [done, refused] = [0, 0];
      for (const state of TICKET_STATES) {
        for (const pending of PENDINGS) {
          const before = { state, pending, stateBefore: '办理中' as const };
          const untouched = await ticketIn(intake, state, pending, '办理中');
          const whole = () => intake.store.read(async (repos) => JSON.stringify([await repos.tickets.get(untouched.id), await repos.tickets.events(untouched.id), await repos.clocks.of(untouched.id), await repos.requests.of(untouched.id), await repos.supervisions.of(untouched.id)]));
          const asItWas = await whole();
          const legal: string[] = [];
          for (const name of MOVE_NAMES) {
            const target = expectedOf(name, before, role);
            const given = everything(name, intake.clock.now());
            if (target === null) {
              refused += 1;
              await expect(move(intake, untouched, name, given, moverOf(role)), `${state} ${pending} ${name} ${role}`).rejects.toMatchObject({ code: 'ticket.move_refused', status: 409 });
              continue;
            }
            done += 1;
            legal.push(name);
            const ticket = await ticketIn(intake, state, pending, '办理中');
            const moved = await move(intake, ticket, name, given, moverOf(role));
            expect([state, pending, name, moved.state]).toEqual([state, pending, name, target]);
            expect(await nowOf(intake, ticket)).toEqual(moved);
            expect((await eventsOf(intake, ticket)).filter(({ type }) => type === moveNamed(name)?.event)).toHaveLength(1);
            // The same click again is told that it came too late.
            await expect(move(intake, ticket, name, given, moverOf(role))).rejects.toMatchObject({ code: 'ticket.conflict', status: 409 });
          }
          for (const name of ['', 'delete', 'constructor', '__proto__']) await expect(move(intake, untouched, name, {}, moverOf(role))).rejects.toMatchObject({ code: 'ticket.move_refused' });
          expect(await whole()).toBe(asItWas);
          // The buttons are the same table.
          expect(movesFor(untouched, moverOf(role)).map(({ name }) => name)).toEqual(legal);
        }
      }
      expect(done + refused).toBe(TICKET_STATES.length * PENDINGS.length * MOVE_NAMES.length);
      expect(done).toBeGreaterThan(0);
    } finally {
      await intake.close();
    }
  }, 60_000);

  it('a department moves only what it leads', async () => {
    const intake = await openIntake();
    try {
      for (const state of TICKET_STATES) {
        const ticket = await ticketIn(intake, state, null, '办理中');
        const stranger = { role: 'department' as const, actor: { kind: 'department' as const, departmentId: OTHER, seatId: 'seat-9' } };
        expect(movesFor(ticket, stranger)).toEqual([]);
        for (const name of MOVE_NAMES) await expect(move(intake, ticket, name, everything(name, intake.clock.now()), stranger)).rejects.toMatchObject({ code: 'ticket.not_yours', status: 403 });
        expect(await nowOf(intake, ticket)).toMatchObject({ state, version: ticket.version });
      }
    } finally {
      await intake.close();
    }
  });

  it('every move names what it lacks and takes nothing that is not of it', async () => {
    const intake = await openIntake();
    try {
      for (const name of MOVE_NAMES) {
        const found = moveNamed(name);
        const state = found?.from[0];
        if (found === null || state === undefined) throw new Error('no such move');
        const pending = found.pending === 'none' || found.pending === undefined ? null : found.pending === 'any' ? 'return' : found.pending;
        const role = found.roles.includes('administrator') ? 'administrator' : 'citizen';
        const ticket = await ticketIn(intake, state, pending, '办理中');
        if (found.needs.length > 0) {
          await expect(move(intake, ticket, name, {}, moverOf(role))).rejects.toMatchObject({ code: 'ticket.move_incomplete', status: 400, details: { missing: found.needs.join(',') } });
          await expect(move(intake, ticket, name, { reason: '  ', result: ' ' }, moverOf(role))).rejects.toMatchObject({ code: 'ticket.move_incomplete' });
        }
        await move(intake, ticket, name, everything(name, intake.clock.now()), moverOf(role));
        const event = (await eventsOf(intake, ticket)).find(({ type }) => type === found.event);
        const own = ['why', 'unit', 'amount', 'until'];
        expect(Object.keys(event?.data ?? {}).filter((key) => !own.includes(key) && ![...found.needs, ...found.takes].some((need) => need === key))).toEqual([]);
      }
    } finally {
      await intake.close();
    }
  });
});
