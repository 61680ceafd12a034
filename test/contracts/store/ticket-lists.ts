import { describe, expect, it } from 'vitest';
import type { Ticket } from '../../../src/domain/ticket.ts';
import type { TicketFilter } from '../../../src/store/contract.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

/** Which tickets a desk's lists and its search give, in which order, also where several have the same moment. */
export function ticketListContract(subject: Subject): void {
  async function put(tickets: readonly Partial<Ticket>[]): Promise<void> {
    const { store } = subject();
    const citizenId = await makeCitizen(store);
    await store.write(async (repos) => {
      for (const [index, ticket] of tickets.entries()) {
        await repos.tickets.insert(aTicket({ citizenId, number: `20261122${String(index).padStart(6, '0')}`, createdAt: NOW + index, title: '标题', content: '内容', place: null, ...ticket }), null);
      }
    });
  }
  const ids = async (filter: Partial<TicketFilter>): Promise<string> => (await subject().store.read((repos) => repos.tickets.list({ limit: 50, ...filter }))).map(({ id }) => id).join(' ');
  /** Page by page, as a desk asks. */
  async function paged(filter: Partial<TicketFilter>, limit: number): Promise<string> {
    const found: string[] = [];
    let cursor: Partial<TicketFilter> = {};
    for (let page = 0; page < 100; page += 1) {
      const tickets = await subject().store.read((repos) => repos.tickets.list({ ...filter, ...cursor, limit }));
      found.push(...tickets.map(({ id }) => id));
      const last = tickets.at(-1);
      const before = filter.order === 'due' ? last?.deadlineAt : last?.createdAt;
      if (last === undefined || before === undefined || before === null || tickets.length < limit) break;
      cursor = { before, beforeId: last.id };
    }
    return found.join(' ');
  }

  describe('lists of tickets', () => {
    it('agree, whichever filter is looked up', async () => {
      const states = ['办理中', '待派', '归档'] as const;
      const all = Array.from({ length: 48 }, (_, index): Partial<Ticket> => ({
        id: `t${String(index).padStart(2, '0')}`, createdAt: NOW + Math.floor(index / 4), state: states[index % 3] ?? '受理', departmentId: `d${index % 4}`, assistIds: index % 5 === 0 ? ['d9'] : [], itemCode: `i${index % 2}`,
        townId: index % 6 === 0 ? null : `w${index % 5}`, channel: index % 7 === 0 ? 'webchat' : 'phone', urgency: index % 11 === 0 ? 'emergency' : 'normal', kind: index % 3 === 0 ? '投诉' : '求助', enterpriseId: index % 8 === 0 ? 'e' : null,
        archivedAt: index % 3 === 2 ? NOW + 99 : null, overdueAt: index % 4 === 1 ? NOW : null, deadlineAt: index % 9 === 0 ? null : NOW + (index % 13), supervision: index % 10 === 0 ? 2 : 0, leadingId: index % 16 === 3 ? 't00' : null,
      }));
      await put(all);
      const open = (ticket: Partial<Ticket>): boolean => ticket.archivedAt === null;
      const filters: readonly [Partial<TicketFilter>, (ticket: Partial<Ticket>) => boolean][] = [
        [{ states: ['办理中'] }, ({ state }) => state === '办理中'],
        [{ states: ['待派', '归档'] }, ({ state }) => state !== '办理中'],
        [{ departmentId: 'd1' }, ({ departmentId }) => departmentId === 'd1'],
        [{ seenBy: 'd9' }, ({ assistIds }) => assistIds?.includes('d9') === true],
        [{ seenBy: 'd2' }, ({ departmentId }) => departmentId === 'd2'],
        [{ itemCode: 'i1' }, ({ itemCode }) => itemCode === 'i1'],
        [{ townId: 'w2' }, ({ townId }) => townId === 'w2'],
        [{ channel: 'webchat' }, ({ channel }) => channel === 'webchat'],
        [{ urgency: 'emergency' }, ({ urgency }) => urgency === 'emergency'],
        [{ kind: '投诉' }, ({ kind }) => kind === '投诉'],
        [{ enterprise: true }, ({ enterpriseId }) => enterpriseId !== null],
        [{ enterprise: false }, ({ enterpriseId }) => enterpriseId === null],
        [{ overdue: true }, (ticket) => open(ticket) && ticket.overdueAt !== null],
        [{ dueBefore: NOW + 6 }, (ticket) => open(ticket) && ticket.deadlineAt !== null && (ticket.deadlineAt ?? 0) < NOW + 6],
        [{ supervision: 1 }, ({ supervision }) => (supervision ?? 0) >= 1],
        [{ leadingId: 't00' }, ({ leadingId }) => leadingId === 't00'],
      ];
      const newest = [...all].sort((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0) || ((one.id ?? '') < (other.id ?? '') ? 1 : -1));
      const due = all.filter((ticket) => open(ticket) && ticket.deadlineAt !== null).sort((one, other) => (one.deadlineAt ?? 0) - (other.deadlineAt ?? 0) || ((one.id ?? '') < (other.id ?? '') ? -1 : 1));
      for (const [one, passesOne] of filters) {
        for (const [other, passesOther] of filters) {
          const both = { ...one, ...other };
          // The same field twice is the second one.
          const passes = (ticket: Partial<Ticket>): boolean => passesOther(ticket) && (Object.keys(one)[0] === Object.keys(other)[0] || passesOne(ticket));
          expect(await ids(both), JSON.stringify(both)).toBe(newest.filter(passes).map(({ id }) => id).join(' '));
          expect(await ids({ ...both, order: 'due' }), `${JSON.stringify(both)} by due`).toBe(due.filter(passes).map(({ id }) => id).join(' '));
        }
        expect(await paged(one, 3), `pages of ${JSON.stringify(one)}`).toBe(newest.filter(passesOne).map(({ id }) => id).join(' '));
        expect(await paged({ ...one, order: 'due' }, 3), `pages by due of ${JSON.stringify(one)}`).toBe(due.filter(passesOne).map(({ id }) => id).join(' '));
      }
    }, 60_000);
  });

  describe('the search for tickets', () => {
    /** So many that what is sought does not lie among those that are looked through first. */
    const hide = (old: readonly Partial<Ticket>[]): Promise<void> => put([...old, ...Array.from({ length: 3100 }, (_, index): Partial<Ticket> => ({ id: `new${index}`, createdAt: NOW + 1000 + index, title: '天气晴朗', content: '公园散步' }))]);

    // One crowd for all of it: three thousand tickets take their time.
    it('finds old tickets by words of any length, signs and digits, pages through them, and follows what is changed', async () => {
      await hide([
        { id: 'a', title: '路灯不亮', content: '夜里看不见，电话 8642 无人接' },
        { id: 'b', title: 'Wifi 断网', content: 'KTV 太吵 100%', place: '东城区' },
        { id: 'c', title: '噪声', content: '工地_施工 it\'s "loud" \\o/', place: '灯市口大街7号' },
        { id: 'd', title: '不亮的路', content: '灯坏了', townId: 'west', number: 'GD-2024-0815' },
        { id: 'e', title: '麤', content: '\u{20000}字 𠀀 🚧施工' },
      ]);
      expect(await ids({ text: '路灯' })).toBe('a');
      expect(await ids({ text: '不亮' })).toBe('d a');
      expect(await ids({ text: '灯' })).toBe('d c a');
      expect(await ids({ text: '麤' })).toBe('e');
      expect(await ids({ text: '路灯不亮' })).toBe('a');
      expect(await ids({ text: 'ktv' })).toBe('b');
      expect(await ids({ text: 'WIFI 断' })).toBe('b');
      expect(await ids({ text: 'WIFI  断' })).toBe('');
      expect(await ids({ text: '100%' })).toBe('b');
      expect(await ids({ text: '%' })).toBe('b');
      expect(await ids({ text: '_' })).toBe('c');
      expect(await ids({ text: '地_施' })).toBe('c');
      expect(await ids({ text: "it's" })).toBe('c');
      expect(await ids({ text: '"loud"' })).toBe('c');
      expect(await ids({ text: '\\o' })).toBe('c');
      expect(await ids({ text: '🚧' })).toBe('e');
      expect(await ids({ text: '\u{20000}字' })).toBe('e');
      expect(await ids({ text: '8642' })).toBe('a');
      expect(await ids({ text: '7号' })).toBe('c');
      expect(await ids({ text: '施工' })).toBe('e c');
      expect(await ids({ text: '东城' })).toBe('b');
      expect(await ids({ text: 'GD-2024' })).toBe('d');
      expect(await ids({ text: '20261122000002' })).toBe('c');
      expect(await ids({ text: '没有这回事' })).toBe('');
      // Neighbouring pairs are all there, the words are not.
      expect(await ids({ text: '不亮的路灯' })).toBe('');
      expect(await ids({ text: '不亮', townId: 'west' })).toBe('d');
      expect(await ids({ text: '天气', limit: 2 })).toBe('new3099 new3098');

      // Tickets of one moment: none is lost between two pages.
      await put(Array.from({ length: 12 }, (_, index) => ({ id: `x${String((index * 7) % 12).padStart(2, '0')}`, number: `P${index}`, createdAt: NOW + Math.floor(index / 6), content: '井盖缺失', deadlineAt: NOW + 5 - Math.floor(index / 6) })));
      const expected = Array.from({ length: 12 }, (_, index) => ({ id: `x${String((index * 7) % 12).padStart(2, '0')}`, at: Math.floor(index / 6) }));
      const newest = expected.toSorted((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1)).map(({ id }) => id).join(' ');
      const due = expected.toSorted((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1)).map(({ id }) => id).join(' ');
      for (const size of [1, 4, 6, 7]) {
        expect(await paged({ text: '井盖' }, size)).toBe(newest);
        expect(await paged({ text: '井盖', order: 'due' }, size)).toBe(due);
      }

      // An old ticket that came last, and changes.
      const { store } = subject();
      await put([{ id: 'old', number: 'X1', createdAt: NOW, title: '邮筒歪倒', content: '街角' }]);
      expect(await ids({ text: '邮筒' })).toBe('old');
      await store.write((repos) => repos.tickets.update('old', 1, { title: '电线低垂', place: '文化路' }));
      expect(await ids({ text: '邮筒' })).toBe('');
      expect(await ids({ text: '电线' })).toBe('old');
      expect(await ids({ text: '电线', order: 'due' })).toBe('');
      expect(await ids({ text: '化路' })).toBe('old');
      await store.write((repos) => repos.tickets.update('old', 2, { place: null }));
      expect(await ids({ text: '化路' })).toBe('');
    }, 60_000);
  });
}
