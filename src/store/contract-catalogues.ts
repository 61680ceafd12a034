import type { EpochMs } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';

/** Versioned lists that operators edit, and what the desk put right in suggestions. */

/**
 * A versioned list that operators edit: `items` (事项), `dispatch` (派单目录), `departments` (承办单位), `towns` (镇街), `calendar` (日历), `deadlines` (时限).
 * One of a kind is published at a time.
 */
export interface Catalogue {
  readonly kind: 'items' | 'dispatch' | 'departments' | 'towns' | 'calendar' | 'deadlines';
  readonly version: number;
  /** `dropped`: a draft that was thrown away; only its number is left, so that it is never given twice. */
  readonly state: 'draft' | 'published' | 'retired' | 'dropped';
  readonly body: JsonValue;
  readonly note: string;
  readonly author: string;
  readonly createdAt: EpochMs;
  readonly publishedBy: string | null;
  readonly publishedAt: EpochMs | null;
}

export interface CatalogueRepository {
  /** Takes the next version of its kind. */
  add(given: Omit<Catalogue, 'version' | 'state' | 'publishedBy' | 'publishedAt'>): Promise<Catalogue>;
  /** Replaces the body of a draft. AppError `catalogue.not_draft` otherwise. */
  change(kind: Catalogue['kind'], version: number, given: { readonly body: JsonValue; readonly note: string }): Promise<Catalogue>;
  /** Publishes it and retires the one before. */
  publish(kind: Catalogue['kind'], version: number, by: string, at: EpochMs): Promise<Catalogue>;
  /** Throws a draft away: its body goes, its number stays taken. AppError `catalogue.not_draft` otherwise. */
  drop(kind: Catalogue['kind'], version: number): Promise<void>;
  published(kind: Catalogue['kind']): Promise<Catalogue | null>;
  /** 0: none is, the file in config/ holds. */
  publishedVersion(kind: Catalogue['kind']): Promise<number>;
  /** Of every kind that has one, by the index on what is published: what every node asks every second. */
  publishedVersions(): Promise<readonly Pick<Catalogue, 'kind' | 'version'>[]>;
  /** None of those that were dropped. */
  get(kind: Catalogue['kind'], version: number): Promise<Catalogue | null>;
  /** Newest first, without bodies and without those that were dropped. */
  list(kind: Catalogue['kind'], limit: number): Promise<readonly Omit<Catalogue, 'body'>[]>;
}

/** A seat changed the item of a ticket: what the learner learns from. The text is masked. */
export interface ItemCorrection {
  readonly id: string;
  readonly ticketId: string;
  readonly text: string;
  readonly suggested: string | null;
  readonly chosen: string;
  readonly by: string;
  readonly at: EpochMs;
}

export interface ItemCorrectionRepository {
  insert(correction: ItemCorrection): Promise<void>;
  /** Oldest first, after this id. */
  list(filter: { readonly afterId?: string; readonly limit: number }): Promise<readonly ItemCorrection[]>;
}
