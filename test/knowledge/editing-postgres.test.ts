import { afterAll, describe, expect, it } from 'vitest';
import { approve, createKnowledgeUpkeep, startDraft, submit } from '../../src/knowledge/index.ts';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { testVault } from '../store/support.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { anEntry, openDesk, START, type Desk } from './support.ts';

/** What only happens where writers are beside each other. */
const server = await postgresForTests();

async function withDesk(fn: (desk: Desk) => Promise<void>): Promise<void> {
  if (server === null) throw new Error(POSTGRES_MISSING);
  const { url, drop } = await server.migrated();
  const store = await openPostgresStore({ url, vault: testVault() });
  try {
    await fn(await openDesk(store));
  } finally {
    await store.close();
    await drop();
  }
}

if (server === null) {
  describe.skip('editing on PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  describe('editing on PostgreSQL', () => {
    it('publishes once, whoever decides and whichever node looks', () =>
      withDesk(async (desk) => {
        const review = await submit(desk, desk.li, (await startDraft(desk, desk.li, { entry: anEntry() })).id, 1);
        const outcomes = await Promise.allSettled([desk.wang, desk.chen, desk.wang, desk.chen].map((editor) => approve(desk, editor, review.id, { version: review.version, verdict: null, publishAt: START + 10 })));
        const reviewers = new Set(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.reviewer] : [])));
        expect(reviewers.size).toBe(1);
        const looks = await Promise.all(Array.from({ length: 5 }, () => createKnowledgeUpkeep(desk).tick(START + 10)));
        expect(looks.map(({ published }) => published).toSorted()).toEqual([0, 0, 0, 0, 1]);
        expect(desk.announced()).toBe(1);
        expect((await desk.trail()).filter((line) => line.includes('published'))).toHaveLength(1);
      }));

    it('lets many work on many entries at once', () =>
      withDesk(async (desk) => {
        const many = Array.from({ length: 12 }, (_, index) => `x.${String(index).padStart(2, '0')}`);
        await Promise.all([
          ...many.map(async (id) => {
            const draft = await startDraft(desk, desk.li, { entry: anEntry({ id, reviewOn: '2026-11-30' }) });
            const review = await submit(desk, desk.li, draft.id, 1);
            await approve(desk, desk.chen, draft.id, { version: review.version, verdict: null, publishAt: START });
          }),
          desk.sync(anEntry({ id: 'y.file' })),
        ]);
        const changes = await desk.store.read((repos) => repos.knowledge.changes(0, 100));
        expect(changes.map(({ changeSeq }) => changeSeq)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
        expect(changes.map(({ id }) => id).toSorted()).toEqual([...many, 'y.file']);
        expect(await desk.store.read((repos) => repos.trail.verify())).toBeNull();
        const looks = await Promise.all(Array.from({ length: 4 }, () => createKnowledgeUpkeep(desk).tick(START)));
        expect(looks.reduce((sum, { reminded }) => sum + reminded, 0)).toBe(12);
        expect(await desk.store.read((repos) => repos.knowledgeTasks.openCount())).toBe(12);
      }));
  });
}
