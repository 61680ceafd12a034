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

/** Sizes of the long measurements, from the command line. */
/** Of `kb`. `first`: our first stage, words and characters, ten best; `matcher`: with analysis, ranking and decision. */
export const KB_ENGINES = ['first', 'matcher', 'flexsearch', 'fts5', 'minisearch', 'orama'] as const;
export type KbEngine = (typeof KB_ENGINES)[number];

export interface Sizes {
  /** Part of a year's messages; 1 is 5.57 million. */
  readonly scale: number;
  /** Stored activities of the full store. */
  readonly rows: number;
  /** Web chats and seats' desks that are open at once. */
  readonly chats: number;
  readonly seats: number;
  /** Processes of the gateway in the measurements of turns. */
  readonly processes: number;
  /** Sizes of the knowledge bases that engines are compared with. */
  readonly entries: readonly number[];
  readonly engines: readonly KbEngine[];
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
  readonly sizes: Sizes;
  /** Aborted by Ctrl+C: a long measurement ends early and tells what it knows. */
  readonly stop: AbortSignal;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Measurements that must run before, because their figures are compared. */
  readonly needs?: readonly string[];
  /** Takes long: only run when it is named. */
  readonly long?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

/** Thrown by a measurement for which something is missing on this machine; the message says what. */
export class SkippedError extends Error {
  override readonly name = 'SkippedError';
}
