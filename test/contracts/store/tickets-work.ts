import { describe, expect, it } from 'vitest';
import type { Supervision, TicketClock, TicketFilter, TicketRequest } from '../../../src/store/contract.ts';
import type { Ticket } from '../../../src/domain/ticket.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

/** What hangs on tickets, and the ways to find them. */
export function ticketWorkContract(subject: Subject): void {
  const insert = async (overrides: Partial<Ticket> = {}): Promise<Ticket> => {
    const { store } = subject();
    const ticket = aTicket({ citizenId: await makeCitizen(store), ...overrides });
    await store.write((repos) => repos.tickets.insert(ticket, null));
    return ticket;
  };
  const aClock = (over: Partial<TicketClock>): TicketClock => ({ ticketId: 't1', stage: 'handle', run: 1, rule: { amount: 5, unit: 'workdays' }, startedAt: NOW, dueAt: NOW + 100, endedAt: null, warned: 0, overdueAt: null, rung: 0, nextAt: NOW + 50, ...over });
  const aRequest = (over: Partial<TicketRequest>): TicketRequest => ({
    id: 'r1', ticketId: 't1', kind: 'return', departmentId: 'police', itemCode: 'env.noise', reasonCode: 'x', reason: 'y', evidence: ['f1'], amount: null, until: null, askedBy: 'seat:1', askedAt: NOW, judgeBy: NOW + 10, state: 'asked',
    judgedBy: null, judgedAt: null, verdict: null, ...over,
  });
  const aSupervision = (over: Partial<Supervision>): Supervision => ({
    id: 's1', ticketId: 't1', level: 1, cause: 'person', departmentId: 'police', person: '分管负责人', words: '请跟进', dueAt: NOW + 10, createdBy: 'seat:1', createdAt: NOW, endedAt: null, outcome: null, ...over,
  });

  describe('ticket claims', () => {
    it('holds the version that was seen, and changes nothing', async () => {
      const { store } = subject();
      const ticket = await insert();
      expect(await store.write((repos) => repos.tickets.claim(ticket.id, 1))).toEqual(ticket);
      expect(await store.read((repos) => repos.tickets.get(ticket.id))).toEqual(ticket);
      await expect(store.write((repos) => repos.tickets.claim(ticket.id, 2))).rejects.toMatchObject({ code: 'ticket.conflict', retry: 'conflict', status: 409 });
      await expect(store.write((repos) => repos.tickets.claim('nothing', 1))).rejects.toMatchObject({ code: 'ticket.conflict' });
    });

    it('lets one at a time read what hangs on a ticket and change it', async () => {
      const { store } = subject();
      const ticket = await insert({ id: 't1' });
      await store.write((repos) => repos.clocks.put([aClock({})]));
      await Promise.all(Array.from({ length: 6 }, () => store.write(async (repos) => {
        await repos.tickets.claim(ticket.id, 1);
        const [row] = await repos.clocks.of(ticket.id);
        if (row !== undefined) await repos.clocks.put([{ ...row, warned: row.warned + 1 }]);
      })));
      expect(await store.read((repos) => repos.clocks.of(ticket.id))).toMatchObject([{ warned: 6 }]);
    });
  });

  describe('ticket lists', () => {
    it('turns pages by moment and id in both orders, also for a department', async () => {
      const { store } = subject();
      for (const [index, id] of ['e', 'b', 'd', 'a', 'c'].entries()) {
        await insert({ id, number: `9${index}`, createdAt: NOW + (index < 3 ? 0 : 1), deadlineAt: NOW + 7 + (index < 2 ? 1 : 0), departmentId: 'police', assistIds: ['ecology'] });
      }
      const pages = async (filter: Omit<TicketFilter, 'limit'>): Promise<string> => {
        let [ids, last]: [string, Ticket | undefined] = ['', undefined];
        for (let page = 0; page < 6; page += 1) {
          const moment: number | null | undefined = filter.order === 'due' ? last?.deadlineAt : last?.createdAt;
          const cursor = last === undefined || moment === undefined || moment === null ? {} : { before: moment, beforeId: last.id };
          const rows: readonly Ticket[] = await store.read((repos) => repos.tickets.list({ ...filter, ...cursor, limit: 2 }));
          ids += rows.map(({ id }) => id).join('');
          last = rows.at(-1) ?? last;
        }
        return ids.slice(0, 5) + (ids.length > 5 ? '!' : '');
      };
      expect(await pages({})).toBe('caedb');
      expect(await pages({ order: 'due' })).toBe('acdbe');
      expect(await pages({ seenBy: 'ecology' })).toBe('caedb');
      expect(await pages({ seenBy: 'ecology', order: 'due' })).toBe('acdbe');
      expect(await pages({ seenBy: 'nobody' })).toBe('');
    });
  });

  describe('ticket clocks', () => {
    it('finds what is due, oldest first, and knows when the next is', async () => {
      const { store } = subject();
      expect(await store.read((repos) => repos.clocks.nextAt())).toBeNull();
      await store.write((repos) => repos.clocks.put([aClock({ ticketId: 'a', nextAt: NOW + 3 }), aClock({ ticketId: 'b', nextAt: NOW + 1 }), aClock({ ticketId: 'c', nextAt: null }), aClock({ ticketId: 'd', nextAt: NOW + 9, dueAt: null, stage: 'hold' })]));
      await store.read(async ({ clocks }) => {
        expect((await clocks.due(NOW + 3, 10)).map(({ ticketId }) => ticketId)).toEqual(['b', 'a']);
        expect((await clocks.due(NOW + 9, 2)).map(({ ticketId }) => ticketId)).toEqual(['b', 'a']);
        expect(await clocks.due(NOW, 10)).toEqual([]);
        expect(await clocks.nextAt()).toBe(NOW + 1);
        expect(await clocks.of('d')).toEqual([aClock({ ticketId: 'd', nextAt: NOW + 9, dueAt: null, stage: 'hold' })]);
      });
      // Replaced by ticket, stage and run; put off only while nobody else moved it.
      await store.write((repos) => repos.clocks.put([aClock({ ticketId: 'b', nextAt: NOW + 5, warned: 1 })]));
      await store.write((repos) => repos.clocks.postpone(aClock({ ticketId: 'b', nextAt: NOW + 1 }), NOW + 100));
      expect(await store.read((repos) => repos.clocks.nextAt())).toBe(NOW + 3);
      await store.write((repos) => repos.clocks.postpone(aClock({ ticketId: 'a', nextAt: NOW + 3 }), NOW + 100));
      expect(await store.read((repos) => repos.clocks.nextAt())).toBe(NOW + 5);
    });
  });

  describe('ticket requests', () => {
    it('lets one wait at a time, first due first, and remembers how others were judged', async () => {
      const { store } = subject();
      const judged = { judgedBy: 'seat:2', verdict: '属实', amount: null, until: null };
      await store.write(async ({ requests }) => {
        for (const [index, state] of (['upheld', 'refused', 'upheld', 'withdrawn'] as const).entries()) {
          await requests.insert(aRequest({ id: `old${index}`, ticketId: `o${index}` }));
          await requests.judge(`old${index}`, { ...judged, state, judgedAt: NOW + index });
        }
        await requests.insert(aRequest({ id: 'elsewhere', ticketId: 'o9', departmentId: 'ecology', state: 'refused', judgedAt: NOW }));
        await requests.insert(aRequest({ id: 'late', ticketId: 'l', judgeBy: NOW + 20 }));
        await requests.insert(aRequest({ id: 'never', ticketId: 'n', judgeBy: null }));
        await requests.insert(aRequest({}));
      });
      await expect(store.write((repos) => repos.requests.insert(aRequest({ id: 'second' })))).rejects.toMatchObject({ code: 'store.constraint' });
      await store.read(async ({ requests }) => {
        expect((await requests.waiting({ limit: 10 })).map(({ id }) => id)).toEqual(['r1', 'late', 'never']);
        expect(await requests.waiting({ kind: 'hold', limit: 10 })).toEqual([]);
        expect(await requests.pendingOf('t1')).toEqual(aRequest({}));
        expect(await requests.pendingOf('o1')).toBeNull();
        const same = { kind: 'return', itemCode: 'env.noise', departmentId: 'police' } as const;
        expect((await requests.precedents({ ...same, limit: 2 })).map(({ id }) => id)).toEqual(['old2', 'old1']);
        expect(await requests.precedentCounts(same)).toEqual({ upheld: 2, refused: 1 });
        expect(await requests.precedentCounts({ ...same, departmentId: null })).toEqual({ upheld: 2, refused: 2 });
        expect(await requests.precedentCounts({ ...same, kind: 'hold' })).toEqual({ upheld: 0, refused: 0 });
        expect((await requests.counts(NOW)).toSorted((left, right) => (left.departmentId ?? '').localeCompare(right.departmentId ?? ''))).toEqual([
          { departmentId: 'ecology', kind: 'return', asked: 1, upheld: 0, refused: 1 },
          { departmentId: 'police', kind: 'return', asked: 7, upheld: 2, refused: 1 },
        ]);
      });
    });
  });

  describe('supervisions', () => {
    it('are listed by month with pages, ended once, and never changed otherwise', async () => {
      const { store } = subject();
      await store.write(async ({ supervisions }) => {
        await supervisions.insert(aSupervision({}));
        await supervisions.insert(aSupervision({ id: 's2', createdAt: NOW + 5, dueAt: null, departmentId: null, person: null }));
        await supervisions.insert(aSupervision({ id: 's3', createdAt: NOW + 5, ticketId: 't2', dueAt: NOW + 1 }));
        await supervisions.end('s1', { endedAt: NOW + 9, outcome: '已整改' });
        await supervisions.end('s1', { endedAt: NOW + 99, outcome: '改写历史' });
      });
      await store.read(async ({ supervisions }) => {
        expect(await supervisions.get('s1')).toEqual(aSupervision({ endedAt: NOW + 9, outcome: '已整改' }));
        expect(await supervisions.get('nothing')).toBeNull();
        expect((await supervisions.between(NOW, NOW + 6, 10)).map(({ id }) => id)).toEqual(['s3', 's2', 's1']);
        expect((await supervisions.between(NOW, NOW + 5, 10)).map(({ id }) => id)).toEqual(['s1']);
        expect((await supervisions.between(NOW, NOW + 6, 10, { createdAt: NOW + 5, id: 's3' })).map(({ id }) => id)).toEqual(['s2', 's1']);
        expect((await supervisions.open(10)).map(({ id }) => id)).toEqual(['s3', 's2']);
        expect((await supervisions.of('t1')).map(({ id }) => id)).toEqual(['s1', 's2']);
      });
    });
  });
}
