import { describe, expect, it } from 'vitest';
import { asExternalId, type ActivityContent } from '../../../src/domain/activity.ts';
import { aMessage, anActivityDraft } from '../../factories/index.ts';
import { makeConversation, NOW, type Subject } from './support.ts';

export function activityContract(subject: Subject): void {
  describe('activities', () => {
    it('appends with the next seqs and bumps the conversation, but not its version', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store, { channel: 'wechat' });
      const drafts = [anActivityDraft({ at: NOW + 5 }), anActivityDraft({ at: NOW + 9, direction: 'out', role: 'bot' }), anActivityDraft({ at: NOW + 7, role: 'seat', seatId: 's1', direction: 'out' })];
      const appended = await store.write((repos) => repos.activities.append(conversation.id, drafts));
      expect(appended.map((activity) => activity.seq)).toEqual([1, 2, 3]);
      for (const [index, { sealed: _sealed, ...draft }] of drafts.entries()) {
        expect(appended[index]).toEqual({ ...draft, conversationId: conversation.id, channel: 'wechat', seq: index + 1 });
      }
      expect(await store.read((repos) => repos.conversations.get(conversation.id))).toEqual({ ...conversation, lastSeq: 3, lastActivityAt: NOW + 9 });
      expect(await store.read((repos) => repos.activities.after(conversation.id, 0, 10))).toEqual(appended);
      await store.write((repos) => repos.activities.append(conversation.id, [anActivityDraft({ at: NOW })]));
      expect(await store.read((repos) => repos.conversations.get(conversation.id))).toMatchObject({ lastSeq: 4, lastActivityAt: NOW + 9 });
    });

    it('appends nothing for no drafts, and refuses an unknown conversation', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      expect(await store.write((repos) => repos.activities.append(id, []))).toEqual([]);
      await expect(store.write((repos) => repos.activities.append('nobody', [anActivityDraft()]))).rejects.toMatchObject({ code: 'conversation.not_found', status: 404 });
    });

    it('keeps seqs without gaps under concurrent appends, failed ones among them', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const tries = await Promise.allSettled(
        Array.from({ length: 40 }, (_, index) =>
          store.write(async (repos) => {
            await repos.activities.append(id, [anActivityDraft(), anActivityDraft({ externalId: asExternalId(`message ${index}`) })]);
            if (index % 4 === 0) throw new Error('rolled back');
          }),
        ),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(30);
      const seqs = (await store.read((repos) => repos.activities.after(id, 0, 1000))).map((activity) => activity.seq);
      expect(seqs).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    });

    it('refuses an external id twice on a channel, in any conversation', async () => {
      const { store } = subject();
      const first = await makeConversation(store, { channel: 'wechat' });
      const second = await makeConversation(store, { channel: 'wechat' });
      const elsewhere = await makeConversation(store, { channel: 'webchat' });
      const externalId = asExternalId('msg-1');
      const [stored] = await store.write((repos) => repos.activities.append(first.id, [anActivityDraft({ externalId })]));
      for (const id of [first.id, second.id]) {
        await expect(store.write((repos) => repos.activities.append(id, [anActivityDraft(), anActivityDraft({ externalId })]))).rejects.toMatchObject({ code: 'activity.duplicate' });
      }
      await store.write((repos) => repos.activities.append(elsewhere.id, [anActivityDraft({ externalId })]));
      expect(await store.read((repos) => repos.activities.findByExternalId('wechat', externalId))).toEqual(stored);
      expect(await store.read((repos) => repos.activities.findByExternalId('wechat', asExternalId('msg-2')))).toBeNull();
      expect((await store.read((repos) => repos.conversations.get(first.id)))?.lastSeq).toBe(1);
    });

    it('stores one of many deliveries of the same message at once', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const tries = await Promise.allSettled(Array.from({ length: 10 }, () => store.write((repos) => repos.activities.append(id, [anActivityDraft({ externalId: asExternalId('resent') })]))));
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))).toEqual(Array.from({ length: 9 }, () => expect.objectContaining({ code: 'activity.duplicate' })));
      expect((await store.read((repos) => repos.conversations.get(id)))?.lastSeq).toBe(1);
    });

    it('gives back every kind of content and the channel envelope untouched', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const contents: ActivityContent[] = [
        aMessage({ speak: '请说', choices: [{ title: '是', value: 'yes', key: '1' }], attachments: [{ contentType: 'image/png', url: 'media:x', sizeBytes: 3 }], source: { title: '指引' }, value: { a: [1, null] }, keys: '0', confidence: 0.25, inputHint: 'expectingInput' }),
        { type: 'event', name: 'enter', value: null },
        { type: 'typing' },
        { type: 'endOfConversation', code: 'completedSuccessfully' },
        { type: 'unsupported', kind: 'sticker' },
      ];
      const envelopes = [{ clientActivityID: 'x', z: 1, a: { deep: [true] } }, [1, '2'], 'text', 5, null];
      const appended = await store.write((repos) => repos.activities.append(id, contents.map((content, index) => anActivityDraft({ content, channelData: envelopes[index] ?? null }))));
      const stored = await store.read((repos) => repos.activities.after(id, 0, 10));
      expect(stored).toEqual(appended);
      expect(stored.map((activity) => activity.content)).toEqual(contents);
      expect(JSON.stringify(stored.map((activity) => activity.channelData))).toBe(JSON.stringify(envelopes));
    });

    it('seals the original', async () => {
      const { store, raw } = subject();
      const { id } = await makeConversation(store);
      const [masked, plain] = await store.write((repos) => repos.activities.append(id, [anActivityDraft({ content: aMessage({ text: '我的电话是138****8000' }), sealed: '我的电话是13800138000' }), anActivityDraft()]));
      expect(await store.read((repos) => repos.activities.unsealed(masked?.id ?? ''))).toBe('我的电话是13800138000');
      expect(await store.read((repos) => repos.activities.unsealed(plain?.id ?? ''))).toBeNull();
      expect(await store.read((repos) => repos.activities.unsealed('nothing'))).toBeNull();
      expect(JSON.stringify(await raw('select * from activities'))).not.toContain('13800138000');
    });

    it('reads by watermark, from the end, between and by ids', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const other = await makeConversation(store);
      const all = await store.write((repos) => repos.activities.append(id, Array.from({ length: 7 }, () => anActivityDraft())));
      const [foreign] = await store.write((repos) => repos.activities.append(other.id, [anActivityDraft()]));
      await store.read(async ({ activities }) => {
        const seqs = (list: readonly { readonly seq: number }[]): readonly number[] => list.map((activity) => activity.seq);
        expect(seqs(await activities.after(id, 2, 3))).toEqual([3, 4, 5]);
        expect(seqs(await activities.after(id, 7, 3))).toEqual([]);
        expect(seqs(await activities.latest(id, 3))).toEqual([5, 6, 7]);
        expect(seqs(await activities.latest(id, 100))).toEqual([1, 2, 3, 4, 5, 6, 7]);
        expect(seqs(await activities.between(id, 2, 5))).toEqual([3, 4, 5]);
        expect(seqs(await activities.between(id, 5, 5))).toEqual([]);
        expect(await activities.get(all[3]?.id ?? '')).toEqual(all[3]);
        expect(await activities.get('nothing')).toBeNull();
        expect(await activities.getMany([all[6]?.id ?? '', 'nothing', foreign?.id ?? '', all[0]?.id ?? ''])).toEqual([all[6], foreign, all[0]]);
        expect(await activities.getMany([])).toEqual([]);
      });
    });

    it('appends and changes the conversation in one step', async () => {
      const { store } = subject();
      const before = await makeConversation(store);
      const drafts = [anActivityDraft({ at: NOW + 7 }), anActivityDraft({ direction: 'out', role: 'bot', at: NOW + 5 })];
      const { conversation, activities } = await store.write((repos) => repos.activities.appendWith(before, { owner: 'waiting', waitingSince: NOW, unread: 3 }, drafts));
      expect(activities.map((activity) => [activity.id, activity.seq])).toEqual(drafts.map((draft, index) => [draft.id, before.lastSeq + 1 + index]));
      expect(conversation).toMatchObject({ owner: 'waiting', waitingSince: NOW, unread: 3, lastSeq: before.lastSeq + 2, lastActivityAt: NOW + 7, collectedSeq: before.collectedSeq, version: before.version + 1 });
      await store.read(async (repos) => {
        expect(await repos.conversations.get(before.id)).toEqual(conversation);
        expect(await repos.activities.after(before.id, before.lastSeq, 10)).toEqual(activities);
        expect(await repos.conversations.counts()).toMatchObject({ bot: 0, waiting: 1 });
      });
    });

    it('counts everything as heard when the answer carries it', async () => {
      const { store } = subject();
      const before = await makeConversation(store);
      const { conversation } = await store.write(async (repos) => {
        const appended = await repos.activities.appendWith(before, {}, [anActivityDraft(), anActivityDraft({ direction: 'out' })], true);
        await repos.replies.insert({ channel: before.channel, externalId: asExternalId('call-1'), conversationId: before.id, fromSeq: before.collectedSeq, toSeq: appended.conversation.lastSeq, now: NOW });
        return appended;
      });
      expect(conversation.collectedSeq).toBe(conversation.lastSeq);
      expect(await store.read((repos) => repos.conversations.get(before.id))).toEqual(conversation);
      expect(await store.write((repos) => repos.replies.collect({ channel: before.channel, externalId: asExternalId('call-1'), conversationId: before.id, now: NOW }))).toEqual({ fromSeq: before.collectedSeq, toSeq: conversation.lastSeq, repeated: true });
    });

    it('refuses to change a conversation that is not as it was read, and appends nothing', async () => {
      const { store } = subject();
      const before = await makeConversation(store);
      await store.write((repos) => repos.conversations.update(before.id, before.version, { unread: 1 }));
      await expect(store.write((repos) => repos.activities.appendWith(before, {}, [anActivityDraft()]))).rejects.toMatchObject({ code: 'conversation.conflict' });
      expect(await store.read((repos) => repos.activities.latest(before.id, 5))).toEqual([]);
    });

    it('refuses the second of two equal messages although the first one is not committed yet', async () => {
      const { store } = subject();
      const before = await makeConversation(store);
      const append = () => store.write(async (repos) => repos.activities.append(before.id, [anActivityDraft({ externalId: asExternalId('same') })]));
      const [first, second] = await Promise.allSettled([append(), append()]);
      const refused = [first, second].filter((result) => result.status === 'rejected');
      expect(refused).toHaveLength(1);
      expect(refused[0]).toMatchObject({ reason: { code: 'activity.duplicate' } });
      // Who is told of a duplicate finds the first one.
      expect(await store.read((repos) => repos.activities.findByExternalId(before.channel, asExternalId('same')))).not.toBeNull();
    });

    it('reads more ids than one statement carries', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const all = await store.write((repos) => repos.activities.append(id, Array.from({ length: 1203 }, () => anActivityDraft())));
      expect(await store.read((repos) => repos.activities.getMany(all.map((activity) => activity.id)))).toEqual(all);
    });

    it('keeps delivery receipts in order', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      const receipts = [
        { activityId: 'a1', conversationId: id, status: 'retrying', code: 'peer.busy', at: NOW + 1 },
        { activityId: 'a1', conversationId: id, status: 'failed', code: 'peer.gone', at: NOW },
        { activityId: 'a2', conversationId: id, status: 'delivered', code: null, at: NOW + 2 },
      ] as const;
      for (const receipt of receipts) await store.write((repos) => repos.activities.addReceipt(receipt));
      expect(await store.read((repos) => repos.activities.receipts(id))).toEqual(receipts);
      expect(await store.read((repos) => repos.activities.receipts('nobody'))).toEqual([]);
    });
  });

  describe('replies', () => {
    const collect = (conversationId: string, externalId: string) => subject().store.write((repos) => repos.replies.collect({ channel: 'phone', externalId: asExternalId(externalId), conversationId, now: NOW }));

    it('answers a repeated request with the same range', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store, { channel: 'phone' });
      const say = (amount: number) => store.write((repos) => repos.activities.append(id, Array.from({ length: amount }, () => anActivityDraft({ direction: 'out', role: 'bot' }))));
      expect(await collect(id, 'r1')).toEqual({ fromSeq: 0, toSeq: 0, repeated: false });
      await say(2);
      expect(await collect(id, 'r2')).toEqual({ fromSeq: 0, toSeq: 2, repeated: false });
      await say(3);
      expect(await collect(id, 'r2')).toEqual({ fromSeq: 0, toSeq: 2, repeated: true });
      expect(await collect(id, 'r3')).toEqual({ fromSeq: 2, toSeq: 5, repeated: false });
      expect(await collect(id, 'r3')).toEqual({ fromSeq: 2, toSeq: 5, repeated: true });
      expect(await store.read((repos) => repos.conversations.get(id))).toMatchObject({ collectedSeq: 5, version: 3 });
    });

    it('goes by what the peer says it has heard, when it says so', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store, { channel: 'phone' });
      const say = () => store.write((repos) => repos.activities.append(id, [anActivityDraft({ direction: 'out', role: 'bot' })]));
      const heard = (request: string, heardUpTo: number) => store.write((repos) => repos.replies.collect({ channel: 'phone', externalId: asExternalId(request), conversationId: id, heardUpTo, now: NOW }));
      await say();
      await collect(id, 'r1');
      await say();
      // What r1 was answered with never arrived.
      expect(await heard('r2', 0)).toEqual({ fromSeq: 0, toSeq: 2, repeated: false });
      expect(await heard('r2', 2)).toEqual({ fromSeq: 0, toSeq: 2, repeated: true });
      expect(await heard('r3', 99)).toEqual({ fromSeq: 2, toSeq: 2, repeated: false });
      await say();
      expect(await collect(id, 'r4')).toEqual({ fromSeq: 2, toSeq: 3, repeated: false });
    });

    it('knows the range of a request that was answered in its own transaction', async () => {
      const { store } = subject();
      const before = await makeConversation(store, { channel: 'phone' });
      const waited = await store.write((repos) => repos.activities.append(before.id, [anActivityDraft({ direction: 'out', role: 'bot' })]));
      const stored = await store.read((repos) => repos.conversations.get(before.id));
      if (stored === null) throw new Error('no conversation');
      const answered = anActivityDraft({ externalId: asExternalId('call-1') });
      const { conversation } = await store.write((repos) => repos.activities.appendWith(stored, {}, [answered, anActivityDraft({ direction: 'out', externalId: asExternalId('not-asked') })], true));
      expect(waited).toHaveLength(1);
      await store.write((repos) => repos.activities.append(before.id, [anActivityDraft({ direction: 'out', role: 'bot' })]));
      expect(await collect(before.id, 'call-1')).toEqual({ fromSeq: 0, toSeq: 3, repeated: true });
      expect(await collect(before.id, 'not-asked')).toEqual({ fromSeq: conversation.collectedSeq, toSeq: 4, repeated: false });
      // A message without an answer of its own has none.
      await store.write((repos) => repos.activities.append(before.id, [anActivityDraft({ externalId: asExternalId('call-2') })]));
      expect(await collect(before.id, 'call-2')).toEqual({ fromSeq: 4, toSeq: 5, repeated: false });
    });

    it('gives the same request at once one range', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store, { channel: 'phone' });
      await store.write((repos) => repos.activities.append(id, [anActivityDraft(), anActivityDraft()]));
      const answers = await Promise.all([collect(id, 'r1'), collect(id, 'r1'), collect(id, 'r1')]);
      expect(answers.map(({ fromSeq, toSeq }) => [fromSeq, toSeq])).toEqual([[0, 2], [0, 2], [0, 2]]);
      expect(answers.filter((answer) => !answer.repeated)).toHaveLength(1);
    });

    it('gives two requests at once each activity once', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store, { channel: 'phone' });
      await store.write((repos) => repos.activities.append(id, [anActivityDraft(), anActivityDraft()]));
      const answers = await Promise.all([collect(id, 'r1'), collect(id, 'r2')]);
      expect(answers.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq, 0)).toBe(2);
    });

    it('refuses a conversation that is not there', async () => {
      await expect(collect('nobody', 'r1')).rejects.toMatchObject({ code: 'conversation.not_found' });
    });
  });
}
