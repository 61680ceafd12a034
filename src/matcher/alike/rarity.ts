/**
 * How rare a trait is, learned from all tickets that came, not only from those that are open: a storm must not make its own words
 * look common at once, nor a closed ticket's words look new. A table of fixed size; traits that share a place count together.
 */
export interface Rarity {
  /** Place of a trait's key in the table. */
  place(key: number): number;
  /** Counts one ticket with its different places. */
  learn(places: Iterable<number>): void;
  /** Natural logarithm of (tickets + 2) / (tickets with it + 1). */
  idf(place: number): number;
  readonly bits: number;
}

const LEAST_BITS = 14;
/** What `ticket-store.ts` has room for. */
const MOST_BITS = 22;
/** Different traits a ticket brings that no other has, about; the table has a place for each. */
const OWN_TRAITS = 8;
/** After so many times the expected tickets all counts are halved: what is said changes. */
const AGING = 8;

/** @param expected about how many tickets there are at a time */
export function createRarity(expected: number): Rarity {
  const bits = Math.max(LEAST_BITS, Math.min(MOST_BITS, Math.ceil(Math.log2(Math.max(1, expected) * OWN_TRAITS))));
  const seen = new Uint32Array(2 ** bits);
  const aging = Math.max(1000, expected) * AGING;
  let tickets = 0;
  return {
    bits,
    place: (key) => (Math.imul(key ^ (key >>> 15), 0x9e3779b1) >>> 0) >>> (32 - bits),
    learn: (places) => {
      for (const place of places) seen[place] = (seen[place] ?? 0) + 1;
      tickets += 1;
      if (tickets < aging) return;
      for (let at = 0; at < seen.length; at += 1) seen[at] = (seen[at] ?? 0) >>> 1;
      tickets >>>= 1;
    },
    idf: (place) => Math.log((tickets + 2) / ((seen[place] ?? 0) + 1)),
  };
}
