import { foldText } from '../../domain/text.ts';
import { likenessOf, PROPOSE } from './likeness.ts';
import { hashOf, placeWordsOf, type PlaceWord } from './place-words.ts';
import { createRarity, type Rarity } from './rarity.ts';
import { createTicketStore, KEPT, packTrait, PLACES, POSTED, termOf, weightOf } from './ticket-store.ts';
import { eachTrait, foldedTexts, traitsOf } from './traits.ts';
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
const WORDS_SHOWN = 6;
const HOUR = 3_600_000;

interface Term {
  readonly term: number;
  readonly weight: number;
  readonly idf: number;
}

interface Read {
  readonly folded: string;
  readonly terms: readonly Term[];
  readonly keys: readonly number[];
  readonly places: readonly PlaceWord[];
  readonly town: number;
  readonly item: number;
  readonly citizen: number;
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
  const found = createTally();

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
    const terms = [...weights].map(([term, weight]) => ({ term, weight, idf: idfOf(term) })).sort((a, b) => b.weight * b.idf - a.weight * a.idf || a.term - b.term).slice(0, KEPT);
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
    const { terms, keys, places, town, item, citizen } = read(ticket, true);
    const traits = Uint32Array.from(terms, ({ term, weight }) => packTrait(term, weight)).sort();
    const posted = [...new Set([...terms.slice(0, POSTED_TRAITS).map(({ term }) => term), ...keys])];
    const number = store.put({ traits, terms: posted, places: places.map(({ key }) => key), town, item, citizen, digest, at: ticket.at }, older);
    numbers.set(ticket.id, number);
    ids[number] = ticket.id;
    return true;
  };

  const alike: AlikeIndex['alike'] = (ticket, { limit = 5, least = PROPOSE } = {}) => {
    const asked = read(ticket, false);
    const own = numbers.get(ticket.id);
    for (const { term, weight, idf } of asked.terms.slice(0, PROBES)) store.each(term, READ_A_TERM, (number) => found.add(number, weight * idf));
    for (const key of asked.keys) store.each(key, READ_A_TERM, (number) => found.add(number, 1));
    const candidates = found.take().filter(({ number }) => number !== own).slice(0, COMPARED);
    const byTerm = new Map(asked.terms.map((each) => [each.term, each]));
    const norm = Math.sqrt(asked.terms.reduce((sum, { weight, idf }) => sum + (weight * idf) ** 2, 0));
    const hits = candidates.map(({ number }) => {
      const facts = store.factsOf(number);
      let dot = 0;
      let other = 0;
      for (const trait of facts.traits) {
        if (trait === 0) continue;
        const term = termOf(trait);
        const mine = byTerm.get(term);
        const weight = weightOf(trait) * (mine === undefined ? idfOf(term) : mine.idf);
        other += weight * weight;
        if (mine !== undefined) dot += weight * mine.weight * mine.idf;
      }
      const text = dot === 0 ? 0 : Math.min(1, dot / (norm * Math.sqrt(other)));
      const common = { text, place: placeOf(asked.places, facts.places), item: sameness(asked.item, facts.item), town: sameness(asked.town, facts.town), citizen: asked.citizen === 0 || facts.citizen === 0 ? ('unknown' as const) : asked.citizen === facts.citizen ? ('same' as const) : ('different' as const), hours: Math.abs(ticket.at - facts.at) / HOUR };
      return { id: ids[number] ?? '', number, common, score: likenessOf(common) };
    });
    return hits
      .filter(({ score, common }) => score >= least && common.text > 0)
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id, number, common, score }): AlikeHit => {
        const facts = store.factsOf(number);
        const theirs = new Set<number>();
        for (const trait of facts.traits) if (trait !== 0) theirs.add(termOf(trait));
        return { id, score, why: { ...common, shared: sharedWords(asked.folded, (key) => (theirs.has(place(key)) ? (byTerm.get(place(key))?.weight ?? 0) * idfOf(place(key)) : 0)), places: asked.places.filter(({ key }) => facts.places.includes(key)).map(({ word }) => word) } };
      });
  };

  return { add, remove, has: (id) => numbers.has(id), alike, rarity, size: () => numbers.size, ids: () => numbers.keys() };
}

const digestOf = ({ title, content, townId, place, itemCode, citizenId, at }: AlikeTicket): number => hashOf([title, content, townId, place, itemCode, citizenId, at].map((part) => part ?? '').join('\u0000'));

const sameness = (a: number, b: number): AlikeWhy['item'] => (a === -1 || b === -1 ? 'unknown' : a === b ? 'same' : 'different');

function placeOf(mine: readonly PlaceWord[], theirs: Uint32Array): AlikeWhy['place'] {
  if (mine.length === 0 || theirs[0] === 0) return 'unknown';
  return mine.some(({ key }) => theirs.includes(key)) ? 'same' : 'different';
}

/** Neighbouring traits that are shared grow together into words: 搅拌 + 拌站 → 搅拌站. The weightiest first. */
function sharedWords(folded: string, weigh: (key: number) => number): readonly string[] {
  const words = new Map<string, number>();
  let from = -1;
  let to = -1;
  let sum = 0;
  const close = (): void => {
    if (from >= 0) words.set(folded.slice(from, to), Math.max(words.get(folded.slice(from, to)) ?? 0, sum));
    from = -1;
  };
  eachTrait(folded, (key, start, end) => {
    const weight = weigh(key);
    if (weight === 0) return;
    if (from >= 0 && start < to) {
      to = end;
      sum += weight;
      return;
    }
    close();
    [from, to, sum] = [start, end, weight];
  });
  close();
  const ranked = [...words].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
  return ranked.filter((word, at) => !ranked.slice(0, at).some((longer) => longer.includes(word))).slice(0, WORDS_SHOWN);
}

/** Sums up what speaks for a ticket; the best first, of equal ones those found first: lists are read newest first. */
function createTally() {
  const sums = new Map<number, number>();
  return {
    add: (number: number, weight: number): void => void sums.set(number, (sums.get(number) ?? 0) + weight),
    take: (): readonly { readonly number: number; readonly sum: number }[] => {
      const all = [...sums].map(([number, sum]) => ({ number, sum })).sort((a, b) => b.sum - a.sum);
      sums.clear();
      return all;
    },
  };
}
