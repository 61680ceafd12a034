import { describe, expect, it } from 'vitest';
import type { TrailFilter, TrailMark } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

/** Dead letters, channels and the trail as those who keep the house running look at them. */
export function operationContract(subject: Subject): void {
  describe('dead letters', () => {
    const add = (id: string, over: { readonly lane?: string; readonly kind?: string } = {}) => subject().store.write((repos) => repos.outbox.add([{ id, lane: over.lane ?? `send:${id}`, kind: over.kind ?? 'deliver', payload: { conversationId: id }, availableAt: NOW, blocking: true, now: NOW }]));
    const bury = (id: string, error: string, at: number) => subject().store.write((repos) => repos.outbox.bury(id, error, at));

    it('are found by kind, error and words, page by page, and told by groups', async () => {
      const { store } = subject();
      for (const [id, error, kind] of [['a', 'wechat.45015', 'deliver'], ['b', 'wechat.45015', 'deliver'], ['c', 'db.away', 'turn']] as const) {
        await add(id, { kind });
        await bury(id, error, NOW + id.charCodeAt(0));
      }
      await add('alive');
      const ids = async (filter: Parameters<typeof list>[0]) => (await list(filter)).map(({ id }) => id);
      const list = (filter: { readonly kind?: string; readonly error?: string; readonly q?: string; readonly limit?: number; readonly before?: { readonly at: number; readonly position: number } }) => store.read((repos) => repos.deadLetters.list({ limit: 10, ...filter }));
      expect([await ids({}), await ids({ kind: 'turn' }), await ids({ error: 'wechat.45015' }), await ids({ q: 'send:b' }), await ids({ q: '%' })]).toEqual([['c', 'b', 'a'], ['c'], ['b', 'a'], ['b'], ['c', 'b', 'a']]);
      const [last] = await list({ limit: 1 });
      expect(await ids({ before: { at: last?.availableAt ?? 0, position: last?.position ?? 0 } })).toEqual(['b', 'a']);
      expect(await store.read((repos) => repos.deadLetters.groups())).toEqual([
        { kind: 'deliver', error: 'wechat.45015', amount: 2, oldestAt: NOW, newestAt: NOW + 98 }, { kind: 'turn', error: 'db.away', amount: 1, oldestAt: NOW, newestAt: NOW + 99 },
      ]);
    });

    it('are discarded once, and nothing that lives is', async () => {
      const { store } = subject();
      await add('a');
      expect(await store.write((repos) => repos.deadLetters.discard('a'))).toBeNull();
      await bury('a', 'x', NOW);
      expect(await store.write((repos) => repos.deadLetters.discard('a'))).toMatchObject({ id: 'a', lastError: 'x' });
      expect(await store.write((repos) => repos.deadLetters.discard('a'))).toBeNull();
    });
  });

  describe('the trail', () => {
    const append = (at: number, actor: string, action: string, about: string, purpose: string | null = null) => subject().store.write((repos) => repos.trail.append({ at, actor, action, subject: about, purpose }));
    const search = async (filter: TrailFilter, page: { readonly limit: number; readonly before?: number } = { limit: 10 }) => {
      const { entries, next } = await subject().store.read((repos) => repos.trail.search(filter, page));
      return [entries.map(({ seq }) => seq), next];
    };
    const fill = async (): Promise<void> => {
      await append(NOW, 'seat:a', 'seat.signed_in', 'seat:a');
      await append(NOW + 1, 'seat:a', 'identity.unmasked', 'citizen:c1', '回拨市民');
      await append(NOW + 2, 'seat:b', 'catalogue.drafted', 'catalogue:items/1');
      await append(NOW + 3, 'seat:b', 'catalogue.published', 'catalogue:items/12', '100% 改');
      await append(NOW + 4, 'system', 'catalogue.published', 'catalogue:dispatch/1');
    };

    it('is searched by who, what, about what, why and when, newest first', async () => {
      await fill();
      expect(await search({})).toEqual([[5, 4, 3, 2, 1], null]);
      expect(await search({ actor: 'seat:a' })).toEqual([[2, 1], null]);
      expect(await search({ actions: ['catalogue.published', 'identity.unmasked'] })).toEqual([[5, 4, 2], null]);
      expect(await search({ subject: 'catalogue:items/1' })).toEqual([[3], null]);
      expect(await search({ subject: 'catalogue:items/*' })).toEqual([[4, 3], null]);
      expect(await search({ purpose: '回拨' })).toEqual([[2], null]);
      // A sign that stands for anything in a pattern is no wish for everything.
      expect(await search({ purpose: '%', actor: 'seat:b' })).toEqual([[4], null]);
      expect(await search({ from: NOW + 1, to: NOW + 3 })).toEqual([[3, 2], null]);
      expect(await search({}, { limit: 2 })).toEqual([[5, 4], 4]);
      expect(await search({}, { limit: 2, before: 4 })).toEqual([[3, 2], 2]);
      expect(await search({ actor: 'nobody' })).toEqual([[], null]);
    });

    it('is checked in stretches, and a break is found where it is', async () => {
      const { store, raw } = subject();
      await store.write(async (repos) => {
        for (let count = 0; count < 1_005; count += 1) await repos.trail.append({ at: NOW, actor: 'system', action: 'x', subject: 'y:1', purpose: null });
      });
      const check = (from: TrailMark | null) => store.read((repos) => repos.trail.check(from));
      const first = await check(null);
      expect(first).toMatchObject({ upTo: { seq: 1_000 }, brokenAt: null, done: false });
      expect(await check(first.upTo)).toMatchObject({ upTo: { seq: 1_005 }, brokenAt: null, done: true });
      expect(await store.read((repos) => repos.trail.head())).toBe(1_005);
      await raw("update trail set purpose = 'z' where seq = 1003");
      expect(await check(first.upTo)).toMatchObject({ brokenAt: 1_003, done: true });
      expect(await store.read((repos) => repos.trail.verify())).toBe(1_003);
    });
  });
}
