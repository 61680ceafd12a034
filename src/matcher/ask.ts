import { foldText } from '../domain/text.ts';
import { decide, type Facets, type Thresholds } from './decide.ts';
import { asksFor } from './kinds.ts';
import type { Analysis, Analyzer } from './segment.ts';
import { hearIn, type SoundSource } from './sounds.ts';
import type { MatchContext, Matcher, MatchEntry, MatchHit, MatchResult } from './types.ts';
import { isWeak } from './weak-chars.ts';

/** From a question to a decision, whatever kind of index finds the entries. */

/** What is asked; an index behind it. */
export interface AskSource {
  /** Counts changes: what is remembered of entries is good for one number. */
  changes(): number;
  sounds(): SoundSource;
  /**
   * The best entries, best first.
   * @param said the text that was analysed, for the words that explain a hit
   * @param heard characters that were replaced
   * @param topic entry that the question goes on with
   */
  find(analysis: Analysis, said: string, limit: number, context: MatchContext | undefined, heard: number, topic: string | null): readonly Found[];
  entry(id: string): Pick<MatchEntry, 'question' | 'answer' | 'item' | 'department'> | undefined;
}

export interface Found {
  readonly id: string;
  readonly score: number;
  readonly matched: readonly string[];
  readonly why: () => NonNullable<MatchHit['why']>;
}

const DEFAULT_LIMIT = 5;
/** A message longer than this is cut: the matter is said at the beginning, and the time of a match stays bounded. */
export const QUESTION_LIMIT = 600;
/** What an entry of the item that is talked about gains, on the ranking's scale. */
export const SAME_ITEM = 0.6;
/** What the entry gains that a question goes on with, on the same scale: “去哪里办” is answered by it when no other says more of places. */
export const SAME_TOPIC = 1.2;
/** A question of at most this many telling characters may go on with the last topic. */
const FOLLOW_UP = 6;
/** What any matter can be asked for. A question of nothing else names no matter, so whatever it found alone was chance; 停水了怎么办 and 被骗了怎么办 name one. */
const ANY_MATTER = /怎么|如何|哪些|哪里|什么|材料|流程|手续|条件|证件|资料|网上|线上|预约|多长|多久|长时间|时间|上班|上下班|办理|申请|费用|收费|价钱|价格|电话|地址|地方|[办领补查交带钱元费天日时]/g;
/** What going on with the last topic costs in certainty. */
const GUESSED = 0.9;

export function createAsk(source: AskSource, analyzer: Analyzer, thresholds: Thresholds): Matcher['match'] {
  const facets = new Map<string, Facets>();
  let changes = source.changes();
  const facetsOf = (id: string): Facets => {
    if (changes !== source.changes()) facets.clear();
    changes = source.changes();
    const known = facets.get(id);
    if (known !== undefined) return known;
    const entry = source.entry(id);
    const words = entry === undefined ? [] : analyzer.analyze(entry.question === '' ? (entry.answer ?? '').slice(0, 60) : entry.question).words.map(({ term }) => term);
    const made = { item: entry?.item ?? '', department: entry?.department ?? '', words, same: JSON.stringify([entry?.question, entry?.answer]) };
    facets.set(id, made);
    return made;
  };

  const ask = (text: string, limit: number, context: MatchContext | undefined, explained: boolean, certainty: number, topic: string | null): MatchHit[] => {
    const folded = foldText(text);
    const heard = hearIn(source.sounds(), folded, analyzer.known(folded));
    const analysis = heard.changed === 0 ? analyzer.recall(text) : analyzer.analyze(heard.text);
    // Characters change places one for one; only pinyin that was typed makes another text.
    const said = heard.text.length === text.length ? text : heard.text;
    return source.find(analysis, said, limit, context, heard.changed, topic).map(({ id, score, matched, why }) => ({ id, score: score * certainty, matched, ...(explained ? { why: why() } : {}) }));
  };

  return (question, matchOptions) => {
    const limit = Math.max(1, matchOptions?.limit ?? DEFAULT_LIMIT);
    const context = matchOptions?.context;
    const text = question.slice(0, QUESTION_LIMIT);
    const wanted = Math.max(limit, PLAUSIBLE);
    const explained = matchOptions?.explain === true;
    const result = (ranked: readonly MatchHit[]): MatchResult => ({ decision: decide(ranked, thresholds, facetsOf, text, isBareTopic), ranked: ranked.slice(0, limit) });
    const direct = ask(text, wanted, context, explained, 1, null);
    const lastId = context?.lastId ?? '';
    const topic = lastId === '' ? '' : topicOf(source.entry(lastId));
    if (topic === '') return result(direct);
    const named = telling(text);
    const matter = text.replace(ANY_MATTER, '');
    const nameless = telling(matter) === 0;
    if (!goesOn(text) || named > FOLLOW_UP || (!nameless && (direct[0]?.score ?? 0) >= thresholds.answer)) return result(direct);
    const joined = ask(`${topic}，${text}`, wanted, context, explained, GUESSED, nameless ? lastId : null);
    const goes = nameless || ((joined[0]?.score ?? 0) > (direct[0]?.score ?? 0) && holdsOf(matter, joined[0]));
    return result(goes ? joined : direct);
  };
}

/** Whether a hit holds anything of what a question names: an entry on lost cards that says nothing of leaking water is not what 漏水怎么办 goes on with. */
function holdsOf(matter: string, hit: MatchHit | undefined): boolean {
  for (let at = 0; at < matter.length; at += 1) {
    const char = matter.charAt(at);
    if (telling(char) > 0 && hit?.matched.some((word) => word.includes(char)) === true) return true;
  }
  return false;
}

/** Hits that a decision looks at. */
const PLAUSIBLE = 8;
/** Characters of a topic that are put before a question that goes on with it. */
const TOPIC_KEPT = 40;

function topicOf(entry: Pick<MatchEntry, 'question' | 'answer'> | undefined): string {
  return entry === undefined ? '' : (entry.question === '' ? (entry.answer ?? '') : entry.question).slice(0, TOPIC_KEPT);
}

const MORE = /怎么|如何|哪些|什么|材料|流程|手续|条件|证件|资料|网上|线上|预约/;

/** Whether a question could go on with a topic: it asks for something that topics have. A thank-you does not. */
function goesOn(text: string): boolean {
  return asksFor(text) !== 0 || MORE.test(text);
}

/** A question of at most this many characters may be nothing but a topic: 居住证, 公积金. */
const BARE_TOPIC = 8;

/** Whether a question only names a matter and asks for nothing about it, and the hit holds all that it says. */
function isBareTopic(text: string, { matched }: MatchHit): boolean {
  return text.length <= BARE_TOPIC && telling(text) >= 2 && !goesOn(text) && matched.join('') === text;
}

/** Characters that name something: “那要多少钱” has hardly any. */
function telling(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) if (/[\p{L}\p{N}]/u.test(text.charAt(i)) && !isWeak(text.charCodeAt(i))) count += 1;
  return count;
}
