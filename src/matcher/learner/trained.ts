/** What a model's file says of its training, so that the next one can be compared with it. */
export interface Trained {
  readonly texts: number;
  readonly labels: number;
  /** On texts held out, fold by fold. */
  readonly accuracy: number;
  readonly covered: number;
  /** The first so many texts were the base that later trainings share, and how well those were told. */
  readonly base: number;
  readonly baseAccuracy: number;
}

/**
 * Is the new model worth taking? Over the base that both have seen when it is the same one, else over all. Corrections are what the old
 * one got wrong: over them the new figures alone would always look worse.
 */
export function isNoWorse(old: Trained | null, made: Trained): boolean {
  if (old === null) return true;
  return made.base > 0 && old.base === made.base ? made.baseAccuracy >= old.baseAccuracy : made.accuracy >= old.accuracy;
}
