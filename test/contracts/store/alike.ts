import { describe, expect, it } from 'vitest';
import type { Ticket } from '../../../src/domain/ticket.ts';
import type { AlikeProposal, Storm } from '../../../src/store/contract.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

export function alikeContract(subject: Subject): void {
  const insert = async (overrides: Partial<Ticket> = {}): Promise<Ticket> => {
    const { store } = subject();
    const ticket = aTicket({ citizenId: await makeCitizen(store), ...overrides });
    await store.write((repos) => repos.tickets.insert(ticket, null));
    return ticket;
  };
  const proposal = (ticketId: string, leadingId: string, overrides: Partial<AlikeProposal> = {}): Omit<AlikeProposal, 'state' | 'decidedBy' | 'decidedAt'> => ({ ticketId, leadingId, score: 0.75, why: ['text', 'place'], at: NOW, ...overrides });
  const propose = (...list: readonly Parameters<typeof proposal>[]): Promise<void> =>
    subject().store.write(async (repos) => {
      for (const one of list) await repos.alikeProposals.propose(proposal(...one));
    });

  describe('proposals of duplicates', () => {
    it('keeps a pair once; what was refused stays refused', async () => {
      const { store } = subject();
      await propose(['a', 'b'], ['a', 'c', { score: 0.5, why: [] }], ['d', 'a', { score: 0.875 }], ['a', 'b', { score: 0.25, why: ['storm'], at: NOW + 9 }]);
      const shown = async () => (await store.read((repos) => repos.alikeProposals.of('a'))).map(({ ticketId, leadingId, score, why, state, decidedBy }) => [ticketId, leadingId, score, why.join(), state, decidedBy]);
      expect(await shown()).toEqual([['d', 'a', 0.875, 'text,place', 'proposed', null], ['a', 'c', 0.5, '', 'proposed', null], ['a', 'b', 0.25, 'storm', 'proposed', null]]);
      await store.write(async (repos) => {
        await repos.alikeProposals.decide('a', 'b', 'refused', 'seat:s1', NOW + 1);
        await repos.alikeProposals.decide('d', 'a', 'merged', 'seat:s2', NOW + 2);
        // Decided without having been proposed.
        await repos.alikeProposals.decide('a', 'e', 'refused', 'seat:s1', NOW + 3);
      });
      await propose(['a', 'b', { score: 0.99 }]);
      expect(await store.read((repos) => repos.alikeProposals.pairedWith('b', ['a', 'd', 'e']))).toEqual(['a']);
      expect(await store.read((repos) => repos.alikeProposals.pairedWith('b', []))).toEqual([]);
      expect(await shown()).toEqual([['d', 'a', 0.875, 'text,place', 'merged', 'seat:s2'], ['a', 'c', 0.5, '', 'proposed', null], ['a', 'b', 0.25, 'storm', 'refused', 'seat:s1'], ['a', 'e', 0, '', 'refused', 'seat:s1']]);
    });

    it('lists what waits for a decision and can still be decided', async () => {
      const { store } = subject();
      for (const id of ['a', 'b', 'c']) await insert({ id });
      await insert({ id: 'archived', archivedAt: NOW, state: '归档' });
      await insert({ id: 'follows', leadingId: 'a' });
      await propose(['a', 'b'], ['c', 'a', { at: NOW + 1 }], ['archived', 'b', { at: NOW - 5 }], ['c', 'follows'], ['c', 'gone', { at: NOW + 7 }], ['b', 'c']);
      await store.write((repos) => repos.alikeProposals.decide('b', 'c', 'refused', 'seat:s1', NOW));
      const ids = async (limit = 10) => (await store.read((repos) => repos.alikeProposals.open(limit))).map(({ ticketId, leadingId }) => `${ticketId}-${leadingId}`);
      expect(await ids()).toEqual(['c-a', 'a-b']);
      expect(await ids(1)).toEqual(['c-a']);
      expect(await store.write((repos) => repos.alikeProposals.removeStale(NOW + 1, 10))).toBe(2);
      expect(await store.write((repos) => repos.alikeProposals.removeStale(NOW + 1, 10))).toBe(0);
      const left = await store.read((repos) => repos.alikeProposals.of('c'));
      expect(left.map(({ ticketId, leadingId, state }) => `${ticketId}-${leadingId} ${state}`).toSorted()).toEqual(['b-c refused', 'c-a proposed', 'c-gone proposed']);
    });
  });

  describe('walks through all tickets', () => {
    it('goes back and forth in pages, tickets of one moment by id', async () => {
      const { store } = subject();
      const times: readonly (readonly [string, number])[] = [['a', 1], ['b', 2], ['c', 2], ['d', 2], ['e', 3]];
      for (const [id, at] of times) await insert({ id, createdAt: NOW + at, itemCode: id === 'b' ? null : 'x', ...(id === 'c' ? { archivedAt: NOW + 9, state: '归档' } : {}) });
      await store.read(async ({ alikeTickets }) => {
        const back: string[] = [];
        let from: { readonly id: string; readonly createdAt: number } | null = null;
        for (let page = await alikeTickets.newest(from, 2); page.length > 0; page = await alikeTickets.newest(from, 2)) {
          back.push(...page.map((one) => `${one.id}${one.open ? '' : '!'}${one.itemCode ?? ''}`));
          from = page.at(-1) ?? null;
        }
        expect(back).toEqual(['ex', 'dx', 'c!x', 'b', 'ax']);
        expect((await alikeTickets.since({ id: 'b', createdAt: NOW + 2 }, 2)).map(({ id }) => id)).toEqual(['c', 'd']);
        expect((await alikeTickets.since({ id: '', createdAt: 0 }, 10)).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
        expect(await alikeTickets.since({ id: 'e', createdAt: NOW + 3 }, 10)).toEqual([]);
      });
    });

    it('says of many tickets how they stand and what they say, and leaves out what is not there', async () => {
      const { store } = subject();
      const first = await insert({ id: 'z', createdAt: NOW, place: null, pending: 'extension', townId: null });
      const archived = await insert({ id: 'a', createdAt: NOW + 1, archivedAt: NOW + 9, state: '归档', leadingId: 'z', confidential: true });
      await store.read(async ({ alikeTickets }) => {
        const standing = ({ id, createdAt, state, pending, confidential, leadingId, archivedAt }: Ticket) => ({ id, createdAt, state, pending, confidential, leadingId, archivedAt });
        const compared = (ticket: Ticket) => ({ ...standing(ticket), title: ticket.title, content: ticket.content, townId: ticket.townId, place: ticket.place, itemCode: ticket.itemCode, citizenId: ticket.citizenId });
        expect((await alikeTickets.standings(['a', 'gone', 'z'])).toSorted((one, other) => (one.id < other.id ? 1 : -1))).toEqual([standing(first), standing(archived)]);
        expect(await alikeTickets.compared(['a', 'gone', 'z'])).toEqual([compared(first), compared(archived)]);
        expect([await alikeTickets.standings([]), await alikeTickets.compared([])]).toEqual([[], []]);
      });
    });

    it('finds followers in pages', async () => {
      const { store } = subject();
      for (const id of ['a', 'b', 'lead']) await insert({ id });
      for (const id of ['f3', 'f1', 'f2']) await insert({ id, leadingId: 'lead' });
      await store.read(async ({ alikeTickets }) => {
        expect([await alikeTickets.leads('lead'), await alikeTickets.leads('a')]).toEqual([true, false]);
        expect([await alikeTickets.countFollowers('lead'), await alikeTickets.countFollowers('a')]).toEqual([3, 0]);
        expect(await alikeTickets.followers('lead', { afterId: null, limit: 2 })).toEqual(['f1', 'f2']);
        expect(await alikeTickets.followers('lead', { afterId: 'f2', limit: 2 })).toEqual(['f3']);
      });
    });
  });

  describe('storms', () => {
    const storm = (id: string, overrides: Partial<Storm> = {}): Storm => ({ id, itemCode: 'x', title: '停电', townIds: ['t1', 't2'], leadingId: 'a', count: 1, firstAt: NOW, lastAt: NOW, state: 'open', answer: null, ...overrides });

    it('keeps them, and what they hold', async () => {
      const { store } = subject();
      await store.write(async ({ storms }) => {
        for (const one of [storm('s1'), storm('s2', { lastAt: NOW + 1, state: 'answered', answer: '正在抢修' }), storm('s3', { state: 'over', lastAt: NOW + 5 })]) await storms.put(one);
        for (const [stormId, ticketId] of [['s1', 'b'], ['s1', 'a'], ['s1', 'b'], ['s2', 'c'], ['s3', 'c']] as const) await storms.addTicket(stormId, ticketId, NOW);
      });
      await store.read(async ({ storms }) => {
        expect((await storms.open(10)).map(({ id }) => id)).toEqual(['s2', 's1']);
        expect((await storms.open(1)).map(({ id }) => id)).toEqual(['s2']);
        expect(await storms.get('s2')).toEqual(storm('s2', { lastAt: NOW + 1, state: 'answered', answer: '正在抢修' }));
        expect(await storms.get('none')).toBeNull();
        expect([await storms.tickets('s1', 10), await storms.tickets('s1', 1), await storms.tickets('s1', 5, 'a')]).toEqual([['a', 'b'], ['a'], ['b']]);
        expect([await storms.size('s1'), await storms.size('none')]).toEqual([2, 0]);
        expect(await storms.holding(['b', 'c', 'nothing'])).toEqual([{ stormId: 's1', ticketId: 'b', state: 'open' }, { stormId: 's2', ticketId: 'c', state: 'answered' }, { stormId: 's3', ticketId: 'c', state: 'over' }]);
        expect(await storms.holding([])).toEqual([]);
      });
      const later = storm('s1', { itemCode: null, title: '大面积停电', townIds: [], leadingId: null, count: 7, firstAt: NOW - 1, lastAt: NOW + 9, state: 'over', answer: '已恢复' });
      await store.write((repos) => repos.storms.put(later));
      expect(await store.read((repos) => repos.storms.get('s1'))).toEqual(later);
    });
  });
}
