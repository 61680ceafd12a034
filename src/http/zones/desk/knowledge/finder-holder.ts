import { setImmediate as breath } from 'node:timers/promises';
import type { IntakeContext } from '../../../../intake/context.ts';
import { createFinder, type Finder } from '../../../../matcher/finder/index.ts';
import type { Repositories } from '../../../../store/contract.ts';

/** Entries read between two breaths: some 15 ms of a turn's time. */
const SLICE = 200;
/** Changed rows read at once. */
const ROWS = 500;

/** The finder of this process. Made when a seat first searches: a start should not wait for it; follows the store from then on. */
export interface FinderHolder {
  /** Brought up to what is committed, inside the caller's read. */
  current(repos: Pick<Repositories, 'knowledge'>): Promise<Finder>;
  /** Resolves when the finder has been built. */
  ready(): Promise<void>;
}

export function createFinderHolder({ store, knowledge }: Pick<IntakeContext, 'store' | 'knowledge'>): FinderHolder {
  const finder = createFinder();
  let seq = 0;
  let building: Promise<void> | null = null;

  async function build(): Promise<void> {
    // The house's own entries where it has them, so that they are not in memory twice.
    const { entries, status } = knowledge;
    if (entries !== undefined && status !== undefined) {
      seq = status().seq;
      finder.put([...entries()]);
    } else {
      const read = await store.read(async (repos) => ({ seq: await repos.knowledge.changeSeq(), entries: await repos.knowledge.all() }));
      seq = read.seq;
      finder.put(read.entries);
    }
    while (!finder.ready(SLICE)) await breath();
  }

  return {
    ready: () =>
      (building ??= build().catch((error: unknown) => {
        building = null; // the next search tries again
        throw error;
      })),
    current: async (repos) => {
      if ((await repos.knowledge.changeSeq()) === seq) return finder;
      for (;;) {
        const from = seq;
        const rows = await repos.knowledge.changes(from, ROWS);
        const last = rows.at(-1);
        if (last === undefined) return finder;
        if (seq > from) continue; // another search was faster
        for (const row of rows) {
          if (row.state === 'published') finder.put([row.entry]);
          else finder.remove([row.id]);
        }
        seq = last.changeSeq;
      }
    },
  };
}
