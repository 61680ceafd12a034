import { describe, expect, it } from 'vitest';
import type { CannedAnswer, ConversationNote } from '../../../src/store/contract.ts';
import { makeConversation, NOW, type Subject } from './support.ts';

const aCanned = (given: Partial<CannedAnswer> = {}): Omit<CannedAnswer, 'version'> => ({ id: 'canned-1', ownerId: null, folder: '问候', title: '开场', shortcut: 'kc', texts: { 'zh-CN': '您好，我是{{坐席}}。', en: 'Hello.' }, updatedBy: 's1', updatedAt: NOW, ...given });
const aNote = (given: Partial<ConversationNote> = {}): ConversationNote => ({ id: 'note-1', conversationId: 'c1', seatId: 's1', kind: 'note', text: '已核实地址', mentions: [], toSeatId: null, at: NOW, afterSeq: 3, ...given });

export function deskWorkContract(subject: Subject): void {
  describe('what seats keep', () => {
    it('shows shared answers and one’s own, and keeps removed ones out of sight', async () => {
      const { store } = subject();
      expect(await store.read((repos) => repos.canned.everShared())).toBe(false);
      await store.write(async ({ canned }) => {
        await canned.add(aCanned({ id: 'own', ownerId: 's1', title: '乙' }));
      });
      expect(await store.read((repos) => repos.canned.everShared())).toBe(false);
      await store.write(async ({ canned }) => {
        await canned.add(aCanned({ id: 'shared', title: '甲' }));
        await canned.add(aCanned({ id: 'shared', title: '另一个节点放的' }));
        await canned.add(aCanned({ id: 'others', ownerId: 's2' }));
      });
      const ids = async (seatId: string): Promise<string[]> => (await store.read((repos) => repos.canned.list(seatId))).map(({ id }) => id).toSorted();
      expect(await ids('s1')).toEqual(['own', 'shared']);
      expect(await ids('s3')).toEqual(['shared']);
      expect((await store.read((repos) => repos.canned.get('shared')))?.title).toBe('甲');
      expect(await store.write((repos) => repos.canned.remove('shared', 's1', NOW + 1))).toBe(true);
      expect(await store.write((repos) => repos.canned.remove('shared', 's1', NOW + 2))).toBe(false);
      expect([await ids('s3'), await store.read((repos) => repos.canned.get('shared')), await store.read((repos) => repos.canned.everShared())]).toEqual([[], null, true]);
    });

    it('changes an answer only for who saw the newest', async () => {
      const { store } = subject();
      await store.write((repos) => repos.canned.add(aCanned()));
      const { id: _id, ownerId: _owner, ...change } = aCanned({ title: '新标题', shortcut: null, texts: { 'zh-CN': '您好' }, updatedAt: NOW + 1 });
      expect(await store.write((repos) => repos.canned.change('canned-1', 1, change))).toEqual({ ...aCanned(), ...change, version: 2 });
      await expect(store.write((repos) => repos.canned.change('canned-1', 1, change))).rejects.toMatchObject({ code: 'canned.conflict' });
    });

    it('keeps notes in their order and tells who is named in them, but not the writer', async () => {
      const { store } = subject();
      const second = aNote({ id: 'note-2', at: NOW + 5, mentions: ['s2', 's1'] });
      const whisper = aNote({ id: 'note-3', at: NOW + 9, kind: 'whisper', seatId: 's9', toSeatId: 's2' });
      await store.write(async ({ notes }) => {
        for (const note of [aNote(), second, whisper, aNote({ id: 'elsewhere', conversationId: 'c2' })]) await notes.insert(note);
      });
      await store.read(async ({ notes }) => {
        expect(await notes.of('c1', 10)).toEqual([aNote(), second, whisper]);
        expect((await notes.of('c1', 2)).map(({ id }) => id)).toEqual(['note-2', 'note-3']);
        expect(await notes.get('note-2')).toEqual(second);
        expect(await notes.mentions('s2', 10)).toEqual([{ note: whisper, readAt: null }, { note: second, readAt: null }]);
        expect([await notes.unread('s1'), await notes.unread('s2')]).toEqual([0, 2]);
      });
      await store.write((repos) => repos.notes.markRead('s2', ['note-2'], NOW + 20));
      expect(await store.read((repos) => repos.notes.unread('s2'))).toBe(1);
      await store.write((repos) => repos.notes.markRead('s2', null, NOW + 30));
      expect((await store.read((repos) => repos.notes.mentions('s2', 10))).map(({ readAt }) => readAt)).toEqual([NOW + 30, NOW + 20]);
    });

    it('keeps one draft a seat and conversation, sealed', async () => {
      const { store, raw } = subject();
      await store.write(async ({ drafts }) => {
        await drafts.put('s1', 'c1', '写到一半', NOW);
        await drafts.put('s1', 'c1', '写到一大半', NOW + 1);
        await drafts.put('s2', 'c1', '别人的', NOW);
      });
      expect(await store.read((repos) => repos.drafts.get('s1', 'c1'))).toEqual({ text: '写到一大半', at: NOW + 1 });
      expect(JSON.stringify(await raw('select * from reply_drafts'))).not.toContain('写到');
      await store.write((repos) => repos.drafts.remove('s1', 'c1'));
      expect([await store.read((repos) => repos.drafts.get('s1', 'c1')), await store.read((repos) => repos.drafts.get('s2', 'c1'))]).toEqual([null, { text: '别人的', at: NOW }]);
      await store.write((repos) => repos.drafts.put('s3', 'c1', '旧的', NOW - 10));
      expect(await store.write((repos) => repos.drafts.removeOld(NOW, 10))).toBe(1);
      expect([await store.read((repos) => repos.drafts.get('s3', 'c1')), (await store.read((repos) => repos.drafts.get('s2', 'c1')))?.at]).toEqual([null, NOW]);
    });

    it('finds every conversation of a citizen, newest first', async () => {
      const { store } = subject();
      const one = await makeConversation(store, { channel: 'webchat', now: NOW });
      const two = await makeConversation(store, { channel: 'wechat', citizenId: one.citizenId, now: NOW + 5 });
      await makeConversation(store, { channel: 'wechat', now: NOW + 9 });
      expect((await store.read((repos) => repos.conversations.ofCitizen(one.citizenId, 10))).map(({ id }) => id)).toEqual([two.id, one.id]);
      expect((await store.read((repos) => repos.conversations.ofCitizen(one.citizenId, 1))).map(({ id }) => id)).toEqual([two.id]);
    });
  });
}
