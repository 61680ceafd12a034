import { describe, expect, it } from 'vitest';
import type { KnowledgeRevision, KnowledgeTask } from '../../../src/store/contract.ts';
import { aKnowledgeEntry } from '../../factories/index.ts';
import { gapContract } from './gaps.ts';
import { NOW, type Subject } from './support.ts';

export function knowledgeContract(subject: Subject): void {
  entryContract(subject);
  revisionContract(subject);
  workContract(subject);
  gapContract(subject);
}

function entryContract(subject: Subject): void {
  describe('knowledge', () => {
    const sync = (...entries: ReturnType<typeof aKnowledgeEntry>[]) => subject().store.write((repos) => repos.knowledge.sync(entries, NOW));
    const publish = (entry: ReturnType<typeof aKnowledgeEntry>, revision: number, now = NOW) => subject().store.write((repos) => repos.knowledge.publish({ entry, revision, origin: 'desk', now }));
    const row = (id: string) => subject().store.read((repos) => repos.knowledge.row(id));
    const changes = (after: number, limit = 100) => subject().store.read((repos) => repos.knowledge.changes(after, limit));

    it('becomes equal to what is given and says how much changed', async () => {
      const { store } = subject();
      const a = aKnowledgeEntry({ id: 'x.a' });
      const b = aKnowledgeEntry({ id: 'x.b', towns: ['dongcheng'], audience: 'desk', source: { title: '指引', url: 'https://example.invalid/a' } });
      const c = aKnowledgeEntry({ id: 'x.c' });
      expect(await sync(b, a)).toBe(2);
      expect(await store.read((repos) => repos.knowledge.all())).toEqual([a, b]);
      expect(await sync(a, b)).toBe(0);
      expect(await sync({ ...a, answer: '改过的答复，供市民查阅。' }, c)).toBe(3);
      expect((await store.read((repos) => repos.knowledge.all())).map((entry) => [entry.id, entry.answer])).toEqual([['x.a', '改过的答复，供市民查阅。'], ['x.c', c.answer]]);
      expect(await store.read((repos) => repos.knowledge.get('x.c'))).toEqual(c);
      expect(await store.read((repos) => repos.knowledge.get('x.b'))).toBeNull();
      expect(await row('x.a')).toMatchObject({ state: 'published', origin: 'file', revision: 2 });
      expect(await row('x.b')).toMatchObject({ state: 'retired', origin: 'file', revision: 1, entry: b });
      expect(await sync()).toBe(2);
      expect(await sync()).toBe(0);
      expect(await store.read((repos) => repos.knowledge.all())).toEqual([]);
      expect(await sync(b)).toBe(1);
      expect(await row('x.b')).toMatchObject({ state: 'published', revision: 1 });
    });

    it('leaves to the editors what they have published or taken back', async () => {
      const { store } = subject();
      const [a, b] = [aKnowledgeEntry({ id: 'x.a' }), aKnowledgeEntry({ id: 'x.b' })];
      await sync(a, b);
      const edited = { ...a, answer: '编辑改过的答复，供市民查阅。' };
      expect(await publish(edited, 2, NOW + 1)).toEqual({ id: 'x.a', state: 'published', origin: 'desk', revision: 2, entry: edited, changeSeq: 3, updatedAt: NOW + 1 });
      expect(await store.write((repos) => repos.knowledge.retire('x.b', NOW + 2))).toBe(true);
      expect(await store.write((repos) => repos.knowledge.retire('x.b', NOW + 3))).toBe(false);
      expect(await store.write((repos) => repos.knowledge.retire('x.none', NOW))).toBe(false);
      expect(await row('x.b')).toMatchObject({ state: 'retired', origin: 'desk', changeSeq: 4, updatedAt: NOW + 2 });
      expect(await sync({ ...a, answer: '文件里又改了一次，供市民查阅。' }, b)).toBe(0);
      expect(await sync()).toBe(0);
      expect(await store.read((repos) => repos.knowledge.all())).toEqual([edited]);
    });

    it('keeps the text of the files that an editor’s takes the place of', async () => {
      const { store } = subject();
      const a = aKnowledgeEntry({ id: 'x.a' });
      await sync(a);
      await publish({ ...a, question: '第二版的标准问题？' }, 2);
      await publish({ ...a, question: '第四版的标准问题？' }, 4);
      const kept = await store.read((repos) => repos.revisions.ofEntry('x.a', 10));
      expect(kept.map(({ number, state, author, entry }) => [number, state, author, entry.question])).toEqual([[2, 'replaced', 'system', '第二版的标准问题？'], [1, 'replaced', 'system', a.question]]);
      await expect(publish(a, 4)).rejects.toMatchObject({ code: 'knowledge.conflict', retry: 'conflict' });
      await expect(publish(a, 3)).rejects.toMatchObject({ code: 'knowledge.conflict' });
      // What the files bring is a revision after every other one.
      await store.write((repos) => repos.revisions.create({ id: 'r1', entryId: 'x.b', entry: a, wish: 'publish', basedOn: null, author: 's1', note: null, now: NOW }));
      await sync(aKnowledgeEntry({ id: 'x.b' }));
      expect(await row('x.b')).toMatchObject({ revision: 2 });
    });

    it('tells what changed, each change with a greater number', async () => {
      const { store } = subject();
      const seq = () => store.read((repos) => repos.knowledge.changeSeq());
      expect(await seq()).toBe(0);
      const entries = ['x.a', 'x.b', 'x.c'].map((id) => aKnowledgeEntry({ id }));
      await sync(...entries);
      expect(await seq()).toBe(3);
      expect((await changes(0)).map((change) => [change.id, change.changeSeq])).toEqual([['x.a', 1], ['x.b', 2], ['x.c', 3]]);
      expect((await changes(0, 2)).map((change) => change.id)).toEqual(['x.a', 'x.b']);
      await store.write((repos) => repos.knowledge.retire('x.a', NOW));
      await publish(aKnowledgeEntry({ id: 'x.b' }), 2);
      expect((await changes(3)).map((change) => [change.id, change.changeSeq, change.state])).toEqual([['x.a', 4, 'retired'], ['x.b', 5, 'published']]);
      await sync(...entries.slice(0, 2));
      expect((await changes(5)).map((change) => [change.id, change.state])).toEqual([['x.c', 'retired']]);
      expect(await changes(6)).toEqual([]);
    });

    it('gives no number twice to those who publish at once', async () => {
      const { store } = subject();
      await Promise.all(Array.from({ length: 20 }, (_, index) => publish(aKnowledgeEntry({ id: `x.${index}` }), 1)));
      expect((await changes(0)).map((change) => change.changeSeq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(await store.read((repos) => repos.knowledge.changeSeq())).toBe(20);
    });

    it('finds what falls due and has no task of that day yet', async () => {
      const { store } = subject();
      await sync(
        aKnowledgeEntry({ id: 'x.a', reviewOn: '2026-12-06', owner: 'li' }), aKnowledgeEntry({ id: 'x.b', reviewOn: '2026-12-07' }),
        aKnowledgeEntry({ id: 'x.c', expiresOn: '2026-11-30', reviewOn: '2026-11-01' }), aKnowledgeEntry({ id: 'x.d', expiresOn: '2026-11-30' }), aKnowledgeEntry({ id: 'x.e' }),
      );
      await store.write((repos) => repos.knowledge.retire('x.d', NOW));
      const falling = async (limit = 10) => (await store.read((repos) => repos.knowledge.falling({ reviewBy: '2026-12-06', expiryBy: '2026-12-22', limit }))).map(({ kind, id, on, owner }) => [kind, id, on, owner]);
      const all = [['review', 'x.c', '2026-11-01', null], ['expiry', 'x.c', '2026-11-30', null], ['review', 'x.a', '2026-12-06', 'li']];
      expect(await falling()).toEqual(all);
      expect(await falling(1)).toEqual(all.slice(0, 1));
      const task = (key: string) => store.write((repos) => repos.knowledgeTasks.add({ id: key, key, kind: 'review', entryId: 'x.c', owner: null, text: '复核', conversationId: null, createdBy: 'system', createdAt: NOW, dueOn: null }));
      await task('review:x.c:2026-11-01');
      await task('review:x.a:2026-12-05');
      expect(await falling()).toEqual(all.slice(1));
      await store.write((repos) => repos.knowledgeTasks.close('review:x.c:2026-11-01', { state: 'done', by: 's1', outcome: null, now: NOW }));
      expect(await falling()).toEqual(all.slice(1));
    });

    it('lists by state, module, department and owner, page by page', async () => {
      const { store } = subject();
      await sync(
        aKnowledgeEntry({ id: 'x.a', module: 'guides', department: 'police', owner: 'li' }),
        aKnowledgeEntry({ id: 'x.b', department: 'ecology', alsoDepartments: ['police', 'traffic'] }),
        aKnowledgeEntry({ id: 'x.c', department: 'police-x' }),
        aKnowledgeEntry({ id: 'x.d', module: 'guides', department: 'ecology', owner: 'wang' }),
      );
      await store.write((repos) => repos.knowledge.retire('x.d', NOW));
      const ids = async (filter: Partial<Parameters<typeof store.read>[0]> & Record<string, unknown>) => (await store.read((repos) => repos.knowledge.list({ limit: 10, ...filter }))).map((found) => found.id);
      expect(await ids({})).toEqual(['x.a', 'x.b', 'x.c', 'x.d']);
      expect(await ids({ state: 'retired' })).toEqual(['x.d']);
      expect(await ids({ module: 'guides', state: 'published' })).toEqual(['x.a']);
      expect(await ids({ department: 'police' })).toEqual(['x.a', 'x.b']);
      for (const none of ['%', 'pol%', '_olice', '', ',']) expect(await ids({ department: none })).toEqual([]);
      expect(await ids({ owner: 'wang' })).toEqual(['x.d']);
      expect(await ids({ limit: 2 })).toEqual(['x.a', 'x.b']);
      expect(await ids({ limit: 2, afterId: 'x.b' })).toEqual(['x.c', 'x.d']);
      expect(await store.read((repos) => repos.knowledge.counts())).toEqual({ duties: 0, desk: 0, faq: 2, terms: 0, guides: 1 });
    });
  });
}

function revisionContract(subject: Subject): void {
  describe('knowledge revisions', () => {
    const create = (id: string, entryId = 'x.a', more: { readonly now?: number; readonly state?: KnowledgeRevision['state']; readonly author?: string } = {}) =>
      subject().store.write((repos) => repos.revisions.create({ id, entryId, entry: aKnowledgeEntry({ id: entryId }), wish: 'publish', basedOn: null, author: 's1', note: null, now: NOW, ...more }));
    const update = (id: string, version: number, change: Parameters<Parameters<Parameters<ReturnType<Subject>['store']['write']>[0]>[0]['revisions']['update']>[2], now = NOW) => subject().store.write((repos) => repos.revisions.update(id, version, change, now));

    it('numbers the revisions of an entry, with one open at a time', async () => {
      const { store } = subject();
      const first = await create('r1');
      expect(first).toEqual({
        id: 'r1', entryId: 'x.a', number: 1, state: 'draft', entry: first.entry, wish: 'publish', basedOn: null, author: 's1', editedBy: 's1', reviewer: null, note: null, verdict: null,
        publishAt: null, createdAt: NOW, updatedAt: NOW, decidedAt: null, version: 1,
      });
      expect(await store.read((repos) => repos.revisions.get('r1'))).toEqual(first);
      expect(await store.read((repos) => repos.revisions.openOf('x.a'))).toEqual(first);
      for (const state of ['draft', 'review', 'returned', 'approved'] as const) {
        const { version } = (await store.read((repos) => repos.revisions.get('r1'))) ?? first;
        await update('r1', version, { state });
        await expect(create('r2')).rejects.toMatchObject({ code: 'knowledge.draft_open' });
      }
      expect((await create('b1', 'x.b')).number).toBe(1);
      await update('r1', 5, { state: 'dropped' });
      expect(await store.read((repos) => repos.revisions.openOf('x.a'))).toBeNull();
      expect((await create('r2')).number).toBe(2);
      expect((await create('r3', 'x.a', { state: 'published' })).number).toBe(3);
      expect((await store.read((repos) => repos.revisions.ofEntry('x.a', 2))).map((revision) => revision.id)).toEqual(['r3', 'r2']);
      await store.write((repos) => repos.knowledge.publish({ entry: aKnowledgeEntry({ id: 'x.c' }), revision: 7, origin: 'desk', now: NOW }));
      expect((await create('c1', 'x.c')).number).toBe(8);
      expect(await store.read((repos) => repos.revisions.get('none'))).toBeNull();
    });

    it('lets one of those begin who begin at once', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => create(`r${index}`)));
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    });

    it('changes only what is as it was seen', async () => {
      const { store } = subject();
      const { entry } = await create('r1');
      const changed = await update('r1', 1, { entry: { ...entry, question: '改过的标准问题？' }, editedBy: 's2', note: '改了问法' }, NOW + 5);
      expect(changed).toMatchObject({ version: 2, editedBy: 's2', note: '改了问法', updatedAt: NOW + 5, state: 'draft', author: 's1', entry: { question: '改过的标准问题？' } });
      await expect(update('r1', 1, { note: '另一处' })).rejects.toMatchObject({ code: 'knowledge.conflict', retry: 'conflict', status: 409, details: { version: 2 } });
      await expect(update('none', 1, { note: '' })).rejects.toMatchObject({ code: 'knowledge.conflict', details: { version: null } });
      const decided = await update('r1', 2, { state: 'approved', reviewer: 's3', verdict: '同意', publishAt: NOW + 100, decidedAt: NOW + 6 });
      expect(decided).toMatchObject({ state: 'approved', reviewer: 's3', verdict: '同意', publishAt: NOW + 100, decidedAt: NOW + 6 });
      expect(await update('r1', 3, { publishAt: null, verdict: null })).toMatchObject({ publishAt: null, verdict: null, version: 4 });
      expect(await store.read((repos) => repos.revisions.get('r1'))).toMatchObject({ version: 4, state: 'approved' });
    });

    it('lists by state and author, oldest first, and what is due', async () => {
      const { store } = subject();
      for (const [id, at, author] of [['r3', 3, 's1'], ['r1', 1, 's1'], ['r2', 2, 's2'], ['r2b', 2, 's1']] as const) await create(id, `x.${id}`, { now: NOW + at, author });
      await update('r3', 1, { state: 'review' });
      const list = async (filter: Partial<Parameters<Parameters<Parameters<typeof store.read>[0]>[0]['revisions']['list']>[0]>) =>
        (await store.read((repos) => repos.revisions.list({ states: ['draft', 'review'], limit: 10, ...filter }))).map((revision) => revision.id);
      expect(await list({})).toEqual(['r1', 'r2', 'r2b', 'r3']);
      expect(await list({ states: ['review'] })).toEqual(['r3']);
      expect(await list({ states: [] })).toEqual([]);
      expect(await list({ author: 's2' })).toEqual(['r2']);
      expect(await list({ entryId: 'x.r3' })).toEqual(['r3']);
      expect(await list({ limit: 2 })).toEqual(['r1', 'r2']);
      expect(await list({ afterId: 'r2' })).toEqual(['r2b', 'r3']);
      await update('r1', 1, { state: 'approved', publishAt: NOW + 20 });
      await update('r2', 1, { state: 'approved', publishAt: NOW + 10 });
      await update('r2b', 1, { state: 'approved' });
      const due = async (now: number, limit = 10) => (await store.read((repos) => repos.revisions.due(now, limit))).map((revision) => revision.id);
      expect(await due(NOW + 9)).toEqual([]);
      expect(await due(NOW + 10)).toEqual(['r2']);
      expect(await due(NOW + 20)).toEqual(['r2', 'r1']);
      expect(await due(NOW + 20, 1)).toEqual(['r2']);
      await update('r2', 2, { state: 'published' });
      expect(await due(NOW + 20)).toEqual(['r1']);
    });
  });
}

function workContract(subject: Subject): void {
  describe('knowledge tasks', () => {
    const task = (id: string, overrides: Partial<KnowledgeTask> = {}): Parameters<Parameters<Parameters<ReturnType<Subject>['store']['write']>[0]>[0]['knowledgeTasks']['add']>[0] => ({
      id, key: `key ${id}`, kind: 'wrong', entryId: 'x.a', owner: null, text: '电话号码过期了', conversationId: null, createdBy: 's1', createdAt: NOW, dueOn: null, ...overrides,
    });
    const add = (...tasks: ReturnType<typeof task>[]) => subject().store.write(async (repos) => {
      const added: boolean[] = [];
      for (const one of tasks) added.push(await repos.knowledgeTasks.add(one));
      return added;
    });

    it('keeps one task of a key, until it is closed once', async () => {
      const { store } = subject();
      expect(await add(task('t1', { key: 'review:x.a:2026-11-22' }), task('t2', { key: 'review:x.a:2026-11-22' }), task('t3'))).toEqual([true, false, true]);
      expect(await store.read((repos) => repos.knowledgeTasks.get('t1'))).toEqual({ ...task('t1', { key: 'review:x.a:2026-11-22' }), state: 'open', closedBy: null, closedAt: null, outcome: null });
      expect(await store.read((repos) => repos.knowledgeTasks.get('t2'))).toBeNull();
      expect((await store.read((repos) => repos.knowledgeTasks.byKey('review:x.a:2026-11-22')))?.id).toBe('t1');
      expect(await store.read((repos) => repos.knowledgeTasks.byKey('t1'))).toBeNull();
      expect(await store.read((repos) => repos.knowledgeTasks.openCount())).toBe(2);
      const close = (by: string) => store.write((repos) => repos.knowledgeTasks.close('t1', { state: 'done', by, outcome: '已更新', now: NOW + 1 }));
      expect([await close('s2'), await close('s3')]).toEqual([true, false]);
      expect(await store.read((repos) => repos.knowledgeTasks.get('t1'))).toMatchObject({ state: 'done', closedBy: 's2', closedAt: NOW + 1, outcome: '已更新' });
      expect(await store.read((repos) => repos.knowledgeTasks.openCount())).toBe(1);
      // Done is done: the same day's reminder does not come again.
      expect(await add(task('t4', { key: 'review:x.a:2026-11-22' }))).toEqual([false]);
    });

    it('lists the oldest due first, then the oldest', async () => {
      const { store } = subject();
      await add(
        task('t1', { createdAt: NOW + 2 }), task('t2', { dueOn: '2026-12-01', kind: 'review', owner: 'li' }), task('t3', { createdAt: NOW + 1, owner: 'wang', entryId: 'x.b' }),
        task('t4', { dueOn: '2026-11-30', kind: 'expiry' }),
      );
      const ids = async (filter: Partial<Parameters<Parameters<Parameters<typeof store.read>[0]>[0]['knowledgeTasks']['list']>[0]>) => (await store.read((repos) => repos.knowledgeTasks.list({ limit: 10, ...filter }))).map((one) => one.id);
      expect(await ids({})).toEqual(['t4', 't2', 't3', 't1']);
      expect(await ids({ limit: 1 })).toEqual(['t4']);
      expect(await ids({ kinds: ['review', 'wrong'] })).toEqual(['t2', 't3', 't1']);
      expect(await ids({ kinds: [] })).toEqual([]);
      expect(await ids({ owner: 'li' })).toEqual(['t4', 't2', 't1']);
      expect(await ids({ entryId: 'x.b' })).toEqual(['t3']);
      await store.write((repos) => repos.knowledgeTasks.close('t4', { state: 'dismissed', by: 's1', outcome: null, now: NOW }));
      expect(await ids({ state: 'open' })).toEqual(['t2', 't3', 't1']);
      expect(await ids({ state: 'dismissed' })).toEqual(['t4']);
    });
  });

  describe('knowledge memos', () => {
    it('knows what a seat opened lately and what it pinned', async () => {
      const { store } = subject();
      await store.write(async ({ knowledgeMemos }) => {
        for (const [entryId, at] of [['x.a', 1], ['x.b', 2], ['x.c', 3], ['x.a', 4]] as const) await knowledgeMemos.opened('s1', entryId, NOW + at);
        await knowledgeMemos.opened('s2', 'x.z', NOW);
        for (const [entryId, at] of [['x.d', 5], ['x.b', 6], ['x.d', 7]] as const) await knowledgeMemos.pin('s1', entryId, NOW + at);
      });
      const memos = (seatId: string, limit = 10) => store.read(async ({ knowledgeMemos }) => [await knowledgeMemos.recent(seatId, limit), await knowledgeMemos.pinned(seatId)]);
      expect(await memos('s1')).toEqual([['x.a', 'x.c', 'x.b'], ['x.d', 'x.b']]);
      expect(await memos('s1', 1)).toEqual([['x.a'], ['x.d', 'x.b']]);
      expect(await memos('s2')).toEqual([['x.z'], []]);
      await store.write(async ({ knowledgeMemos }) => {
        await knowledgeMemos.unpin('s1', 'x.b');
        await knowledgeMemos.unpin('s1', 'x.none');
      });
      expect(await memos('s1')).toEqual([['x.a', 'x.c', 'x.b'], ['x.d']]);
    });
  });
}
