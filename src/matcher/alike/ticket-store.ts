/**
 * What an index keeps of each ticket, in blocks of typed arrays: a place (number) is taken and given back at once, nothing
 * is ever copied or swept. Postings are doubly linked lists through the tickets themselves, newest first:
 *
 *   heads[term] ─► posting (ticket 7, 3rd) ─► posting (ticket 2, 1st) ◄─ tails[term]
 *   number of a posting = ticket × POSTED + its place
 */

/** Traits kept of a ticket: those that weigh most when it comes. */
export const KEPT = 48;
/** Terms under which a ticket can be found. */
export const POSTED = 21;
/** Places kept. */
export const PLACES = 4;

const BLOCK_BITS = 10;
const BLOCK = 2 ** BLOCK_BITS;
/** Leaves 22 bits for the term: see `rarity.ts`. */
const WEIGHT_BITS = 10;
const WEIGHT_SCALE = 64;

interface Block {
  /** term << 10 | weight × 64; 0: none. Ascending. */
  readonly traits: Uint32Array;
  /** Term plus one; 0: none. */
  readonly terms: Uint32Array;
  /** Posting plus one; 0: none. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly places: Uint32Array;
  readonly towns: Int32Array;
  readonly items: Int32Array;
  readonly citizens: Uint32Array;
  readonly digests: Uint32Array;
  readonly at: Float64Array;
  /** Of the traits: those that say the same have the same. */
  readonly hashes: Int32Array;
}

export interface TicketFacts {
  /** Ascending, as `packTrait` makes them, at most `KEPT`. */
  readonly traits: Uint32Array;
  /** Terms under which it is found, each once, at most `POSTED`. */
  readonly terms: readonly number[];
  readonly places: readonly number[];
  /** -1: unknown. */
  readonly town: number;
  readonly item: number;
  /** 0: unknown. */
  readonly citizen: number;
  /** Of everything that is compared: tells whether a ticket is still the same. */
  readonly digest: number;
  readonly at: number;
}

export interface TicketStore {
  /** @param last at the end of the lists instead of their beginning */
  put(facts: TicketFacts, last: boolean): number;
  free(ticket: number): void;
  /** Tickets found under the term, newest first, at most `most`. */
  each(term: number, most: number, visit: (ticket: number) => void): void;
  factsOf(ticket: number): Pick<TicketFacts, 'town' | 'item' | 'citizen' | 'digest' | 'at'>;
  /** Its `at`th place; 0: it has not so many. */
  placeOf(ticket: number, at: number): number;
  /** Equal for equal traits, hardly ever for others. */
  hashOf(ticket: number): number;
  /** Are its traits those in the array, as `copyTraits` copies them? */
  hasTraits(ticket: number, traits: Uint32Array, from: number): boolean;
  /** Its traits, ascending, 0 behind the last: `KEPT` numbers into the array, from there on. */
  copyTraits(ticket: number, into: Uint32Array, from: number): void;
}

export const packTrait = (term: number, weight: number): number => ((term << WEIGHT_BITS) | Math.max(1, Math.min((1 << WEIGHT_BITS) - 1, Math.round(weight * WEIGHT_SCALE)))) >>> 0;
export const termOf = (trait: number): number => trait >>> WEIGHT_BITS;
export const weightOf = (trait: number): number => (trait & ((1 << WEIGHT_BITS) - 1)) / WEIGHT_SCALE;

/** @param terms how many there are: numbers from 0 */
export function createTicketStore(terms: number): TicketStore {
  /** Posting plus one; 0: none. */
  const heads = new Int32Array(terms);
  const tails = new Int32Array(terms);
  const blocks: Block[] = [];
  const unused: number[] = [];
  let used = 0;

  const blockOf = (ticket: number): Block => {
    const block = blocks[Math.floor(ticket / BLOCK)];
    if (block === undefined) throw new RangeError('no such ticket');
    return block;
  };
  const link = (posting: number, side: 'next' | 'previous', to: number): void => {
    const ticket = Math.floor(posting / POSTED);
    blockOf(ticket)[side][(ticket % BLOCK) * POSTED + (posting % POSTED)] = to;
  };

  return {
    put: ({ traits, terms: found, places, town, item, citizen, digest, at }, last) => {
      const ticket = unused.pop() ?? used;
      if (ticket === used) {
        used += 1;
        if (ticket % BLOCK === 0) blocks.push(createBlock());
      }
      const block = blockOf(ticket);
      const row = ticket % BLOCK;
      block.traits.fill(0, row * KEPT, (row + 1) * KEPT);
      block.traits.set(traits.subarray(0, KEPT), row * KEPT);
      block.terms.fill(0, row * POSTED, (row + 1) * POSTED);
      for (const [place, term] of found.slice(0, POSTED).entries()) {
        const posting = ticket * POSTED + place;
        const beside = (last ? tails : heads)[term] ?? 0;
        block.terms[row * POSTED + place] = term + 1;
        block.next[row * POSTED + place] = last ? 0 : beside;
        block.previous[row * POSTED + place] = last ? beside : 0;
        if (beside !== 0) link(beside - 1, last ? 'next' : 'previous', posting + 1);
        if (last || beside === 0) tails[term] = posting + 1;
        if (!last || beside === 0) heads[term] = posting + 1;
      }
      for (let place = 0; place < PLACES; place += 1) block.places[row * PLACES + place] = places[place] ?? 0;
      block.towns[row] = town;
      block.items[row] = item;
      block.citizens[row] = citizen;
      block.digests[row] = digest;
      block.at[row] = at;
      let hash = 0;
      for (const trait of traits) hash = Math.imul(hash ^ trait, 0x01000193);
      block.hashes[row] = hash;
      return ticket;
    },
    free: (ticket) => {
      const block = blockOf(ticket);
      const row = ticket % BLOCK;
      for (let place = row * POSTED; place < (row + 1) * POSTED; place += 1) {
        const term = (block.terms[place] ?? 0) - 1;
        if (term < 0) break;
        const next = block.next[place] ?? 0;
        const previous = block.previous[place] ?? 0;
        if (next !== 0) link(next - 1, 'previous', previous);
        else tails[term] = previous;
        if (previous !== 0) link(previous - 1, 'next', next);
        else heads[term] = next;
      }
      unused.push(ticket);
    },
    each: (term, most, visit) => {
      let posting = heads[term] ?? 0;
      for (let left = most; posting !== 0 && left > 0; left -= 1) {
        // Whole numbers below 2^31 all along: thousands of postings are read for one ask.
        const ticket = ((posting - 1) / POSTED) | 0;
        visit(ticket);
        posting = blocks[ticket >> BLOCK_BITS]?.next[posting - 1 - (ticket >> BLOCK_BITS) * BLOCK * POSTED] ?? 0;
      }
    },
    factsOf: (ticket) => {
      const block = blockOf(ticket);
      const row = ticket % BLOCK;
      return {
        town: block.towns[row] ?? -1,
        item: block.items[row] ?? -1,
        citizen: block.citizens[row] ?? 0,
        digest: block.digests[row] ?? 0,
        at: block.at[row] ?? 0,
      };
    },
    placeOf: (ticket, at) => blockOf(ticket).places[(ticket % BLOCK) * PLACES + at] ?? 0,
    hashOf: (ticket) => blockOf(ticket).hashes[ticket % BLOCK] ?? 0,
    hasTraits: (ticket, asked, from) => {
      const { traits } = blockOf(ticket);
      const row = (ticket % BLOCK) * KEPT;
      for (let at = 0; at < KEPT; at += 1) if (traits[row + at] !== asked[from + at]) return false;
      return true;
    },
    copyTraits: (ticket, into, from) => {
      const { traits } = blockOf(ticket);
      const row = (ticket % BLOCK) * KEPT;
      for (let at = 0; at < KEPT; at += 1) into[from + at] = traits[row + at] ?? 0;
    },
  };
}

function createBlock(): Block {
  return {
    traits: new Uint32Array(BLOCK * KEPT),
    terms: new Uint32Array(BLOCK * POSTED),
    next: new Int32Array(BLOCK * POSTED),
    previous: new Int32Array(BLOCK * POSTED),
    places: new Uint32Array(BLOCK * PLACES),
    towns: new Int32Array(BLOCK),
    items: new Int32Array(BLOCK),
    citizens: new Uint32Array(BLOCK),
    digests: new Uint32Array(BLOCK),
    at: new Float64Array(BLOCK),
    hashes: new Int32Array(BLOCK),
  };
}
