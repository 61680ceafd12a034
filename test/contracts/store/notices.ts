import { describe, expect, it } from 'vitest';
import type { TicketNotice, TicketVisit } from '../../../src/store/contract.ts';
import { aTicket } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

export function noticeContract(subject: Subject): void {
  const notice = (given: Partial<TicketNotice> & Pick<TicketNotice, 'id' | 'ticketId' | 'citizenId'>): TicketNotice => ({ seq: 4, channels: [], state: 'waiting', createdAt: NOW, sentAt: null, ...given });

  describe('notices', () => {
    it('keeps one of an event and citizen', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      const ticket = aTicket({ citizenId });
      await store.write(async ({ tickets, ticketNotices }) => {
        await tickets.insert(ticket, null);
        expect(await ticketNotices.insert(notice({ id: 'n1', ticketId: ticket.id, citizenId }))).toBe(true);
        expect(await ticketNotices.insert(notice({ id: 'n2', ticketId: ticket.id, citizenId, state: 'sent' }))).toBe(false);
        expect(await ticketNotices.insert(notice({ id: 'n3', ticketId: ticket.id, citizenId, seq: 5 }))).toBe(true);
        await ticketNotices.update('n1', { state: 'sent', channels: ['webchat'], sentAt: NOW + 5 });
      });
      await store.read(async ({ ticketNotices }) => {
        expect(await ticketNotices.of(ticket.id)).toEqual([notice({ id: 'n1', ticketId: ticket.id, citizenId, state: 'sent', channels: ['webchat'], sentAt: NOW + 5 }), notice({ id: 'n3', ticketId: ticket.id, citizenId, seq: 5 })]);
        expect((await ticketNotices.waitingOf(citizenId)).map(({ id }) => id)).toEqual(['n3']);
        expect(await ticketNotices.get('n2')).toBeNull();
      });
    });

    it('knows at the door what a citizen is to hear, of nobody else', async () => {
      const { store } = subject();
      const [one, two] = [await makeCitizen(store), await makeCitizen(store)];
      const visited = aTicket({ citizenId: one, state: '回访' });
      const plain = aTicket({ citizenId: two });
      await store.write(async ({ tickets, ticketNotices }) => {
        await tickets.insert(visited, null);
        await tickets.insert(plain, null);
        expect(await ticketNotices.atTheDoor(one)).toEqual({ visit: visited.number, waiting: false });
        expect(await ticketNotices.atTheDoor(two)).toEqual({ visit: null, waiting: false });
        await ticketNotices.insert(notice({ id: 'n4', ticketId: plain.id, citizenId: two }));
        expect(await ticketNotices.atTheDoor(two)).toEqual({ visit: null, waiting: true });
        await ticketNotices.update('n4', { state: 'failed' });
        expect(await ticketNotices.atTheDoor(two)).toEqual({ visit: null, waiting: false });
        expect(await ticketNotices.atTheDoor('nobody')).toEqual({ visit: null, waiting: false });
      });
    });

    it('keeps every attempt of a visit-back', async () => {
      const { store } = subject();
      const asked: TicketVisit = { ticketId: 't1', attempt: 1, channel: 'webchat', askedAt: NOW, answeredAt: null, process: null, solved: null, outcome: 'asked' };
      await store.write(async ({ ticketVisits }) => {
        await ticketVisits.put(asked);
        await ticketVisits.put({ ...asked, outcome: 'no_answer' });
        await ticketVisits.put({ ...asked, attempt: 2, outcome: 'answered', answeredAt: NOW + 9, process: 2, solved: false });
      });
      expect(await store.read(({ ticketVisits }) => ticketVisits.of('t1'))).toEqual([{ ...asked, outcome: 'no_answer' }, { ...asked, attempt: 2, outcome: 'answered', answeredAt: NOW + 9, process: 2, solved: false }]);
    });
  });
}
