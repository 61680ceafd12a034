import type { Channel, Notification, NotificationTemplate } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { ReachAttempt, Store } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../tickets/context.ts';
import type { OutboundRules } from './rules.ts';

/** What this room works with; wired in src/wiring/outbound.ts. */
export interface OutboundContext extends TicketsContext {
  readonly rules: OutboundRules;
  readonly store: Pick<Store, 'read'>;
  /** One transaction, told of after the commit (intake's `writeUnit`). */
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
  /** Null when no such channel runs. */
  readonly channel: (name: string) => Channel | null;
  /** The words for notices of one citizen: said now, as things stand now. */
  readonly compose: Compose;
  /** Absent: nobody is called for a notice. */
  readonly placeCall?: PlaceCall;
  /** A call went on: told in the transaction that keeps it. */
  readonly callWent?: (unit: TicketUnit, attempt: ReachAttempt) => Promise<void>;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
  readonly count: (labels: { readonly channel: string; readonly status: string }) => void;
}

export interface Composed extends Omit<Notification, 'key' | 'template'> {
  /** Notices that it carries, of those asked for; the others are over. */
  readonly noticeIds: readonly string[];
  /** Channels that any of them was tried on. */
  readonly tried: readonly string[];
  /** The one that it speaks of; the newest of several. */
  readonly ticket: Ticket;
  readonly tickets: readonly Ticket[];
  /** Visit-backs that it asks, each with its attempt. */
  readonly visits: readonly { readonly ticket: Ticket; readonly attempt: number }[];
}

/** Reads those of the notices that are in this state still, and marks what is over as skipped; null: nothing is left to be said. */
export type Compose = (unit: TicketUnit, given: { readonly noticeIds: readonly string[]; readonly template: NotificationTemplate; readonly among: 'waiting' | 'sent' }) => Promise<Composed | null>;

/**
 * The last way: somebody is called for these notices. Stores what is to be done in the open transaction, the notices it carries as sent, and returns
 * at once; who speaks and when is the caller's business (src/outbound/campaign*), its attempts too. `later`: not now, and nothing is stored.
 */
export type PlaceCall = (unit: TicketUnit, given: { readonly key: string; readonly channel: string; readonly citizenId: string; readonly ticket: Ticket; readonly template: NotificationTemplate; readonly noticeIds: readonly string[]; readonly text: string }) => Promise<{ readonly kind: 'placed' } | { readonly kind: 'later'; readonly at: EpochMs }>;
