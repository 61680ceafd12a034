import type { MatchDecision, MatchHit } from './types.ts';

export interface Thresholds {
  /** The best hit's score from which it is answered. */
  readonly answer: number;
  /** Sum of the offered scores from which they are offered as choices. */
  readonly choices: number;
  /** A third choice must reach this share of the first's score. */
  readonly worthOffering: number;
  /** Sum of all plausible scores from which one question is asked back, when three choices would not do. */
  readonly clarify: number;
}

/** Chosen on the demo knowledge; see docs/matcher.md. */
export const THRESHOLDS: Thresholds = { answer: 0.44, choices: 0.48, worthOffering: 0.08, clarify: 0.6 };

/** What a decision needs to know of an entry. */
export interface Facets {
  readonly item: string;
  readonly department: string;
  /** Words of its question, as they are said. */
  readonly words: readonly string[];
  /** Equal for entries that say the very same. */
  readonly same: string;
}

/** Choices at most, options of a question asked back at most, and hits that such a question looks at. */
const CHOICES = 3;
const OPTIONS = 4;
const PLAUSIBLE = 8;
/** A bare topic that several hold is answered from this times the threshold on only: whoever says no more than 社保卡 chooses what of it. */
const BARE = 1.5;
/** Two questions that share this part of their words are one choice, not two. */
const ALIKE = 0.85;
/** The options of a question asked back must part this much of what is plausible. */
const PARTED = 0.75;

type Clarify = Extract<MatchDecision, { readonly kind: 'clarify' }>;

/**
 * Answers, offers two or three choices, asks back, or abstains. A score is a probability, so the sum of the choices is the
 * chance that one of them is right. The second best is always offered beside the first, a third only when it is worth it;
 * an entry that says the same as one before it takes no place.
 * @param isBareTopic whether a question says no more than a topic, and the hit holds it
 */
export function decide(ranked: readonly MatchHit[], thresholds: Thresholds, facetsOf: (id: string) => Facets = plainFacets, said = '', isBareTopic: (said: string, hit: MatchHit) => boolean = () => false): MatchDecision {
  const [first] = ranked;
  if (first === undefined) return { kind: 'abstain' };
  if (first.score >= thresholds.answer * BARE || (first.score >= thresholds.answer && !isBareTopic(said, first))) return { kind: 'answer', hit: first };
  const different = apart(ranked.slice(0, PLAUSIBLE), facetsOf);
  if (isBareTopic(said, first)) {
    const holders = different.filter((hit) => isBareTopic(said, hit)).slice(0, CHOICES);
    if (holders.length >= 2) return { kind: 'choices', hits: holders };
    if (first.score >= thresholds.answer) return { kind: 'answer', hit: first };
  }
  const hits = different.slice(0, CHOICES).filter((hit, place) => place < 2 || hit.score >= first.score * thresholds.worthOffering);
  const sum = (list: readonly MatchHit[]): number => list.reduce((all, hit) => all + hit.score, 0);
  if (hits.length >= 2 && sum(hits) >= thresholds.choices) return { kind: 'choices', hits };
  const plausible = different.filter((hit) => hit.score >= first.score * thresholds.worthOffering);
  if (plausible.length <= CHOICES || sum(plausible) < thresholds.clarify) return { kind: 'abstain' };
  return askBack(plausible, facetsOf, said) ?? { kind: 'abstain' };
}

/** Nothing is known of the entries: each is its own. */
const plainFacets = (id: string): Facets => ({ item: '', department: '', words: [], same: id });

/** Without those that say the same as a better one. */
function apart(ranked: readonly MatchHit[], facetsOf: (id: string) => Facets): MatchHit[] {
  const kept: MatchHit[] = [];
  for (const hit of ranked) {
    const own = facetsOf(hit.id);
    if (kept.every(({ id }) => !alike(own, facetsOf(id)))) kept.push(hit);
  }
  return kept;
}

const sets = new WeakMap<Facets, ReadonlySet<string>>();

/** Made once: the same entries are compared in question after question. */
function wordsOf(facets: Facets): ReadonlySet<string> {
  let known = sets.get(facets);
  if (known === undefined) sets.set(facets, (known = new Set(facets.words)));
  return known;
}

function alike(a: Facets, b: Facets): boolean {
  if (a.same === b.same) return true;
  if (a.words.length === 0 || b.words.length === 0) return false;
  const [own, other] = [wordsOf(a), wordsOf(b)];
  let shared = 0;
  for (const word of own) if (other.has(word)) shared += 1;
  return shared / (own.size + other.size - shared) >= ALIKE;
}

/** The question whose answer parts the hits best: by item, by department, else by a word that some have and others have not. */
function askBack(hits: readonly MatchHit[], facetsOf: (id: string) => Facets, said: string): Clarify | null {
  for (const facet of ['item', 'department'] as const) {
    const groups = new Map<string, MatchHit[]>();
    for (const hit of hits) {
      const label = facetsOf(hit.id)[facet];
      if (label !== '') groups.set(label, [...(groups.get(label) ?? []), hit]);
    }
    const asked = optionsOf(facet, groups, hits);
    if (asked !== null) return asked;
  }
  const byWord = new Map<string, MatchHit[]>();
  const taken = new Set<string>();
  for (const hit of hits) {
    if (taken.has(hit.id)) continue;
    // The first word of the best hit that is not in the question and not in all of them.
    const word = facetsOf(hit.id).words.find((each) => each.length >= 2 && !said.includes(each) && !byWord.has(each) && hits.some(({ id }) => !facetsOf(id).words.includes(each)));
    if (word === undefined) continue;
    const holders = hits.filter(({ id }) => !taken.has(id) && facetsOf(id).words.includes(word));
    for (const { id } of holders) taken.add(id);
    byWord.set(word, holders);
  }
  return optionsOf('word', byWord, hits);
}

function optionsOf(facet: Clarify['facet'], groups: ReadonlyMap<string, readonly MatchHit[]>, hits: readonly MatchHit[]): Clarify | null {
  const mass = (list: readonly MatchHit[]): number => list.reduce((sum, { score }) => sum + score, 0);
  const kept = [...groups].map(([label, list]) => ({ label, list, mass: mass(list) })).sort((a, b) => b.mass - a.mass).slice(0, OPTIONS);
  const all = mass(hits);
  const covered = kept.reduce((sum, group) => sum + group.mass, 0);
  if (kept.length < 2 || covered < all * PARTED || (kept[0]?.mass ?? 0) > all * PARTED) return null;
  return { kind: 'clarify', facet, options: kept.map(({ label, list }) => ({ label, ids: list.map(({ id }) => id) })) };
}
