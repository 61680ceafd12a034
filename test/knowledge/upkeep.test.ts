import { describe, expect, it } from 'vitest';
import { DAY } from '../../src/domain/clock.ts';
import { approve, closeTask, createKnowledgeUpkeep, drop, leaveNote, publish, requestRetirement, sendBack, startDraft, submit } from '../../src/knowledge/index.ts';
import type { KnowledgeRevision } from '../../src/store/contract.ts';
import { anEntry, START, useDesk } from './support.ts';

const desk = useDesk();

const tick = (at: number) => {
  desk().setNow(at);
  return createKnowledgeUpkeep(desk()).tick(at);
};
const tasks = () => desk().store.read((repos) => repos.knowledgeTasks.list({ limit: 100 }));

async function planned(publishAt: number, overrides: Parameters<typeof anEntry>[0] = {}): Promise<KnowledgeRevision> {
  const draft = await startDraft(desk(), desk().li, { entry: anEntry(overrides) });
  const review = await submit(desk(), desk().li, draft.id, draft.version);
  return approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt });
}

describe('a planned publication', () => {
  it('happens at its time, once, whoever looks', async () => {
    const revision = await planned(START + 1000);
    expect(revision).toMatchObject({ state: 'approved', publishAt: START + 1000 });
    expect(await tick(START + 999)).toEqual({ published: 0, reminded: 0 });
    expect(await desk().row('noise.night')).toBeNull();
    const looks = await Promise.all([tick(START + 1000), tick(START + 1000), tick(START + 1000)]);
    expect(looks.map(({ published }) => published).toSorted()).toEqual([0, 0, 1]);
    expect(await desk().row('noise.night')).toMatchObject({ state: 'published', updatedAt: START + 1000 });
    expect(desk().announced()).toBe(1);
    expect((await desk().trail()).at(-1)).toBe('system knowledge.published knowledge:noise.night 第 1 版');
    expect(await tick(START + 2000)).toEqual({ published: 0, reminded: 0 });
  });

  it('may be a retirement', async () => {
    await planned(START);
    const wish = await requestRetirement(desk(), desk().li, 'noise.night', '月底废止');
    await approve(desk(), desk().chen, wish.id, { version: 1, verdict: null, publishAt: START + 10 });
    expect((await desk().row('noise.night'))?.state).toBe('published');
    expect(await tick(START + 10)).toEqual({ published: 1, reminded: 0 });
    expect((await desk().row('noise.night'))?.state).toBe('retired');
    expect((await desk().trail()).at(-1)).toBe('system knowledge.retired knowledge:noise.night 第 2 版');
  });

  it('can be brought forward, sent back or given up before', async () => {
    const [a, b, c] = [await planned(START + 10, { id: 'x.a' }), await planned(START + 10, { id: 'x.b' }), await planned(START + 10, { id: 'x.c' })];
    await publish(desk(), desk().wang, a.id, a.version);
    expect(await sendBack(desk(), desk().chen, b.id, { version: b.version, verdict: '先不发' })).toMatchObject({ state: 'returned', publishAt: null });
    await drop(desk(), desk().li, c.id, c.version);
    expect(await tick(START + 10)).toEqual({ published: 0, reminded: 0 });
    expect([await desk().row('x.b'), await desk().row('x.c')]).toEqual([null, null]);
  });

  it('goes back to its author when the published text is another by then, and holds up no other', async () => {
    await desk().sync(anEntry({ id: 'x.a' }));
    const draft = await startDraft(desk(), desk().li, { entryId: 'x.a' });
    const review = await submit(desk(), desk().li, draft.id, 1);
    await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: '同意', publishAt: START + 10 });
    await planned(START + 20, { id: 'x.b' });
    await desk().sync(anEntry({ id: 'x.a', hours: '文件改了' }));
    expect(await tick(START + 20)).toEqual({ published: 1, reminded: 0 });
    expect(await desk().store.read((repos) => repos.revisions.get(draft.id))).toMatchObject({ state: 'returned', publishAt: null, verdict: expect.stringContaining('未能发布') });
    expect((await desk().row('x.b'))?.state).toBe('published');
    expect(await desk().trail()).toContain('system knowledge.returned knowledge:x.a 第 2 版');
  });
});

describe('reminders', () => {
  it('come 14 days before a review and 30 days before the last day, once, to the owner', async () => {
    await desk().sync(anEntry({ id: 'x.a', reviewOn: '2026-12-07', owner: 'li' }), anEntry({ id: 'x.b', expiresOn: '2026-12-23' }), anEntry({ id: 'x.c' }));
    expect(await tick(START)).toEqual({ published: 0, reminded: 0 });
    // Midnight in Beijing, and the moment before.
    const midnight = Date.parse('2026-11-22T16:00:00Z');
    expect(await tick(midnight - 1)).toEqual({ published: 0, reminded: 0 });
    expect(await tick(midnight)).toEqual({ published: 0, reminded: 2 });
    expect(await tick(midnight + 1)).toEqual({ published: 0, reminded: 0 });
    expect((await tasks()).map(({ kind, entryId, owner, dueOn, createdBy, state, text }) => ({ kind, entryId, owner, dueOn, createdBy, state, text }))).toEqual([
      { kind: 'review', entryId: 'x.a', owner: 'li', dueOn: '2026-12-07', createdBy: 'system', state: 'open', text: '请在 2026-12-07 前复核“工地夜间施工归谁管？”' },
      { kind: 'expiry', entryId: 'x.b', owner: null, dueOn: '2026-12-23', createdBy: 'system', state: 'open', text: '“工地夜间施工归谁管？”的最后有效日是 2026-12-23，请更新或下线' },
    ]);
    expect(await createKnowledgeUpkeep(desk()).tick(midnight + 40 * DAY)).toEqual({ published: 0, reminded: 0 });
  });

  it('are many at once as well', async () => {
    await desk().sync(...Array.from({ length: 450 }, (_, index) => anEntry({ id: `x.${String(index)}`, reviewOn: '2026-11-30' })));
    expect([(await tick(START)).reminded, (await tick(START)).reminded, (await tick(START)).reminded, (await tick(START)).reminded]).toEqual([200, 200, 50, 0]);
  });

  it('are done with when a new text with a later day is published, or the entry is taken back', async () => {
    await planned(START, { reviewOn: '2026-11-30', expiresOn: '2026-12-10' });
    await tick(START);
    expect((await tasks()).map((task) => [task.kind, task.state])).toEqual([['review', 'open'], ['expiry', 'open']]);
    await leaveNote(desk(), desk().wang, { kind: 'wrong', text: '时段不对', entryId: 'noise.night', conversationId: null, clientId: null });
    const draft = await startDraft(desk(), desk().li, { entryId: 'noise.night' });
    await desk().store.write((repos) => repos.revisions.update(draft.id, 1, { entry: { ...draft.entry, reviewOn: '2027-11-30' } }, START));
    const review = await submit(desk(), desk().li, draft.id, 2);
    await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START });
    expect((await tasks()).map((task) => [task.kind, task.state, task.outcome])).toEqual([['review', 'done', '已发布第 2 版'], ['expiry', 'open', null], ['wrong', 'open', null]]);
    const wish = await requestRetirement(desk(), desk().li, 'noise.night', '废止');
    await approve(desk(), desk().chen, wish.id, { version: 1, verdict: null, publishAt: START });
    expect((await tasks()).map((task) => [task.kind, task.state, task.outcome])).toEqual([['review', 'done', '已发布第 2 版'], ['expiry', 'done', '知识已下线'], ['wrong', 'done', '知识已下线']]);
  });
});

describe('notes of seats', () => {
  const note = (overrides: Partial<Parameters<typeof leaveNote>[2]> = {}) => leaveNote(desk(), desk().wang, { kind: 'wrong', text: '来电人13800138000说地址变了', entryId: 'x.a', conversationId: 'v1', clientId: 'client-1', ...overrides });

  it('become a task of the owner, masked, once', async () => {
    await desk().sync(anEntry({ id: 'x.a', owner: 'li' }));
    const task = await note();
    expect(task).toMatchObject({ kind: 'wrong', owner: 'li', text: '来电人138****8000说地址变了', createdBy: 'seat-wang', conversationId: 'v1', state: 'open' });
    expect(await note()).toEqual(task);
    expect(await note({ clientId: 'client-2' })).not.toEqual(task);
    expect((await note({ clientId: null })).id).not.toBe((await note({ clientId: null })).id);
    expect(await note({ entryId: null, kind: 'missing', clientId: 'client-3' })).toMatchObject({ entryId: null, owner: null });
    expect(await note({ clientId: 'client-4', owner: 'chen', dueOn: '2026-12-01' })).toMatchObject({ owner: 'chen', dueOn: '2026-12-01' });
    await expect(note({ entryId: 'x.none', clientId: 'client-5' })).rejects.toMatchObject({ code: 'knowledge.not_found' });
    await expect(note({ owner: 'nobody', clientId: 'client-6' })).rejects.toMatchObject({ code: 'knowledge.unknown_owner' });
    expect((await desk().trail()).filter((line) => line.includes('13800138000'))).toEqual([]);
    expect((await desk().trail())[0]).toBe('seat:seat-wang knowledge.noted knowledge:x.a wrong');
  });

  it('are closed once, with what came of them', async () => {
    await desk().sync(anEntry({ id: 'x.a' }));
    const { id } = await note();
    const closed = await closeTask(desk(), desk().li, id, { state: 'done', outcome: ' 已更正，回电13800138000 ' });
    expect(closed).toMatchObject({ state: 'done', closedBy: 'seat-li', closedAt: START, outcome: '已更正，回电138****8000' });
    expect(await closeTask(desk(), desk().li, id, { state: 'done', outcome: '再点一次' })).toEqual(closed);
    await expect(closeTask(desk(), desk().chen, id, { state: 'done', outcome: null })).rejects.toMatchObject({ code: 'knowledge.task_closed', status: 409 });
    await expect(closeTask(desk(), desk().li, 'none', { state: 'done', outcome: null })).rejects.toMatchObject({ code: 'knowledge.not_found' });
  });
});
