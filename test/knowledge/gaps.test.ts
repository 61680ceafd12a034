import { describe, expect, it } from 'vitest';
import { DAY } from '../../src/domain/clock.ts';
import { addGapWording, createGapWatch, dismissGap, draftFromGap, gatherDaily, gatherGaps } from '../../src/knowledge/gaps.ts';
import { saveDraft, submit } from '../../src/knowledge/index.ts';
import type { GapCluster, KnowledgeGap } from '../../src/store/contract.ts';
import { aKnowledgeEntry, nextId } from '../factories/index.ts';
import { START, useDesk, type Desk } from './support.ts';

const desk = useDesk();

async function ask(on: Desk, ...questions: readonly (string | Partial<KnowledgeGap>)[]): Promise<void> {
  await on.store.write(async (repos) => {
    for (const one of questions) {
      const { clusterId: _none, ...given }: Partial<KnowledgeGap> = typeof one === 'string' ? { question: one } : one;
      await repos.gaps.add({ id: nextId('gap'), conversationId: 'conversation-1', kind: 'unanswered', question: '祖坟迁移补贴', bestId: null, bestScore: 0, at: on.now(), ...given });
    }
  });
}

const clusters = (on: Desk, ...states: GapCluster['state'][]): Promise<readonly GapCluster[]> => on.store.read((repos) => repos.gaps.clusters({ states: states.length === 0 ? ['open'] : states, limit: 50 }));

async function only(on: Desk): Promise<GapCluster> {
  const [cluster] = await clusters(on, 'open', 'drafted', 'added', 'dismissed');
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

describe('gathering gaps', () => {
  it('puts each into one cluster once; what comes later joins it', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴多少', '请问祖坟迁移有补贴吗', { question: '充电桩怎么申请', kind: 'unhelpful', bestId: 'a.one', bestScore: 0.8 });
    expect(await gatherGaps(on)).toEqual({ gaps: 3, clusters: 2 });
    expect(await gatherGaps(on)).toEqual({ gaps: 0, clusters: 0 });
    await ask(on, '祖坟迁移补贴？');
    expect(await gatherGaps(on)).toEqual({ gaps: 1, clusters: 1 });
    const [graves, charging] = await clusters(on);
    expect([graves?.count, graves?.samples.length, charging?.count, charging?.unhelpful, charging?.bestId]).toEqual([3, 3, 1, 1, 'a.one']);
    expect(await on.store.read((repos) => repos.gaps.unclustered(10))).toEqual([]);
    expect((await on.store.read((repos) => repos.gaps.ofCluster(graves?.id ?? '', 10))).length).toBe(3);
  });

  it('takes more than one transaction holds, and loses none', async () => {
    const on = desk();
    await ask(on, ...Array.from({ length: 1_250 }, (_none, at) => `${['祖坟迁移补贴', '充电桩申请', '老年卡补办'][at % 3]}${'？'.repeat(at % 2)}`));
    expect(await gatherGaps(on)).toEqual({ gaps: 1_250, clusters: 3 });
    expect((await clusters(on)).reduce((sum, { count }) => sum + count, 0)).toBe(1_250);
  });

  it('keeps what an editor decided while it was gathering', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴');
    await gatherGaps(on);
    await dismissGap(on, on.li, (await only(on)).id);
    await ask(on, '祖坟迁移补贴？');
    await gatherGaps(on);
    expect(await only(on)).toMatchObject({ state: 'dismissed', closedBy: on.li.id, count: 2 });
  });

  it('is done by one node at a time, also when one died over it', async () => {
    const on = desk();
    await on.store.write((repos) => repos.channelState.put('knowledge', 'gaps-running', 'yes', on.now() + 60_000));
    await expect(gatherGaps(on)).rejects.toMatchObject({ code: 'knowledge.gaps_busy', status: 409 });
    on.setNow(on.now() + 60_001);
    expect(await gatherGaps(on)).toEqual({ gaps: 0, clusters: 0 });
    expect(await gatherGaps(on)).toEqual({ gaps: 0, clusters: 0 });
  });

  it('runs by itself once a day, from three in the morning in Beijing, whichever node looks first', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴');
    const watch = createGapWatch(on.store);
    const three = Date.parse('2026-11-23T03:00:00+08:00');
    expect(await watch.tick(three - 1)).toEqual({ gaps: 1, clusters: 1 }); // the day before was never done
    expect(await watch.tick(three - 1)).toBeNull();
    await ask(on, '充电桩申请');
    on.setNow(three);
    const [one, other] = await Promise.all([gatherDaily(on), gatherDaily(on)]);
    expect([one, other].filter((report) => report !== null)).toEqual([{ gaps: 1, clusters: 1 }]);
    expect(await watch.tick(three + DAY - 1)).toBeNull();
    expect(await watch.tick(three + DAY)).toEqual({ gaps: 0, clusters: 0 });
  });
});

describe('what an editor makes of a gap', () => {
  it('drafts an entry with one key: the citizens\' wordings, the rest of the nearest entry; asked again the same', async () => {
    const on = desk();
    await on.sync(aKnowledgeEntry({ id: 'near.one', module: 'guides', department: 'police', item: 'env.noise' }));
    await ask(on, { question: '祖坟迁移补贴', bestId: 'near.one', bestScore: 0.3 }, '请问祖坟迁移有补贴吗', '祖坟迁移补贴');
    await gatherGaps(on);
    const { id } = await only(on);
    const { cluster, revision } = await draftFromGap(on, on.li, id);
    expect(cluster).toMatchObject({ state: 'drafted', entryId: revision.entryId, closedBy: on.li.id, count: 3 });
    expect(revision).toMatchObject({ state: 'draft', author: on.li.id, basedOn: null, note: '来自知识缺口：市民问过 3 次' });
    expect(revision.entry).toMatchObject({ module: 'guides', department: 'police', item: 'env.noise', related: ['near.one'], question: '祖坟迁移补贴', wordings: ['请问祖坟迁移有补贴吗'] });
    expect((await draftFromGap(on, on.wang, id)).revision.id).toBe(revision.id);
    await expect(submit(on, on.li, revision.id, revision.version), 'the answer of another question').rejects.toMatchObject({ code: 'knowledge.invalid', faults: [{ field: 'answer', rule: 'unwritten' }, { field: 'voice', rule: 'unwritten' }] });
    const { version } = await saveDraft(on, on.li, revision.id, { entry: { ...revision.entry, answer: '按照征地方案逐穴补贴，到村委会登记。', voice: '按征地方案逐穴补贴。' }, note: null, version: revision.version });
    await submit(on, on.li, revision.id, version);
    expect((await draftFromGap(on, on.li, id)).revision).toMatchObject({ id: revision.id, state: 'review' });
  });

  it('drafts one from nothing when no entry is near', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴');
    await gatherGaps(on);
    const { revision } = await draftFromGap(on, on.li, (await only(on)).id);
    expect(revision.entry).toMatchObject({ module: 'faq', department: 'ecology', question: '祖坟迁移补贴', effectiveFrom: '2026-11-22' });
    expect(revision.entry.answer).toContain('祖坟迁移补贴');
  });

  it('does not let such a draft be handed in before its answer, voice and source are written', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴');
    await gatherGaps(on);
    const { revision } = await draftFromGap(on, on.li, (await only(on)).id);
    await expect(submit(on, on.li, revision.id, revision.version)).rejects.toMatchObject({ code: 'knowledge.invalid', status: 422, faults: [{ field: 'answer', rule: 'unwritten' }, { field: 'voice', rule: 'unwritten' }, { field: 'source.title', rule: 'unwritten' }] });
    const written = { ...revision.entry, answer: '按照征地方案逐穴补贴，到村委会登记。', voice: '按征地方案逐穴补贴。', source: { title: '征地补偿安置方案' } };
    const saved = await saveDraft(on, on.li, revision.id, { entry: written, note: null, version: revision.version });
    expect((await submit(on, on.li, revision.id, saved.version)).state).toBe('review');
  });

  it('adds a wording to an entry as a draft, into the draft that is open, and only once', async () => {
    const on = desk();
    await on.sync(aKnowledgeEntry({ id: 'near.one', wordings: ['原来的问法'] }));
    await ask(on, '祖坟迁移补贴', '充电桩怎么申请');
    await gatherGaps(on);
    const [one, two] = await clusters(on);
    const first = await addGapWording(on, on.li, one?.id ?? '', { entryId: 'near.one', wording: ' 祖坟迁移补贴 ' });
    expect(first.cluster).toMatchObject({ state: 'added', entryId: 'near.one' });
    expect(first.revision.entry.wordings).toEqual(['原来的问法', '祖坟迁移补贴']);
    const second = await addGapWording(on, on.wang, two?.id ?? '', { entryId: 'near.one', wording: '充电桩怎么申请' });
    expect([second.revision.id === first.revision.id, second.revision.entry.wordings.length]).toEqual([true, 3]);
    expect((await addGapWording(on, on.wang, two?.id ?? '', { entryId: 'near.one', wording: '充电桩怎么申请' })).revision).toEqual(second.revision);
    await submit(on, on.li, second.revision.id, second.revision.version);
    await expect(addGapWording(on, on.li, one?.id ?? '', { entryId: 'near.one', wording: '又一种问法' })).rejects.toMatchObject({ code: 'knowledge.draft_open' });
  });

  it('refuses what is not there and wordings of no size', async () => {
    const on = desk();
    await ask(on, '祖坟迁移补贴');
    await gatherGaps(on);
    const { id } = await only(on);
    for (const work of [draftFromGap(on, on.li, 'none'), dismissGap(on, on.li, 'none'), addGapWording(on, on.li, 'none', { entryId: 'x.y', wording: '问法' })]) await expect(work).rejects.toMatchObject({ code: 'knowledge.gap_not_found', status: 404 });
    for (const wording of ['', '问', '问'.repeat(81)]) await expect(addGapWording(on, on.li, id, { entryId: 'x.y', wording })).rejects.toMatchObject({ code: 'knowledge.wording_size' });
    await expect(addGapWording(on, on.li, id, { entryId: 'x.y', wording: '问法' })).rejects.toMatchObject({ code: 'knowledge.not_found' });
    expect((await only(on)).state).toBe('open');
    expect(on.now()).toBe(START);
  });
});
