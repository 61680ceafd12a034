import { decide, type Thresholds, THRESHOLDS } from './decide.ts';
import { buildIndex, readQuery } from './engine.ts';
import { explain, orderTokens, rank } from './rank.ts';
import { type AnalyzerOptions, sharedAnalyzer } from './segment.ts';
import type { Matcher, MatchEntry, MatchHit } from './types.ts';

export { createItemSuggester } from './items.ts';
export type { Thresholds } from './decide.ts';

export interface MatcherOptions extends AnalyzerOptions {
  readonly thresholds?: Partial<Thresholds>;
}

const DEFAULT_LIMIT = 5;
/** A message longer than this is cut: the matter is said at the beginning, and the time of a match stays bounded. */
const QUESTION_LIMIT = 600;

const OPTION_NAMES: ReadonlySet<string> = new Set(['words', 'synonyms', 'dialect', 'stopWords', 'thresholds']);

/**
 * Builds an immutable index of the entries. `words`, `synonyms`, `dialect` and `stopWords` come from config/lexicon.yaml.
 * Throws a RangeError for an unknown option or two entries with one id. Build time grows with the text: about a second
 * for 5,000 entries of 200 characters.
 */
export function createMatcher(entries: readonly MatchEntry[], options: MatcherOptions = {}): Matcher {
  for (const name of Object.keys(options)) if (!OPTION_NAMES.has(name)) throw new RangeError(`unknown matcher option: ${name}`);
  const ids = entries.map((entry) => entry.id);
  if (new Set(ids).size !== ids.length) throw new RangeError('two entries have the same id');
  const analyzer = sharedAnalyzer(options);
  const thresholds: Thresholds = { ...THRESHOLDS, ...options.thresholds };
  const index = buildIndex(entries, analyzer);

  const match: Matcher['match'] = (question, matchOptions) => {
    const limit = Math.max(1, matchOptions?.limit ?? DEFAULT_LIMIT);
    const text = question.slice(0, QUESTION_LIMIT);
    const analysis = analyzer.recall(text);
    const query = readQuery(index, analysis);
    const tokens = orderTokens(analysis);
    const ranked: MatchHit[] = [];
    for (const { candidate, score } of rank(index, query, Math.max(limit, 3))) {
      ranked.push({ id: ids[candidate.entry] ?? '', score, matched: explain(index, text, query, tokens, candidate.entry) });
    }
    return { decision: decide(ranked, thresholds), ranked: ranked.slice(0, limit) };
  };
  return { match, size: entries.length };
}
