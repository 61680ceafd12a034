import { describe, expect, it } from 'vitest';
import { asAddress } from '../../../src/domain/activity.ts';
import type { Emergency } from '../../../src/domain/conversation.ts';
import type { ConversationChange } from '../../../src/store/contract.ts';
import { aConversation, anActivityDraft, aNewConversation } from '../../factories/index.ts';
import { makeCitizen, makeConversation, NOW, type Subject } from './support.ts';

const EMERGENCY: Emergency = { category: 'fire', words: ['着火'], at: NOW };

export function conversationContract(subject: Subject): void {
  describe('conversations', () => {
    it('begins with the bot, and is found by id and by address', async () => {
      const { store } = subject();
      const made = await makeConversation(store, { id: 'v1', channel: 'wechat', address: asAddress('openid-1'), modality: 'voice', locale: 'en', now: NOW });
      expect(made).toEqual(aConversation({ ...made, id: 'v1', channel: 'wechat', address: asAddress('openid-1'), modality: 'voice', locale: 'en', createdAt: NOW, lastActivityAt: NOW }));
      expect(made).toMatchObject({ owner: 'bot', version: 1, lastSeq: 0, collectedSeq: 0, unread: 0, emergency: null, understood: null });
      await store.read(async (repos) => {
        expect(await repos.conversations.get('v1')).toEqual(made);
        expect(await repos.conversations.findByAddress('wechat', asAddress('openid-1'))).toEqual(made);
        expect(await repos.conversations.findByAddress('webchat', asAddress('openid-1'))).toBeNull();
        expect(await repos.conversations.get('v2')).toBeNull();
      });
    });

    it('answers with the one that is there when the address is taken', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      const address = asAddress('same');
      const made = await Promise.all(Array.from({ length: 5 }, () => store.write((repos) => repos.conversations.create(aNewConversation({ citizenId, address })))));
      expect(new Set(made.map((conversation) => conversation.id)).size).toBe(1);
      expect(await store.read((repos) => repos.conversations.counts())).toMatchObject({ bot: 1 });
    });

    it('changes every field that may change, and counts the change', async () => {
      const { store } = subject();
      const made = await makeConversation(store);
      const change: Required<ConversationChange> = {
        owner: 'human', seatId: 'seat-1', handoffReason: 'asked', waitingSince: NOW + 1, emergency: EMERGENCY, unread: 3, lastInboundAt: NOW + 2, locale: 'en', collectedSeq: 7,
        understood: { flow: 'report', slots: [{ name: 'place', label: '地点', value: '东城' }], items: [{ code: 'env.noise', name: '噪声', score: 0.75, matched: ['施工'] }] },
      };
      const changed = await store.write((repos) => repos.conversations.update(made.id, 1, change));
      expect(changed).toEqual({ ...made, ...change, version: 2 });
      const nulled: ConversationChange = { seatId: null, handoffReason: null, waitingSince: null, emergency: null, understood: null, lastInboundAt: null };
      const back = await store.write((repos) => repos.conversations.update(made.id, 2, nulled));
      expect(back).toEqual({ ...changed, ...nulled, version: 3 });
      expect(await store.read((repos) => repos.conversations.get(made.id))).toEqual(back);
    });

    it('lets an undefined field be, and counts an empty change', async () => {
      const { store } = subject();
      const made = await makeConversation(store);
      expect(await store.write((repos) => repos.conversations.update(made.id, 1, { owner: undefined, unread: 1 }))).toEqual({ ...made, unread: 1, version: 2 });
      expect(await store.write((repos) => repos.conversations.update(made.id, 2, {}))).toEqual({ ...made, unread: 1, version: 3 });
    });

    it('refuses a change of an old version, and of a conversation that is not there', async () => {
      const { store } = subject();
      const made = await makeConversation(store);
      await store.write((repos) => repos.conversations.update(made.id, 1, { unread: 1 }));
      for (const id of [made.id, 'nobody']) {
        await expect(store.write((repos) => repos.conversations.update(id, 1, { unread: 2 }))).rejects.toMatchObject({ code: 'conversation.conflict', retry: 'conflict' });
      }
      expect(await store.read((repos) => repos.conversations.get(made.id))).toMatchObject({ unread: 1, version: 2 });
    });

    it('lets one of several change the same version', async () => {
      const { store } = subject();
      const made = await makeConversation(store);
      const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => store.write((repos) => repos.conversations.update(made.id, 1, { owner: 'human', seatId: `seat-${index}` }))));
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await store.read((repos) => repos.conversations.counts())).toEqual({ bot: 0, waiting: 0, human: 1, closed: 0 });
    });

    it('keeps the dialog state, sealed', async () => {
      const { store, raw } = subject();
      const { id } = await makeConversation(store);
      const state = { format: 1, data: { slots: { place: '东城大道' }, empty: null, list: [1, 2.5, true] } };
      expect(await store.read((repos) => repos.conversations.loadState(id))).toBeNull();
      await store.write((repos) => repos.conversations.saveState(id, { old: true }));
      await store.write((repos) => repos.conversations.saveState(id, state));
      expect(await store.read((repos) => repos.conversations.loadState(id))).toEqual(state);
      expect(JSON.stringify(await raw('select * from conversation_states'))).not.toContain('东城大道');
    });

    it('counts owners through every change', async () => {
      const { store } = subject();
      const made = [];
      for (let index = 0; index < 5; index += 1) made.push(await makeConversation(store));
      const [a, b, c] = made;
      if (a === undefined || b === undefined || c === undefined) throw new Error('five were made');
      await store.write(async (repos) => {
        await repos.conversations.update(a.id, 1, { owner: 'waiting' });
        await repos.conversations.update(a.id, 2, { owner: 'human' });
        await repos.conversations.update(b.id, 1, { owner: 'closed' });
        await repos.conversations.update(c.id, 1, { owner: 'bot' });
      });
      expect(await store.read((repos) => repos.conversations.counts())).toEqual({ bot: 3, waiting: 0, human: 1, closed: 1 });
    });

    it('lists those who wait oldest first, emergencies before all', async () => {
      const { store } = subject();
      const wait = async (id: string, waitingSince: number, emergency: Emergency | null): Promise<void> => {
        await makeConversation(store, { id });
        await store.write((repos) => repos.conversations.update(id, 1, { owner: 'waiting', waitingSince, emergency }));
      };
      await wait('young', NOW + 30, null);
      await wait('old', NOW + 10, null);
      await wait('young fire', NOW + 40, EMERGENCY);
      await wait('old fire', NOW + 20, EMERGENCY);
      await makeConversation(store, { id: 'with the bot' });
      const ids = async (limit: number): Promise<readonly string[]> => (await store.read((repos) => repos.conversations.list({ owner: ['waiting'], limit }))).map((one) => one.id);
      expect(await ids(10)).toEqual(['old fire', 'young fire', 'old', 'young']);
      expect(await ids(3)).toEqual(['old fire', 'young fire', 'old']);
      // Page by page, also where two began to wait at once.
      await wait('old too', NOW + 10, null);
      const pages: string[][] = [];
      for (let after: { class: number; waitingSince: number; id: string } | undefined; pages.length < 9; ) {
        const place = after;
        const page = await store.read((repos) => repos.conversations.list({ owner: ['waiting'], limit: 2, ...(place === undefined ? {} : { waitingAfter: place }) }));
        pages.push(page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) break;
        after = { class: last.emergency === null ? 2 : 0, waitingSince: last.waitingSince ?? 0, id: last.id };
      }
      expect(pages).toEqual([['old fire', 'young fire'], ['old', 'old too'], ['young'], []]);
    });

    it('lists others by last activity, newest first, narrowed by owner, seat, emergency and time', async () => {
      const { store } = subject();
      const put = async (id: string, at: number, change: ConversationChange): Promise<void> => {
        await makeConversation(store, { id, now: at });
        await store.write((repos) => repos.conversations.update(id, 1, change));
      };
      await put('a', NOW + 1, { owner: 'human', seatId: 's1' });
      await put('b', NOW + 2, { owner: 'bot' });
      await put('c', NOW + 3, { owner: 'closed', emergency: EMERGENCY });
      await put('d', NOW + 4, { owner: 'human', seatId: 's2' });
      await put('e', NOW + 5, { owner: 'closed', seatId: 's1', emergency: EMERGENCY });
      await put('f', NOW + 6, { owner: 'waiting', waitingSince: NOW });
      await store.write((repos) => repos.activities.append('a', [anActivityDraft({ at: NOW + 7 })]));
      const ids = async (filter: Omit<Parameters<typeof list>[0], 'limit'>, limit = 10): Promise<string> => (await list({ ...filter, limit })).map((one) => one.id).join('');
      const list = (filter: { readonly owner?: readonly ('bot' | 'waiting' | 'human' | 'closed')[]; readonly seatId?: string; readonly emergency?: boolean; readonly limit: number; readonly before?: number }) =>
        store.read((repos) => repos.conversations.list(filter));
      expect(await ids({})).toBe('afedcb');
      expect(await ids({}, 2)).toBe('af');
      expect(await ids({ owner: ['bot', 'human'] })).toBe('adb');
      expect(await ids({ owner: ['human', 'closed'] }, 3)).toBe('aed');
      expect(await ids({ seatId: 's1' })).toBe('ae');
      expect(await ids({ seatId: 's1', owner: ['human'] })).toBe('a');
      expect(await ids({ emergency: true })).toBe('ec');
      expect(await ids({ emergency: false })).toBe('afdb');
      expect(await ids({ before: NOW + 4 })).toBe('cb');
      expect(await ids({ owner: ['closed'], before: NOW + 5 })).toBe('c');
      expect(await ids({ owner: [] })).toBe('');
    });
  });
}
