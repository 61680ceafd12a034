import type { EpochMs } from '../domain/activity.ts';
import type { OutboxRow, TrailEntry } from './contract.ts';

/** What people who keep the house running look at: dead letters, channels, the trail. */

export interface DeadLetterFilter {
  readonly kind?: string;
  /** Exactly this error. */
  readonly error?: string;
  /** Within id, lane or error. */
  readonly q?: string;
}

export interface DeadLetterGroup {
  readonly kind: string;
  readonly error: string | null;
  readonly amount: number;
  readonly oldestAt: EpochMs;
  readonly newestAt: EpochMs;
}

export interface DeadLetterRepository {
  /** Newest first: those that died last; the page after a row: its `availableAt` and `position`. */
  list(filter: DeadLetterFilter & { readonly limit: number; readonly before?: { readonly at: EpochMs; readonly position: number } }): Promise<readonly OutboxRow[]>;
  /** By kind and error, most first. */
  groups(): Promise<readonly DeadLetterGroup[]>;
  /** Takes it away; null: it was not there. */
  discard(id: string): Promise<OutboxRow | null>;
}

export interface ChannelFacts {
  readonly channel: string;
  /** Of the conversations that were active last; null: none of them has one. */
  readonly lastInAt: EpochMs | null;
  /** Of the receipts that came last. */
  readonly lastOutAt: EpochMs | null;
  /** Sends that wait, and since when the oldest does. */
  readonly waiting: number;
  readonly oldestAt: EpochMs | null;
  readonly dead: number;
  /** Sends that failed or are tried again, of the receipts that came last since the moment asked, most first. */
  readonly errors: readonly { readonly code: string; readonly status: string; readonly amount: number; readonly lastAt: EpochMs }[];
}

export interface ChannelFactsRepository {
  /** One for each channel that has any. Looks at the newest conversations and receipts only: its cost does not grow with the store. */
  all(since: EpochMs): Promise<readonly ChannelFacts[]>;
}

export interface TrailFilter {
  /** `seat:<id>`, `system`. */
  readonly actor?: string;
  /** One of these. */
  readonly actions?: readonly string[];
  /** `ticket:<id>`; with a star at its end all that begin so. */
  readonly subject?: string;
  /** Within the purpose. */
  readonly purpose?: string;
  readonly from?: EpochMs;
  /** Exclusive. */
  readonly to?: EpochMs;
}

export interface TrailPage {
  readonly entries: readonly TrailEntry[];
  /** Look on from here with `before`; null: there is nothing older. More may be there although `entries` are few. */
  readonly next: number | null;
}

/** How far a check of the chain has got. */
export interface TrailMark {
  readonly seq: number;
  readonly hash: string;
}

export interface TrailCheck {
  readonly upTo: TrailMark;
  /** The first seq that does not hold; null: so far all do. */
  readonly brokenAt: number | null;
  /** Everything has been looked at, the head included. */
  readonly done: boolean;
}
