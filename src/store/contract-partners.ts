import type { EpochMs } from '../domain/activity.ts';
import type { TicketEventType } from '../domain/ticket.ts';

/** The world outside: keys, partner platforms, their numbers, what they were sent. */

/** A key of a department's own system or of a partner platform. The key itself is never stored. */
export interface ApiToken {
  readonly id: string;
  readonly kind: 'department' | 'partner';
  /** Department or partner. */
  readonly ownerId: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
}

export interface ApiTokenRepository {
  insert(token: ApiToken, tokenHash: string): Promise<void>;
  findByHash(tokenHash: string, now: EpochMs): Promise<ApiToken | null>;
  list(filter: { readonly kind?: ApiToken['kind']; readonly ownerId?: string }): Promise<readonly ApiToken[]>;
  revoke(id: string, at: EpochMs): Promise<void>;
}

export interface Partner {
  readonly id: string;
  readonly name: string;
  /** Where ticket events are posted to; null: nowhere. */
  readonly webhookUrl: string | null;
  readonly events: readonly TicketEventType[];
  /** Only of tickets that came from it, or of all that are public. */
  readonly scope: 'own' | 'all';
  readonly active: boolean;
  readonly createdAt: EpochMs;
}

export interface PartnerRepository {
  /** `webhookSecret` is sealed. Null leaves it as it is. */
  put(partner: Partner, webhookSecret: string | null): Promise<void>;
  get(id: string): Promise<Partner | null>;
  list(): Promise<readonly Partner[]>;
  webhookSecret(id: string): Promise<string | null>;
}

/** The number that another platform gave the matter. */
export interface ExternalNumber {
  readonly partnerId: string;
  readonly number: string;
  readonly ticketId: string;
  readonly at: EpochMs;
}

export interface ExternalNumberRepository {
  insert(external: ExternalNumber): Promise<void>;
  find(partnerId: string, number: string): Promise<ExternalNumber | null>;
  of(ticketId: string): Promise<readonly ExternalNumber[]>;
}

/** Which tickets a partner platform, or anybody (`partnerId` null), may know of: those that are not confidential, and its own. */
export interface PartnerTicketRepository {
  /** Newest first. A ticket is a partner's own when it has an external number of this partner. Times: opened in [from, to). */
  visibleIds(filter: {
    readonly partnerId: string | null;
    readonly numbers?: readonly string[];
    readonly itemCodes?: readonly string[];
    /** Also, or only (without `itemCodes`), those that have no item. */
    readonly withoutItem?: boolean;
    readonly from?: EpochMs;
    readonly to?: EpochMs;
    readonly archived?: boolean;
    readonly limit: number;
    readonly offset: number;
  }): Promise<readonly string[]>;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly partnerId: string;
  readonly ticketId: string;
  readonly seq: number;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempts: number;
  /** HTTP status or the code of the failure; null before the first try. */
  readonly lastResult: string | null;
  readonly createdAt: EpochMs;
  readonly deliveredAt: EpochMs | null;
}

export interface WebhookDeliveryRepository {
  insert(delivery: WebhookDelivery): Promise<void>;
  get(id: string): Promise<WebhookDelivery | null>;
  update(id: string, change: Partial<Pick<WebhookDelivery, 'state' | 'attempts' | 'lastResult' | 'deliveredAt'>>): Promise<void>;
  list(filter: { readonly partnerId?: string; readonly state?: WebhookDelivery['state']; readonly limit: number; readonly beforeId?: string }): Promise<readonly WebhookDelivery[]>;
  /** Housekeeping: forgets delivered ones among the `limit` oldest that were made before. Returns how many. Dead ones stay. */
  removeDelivered(before: EpochMs, limit: number): Promise<number>;
}
