import { describe, expect, it } from 'vitest';
import { legalMoves, MOVE_NAMES, moveNamed, targetOf, TICKET_MOVES } from '../../src/domain/ticket-moves.ts';
import { OPEN_STATES, TICKET_STATES } from '../../src/domain/ticket.ts';
import { expectedOf, PENDINGS, ROLES } from '../support/ticket-table.ts';

describe('the table of moves', () => {
  it('has every name once, in the order of the list, and only states that exist', () => {
    expect(TICKET_MOVES.map(({ name }) => name)).toEqual(MOVE_NAMES);
    for (const move of TICKET_MOVES) {
      for (const from of move.from) expect(TICKET_STATES).toContain(from);
      if (move.to !== 'same' && move.to !== 'before') expect(TICKET_STATES).toContain(move.to);
      expect(new Set(move.from).size).toBe(move.from.length);
      expect(move.label).not.toBe('');
      expect(move.needs.filter((need) => move.takes.includes(need))).toEqual([]);
      expect(move.reasons !== undefined).toBe(move.needs.includes('reasonCode'));
      expect(moveNamed(move.name)).toBe(move);
    }
    for (const name of ['', 'constructor', 'toString', '__proto__', 'Accept']) expect(moveNamed(name)).toBeNull();
  });

  it('leads from the first state to every other, and out of every one', () => {
    const reached = new Set<string>(['受理']);
    const goals = (from: string): string[] => TICKET_MOVES.filter((move) => move.from.some((state) => state === from)).flatMap(({ to, unsent }) => [...(to === 'same' || to === 'before' ? [] : [to]), ...(unsent === undefined ? [] : [unsent])]);
    for (const _ of TICKET_STATES) for (const to of [...reached].flatMap(goals)) reached.add(to);
    expect([...reached].toSorted()).toEqual([...TICKET_STATES].toSorted());
    for (const state of TICKET_STATES) expect([state, TICKET_MOVES.some((move) => move.from.includes(state))]).toEqual([state, true]);
    expect(OPEN_STATES).toEqual(TICKET_STATES.filter((state) => state !== '归档'));
  });

  it.each(ROLES)('gives %s exactly what the hand-written table gives, from every state and with every request pending', (role) => {
    let legal = 0;
    for (const state of TICKET_STATES) {
      for (const pending of PENDINGS) {
        const found = legalMoves({ state, pending }, role).map((move) => [move.name, targetOf(move, { state, stateBefore: '重办', departmentId: 'x' })]);
        const expected = MOVE_NAMES.flatMap((name) => {
          const target = expectedOf(name, { state, pending, stateBefore: '重办' }, role);
          return target === null ? [] : [[name, target]];
        });
        legal += expected.length;
        expect([state, pending, found]).toEqual([state, pending, expected]);
      }
    }
    expect(legal).toBeGreaterThan(0);
  });
});
