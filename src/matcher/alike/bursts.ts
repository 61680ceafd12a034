import { foldText } from '../../domain/text.ts';
import { HOT } from './cluster.ts';
import { placeWordsOf } from './place-words.ts';
import { createRarity } from './rarity.ts';
import { foldedTexts, traitsOf } from './traits.ts';
import type { AlikeTicket } from './types.ts';
import { cosine, plus, scaled, vectorOf, type Vector } from './vectors.ts';

/**
 * Storms (typhoon, power cut): what comes in gathers into matters as it comes, places left out, within a sliding window. A matter
 * bursts when it has far more than its item usually has. Work for one ticket is bounded whatever is in the window.
 */

export interface BurstOptions {
  /** Names that are no matter: towns, districts. */
  readonly placeNames?: readonly string[];
  /** Length of the window, ms; an hour unless told. */
  readonly windowMs?: number;
  /** Fewer than this are never a storm; 20 unless told. */
  readonly least?: number;
  /** How many times the usual it must be at least; 5 unless told. */
  readonly ratio?: number;
  /** What an item has in an hour at least, so that a rare one does not burst by three; 1 unless told. */
  readonly leastUsual?: number;
}

/** What came in: a ticket, or a question that nobody opened a ticket for. */
export interface Seen extends AlikeTicket {
  readonly kind: 'ticket' | 'question';
}

export interface Burst {
  /** Of this matter as long as it is watched. */
  readonly key: number;
  /** The newest ticket nearest to its middle names it. */
  readonly title: string;
  /** Item of most of its tickets; null: most have none. */
  readonly itemCode: string | null;
  /** Tickets in the window, oldest first. */
  readonly tickets: readonly { readonly id: string; readonly at: number; readonly townId: string | null }[];
  readonly questions: number;
  /** Tickets and questions in each twelfth of the window, oldest first. */
  readonly series: readonly number[];
  /** What its item usually has in such a window, at most. */
  readonly usual: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface BurstWatch {
  /** Takes one in; the matter that it is of. One that came before, or lies before the window, changes nothing (null). */
  see(seen: Seen): number | null;
  /** Only learns what is rare: old tickets, when a watch is filled. */
  learn(ticket: Pick<AlikeTicket, 'title' | 'content' | 'place'>): void;
  /** Matters that burst now, the largest first. `usual`: how many tickets an item has in an hour. Forgets what left the window. */
  bursts(now: number, usual: (itemCode: string | null) => number): readonly Burst[];
  /** The matter that such words are of, and how near they are to its middle (`HOT` to 1); nothing is taken in. Null: of none. */
  like(ticket: Pick<AlikeTicket, 'title' | 'content' | 'place' | 'itemCode'>): { readonly key: number; readonly near: number } | null;
  /** Is a matter, by a ticket that it holds, still watched? Its key. */
  keyOf(id: string): number | null;
  size(): number;
}

interface Member {
  readonly id: string;
  readonly kind: Seen['kind'];
  readonly at: number;
  readonly townId: string | null;
  readonly itemCode: string | null;
}

interface Matter {
  readonly key: number;
  sum: Vector;
  members: Member[];
  title: string;
  readonly posted: Set<number>;
  /** Item of most of its newest tickets; undefined: not counted since a member came or left. */
  item: string | null | undefined;
}

/** Traits of one text, of a matter's middle, traits under which a matter is found by one text, and in all. */
const KEPT = 64;
const KEPT_OF_MIDDLE = 256;
const POSTED_A_TEXT = 12;
const MOST_POSTED = 400;
/** Matters read under one trait, and compared exactly. */
const READ_A_TRAIT = 64;
const COMPARED = 12;
/** A ticket of another item must be nearer. */
const OTHER_ITEM = 0.7;
/** -ln of the chance that the usual alone brings so many: one in a million. */
const SURE = 13.8;
const PARTS = 12;
const HOUR = 3_600_000;
/** Matters of a window expected at most; sizes the table of what is rare. */
const MATTERS = 20_000;

export function createBurstWatch({ placeNames = [], windowMs = HOUR, least = 20, ratio = 5, leastUsual = 1 }: BurstOptions = {}): BurstWatch {
  // A matter counts once in it: a storm must not make its own words look common.
  const rarity = createRarity(MATTERS);
  const names = [...placeNames].map((name) => foldText(name).toLowerCase()).filter((name) => name.length > 1).sort((a, b) => b.length - a.length);
  const matters = new Map<number, Matter>();
  const byTrait = new Map<number, Set<number>>();
  const byId = new Map<string, number>();
  let next = 1;
  let newest = -Infinity;

  const read = (ticket: Pick<AlikeTicket, 'title' | 'content' | 'place'>) => {
    const texts = foldedTexts(ticket);
    return traitsOf({ title: withoutPlaces(texts.title, names), content: withoutPlaces(texts.content, names) });
  };
  const vectorOfTraits = ({ keys, weights }: ReturnType<typeof traitsOf>): Vector => scaled(vectorOf(Array.from(keys, (key, at): [number, number] => [key, (weights[at] ?? 0) * rarity.idf(rarity.place(key))]), KEPT));

  const nearest = (vector: Vector, itemCode: string | null): { readonly matter: Matter; readonly near: number } | null => {
    const sums = new Map<number, number>();
    for (const [at, trait] of vector.keys.entries()) {
      let left = READ_A_TRAIT;
      for (const key of byTrait.get(trait) ?? []) {
        if ((left -= 1) < 0) break;
        sums.set(key, (sums.get(key) ?? 0) + (vector.weights[at] ?? 0));
      }
    }
    let best: { readonly matter: Matter; readonly near: number } | null = null;
    for (const [key] of [...sums].sort(([a, x], [b, y]) => y - x || a - b).slice(0, COMPARED)) {
      const matter = matters.get(key);
      if (matter === undefined) continue;
      const item = itemCode === null ? null : itemOf(matter);
      const near = cosine(vector, matter.sum) * (item === null || item === itemCode ? 1 : OTHER_ITEM);
      if (near >= HOT && (best === null || near > best.near)) best = { matter, near };
    }
    return best;
  };

  const post = (matter: Matter, vector: Vector): void => {
    const heaviest = Array.from(vector.keys, (trait, at): [number, number] => [trait, vector.weights[at] ?? 0]).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, POSTED_A_TEXT);
    for (const [trait] of heaviest) {
      if (matter.posted.size >= MOST_POSTED) return;
      if (matter.posted.has(trait)) continue;
      matter.posted.add(trait);
      const list = byTrait.get(trait);
      if (list === undefined) byTrait.set(trait, new Set([matter.key]));
      else list.add(matter.key);
    }
  };
  const drop = (matter: Matter): void => {
    matters.delete(matter.key);
    for (const trait of matter.posted) {
      const list = byTrait.get(trait);
      list?.delete(matter.key);
      if (list?.size === 0) byTrait.delete(trait);
    }
  };

  const forget = (before: number): void => {
    for (const matter of matters.values()) {
      // They lie in order of time.
      const stays = matter.members.findIndex(({ at }) => at >= before);
      if (stays === 0) continue;
      for (const { id } of stays < 0 ? matter.members : matter.members.slice(0, stays)) byId.delete(id);
      matter.members = stays < 0 ? [] : matter.members.slice(stays);
      matter.item = undefined;
      if (matter.members.length === 0) drop(matter);
    }
  };

  /** Two that began apart and turned out to be one. */
  const join = (into: Matter, other: Matter): void => {
    drop(other);
    into.sum = plus(into.sum, other.sum, KEPT_OF_MIDDLE);
    for (const { id } of other.members) byId.set(id, into.key);
    into.item = undefined;
    into.members = [...into.members, ...other.members].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const trait of other.posted) {
      if (into.posted.size >= MOST_POSTED) break;
      into.posted.add(trait);
      byTrait.set(trait, (byTrait.get(trait) ?? new Set()).add(into.key));
    }
  };

  /** Until no two are near: each join moves a middle. There are a handful. */
  const joinAll = (large: readonly Matter[]): void => {
    for (let again = true; again; ) {
      again = false;
      for (const [at, matter] of large.entries()) {
        for (const other of large.slice(at + 1)) {
          if (!matters.has(matter.key) || !matters.has(other.key) || cosine(matter.sum, other.sum) < HOT) continue;
          join(matter, other);
          again = true;
        }
      }
    }
  };

  return {
    see: (seen) => {
      if (byId.has(seen.id) || seen.at < newest - windowMs) return null;
      newest = Math.max(newest, seen.at);
      const traits = read(seen);
      const vector = vectorOfTraits(traits);
      if (vector.norm === 0) return null;
      const itemCode = seen.itemCode ?? null;
      const found = nearest(vector, itemCode);
      const member: Member = { id: seen.id, kind: seen.kind, at: seen.at, townId: seen.townId ?? null, itemCode };
      if (found === null) {
        const matter: Matter = { key: next, sum: vector, members: [member], title: seen.title, posted: new Set(), item: undefined };
        next += 1;
        rarity.learn(new Set(Array.from(traits.keys, rarity.place)));
        matters.set(matter.key, matter);
        post(matter, vector);
        byId.set(seen.id, matter.key);
        return matter.key;
      }
      const { matter, near } = found;
      matter.sum = plus(matter.sum, vector, KEPT_OF_MIDDLE);
      // What is very near to the middle says best what it is about.
      if (near > 0.5 && seen.kind === 'ticket' && seen.title.length > 1) matter.title = seen.title;
      insert(matter.members, member);
      matter.item = undefined;
      post(matter, vector);
      byId.set(seen.id, matter.key);
      return matter.key;
    },
    learn: (ticket) => rarity.learn(new Set(Array.from(read(ticket).keys, rarity.place))),
    bursts: (now, usual) => {
      forget(now - windowMs);
      const large = [...matters.values()].filter(({ members }) => members.length >= Math.max(2, Math.floor(least / 4))).sort((a, b) => b.members.length - a.members.length || a.key - b.key);
      joinAll(large);
      return large
        .filter(({ key }) => matters.has(key))
        .flatMap((matter) => {
          const itemCode = itemOf(matter);
          const expected = (Math.max(leastUsual, usual(itemCode)) * windowMs) / HOUR;
          const count = matter.members.length;
          return count >= least && count >= ratio * expected && isBeyondChance(count, expected) ? [shown(matter, itemCode, expected, now, windowMs)] : [];
        })
        .sort((a, b) => b.tickets.length + b.questions - a.tickets.length - a.questions || a.key - b.key);
    },
    like: (ticket) => {
      const vector = vectorOfTraits(read(ticket));
      const found = vector.norm === 0 ? null : nearest(vector, ticket.itemCode ?? null);
      return found === null ? null : { key: found.matter.key, near: found.near };
    },
    keyOf: (id) => byId.get(id) ?? null,
    size: () => byId.size,
  };
}

/** Chernoff's bound of the Poisson distribution: P(X ≥ k) ≤ e^(k − λ − k ln(k/λ)). */
function isBeyondChance(count: number, expected: number): boolean {
  return count > expected && count * Math.log(count / expected) - count + expected >= SURE;
}

function shown({ key, title, members }: Matter, itemCode: string | null, usual: number, now: number, windowMs: number): Burst {
  const series = Array.from({ length: PARTS }, () => 0);
  for (const { at } of members) {
    const part = Math.min(PARTS - 1, Math.max(0, Math.floor(((at - (now - windowMs)) / windowMs) * PARTS)));
    series[part] = (series[part] ?? 0) + 1;
  }
  const tickets = members.filter(({ kind }) => kind === 'ticket');
  return { key, title, itemCode, tickets: tickets.map(({ id, at, townId }) => ({ id, at, townId })), questions: members.length - tickets.length, series, usual, firstAt: members[0]?.at ?? now, lastAt: members.at(-1)?.at ?? now };
}

/** Item of most tickets; questions have none and do not vote. */
function itemOf(matter: Matter): string | null {
  if (matter.item === undefined) matter.item = countItem(matter.members);
  return matter.item;
}

function countItem(members: readonly Member[]): string | null {
  const counts = new Map<string | null, number>();
  let best: string | null = null;
  // The newest are enough: a matter does not change its item.
  for (const { itemCode, kind } of members.slice(-50)) {
    if (kind === 'question') continue;
    const count = (counts.get(itemCode) ?? 0) + 1;
    counts.set(itemCode, count);
    if (count > (counts.get(best) ?? 0)) best = itemCode;
  }
  return best;
}

/** In order of time, behind those of the same moment. Mostly the newest comes; a watch that is filled goes backwards. */
function insert(members: Member[], member: Member): void {
  let from = 0;
  let to = members.length;
  while (from < to) {
    const middle = to === members.length ? to - 1 : (from + to) >> 1;
    if ((members[middle]?.at ?? 0) > member.at) to = middle;
    else from = middle + 1;
  }
  members.splice(from, 0, member);
}

/** The text without names of places, so that 东城停电 and 万江停电 are one matter. */
function withoutPlaces(folded: string, names: readonly string[]): string {
  let text = folded;
  for (const name of names) if (text.includes(name)) text = text.replaceAll(name, ' ');
  for (const { word } of placeWordsOf(text)) text = text.replaceAll(word, ' ');
  return text;
}
