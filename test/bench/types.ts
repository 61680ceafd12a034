/** What a measurement is and what comes out of it. Nothing here asserts: figures are shown beside their budgets. */

export interface Budget {
  readonly limit: number;
  /** `most`: the figure should not be above the limit. */
  readonly kind: 'least' | 'most';
}

/** One measure over several rounds. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** One value a round; a measure that cannot be repeated has one. */
  readonly rounds: readonly number[];
  readonly budget?: Budget;
  readonly note?: string;
}

export interface BenchContext {
  /** Tells how far it is, 0 to 1, and what is being done. */
  progress(part: number, doing: string): void;
  /** Rounds that count; a warm-up comes before them. */
  readonly rounds: number;
  /** Figures of measurements before this one in the same run, by name. */
  earlier(name: string): readonly Figure[];
  /** Folder for data that is removed afterwards. */
  readonly folder: string;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Measurements that must run before, because their figures are compared. */
  readonly needs?: readonly string[];
  run(context: BenchContext): Promise<readonly Figure[]>;
}
