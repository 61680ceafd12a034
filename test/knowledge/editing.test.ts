import { describe, expect, it } from 'vitest';
import { approve, drop, EntryRefused, publish, requestRetirement, saveDraft, sendBack, startDraft, submit } from '../../src/knowledge/index.ts';
import type { KnowledgeRevision } from '../../src/store/contract.ts';
import { anEntry, START, useDesk } from './support.ts';

const desk = useDesk();

/** A new entry, handed in by li. */
async function submitted(overrides: Parameters<typeof anEntry>[0] = {}): Promise<KnowledgeRevision> {
  const draft = await startDraft(desk(), desk().li, { entry: anEntry(overrides) }, '新增');
  return submit(desk(), desk().li, draft.id, draft.version);
}

/** Published by chen after li wrote it. */
async function published(overrides: Parameters<typeof anEntry>[0] = {}): Promise<KnowledgeRevision> {
  const revision = await submitted(overrides);
  return approve(desk(), desk().chen, revision.id, { version: revision.version, verdict: null, publishAt: START });
}

const faultsOf = async (promise: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await promise.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof EntryRefused)) throw new Error('not refused', { cause: error });
  expect(error.status).toBe(422);
  return error.faults.map(({ field, rule }) => `${field} ${rule}`);
};

describe('an entry’s way to the citizens', () => {
  it('goes from draft by review to published, with a row in the trail for each step', async () => {
    const draft = await startDraft(desk(), desk().li, { entry: anEntry() }, ' 新增，电话13800138000 ');
    expect(draft).toMatchObject({ number: 1, state: 'draft', basedOn: null, author: 'seat-li', note: '新增，电话138****8000', version: 1 });
    const saved = await saveDraft(desk(), desk().li, draft.id, { entry: anEntry({ answer: '改好的答复，供市民查阅。' }), note: null, version: 1 });
    const review = await submit(desk(), desk().li, draft.id, saved.version);
    expect(await desk().row('noise.night')).toBeNull();
    expect(desk().announced()).toBe(0);
    const done = await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: '同意', publishAt: START });
    expect(done).toMatchObject({ state: 'published', reviewer: 'seat-chen', verdict: '同意', decidedAt: START });
    expect(await desk().row('noise.night')).toMatchObject({ state: 'published', origin: 'desk', revision: 1, entry: { answer: '改好的答复，供市民查阅。' } });
    expect(desk().announced()).toBe(1);
    expect(await desk().trail()).toEqual([
      'seat:seat-li knowledge.drafted knowledge:noise.night 第 1 版', 'seat:seat-li knowledge.edited knowledge:noise.night 第 1 版', 'seat:seat-li knowledge.submitted knowledge:noise.night 第 1 版',
      'seat:seat-chen knowledge.approved knowledge:noise.night 第 1 版', 'seat:seat-chen knowledge.published knowledge:noise.night 第 1 版',
    ]);
  });

  it('comes back with a verdict, is mended and handed in again', async () => {
    const review = await submitted();
    const returned = await sendBack(desk(), desk().chen, review.id, { version: review.version, verdict: '请写明时段' });
    expect(returned).toMatchObject({ state: 'returned', reviewer: 'seat-chen', verdict: '请写明时段' });
    const saved = await saveDraft(desk(), desk().li, review.id, { entry: anEntry({ answer: '夜间二十二时至次日六时禁止施工。' }), note: '已写明', version: returned.version });
    expect(saved).toMatchObject({ state: 'draft', verdict: '请写明时段' });
    expect(await submit(desk(), desk().li, review.id, saved.version)).toMatchObject({ state: 'review', reviewer: null });
  });

  it('waits for somebody to publish it when it was approved without a time', async () => {
    const review = await submitted();
    const approved = await approve(desk(), desk().chen, review.id, { version: review.version, verdict: null, publishAt: null });
    expect([approved.state, await desk().row('noise.night'), desk().announced()]).toEqual(['approved', null, 0]);
    expect(await publish(desk(), desk().li, review.id, approved.version)).toMatchObject({ state: 'published', reviewer: 'seat-chen' });
    expect([(await desk().row('noise.night'))?.state, desk().announced()]).toEqual(['published', 1]);
  });

  it('follows the files until an editor publishes, and is the editors’ from then on', async () => {
    const filed = anEntry();
    await desk().sync(filed);
    const draft = await startDraft(desk(), desk().li, { entryId: 'noise.night' });
    expect(draft).toMatchObject({ basedOn: 1, number: 2, entry: filed });
    const saved = await saveDraft(desk(), desk().li, draft.id, { entry: { ...filed, fees: '不收费' }, note: null, version: 1 });
    const review = await submit(desk(), desk().li, draft.id, saved.version);
    await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START });
    await desk().sync({ ...filed, fees: '文件说收费' });
    expect(await desk().row('noise.night')).toMatchObject({ origin: 'desk', revision: 2, entry: { fees: '不收费' } });
    expect((await desk().store.read((repos) => repos.revisions.ofEntry('noise.night', 10))).map(({ number, state, author }) => [number, state, author])).toEqual([[2, 'published', 'seat-li'], [1, 'replaced', 'system']]);
  });

  it('goes back to an earlier revision by a new draft of it', async () => {
    const first = await published();
    const draft = await startDraft(desk(), desk().li, { entryId: 'noise.night' });
    const saved = await saveDraft(desk(), desk().li, draft.id, { entry: anEntry({ answer: '第二版的答复，供市民查阅。' }), note: null, version: 1 });
    const review = await submit(desk(), desk().li, draft.id, saved.version);
    await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START });
    const back = await startDraft(desk(), desk().wang, { fromRevision: first.id });
    expect(back).toMatchObject({ number: 3, basedOn: 2, entry: first.entry, state: 'draft' });
    const again = await submit(desk(), desk().wang, back.id, back.version);
    await approve(desk(), desk().li, back.id, { version: again.version, verdict: null, publishAt: START });
    expect(await desk().row('noise.night')).toMatchObject({ revision: 3, entry: first.entry });
    expect((await desk().store.read((repos) => repos.revisions.ofEntry('noise.night', 10))).map(({ state }) => state)).toEqual(['published', 'replaced', 'replaced']);
    expect(await desk().trail()).toContain('seat:seat-wang knowledge.rolled_back knowledge:noise.night 第 3 版');
  });

  it('is taken back by two people, and may be published again', async () => {
    await published();
    const wish = await requestRetirement(desk(), desk().li, 'noise.night', '政策已废止');
    expect(wish).toMatchObject({ wish: 'retire', state: 'review', basedOn: 1, number: 2 });
    expect(await requestRetirement(desk(), desk().li, 'noise.night', '政策已废止')).toEqual(wish);
    await expect(approve(desk(), desk().li, wish.id, { version: 1, verdict: null, publishAt: START })).rejects.toMatchObject({ code: 'knowledge.own_work' });
    await expect(saveDraft(desk(), desk().li, wish.id, { entry: anEntry(), note: null, version: 1 })).rejects.toMatchObject({ code: 'knowledge.wrong_state' });
    expect(await approve(desk(), desk().wang, wish.id, { version: 1, verdict: null, publishAt: START })).toMatchObject({ state: 'retired' });
    expect(await desk().row('noise.night')).toMatchObject({ state: 'retired', origin: 'desk' });
    expect(desk().announced()).toBe(2);
    await expect(requestRetirement(desk(), desk().li, 'noise.night', '再来')).rejects.toMatchObject({ code: 'knowledge.not_found' });
    const draft = await startDraft(desk(), desk().li, { entryId: 'noise.night' });
    const review = await submit(desk(), desk().li, draft.id, 1);
    await approve(desk(), desk().wang, draft.id, { version: review.version, verdict: null, publishAt: START });
    expect(await desk().row('noise.night')).toMatchObject({ state: 'published', revision: 3 });
  });
});

describe('four eyes', () => {
  it('let nobody approve what they wrote or changed last', async () => {
    const draft = await startDraft(desk(), desk().li, { entry: anEntry() });
    const saved = await saveDraft(desk(), desk().wang, draft.id, { entry: anEntry({ fees: '不收费' }), note: null, version: 1 });
    expect(saved).toMatchObject({ author: 'seat-li', editedBy: 'seat-wang' });
    const review = await submit(desk(), desk().wang, draft.id, saved.version);
    const by = (editor: typeof saved.author) => approve(desk(), editor === 'seat-li' ? desk().li : editor === 'seat-wang' ? desk().wang : desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START });
    await expect(by('seat-li')).rejects.toMatchObject({ code: 'knowledge.own_work', status: 403 });
    await expect(by('seat-wang')).rejects.toMatchObject({ code: 'knowledge.own_work' });
    expect(await desk().row('noise.night')).toBeNull();
    expect(await by('seat-chen')).toMatchObject({ state: 'published' });
  });

  it('hold for an administrator too', async () => {
    const boss = { ...desk().li, role: 'administrator' as const };
    const review = await submitted();
    await expect(approve(desk(), boss, review.id, { version: review.version, verdict: null, publishAt: null })).rejects.toMatchObject({ code: 'knowledge.own_work' });
  });
});

describe('two at one draft', () => {
  it('hears who was too late, with the version that is', async () => {
    const draft = await startDraft(desk(), desk().li, { entry: anEntry() });
    await saveDraft(desk(), desk().li, draft.id, { entry: anEntry({ fees: '不收费' }), note: null, version: 1 });
    await expect(saveDraft(desk(), desk().wang, draft.id, { entry: anEntry({ hours: '全天' }), note: null, version: 1 })).rejects.toMatchObject({ code: 'knowledge.conflict', status: 409, details: { version: 2 } });
    await expect(submit(desk(), desk().wang, draft.id, 1)).rejects.toMatchObject({ code: 'knowledge.conflict' });
    await expect(startDraft(desk(), desk().wang, { entry: anEntry() })).rejects.toMatchObject({ code: 'knowledge.draft_open', details: { revisionId: draft.id } });
  });

  it('does a step that comes twice once', async () => {
    const source = { entry: anEntry() };
    const [draft, again] = [await startDraft(desk(), desk().li, source), await startDraft(desk(), desk().li, source)];
    expect(again).toEqual(draft);
    const changed = { entry: anEntry({ fees: '不收费' }), note: '补充', version: 1 };
    const [saved, savedAgain] = [await saveDraft(desk(), desk().li, draft.id, changed), await saveDraft(desk(), desk().li, draft.id, changed)];
    expect(savedAgain).toEqual(saved);
    const [review, reviewAgain] = [await submit(desk(), desk().li, draft.id, 2), await submit(desk(), desk().li, draft.id, 2)];
    expect(reviewAgain).toEqual(review);
    const decision = { version: review.version, verdict: null, publishAt: START };
    const [done, doneAgain] = [await approve(desk(), desk().chen, draft.id, decision), await approve(desk(), desk().chen, draft.id, decision)];
    expect(doneAgain).toEqual(done);
    expect([desk().announced(), (await desk().trail()).length]).toEqual([1, 5]);
    await expect(approve(desk(), desk().wang, draft.id, decision)).rejects.toMatchObject({ code: 'knowledge.wrong_state', details: { state: 'published' } });
  });

  it('changes nothing, nor who changed it last, when the same text is kept in another order of fields', async () => {
    const draft = await startDraft(desk(), desk().li, { entry: anEntry({ fees: '不收费' }) });
    const turned = Object.fromEntries(Object.entries(anEntry({ fees: '不收费' })).toReversed());
    expect(await saveDraft(desk(), desk().wang, draft.id, { entry: turned, note: null, version: 1 })).toEqual(draft);
    expect(await saveDraft(desk(), desk().wang, draft.id, { entry: turned, note: '看过', version: 1 })).toMatchObject({ version: 2, note: '看过', editedBy: 'seat-li', entry: draft.entry });
  });

  it('publishes one of two approvals', async () => {
    const review = await submitted();
    const outcomes = await Promise.allSettled([desk().wang, desk().chen].map((editor) => approve(desk(), editor, review.id, { version: review.version, verdict: null, publishAt: START })));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(desk().announced()).toBe(1);
  });

  it('publishes nothing over a text that is another by now', async () => {
    await desk().sync(anEntry());
    const draft = await startDraft(desk(), desk().li, { entryId: 'noise.night' });
    const review = await submit(desk(), desk().li, draft.id, 1);
    await desk().sync(anEntry({ answer: '文件里改过的答复，供查阅。' }));
    await expect(approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START })).rejects.toMatchObject({ code: 'knowledge.outdated', status: 409 });
    expect(await desk().row('noise.night')).toMatchObject({ origin: 'file', entry: { answer: '文件里改过的答复，供查阅。' } });
    await drop(desk(), desk().li, draft.id, review.version);
    expect(await startDraft(desk(), desk().li, { fromRevision: draft.id })).toMatchObject({ basedOn: 3, number: 4 });
  });
});

describe('legal steps', () => {
  it('are refused everywhere else, in every state', async () => {
    const steps = {
      save: (id: string, version: number) => saveDraft(desk(), desk().li, id, { entry: anEntry({ hours: '全天' }), note: null, version }),
      submit: (id: string, version: number) => submit(desk(), desk().li, id, version),
      return: (id: string, version: number) => sendBack(desk(), desk().chen, id, { version, verdict: '退回' }),
      approve: (id: string, version: number) => approve(desk(), desk().chen, id, { version, verdict: null, publishAt: null }),
      publish: (id: string, version: number) => publish(desk(), desk().chen, id, version),
      drop: (id: string, version: number) => drop(desk(), desk().li, id, version),
    };
    const legal: readonly (readonly [KnowledgeRevision['state'], readonly string[]])[] = [
      ['draft', ['save', 'submit', 'drop']], ['returned', ['save', 'submit', 'drop']], ['review', ['return', 'approve', 'drop']], ['approved', ['return', 'publish', 'drop']], ['published', []], ['replaced', []], ['retired', []], ['dropped', []],
    ];
    let entries = 0;
    for (const [state, allowed] of legal) {
      for (const [name, step] of Object.entries(steps)) {
        entries += 1;
        const id = `state.${entries}`;
        const entry = anEntry({ id });
        const made = await desk().store.write((repos) => repos.revisions.create({ id, entryId: id, entry, wish: 'publish', basedOn: null, author: 'seat-li', note: null, now: START, state }));
        const attempt = (name === 'save' ? saveDraft(desk(), desk().li, id, { entry: { ...entry, hours: '全天' }, note: null, version: made.version }) : step(id, made.version)).then(() => 'done', (error: { code?: string }) => error.code);
        expect([state, name, await attempt]).toEqual([state, name, allowed.includes(name) ? 'done' : 'knowledge.wrong_state']);
      }
    }
  });

  it('are refused for what is not there', async () => {
    await expect(submit(desk(), desk().li, 'none', 1)).rejects.toMatchObject({ code: 'knowledge.not_found', status: 404 });
    await expect(startDraft(desk(), desk().li, { entryId: 'none.none' })).rejects.toMatchObject({ code: 'knowledge.not_found' });
    await expect(startDraft(desk(), desk().li, { fromRevision: 'none' })).rejects.toMatchObject({ code: 'knowledge.not_found' });
    await published();
    await expect(startDraft(desk(), desk().li, { entry: anEntry() })).rejects.toMatchObject({ code: 'knowledge.exists', status: 409 });
  });
});

describe('a text that may not be kept', () => {
  it('is refused with every field and rule', async () => {
    const wrong = { ...anEntry(), question: '？', department: 'nobody', towns: ['dongcheng', 'atlantis'], item: 'no.such', effectiveFrom: '2026-12-01', expiresOn: '2026-11-30', surprise: 1 };
    expect((await faultsOf(startDraft(desk(), desk().li, { entry: wrong }))).toSorted()).toEqual(['department unknown', 'expiresOn days_reversed', 'item unknown', 'question too_short', 'surprise unknown_field', 'towns.1 unknown']);
    await expect(startDraft(desk(), desk().li, { entry: wrong })).rejects.toMatchObject({ code: 'knowledge.invalid', citizenText: expect.stringMatching(/等共 6 处/) });
    expect(await faultsOf(startDraft(desk(), desk().li, { entry: { ...anEntry(), answer: '请找张三，电话13800138000。' } }))).toEqual(['answer personal_mobile']);
    await expect(startDraft(desk(), desk().li, { entry: { ...anEntry(), answer: '请找张三，电话13800138000。' } })).rejects.not.toMatchObject({ citizenText: expect.stringContaining('8000') });
    for (const nothing of [null, 'text', [], 7]) expect(await faultsOf(startDraft(desk(), desk().li, { entry: nothing }))).toEqual(['row not_an_object']);
  });

  it('cannot move to another entry', async () => {
    const draft = await startDraft(desk(), desk().li, { entry: anEntry() });
    expect(await faultsOf(saveDraft(desk(), desk().li, draft.id, { entry: anEntry({ id: 'noise.day' }), note: null, version: 1 }))).toEqual(['id fixed']);
  });

  it('may name what is not there while it is a draft, but not when it is handed in or published', async () => {
    await desk().sync(anEntry({ id: 'noise.other' }));
    const draft = await startDraft(desk(), desk().li, { entry: anEntry({ related: ['noise.none', 'noise.night', 'noise.other'], owner: 'nobody' }) });
    expect(await faultsOf(submit(desk(), desk().li, draft.id, 1))).toEqual(['related.0 unknown', 'related.1 itself', 'owner unknown']);
    const saved = await saveDraft(desk(), desk().li, draft.id, { entry: anEntry({ related: ['noise.other'], owner: 'wang' }), note: null, version: 1 });
    const review = await submit(desk(), desk().li, draft.id, saved.version);
    await desk().sync();
    expect(await faultsOf(approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START }))).toEqual(['related.0 unknown']);
  });

  it('may name what comes in beside it: two drafts that relate to each other are approved one after the other', async () => {
    const one = await startDraft(desk(), desk().li, { entry: anEntry({ id: 'pair.one', related: ['pair.two'] }) });
    const two = await startDraft(desk(), desk().li, { entry: anEntry({ id: 'pair.two', related: ['pair.one'] }) });
    for (const draft of [one, two]) {
      const review = await submit(desk(), desk().li, draft.id, draft.version);
      await approve(desk(), desk().chen, draft.id, { version: review.version, verdict: null, publishAt: START });
    }
    expect((await desk().row('pair.one'))?.entry.related).toEqual(['pair.two']);
  });
});
