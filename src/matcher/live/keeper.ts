import type { Analyzer } from '../segment.ts';
import type { MatchEntry } from '../types.ts';
import { copyEntry, createDocuments, type Documents, entriesOf, entryWith, markGone } from './documents.ts';
import { currentNorms, dropEntry, hangEntry, indexOf, type LiveIndex, writeEntry } from './entries.ts';
import { addToTail, BLOCK_ENTRIES, type Block, type BlockBuilder, createBlockBuilder, createTail } from './postings.ts';

/**
 * Keeps an index in shape while entries come and go. A new entry hangs in the tail at once; when the tail is long, it is
 * sealed into the last block; when many entries are gone, everything is copied without them. Both are done in slices, a
 * slice with each entry that comes, so that no call takes long; `maintain` does slices in idle time.
 */
export interface Keeper {
  index(): LiveIndex;
  put(entries: readonly MatchEntry[]): void;
  remove(ids: readonly string[]): void;
  /** Does a slice of what is due, some milliseconds at most; true while more is to be done. */
  maintain(): boolean;
  /** Does everything at once: afterwards the index is like one that was built from its entries. */
  compact(): void;
}

export interface KeeperOptions {
  /** Entries in the tail from which on it is sealed; 2,048 unless told. */
  readonly tailMost?: number;
  /** Share of entries that are gone from which on the index is compacted; a quarter unless told, and 1,024 entries at least. */
  readonly goneShare?: number;
  readonly goneLeast?: number;
  /** Entries read in a slice, about 5 µs each; 400 unless told. */
  readonly slice?: number;
}

/** The tail's places are numbers of 16 bits: from here on nothing may wait any more. */
const TAIL_FULL = BLOCK_ENTRIES - 1024;

/** Work that goes on in slices; true when it is done and in force. */
type Job = (most: number) => boolean;

export function createKeeper(first: LiveIndex, analyzer: Analyzer, { tailMost = 2048, goneShare = 0.25, goneLeast = 1024, slice = 400 }: KeeperOptions = {}): Keeper {
  let index = first;
  let job: Job | null = null;

  const seal = (): Job => {
    const { documents, vocabulary, blocks, tail } = index;
    const last = blocks[blocks.length - 1];
    const from = last !== undefined && entriesOf(documents) - last.first <= BLOCK_ENTRIES ? last.first : tail.first;
    const to = Math.min(entriesOf(documents), from + BLOCK_ENTRIES);
    const builder = createBlockBuilder(documents, vocabulary, from, to, currentNorms(index));
    return (most) => {
      if (!builder.step(most)) return false;
      if (last?.first === from) blocks.pop();
      blocks.push(builder.block());
      hangRest(index, to);
      return true;
    };
  };

  const compaction = (): Job => {
    const old = index;
    const fresh = createDocuments();
    const blocks: Block[] = [];
    /** New number of each old entry plus one; 0: was gone. */
    const numbers: number[] = [];
    let builder: BlockBuilder | null = null;
    let sealed = 0;
    const copy = (most: number): number => {
      let done = 0;
      for (; done < most && numbers.length < entriesOf(old.documents); done += 1) {
        const entry = numbers.length;
        numbers.push(old.documents.gone.values[entry] === 1 ? 0 : copyEntry(fresh, old.documents, entry) + 1);
      }
      return done;
    };
    return (most) => {
      if (builder === null && copy(most) > 0 && numbers.length < entriesOf(old.documents)) return false;
      if (builder === null && entriesOf(fresh) > sealed) builder = createBlockBuilder(fresh, old.vocabulary, sealed, Math.min(entriesOf(fresh), sealed + BLOCK_ENTRIES), currentNorms(old));
      if (builder !== null) {
        if (!builder.step(most)) return false;
        const block = builder.block();
        blocks.push(block);
        sealed = block.first + block.entries;
        builder = null;
        // What came meanwhile goes to the tail; a whole block more is made first.
        if (entriesOf(fresh) - sealed > TAIL_FULL / 2) return false;
      }
      copy(Infinity);
      numbers.forEach((number, entry) => {
        if (number > 0 && old.documents.gone.values[entry] === 1) markGone(fresh, number - 1);
      });
      takeCounts(fresh, old.documents);
      index = indexOf(old.params, old.vocabulary, fresh, blocks, createTail(sealed));
      hangRest(index, sealed);
      return true;
    };
  };

  const due = (): Job | null => {
    const { documents, tail } = index;
    const gone = entriesOf(documents) - documents.live;
    if (gone >= goneLeast && gone > goneShare * entriesOf(documents)) return compaction();
    return entriesOf(documents) - tail.first > tailMost ? seal() : null;
  };

  const maintain = (): boolean => {
    job ??= due();
    if (job?.(slice) === true) job = null;
    return job !== null;
  };

  const finish = (): void => {
    while (job !== null) if (job(Infinity)) job = null;
  };

  const remove = (id: string): void => {
    const entry = entryWith(index.documents, id);
    if (entry >= 0) dropEntry(index, entry);
  };

  return {
    index: () => index,
    put: (entries) => {
      for (const entry of entries) {
        remove(entry.id);
        hangEntry(index, writeEntry(index, entry, analyzer), currentNorms(index));
        maintain();
        if (entriesOf(index.documents) - index.tail.first > TAIL_FULL) {
          job ??= seal();
          finish();
        }
      }
    },
    remove: (ids) => {
      for (const id of ids) {
        remove(id);
        maintain();
      }
    },
    maintain,
    compact: () => {
      finish();
      job = compaction();
      finish();
    },
  };
}

/** A new tail from an entry on. */
export function hangRest(index: LiveIndex, from: number): void {
  const { documents, vocabulary } = index;
  index.tail = createTail(from);
  const norms = currentNorms(index);
  for (let entry = from; entry < entriesOf(documents); entry += 1) if (documents.gone.values[entry] !== 1) addToTail(index.tail, documents, vocabulary, entry, norms);
}

/** Both hold the same entries. */
function takeCounts(to: Documents, from: Documents): void {
  to.units = from.units;
  to.changes = from.changes + 1;
  from.unitLengths.forEach((length, kind) => (to.unitLengths[kind] = length));
  from.wholeLengths.forEach((length, kind) => (to.wholeLengths[kind] = length));
}
