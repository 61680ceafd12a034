import { createAsk, SAME_ITEM } from './ask.ts';
import { type Thresholds, THRESHOLDS } from './decide.ts';
import { buildIndex, readQuery } from './engine.ts';
import { type MatcherModel, shippedModel } from './model.ts';
import { explain, orderTokens, rank } from './rank.ts';
import { createScope } from './scope.ts';
import { type AnalyzerOptions, sharedAnalyzer } from './segment.ts';
import { soundsIn } from './sounds.ts';
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
 * Builds an immutable index of the entries. `words`, `synonyms`, `dialect` and `stopWords` come from config/lexicon.yaml.
 * Throws a RangeError for an unknown option or two entries with one id. Build time grows with the text: about a second
 * for 5,000 entries of 200 characters.
 */
export function createMatcher(entries: readonly MatchEntry[], options: MatcherOptions = {}): Matcher {
  for (const name of Object.keys(options)) if (!OPTION_NAMES.has(name)) throw new RangeError(`unknown matcher option: ${name}`);
  const ids = entries.map((entry) => entry.id);
  const numbers = new Map(ids.map((id, number) => [id, number]));
  if (numbers.size !== ids.length) throw new RangeError('two entries have the same id');
  const analyzer = sharedAnalyzer(options);
  const model = options.model ?? shippedModel();
  const index = buildIndex(entries, analyzer);
  const scope = createScope(entries);
  const match = createAsk(
    {
      changes: () => 0,
      sounds: () => soundsIn(index),
      find: (analysis, said, limit, context, heard) => {
        const query = readQuery(index, analysis);
        const tokens = orderTokens(analysis);
        const item = context?.item ?? '';
        const favour = item === '' ? null : (entry: number) => (entries[entry]?.item === item ? SAME_ITEM : 0);
        return rank(index, query, limit, model, heard, scope.left(context), favour).map(({ candidate, score, why }) => ({ id: ids[candidate.entry] ?? '', score, matched: explain(index, said, query, tokens, candidate.entry), why }));
      },
      entry: (id) => entries[numbers.get(id) ?? -1],
    },
    analyzer,
    { ...THRESHOLDS, ...options.thresholds },
  );
  return { match, size: entries.length };
}
