import { type EngineIndex, idfOf } from './engine.ts';
import { charWeight } from './weak-chars.ts';

/** What the ranking needs to know of a whole index; made when first asked for. */
export interface IndexFacts {
  /** Weight of each character code. */
  readonly weights: Float32Array;
  /** Length of each entry over the average, all its wordings and its answer. */
  readonly entryLengths: Float32Array;
  /** Average length of a wording. */
  readonly unitAverage: number;
  /** What kind of knowledge base it is, without any label: `TRAITS`, each 0 to 1. */
  readonly traits: Float64Array;
}

/**
 * A stored question or only answers, long or short answers, all alike or very different, departments, several wordings:
 * what separates a list of services from a heap of policies. The weights of the ranking move with them.
 */
export const TRAITS = ['always', 'asked', 'long', 'uneven', 'departments', 'wordings'] as const;

const facts = new WeakMap<EngineIndex, IndexFacts>();

/** Gives an index the facts of another one: for a few entries of a large index, looked at alone. */
export function lendFacts(index: EngineIndex, known: IndexFacts): void {
  facts.set(index, known);
}

export function factsOf(index: EngineIndex): IndexFacts {
  const known = facts.get(index);
  if (known !== undefined) return known;
  const made = { weights: weightsOf(index), ...lengthsOf(index), traits: traitsOf(index) };
  facts.set(index, made);
  return made;
}

function weightsOf(index: EngineIndex): Float32Array {
  const unknown = idfOf(index.wholeChars, -1, index.size);
  const weights = new Float32Array(0x10000).fill(unknown);
  index.vocabulary.chars.each((key, number) => {
    if (key < 0x10000) weights[key] = idfOf(index.wholeChars, number, index.size) * charWeight(key);
  });
  // Latin letters and digits are indexed in pairs only: a middling weight each.
  weights.fill(unknown / 2, 48, 123);
  weights[10] = 0;
  return weights;
}

function lengthsOf({ size, owner, texts, answers }: EngineIndex): Pick<IndexFacts, 'entryLengths' | 'unitAverage'> {
  const lengths = new Float32Array(size);
  let sum = 0;
  for (let entry = 0; entry < size; entry += 1) lengths[entry] = (answers.offsets[entry + 1] ?? 0) - (answers.offsets[entry] ?? 0);
  for (let unit = 0; unit < owner.length; unit += 1) {
    const entry = owner[unit] ?? 0;
    lengths[entry] = (lengths[entry] ?? 0) + (texts.offsets[unit + 1] ?? 0) - (texts.offsets[unit] ?? 0);
  }
  for (const length of lengths) sum += length;
  const average = size === 0 ? 1 : Math.max(1, sum / size);
  for (let entry = 0; entry < size; entry += 1) lengths[entry] = (lengths[entry] ?? 0) / average;
  return { entryLengths: lengths, unitAverage: owner.length === 0 ? 1 : Math.max(1, (texts.offsets[owner.length] ?? 0) / owner.length) };
}

const within = (value: number): number => Math.min(1, Math.max(0, value));

function traitsOf({ size, owner, answers, departments }: EngineIndex): Float64Array {
  const counts = { size, asked: 0, units: owner.length, logs: 0, squares: 0, withDepartment: 0 };
  for (let unit = 0; unit < owner.length; unit += 1) if (unit === 0 || owner[unit] !== owner[unit - 1]) counts.asked += 1;
  for (let entry = 0; entry < size; entry += 1) {
    const log = Math.log(1 + (answers.offsets[entry + 1] ?? 0) - (answers.offsets[entry] ?? 0));
    counts.logs += log;
    counts.squares += log * log;
    if ((departments[entry] ?? 0) !== 0) counts.withDepartment += 1;
  }
  return traitsFrom(counts);
}

/** Entries; those with a wording; wordings; sums over entries of the answer's length as a logarithm and of its square; entries with a department. */
export interface TraitCounts {
  readonly size: number;
  readonly asked: number;
  readonly units: number;
  readonly logs: number;
  readonly squares: number;
  readonly withDepartment: number;
}

export function traitsFrom({ size, asked, units, logs, squares, withDepartment }: TraitCounts): Float64Array {
  if (size === 0) return Float64Array.of(1, 0, 0, 0, 0, 0);
  const mean = logs / size;
  const spread = Math.sqrt(Math.max(0, squares / size - mean * mean));
  return Float64Array.of(1, asked / size, within((mean - 4) / 3), within(spread / 1.5), withDepartment / size, asked === 0 ? 0 : within((units / asked - 1) / 4));
}
