import { type LiveIndex, type Field, idfOf } from './entries.ts';
import type { Analysis } from '../segment.ts';
import { CHARS, findTerm, KINDS, WORDS } from './vocabulary.ts';

/** The question's different terms of one kind, in the order of their first use; all arrays by the same place. */
export interface QueryTerms {
  /** -1: unknown to the index. */
  readonly ids: readonly number[];
  /** What each counts beside its idf. */
  readonly weights: readonly number[];
  /** How often each was said, capped. */
  readonly counts: readonly number[];
}

/** The question's terms as one field sees them. */
export interface FieldQuery {
  readonly field: Field;
  /** Sum of idf, unknown terms included: they are what the knowledge base cannot answer. */
  readonly mass: number;
  /** Sum of idf times count: the upper bound of the score. */
  readonly bound: number;
}

/** A term that the index holds, and what it is worth. */
export interface QueryTerm {
  readonly term: number;
  readonly kind: number;
  /** Among the question's terms of its kind. */
  readonly place: number;
  /** idf with the term's own weight, in wordings and in wholes. */
  readonly unitIdf: number;
  readonly wholeIdf: number;
  readonly count: number;
  /** What tf / (tf + norm) = 1 would add to the score of a wording and of the whole. */
  readonly unit: number;
  readonly whole: number;
}

export interface Query {
  readonly plain: string;
  /** Different terms that the index holds, rarest first. */
  readonly terms: readonly QueryTerm[];
  readonly words: QueryTerms;
  readonly chars: QueryTerms;
  /** Keys of `chars`. */
  readonly keys: Uint32Array;
  /** By kind. */
  readonly unit: readonly FieldQuery[];
  readonly whole: readonly FieldQuery[];
}

const NO_TERMS: QueryTerms = { ids: [], weights: [], counts: [] };

export function readQuery(index: LiveIndex, analysis: Analysis): Query {
  const { vocabulary, params, size } = index;
  const terms: QueryTerm[] = [];
  const byKind: QueryTerms[] = [];
  const unit: FieldQuery[] = [];
  const whole: FieldQuery[] = [];
  KINDS.forEach(({ ask, weigh, unit: unitWeight, whole: wholeWeight }, kind) => {
    const { keys, counts: said } = ask(analysis);
    const unitField: Field = { index, kind, level: 'unit' };
    const wholeField: Field = { index, kind, level: 'whole' };
    const ids: number[] = [];
    const weights: number[] = [];
    const counts: number[] = [];
    let [unitMass, unitBound, wholeMass, wholeBound] = [0, 0, 0, 0];
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? '';
      const term = findTerm(vocabulary, kind, key);
      const weight = weigh(key);
      const count = Math.min(said[at] ?? 0, params.repeat);
      ids.push(term);
      weights.push(weight);
      counts.push(count);
      const unitIdf = weight * idfOf(unitField, term, size);
      const wholeIdf = weight * idfOf(wholeField, term, size);
      unitMass += unitIdf;
      unitBound += unitIdf * count;
      wholeMass += wholeIdf;
      wholeBound += wholeIdf * count;
      if (term < 0 || vocabulary.inWholes.values[term] === 0) continue;
      terms.push({ term, kind, place: at, unitIdf, wholeIdf, count, unit: unitWeight * unitIdf * count * (params.unit.k1 + 1), whole: wholeWeight * wholeIdf * count * (params.whole.k1 + 1) });
    }
    byKind.push({ ids, weights, counts });
    unit.push({ field: unitField, mass: unitMass, bound: unitBound });
    whole.push({ field: wholeField, mass: wholeMass, bound: wholeBound });
  });
  terms.sort(byRarity);
  return { plain: analysis.plain, terms, words: byKind[WORDS] ?? NO_TERMS, chars: byKind[CHARS] ?? NO_TERMS, keys: analysis.distinctChars, unit, whole };
}

const byRarity = (a: QueryTerm, b: QueryTerm): number => b.wholeIdf - a.wholeIdf || b.unitIdf - a.unitIdf || a.term - b.term;
