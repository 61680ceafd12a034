import type { Town } from '../domain/config-files.ts';
import type { Lexicon } from '../domain/lexicon.ts';
import { foldText } from '../domain/text.ts';
import { findNames, findPlaces, findTimes } from '../dialog/slots/index.ts';
import { splitCorrection } from '../dialog/slots/answers.ts';
import type { AskedFor, Readings as Known, SlotContext, SpokenTime } from '../dialog/slots-types.ts';
import { askedBefore, evidenceOf } from './lines.ts';
import type { AssistRules } from './rules.ts';
import type { Evidence, Line } from './types.ts';
import type { Span } from './words.ts';

/** What the slot readers find in everything a citizen said, with what was put right later. Pure. */

export interface Reading<Value> {
  readonly value: Value;
  readonly line: Line;
  readonly from: Evidence;
  readonly confidence: number;
  /** Said after 不对, 不是…是…: it wins over what was said before. */
  readonly corrected: boolean;
  /** The answer to what was asked just before. */
  readonly asked: boolean;
}

export interface Readings {
  readonly towns: readonly Reading<string>[];
  readonly places: readonly Reading<string>[];
  readonly times: readonly Reading<SpokenTime>[];
  readonly names: readonly Reading<string>[];
  /** Of the facts with words or patterns, by id; the newest correction alone where there is one. */
  readonly facts: ReadonlyMap<string, readonly Evidence[]>;
  /** Messages that put something right, with what of them does not count: the correcting words and what was taken back. */
  readonly corrections: ReadonlyMap<number, readonly Span[]>;
  /** Names of the towns that were said. */
  readonly townNames: readonly string[];
}

export interface ReadingContext {
  readonly rules: AssistRules;
  readonly towns: readonly Town[];
  readonly lexicon: Lexicon;
}

/** A place that only having been asked for makes one, and how long it may be. */
const WEAK = 0.5;
const WEAK_CHARS = 10;
/** A bus line, a road that any road may be, what flows into a river. */
const NO_PLACE = /^\d{1,3}路$|马路|排河|走.{0,2}路中间/;
/** Said of a place or a time, it takes it back: 不在莞城, 不是昨天. */
const DENIED = /(?:不是|不在|唔系|唔喺|并非|没在|不属于|不要写|别写)(?:在|喺)?\s?$/;

interface Part {
  readonly text: string;
  readonly offset: number;
  readonly corrected: boolean;
}

/** What of a message counts: all of it, or what stands before and after a correction. */
function partsOf(line: Line, lexicon: Lexicon): readonly Part[] {
  const split = splitCorrection(line.text, { lexicon });
  if (split === null) return [{ text: line.text, offset: 0, corrected: false }];
  const parts: Part[] = [];
  const before = split.before === '' ? -1 : line.text.indexOf(split.before);
  if (before >= 0) parts.push({ text: split.before, offset: before, corrected: false });
  const rest = split.rest === '' ? -1 : line.text.lastIndexOf(split.rest);
  if (rest >= 0) parts.push({ text: split.rest, offset: rest, corrected: true });
  return parts;
}

/** What of a message lies outside its parts. */
function between(line: Line, parts: readonly Part[]): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { offset, text } of parts) {
    if (offset > at) spans.push({ start: at, end: offset });
    at = Math.max(at, offset + text.length);
  }
  return at < line.text.length ? [...spans, { start: at, end: line.text.length }] : spans;
}

const ASKED: Readonly<Record<string, AskedFor>> = { place: 'place', time: 'time', name: 'name' };

export function readLines(lines: readonly Line[], { rules, towns, lexicon }: ReadingContext): Readings {
  const found = { towns: [] as Reading<string>[], places: [] as Reading<string>[], times: [] as Reading<SpokenTime>[], names: [] as Reading<string>[] };
  const rejected: { readonly list: keyof typeof found; readonly value: string; readonly seq: number }[] = [];
  const facts = new Map<string, { readonly all: Evidence[]; readonly corrected: Evidence[] }>();
  const corrections = new Map<number, readonly Span[]>();
  lines.forEach((line, index) => {
    if (line.role !== 'citizen' || line.text.trim() === '') return;
    const asked = askedBefore(lines, index, rules);
    const parts = partsOf(line, lexicon);
    if (parts.some(({ corrected }) => corrected)) corrections.set(line.seq, between(line, parts));
    for (const part of parts) {
      const readings: Known = { times: new Map(), places: new Map() };
      const wanted = asked === null ? undefined : ASKED[asked];
      const context: SlotContext = { now: line.at, towns, lexicon, readings, ...(wanted === undefined ? {} : { asked: wanted }) };
      const add = <Value>(list: keyof typeof found, to: Reading<Value>[], value: Value, plain: string, span: { start: number; end: number; confidence: number }, what: string): void => {
        if (DENIED.test(line.text.slice(0, part.offset + span.start))) {
          rejected.push({ list, value: plain, seq: line.seq });
          return;
        }
        to.push({ value, line, from: evidenceOf(line, part.offset + span.start, part.offset + span.end), confidence: span.confidence, corrected: part.corrected, asked: asked === what });
      };
      for (const place of findPlaces(part.text, context)) {
        // Asked for a place, the reader takes any short answer for one; 路灯坏了找谁 is none.
        if (place.confidence < WEAK && (rules.question.has(line.folded) || [...part.text].length > WEAK_CHARS)) continue;
        if (NO_PLACE.test(place.value.place)) continue;
        if (place.value.townId !== null) add('towns', found.towns, place.value.townId, place.value.townId, place, 'place');
        if (place.value.place !== '') add('places', found.places, place.value.place, place.value.place, place, 'place');
      }
      for (const time of findTimes(part.text, context)) add('times', found.times, time.value, time.value.spoken, time, 'time');
      for (const name of findNames(part.text, context)) if (!name.value.includes('*')) add('names', found.names, name.value, name.value, name, 'name');
      readFacts(line, part, rules, facts);
    }
  });
  const keep = <Value>(name: keyof typeof found, list: readonly Reading<Value>[], plain: (value: Value) => string): readonly Reading<Value>[] =>
    list.filter((each) => !rejected.some((one) => one.list === name && one.value === plain(each.value) && one.seq >= each.line.seq));
  return {
    corrections,
    townNames: towns.filter(({ id }) => found.towns.some(({ value }) => value === id)).flatMap(({ name, short }) => [name, short]).map(foldText),
    towns: keep('towns', found.towns, (value) => value),
    places: keep('places', found.places, (value) => value),
    times: keep('times', found.times, ({ spoken }) => spoken),
    names: keep('names', found.names, (value) => value),
    facts: new Map([...facts].map(([id, { all, corrected }]) => [id, corrected.length > 0 ? corrected : all])),
  };
}

const LEAST_FACT = 2;

function readFacts(line: Line, part: Part, rules: AssistRules, facts: Map<string, { readonly all: Evidence[]; readonly corrected: Evidence[] }>): void {
  const folded = line.folded.slice(part.offset, part.offset + part.text.length);
  for (const { rule, finder, trim } of rules.facts) {
    for (const span of finder.find(folded)) {
      let start = span.start;
      for (;;) {
        const word = trim.find((each) => folded.startsWith(each, start) && start + each.length < span.end - 1);
        if (word === undefined) break;
        start += word.length;
      }
      if (span.end - start < LEAST_FACT) continue;
      const evidence = evidenceOf(line, part.offset + start, part.offset + span.end);
      const known = facts.get(rule.id) ?? { all: [], corrected: [] };
      facts.set(rule.id, known);
      for (const list of part.corrected ? [known.all, known.corrected] : [known.all]) if (list.every(({ text }) => text !== evidence.text)) list.push(evidence);
    }
  }
}

/** The reading that holds: the last correction, else the last answer to a question, else the best one, early before late. */
export function choose<Value>(readings: readonly Reading<Value>[], bonus: (reading: Reading<Value>) => number = () => 0): Reading<Value> | null {
  const corrected = readings.findLast((each) => each.corrected);
  if (corrected !== undefined) return corrected;
  const answer = readings.findLast((each) => each.asked && each.confidence >= SURE_ANSWER);
  if (answer !== undefined) return answer;
  let best: Reading<Value> | null = null;
  let most = -Infinity;
  for (const each of readings) {
    const score = each.confidence + bonus(each);
    if (score > most + EQUAL) [best, most] = [each, score];
  }
  return best;
}

const SURE_ANSWER = 0.4;
const EQUAL = 0.005;
