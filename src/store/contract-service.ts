import type { EpochMs } from '../domain/activity.ts';

/**
 * What happened when a person was asked for: one row from the asking to the end. The queue writes it in the transaction that
 * changes the conversation; measures (15 秒应答率, 人工接通率), inspection and reports read it and nothing else for them.
 */
export interface ServicePeriod {
  readonly id: string;
  readonly conversationId: string;
  readonly channel: string;
  /** Skill group that has it, or had it last; null: none is configured. */
  readonly groupId: string | null;
  readonly enterprise: boolean;
  readonly emergency: boolean;
  /** The citizen asked, or the bot or another seat passed it on. */
  readonly askedAt: EpochMs;
  /** First shown to a seat as theirs to take. */
  readonly offeredAt: EpochMs | null;
  /** Who took it, or has it now after a transfer. */
  readonly seatId: string | null;
  readonly acceptedAt: EpochMs | null;
  /** First words of a seat. */
  readonly firstReplyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /**
   * `open`: still waiting or being served; `served`: a seat closed it; `handed-back`: a seat gave it back to the bot; `cancelled`: the citizen did not
   * want a person any more; `abandoned`: the call ended while waiting; `callback`: nobody took it, a ticket promises a call.
   */
  readonly outcome: 'open' | 'served' | 'handed-back' | 'cancelled' | 'abandoned' | 'callback';
}

export type ServiceChange = Partial<Pick<ServicePeriod, 'groupId' | 'enterprise' | 'emergency' | 'offeredAt' | 'seatId' | 'acceptedAt' | 'firstReplyAt' | 'endedAt' | 'outcome'>>;

export interface ServicePeriodRepository {
  begin(period: ServicePeriod): Promise<void>;
  /** The one that has not ended; null when no person is or was asked for. */
  current(conversationId: string): Promise<ServicePeriod | null>;
  /** `at`: now; catch-up jobs find the change by it. */
  update(id: string, change: ServiceChange, at: EpochMs): Promise<void>;
  /** Newest first; `before` by askedAt. */
  list(filter: { readonly conversationId?: string; readonly seatId?: string; readonly from?: EpochMs; readonly before?: EpochMs; readonly limit: number }): Promise<readonly ServicePeriod[]>;
  /** Changed after `at`, oldest change first: what a catch-up job reads. `changedAt` of the last one is where it goes on: all of its moment is there, also beyond `limit`. */
  changedAfter(at: EpochMs, limit: number): Promise<readonly (ServicePeriod & { readonly changedAt: EpochMs })[]>;
  /** How long those waited whom this group's seats accepted since, newest first, ms. */
  waits(groupId: string, since: EpochMs, limit: number): Promise<readonly number[]>;
}
