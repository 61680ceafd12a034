import { setImmediate as nextTurn } from 'node:timers/promises';
import { Compile } from 'typebox/compile';
import { beijingDay, DAY, startOfDay } from '../domain/clock.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../domain/knowledge.ts';
import type { MatchEntry } from '../matcher/types.ts';
import { createFollower } from '../store/follow.ts';
import { createAnswers, toMatchEntry } from './knowledge.ts';
import type { KnowledgeChange, LiveIndex, LiveKnowledge, LiveKnowledgeOptions, TrialChange } from './knowledge-contract.ts';
import { loadKnowledge, saveKnowledge } from './knowledge-disk.ts';
import { createShelf, shelvedOf, type Shelf, type Shelved } from './knowledge-shelf.ts';

export type { IndexMaker, KnowledgeChange, KnowledgeStatus, LiveIndex, LiveKnowledge, LiveKnowledgeOptions, TrialChange } from './knowledge-contract.ts';

/** Rows read at once: they are put into the index in one go, and turns wait for that. */
const ROWS_AT_ONCE = 50;
/** Without a change for so long the index is saved. */
const SETTLED_MS = 30_000;
/** A smaller base is indexed faster than its file is read. */
const WORTH_SAVING = 2_000;
/** Entries put into a trial index before other work gets a turn. */
const TRIAL_AT_ONCE = 8;
/** More changes than this since the file was written: built anew. */
const MOST_TO_CATCH_UP = 20_000;

const EntryCheck = Compile(KnowledgeEntrySchema);

/** Of a file that this process or an older version wrote: its checksum holds, but the shape may have changed since. */
function readEntry(text: string): KnowledgeEntry {
  const value: unknown = JSON.parse(text);
  if (!EntryCheck.Check(value)) throw new AppError('knowledge.file_broken', 'an entry in the saved index has another shape', { status: 500 });
  return value;
}

/**
 * Opens the knowledge base: from the disk of this node where it fits, else from the store; then follows the store.
 *
 *   publish ──commit──► news `knowledge` ─► look ─┐
 *                       every second ─► look ─────┴► changes(seq) ─► shelf, indexes ─► the next match
 *
 * Entries begin and end at midnight in Beijing; the first question of the day finds it so.
 */
export async function openLiveKnowledge(options: LiveKnowledgeOptions): Promise<LiveKnowledge> {
  const { store, now, index: maker, log, file } = options;
  const key = file === null ? '' : `${maker.fingerprint} ${file.base}`;
  const answer = createAnswers(options.city);
  const listeners = new Set<(change: KnowledgeChange) => void>();

  let { shelf, seq, citizens, origin } = await begin();
  let desk: LiveIndex | null = null;
  let today = beijingDay(now());
  let tomorrow = startOfDay(now()) + DAY;
  let seenAt = now();
  let changedAt = now();
  let savedSeq = origin === 'disk' ? seq : -1;
  let indexBytes = 0;
  let saving: Promise<void> | null = null;

  async function begin(): Promise<{ shelf: Shelf; seq: number; citizens: LiveIndex; origin: 'disk' | 'built' }> {
    const kept = file === null || maker.open === null ? null : await fromDisk(file.path, maker.open);
    if (kept !== null) return { ...kept, origin: 'disk' };
    const read = await store.read(async (repos) => ({ seq: await repos.knowledge.changeSeq(), entries: await repos.knowledge.all() }));
    const filled = createShelf(readEntry);
    for (const entry of read.entries) filled.put(entry);
    const day = beijingDay(now());
    return { shelf: filled, seq: read.seq, citizens: maker.create(read.entries.filter((entry) => isOn(filled.known(entry.id), day, true)).map(toMatchEntry)), origin: 'built' };
  }

  async function fromDisk(path: string, open: (bytes: Uint8Array) => LiveIndex): Promise<{ shelf: Shelf; seq: number; citizens: LiveIndex } | null> {
    const saved = await loadKnowledge(path, key, readEntry);
    if (saved === null) return null;
    const newest = await store.read((repos) => repos.knowledge.changeSeq());
    if (saved.seq > newest || newest - saved.seq > MOST_TO_CATCH_UP) return null;
    try {
      return { shelf: saved.shelf, seq: saved.seq, citizens: open(saved.index) };
    } catch (error) {
      log.warn({ name: error instanceof Error ? error.name : 'unknown' }, 'the saved index cannot be read: it is built anew');
      return null;
    }
  }

  /** Brings an index to what holds today: all entries, or these. */
  function settle(index: LiveIndex, citizensOnly: boolean, ids: Iterable<string>, changed: boolean): void {
    const put: MatchEntry[] = [];
    const gone: string[] = [];
    for (const id of ids) {
      const on = isOn(shelf.known(id), today, citizensOnly);
      const there = index.has(id);
      if (on && (changed || !there)) {
        const entry = shelf.get(id);
        if (entry !== null) put.push(toMatchEntry(entry));
      } else if (!on && there) gone.push(id);
    }
    if (gone.length > 0) index.remove(gone);
    if (put.length > 0) index.put(put);
  }

  function settleAll(ids: Iterable<string>, changed: boolean): void {
    const list = [...ids];
    settle(citizens, true, list, changed);
    if (desk !== null) settle(desk, false, list, changed);
  }

  /** At midnight entries begin and end. */
  function turnDay(): void {
    const at = now();
    if (at < tomorrow && at >= tomorrow - DAY) return;
    today = beijingDay(at);
    tomorrow = startOfDay(at) + DAY;
    settleAll(shelf.ids(), false);
  }

  async function pull(): Promise<void> {
    for (;;) {
      const askedAt = now();
      const from = seq;
      const rows = await store.read(async (repos) => ((await repos.knowledge.changeSeq()) === from ? [] : repos.knowledge.changes(from, ROWS_AT_ONCE)));
      seenAt = askedAt;
      const last = rows.at(-1);
      if (last === undefined) return;
      for (const row of rows) {
        if (row.state === 'published') shelf.put(row.entry);
        else shelf.remove(row.id);
      }
      settleAll(new Set(rows.map(({ id }) => id)), true);
      seq = last.changeSeq;
      changedAt = now();
      const change: KnowledgeChange = { put: rows.filter(({ state }) => state === 'published').map(({ id }) => id), removed: rows.filter(({ state }) => state !== 'published').map(({ id }) => id) };
      for (const listener of listeners) listener(change);
    }
  }

  const follower = createFollower({
    look: async () => {
      turnDay();
      await pull();
    },
    troubled: (error) => log.warn({ code: isAppError(error) ? error.code : error instanceof Error ? error.name : 'unknown' }, 'changes of the knowledge base could not be read'),
    every: options.every,
    beside: () => {
      citizens.maintain?.();
      desk?.maintain?.();
      keepFile();
    },
  });

  function keepFile(): void {
    if (file === null || citizens.snapshot === undefined || saving !== null || seq === savedSeq || shelf.size() < WORTH_SAVING || now() - changedAt < SETTLED_MS) return;
    saving = save(file.path, citizens.snapshot());
  }

  async function save(path: string, bytes: Uint8Array): Promise<void> {
    const at = seq;
    indexBytes = bytes.length;
    try {
      await saveKnowledge(path, key, { seq: at, shelf, index: bytes });
    } catch (error) {
      log.warn({ name: error instanceof Error ? error.name : 'unknown' }, 'the index could not be saved: the next start builds it anew');
    }
    // Also when it failed: a full disk is not asked every second, but after the next change.
    savedSeq = at;
    saving = null;
  }

  // The file may be of another day.
  if (origin === 'disk') settleAll(shelf.ids(), false);
  await follower.look();

  async function trial({ id, put }: TrialChange, day: string): Promise<LiveIndex> {
    const copy = maker.create([]);
    const ids = [...shelf.ids()].filter((other) => other !== id && isOn(shelf.known(other), day, true));
    for (let at = 0; at < ids.length; at += TRIAL_AT_ONCE) {
      copy.put(ids.slice(at, at + TRIAL_AT_ONCE).flatMap((other) => {
        const entry = shelf.get(other);
        return entry === null ? [] : [toMatchEntry(entry)];
      }));
      await nextTurn();
    }
    if (put !== null && isOn(shelvedOf(put), day, true)) copy.put([toMatchEntry(put)]);
    return copy;
  }

  return {
    get matcher() {
      turnDay();
      return citizens;
    },
    // Made when a seat first searches: a start should not wait for it.
    get deskMatcher() {
      turnDay();
      desk ??= maker.create([...shelf.entries()].filter((entry) => isOn(shelf.known(entry.id), today, false)).map(toMatchEntry));
      return desk;
    },
    full: (id) => {
      turnDay();
      return isOn(shelf.known(id), today, false) ? shelf.get(id) : null;
    },
    entry: (id) => {
      turnDay();
      const entry = isOn(shelf.known(id), today, true) ? shelf.get(id) : null;
      return entry === null ? null : answer(entry);
    },
    look: follower.look,
    start: follower.start,
    stop: async () => {
      await follower.stop();
      await saving;
    },
    status: () => ({ entries: shelf.size(), open: citizens.size, seq, seenAt, indexBytes, origin }),
    entries: () => shelf.entries(),
    trial,
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const isOn = (known: Shelved | null, today: string, citizensOnly: boolean): boolean => known !== null && (known.open || !citizensOnly) && known.from <= today && (known.until === null || known.until >= today);
