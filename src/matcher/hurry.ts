import type { MatchEntry } from './types.ts';

/** Questions made from an entry's own wordings, the same for the same seed: for practice on a knowledge base that nobody has asked yet. */
export interface MadeQuestion {
  readonly id: string;
  readonly query: string;
  readonly entryIds: readonly string[];
  /** A wording that is taken out of the index before this is asked. */
  readonly without?: string;
}

/** Numbers from 0 to 1, the same for the same seed. Numerical Recipes' linear congruential generator: enough to deal cards. */
export function createDealer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** As somebody in a hurry types: one or two characters missing, often two neighbours swapped. */
export function hurried(wording: string, deal: () => number): string {
  const chars = [...wording];
  if (chars.length < 4) return wording;
  chars.splice(Math.floor(deal() * chars.length), chars.length > 6 && deal() < 0.7 ? 2 : 1);
  if (deal() < 0.7) {
    const at = Math.floor(deal() * (chars.length - 1));
    const [one, two] = [chars[at], chars[at + 1]];
    if (one !== undefined && two !== undefined) chars.splice(at, 2, two, one);
  }
  return chars.join('');
}

/** The beginning or the end of it: three fifths, four characters at least. */
export function shortened(wording: string, deal: () => number): string {
  const chars = [...wording];
  const kept = Math.max(4, Math.ceil(chars.length * 0.6));
  return (deal() < 0.5 ? chars.slice(0, kept) : chars.slice(-kept)).join('');
}

const courteous = (question: string, at: number): string => [`请问${question}`, `你好，${question}谢谢`, `${question}呢`, `我想问一下${question}`][at % 4] ?? question;

/**
 * Of each entry: its other wordings, each taken out before it is asked, every third of them in a hurry or shortened; and what is asked
 * nearly as it is stored: the question with a courtesy, and one wording in a hurry.
 */
export function ownQuestions(entries: readonly MatchEntry[], seed: number): MadeQuestion[] {
  const deal = createDealer(seed);
  const made: MadeQuestion[] = [];
  entries.forEach(({ id, question, variants = [] }, at) => {
    const entryIds = [id];
    variants.forEach((wording, number) => {
      const kind = (at + number) % 6;
      const query = kind === 2 ? hurried(wording, deal) : kind === 5 ? shortened(wording, deal) : wording;
      made.push({ id: `${id}#${number}`, query, entryIds, without: wording });
    });
    if (question !== '') made.push({ id: `${id}#`, query: courteous(question, at), entryIds });
    made.push(...inAHurry([{ id, question, variants }], deal));
  });
  return made;
}

/** One wording of each entry, typed in a hurry; the wording itself stays in the index. */
export function inAHurry(entries: readonly MatchEntry[], deal: () => number): MadeQuestion[] {
  return entries.flatMap(({ id, question, variants = [] }) => {
    const wordings = [question, ...variants].filter((wording) => [...wording].length >= 4);
    const wording = wordings[Math.floor(deal() * wordings.length)];
    return wording === undefined ? [] : [{ id: `${id}#hurried`, query: hurried(wording, deal), entryIds: [id] }];
  });
}

/**
 * A knowledge base of `size` entries whose wordings share their halves: the beginning of one entry's wording and the end of another's,
 * so that nearly every question has near neighbours. What a large city's knowledge base does to a ranking, without a large city.
 */
export function crowded(entries: readonly MatchEntry[], size: number, seed: number): MatchEntry[] {
  const deal = createDealer(seed);
  const wordings = entries.map(({ question, variants = [] }) => [question, ...variants].filter((wording) => wording !== ''));
  const spoken = entries.filter((_, at) => (wordings[at]?.length ?? 0) > 0);
  if (spoken.length === 0) return [];
  const pick = <Each>(from: readonly Each[]): Each | undefined => from[Math.floor(deal() * from.length)];
  const joined = (a: string, b: string): string => a.slice(0, Math.ceil(a.length / 2)) + b.slice(Math.floor(b.length / 2));
  return Array.from({ length: size }, (_, at) => {
    const [head, tail] = [pick(spoken) ?? spoken[0], pick(spoken) ?? spoken[0]];
    const heads = [head?.question ?? '', ...(head?.variants ?? [])];
    const tails = [tail?.question ?? '', ...(tail?.variants ?? [])];
    const made = heads.map((wording) => joined(wording, pick(tails) ?? ''));
    return { id: String(at), question: made[0] ?? '', variants: made.slice(1), answer: joined(head?.answer ?? '', tail?.answer ?? ''), category: head?.category ?? '', keywords: [...(head?.keywords ?? []), ...(tail?.keywords ?? [])] };
  });
}
