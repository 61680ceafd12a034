import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/domain/clock.ts';
import { tendTickets } from '../../src/wiring/tickets.ts';
import { openIntake } from '../support/intake.ts';
import { eventsOf, finished, move, nowOf, opened } from '../support/tickets.ts';
import { until } from '../support/until.ts';

const at = (text: string): number => Date.parse(`${text}:00+08:00`);

/** Timers that go off when the test says so. */
function fakeTimers() {
  const waiting = new Map<number, { readonly ms: number; readonly run: () => void }>();
  let made = 0;
  const planned = (): number | null => [...waiting.values()][0]?.ms ?? null;
  return {
    planned,
    after: (ms: number, run: () => void) => {
      const name = (made += 1);
      waiting.set(name, { ms, run });
      return () => void waiting.delete(name);
    },
    /** Runs what is planned and waits until the next look is. */
    async go(): Promise<number | null> {
      const [now] = waiting;
      if (now === undefined) throw new Error('nothing is planned');
      waiting.delete(now[0]);
      now[1].run();
      await until(async () => waiting.size > 0, 'the next look');
      return planned();
    },
  };
}

describe('tending tickets', () => {
  it('sleeps until the next clock wants something, fifteen seconds at most, and stops in order', async () => {
    const intake = await openIntake();
    try {
      intake.clock.set(at('2026-11-23T09:00'));
      const timers = fakeTimers();
      const told: object[] = [];
      const stop = tendTickets(intake.context, { info: (fields) => void told.push(fields), warn: (fields) => void told.push(fields) }, { after: timers.after });
      expect(timers.planned()).toBe(2_000);
      expect(await timers.go()).toBe(15_000);
      const ticket = await opened(intake); // due for dispatch at 11:00
      expect(await timers.go()).toBe(15_000);
      intake.clock.set(at('2026-11-23T11:00') - 4_000);
      expect(await timers.go()).toBe(4_000);
      intake.clock.advance(4_000);
      await timers.go();
      expect((await eventsOf(intake, ticket)).at(-1)?.type).toBe('ticket.overdue');
      expect(told).toEqual([{ done: 1, skipped: 0 }]);
      await stop();
      expect(timers.planned()).toBeNull();
    } finally {
      await intake.close();
    }
  });

  it('asks a citizen again who did not answer, and gives up as unreached after the attempts of the file', async () => {
    const intake = await openIntake();
    try {
      intake.clock.set(at('2026-11-23T09:00'));
      const timers = fakeTimers();
      const stop = tendTickets(intake.context, { info: () => {}, warn: () => {} }, { after: timers.after });
      const [silent, glad] = [await finished(intake), await finished(intake)];
      for (let hours = 0; hours < 24 * 6; hours += 1) {
        intake.clock.advance(HOUR);
        if (hours === 30) await move(intake, await nowOf(intake, glad), 'confirm', { process: 5, solved: true });
        await timers.go();
      }
      await stop();
      expect(await nowOf(intake, silent)).toMatchObject({ state: '归档', closure: 'unreached', visit: null });
      expect((await eventsOf(intake, silent)).filter(({ type }) => type === 'ticket.visit_asked')).toHaveLength(intake.context.city.ticketRules.visit.attempts - 1);
      expect(await nowOf(intake, glad)).toMatchObject({ state: '归档', closure: 'confirmed' });
    } finally {
      await intake.close();
    }
  });

  it('tells of a database that cannot be read and looks again', async () => {
    const intake = await openIntake();
    const timers = fakeTimers();
    const told: object[] = [];
    const broken = { ...intake.context, store: { ...intake.store, read: async () => { throw new RangeError('gone'); } } };
    const stop = tendTickets(broken, { info: () => {}, warn: (fields) => void told.push(fields) }, { after: timers.after });
    expect(await timers.go()).toBe(15_000);
    expect(told).toHaveLength(1);
    await stop();
    await intake.close();
  });
});
