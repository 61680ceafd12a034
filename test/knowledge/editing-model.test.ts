import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/errors.ts';
import { approve, createKnowledgeUpkeep, drop, publish, requestRetirement, saveDraft, sendBack, startDraft, submit } from '../../src/knowledge/index.ts';
import { anEntry, START, useDesk, type Desk } from './support.ts';

const desk = useDesk();

const STEPS = ['start', 'back', 'save', 'submit', 'return', 'approve', 'plan', 'wait', 'publish', 'drop', 'retire', 'files', 'tick'] as const;
type Step = (typeof STEPS)[number];
interface Move {
  readonly step: Step;
  readonly who: 'li' | 'wang' | 'chen';
  readonly entry: 'x.a' | 'x.b';
  /** Which of the entry's revisions, and how stale the version it was seen at. */
  readonly pick: number;
  readonly stale: boolean;
  /** Null: the step as it came; else one of those that are next in the state the entry is in. */
  readonly next: number | null;
}

/** Left to chance alone, few drafts would ever come as far as a decision. */
const NEXT: Readonly<Record<string, readonly Step[]>> = {
  none: ['start', 'start', 'retire', 'back'], draft: ['save', 'submit', 'submit'], returned: ['save', 'submit'], review: ['approve', 'plan', 'wait', 'return'], approved: ['publish', 'tick', 'tick', 'return'],
};

const move: fc.Arbitrary<Move> = fc.record({
  step: fc.constantFrom(...STEPS), who: fc.constantFrom('li', 'wang', 'chen'), entry: fc.constantFrom('x.a', 'x.a', 'x.b'), pick: fc.nat({ max: 3 }),
  stale: fc.integer({ min: 0, max: 9 }).map((number) => number === 0), next: fc.option(fc.nat({ max: 11 }), { freq: 3 }),
});

async function chosen(at: Desk, { step, next, entry }: Move): Promise<Step> {
  if (next === null) return step;
  const steps = NEXT[(await at.store.read((repos) => repos.revisions.openOf(entry)))?.state ?? 'none'] ?? [];
  return steps[next % Math.max(1, steps.length)] ?? step;
}

async function make(at: Desk, { who, entry: id, pick, stale }: Move, step: Step, round: number): Promise<unknown> {
  const editor = at[who];
  const revisions = await at.store.read((repos) => repos.revisions.ofEntry(id, 20));
  const open = await at.store.read((repos) => repos.revisions.openOf(id));
  const target = open ?? revisions[pick % Math.max(1, revisions.length)];
  const version = (target?.version ?? 1) - (stale ? 1 : 0);
  const text = anEntry({ id, answer: `第 ${round} 次写下的答复，供市民查阅。` });
  const row = await at.row(id);
  const revision = target?.id ?? 'none';
  switch (step) {
    case 'start': return startDraft(at, editor, row === null ? { entry: text } : { entryId: id });
    case 'back': return startDraft(at, editor, { fromRevision: revisions[pick % Math.max(1, revisions.length)]?.id ?? 'none' });
    case 'save': return saveDraft(at, editor, revision, { entry: text, note: null, version });
    case 'submit': return submit(at, editor, revision, version);
    case 'return': return sendBack(at, editor, revision, { version, verdict: '请修改' });
    case 'approve': return approve(at, editor, revision, { version, verdict: null, publishAt: at.now() });
    case 'plan': return approve(at, editor, revision, { version, verdict: null, publishAt: at.now() + 500 });
    case 'wait': return approve(at, editor, revision, { version, verdict: null, publishAt: null });
    case 'publish': return publish(at, editor, revision, version);
    case 'drop': return drop(at, editor, revision, version);
    case 'retire': return requestRetirement(at, editor, id, '政策废止');
    case 'files': return at.sync(...(pick === 0 ? [] : [anEntry({ id: 'x.a', answer: `文件第 ${pick} 版的答复，供市民查阅。` })]));
    case 'tick': return createKnowledgeUpkeep(at).tick(at.now());
  }
}

/** What holds whatever the editors do, in whatever order. */
async function holds(at: Desk): Promise<void> {
  for (const id of ['x.a', 'x.b']) {
    const row = await at.row(id);
    const revisions = await at.store.read((repos) => repos.revisions.ofEntry(id, 1000));
    expect(revisions.filter(({ state }) => ['draft', 'review', 'returned', 'approved'].includes(state)).length).toBeLessThanOrEqual(1);
    expect(new Set(revisions.map(({ number }) => number)).size).toBe(revisions.length);
    const current = revisions.filter(({ state }) => state === 'published');
    expect(current.length).toBeLessThanOrEqual(1);
    // What citizens get is what was approved, word for word; or it is the files'.
    if (row?.state === 'published' && row.origin === 'desk') expect(current.map(({ number, entry }) => ({ number, entry }))).toEqual([{ number: row.revision, entry: row.entry }]);
    else expect(current).toEqual([]);
    for (const revision of revisions) {
      if (revision.author === 'system' || !['approved', 'published', 'replaced', 'retired'].includes(revision.state)) continue;
      expect(revision.reviewer).not.toBeNull();
      expect([revision.author, revision.editedBy]).not.toContain(revision.reviewer);
    }
  }
  const seqs = (await at.store.read((repos) => repos.knowledge.changes(0, 1000))).map(({ changeSeq }) => changeSeq);
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(await at.store.read((repos) => repos.trail.verify())).toBeNull();
}

describe('whatever the editors do', () => {
  it('citizens get only what two people agreed on, and nothing is lost', async () => {
    const reached = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 100, maxLength: 150, size: 'max' }), async (moves) => {
        const at = await desk.fresh();
        let seen = 0;
        for (const [index, one] of moves.entries()) {
          at.setNow(START + index * 100);
          const before = at.announced();
          const step = await chosen(at, one);
          const outcome = await make(at, one, step, index).then(() => 'done', (error: unknown) => {
            if (!isAppError(error) || !error.code.startsWith('knowledge.')) throw error;
            return error.code;
          });
          reached.add(outcome === 'done' ? step : outcome);
          const seq = await at.store.read((repos) => repos.knowledge.changeSeq());
          expect(seq).toBeGreaterThanOrEqual(seen);
          // Whoever listens for changes hears of each that an editor or the clock made, and of no refusal.
          if (step !== 'files') expect([step, at.announced() > before]).toEqual([step, seq > seen]);
          seen = seq;
        }
        await holds(at);
      }),
      { numRuns: 12 },
    );
    // The walk has been everywhere, or it has proved nothing.
    for (const step of STEPS) expect(reached).toContain(step);
    for (const code of ['knowledge.own_work', 'knowledge.draft_open', 'knowledge.wrong_state', 'knowledge.conflict', 'knowledge.not_found']) expect(reached).toContain(code);
  });
});
