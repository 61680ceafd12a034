import { createLiveMatcher } from './live/index.ts';
import type { Thresholds } from './decide.ts';
import type { MatcherModel } from './model.ts';
import type { AnalyzerOptions } from './segment.ts';
import type { Matcher, MatchEntry } from './types.ts';

export { QUESTION_LIMIT } from './ask.ts';
export { createItemSuggester } from './items.ts';
export { createLiveMatcher, type KeptMatcher, type LiveMatcherOptions, openMatcher } from './live/index.ts';
export type { Thresholds } from './decide.ts';
export { type MatcherModel, readModel } from './model.ts';

export interface MatcherOptions extends AnalyzerOptions {
  readonly thresholds?: Partial<Thresholds>;
  /** Of `yihu kb train`, read by `readModel`; the shipped one unless told. */
  readonly model?: MatcherModel;
}

const OPTION_NAMES: ReadonlySet<string> = new Set(['words', 'synonyms', 'dialect', 'stopWords', 'thresholds', 'model']);

/**
 * Builds a matcher that does not change. `words`, `synonyms`, `dialect` and `stopWords` come from config/lexicon.yaml.
 * Throws a RangeError for an unknown option or two entries with one id. Build time grows with the text: about a second
 * for 5,000 entries of 200 characters.
 */
export function createMatcher(entries: readonly MatchEntry[], options: MatcherOptions = {}): Matcher {
  for (const name of Object.keys(options)) if (!OPTION_NAMES.has(name)) throw new RangeError(`unknown matcher option: ${name}`);
  const { match, size } = createLiveMatcher(entries, options);
  return { match, size };
}
