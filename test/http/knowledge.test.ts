import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import { createKnowledgeUpkeep } from '../../src/knowledge/index.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

interface Revision {
  readonly id: string;
  readonly entryId: string;
  readonly state: string;
  readonly version: number;
  readonly number: number;
}

describe('editing knowledge by REST', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let changes: number;
  let seat: SignedIn | null = null;
  let li: SignedIn | null = null;
  let chen: SignedIn | null = null;
  beforeEach(async () => {
    intake = await openIntake();
    changes = 0;
    app = await openApp(intake, { desk: { knowledgeChanged: () => (changes += 1) } });
    [seat, li, chen] = [await signIn(app, intake), await signIn(app, intake, 'editor'), await signIn(app, intake, 'supervisor')];
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const as = (who: SignedIn | null): SignedIn => {
    if (who === null) throw new Error('nobody has signed in');
    return who;
  };
  const entry = (overrides: Partial<KnowledgeEntry> = {}): KnowledgeEntry => aKnowledgeEntry({ id: 'noise.night', department: intake.context.city.departments[0]?.id ?? '', ...overrides });
  const sync = (...entries: KnowledgeEntry[]) => intake.store.write((repos) => repos.knowledge.sync(entries, intake.clock.now()));
  const begin = async (body: object): Promise<Revision> => {
    const answer = await as(li).call('POST', '/api/knowledge/drafts', body);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    return answer.json<{ revision: Revision }>().revision;
  };
  const step = async (who: SignedIn | null, revision: Revision, name: string, body: object = {}): Promise<Revision> => {
    const answer = await as(who).call('POST', `/api/knowledge/revisions/${revision.id}/${name}`, { version: revision.version, ...body });
    expect([name, answer.statusCode, answer.body]).toEqual([name, 200, expect.any(String)]);
    return answer.json<{ revision: Revision }>().revision;
  };

  it('takes an entry from a draft to the citizens, by two people', async () => {
    const draft = await begin({ entry: entry(), note: '新增' });
    const saved = await as(li).call('PUT', `/api/knowledge/revisions/${draft.id}`, { entry: entry({ fees: '不收费' }), note: '补充费用', version: 1 });
    expect(saved.json()).toMatchObject({ revision: { version: 2, state: 'draft', stateName: '草稿', note: '补充费用', entry: { fees: '不收费' }, reviewer: null } });
    const review = await step(li, saved.json<{ revision: Revision }>().revision, 'submit');
    expect((await as(chen).call('GET', '/api/knowledge/revisions?state=review')).json()).toMatchObject({ revisions: [{ id: draft.id, state: 'review' }], nextAfterId: null });
    expect((await as(chen).call('GET', `/api/knowledge/revisions/${draft.id}/diff`)).json()).toMatchObject({ against: null, fields: expect.arrayContaining([{ field: 'fees', label: '费用', change: 'added', shape: 'text', marks: [{ op: 'added', text: '不收费' }] }]) });
    const own = await as(li).call('POST', `/api/knowledge/revisions/${draft.id}/approve`, { version: review.version, publishAt: null });
    expect([own.statusCode, own.json()]).toMatchObject([403, { error: { code: 'knowledge.own_work' } }]);
    const approved = await step(chen, review, 'approve', { publishAt: null, verdict: '同意' });
    expect([approved.state, changes]).toEqual(['approved', 0]);
    expect((await step(li, approved, 'publish')).state).toBe('published');
    expect((await step(li, approved, 'publish')).state).toBe('published');
    expect(changes).toBe(1);
    expect((await as(seat).call('GET', '/api/knowledge/entries/noise.night')).json()).toMatchObject({ row: { id: 'noise.night', state: 'published', origin: 'desk', revision: 1 }, entry: { fees: '不收费' }, open: null, related: [], pinned: false, openTasks: 0 });
    const trail = (await as(chen).call('GET', '/api/trail')).json<{ entries: { action: string; subject: string; purpose: string }[]; brokenAt: null }>();
    expect(trail.entries.filter(({ subject }) => subject === 'knowledge:noise.night').map(({ action }) => action)).toEqual(['knowledge.published', 'knowledge.approved', 'knowledge.submitted', 'knowledge.edited', 'knowledge.drafted']);
    expect([trail.brokenAt, JSON.stringify(trail).includes('不收费')]).toEqual([null, false]);
  });

  it('publishes at the time that was given', async () => {
    const review = await step(li, await begin({ entry: entry() }), 'submit');
    const at = intake.clock.now() + 60_000;
    expect((await step(chen, review, 'approve', { publishAt: at })).state).toBe('approved');
    const upkeep = createKnowledgeUpkeep({ ...intake.context, announce: () => {} });
    expect(await upkeep.tick(at - 1)).toMatchObject({ published: 0 });
    expect(await upkeep.tick(at)).toMatchObject({ published: 1 });
    expect((await as(seat).call('GET', '/api/knowledge/entries/noise.night')).json()).toMatchObject({ row: { state: 'published' } });
  });

  it('says with a refusal what the page needs: all faults, the version that is, the open draft', async () => {
    const wrong = await as(li).call('POST', '/api/knowledge/drafts', { entry: { ...entry(), question: '？', department: 'nobody' } });
    expect([wrong.statusCode, wrong.json()]).toMatchObject([422, { error: { code: 'knowledge.invalid', message: expect.stringContaining('承办单位'), faults: expect.arrayContaining([{ field: 'department', rule: 'unknown', text: expect.any(String) }, expect.objectContaining({ field: 'question', rule: 'too_short' })]) } }]);
    const draft = await begin({ entry: entry() });
    await as(li).call('PUT', `/api/knowledge/revisions/${draft.id}`, { entry: entry({ fees: '不收费' }), version: 1 });
    const late = await as(chen).call('PUT', `/api/knowledge/revisions/${draft.id}`, { entry: entry({ hours: '全天' }), version: 1 });
    expect([late.statusCode, late.json()]).toMatchObject([409, { error: { code: 'knowledge.conflict', version: 2, revisionId: draft.id } }]);
    const second = await as(chen).call('POST', '/api/knowledge/drafts', { entry: entry() });
    expect([second.statusCode, second.json()]).toMatchObject([409, { error: { code: 'knowledge.draft_open', revisionId: draft.id } }]);
    for (const body of [{}, { entryId: 'a.b', fromRevision: 'x' }]) expect((await as(li).call('POST', '/api/knowledge/drafts', body)).json()).toMatchObject({ error: { code: 'knowledge.bad_source' } });
    expect((await as(li).call('POST', `/api/knowledge/revisions/${draft.id}/submit`, { version: 'one' })).statusCode).toBe(400);
    expect((await as(li).call('GET', '/api/knowledge/revisions?state=nonsense')).json()).toMatchObject({ error: { code: 'knowledge.unknown_state' } });
    expect((await as(li).call('GET', '/api/knowledge/revisions/none')).json()).toEqual({ error: { code: 'knowledge.not_found', message: '没有这个版本。' } });
  });

  it('goes back to an earlier revision, and takes an entry back', async () => {
    await sync(entry());
    const draft = await begin({ entryId: 'noise.night' });
    const saved = (await as(li).call('PUT', `/api/knowledge/revisions/${draft.id}`, { entry: entry({ answer: '第二版的答复，供市民查阅。' }), version: 1 })).json<{ revision: Revision }>().revision;
    await step(chen, await step(li, saved, 'submit'), 'approve', { publishAt: 'now' });
    const history = (await as(seat).call('GET', '/api/knowledge/entries/noise.night/revisions')).json<{ revisions: (Revision & { authorName: string })[] }>().revisions;
    expect(history.map(({ number, state }) => [number, state])).toEqual([[2, 'published'], [1, 'replaced']]);
    expect(history[1]?.authorName).toBe('系统');
    const back = await begin({ fromRevision: history[1]?.id });
    expect(back).toMatchObject({ number: 3, state: 'draft' });
    expect((await as(li).call('GET', `/api/knowledge/revisions/${back.id}/diff?against=${history[1]?.id ?? ''}`)).json()).toEqual({ against: 1, fields: [] });
    expect((await as(li).call('GET', `/api/knowledge/revisions/${back.id}/diff`)).json()).toMatchObject({ against: 2, fields: [{ field: 'answer', change: 'changed' }] });
    expect((await step(li, back, 'drop')).state).toBe('dropped');
    const wish = (await as(li).call('POST', '/api/knowledge/entries/noise.night/retire', { note: '政策废止' })).json<{ revision: Revision }>().revision;
    expect((await step(chen, wish, 'approve', { publishAt: 'now' })).state).toBe('retired');
    expect((await as(seat).call('GET', '/api/knowledge/entries?state=retired')).json()).toMatchObject({ entries: [{ id: 'noise.night', state: 'retired' }] });
    expect(changes).toBe(2);
  });

  it('lets a seat read and leave notes, and nothing else', async () => {
    await sync(entry({ owner: 'li' }));
    const noted = await as(seat).call('POST', '/api/knowledge/entries/noise.night/notes', { kind: 'wrong', text: '市民13800138000说电话打不通', clientId: 'client-0001' });
    const task = noted.json<{ task: { id: string } }>().task;
    expect(task).toMatchObject({ kind: 'wrong', owner: 'li', text: '市民138****8000说电话打不通', state: 'open', question: entry().question });
    const again = await as(seat).call('POST', '/api/knowledge/entries/noise.night/notes', { kind: 'wrong', text: '市民13800138000说电话打不通', clientId: 'client-0001' });
    expect(again.json<{ task: { id: string } }>().task.id).toBe(task.id);
    expect((await as(seat).call('POST', '/api/knowledge/tasks', { kind: 'missing', text: '没有讲充电桩的' })).statusCode).toBe(200);
    expect((await as(seat).call('POST', '/api/knowledge/tasks', { kind: 'missing', text: '没有讲充电桩的', owner: 'li' })).statusCode).toBe(403);
    expect((await as(seat).call('POST', `/api/knowledge/tasks/${task.id}/close`, { state: 'done' })).statusCode).toBe(403);
    expect((await as(seat).call('POST', '/api/knowledge/drafts', { entry: entry() })).json()).toMatchObject({ error: { code: 'desk.forbidden' } });
    expect((await as(li).call('GET', '/api/knowledge/tasks?state=open&kind=wrong')).json()).toMatchObject({ tasks: [{ id: task.id }], open: 2 });
    expect((await as(li).call('POST', `/api/knowledge/tasks/${task.id}/close`, { state: 'done', outcome: '已更正' })).json()).toMatchObject({ task: { state: 'done', closedBy: as(li).seatId, outcome: '已更正' } });
    expect((await as(chen).call('POST', `/api/knowledge/tasks/${task.id}/close`, { state: 'dismissed' })).json()).toMatchObject({ error: { code: 'knowledge.task_closed' } });
    expect((await as(seat).call('GET', '/api/knowledge/tasks?state=open')).json<{ tasks: unknown[] }>().tasks).toHaveLength(1);
  });

  it('pages and filters the list, and remembers what a seat looked at and pinned', async () => {
    const ids = ['a.one', 'b.two', 'c.three'];
    await sync(...ids.map((id, index) => entry({ id, module: index === 1 ? 'guides' : 'faq', related: index === 0 ? ['b.two', 'z.gone'] : [] })));
    const first = (await as(seat).call('GET', '/api/knowledge/entries?limit=2')).json<{ entries: { id: string }[]; nextAfterId: string; counts: object }>();
    expect([first.entries.map(({ id }) => id), first.nextAfterId]).toEqual([['a.one', 'b.two'], 'b.two']);
    expect(first.counts).toMatchObject({ faq: 2, guides: 1 });
    expect((await as(seat).call('GET', '/api/knowledge/entries?limit=2&afterId=b.two')).json()).toMatchObject({ entries: [{ id: 'c.three' }], nextAfterId: null });
    expect((await as(seat).call('GET', '/api/knowledge/entries?module=guides')).json<{ entries: unknown[] }>().entries).toHaveLength(1);
    expect((await as(seat).call('GET', '/api/knowledge/entries/a.one')).json()).toMatchObject({ related: [{ id: 'b.two', question: entry().question }] });
    intake.clock.advance(1000);
    await as(seat).call('GET', '/api/knowledge/entries/b.two');
    expect((await as(seat).call('POST', '/api/knowledge/entries/c.three/pin')).statusCode).toBe(204);
    expect((await as(seat).call('POST', '/api/knowledge/entries/z.gone/pin')).statusCode).toBe(404);
    const memos = async (who: SignedIn | null) => {
      const { recent, pinned } = (await as(who).call('GET', '/api/knowledge/memos')).json<{ recent: { id: string }[]; pinned: { id: string }[] }>();
      return [recent.map(({ id }) => id), pinned.map(({ id }) => id)];
    };
    expect(await memos(seat)).toEqual([['b.two', 'a.one'], ['c.three']]);
    expect(await memos(li)).toEqual([[], []]);
    expect((await as(seat).call('GET', '/api/knowledge/entries/c.three')).json()).toMatchObject({ pinned: true });
    expect((await as(seat).call('DELETE', '/api/knowledge/entries/c.three/pin')).statusCode).toBe(204);
    expect((await memos(seat))[1]).toEqual([]);
    expect((await as(seat).call('GET', '/api/knowledge/entries/z.gone')).statusCode).toBe(404);
  });
});
