import { foldText } from '../domain/text.ts';
import type { GapCluster, KnowledgeGap } from '../store/contract.ts';

/**
 * Gathers questions that ask the same. Pure, and the order in which the gaps come does not matter: texts are taken the most
 * asked first, equal ones by their characters. Never all pairs: a text is compared with the few clusters that share its
 * rarest pieces. What is compared are pairs of characters and Latin words, each weighing more the fewer texts it stands in;
 * 怎么 and 多少钱, which may be asked of anything, count for next to nothing.
 */

/** Wordings kept of a cluster. */
export const MOST_SAMPLES = 10;
/** Likeness (0 to 1) from which two texts ask the same. */
const ALIKE = 0.55;
/** A short text that lies almost whole inside another asks the same too. */
const INSIDE = 0.9;
/** … if it has so many pieces at least. */
const INSIDE_PIECES = 3;
/** Rarest pieces of a text by which others are looked for, and texts known by one piece. */
const PROBES = 8;
const KNOWN_BY_PIECE = 60;
/** Candidates that are really compared. */
const COMPARED = 24;
/** Texts that are weighed for the title. */
const WEIGHED = 40;
/** Longer ones are cut: the matter is said at the beginning. */
const TEXT_LIMIT = 120;
/** Texts gathered between two yields. */
const SLICE = 100;

/** Words that open or close any question; they say nothing of its matter. */
const EMPTY = /^(?:你好|您好|请问|麻烦|我?(?:想|要)?(?:问|咨询|了解)(?:一下|下)?|那个|就是)+|[吗呢啊呀吧嘛哦的了]+$/g;

export interface Gathered {
  /** Clusters that are new or have grown, as they are now. */
  readonly clusters: readonly GapCluster[];
  /** Cluster id by gap id. */
  readonly assigned: ReadonlyMap<string, string>;
}

interface Text {
  readonly key: string;
  readonly pieces: readonly string[];
  readonly gaps: KnowledgeGap[];
}

interface Known {
  readonly clusterId: string;
  readonly pieces: ReadonlySet<string>;
  readonly weight: number;
}

/** A new cluster's id is that of the first gap with its first text: the same gaps make the same clusters, wherever they are gathered. */
const newClusterId = (gaps: readonly KnowledgeGap[]): string => gaps.map(({ id }) => id).reduce((first, id) => (id < first ? id : first));

/** As `gather`, giving way after every hundred texts: `next()` until `done`. */
export function* gatherSlowly(gaps: readonly KnowledgeGap[], clusters: readonly GapCluster[]): Generator<void, Gathered, void> {
  const texts = distinct(gaps);
  const seeds = clusters.toSorted(byId).flatMap((cluster) => [...new Set([cluster.title, ...cluster.samples].map(tidy))].filter((key) => key !== '').map((key) => ({ clusterId: cluster.id, pieces: piecesOf(key) })));
  yield;
  const rarity = rarities([...seeds.map(({ pieces }) => pieces), ...texts.map(({ pieces }) => pieces)]);
  yield;
  const byPiece = new Map<string, Known[]>();
  const know = (clusterId: string, pieces: readonly string[]): void => {
    const known: Known = { clusterId, pieces: new Set(pieces), weight: weigh(pieces, rarity) };
    for (const piece of rarest(pieces, rarity)) {
      const list = byPiece.get(piece);
      if (list === undefined) byPiece.set(piece, [known]);
      else if (list.length < KNOWN_BY_PIECE) list.push(known);
    }
  };
  for (const { clusterId, pieces } of seeds) know(clusterId, pieces);
  const members = new Map<string, Text[]>();
  const assigned = new Map<string, string>();
  for (const [at, text] of texts.entries()) {
    if (at % SLICE === SLICE - 1) yield;
    const found = nearest(text.pieces, byPiece, rarity);
    const clusterId = found ?? newClusterId(text.gaps);
    if (found === null) know(clusterId, text.pieces);
    const list = members.get(clusterId);
    if (list === undefined) members.set(clusterId, [text]);
    else list.push(text);
    for (const { id } of text.gaps) assigned.set(id, clusterId);
  }
  const before = new Map(clusters.map((cluster) => [cluster.id, cluster]));
  const grown: GapCluster[] = [];
  for (const [id, list] of members) {
    if (grown.length % SLICE === SLICE - 1) yield;
    grown.push(grow(id, before.get(id) ?? null, list, rarity));
  }
  return { clusters: grown.toSorted(byId), assigned };
}

/** Puts gaps into clusters that are there, or into new ones. */
export function gather(gaps: readonly KnowledgeGap[], clusters: readonly GapCluster[]): Gathered {
  const work = gatherSlowly(gaps, clusters);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A question without marks, blanks and what opens or closes any question. */
function tidy(question: string): string {
  const plain = foldText(question.slice(0, TEXT_LIMIT)).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  const bare = plain.replace(EMPTY, '').trim();
  return bare === '' ? plain : bare;
}

/** Texts that are equal but for marks, the most asked first. */
function distinct(gaps: readonly KnowledgeGap[]): readonly Text[] {
  const texts = new Map<string, KnowledgeGap[]>();
  for (const gap of gaps) {
    const key = tidy(gap.question);
    const same = texts.get(key);
    if (same === undefined) texts.set(key, [gap]);
    else same.push(gap);
  }
  return [...texts].map(([key, same]) => ({ key, pieces: piecesOf(key), gaps: same })).toSorted((a, b) => b.gaps.length - a.gaps.length || byText(a.key, b.key));
}

/**
 * What may be asked of any matter. It parts the text: 祖坟迁移有什么补贴 and 祖坟迁移的补贴 have the same pieces then. In a handful
 * of questions it would look as rare as the matter itself, so it hardly counts.
 */
const GENERAL = /怎么样?|怎样|如何|咋|什么(?:时候)?|啥|多少(?:钱)?|多久|几天|几点|需要|需不需要|要不要|可不可以|可以|能不能|能否|有没有|是不是|是否|会不会|哪里|哪儿|哪些|哪个|在哪|去哪|找谁|谁管|准备|办理|申请|手续|流程|步骤|条件|材料|资料|费用|收费|标准|电话|地址|规定|政策|请问|一下|[的了有要是在去我想能办吗呢啊带]|\b(?:how|what|where|when|who|do|does|can|could|the|an?|i|my|to|is|for|of|get|need)\b/gu;
const WEAK = '~';
const WEAK_WEIGHT = 0.25;

/** Pairs of Han characters, and whole words of other scripts; a lone character stands for itself. */
function piecesOf(key: string): readonly string[] {
  const pieces = new Set<string>();
  const rest = key.replace(GENERAL, (general) => {
    pieces.add(`${WEAK}${general}`);
    return ' ';
  });
  for (const [run] of rest.matchAll(/\p{Script=Han}+|[^\p{Script=Han}\s]+/gu)) {
    const chars = [...run];
    if (chars.length === 1 || !/\p{Script=Han}/u.test(run)) pieces.add(run);
    else for (let at = 1; at < chars.length; at += 1) pieces.add(`${chars[at - 1]}${chars[at]}`);
  }
  return [...pieces].toSorted(byText);
}

/** How rare a piece is: 1 for one that every text has, more the fewer have it; what may be asked of anything has next to no weight. */
function rarities(all: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pieces of all) for (const piece of pieces) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  return new Map([...counts].map(([piece, count]) => [piece, piece.startsWith(WEAK) ? WEAK_WEIGHT : 1 + Math.log(all.length / count)]));
}

type Rarity = ReadonlyMap<string, number>;

// Summed in the order of the pieces, so that equal sets weigh the same to the last bit.
const weigh = (pieces: Iterable<string>, rarity: Rarity): number => {
  let sum = 0;
  for (const piece of pieces) sum += rarity.get(piece) ?? 1;
  return sum;
};

const rarest = (pieces: readonly string[], rarity: Rarity): readonly string[] => pieces.toSorted((a, b) => (rarity.get(b) ?? 1) - (rarity.get(a) ?? 1) || byText(a, b)).slice(0, PROBES);

/** The cluster that asks the same; null when none is near enough. */
function nearest(pieces: readonly string[], byPiece: ReadonlyMap<string, readonly Known[]>, rarity: Rarity): string | null {
  const shared = new Map<Known, number>();
  for (const piece of rarest(pieces, rarity)) for (const known of byPiece.get(piece) ?? []) shared.set(known, (shared.get(known) ?? 0) + (rarity.get(piece) ?? 1));
  const candidates = [...shared].toSorted(([a, x], [b, y]) => y - x || byText(a.clusterId, b.clusterId)).slice(0, COMPARED);
  const own = weigh(pieces, rarity);
  let best: { readonly id: string; readonly likeness: number } | null = null;
  for (const [known] of candidates) {
    const likeness = alike(pieces, own, known, rarity);
    if (likeness >= ALIKE && (best === null || likeness > best.likeness || (likeness === best.likeness && known.clusterId < best.id))) best = { id: known.clusterId, likeness };
  }
  return best?.id ?? null;
}

function alike(pieces: readonly string[], own: number, other: Pick<Known, 'pieces' | 'weight'>, rarity: Rarity): number {
  const common = pieces.filter((piece) => other.pieces.has(piece));
  if (common.length === 0) return 0;
  const weight = weigh(common, rarity);
  const dice = (2 * weight) / (own + other.weight);
  const least = Math.min(pieces.length, other.pieces.size);
  return least >= INSIDE_PIECES && weight / Math.min(own, other.weight) >= INSIDE ? Math.max(dice, ALIKE) : dice;
}

/** A cluster with what came to it. */
function grow(id: string, before: GapCluster | null, texts: readonly Text[], rarity: Rarity): GapCluster {
  const gaps = texts.flatMap((text) => text.gaps);
  const wordings = texts.map((text) => ({ ...text, shown: shownWording(text.gaps) })).toSorted((a, b) => b.gaps.length - a.gaps.length || byText(a.key, b.key));
  const known = new Set(before?.samples.map(tidy) ?? []);
  const samples = [...(before?.samples ?? []), ...wordings.filter(({ key }) => !known.has(key)).map(({ shown }) => shown)].slice(0, MOST_SAMPLES);
  // The nearest entry is the one that came nearest for any of them.
  const best = gaps.reduce((top, gap) => (gap.bestId !== null && (top.bestId === null || gap.bestScore > top.bestScore || (gap.bestScore === top.bestScore && gap.bestId < top.bestId)) ? { bestId: gap.bestId, bestScore: gap.bestScore } : top), { bestId: before?.bestId ?? null, bestScore: before?.bestScore ?? 0 });
  const times = gaps.map(({ at }) => at);
  return {
    id,
    state: before?.state ?? 'open',
    title: before?.title ?? central(wordings.slice(0, WEIGHED), rarity),
    samples,
    count: (before?.count ?? 0) + gaps.length,
    unhelpful: (before?.unhelpful ?? 0) + gaps.filter(({ kind }) => kind === 'unhelpful').length,
    ...best,
    firstAt: times.reduce((a, b) => Math.min(a, b), before?.firstAt ?? Infinity),
    lastAt: times.reduce((a, b) => Math.max(a, b), before?.lastAt ?? -Infinity),
    entryId: before?.entryId ?? null,
    closedBy: before?.closedBy ?? null,
  };
}

/** Of wordings that differ in marks and openings the shortest, then the first by its characters. */
const shownWording = (gaps: readonly KnowledgeGap[]): string => gaps.map(({ question }) => question).reduce((first, question) => (question.length < first.length || (question.length === first.length && question < first) ? question : first));

/** The wording nearest to all others, the often asked ones counting as often. */
function central(wordings: readonly (Text & { readonly shown: string })[], rarity: Rarity): string {
  let best = { shown: '', sum: -1 };
  for (const one of wordings) {
    const own = weigh(one.pieces, rarity);
    let sum = 0;
    for (const other of wordings) sum += other.gaps.length * alike(one.pieces, own, { pieces: new Set(other.pieces), weight: weigh(other.pieces, rarity) }, rarity);
    if (sum > best.sum) best = { shown: one.shown, sum };
  }
  return best.shown;
}
