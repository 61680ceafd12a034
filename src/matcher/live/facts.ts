import type { SoundSource } from '../sounds.ts';
import { traitsFrom } from '../traits.ts';
import { charWeight } from '../weak-chars.ts';
import { entriesOf, unitsOf } from './documents.ts';
import { idfOf, type LiveIndex } from './entries.ts';
import { spanOf } from './text-store.ts';
import { CHARS, findTerm, WORDS } from './vocabulary.ts';

/** What the ranking knows of the whole index. Made anew when the index has changed by a hundredth. */
export interface LiveFacts {
  /** Weight of each character code. */
  readonly weights: Float32Array;
  /** What kind of knowledge base it is, without any label: `TRAITS`. */
  readonly traits: Float64Array;
}

/** Share of the entries that may change before what was derived from all of them is derived anew. */
const STALE = 0.01;

interface Derived {
  readonly facts: LiveFacts;
  readonly sounds: SoundSource;
  readonly changes: number;
}

const derived = new WeakMap<LiveIndex, Derived>();

function derivedOf(index: LiveIndex): Derived {
  const known = derived.get(index);
  if (known !== undefined && index.documents.changes - known.changes <= STALE * index.size) return known;
  const made = { facts: readFacts(index), sounds: soundsOf(index), changes: index.documents.changes };
  derived.set(index, made);
  return made;
}

export function factsOfLive(index: LiveIndex): LiveFacts {
  return derivedOf(index).facts;
}

/** Counts are those of this moment; only which characters there are is remembered. */
export function soundsOfLive(index: LiveIndex): SoundSource {
  return derivedOf(index).sounds;
}

function readFacts(index: LiveIndex): LiveFacts {
  const { documents, answers, departments, size } = index;
  const counts = { size, asked: 0, units: 0, logs: 0, squares: 0, withDepartment: 0 };
  for (let entry = 0; entry < entriesOf(documents); entry += 1) {
    if (documents.gone.values[entry] === 1) continue;
    const { from, to } = unitsOf(documents, entry);
    const answer = spanOf(answers, entry);
    const log = Math.log(1 + answer.to - answer.from);
    counts.units += to - from;
    counts.asked += to > from ? 1 : 0;
    counts.logs += log;
    counts.squares += log * log;
    counts.withDepartment += (departments[entry] ?? 0) === 0 ? 0 : 1;
  }
  return { weights: weightsOf(index), traits: traitsFrom(counts) };
}

function weightsOf(index: LiveIndex): Float32Array {
  const unknown = idfOf(index.wholeChars, -1, index.size);
  const weights = new Float32Array(0x10000).fill(unknown);
  index.vocabulary.chars.each((key, term) => {
    if (key < 0x10000) weights[key] = idfOf(index.wholeChars, term, index.size) * charWeight(key);
  });
  // Latin letters and digits are indexed in pairs only: a middling weight each.
  weights.fill(unknown / 2, 48, 123);
  weights[10] = 0;
  return weights;
}

function soundsOf({ vocabulary, documents }: LiveIndex): SoundSource {
  const holders = (term: number): number => (term < 0 ? 0 : (vocabulary.inWholes.values[term] ?? 0));
  return {
    get size() { return documents.live; },
    knowsWord: (word) => holders(findTerm(vocabulary, WORDS, word)) > 0,
    holders: (key) => holders(findTerm(vocabulary, CHARS, key)),
    eachChar: (visit) => vocabulary.chars.each((key, term) => visit(key, holders(term))),
  };
}
