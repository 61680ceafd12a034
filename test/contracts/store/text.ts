import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asAddress, asExternalId } from '../../../src/domain/activity.ts';
import type { JsonValue } from '../../../src/domain/json.ts';
import { aMessage, anActivityDraft, anOutboxDraft, aTicket } from '../../factories/index.ts';
import { makeCitizen, makeConversation, NOW, type Subject } from './support.ts';

/** Astral plane, combining, right-to-left, zero-width joiners, quotes, backslashes, the pattern language, line ends. */
const ODD = '你好😀👩‍👩‍👧 é é עברית 𠮷 \u200b \'";--\\ %_ \r\n\t \u2028 \ufeff 🇨🇳';

export function textContract(subject: Subject): void {
  describe('text and numbers', () => {
    it('keeps unicode as it came', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store, { address: asAddress(ODD) });
      const draft = anActivityDraft({ content: aMessage({ text: ODD }), channelData: { [ODD]: ODD }, sealed: ODD, externalId: asExternalId(ODD) });
      await store.write((repos) => repos.activities.append(id, [draft]));
      await store.write((repos) => repos.conversations.saveState(id, { [ODD]: [ODD] }));
      await store.read(async ({ conversations, activities }) => {
        expect((await conversations.findByAddress('webchat', asAddress(ODD)))?.id).toBe(id);
        expect(await activities.findByExternalId('webchat', asExternalId(ODD))).toMatchObject({ content: draft.content, channelData: draft.channelData });
        expect(await activities.unsealed(draft.id)).toBe(ODD);
        expect(await conversations.loadState(id)).toEqual({ [ODD]: [ODD] });
      });
    });

    it('tells addresses apart that only look alike', async () => {
      const { store } = subject();
      const ids = [];
      for (const address of ['abc', 'ABC', 'abc ', 'ábc', 'a\u0301bc']) ids.push((await makeConversation(store, { address: asAddress(address) })).id);
      expect(new Set(ids).size).toBe(5);
    });

    it('takes a message with NUL: kept inside JSON and sealed text, replaced in keys and plain text', async () => {
      const { store } = subject();
      const nul = 'a\u0000b';
      const conversation = await makeConversation(store, { address: asAddress(nul) });
      expect(conversation.address).toBe('a\ufffdb');
      expect((await makeConversation(store, { address: asAddress(nul) })).id).toBe(conversation.id);
      const draft = anActivityDraft({ externalId: asExternalId(nul), content: aMessage({ text: nul }), channelData: { clientActivityID: nul }, sealed: nul });
      await store.write((repos) => repos.activities.append(conversation.id, [draft]));
      await expect(store.write((repos) => repos.activities.append(conversation.id, [anActivityDraft({ externalId: asExternalId(nul) })]))).rejects.toMatchObject({ code: 'activity.duplicate' });
      await store.write((repos) => repos.conversations.saveState(conversation.id, { said: nul }));
      await store.read(async ({ conversations, activities }) => {
        expect((await conversations.findByAddress('webchat', asAddress(nul)))?.id).toBe(conversation.id);
        expect(await activities.findByExternalId('webchat', asExternalId(nul))).toMatchObject({ externalId: 'a\ufffdb', content: { text: nul }, channelData: { clientActivityID: nul } });
        expect(await activities.unsealed(draft.id)).toBe(nul);
        expect(await conversations.loadState(conversation.id)).toEqual({ said: nul });
      });
      const citizenId = await makeCitizen(store, { externalUserId: nul, phone: null, displayName: nul });
      await store.write((repos) => repos.tickets.insert(aTicket({ id: 't1', citizenId, title: nul, content: nul }), null));
      expect(await store.read((repos) => repos.tickets.get('t1'))).toMatchObject({ title: 'a\ufffdb', content: 'a\ufffdb' });
      expect(await store.read((repos) => repos.tickets.list({ text: nul, limit: 5 }))).toHaveLength(1);
      await store.write((repos) => repos.channelState.put('webchat', nul, nul, null));
      expect(await store.write((repos) => repos.channelState.get('webchat', nul, NOW))).toBe(nul);
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: nul, lane: nul, payload: { nul } })]));
      expect(await store.read((repos) => repos.outbox.due(nul, NOW, 5))).toMatchObject([{ lane: 'a\ufffdb', payload: { nul } }]);
      expect(await store.write((repos) => repos.outbox.complete(nul))).toBe(true);
    });

    it('replaces lone surrogates alike, and leaves pairs alone', async () => {
      const { store } = subject();
      const citizenId = await makeCitizen(store);
      await store.write((repos) => repos.tickets.insert(aTicket({ id: 't1', citizenId, title: 'a\ud800b', content: '\udc00😀\ud83d' }), null));
      expect(await store.read((repos) => repos.tickets.get('t1'))).toMatchObject({ title: 'a\ufffdb', content: '\ufffd😀\ufffd' });
    });

    it('keeps the trail whole with odd text', async () => {
      const { store } = subject();
      for (const purpose of ['a\u0000b', '\ud800 alone', ODD, '']) {
        await store.write((repos) => repos.trail.append({ at: NOW, actor: `seat:${purpose}`, action: 'identity.unmasked', subject: `citizen:${purpose}`, purpose }));
      }
      expect(await store.read((repos) => repos.trail.verify())).toBeNull();
    });

    it('keeps numbers up to 2^53 - 1', async () => {
      const { store } = subject();
      const large = Number.MAX_SAFE_INTEGER;
      const { id } = await makeConversation(store, { now: large });
      await store.write((repos) => repos.conversations.update(id, 1, { lastInboundAt: large, unread: large, waitingSince: -large }));
      expect(await store.read((repos) => repos.conversations.get(id))).toMatchObject({ createdAt: large, lastInboundAt: large, unread: large, waitingSince: -large });
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'far', lane: 'L', availableAt: large })]));
      expect(await store.read((repos) => repos.outbox.nextDueAt(NOW))).toBe(large);
    });

    it('gives any JSON back as it came', async () => {
      const { store } = subject();
      const { id } = await makeConversation(store);
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 40 }), async (value, text) => {
          const channelData: JsonValue = JSON.parse(JSON.stringify(value));
          const [stored] = await store.write((repos) => repos.activities.append(id, [anActivityDraft({ channelData, content: aMessage({ text, value: channelData }) })]));
          const found = await store.read((repos) => repos.activities.get(stored?.id ?? ''));
          expect(JSON.stringify(found?.channelData)).toBe(JSON.stringify(channelData));
          expect(found?.content).toEqual(aMessage({ text, value: channelData }));
        }),
        { numRuns: 60 },
      );
    });
  });
}
