import { clusterSlowly, HOT } from '../../matcher/alike/cluster.ts';
import { createRarity, type Rarity } from '../../matcher/alike/rarity.ts';
import { foldedTexts, traitsOf } from '../../matcher/alike/traits.ts';
import { cosine, plus, scaled, vectorOf, type Vector } from '../../matcher/alike/vectors.ts';
import { createNamer, type Namer } from './name.ts';
import { createSample } from './sample.ts';
import { createTally, type Tally } from './tally.ts';
import type { FoundTopic, TopicOptions, TopicsFound, TopicTicket } from './types.ts';
import { pickVoices } from './pick-voices.ts';

/**
 * Two walks over a period's tickets, page by page, so that memory does not grow with their number:
 *
 *   see(page)…     keeps a sample (all of them, when they are few)
 *   gather()       clusters the sample with the one fixed setting of matcher/alike (HOT)
 *   sort(page)…    each ticket goes to its matter: those of the sample where they were gathered, the others to the nearest middle
 *   finish()       the largest matters, with names, counts and voices
 *
 * The same tickets give the same topics, in whatever pages and order they come.
 */
export interface TopicFinder {
  see(tickets: readonly TopicTicket[]): void;
  gather(): Generator<void, void, void>;
  /** Which matter each went to, by a number that means nothing else; null: none, or seen before. */
  sort(tickets: readonly TopicTicket[]): readonly (number | null)[];
  finish(): TopicsFound;
}

const SAMPLE = 8_000;
const MOST = 10;
const LEAST = 5;
/** Matters that tickets beyond the sample are sorted into. */
const MATTERS = 150;
/** Traits of a text and of a middle, as cluster.ts keeps them. */
const KEPT = 64;
const KEPT_OF_MIDDLE = 256;
/** Members whose words name a matter and speak for it. */
const READ_OF_MATTER = 400;

interface Matter {
  readonly number: number;
  readonly ids: readonly string[];
  readonly middle: Vector;
  readonly closeness: number;
  readonly tally: Tally;
  /** Some of the sample, spread over the period. */
  readonly read: readonly TopicTicket[];
}

/** @param wordsOf a text's words, as a segmenter cuts them */
export function createTopicFinder(options: TopicOptions, wordsOf: (text: string) => readonly string[]): TopicFinder {
  const { most = MOST, least = LEAST, sample: sampleSize = SAMPLE, placeNames = [] } = options;
  const sample = createSample<TopicTicket>(sampleSize);
  let gathered: readonly TopicTicket[] = [];
  let found = 0;
  let matters: readonly Matter[] = [];
  let matterOf = new Map<string, Matter>();
  let inSample = new Set<string>();
  let rarity: Rarity = createRarity(1);
  let namer: Namer | null = null;
  /** By trait: matters whose middle has it, with its weight there as a share of the middle's length. */
  let byTrait = new Map<number, { readonly at: number; readonly weight: number }[]>();
  const sorted = new Set<string>();

  const vector = (ticket: Pick<TopicTicket, 'title' | 'content'>): Vector => {
    const { keys, weights } = traitsOf(foldedTexts(ticket));
    return scaled(vectorOf(Array.from(keys, (key, at): [number, number] => [key, (weights[at] ?? 0) * rarity.idf(rarity.place(key))]), KEPT));
  };

  /** The nearest matter of a ticket that was not gathered. */
  const nearest = (ticket: TopicTicket): Matter | undefined => {
    const own = vector(ticket);
    const sums = new Float64Array(matters.length);
    for (const [place, key] of own.keys.entries()) for (const { at, weight } of byTrait.get(key) ?? []) sums[at] = (sums[at] ?? 0) + (own.weights[place] ?? 0) * weight;
    let best: { readonly at: number; readonly near: number } | null = null;
    for (const [at, near] of sums.entries()) if (near >= HOT && near > (best?.near ?? 0)) best = { at, near };
    return best === null ? undefined : matters[best.at];
  };

  return {
    see: (tickets) => {
      for (const ticket of tickets) sample.put(ticket);
    },
    *gather() {
      gathered = sample.kept().toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
      inSample = new Set(gathered.map(({ id }) => id));
      rarity = createRarity(gathered.length);
      for (const [at, ticket] of gathered.entries()) {
        rarity.learn(new Set(Array.from(traitsOf(foldedTexts(ticket)).keys, rarity.place)));
        if (at % 200 === 199) yield;
      }
      namer = createNamer({ wordsOf, placeNames });
      for (const [at, ticket] of gathered.entries()) {
        namer.learn(ticket);
        if (at % 200 === 199) yield;
      }
      const byId = new Map(gathered.map((ticket) => [ticket.id, ticket]));
      const clusters = yield* clusterSlowly(gathered.map(({ id, title, content, townId, place, itemCode, at }) => ({ id, title, content, townId, place, itemCode, at })), { rarity });
      found = clusters.length;
      const made: Matter[] = [];
      for (const { ids } of clusters.slice(0, MATTERS)) {
        const members = ids.flatMap((id) => byId.get(id) ?? []);
        let middle = vectorOf([], 0);
        for (const member of members) middle = plus(middle, vector(member), KEPT_OF_MIDDLE);
        made.push({ number: made.length, ids, middle: scaled(middle), closeness: members.length === 0 ? 0 : middle.norm / members.length, tally: createTally(options), read: spread(members, READ_OF_MATTER) });
        yield;
      }
      matters = made;
      matterOf = new Map(made.flatMap((matter) => matter.ids.map((id): [string, Matter] => [id, matter])));
      byTrait = new Map();
      for (const [at, { middle }] of made.entries()) {
        for (const [place, key] of middle.keys.entries()) {
          const list = byTrait.get(key) ?? [];
          list.push({ at, weight: middle.weights[place] ?? 0 });
          byTrait.set(key, list);
        }
      }
    },
    sort: (tickets) =>
      tickets.map((ticket) => {
        if (sorted.has(ticket.id)) return null;
        sorted.add(ticket.id);
        const matter = inSample.has(ticket.id) ? matterOf.get(ticket.id) : nearest(ticket);
        matter?.tally.add(ticket);
        return matter?.number ?? null;
      }),
    finish: () => {
      const heat = ({ tally, closeness }: Matter): number => tally.count() * closeness ** 2;
      const hot = matters.filter(({ tally }) => tally.count() >= least).sort((a, b) => heat(b) - heat(a) || a.number - b.number);
      const named = hot.flatMap((matter) => {
        const { words, place } = namer?.name(matter.read) ?? { words: [], place: null };
        // What has no word in common is no matter that anybody could act on.
        return words.length === 0 && place === null ? [] : [{ matter, words, place }];
      });
      const topics = named.slice(0, most).map(({ matter: { tally, middle, closeness, read }, words, place }): FoundTopic => ({
        words,
        place,
        ...tally.told(),
        closeness,
        voices: pickVoices(read.map((ticket) => ({ ticket, vector: vector(ticket) })), middle, cosine),
      }));
      return { topics, tickets: sorted.size, gathered: gathered.length, matters: found, covered: topics.reduce((sum, { count }) => sum + count, 0) };
    },
  };
}

/** At most so many of a list, evenly. */
function spread<Each>(all: readonly Each[], most: number): readonly Each[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_none, at) => all[Math.floor((at * all.length) / most)]).flatMap((each) => (each === undefined ? [] : [each]));
}
