import { describe, expect, it } from 'vitest';
import type { Repositories } from '../../../src/store/contract.ts';
import type { Conversation } from '../../../src/domain/conversation.ts';
import { anActivityDraft, anOutboxDraft, aTicket } from '../../factories/index.ts';
import { makeCitizen, makeConversation, NOW, type Subject } from './support.ts';

/** The first read of a turn may bring what the next ones ask for: they must answer as if it had not. */
export function turnFactsContract(subject: Subject): void {
  describe('what a turn asks first', () => {
    const ask = async (repos: Repositories, { id, citizenId }: Conversation) => ({
      row: await repos.conversations.get(id),
      free: await repos.lanes.passable(`turn:${id}`, NOW),
      later: await repos.lanes.passable(`turn:${id}`, NOW + 100),
      send: await repos.lanes.passable(`send:${id}`, NOW),
      phone: await repos.citizens.phoneLast4(citizenId),
      door: await repos.ticketNotices.atTheDoor(citizenId),
    });
    const find = (repos: Repositories, { channel, address }: Conversation) => repos.conversations.findByAddress(channel, address);

    const ticketOf = ({ citizenId }: Conversation) => aTicket({ id: 'door', citizenId });
    const writes: readonly (readonly [what: string, write: (repos: Repositories, conversation: Conversation) => Promise<unknown>])[] = [
      ['a row that waits', (repos, { id }) => repos.outbox.add([anOutboxDraft({ lane: `turn:${id}`, availableAt: NOW + 50 })])],
      ['a timer', (repos, { id }) => repos.outbox.put(anOutboxDraft({ lane: `turn:${id}`, availableAt: NOW + 50, blocking: false }))],
      ['a lease', (repos, { id }) => repos.lanes.acquire(`turn:${id}`, 'node', NOW, 50)],
      ['a number', (repos, { citizenId }) => repos.citizens.learn(citizenId, { phone: '13800138000' })],
      ['a visit-back', (repos, conversation) => repos.tickets.insert({ ...ticketOf(conversation), state: '回访' }, null)],
      ['news', async (repos, conversation) => {
        await repos.tickets.insert(ticketOf(conversation), null);
        await repos.ticketNotices.insert({ id: 'n', ticketId: 'door', seq: 1, citizenId: conversation.citizenId, channels: [], state: 'waiting', createdAt: NOW, sentAt: null });
      }],
      ['a change of the row', (repos, { id, version }) => repos.conversations.update(id, version, { unread: 3 })],
      ['words', (repos, { id }) => repos.activities.append(id, [anActivityDraft()])],
    ];

    it.each(writes)('is answered as it is, before and after %s in the same transaction', async (_what, write) => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      const none = await store.read((repos) => ask(repos, conversation));
      const [before, after] = await store.write(async (repos) => {
        expect(await find(repos, conversation)).toEqual(conversation);
        const asked = await ask(repos, conversation);
        await write(repos, conversation);
        return [asked, await ask(repos, conversation)];
      });
      expect(before).toEqual(none);
      expect(after).not.toEqual(none);
      // Nothing of it is carried into the next transaction, and whoever begins with the first read sees the same.
      expect(await store.write((repos) => ask(repos, conversation))).toEqual(after);
      expect(await store.read(async (repos) => {
        expect(await find(repos, conversation)).toEqual(after?.row);
        return ask(repos, conversation);
      })).toEqual(after);
    });

    it('is answered of another conversation and citizen as it is of those', async () => {
      const { store } = subject();
      const one = await makeConversation(store);
      const other = await makeConversation(store, { citizenId: await makeCitizen(store, { phone: '13800138111' }) });
      await store.write(async (repos) => {
        await repos.lanes.acquire(`turn:${other.id}`, 'node', NOW, 50);
        await find(repos, one);
        expect(await repos.lanes.passable(`turn:${other.id}`, NOW)).toBe(false);
        expect(await repos.citizens.phoneLast4(other.citizenId)).toBe('8111');
        expect(await repos.conversations.get(other.id)).toEqual(other);
      });
    });

    it('keeps nothing of a transaction that was given up', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      const before = await store.read((repos) => ask(repos, conversation));
      await expect(store.write(async (repos) => {
        await repos.citizens.learn(conversation.citizenId, { phone: '13800138000' });
        await find(repos, conversation);
        expect(await repos.citizens.phoneLast4(conversation.citizenId)).toBe('8000');
        throw new Error('given up');
      })).rejects.toThrow('given up');
      expect(await store.write((repos) => ask(repos, conversation))).toEqual(before);
    });
  });
}
