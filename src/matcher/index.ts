import { foldText } from '../domain/text.ts';
import { decide, type Facets, type Thresholds, THRESHOLDS } from './decide.ts';
import { buildIndex, readQuery } from './engine.ts';
import { asksFor } from './kinds.ts';
import { type MatcherModel, shippedModel } from './model.ts';
import { explain, type Favour, orderTokens, rank } from './rank.ts';
import { createScope } from './scope.ts';
import { type AnalyzerOptions, sharedAnalyzer } from './segment.ts';
import { hear } from './sounds.ts';
import type { MatchContext, Matcher, MatchEntry, MatchHit, MatchResult } from './types.ts';
import { isWeak } from './weak-chars.ts';

export { createItemSuggester } from './items.ts';
export type { Thresholds } from './decide.ts';
export { type MatcherModel, readModel } from './model.ts';

export interface MatcherOptions extends AnalyzerOptions {
  readonly thresholds?: Partial<Thresholds>;
  /** Of `yihu kb train`, read by `readModel`; the shipped one unless told. */
  readonly model?: MatcherModel;
}

const DEFAULT_LIMIT = 5;
/** A message longer than this is cut: the matter is said at the beginning, and the time of a match stays bounded. */
export const QUESTION_LIMIT = 600;
/** What an entry of the item that is talked about gains, on the ranking's scale. */
const SAME_ITEM = 0.6;
/** A question of at most this many telling characters may go on with the last topic. */
const FOLLOW_UP = 6;
/** With at most this many it names nothing itself, so whatever it found alone was chance. */
const NAMELESS = 2;
/** What going on with the last topic costs in certainty. */
const GUESSED = 0.9;

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
  const thresholds: Thresholds = { ...THRESHOLDS, ...options.thresholds };
  const model = options.model ?? shippedModel();
  const index = buildIndex(entries, analyzer);
  const scope = createScope(entries);

  const facets = new Map<string, Facets>();
  const facetsOf = (id: string): Facets => {
    const known = facets.get(id);
    if (known !== undefined) return known;
    const entry = entries[numbers.get(id) ?? -1];
    const words = entry === undefined ? [] : analyzer.analyze(entry.question === '' ? (entry.answer ?? '').slice(0, 60) : entry.question).words.map(({ term }) => term);
    const made = { item: entry?.item ?? '', department: entry?.department ?? '', words, same: JSON.stringify([entry?.question, entry?.answer]) };
    facets.set(id, made);
    return made;
  };

  const favourOf = (item: string | null | undefined): Favour | null => (item === null || item === undefined || item === '' ? null : (entry) => (entries[entry]?.item === item ? SAME_ITEM : 0));

  const ask = (text: string, limit: number, context: MatchContext | undefined, explained: boolean, certainty: number): MatchHit[] => {
    const heard = hear(index, foldText(text));
    const analysis = heard.changed === 0 ? analyzer.recall(text) : analyzer.analyze(heard.text);
    // Characters change places one for one; only pinyin that was typed makes another text.
    const said = heard.text.length === text.length ? text : heard.text;
    const query = readQuery(index, analysis);
    const tokens = orderTokens(analysis);
    return rank(index, query, limit, model, heard.changed, scope.left(context), favourOf(context?.item)).map(({ candidate, score, why }) => ({
      id: ids[candidate.entry] ?? '', score: score * certainty, matched: explain(index, said, query, tokens, candidate.entry), ...(explained ? { why: why() } : {}),
    }));
  };

  const match: Matcher['match'] = (question, matchOptions) => {
    const limit = Math.max(1, matchOptions?.limit ?? DEFAULT_LIMIT);
    const context = matchOptions?.context;
    const text = question.slice(0, QUESTION_LIMIT);
    const wanted = Math.max(limit, PLAUSIBLE);
    const explained = matchOptions?.explain === true;
    const result = (ranked: readonly MatchHit[]): MatchResult => ({ decision: decide(ranked, thresholds, facetsOf, text), ranked: ranked.slice(0, limit) });
    const direct = ask(text, wanted, context, explained, 1);
    const topic = topicOf(entries[numbers.get(context?.lastId ?? '') ?? -1]);
    const named = telling(text);
    if (topic === '' || !goesOn(text) || named > FOLLOW_UP || (named > NAMELESS && (direct[0]?.score ?? 0) >= thresholds.answer)) return result(direct);
    const joined = ask(`${topic}，${text}`, wanted, context, explained, GUESSED);
    return result(named <= NAMELESS || (joined[0]?.score ?? 0) > (direct[0]?.score ?? 0) ? joined : direct);
  };
  return { match, size: entries.length };
}

/** Hits that a decision looks at. */
const PLAUSIBLE = 8;
/** Characters of a topic that are put before a question that goes on with it. */
const TOPIC_KEPT = 40;

function topicOf(entry: MatchEntry | undefined): string {
  return entry === undefined ? '' : (entry.question === '' ? (entry.answer ?? '') : entry.question).slice(0, TOPIC_KEPT);
}

const MORE = /怎么|如何|哪些|什么|材料|流程|手续|条件|证件|资料|网上|线上|预约/;

/** Whether a question could go on with a topic: it asks for something that topics have. A thank-you does not. */
function goesOn(text: string): boolean {
  return asksFor(text) !== 0 || MORE.test(text);
}

/** Characters that name something: “那要多少钱” has hardly any. */
function telling(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) if (/[\p{L}\p{N}]/u.test(text.charAt(i)) && !isWeak(text.charCodeAt(i))) count += 1;
  return count;
}
