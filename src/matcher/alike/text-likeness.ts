import { KEPT, type TicketStore, termOf, weightOf } from './ticket-store.ts';

/** A trait of the asking ticket. */
export interface Term {
  readonly term: number;
  readonly weight: number;
  readonly idf: number;
  /** weight × idf. */
  readonly value: number;
}

/** How much of the weight of their words the asking ticket and another one share: the cosine, 0 to 1. */
export interface TextComparison {
  /** Never less than `likeness`, and cheap: what the other one says beside the shared words is not weighed for it. */
  atMost(ticket: number): number;
  /** Of the ticket that `atMost` was asked for last. */
  likeness(): number;
  /** Of the same ticket: what it says, ascending, 0 behind the last. One array for all that say the same; stays as it is. */
  traits(): Uint32Array;
}

/** What is known of one set of traits. */
interface Compared {
  /** Where they lie. */
  readonly from: number;
  readonly dot: number;
  readonly atMost: number;
  likeness: number | null;
  copy: Uint32Array | null;
}

const MARKS = 1024;
const NOTHING: Compared = { from: 0, dot: 0, atMost: 0, likeness: 0, copy: null };

/**
 * Compares tickets of the store with an asking one, many for one ask; in a storm hundreds say the very same, and equal traits are
 * compared once. One ask at a time: the next one ends it.
 * @param most tickets compared in one ask
 */
export function createTextComparer(store: Pick<TicketStore, 'copyTraits' | 'hashOf' | 'hasTraits'>, idfOf: (term: number) => number, most: number): (asked: readonly Term[]) => TextComparison {
  const traits = new Uint32Array(most * KEPT);
  /** 0: not a term of the asking ticket. Nineteen of twenty foreign ones are known by it. */
  const maybe = new Uint8Array(MARKS);

  return (asked) => {
    const mine = new Map(asked.map((term) => [term.term, term]));
    maybe.fill(0);
    let square = 0;
    for (const { term, value } of asked) {
      maybe[term % MARKS] = 1;
      square += value ** 2;
    }
    const norm = Math.sqrt(square);
    /** By a hash of the traits. */
    const compared = new Map<number, Compared>();
    let used = 0;
    let last = NOTHING;

    const weigh = (from: number, all: boolean): { readonly dot: number; readonly other: number } => {
      let dot = 0;
      let other = 0;
      for (let next = from; next < from + KEPT; next += 1) {
        const trait = traits[next] ?? 0;
        if (trait === 0) break;
        const term = termOf(trait);
        const same = maybe[term % MARKS] === 1 ? mine.get(term) : undefined;
        if (same === undefined && !all) continue;
        const weight = weightOf(trait) * (same === undefined ? idfOf(term) : same.idf);
        other += weight * weight;
        if (same !== undefined) dot += weight * same.weight * same.idf;
      }
      return { dot, other };
    };
    const cosine = (dot: number, other: number): number => (dot === 0 ? 0 : Math.min(1, dot / (norm * Math.sqrt(other))));

    return {
      atMost: (ticket) => {
        const hash = store.hashOf(ticket);
        const known = compared.get(hash);
        if (known !== undefined && store.hasTraits(ticket, traits, known.from)) {
          last = known;
          return last.atMost;
        }
        const from = used * KEPT;
        store.copyTraits(ticket, traits, from);
        const { dot, other } = weigh(from, false);
        last = { from, dot, atMost: cosine(dot, other), likeness: null, copy: null };
        compared.set(hash, last);
        used += 1;
        return last.atMost;
      },
      likeness: () => {
        last.likeness ??= cosine(last.dot, weigh(last.from, true).other);
        return last.likeness;
      },
      traits: () => (last.copy ??= traits.slice(last.from, last.from + KEPT)),
    };
  };
}
