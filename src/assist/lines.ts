import type { Activity } from '../domain/activity.ts';
import { HOUR } from '../domain/clock.ts';
import { foldText } from '../domain/text.ts';
import type { AssistRules } from './rules.ts';
import type { Evidence, Line } from './types.ts';

/** A conversation as assist reads it: what was said since the present service began, with every offset kept. Pure. */

/** After so long a silence something new begins. */
const SILENCE_MS = 12 * HOUR;
/** Longest message that is read, UTF-16 units. */
const READ = 2000;

/**
 * Messages of citizen, bot and seats since the last end of a service or the last long silence, oldest first. A conversation is all that
 * was ever said at one address: what was settled last week must not fill today's form.
 */
export function linesOf(activities: readonly Activity[]): readonly Line[] {
  let from = 0;
  activities.forEach((activity, index) => {
    const before = activities[index - 1];
    const ended = before?.content.type === 'endOfConversation';
    if (before !== undefined && (ended || activity.at - before.at > SILENCE_MS)) from = index;
  });
  return activities.slice(from).flatMap(({ seq, role, at, content }): Line[] => {
    if (role === 'system' || content.type !== 'message') return [];
    const text = content.text.slice(0, READ);
    return [{ seq, role, at, text, folded: foldText(text), attachments: content.attachments?.length ?? 0, source: content.source?.title ?? null }];
  });
}

export function evidenceOf(line: Line, start: number, end: number): Evidence {
  return { seq: line.seq, start, end, text: line.text.slice(start, end) };
}

/** A sentence of the citizen, without the courtesies before it. */
export interface Sentence {
  readonly line: Line;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly folded: string;
  /** It tells of the matter: no courtesy, no aside. */
  readonly matter: boolean;
  readonly question: boolean;
}

const SENTENCE = /[^。！!？?；;\n…]+[。！!？?；;…]*/gu;
const EDGE = /^[\s,，、。.!！?？;；:：~～…]+|[\s,，、。.；;~～…]+$/gu;
const LEAST_CHARS = 3;

/** What the citizen said, cut into sentences. */
export function sentencesOf(lines: readonly Line[], rules: AssistRules): readonly Sentence[] {
  return lines.filter((line) => line.role === 'citizen').flatMap((line) => [...line.text.matchAll(SENTENCE)].flatMap((match) => {
    const cut = trimmed(line, match.index, match.index + match[0].length, rules);
    return cut === null ? [] : [cut];
  }));
}

function trimmed(line: Line, from: number, to: number, rules: AssistRules): Sentence | null {
  let [start, end] = [from, to];
  for (;;) {
    const text = line.folded.slice(start, end);
    const edge = /^[\s,，、。.!！?？;；:：~～…]+/u.exec(text)?.[0].length ?? 0;
    const opener = rules.openers.find((word) => text.startsWith(word, edge))?.length ?? 0;
    // An opener that is all there is stays: it is judged as a courtesy below.
    if (edge + opener === 0 || edge + opener >= text.length) break;
    start += edge + opener;
  }
  const folded = line.folded.slice(start, end);
  const bare = folded.replace(EDGE, '');
  if (bare === '') return null;
  end -= folded.length - folded.trimEnd().length;
  const clauses = bare.split(/[\s,，、。.!！?？;；:：~～…]+/u).filter((clause) => clause !== '');
  const matter = [...bare].length >= LEAST_CHARS && !clauses.every((clause) => isCourtesy(clause, rules) || isAside(clause, rules));
  const question = rules.question.has(folded) && !rules.rhetorical.has(folded) && !clauses.some((clause) => tells(clause, rules));
  return { line, start, end, text: line.text.slice(start, end), folded, matter, question };
}

/** Nothing but words of courtesy and the particles between them: 好的好的, 没有了谢谢哈. */
function isCourtesy(clause: string, rules: AssistRules): boolean {
  let rest = clause;
  for (;;) {
    const word = rules.courtesyWords.find((each) => rest.startsWith(each)) ?? /^[啊呀吧哦嗯呢哈啦嘞咯喔哟了晒噢呐那就你您]/u.exec(rest)?.[0];
    if (word === undefined) return rest === '';
    rest = rest.slice(word.length);
  }
}

/** So long, a clause beside a question tells of something: 老板跑路了，这钱还要得回来吗 is no mere enquiry. */
const TELLS_CHARS = 5;

function tells(clause: string, rules: AssistRules): boolean {
  return [...clause].length >= TELLS_CHARS && !rules.question.has(clause) && !isCourtesy(clause, rules) && !isAside(clause, rules);
}

/** A short clause about oneself, the phone or the service; a long one tells more than that. */
const ASIDE_CHARS = 16;

function isAside(folded: string, rules: AssistRules): boolean {
  return [...folded].length <= ASIDE_CHARS && rules.asides.has(folded);
}

/** What the line before this one asked for, if a bot or a seat asked. */
export function askedBefore(lines: readonly Line[], index: number, rules: AssistRules): 'place' | 'time' | 'name' | 'phone' | null {
  const before = lines[index - 1];
  if (before === undefined || before.role === 'citizen' || !/[?？]|请|吗|呢/.test(before.text)) return null;
  // What stands last was asked last.
  const last = (['place', 'time', 'name', 'phone'] as const).map((what) => ({ what, at: rules.asked[what].find(before.folded).at(-1)?.start ?? -1 })).sort((a, b) => b.at - a.at)[0];
  return last === undefined || last.at < 0 ? null : last.what;
}
