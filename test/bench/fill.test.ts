import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { createStore, createVault } from '../../src/store/index.ts';
import { fill, renewed } from './fill.ts';

const NOW = Date.UTC(2026, 10, 22, 4);
const vault = createVault(Buffer.alloc(32, 1));
const idOf = (index: number): string => `019a0000-0000-7000-8000-${String(index).padStart(12, '0')}`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yihu-fill-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One conversation: two messages, a state, a receipt. */
async function seed(): Promise<void> {
  const store = await createStore({ dataDir: folder, vault });
  await store.write(async (repos) => {
    const citizenId = await repos.citizens.resolve({ id: idOf(1), channel: 'webchat', externalUserId: 'dl_someone', phone: null, displayName: null, now: NOW });
    await repos.conversations.create({ id: idOf(2), channel: 'webchat', address: asAddress('address-of-it'), modality: 'text', locale: 'zh-CN', citizenId, now: NOW });
    await repos.activities.append(idOf(2), [
      { id: idOf(3), direction: 'in', externalId: asExternalId('external-1'), role: 'citizen', seatId: null, at: NOW, replyToId: null, content: { type: 'message', text: '居住证怎么办' }, channelData: null, sealed: null },
      { id: idOf(4), direction: 'out', externalId: null, role: 'bot', seatId: null, at: NOW, replyToId: idOf(3), content: { type: 'message', text: '请到窗口办理。' }, channelData: null, sealed: null },
    ]);
    await repos.conversations.saveState(idOf(2), { step: 'x' });
    await repos.activities.addReceipt({ activityId: idOf(4), conversationId: idOf(2), status: 'delivered', code: null, at: NOW });
  });
  await store.close();
}

describe('filling a store', () => {
  it('makes whole conversations that the house can work with', async () => {
    await seed();
    const made = await fill({ file: join(folder, 'yihu.sqlite3'), activities: 100, until: NOW, progress: () => undefined, stop: new AbortController().signal });
    expect(made).toBe(100);
    const store = await createStore({ dataDir: folder, vault });
    try {
      await store.read(async (repos) => {
        const conversations = await repos.conversations.list({ limit: 1000 });
        expect(conversations).toHaveLength(50);
        expect((await repos.conversations.counts()).bot).toBe(50);
        expect(new Set(conversations.map(({ citizenId }) => citizenId)).size).toBe(50);
        expect(new Set(conversations.map(({ address }) => address)).size).toBe(50);
        for (const { id, lastSeq, lastActivityAt } of conversations) {
          expect(lastSeq).toBe(2);
          expect(lastActivityAt).toBeLessThanOrEqual(NOW);
          expect(await repos.conversations.loadState(id)).toEqual({ step: 'x' });
          const [asked, said] = await repos.activities.after(id, 0, 10);
          expect([asked?.conversationId, said?.replyToId, asked?.content]).toEqual([id, asked?.id, { type: 'message', text: '居住证怎么办' }]);
          expect(await repos.activities.receipts(id)).toMatchObject([{ activityId: said?.id, conversationId: id }]);
        }
      });
    } finally {
      await store.close();
    }
  });

  it('says so when there is nothing to copy', async () => {
    await (await createStore({ dataDir: folder, vault })).close();
    await expect(fill({ file: join(folder, 'yihu.sqlite3'), activities: 10, until: NOW, progress: () => undefined, stop: new AbortController().signal })).rejects.toThrow('no conversation to copy');
  });

  it('gives ids that grow with time and are never the same', () => {
    const ids = Array.from({ length: 200 }, (_, copy) => renewed(idOf(1), copy, 3, NOW + copy));
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(renewed('20261122000018', 5, 1, NOW)).toMatch(/^1\d{13}$/);
    expect(renewed('abcdefghij', 5, 1, NOW)).toMatch(/^[\w-]{10}$/);
  });
});
