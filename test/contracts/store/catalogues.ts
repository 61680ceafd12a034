import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/store/contract.ts';
import { NOW, type Subject } from './support.ts';

export function catalogueContract(subject: Subject): void {
  const draft = (over: Partial<Catalogue> = {}) => ({ kind: 'items' as const, body: { scheme: 'demo', items: ['噪声', 1, null] }, note: '第一版', author: 'seat-1', createdAt: NOW, ...over });

  describe('catalogues', () => {
    it('number their versions by kind and keep the body as it is', async () => {
      const { store } = subject();
      const versions = await store.write(async (repos) => [await repos.catalogues.add(draft()), await repos.catalogues.add(draft()), await repos.catalogues.add(draft({ kind: 'dispatch' }))]);
      expect(versions.map(({ kind, version, state }) => [kind, version, state])).toEqual([['items', 1, 'draft'], ['items', 2, 'draft'], ['dispatch', 1, 'draft']]);
      expect(await store.read((repos) => repos.catalogues.get('items', 2))).toEqual({ ...draft(), version: 2, state: 'draft', publishedBy: null, publishedAt: null });
      expect(await store.read((repos) => repos.catalogues.get('items', 3))).toBeNull();
    });

    it('have one published version; the one before is retired', async () => {
      const { store } = subject();
      await store.write(async (repos) => {
        for (let count = 0; count < 3; count += 1) await repos.catalogues.add(draft());
        await repos.catalogues.publish('items', 1, 'seat-2', NOW + 1);
      });
      expect(await store.read((repos) => repos.catalogues.publishedVersion('items'))).toBe(1);
      expect(await store.write((repos) => repos.catalogues.publish('items', 3, 'seat-2', NOW + 2))).toMatchObject({ state: 'published', publishedBy: 'seat-2', publishedAt: NOW + 2 });
      expect((await store.read((repos) => repos.catalogues.list('items', 9))).map(({ version, state }) => [version, state])).toEqual([[3, 'published'], [2, 'draft'], [1, 'retired']]);
      expect(await store.read((repos) => repos.catalogues.published('items'))).toMatchObject({ version: 3, body: draft().body });
      expect(await store.read(async (repos) => [await repos.catalogues.published('dispatch'), await repos.catalogues.publishedVersion('dispatch')])).toEqual([null, 0]);
      await store.write(async (repos) => {
        await repos.catalogues.add(draft({ kind: 'calendar' }));
        await repos.catalogues.publish('calendar', 1, 'seat-2', NOW);
      });
      expect((await store.read((repos) => repos.catalogues.publishedVersions())).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([{ kind: 'calendar', version: 1 }, { kind: 'items', version: 3 }]);
    });

    it('only a draft can be changed or published, and a refused publication leaves all as it was', async () => {
      const { store } = subject();
      await store.write(async (repos) => {
        await repos.catalogues.add(draft());
        expect(await repos.catalogues.change('items', 1, { body: { scheme: 'other' }, note: '改' })).toMatchObject({ body: { scheme: 'other' }, note: '改', state: 'draft' });
        await repos.catalogues.publish('items', 1, 'seat-2', NOW);
      });
      await expect(store.write((repos) => repos.catalogues.change('items', 1, { body: {}, note: '' }))).rejects.toMatchObject({ code: 'catalogue.not_draft' });
      await expect(store.write((repos) => repos.catalogues.publish('items', 1, 'seat-3', NOW))).rejects.toMatchObject({ code: 'catalogue.not_draft' });
      await expect(store.write((repos) => repos.catalogues.publish('items', 7, 'seat-3', NOW))).rejects.toMatchObject({ code: 'catalogue.not_draft' });
      expect(await store.read((repos) => repos.catalogues.published('items'))).toMatchObject({ version: 1, publishedBy: 'seat-2', body: { scheme: 'other' } });
    });

    it('a draft that is thrown away is gone with its body, and its number is never given again', async () => {
      const { store, raw } = subject();
      await store.write(async (repos) => {
        await repos.catalogues.add(draft());
        await repos.catalogues.drop('items', 1);
      });
      expect(await store.read(async (repos) => [await repos.catalogues.get('items', 1), await repos.catalogues.list('items', 9)])).toEqual([null, []]);
      expect(JSON.stringify(await raw('select * from catalogues'))).not.toContain('噪声');
      expect((await store.write((repos) => repos.catalogues.add(draft()))).version).toBe(2);
      await store.write((repos) => repos.catalogues.publish('items', 2, 'seat-2', NOW));
      for (const version of [1, 2, 7]) await expect(store.write((repos) => repos.catalogues.drop('items', version))).rejects.toMatchObject({ code: 'catalogue.not_draft' });
    });

    it('drafts that begin at the same moment get different numbers', async () => {
      const { store } = subject();
      const made = await Promise.all(Array.from({ length: 4 }, () => store.write((repos) => repos.catalogues.add(draft()))));
      expect(made.map(({ version }) => version).toSorted()).toEqual([1, 2, 3, 4]);
    });
  });

  describe('corrections of items', () => {
    it('are read oldest first, page by page', async () => {
      const { store } = subject();
      const correction = (id: string, suggested: string | null = null) => ({ id, ticketId: 't1', text: '路灯不亮', suggested, chosen: 'city.street-lamp', by: 'seat-1', at: NOW });
      await store.write(async (repos) => {
        for (const id of ['c2', 'c1', 'c3']) await repos.itemCorrections.insert(correction(id, id === 'c1' ? 'city.tree' : null));
      });
      expect(await store.read((repos) => repos.itemCorrections.list({ limit: 2 }))).toEqual([correction('c1', 'city.tree'), correction('c2')]);
      expect((await store.read((repos) => repos.itemCorrections.list({ afterId: 'c2', limit: 2 }))).map(({ id }) => id)).toEqual(['c3']);
    });
  });
}
