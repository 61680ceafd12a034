import { foldText } from '../../domain/text.ts';
import { likenessOf, PROPOSE } from './likeness.ts';
import { hashOf, placeWordsOf, type PlaceWord } from './place-words.ts';
import { createRarity, type Rarity } from './rarity.ts';
import { sharedWords, spansOf, type TraitSpan } from './shared-words.ts';
import { createTally } from './tally.ts';
import { createTextComparer, type Term } from './text-likeness.ts';
import { createTicketStore, KEPT, packTrait, PLACES, POSTED, termOf } from './ticket-store.ts';
import { foldedTexts, traitsOf } from './traits.ts';
import type { AlikeHit, AlikeIndex, AlikeTicket, AlikeWhy } from './types.ts';

/**
 * Open tickets by what they say: `alike` finds those about the same matter without looking at all of them. A ticket is posted under
 * its rarest traits and under item + place; lists are read newest first and never to their end, so work is bounded whatever
 * is in them. What is found is compared exactly. How rare a trait is, is learned from all tickets that ever came.
 */

export interface AlikeIndexOptions {
  /** About how many tickets will be open at once: sizes the tables; 100,000 unless told. More may come. */
  readonly expected?: number;
}

/** Of POSTED terms the last ones are for item + place (as many as places), item + town, and the citizen. */
const POSTED_TRAITS = POSTED - PLACES - 2;
/** Traits of the asking ticket that are looked up. */
const PROBES = 32;
/** Newest tickets read of one list. */
const READ_A_TERM = 128;
/** Tickets compared exactly. */
const COMPARED = 96;
const HOUR = 3_600_000;
/** Far more than sums of the same numbers in another order differ by. */
const ROUNDING = 1e-9;
const NOWHERE: readonly PlaceWord[] = [];

interface Read {
  readonly folded: string;
  readonly terms: readonly Term[];
  readonly keys: readonly number[];
  readonly places: readonly PlaceWord[];
  readonly town: number;
  readonly item: number;
  readonly citizen: number;
}

interface Hit {
  readonly id: string;
  readonly number: number;
  readonly why: AlikeWhy;
  readonly score: number;
  readonly traits: Uint32Array;
}

export function createAlikeIndex({ expected = 100_000 }: AlikeIndexOptions = {}): AlikeIndex & { readonly rarity: Rarity } {
  const rarity = createRarity(expected);
  const { place, idf: idfOf } = rarity;
  const store = createTicketStore(2 ** rarity.bits);
  const numbers = new Map<string, number>();
  /** By number; an empty text where none is. */
  const ids: string[] = [];
  /** Towns and items as small numbers; there are only as many as a city has. */
  const labels = new Map<string, number>();
  const tally = createTally();
  const compareTexts = createTextComparer(store, idfOf, COMPARED);
  /** A ticket that was added is asked for next, and a draft again: what was read last is read once. */
  let latest: { readonly ticket: AlikeTicket; readonly asked: Read } | null = null;
  /** What a posting of the list that is read speaks for its ticket. */
  let speaks = 1;
  const count = (number: number): void => tally.add(number, speaks);

  const isAt = (number: number, key: number): boolean => {
    for (let at = 0; at < PLACES; at += 1) if (store.placeOf(number, at) === key) return true;
    return false;
  };
  const placeOf = (mine: readonly PlaceWord[], number: number): AlikeWhy['place'] => {
    if (mine.length === 0 || store.placeOf(number, 0) === 0) return 'unknown';
    return mine.some(({ key }) => isAt(number, key)) ? 'same' : 'different';
  };

  const labelOf = (kind: string, label: string | null | undefined, learn: boolean): number => {
    if (label === null || label === undefined || label === '') return -1;
    const key = `${kind}${label}`;
    const known = labels.get(key);
    if (known !== undefined || !learn) return known ?? -2;
    labels.set(key, labels.size);
    return labels.size - 1;
  };
  const read = (ticket: AlikeTicket, learning: boolean): Read => {
    const texts = foldedTexts(ticket);
    const said = ticket.place === null || ticket.place === undefined ? '' : foldText(ticket.place.slice(0, 200)).toLowerCase();
    const folded = `${texts.title}\n${said}\n${texts.content}`;
    const traits = traitsOf({ title: texts.title, content: `${said}\n${texts.content}` });
    const weights = new Map<number, number>();
    for (const [at, key] of traits.keys.entries()) {
      const term = place(key);
      weights.set(term, Math.max(weights.get(term) ?? 0, traits.weights[at] ?? 0));
    }
    if (learning) rarity.learn(weights.keys());
    const terms = [...weights]
      .map(([term, weight]): Term => {
        const idf = idfOf(term);
        return { term, weight, idf, value: weight * idf };
      })
      .sort((a, b) => b.value - a.value || a.term - b.term)
      .slice(0, KEPT);
    const places = placeWordsOf(`${said}\n${texts.title}\n${texts.content}`);
    const item = ticket.itemCode ?? '';
    const citizen = (ticket.citizenId ?? '') === '' ? 0 : hashOf(`citizen ${ticket.citizenId ?? ''}`);
    const keys = [
      ...places.map(({ key }) => place(hashOf(`${item}@${key}`))),
      ...(item === '' || (ticket.townId ?? '') === '' ? [] : [place(hashOf(`${item}#${ticket.townId ?? ''}`))]),
      ...(citizen === 0 ? [] : [place(citizen)]),
    ];
    return { folded, terms, keys, places, citizen, town: labelOf('town ', ticket.townId, learning), item: labelOf('item ', ticket.itemCode, learning) };
  };

  const remove = (id: string): boolean => {
    const number = numbers.get(id);
    if (number === undefined) return false;
    store.free(number);
    numbers.delete(id);
    ids[number] = '';
    return true;
  };

  const add: AlikeIndex['add'] = (ticket, { older = false } = {}) => {
    const digest = digestOf(ticket);
    const known = numbers.get(ticket.id);
    if (known !== undefined && store.factsOf(known).digest === digest) return false;
    remove(ticket.id);
    const asked = read(ticket, true);
    latest = { ticket, asked };
    const { terms, keys, places, town, item, citizen } = asked;
    const traits = Uint32Array.from(terms, ({ term, weight }) => packTrait(term, weight)).sort();
    const posted = [...new Set([...terms.slice(0, POSTED_TRAITS).map(({ term }) => term), ...keys])];
    const number = store.put({ traits, terms: posted, places: places.map(({ key }) => key), town, item, citizen, digest, at: ticket.at }, older);
    numbers.set(ticket.id, number);
    ids[number] = ticket.id;
    return true;
  };

  const alike: AlikeIndex['alike'] = (ticket, { limit = 5, least = PROPOSE } = {}) => {
    const asked = latest !== null && saysTheSame(latest.ticket, ticket) ? latest.asked : read(ticket, false);
    latest = { ticket, asked };
    for (const { term, value } of asked.terms.slice(0, PROBES)) {
      speaks = value;
      if (speaks > 0) store.each(term, READ_A_TERM, count);
    }
    speaks = 1;
    for (const key of asked.keys) store.each(key, READ_A_TERM, count);
    const texts = compareTexts(asked.terms);
    const hits: Hit[] = [];
    for (const number of tally.take(COMPARED, numbers.get(ticket.id) ?? -1)) {
      const atMost = texts.atMost(number);
      if (atMost === 0) continue;
      const facts = store.factsOf(number);
      const why = {
        text: atMost, place: placeOf(asked.places, number), item: sameness(asked.item, facts.item), town: sameness(asked.town, facts.town),
        citizen: asked.citizen === 0 || facts.citizen === 0 ? ('unknown' as const) : asked.citizen === facts.citizen ? ('same' as const) : ('different' as const), hours: Math.abs(ticket.at - facts.at) / HOUR,
      };
      // Most are too far away however little else they say.
      if (likenessOf(why) < least - ROUNDING) continue;
      why.text = texts.likeness();
      const score = likenessOf(why);
      if (score >= least) hits.push({ id: ids[number] ?? '', number, why, score, traits: texts.traits() });
    }
    const wordsOf = sharedBy(asked, place);
    return hits
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id, number, why, score, traits }): AlikeHit => {
        const places = why.place === 'same' ? asked.places.filter(({ key }) => isAt(number, key)) : NOWHERE;
        return { id, score, why, words: () => ({ shared: wordsOf(traits), places: places.map(({ word }) => word) }) };
      });
  };

  return { add, remove, has: (id) => numbers.has(id), alike, rarity, size: () => numbers.size, ids: () => numbers.keys() };
}

const digestOf = ({ title, content, townId, place, itemCode, citizenId, at }: AlikeTicket): number => hashOf([title, content, townId, place, itemCode, citizenId, at].map((part) => part ?? '').join('\u0000'));

const sameness = (a: number, b: number): AlikeWhy['item'] => (a === -1 || b === -1 ? 'unknown' : a === b ? 'same' : 'different');

/** Words that another ticket, by its traits, has in common with the one that asks; copies have the same, found once. */
function sharedBy({ folded, terms }: Read, place: (key: number) => number): (traits: Uint32Array) => readonly string[] {
  let spans: readonly TraitSpan[] | null = null;
  const known = new Map<Uint32Array, readonly string[]>();
  return (traits) => {
    const before = known.get(traits);
    if (before !== undefined) return before;
    spans ??= spansOf(folded, new Map(terms.map(({ term, value }) => [term, value])), place);
    const words = sharedWords(folded, spans, new Set(Array.from(traits.filter((trait) => trait !== 0), termOf)));
    known.set(traits, words);
    return words;
  };
}

function saysTheSame(a: AlikeTicket, b: AlikeTicket): boolean {
  return a.title === b.title && a.content === b.content && a.place === b.place && a.itemCode === b.itemCode && a.townId === b.townId && a.citizenId === b.citizenId;
}
