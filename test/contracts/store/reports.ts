import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/domain/clock.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

export function reportContract(subject: Subject): void {
  const given = (id: string, more: { readonly onceKey?: string; readonly askedAt?: number; readonly period?: string } = {}) => ({
    id, kind: 'month' as const, period: more.period ?? '2026-10', scopeKind: 'city' as const, scopeId: '', title: '月报', madeBy: 'seat:1', roles: ['supervisor'], askedAt: more.askedAt ?? NOW, onceKey: more.onceKey ?? null,
  });
  const ask = (id: string, more = {}) => subject().store.write(({ reports }) => reports.ask(given(id, more)));
  const claim = (holder: string, now = NOW) => subject().store.write(({ reports }) => reports.claim({ holder, now, leaseMs: MINUTE }));
  const document = { format: 1, title: '月报', nothing: null };
  const done = (holder: string) => ({ holder, document, bytes: 40, title: '十月月报', madeAt: NOW + 5, until: NOW + 4 });

  describe('reports', () => {
    it('are asked for, made and kept; the next of the same period is the next version', async () => {
      expect(await ask('r1')).toMatchObject({ id: 'r1', version: 1, state: 'asked', progress: 0, roles: ['supervisor'], madeAt: null, bytes: 0 });
      expect(await claim('a')).toMatchObject({ id: 'r1', state: 'making', attempts: 1 });
      expect(await subject().store.write(({ reports }) => reports.renew('r1', { holder: 'a', leaseUntil: NOW + 2 * MINUTE, progress: 40 }))).toBe(true);
      expect(await subject().store.write(({ reports }) => reports.finish('r1', done('a')))).toBe(true);
      await subject().store.read(async ({ reports }) => {
        expect(await reports.get('r1')).toMatchObject({ state: 'ready', progress: 100, title: '十月月报', madeAt: NOW + 5, until: NOW + 4, bytes: 40 });
        expect(await reports.document('r1')).toEqual(document);
        expect(await reports.document('nobody')).toBeNull();
      });
      expect(await ask('r2', { askedAt: NOW + 1 })).toMatchObject({ version: 2 });
      expect(await ask('r3', { askedAt: NOW + 2, period: '2026-09' })).toMatchObject({ version: 1 });
      await subject().store.read(async ({ reports }) => {
        expect((await reports.list({ limit: 10 })).map(({ id }) => id)).toEqual(['r3', 'r2', 'r1']);
        expect((await reports.list({ limit: 1, before: { id: 'r3', askedAt: NOW + 2 } })).map(({ id }) => id)).toEqual(['r2']);
        expect(await reports.list({ kind: 'day', limit: 10 })).toEqual([]);
        expect(await reports.document('r1')).toEqual(document);
      });
    });

    it('of a schedule are asked for once', async () => {
      expect(await ask('r1', { onceKey: 'monthly:2026-10' })).not.toBeNull();
      expect(await ask('r2', { onceKey: 'monthly:2026-10' })).toBeNull();
      expect(await ask('r3', { onceKey: 'monthly:2026-11', period: '2026-11' })).not.toBeNull();
    });

    it('are claimed oldest first, by one; what its maker left is taken over, and he comes too late', async () => {
      await ask('r2', { askedAt: NOW + 1, period: '2026-09' });
      await ask('r1');
      expect((await claim('a'))?.id).toBe('r1');
      expect((await claim('b'))?.id).toBe('r2');
      expect(await claim('c')).toBeNull();
      expect(await claim('c', NOW + 2 * MINUTE)).toMatchObject({ id: 'r1', attempts: 2 });
      await subject().store.write(async ({ reports }) => {
        expect(await reports.renew('r1', { holder: 'a', leaseUntil: NOW + 9 * MINUTE, progress: 90 })).toBe(false);
        expect(await reports.finish('r1', done('a'))).toBe(false);
        expect(await reports.giveUp('r1', { holder: 'a', failure: 'x', again: false })).toBe(false);
        expect(await reports.giveUp('r1', { holder: 'c', failure: 'store.failed', again: true })).toBe(true);
      });
      expect(await subject().store.read(({ reports }) => reports.get('r1'))).toMatchObject({ state: 'asked', failure: 'store.failed' });
      expect((await claim('d', NOW + 2 * MINUTE))?.id).toBe('r1');
      await subject().store.write(({ reports }) => reports.giveUp('r1', { holder: 'd', failure: 'store.failed', again: false }));
      expect(await subject().store.read(({ reports }) => reports.get('r1'))).toMatchObject({ state: 'failed' });
    });

    it('read tickets in pages, narrowed, each once', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      const made = Array.from({ length: 7 }, (_none, at) => aTicket({ citizenId, createdAt: NOW + Math.floor(at / 2), townId: at % 2 === 0 ? 'humen' : null, itemCode: at < 3 ? 'x.y' : null, returns: at, visit: at === 0 ? { process: 4, solved: true } : null }));
      await store.write(async ({ tickets }) => {
        for (const ticket of made) await tickets.insert(ticket, null);
      });
      const all: string[] = [];
      await store.read(async ({ reportTickets }) => {
        for (let after: { readonly createdAt: number; readonly id: string } | null = null; ; ) {
          const page: Awaited<ReturnType<typeof reportTickets.page>> = await reportTickets.page({ from: NOW, to: NOW + 3, after, limit: 2 });
          all.push(...page.map(({ id }) => id));
          const last = page.at(-1);
          if (last === undefined) break;
          after = last;
        }
        expect(all).toEqual(made.filter(({ createdAt }) => createdAt < NOW + 3).toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map(({ id }) => id));
        const whole = { from: NOW, to: NOW + 100, after: null, limit: 100 };
        expect((await reportTickets.page({ ...whole, townId: 'humen' })).length).toBe(4);
        expect((await reportTickets.page({ ...whole, itemCode: 'x.y', townId: 'humen' })).length).toBe(2);
        expect((await reportTickets.getMany([made[0]?.id ?? '', 'nobody']))[0]).toMatchObject({ visit: { process: 4, solved: true }, returns: 0, confidential: false });
        expect(await reportTickets.count({ from: NOW + 1, to: NOW + 3 })).toBe(4);
        expect(await reportTickets.firstAt()).toBe(NOW);
      });
    });

    it('know of a sign-off whether it was late', async () => {
      const { store } = subject();
      const clock = { stage: 'sign' as const, run: 1, rule: { amount: 1, unit: 'hours' as const }, startedAt: NOW, dueAt: NOW + 10, warned: 0, overdueAt: null, rung: 0, nextAt: null };
      await store.write(({ clocks }) => clocks.put([{ ...clock, ticketId: 'in-time', endedAt: NOW + 10 }, { ...clock, ticketId: 'late', endedAt: NOW + 11 }, { ...clock, ticketId: 'open', endedAt: null, overdueAt: NOW + 10 }, { ...clock, ticketId: 'second', run: 2, endedAt: NOW }]));
      const found = await store.read(({ reportTickets }) => reportTickets.signOffs(['in-time', 'late', 'open', 'second', 'nobody']));
      expect(found.toSorted((a, b) => (a.ticketId < b.ticketId ? -1 : 1))).toEqual([{ ticketId: 'in-time', ended: true, late: false }, { ticketId: 'late', ended: true, late: true }, { ticketId: 'open', ended: false, late: true }]);
    });

    it('know of an empty house that there is nothing', async () => {
      expect(await subject().store.read(async ({ reportTickets }) => [await reportTickets.firstAt(), await reportTickets.count({ from: 0, to: NOW * 2 })])).toEqual([null, 0]);
    });
  });
}
