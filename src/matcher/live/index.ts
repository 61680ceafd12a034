import { createHash } from 'node:crypto';
import { createAsk, SAME_ITEM, SAME_TOPIC } from '../ask.ts';
import { type Thresholds, THRESHOLDS } from '../decide.ts';
import { type MatcherModel, shippedModel } from '../model.ts';
import { explain, orderTokens, rank, RERANKED } from '../rank.ts';
import { type Analyzer, type AnalyzerOptions, sharedAnalyzer } from '../segment.ts';
import type { LiveMatcher, MatchContext, MatchEntry } from '../types.ts';
import { entryWith, idAt, scopeAt, unitsOf } from './documents.ts';
import { buildIndex, LIVE_PARAMS, type LiveIndex } from './entries.ts';
import { soundsOfLive } from './facts.ts';
import { createKeeper, type Keeper, type KeeperOptions } from './keeper.ts';
import { readQuery } from './query.ts';
import { search } from './search.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { textOf } from './text-store.ts';
import { KINDS } from './vocabulary.ts';

export interface LiveMatcherOptions extends AnalyzerOptions {
  readonly thresholds?: Partial<Thresholds>;
  /** Of `yihu kb train`; the shipped one unless told. */
  readonly model?: MatcherModel;
  readonly keep?: KeeperOptions;
}

/** A matcher that follows its knowledge base, and is kept in shape. */
export interface KeptMatcher extends LiveMatcher {
  /** A slice of the work that changes have left, some milliseconds at most; true while there is more. Each change does one, too. */
  maintain(): boolean;
  /** All that work at once. */
  compact(): void;
}

/**
 * Builds an index that changes with its knowledge base. A change costs about as much as the entry's own text. Options are
 * those of `createMatcher`. Throws a RangeError for two entries with one id.
 */
export function createLiveMatcher(entries: readonly MatchEntry[], options: LiveMatcherOptions = {}): KeptMatcher {
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) throw new RangeError('two entries have the same id');
  const analyzer = sharedAnalyzer(options);
  return matcherOver(createKeeper(buildIndex(entries, analyzer), analyzer, options.keep), analyzer, options);
}

/**
 * Opens the bytes of `snapshot()` without building; the matcher keeps them and they must not be written to. Throws an
 * AppError `matcher.snapshot_unusable` when they are broken or were made with other options: then build anew.
 */
export function openMatcher(bytes: Uint8Array, options: LiveMatcherOptions = {}): KeptMatcher {
  const analyzer = sharedAnalyzer(options);
  const index = readSnapshot(bytes, fingerprintOf(analyzer, options), LIVE_PARAMS);
  return matcherOver(createKeeper(index, analyzer, options.keep), analyzer, options);
}

/** Says something to every step of the analyzer. */
const PROBE = '請問居住證點樣辦？社保卡(2026年)丟了，要帶什麼材料去邊度補辦；How to apply for permits。';

/** Of what the terms of an index depend on: lexicon, analyzer, kinds of terms. */
function fingerprintOf(analyzer: Analyzer, { words = [], synonyms = [], dialect = {}, stopWords = [] }: AnalyzerOptions): string {
  return createHash('sha256').update(JSON.stringify([words, synonyms, dialect, stopWords, KINDS.map(({ name }) => name), analyzer.read(PROBE)])).digest('hex');
}

function matcherOver(keeper: Keeper, analyzer: Analyzer, options: LiveMatcherOptions): KeptMatcher {
  const model = options.model ?? shippedModel();
  const match = createAsk(
    {
      changes: () => keeper.index().documents.changes,
      sounds: () => soundsOfLive(keeper.index()),
      find: (analysis, said, limit, context, heard, topic) => {
        const index = keeper.index();
        const query = readQuery(index, analysis);
        const item = context?.item ?? '';
        const last = topic === null ? -1 : entryWith(index.documents, topic);
        const favour = item === '' && last < 0 ? null : (entry: number) => (entry === last ? SAME_TOPIC : 0) + (item !== '' && scopeAt(index.documents, entry).item === item ? SAME_ITEM : 0);
        const found = rank(index, query, search(index, query, RERANKED, allowedBy(index, context)), limit, model, heard, favour);
        if (found === null) return [];
        const tokens = orderTokens(analysis);
        return found.ranked.map(({ candidate, place, score, why }) => ({ id: idAt(index.documents, candidate.entry), score, matched: explain(said, tokens, found.hits, place), why }));
      },
      entry: (id) => {
        const { documents, texts, answers } = keeper.index();
        const entry = entryWith(documents, id);
        if (entry < 0) return undefined;
        const { item, department } = scopeAt(documents, entry);
        const { from, to } = unitsOf(documents, entry);
        // Texts are kept as they were read: standard words, without punctuation.
        return { question: from < to ? textOf(texts, from) : '', answer: textOf(answers, entry), ...(item === undefined ? {} : { item }), ...(department === undefined ? {} : { department }) };
      },
    },
    analyzer,
    { ...THRESHOLDS, ...options.thresholds },
  );
  return {
    match,
    get size() { return keeper.index().size; },
    put: keeper.put,
    remove: keeper.remove,
    has: (id) => entryWith(keeper.index().documents, id) >= 0,
    snapshot: () => writeSnapshot(keeper.index(), fingerprintOf(analyzer, options)),
    maintain: keeper.maintain,
    compact: keeper.compact,
  };
}

/** Whether an entry holds in the conversation's town and on its day; undefined: every entry does. */
function allowedBy({ documents }: LiveIndex, context: MatchContext | undefined): ((entry: number) => boolean) | undefined {
  const town = context?.town ?? '';
  const today = context?.today ?? '';
  if (town === '' && today === '') return undefined;
  return (entry) => {
    const { towns, from, until } = scopeAt(documents, entry);
    if (town !== '' && towns !== undefined && towns.length > 0 && !towns.includes(town)) return false;
    return today === '' || ((from === undefined || from <= today) && (until === undefined || today <= until));
  };
}
