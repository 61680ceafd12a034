import { setImmediate as breath } from 'node:timers/promises';
import type { KnowledgeEntry } from '../../../../domain/knowledge.ts';
import type { IntakeContext } from '../../../../intake/context.ts';
import { createFinder, type Finder } from '../../../../matcher/finder/index.ts';

/** Entries read between two breaths: some 15 ms of a turn's time. */
const SLICE = 200;
/** Changed rows read at once. */
const ROWS = 500;

/** The finder of this process. Made when a seat first searches: a start should not wait for it; follows the store from then on. */
export interface FinderHolder {
  /** @param newest the store's changeSeq as the caller read it; resolves when the finder has got there */
  at(newest: number): Promise<Finder>;
}

export function createFinderHolder({ store, knowledge }: Pick<IntakeContext, 'store' | 'knowledge'>): FinderHolder {
  const finder = createFinder();
  /** How far the finder is; -1: not begun. */
  let seq = -1;
  let working: Promise<void> | null = null;

  async function build(): Promise<void> {
    // The house's own entries where it has them, so that they are not in memory twice.
    const { entries, status } = knowledge;
    const read = entries !== undefined && status !== undefined ? { seq: status().seq, entries: entries() } : await store.read(async (repos) => ({ seq: await repos.knowledge.changeSeq(), entries: await repos.knowledge.all() }));
    let waiting: KnowledgeEntry[] = [];
    for (const entry of read.entries) {
      waiting.push(entry);
      if (waiting.length < SLICE) continue;
      finder.put(waiting);
      waiting = [];
      await digest();
      await breath();
    }
    finder.put(waiting);
    await digest();
    seq = read.seq;
  }

  /** Thousands of entries at once (an import) must not hold up the turns of this process. */
  async function digest(): Promise<void> {
    while (!finder.ready(SLICE)) await breath();
  }

  async function follow(): Promise<void> {
    if (seq < 0) await build();
    for (;;) {
      const rows = await store.read((repos) => repos.knowledge.changes(seq, ROWS));
      const last = rows.at(-1);
      if (last === undefined) return;
      for (const row of rows) {
        if (row.state === 'published') finder.put([row.entry]);
        else finder.remove([row.id]);
      }
      await digest();
      seq = last.changeSeq;
    }
  }

  return {
    at: async (newest) => {
      // Who comes while others follow may have seen more than they do: then once more, begun afterwards.
      for (let round = 0; round < 2 && (seq < newest || seq < 0); round += 1) {
        working ??= follow().finally(() => {
          working = null;
        });
        await working;
      }
      return finder;
    },
  };
}
