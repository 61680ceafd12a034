import type { EpochMs } from '../domain/activity.ts';
import { beijingDay, DAY } from '../domain/clock.ts';
import type { Department } from '../domain/config-files.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { stateOf } from '../matcher/finder/index.ts';
import type { Matcher, MatchHit } from '../matcher/types.ts';
import { evidenceOf, type Sentence } from './lines.ts';
import type { AssistRules } from './rules.ts';
import type { Evidence, Freshness, KnowledgeHint, KnowledgePart } from './types.ts';

/** Knowledge for what the citizen has just said, with why it fits and how fresh it is. Pure. */

export interface KnowledgeGiven {
  /** What tells or asks something, oldest first. */
  readonly telling: readonly Sentence[];
  readonly topic: string;
  readonly townId: string | null;
  readonly itemCode: string | null;
  readonly now: EpochMs;
  readonly rules: AssistRules;
  readonly departments: readonly Department[];
  /** Over all entries, those for the desk included. */
  readonly matcher: Matcher;
  readonly entryOf: (id: string) => KnowledgeEntry | null;
}

const ASKED_CHARS = 160;
/** So little, or pointing back, and the last words need the matter before them. */
const SHORT_CHARS = 9;
const POINTS_BACK = /^(?:那|这个|这样|它|要|还|另外|也|多少|多久|几|怎么|去哪|在哪|边度|几时)/;
export const pointsBack = (text: string): boolean => [...text].length <= SHORT_CHARS || POINTS_BACK.test(text);

/** With the topic in front a hit must be better by this to be believed. */
const TOPIC_MALUS = 0.9;

export function knowledgeOf(given: KnowledgeGiven): KnowledgePart {
  const asked = askedOf(given.telling);
  if (asked === null) return { asked: null, topic: null, hints: [] };
  const { hits: most, least } = given.rules.file.knowledge;
  const today = beijingDay(given.now);
  const context = { today, town: given.townId, item: given.itemCode };
  const match = (text: string): readonly MatchHit[] => given.matcher.match(text, { limit: most, context, explain: true }).ranked;
  const goesOn = given.topic !== '' && !given.topic.includes(asked.text) && pointsBack(asked.text);
  const topic = goesOn ? [...given.topic].slice(0, ASKED_CHARS).join('') : null;
  const best = new Map<string, MatchHit>();
  for (const hit of match(asked.text)) best.set(hit.id, hit);
  if (topic !== null) for (const hit of match(`${topic}${asked.text}`)) if (hit.score * TOPIC_MALUS > (best.get(hit.id)?.score ?? 0)) best.set(hit.id, { ...hit, score: hit.score * TOPIC_MALUS });
  const ranked = [...best.values()].filter(({ score }) => score >= least).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, most);
  const hints = ranked.flatMap((hit): KnowledgeHint[] => {
    const entry = given.entryOf(hit.id);
    return entry === null ? [] : [hintOf(hit, entry, today, given)];
  });
  return { asked, topic, hints };
}

/** The last words that ask or tell something: questions of the last message before its statements. */
function askedOf(telling: readonly Sentence[]): Evidence | null {
  const last = telling.at(-1);
  if (last === undefined) return null;
  const own = telling.filter(({ line }) => line.seq === last.line.seq);
  const questions = own.filter(({ question }) => question);
  const of = questions.length > 0 ? questions : own;
  const [first, end] = [of[0] ?? last, of.at(-1) ?? last];
  return evidenceOf(last.line, first.start, Math.min(end.end, first.start + ASKED_CHARS));
}

function hintOf(hit: MatchHit, entry: KnowledgeEntry, today: string, { departments, rules }: KnowledgeGiven): KnowledgeHint {
  return {
    id: entry.id,
    question: entry.question,
    module: entry.module,
    answer: entry.answer,
    voice: entry.voice,
    audience: entry.audience ?? 'public',
    department: departments.find(({ id }) => id === entry.department)?.name ?? null,
    source: entry.source.article === undefined ? entry.source.title : `${entry.source.title} ${entry.source.article}`,
    sourceUrl: entry.source.url ?? null,
    score: hit.score,
    matched: hit.matched,
    why: whyText(hit),
    fresh: freshnessOf(entry, today, rules.file.knowledge.soonDays),
  };
}

/** Features of the ranking (src/matcher/features.ts, decide.ts) by what they say to a seat. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:same|begins|ends)/, '与库中问法几乎一致'],
  [/^(?:numbers|strangeNumbers)/, '数字一致'],
  [/^kind/, '答案正好给出所问的那类信息'],
  [/^(?:category|department)/, '与会话的事项、部门一致'],
  [/^(?:answer(?!Length)|sentence|lead|narrow|wide|neighbours|either)/, '答案里有相同的说法'],
  [/^(?:unit|common|rareInUnit|hasUnit)/, '与库中问法相近'],
  [/^(?:whole|rareWord|missing|ratio)/, '关键词吻合'],
];
const SHOWN_REASONS = 2;
const SHOWN_WORDS = 5;

/** Why, in words: which words found it, and what weighed most in its favour. */
export function whyText({ matched, why = [] }: Pick<MatchHit, 'matched' | 'why'>): string {
  const weights = new Map<string, number>();
  for (const { feature, share } of why) {
    if (share <= 0) continue;
    const reason = REASONS.find(([pattern]) => pattern.test(feature))?.[1];
    if (reason !== undefined) weights.set(reason, (weights.get(reason) ?? 0) + share);
  }
  const reasons = [...weights].sort((a, b) => b[1] - a[1]).slice(0, SHOWN_REASONS).map(([reason]) => reason);
  const words = matched.length === 0 ? [] : [`命中：${matched.slice(0, SHOWN_WORDS).join('、')}`];
  return [...words, ...reasons].join('；') || '语义相近';
}

export function freshnessOf(entry: Pick<KnowledgeEntry, 'effectiveFrom' | 'expiresOn' | 'reviewOn'>, today: string, soonDays: number): Freshness {
  const state = stateOf(entry, today);
  const { effectiveFrom, expiresOn, reviewOn } = entry;
  const parts = [`${effectiveFrom} 起生效`];
  const left = expiresOn === undefined ? null : daysBetween(today, expiresOn);
  if (expiresOn !== undefined) parts.push(left !== null && left < 0 ? `已于 ${expiresOn} 失效` : left !== null && left <= soonDays ? (left === 0 ? '今天到期' : `${left} 天后到期（${expiresOn}）`) : `有效至 ${expiresOn}`);
  if (reviewOn !== undefined) parts.push(reviewOn <= today ? `应于 ${reviewOn} 复核，请核实` : `${reviewOn} 复核`);
  const ending = state === 'valid' && left !== null && left <= soonDays;
  return { state: ending ? 'ending' : state, text: parts.join('，') };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}
