import type { TicketKind } from '../domain/config-files.ts';
import { findPlaces, findTimes } from './slots/index.ts';
import type { Message } from './listen.ts';
import { hasWord } from './word-index.ts';
import { matchesAny } from './patterns.ts';
import { slotContext, type Program } from './program.ts';
import { PATTERN_TEXT_LIMIT } from './safe-pattern.ts';
import type { DialogFacts } from './types.ts';

/**
 * The one rule that tells a statement of trouble from a question.
 *
 *   “楼下工地半夜两点还在施工吵死了，东城鸿福路” → trouble: the report form begins, filled with what was said
 *   “工地噪音几点以后不能施工”                 → question: the knowledge base is asked
 *
 *  1. It asks (question marks of grammar: 吗 怎么 几点 多少 …) and is not rhetorical (怎么又停水了, 有没有人管):
 *     question. An answer is cheap, and “没帮助” leads to the form.
 *  2. It says 投诉, 举报, 反映 … (`complaint`): trouble.
 *  3. It names a trouble (`trouble`, or a rhetorical question) and something makes it a statement: a place, a time, a word
 *     of complaint (`statement`: 还在 一直 没人管 …), or simply its length: trouble.
 *  4. It wants something done at a counter (`business`: 我要办…, …的电话): question.
 *  5. The item suggester is sure of an item and a place, a time or a word of complaint stands by: trouble. Length does not
 *     count here: people also ask about items at length.
 *  6. A longer statement about a road or an estate of one of the towns: trouble, whatever its words.
 *  7. Otherwise unclear: the knowledge base is asked. When it does not know, a named trouble (停水了) opens the form, and
 *     for the rest the bot says so and offers the form and a person.
 *
 * All words and patterns are in config/dialog.yaml under `decide`.
 */
export interface Decision {
  readonly kind: 'trouble' | 'question' | 'unclear';
  readonly ticketKind: TicketKind;
  /** The words name a trouble, even where too little is said to open a form at once. */
  readonly named: boolean;
}

/** Shorter statements than this need a place, a time or a word of complaint to open a form. */
const STATEMENT_LENGTH = 7;
/** A statement of this length about a place in the city is a story of something that happens there. */
const STORY_LENGTH = 10;
/** 我住在虎门镇连升路 is only where somebody lives. */
const ABOUT_ME = /^我(?:家)?(?:就)?(?:住|在|是|叫)/;

export function decide(message: Message, program: Program, facts: DialogFacts, context = slotContext(program, facts.now)): Decision {
  const rules = program.dialog.decide;
  const text = message.plain.slice(0, PATTERN_TEXT_LIMIT);
  const is = (patterns: readonly RegExp[]): boolean => matchesAny(program, message, patterns, text);
  const rhetorical = is(rules.rhetorical);
  const troubled = rhetorical || is(rules.trouble);
  const named = (): boolean => troubled || (facts.suggestItems(text)[0]?.score ?? 0) >= program.dialog.itemScore;
  // Most who ask for a decision want its kind alone; what is told apart by searching is looked for when it is wanted.
  const as = (kind: Decision['kind'], isNamed = named): Decision => ({ kind, get ticketKind() { return kindOf(message.lower, program); }, get named() { return isNamed(); } });
  if (isQuestion(message, program)) return as('question');
  if (rules.complaint.some((word) => hasWord(message.lower, word))) return as('trouble');
  if (!troubled && is(rules.business)) return as('question', () => false);
  const places = findPlaces(text, context);
  if (!named()) return as(message.tight.length >= STORY_LENGTH && !ABOUT_ME.test(text) && places.some(({ value }) => value.townId !== null && value.place !== '') ? 'trouble' : 'unclear');
  const stated = rhetorical || is(rules.statement) || (troubled && message.tight.length >= STATEMENT_LENGTH) || places.length > 0 || findTimes(text, context).length > 0;
  return as(stated ? 'trouble' : 'unclear');
}

/** Rule 1 alone; a form uses it to notice a question between its own. */
export function isQuestion(message: Message, program: Program): boolean {
  const { question, rhetorical } = program.dialog.decide;
  const text = message.plain.slice(0, PATTERN_TEXT_LIMIT);
  return matchesAny(program, message, question, text) && !matchesAny(program, message, rhetorical, text);
}

/** Which kind of ticket the words suggest; the first list with a hit wins. */
export function kindOf(text: string, program: Program): TicketKind {
  const { kinds, otherwise } = program.dialog.decide;
  const lower = text.toLowerCase();
  return kinds.find(({ words }) => words.some((word) => hasWord(lower, word)))?.kind ?? otherwise;
}
