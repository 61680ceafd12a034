import { fileURLToPath } from 'node:url';
import { loadCity } from '../../../src/config/city.ts';
import type { AnalyzerOptions } from '../../../src/matcher/segment.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';
import { createRandom } from '../statistics.ts';

/** Large knowledge bases, recombined from the demo's entries, and questions whose right entry is known. The same in every run. */

const city = loadCity(fileURLToPath(new URL('../../..', import.meta.url)));
const demo = city.knowledge;
const random = createRandom(20_261_122);

export const lexicon: AnalyzerOptions = {
  words: [...city.lexicon.words, ...city.towns.flatMap((town) => [town.name, town.short]), ...city.departments.flatMap((department) => [department.name, department.short])],
  synonyms: city.lexicon.synonyms, dialect: city.lexicon.dialect, stopWords: city.lexicon.stopWords,
};

function pick<Each>(from: readonly Each[]): Each {
  const each = from[Math.floor(random() * from.length)];
  if (each === undefined) throw new Error('nothing to pick from');
  return each;
}

const half = (left: string, right: string): string => left.slice(0, Math.ceil(left.length / 2)) + right.slice(Math.floor(right.length / 2));

/** A place, the first half of one question and the second of another; wordings likewise; an answer cut from two. */
function recombined(index: number): MatchEntry {
  const [a, b, c] = [pick(demo), pick(demo), pick(demo)];
  return {
    id: String(index),
    question: `${pick(city.towns).short}${half(a.question, b.question)}`,
    variants: c.wordings.map((wording) => half(wording, pick([b.question, ...b.wordings]))),
    answer: half(a.answer, b.answer),
    category: a.module,
    keywords: [...(a.keywords ?? []), ...(b.keywords ?? [])],
  };
}

/** A wording as somebody in a hurry types it: one or two characters missing, two neighbours swapped. */
function hurried(wording: string): string {
  const chars = [...wording];
  chars.splice(Math.floor(random() * chars.length), chars.length > 6 ? 2 : 1);
  const at = Math.floor(random() * Math.max(1, chars.length - 1));
  const [one, two] = [chars[at], chars[at + 1]];
  if (one !== undefined && two !== undefined) chars.splice(at, 2, two, one);
  return chars.join('');
}

export interface Asked {
  readonly id: string;
  readonly text: string;
}

/** Makes the entries one after the other and hands each on, so that they need not be held; the questions about some of them. */
export function makeEntries(size: number, questions: number, take: (entry: MatchEntry) => void): readonly Asked[] {
  const asked: Asked[] = [];
  const every = Math.max(1, Math.floor(size / questions));
  for (let index = 0; index < size; index += 1) {
    const entry = recombined(index);
    if (index % every === 0 && asked.length < questions) asked.push({ id: entry.id, text: hurried(pick([entry.question, ...(entry.variants ?? [])])) });
    take(entry);
  }
  return asked;
}
