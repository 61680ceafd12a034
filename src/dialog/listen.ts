import { normalizeText } from './slots/index.ts';
import { createPatternIndex } from './pattern-index.ts';
import { WORD_LISTS, type DialogRules, type EmergencyRule, type Program, type WordList } from './program.ts';
import { PATTERN_TEXT_LIMIT } from './safe-pattern.ts';
import type { DialogEvent } from './types.ts';
import { byFirst, createVocabulary, hasWord, onceFor } from './word-index.ts';

/** A message as the engine hears it: what holds in every flow is recognised here, before any flow sees it. */
export interface Message {
  /** Normalised text (half width, simplified, spoken digits → digits inside numbers). */
  readonly text: string;
  /** The same with dialect words in their standard form (冇水 → 没水): what rules are tested on. */
  readonly plain: string;
  readonly lower: string;
  /** Lower case as said, dialect words kept: phrases may be written in dialect too (唔该). */
  readonly said: string;
  /** Lower case without blanks, marks and filler words: what coverage is measured on. */
  readonly tight: string;
  readonly keys: string | null;
  readonly attachments: number;
  /** Recognition confidence; 1 when unknown. */
  readonly confidence: number;
}

const MARKS = /[\s，。！？；：、,.!?;:~～…“”"'‘’（）()【】-]+/g;
// ASR and mobile keyboards leave a tail of particles that carry nothing: 查进度啊, 转人工吧.
const TAIL = /[啊呀哦喔吧嘛呢啦哈诶额]+$/;

export function hear(event: Extract<DialogEvent, { type: 'message' }>, rules: DialogRules, dialect: Program['dialect']): Message {
  const button = typeof event.value === 'string' ? event.value : '';
  const text = normalizeText(event.text === '' ? button : event.text);
  const keys = event.keys === undefined || event.keys === '' ? null : event.keys;
  const plain = toStandard(text, dialect);
  return {
    text, plain, lower: plain.toLowerCase(), said: text.toLowerCase(), tight: tighten(plain, rules), keys, attachments: event.attachments,
    // Newer recognisers send 0 for “unknown” (Twilio, Gather: Confidence may be missing or 0.0).
    confidence: event.confidence === undefined || event.confidence === 0 ? 1 : event.confidence,
  };
}

/** Single characters that occur in dialect writing alone; 整 and 讲 also stand in plain words (整天, 讲座). */
const DIALECT_ONLY = /^[冇喺佢嘅咗噉咁唔揾睇攞俾畀嘈咩乜嘢]$/;

/** The dialect words that are replaced: longest first, so that a word inside another is not taken out of it. */
export const dialectPairs = (dialect: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(dialect)
    .filter(([word]) => word.length > 1 || DIALECT_ONLY.test(word))
    .sort(([a], [b]) => b.length - a.length);

const dialectIndex = onceFor((dialect: Program['dialect']) => byFirst(dialect, ([word]) => word));

function hasDialect(text: string, dialect: Program['dialect']): boolean {
  const index = dialectIndex(dialect);
  for (let at = 0; at < text.length; at += 1) if (index.get(text.charCodeAt(at))?.some(([word]) => text.startsWith(word, at)) === true) return true;
  return false;
}

function toStandard(text: string, dialect: Program['dialect']): string {
  if (!hasDialect(text, dialect)) return text;
  let plain = text;
  for (const [word, standard] of dialect) if (plain.includes(word)) plain = plain.replaceAll(word, standard);
  return plain;
}

export function tighten(text: string, rules: DialogRules): string {
  let tight = text.toLowerCase().replace(MARKS, ' ').trim();
  for (const filler of rules.words.filler) {
    if (tight.startsWith(filler) && tight.length > filler.length) tight = tight.slice(filler.length).trim();
  }
  return tight.replace(/那个|这个(?![月周星礼])/g, '').replace(/(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])/g, '').replace(TAIL, '') || tight;
}

/** Share of the message that a phrase makes up, 0 when it does not occur. */
export function coverage(message: Message, phrase: string): number {
  const lower = phrase.toLowerCase();
  if (!says(message, lower)) return 0;
  // 你好，我想投诉一下: what stands in the stripped opening is no large part of what is left.
  const size = hasWord(message.tight, lower) ? Math.min(message.tight.length, message.said.length) : message.said.length;
  return Math.min(1, lower.length / Math.max(1, size));
}

/** Does the phrase occur, with or without blanks and marks between its parts, in standard words or in dialect? */
export const says = (message: Message, phrase: string): boolean => hasWord(message.lower, phrase) || hasWord(message.tight, phrase) || hasWord(message.said, phrase);

/** Is the message (nearly) nothing but one of these words? */
export const mostly = (message: Message, words: readonly string[], share = 0.6): boolean => words.some((word) => coverage(message, word) >= share);

/** Words of all lists that a message says; looked for once a message. */
const listedWords = onceFor((rules: DialogRules) => {
  const vocabulary = createVocabulary(WORD_LISTS.flatMap((list) => rules.words[list]));
  return onceFor((message: Message): readonly string[] => wordsSaid(message, vocabulary));
});

/** `says` of every word of a vocabulary. */
export function wordsSaid(message: Message, vocabulary: ReturnType<typeof createVocabulary>): readonly string[] {
  const found = new Set(vocabulary.occurring(message.lower));
  for (const text of [message.tight, message.said]) if (text !== message.lower) for (const word of vocabulary.occurring(text)) found.add(word);
  return [...found];
}

const listSets = onceFor((rules: DialogRules): ReadonlyMap<WordList, ReadonlySet<string>> => new Map(WORD_LISTS.map((list) => [list, new Set(rules.words[list])])));

/** `mostly` of a list of the rules, without trying every word of it. */
export function inList(rules: DialogRules, list: WordList, message: Message, share = 0.6): boolean {
  const words = listSets(rules).get(list);
  return listedWords(rules)(message).some((word) => words?.has(word) === true && coverage(message, word) >= share);
}

/** 人工 anywhere counts, but not in 人工智能 or 人工湖. */
export function asksForPerson(message: Message, rules: DialogRules): boolean {
  if (message.keys !== null && /^0$/.test(message.keys)) return true;
  if (message.keys === null && /^[0零]$/.test(message.tight)) return true;
  const { person, personNot } = rules.words;
  const whole = message.lower.replace(MARKS, '');
  // Taking the harmless ones out makes no new word, so without any there is nothing to take out.
  if (!person.some((word) => message.lower.includes(word) || whole.includes(word))) return false;
  let rest = message.lower;
  for (const harmless of personNot) rest = rest.replaceAll(harmless, '□');
  const joined = rest.replace(MARKS, '');
  return person.some((word) => hasWord(rest, word) || hasWord(joined, word));
}

const dangers = onceFor((rules: DialogRules) => createPatternIndex([...rules.emergencyNot, ...rules.emergency.flatMap((rule) => [...rule.patterns, ...rule.not])]));

/** Words of a message that speak of danger to life, with the category; null when there are none. */
export function findEmergency(text: string, rules: DialogRules): { readonly category: string; readonly words: readonly string[] } | null {
  const cut = text.slice(0, PATTERN_TEXT_LIMIT).replace(/[\s]+/g, (blank) => (/[\x00-\x7f]/.test(text) ? ' ' : blank));
  const worth = dangers(rules).worthTrying(cut);
  if (worth.size === 0) return null;
  const open = blank(cut, rules.emergencyNot, worth);
  for (const rule of rules.emergency) {
    const words = hits(open, rule, worth);
    if (words.length > 0) return { category: rule.category, words };
  }
  return null;
}

function hits(text: string, rule: EmergencyRule, worth: ReadonlySet<RegExp>): string[] {
  const patterns = rule.patterns.filter((pattern) => worth.has(pattern));
  if (patterns.length === 0) return [];
  const open = blank(text, rule.not, worth);
  return patterns.flatMap((pattern) => {
    const found = pattern.exec(open);
    return found === null ? [] : [found[0].trim()];
  });
}

/** The same pattern with the flag `g`, made once; `replace` resets its lastIndex. */
const everywhere = onceFor((pattern: RegExp): RegExp => new RegExp(pattern.source, 'giu'));

/** Harmless uses are blanked out, so that “消防栓漏水，而且家里着火了” still is a fire. */
function blank(text: string, patterns: readonly RegExp[], worth: ReadonlySet<RegExp>): string {
  let open = text;
  for (const pattern of patterns) if (worth.has(pattern)) open = open.replace(everywhere(pattern), (part) => '□'.repeat(part.length));
  return open;
}

/** Is it written in English? Two Latin words at least and no Chinese. */
export function isEnglish(text: string): boolean {
  return !/\p{Script=Han}/u.test(text) && (text.match(/[a-zA-Z]{2,}/g) ?? []).length >= 2;
}

/** Two Chinese characters at least that are no numbers. */
export const isChinese = (text: string): boolean => (text.match(/[\u4e00-\u9fff]/g) ?? []).filter((char) => !/[零一二三四五六七八九十]/.test(char)).length >= 2;

/**
 * Is it Cantonese? By its words: one of two characters or more (而家), or two different ones. A single 唔 or 冇 is also heard from people
 * who speak Mandarin otherwise.
 */
export function isCantonese(message: Message, hints: readonly string[]): boolean {
  const found = hints.filter((hint) => message.said.includes(hint));
  return found.length >= 2 || found.some((hint) => [...hint].length >= 2);
}
