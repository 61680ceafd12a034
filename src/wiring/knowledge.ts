import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import { beijingDay } from '../domain/clock.ts';
import { AppError, codeOf, isAppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { Log } from '../intake/context.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toMatchEntry } from '../intake/knowledge.ts';
import { openLiveKnowledge, type IndexMaker, type LiveKnowledge } from '../intake/knowledge-live.ts';
import { everyMs, type Every } from '../store/follow.ts';
import { askAll, compareOutcomes, type Effect, type GoldenQuestion, type Outcome } from '../knowledge/effect.ts';
import { createGapWatch } from '../knowledge/gaps.ts';
import { createKnowledgeUpkeep, type EditingContext } from '../knowledge/index.ts';
import { createLiveMatcher, openMatcher, type KeptMatcher, type LiveMatcherOptions } from '../matcher/index.ts';
import type { Matcher } from '../matcher/types.ts';
import type { KnowledgeRevision, Repositories, Store } from '../store/contract.ts';
import { growFrom, readSeed, writeSeed } from './seed.ts';

/** The knowledge base of a node: the files into the store, the store into the index, changes as they come. */

const FILES = { channel: 'house', key: 'knowledge-files' } as const;
const BASE = { channel: 'house', key: 'knowledge-base' } as const;
/** Each waits as long as the store waits for a lock. */
const FOLLOW_TRIES = 12;

/**
 * Has the store follow config/knowledge. Files that are the same as at the last start of a node are not compared again: with
 * 100,000 entries of the editors' own that would be most of the start.
 * @returns how many entries changed
 */
export async function followFiles(store: Store, entries: readonly KnowledgeEntry[], now: () => EpochMs): Promise<number> {
  const digest = createHash('sha256').update(JSON.stringify(entries)).digest('base64');
  const followed = (repos: Pick<Repositories, 'channelState'>): Promise<boolean> => repos.channelState.get(FILES.channel, FILES.key, now()).then((before) => before === digest);
  // Nodes that start together on an empty database want to write the same rows: the first one does, the others wait for it and look again.
  for (let tries = 1; ; tries += 1) {
    if (await store.read(followed)) return 0;
    try {
      return await store.write(async (repos) => {
        if (await followed(repos)) return 0;
        const changed = await repos.knowledge.sync(entries, now());
        await repos.channelState.put(FILES.channel, FILES.key, digest, null);
        return changed;
      });
    } catch (error) {
      if (tries >= FOLLOW_TRIES || codeOf(error) !== 'store.busy') throw error;
    }
  }
}

/** A name that this database keeps: what was saved of another one does not belong to it. */
export async function nameBase(store: Store, now: () => EpochMs): Promise<string> {
  const { channel, key } = BASE;
  const before = await store.read((repos) => repos.channelState.get(channel, key, now()));
  if (before !== null) return before;
  return store.write(async (repos) => {
    const meanwhile = await repos.channelState.get(channel, key, now());
    if (meanwhile !== null) return meanwhile;
    const name = uuidv7();
    await repos.channelState.put(channel, key, name, null);
    return name;
  });
}

export interface KnowledgeGiven {
  readonly store: Store;
  readonly city: CityData;
  readonly words: LiveMatcherOptions;
  readonly dataDir: string;
  /** What the build has indexed already; none unless told. */
  readonly seedFile?: string;
  readonly version: string;
  readonly now: () => EpochMs;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export async function openKnowledge({ store, city, words, dataDir, seedFile, version, now, log }: KnowledgeGiven): Promise<LiveKnowledge> {
  await followFiles(store, city.knowledge, now);
  return openLiveKnowledge({ store, city, now, log, index: indexMaker(words, version, seedFile), file: { path: join(dataDir, 'knowledge.idx'), base: await nameBase(store, now) } });
}

/** What the matcher takes from a city's lexicon; its places and departments are words, too. */
export function matcherWords({ lexicon, towns, departments }: Pick<CityData, 'lexicon' | 'towns' | 'departments'>): Required<Pick<LiveMatcherOptions, 'words'>> & LiveMatcherOptions {
  const { synonyms, dialect, stopWords } = lexicon;
  return { words: [...lexicon.words, ...towns.flatMap((town) => [town.name, town.short]), ...departments.flatMap((department) => [department.name, department.short])], synonyms, dialect, stopWords };
}

/** An index of so few entries is built faster than the seed is read; a trial begins with none. */
const WORTH_A_SEED = 50;

/** The bytes of an index check by themselves what the matcher reads of them; the version is for everything else that may differ. */
export function indexMaker(words: LiveMatcherOptions, version: string, seedFile: string | null = null): IndexMaker {
  const fingerprint = createHash('sha256').update(JSON.stringify([version, words])).digest('base64');
  const open = (bytes: Uint8Array): KeptMatcher => openMatcher(bytes, words);
  return {
    create: (entries) => {
      const seed = seedFile === null || entries.length < WORTH_A_SEED ? null : readSeed(seedFile, fingerprint);
      return (seed === null ? null : growFrom(seed, entries, open)) ?? createLiveMatcher(entries, words);
    },
    open,
    fingerprint,
  };
}

/** Writes the seed of a city's own entries: those that citizens may get today, in the order in which the store gives them. */
export function keepSeed(path: string, city: CityData, version: string, now: EpochMs): void {
  const words = matcherWords(city);
  const today = beijingDay(now);
  const entries = city.knowledge
    .filter((entry) => entry.audience !== 'desk' && entry.effectiveFrom <= today && (entry.expiresOn ?? today) >= today)
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(toMatchEntry);
  writeSeed(path, indexMaker(words, version).fingerprint, entries, createLiveMatcher(entries, words).snapshot());
}

/** What a revision would do to the evaluation set; one at a time, and never so long at a stretch that a citizen waits for it. */
export type PreviewEffect = (revision: Pick<KnowledgeRevision, 'entryId' | 'entry' | 'wish'>) => Promise<Effect>;

/** @throws AppError `knowledge.effect_busy` (409) from the preview while another one is made */
export function createPreview(knowledge: Pick<LiveKnowledge, 'matcher' | 'trial' | 'full'>, golden: readonly GoldenQuestion[], now: () => EpochMs): PreviewEffect {
  let busy = false;
  return async ({ entryId, entry, wish }) => {
    if (busy) throw new AppError('knowledge.effect_busy', 'another effect is being measured', { status: 409, retry: 'after', citizenText: '正在评测另一处改动，请稍后再试。' });
    busy = true;
    try {
      const today = beijingDay(now());
      const day = wish === 'publish' && entry.effectiveFrom > today ? entry.effectiveFrom : today;
      const before = await askSlowly(golden, knowledge.matcher, today);
      const changed = await knowledge.trial({ id: entryId, put: wish === 'publish' ? entry : null }, day);
      const after = await askSlowly(golden, changed, day);
      return compareOutcomes(golden, before, after, (id) => id === entryId || knowledge.full(id) !== null);
    } finally {
      busy = false;
    }
  };
}

async function askSlowly(golden: readonly GoldenQuestion[], matcher: Matcher, today: string): Promise<readonly Outcome[]> {
  const work = askAll(golden, matcher, today);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

const TEND_MS = 60_000;

/**
 * What time brings, once a minute on nodes that carry work: planned publications, reminders, and the daily gathering of gaps.
 * @returns how to stop it
 */
export function tendKnowledge(editing: Omit<EditingContext, 'now'>, now: () => EpochMs, log: Pick<Log, 'info' | 'warn'>, every: Every = everyMs): () => Promise<void> {
  const upkeep = createKnowledgeUpkeep(editing);
  const gaps = createGapWatch(editing.store);
  let tending: Promise<void> | null = null;
  const tend = async (): Promise<void> => {
    try {
      const { published, reminded } = await upkeep.tick(now());
      const gathered = await gaps.tick(now());
      if (published > 0 || reminded > 0 || gathered !== null) log.info({ published, reminded, gaps: gathered?.gaps ?? 0 }, 'knowledge tended');
    } catch (error) {
      log.warn({ code: isAppError(error) ? error.code : error instanceof Error ? error.name : 'unknown' }, 'knowledge could not be tended: tried again in a minute');
    }
  };
  const stop = every(TEND_MS, () => {
    tending ??= tend().finally(() => {
      tending = null;
    });
  });
  return async () => {
    stop();
    await tending;
  };
}
