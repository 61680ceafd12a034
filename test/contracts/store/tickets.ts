import { describe, expect, it } from 'vitest';
import type { Ticket } from '../../../src/domain/ticket.ts';
import type { TicketFilter } from '../../../src/store/contract.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

export function ticketContract(subject: Subject): void {
  const insert = async (overrides: Partial<Ticket> = {}, phoneLast4: string | null = null): Promise<Ticket> => {
    const { store } = subject();
    const ticket = aTicket({ citizenId: overrides.citizenId ?? (await makeCitizen(store)), ...overrides });
    await store.write((repos) => repos.tickets.insert(ticket, phoneLast4));
    return ticket;
  };

  describe('tickets', () => {
    it('counts a day from one, without a gap or a double', async () => {
      const { store } = subject();
      const taken = await Promise.all(Array.from({ length: 20 }, () => store.write((repos) => repos.tickets.nextSequence('20261122'))));
      expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(await store.write((repos) => repos.tickets.nextSequence('20261123'))).toBe(1);
    });

    it('gives a ticket back whole, by id and by number', async () => {
      const { store } = subject();
      const full = await insert({
        townId: 'dongcheng', departmentId: 'ecology', routeId: 'noise', urgency: 'emergency', confidential: true, callback: true, conversationId: 'v1', deadlineAt: NOW + 86_400_000,
        deadlineRule: 'beijing.general', urges: 2,
      });
      const bare = await insert({ itemCode: null, place: null, happened: null });
      await store.read(async ({ tickets }) => {
        expect(await tickets.get(full.id)).toEqual(full);
        expect(await tickets.findByNumber(full.number)).toEqual(full);
        expect(await tickets.get(bare.id)).toEqual(bare);
        expect(await tickets.get('nothing')).toBeNull();
        expect(await tickets.findByNumber('0')).toBeNull();
      });
    });

    it('refuses a number twice, and a citizen who is not there', async () => {
      const { number } = await insert();
      await expect(insert({ number })).rejects.toMatchObject({ code: 'store.constraint' });
      await expect(insert({ citizenId: 'nobody' })).rejects.toMatchObject({ code: 'store.constraint' });
    });

    it('checks the last four digits without keeping them', async () => {
      const { store, raw } = subject();
      const { id } = await insert({}, '8642');
      const other = await insert({}, '8642');
      const without = await insert({}, null);
      await store.read(async ({ tickets }) => {
        expect(await tickets.checkPhone(id, '8642')).toBe(true);
        expect(await tickets.checkPhone(id, '8643')).toBe(false);
        expect(await tickets.checkPhone(id, '')).toBe(false);
        expect(await tickets.checkPhone(without.id, '')).toBe(false);
        expect(await tickets.checkPhone('nothing', '8642')).toBe(false);
      });
      const checks = await raw('select phone_check from tickets where phone_check is not null');
      expect(checks).toHaveLength(2);
      // The same digits of two tickets do not look alike.
      expect(new Set(checks.map((row) => row['phone_check'])).size).toBe(2);
      expect(JSON.stringify(checks)).not.toContain('8642');
      expect(await store.read((repos) => repos.tickets.checkPhone(other.id, '8642'))).toBe(true);
    });

    it('changes a version once', async () => {
      const { store } = subject();
      const ticket = await insert();
      const changed = await store.write((repos) => repos.tickets.update(ticket.id, 1, { state: '待派', departmentId: 'ecology', updatedAt: NOW + 1, callback: true, place: null }));
      expect(changed).toEqual({ ...ticket, state: '待派', departmentId: 'ecology', updatedAt: NOW + 1, callback: true, place: null, version: 2 });
      expect(await store.read((repos) => repos.tickets.get(ticket.id))).toEqual(changed);
      await expect(store.write((repos) => repos.tickets.update(ticket.id, 1, { state: '归档' }))).rejects.toMatchObject({ code: 'ticket.conflict', retry: 'conflict' });
      const tries = await Promise.allSettled(Array.from({ length: 5 }, () => store.write((repos) => repos.tickets.update(ticket.id, 2, { urges: 1 }))));
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    it('appends history in order', async () => {
      const { store } = subject();
      const { id } = await insert();
      const opened = await store.write((repos) => repos.tickets.appendEvent({ ticketId: id, type: 'ticket.opened', actor: { kind: 'system' }, at: NOW, data: { number: '1' } }));
      expect(opened).toEqual({ ticketId: id, seq: 1, type: 'ticket.opened', actor: { kind: 'system' }, at: NOW, data: { number: '1' } });
      await Promise.all(Array.from({ length: 6 }, () => store.write((repos) => repos.tickets.appendEvent({ ticketId: id, type: 'ticket.urged', actor: { kind: 'citizen' }, at: NOW, data: {} }))));
      const events = await store.read((repos) => repos.tickets.events(id));
      expect(events[0]).toEqual(opened);
      expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await store.read((repos) => repos.tickets.get(id))).toMatchObject({ version: 1 });
      await expect(store.write((repos) => repos.tickets.appendEvent({ ...opened, ticketId: 'nothing' }))).rejects.toMatchObject({ code: 'ticket.not_found' });
    });

    it('lists newest first, narrowed', async () => {
      await insert({ id: 'a', number: '2026112200001', createdAt: NOW + 1, state: '受理', title: '路灯不亮', content: '夜里看不见', departmentId: 'city', place: null });
      await insert({ id: 'b', number: '2026112200002', createdAt: NOW + 2, state: '待派', title: '噪声', content: 'KTV 太吵 100%', departmentId: 'ecology', place: null });
      await insert({ id: 'c', number: '2026112300003', createdAt: NOW + 3, state: '办理中', title: '噪声', content: '工地_施工', departmentId: 'ecology', place: '东城' });
      const ids = async (filter: Partial<TicketFilter>): Promise<string> => (await subject().store.read((repos) => repos.tickets.list({ limit: 10, ...filter }))).map((ticket) => ticket.id).join('');
      expect(await ids({})).toBe('cba');
      expect(await ids({ limit: 2 })).toBe('cb');
      expect(await ids({ states: ['受理', '办理中'] })).toBe('ca');
      expect(await ids({ states: [] })).toBe('');
      expect(await ids({ departmentId: 'ecology', before: NOW + 3 })).toBe('b');
      expect(await ids({ text: '噪声' })).toBe('cb');
      expect(await ids({ text: ' ktv ' })).toBe('b');
      expect(await ids({ text: '东城' })).toBe('c');
      expect(await ids({ text: '20261122' })).toBe('ba');
      // Signs of the pattern language mean themselves.
      expect(await ids({ text: '%' })).toBe('b');
      expect(await ids({ text: '_' })).toBe('c');
      expect(await ids({ text: '\\' })).toBe('');
      expect(await ids({ text: "'" })).toBe('');
      expect(await ids({ text: '  ' })).toBe('cba');
    });

    it('lists by citizen and by conversation, and counts by state', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      await insert({ id: 'a', citizenId, createdAt: NOW + 1, conversationId: 'v1', state: '归档' });
      await insert({ id: 'b', citizenId, createdAt: NOW + 2, conversationId: 'v2' });
      await insert({ id: 'c', createdAt: NOW + 3, conversationId: 'v1' });
      await store.read(async ({ tickets }) => {
        expect((await tickets.byCitizen(citizenId, 10)).map((ticket) => ticket.id)).toEqual(['b', 'a']);
        expect((await tickets.byCitizen(citizenId, 1)).map((ticket) => ticket.id)).toEqual(['b']);
        expect((await tickets.byConversation('v1')).map((ticket) => ticket.id)).toEqual(['a', 'c']);
        expect(await tickets.countsByState()).toEqual({ 归档: 1, 受理: 2 });
      });
    });
  });
}
