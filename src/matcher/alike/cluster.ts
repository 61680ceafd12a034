import { createHeap } from './heap.ts';
import { createRarity, type Rarity } from './rarity.ts';
import { foldedTexts, traitsOf } from './traits.ts';
import type { AlikeTicket } from './types.ts';
import { cosine, plus, scaled, vectorOf, type Vector } from './vectors.ts';

/**
 * Gathers a batch of tickets into matters (nightly). Tickets are put in their own order first (time, then id), so the order in
 * which they come does not matter. Equal texts are one from the start. Each looks for neighbours in the lists of its traits,
 * read backwards in time for a few steps; then the two nearest clusters are joined, again and again, as long as their
 * middles (not any two members) are near enough: a chain of single likenesses does not hold.
 */

/** Nearness of two middles (0 to 1) from which tickets are about one hot matter. For copies and close variants: 0.6. */
export const HOT = 0.2;
/** Traits kept of a ticket, and of a cluster's middle. */
const KEPT = 64;
const KEPT_OF_MIDDLE = 256;
/** Earlier tickets read of one trait's list, and neighbours kept of a ticket and of a cluster. */
const READ_A_TRAIT = 64;
const NEIGHBOURS = 20;
const MOST_NEIGHBOURS = 200;
/** A pause of so many days between two clusters takes their nearness down to a third. */
const FADING_DAYS = 180;
/** Different items count for so much less. */
const OTHER_ITEM = 0.7;
const DAY = 86_400_000;
/** Tickets, or joins, between two yields. */
const SLICE = 200;

export interface ClusterOptions {
  /** `HOT` unless told. */
  readonly nearness?: number;
  /** What is rare in the city (an index's `rarity`); learned from the batch unless told, which serves a large batch. */
  readonly rarity?: Rarity;
}

export interface TicketCluster {
  /** The most central ticket names the cluster. */
  readonly centralId: string;
  readonly title: string;
  /** In order of time; two at least. */
  readonly ids: readonly string[];
  readonly firstAt: number;
  readonly lastAt: number;
  /** Tickets by town id, `''` for unknown; the most first. */
  readonly towns: readonly { readonly townId: string; readonly count: number }[];
}

interface Node {
  readonly sum: Vector;
  readonly members: readonly AlikeTicket[];
  readonly firstAt: number;
  readonly lastAt: number;
  readonly items: ReadonlyMap<string, number>;
  readonly near: Set<number>;
}

/** As `clusterTickets`, giving way now and then: `next()` until `done`. */
export function* clusterSlowly(tickets: readonly AlikeTicket[], { nearness = HOT, rarity: given }: ClusterOptions = {}): Generator<void, readonly TicketCluster[], void> {
  const groups = equalTexts(tickets);
  const read = [];
  for (const group of groups) {
    read.push(traitsOf(foldedTexts(group[0])));
    if (read.length % SLICE === 0) yield;
  }
  const rarity = given ?? learned(read.map(({ keys }, at) => ({ keys, times: groups[at]?.length ?? 0 })), tickets.length);
  const own: Vector[] = [];
  for (const { keys, weights } of read) {
    own.push(scaled(vectorOf(Array.from(keys, (key, at): [number, number] => [key, (weights[at] ?? 0) * rarity.idf(rarity.place(key))]), KEPT)));
    if (own.length % SLICE === 0) yield;
  }
  const nodes = new Map<number, Node>();
  for (const [at, members] of groups.entries()) {
    const times = members.map((ticket) => ticket.at);
    const items = new Map<string, number>();
    for (const { itemCode } of members) if (typeof itemCode === 'string' && itemCode !== '') items.set(itemCode, (items.get(itemCode) ?? 0) + 1);
    nodes.set(at, { sum: scaled(own[at] ?? EMPTY, members.length), members, firstAt: Math.min(...ends(times)), lastAt: Math.max(...ends(times)), items, near: new Set() });
  }
  yield* findNeighbours(own, nodes);
  yield* join(nodes, nearness, groups.length);
  const clusters: TicketCluster[] = [];
  const vectorByText = new Map(groups.map((group, at) => [textKey(group[0]), own[at] ?? EMPTY]));
  for (const node of nodes.values()) if (node.members.length > 1) clusters.push(shown(node, (ticket) => vectorByText.get(textKey(ticket)) ?? EMPTY));
  return clusters.sort((a, b) => b.ids.length - a.ids.length || a.firstAt - b.firstAt || byString(a.centralId, b.centralId));
}

/** Matters of two tickets or more, the largest first. */
export function clusterTickets(tickets: readonly AlikeTicket[], options?: ClusterOptions): readonly TicketCluster[] {
  const work = clusterSlowly(tickets, options);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const EMPTY = vectorOf([], 0);
const byString = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const textKey = ({ title, content }: AlikeTicket): string => `${title}\u0000${content}`;
/** Members are in order of time, so the first and the last are the ends. */
const ends = (times: readonly number[]): readonly number[] => [times[0] ?? 0, times.at(-1) ?? 0];

type Group = readonly [AlikeTicket, ...AlikeTicket[]];

/** In order of time, equal texts together; of two tickets with one id the first counts. Tickets without any word stay alone. */
function equalTexts(tickets: readonly AlikeTicket[]): readonly Group[] {
  const groups = new Map<string, [AlikeTicket, ...AlikeTicket[]]>();
  const seen = new Set<string>();
  for (const ticket of tickets.toSorted((a, b) => a.at - b.at || byString(a.id, b.id) || byString(textKey(a), textKey(b)))) {
    if (seen.has(ticket.id)) continue;
    seen.add(ticket.id);
    const key = /\p{L}/u.test(ticket.title) || /\p{L}/u.test(ticket.content) ? textKey(ticket) : `\u0000${ticket.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [ticket]);
    else group.push(ticket);
  }
  return [...groups.values()];
}

function learned(texts: readonly { readonly keys: Uint32Array; readonly times: number }[], tickets: number): Rarity {
  const rarity = createRarity(tickets);
  // A copy counts as often as it came: what everybody repeats is common.
  for (const { keys, times } of texts) for (let time = 0; time < times; time += 1) rarity.learn(new Set(Array.from(keys, rarity.place)));
  return rarity;
}

function* findNeighbours(own: readonly Vector[], nodes: ReadonlyMap<number, Node>): Generator<void, void, void> {
  const lists = new Map<number, number[]>();
  for (const [at, vector] of own.entries()) {
    if (at % SLICE === SLICE - 1) yield;
    const sums = new Map<number, number>();
    for (const [place, key] of vector.keys.entries()) {
      const list = lists.get(key);
      if (list === undefined) {
        lists.set(key, [at]);
        continue;
      }
      for (const other of list) sums.set(other, (sums.get(other) ?? 0) + (vector.weights[place] ?? 0));
      list.push(at);
      if (list.length > READ_A_TRAIT) list.shift();
    }
    const likely = [...sums].sort(([a, x], [b, y]) => y - x || a - b).slice(0, NEIGHBOURS * 3);
    const nearest = likely.map(([other]): [number, number] => [other, cosine(vector, own[other] ?? EMPTY)]).sort(([a, x], [b, y]) => y - x || a - b).slice(0, NEIGHBOURS);
    for (const [other] of nearest) {
      nodes.get(at)?.near.add(other);
      nodes.get(other)?.near.add(at);
    }
  }
}

function* join(nodes: Map<number, Node>, nearness: number, fresh: number): Generator<void, void, void> {
  const pairs = createHeap();
  for (const [at, node] of nodes) for (const other of node.near) {
    const there = nodes.get(other);
    if (other > at && there !== undefined) pairs.push({ near: nearnessOf(node, there), a: at, b: other }, nearness);
  }
  yield;
  let next = fresh;
  for (let pair = pairs.pop(); pair !== null; pair = pairs.pop()) {
    const a = nodes.get(pair.a);
    const b = nodes.get(pair.b);
    if (a === undefined || b === undefined) continue;
    nodes.delete(pair.a);
    nodes.delete(pair.b);
    const joined = joinOf(a, b);
    const around = [...new Set([...a.near, ...b.near])].flatMap((number) => {
      const node = nodes.get(number);
      return node === undefined ? [] : [{ number, node, near: nearnessOf(joined, node) }];
    });
    for (const { number, node, near } of around.sort((x, y) => y.near - x.near || x.number - y.number).slice(0, MOST_NEIGHBOURS)) {
      joined.near.add(number);
      node.near.add(next);
      node.near.delete(pair.a);
      node.near.delete(pair.b);
      pairs.push({ near, a: number, b: next }, nearness);
    }
    nodes.set(next, joined);
    next += 1;
    if (next % SLICE === 0) yield;
  }
}

function joinOf(a: Node, b: Node): Node {
  const items = new Map(a.items);
  for (const [item, count] of b.items) items.set(item, (items.get(item) ?? 0) + count);
  return { sum: plus(a.sum, b.sum, KEPT_OF_MIDDLE), members: [...a.members, ...b.members], firstAt: Math.min(a.firstAt, b.firstAt), lastAt: Math.max(a.lastAt, b.lastAt), items, near: new Set() };
}

function nearnessOf(a: Node, b: Node): number {
  const pause = Math.max(0, a.firstAt - b.lastAt, b.firstAt - a.lastAt) / DAY;
  return cosine(a.sum, b.sum) * Math.exp(-pause / FADING_DAYS) * (OTHER_ITEM + (1 - OTHER_ITEM) * itemAgreement(a.items, b.items));
}

/** 1: the same items in the same parts, or none known; 0: none in common. */
function itemAgreement(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  if (a.size === 0 || b.size === 0) return 1;
  const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [ofA, ofB] = [total(a), total(b)];
  let common = 0;
  for (const [item, count] of a) common += Math.min(count / ofA, (b.get(item) ?? 0) / ofB);
  return common;
}

function shown({ members, sum, firstAt, lastAt }: Node, vectorBy: (ticket: AlikeTicket) => Vector): TicketCluster {
  const inTime = members.toSorted((a, b) => a.at - b.at || byString(a.id, b.id));
  let central = { id: '', title: '', near: -1 };
  for (const ticket of inTime) {
    const near = cosine(vectorBy(ticket), sum);
    if (near > central.near) central = { id: ticket.id, title: ticket.title, near };
  }
  return { centralId: central.id, title: central.title, ids: inTime.map(({ id }) => id), firstAt, lastAt, towns: townCounts(inTime) };
}

/** The most first, then by id. */
export function townCounts(tickets: readonly AlikeTicket[]): TicketCluster['towns'] {
  const counts = new Map<string, number>();
  for (const { townId } of tickets) counts.set(townId ?? '', (counts.get(townId ?? '') ?? 0) + 1);
  return [...counts].map(([townId, count]) => ({ townId, count })).sort((a, b) => b.count - a.count || byString(a.townId, b.townId));
}
