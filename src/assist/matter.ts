import { evidenceOf, type Sentence } from './lines.ts';
import type { Readings } from './readings.ts';
import type { Evidence } from './types.ts';
import type { Span } from './words.ts';

/** What the citizen wants, in the citizen's own sentences: content and title are cut out of what was said, never written. Pure. */

export interface Matter {
  /** All that tells or asks something, of whatever matter. */
  readonly telling: readonly Sentence[];
  /** Sentences of the matter, as they were said. */
  readonly sentences: readonly Sentence[];
  readonly text: string;
  /** Nothing but questions: an enquiry. */
  readonly asksOnly: boolean;
}

/** A ticket's content holds 5000 characters; nobody reads so many of a talk. */
const CONTENT_CHARS = 800;
/** Characters beside place, time and name that make a sentence more than an answer to a question. */
const LEAST_REST = 2;
/** Share of character pairs from which on a sentence says nothing new. */
const SAME = 0.8;
/** An enquiry is what was asked lately. */
const ASKED_LINES = 4;

/** @param answered seqs of citizens' messages that the bot answered from the knowledge base */
export function matterOf(sentences: readonly Sentence[], readings: Readings, answered: ReadonlySet<number> = new Set()): Matter {
  const spans = spansBySeq(readings);
  const telling = sentences.filter((sentence) => sentence.matter && restOf(sentence, spans.get(sentence.line.seq) ?? [], readings.townNames) >= LEAST_REST);
  const asksOnly = telling.length > 0 && telling.every(({ question }) => question);
  const lastSeqs = [...new Set(telling.map(({ line }) => line.seq))].slice(-ASKED_LINES);
  // What the knowledge base has answered was another matter.
  const own = asksOnly ? telling.filter(({ line }) => lastSeqs.includes(line.seq)) : telling.filter(({ question, line }) => !question || !answered.has(line.seq));
  const kept: Sentence[] = [];
  let length = 0;
  for (const sentence of own) {
    if (length + sentence.text.length > CONTENT_CHARS && kept.length > 0) break;
    if (kept.some((other) => likeness(other.folded, sentence.folded) >= SAME)) continue;
    kept.push(sentence);
    length += sentence.text.length;
  }
  return { telling, sentences: kept, text: joined(kept), asksOnly };
}

/** Sentences with the mark that ends them; one is put where the citizen left it out. */
function joined(sentences: readonly Sentence[]): string {
  return sentences.map(({ text }) => (/[。！!？?；;…]$/u.test(text) ? text : `${text}。`)).join('');
}

/** What other fields hold already. A detail that was put right stays: the content still says it wrong. */
function spansBySeq({ towns, places, times, names, facts, corrections }: Readings): ReadonlyMap<number, readonly Span[]> {
  const found = new Map<number, Span[]>([...corrections].map(([seq, spans]) => [seq, [...spans]]));
  const details = [...facts.values()].flat().filter(({ seq }) => !corrections.has(seq));
  for (const from of [...[...towns, ...places, ...times, ...names].filter(({ confidence }) => confidence >= SURE).map((each) => each.from), ...details]) found.set(from.seq, [...(found.get(from.seq) ?? []), from]);
  return found;
}

/** A reader that is less sure may have read the matter for a place. */
const SURE = 0.5;
const EMPTY_WORDS = /(?:就是|大概|应该|差不多|那边|这边|附近|左右|开始|不对|不是|不系|唔系|错了|说错|而是|我们|我家|具体|地址|地点|时间|[的了在是从到和就都我你您他啊呀吧哦嗯呢喺系咗嘅那这个里\s\p{P}\p{S}\d])/gu;

function restOf(sentence: Sentence, spans: readonly Span[], townNames: readonly string[]): number {
  let rest = '';
  for (let at = sentence.start; at < sentence.end; at += 1) if (!spans.some((span) => at >= span.start && at < span.end)) rest += sentence.line.folded.charAt(at);
  for (const name of townNames) rest = rest.replaceAll(name, '');
  return [...rest.replace(EMPTY_WORDS, '')].length;
}

function likeness(a: string, b: string): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 2) return short === long ? 1 : 0;
  let shared = 0;
  for (let at = 0; at < short.length - 1; at += 1) if (long.includes(short.slice(at, at + 2))) shared += 1;
  return shared / (short.length - 1);
}

const TITLE_CHARS = 36;
const CLAUSE = /[^，,、；;：:。！!？?\n]+/gu;

export interface Title {
  readonly text: string;
  readonly from: readonly Evidence[];
}

export interface TitleGiven {
  /** The place as the form has it, put in front where there is room; null: none. */
  readonly place: { readonly text: string; readonly from: readonly Evidence[] } | null;
  /** Places that were said: a clause that names one needs none in front. */
  readonly known: readonly string[];
  /** Puts right what the citizen put right later. */
  readonly put: (text: string) => string;
}

/**
 * The clause that says most of the matter.
 * @param words that decided the item; the weightiest clause has most of them
 */
export function titleOf(matter: Matter, words: readonly string[], { place, known, put }: TitleGiven): Title | null {
  let best: { readonly sentence: Sentence; readonly start: number; readonly end: number } | null = null;
  let most = -Infinity;
  for (const sentence of matter.sentences) {
    for (const match of sentence.text.matchAll(CLAUSE)) {
      const said = match[0].replace(/^(?:而且|但是|然后|因为|所以|就是|还有|现在|其实|我要投诉|我想投诉|我要反映|我想反映|我要举报)+/u, '');
      const start = match.index + match[0].length - said.length;
      const text = said.trimEnd();
      if ([...text].length < 4) continue;
      const hits = words.filter((word) => text.includes(word)).length;
      // Long clauses say more, up to where they no longer fit.
      const score = hits * 2 + Math.min(text.length, 20) / 20 - Math.max(0, text.length - TITLE_CHARS) / 10 - (sentence.question && !matter.asksOnly ? 0.5 : 0);
      if (score > most) [best, most] = [{ sentence, start: sentence.start + start, end: sentence.start + start + text.length }, score];
    }
  }
  if (best === null) return null;
  const from = evidenceOf(best.sentence.line, best.start, best.end);
  const text = [...put(from.text)].slice(0, TITLE_CHARS).join('');
  const placed = place === null || known.some((name) => from.text.includes(name)) || place.text.includes(text) || [...place.text].length + [...text].length > TITLE_CHARS;
  return placed ? { text, from: [from] } : { text: `${place.text}${text}`, from: once([...place.from, from]) };
}

const once = (list: readonly Evidence[]): readonly Evidence[] => list.filter((each, index) => list.findIndex((other) => other.seq === each.seq && other.start === each.start) === index);
