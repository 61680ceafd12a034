import type { EpochMs } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Rollup, ServicePeriod } from '../store/contract.ts';
import type { MeasureName } from './catalogue.ts';
import { rowsOf } from './rows.ts';

/** What one service period counts, as it is now. Pure: a changed one counts the difference to what it counted before. */
export interface CountedService {
  readonly channel: string;
  readonly groupId: string | null;
  readonly seatId: string | null;
  readonly askedAt: EpochMs;
  readonly acceptedAt: EpochMs | null;
  readonly firstReplyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly outcome: ServicePeriod['outcome'];
  /** The first in its conversation for a while: see `conversation.handed`. */
  readonly begins: boolean;
}

export interface ServiceLimits {
  /** 15 秒. */
  readonly answerMs: number;
  readonly gapMs: number;
}

const ENDS: Readonly<Record<ServicePeriod['outcome'], MeasureName | null>> = {
  open: null, served: 'service.served', 'handed-back': 'service.served', cancelled: 'service.cancelled', abandoned: 'service.abandoned', callback: 'service.callback',
};

export function countedService(service: ServicePeriod, askedBefore: EpochMs | null, { gapMs }: Pick<ServiceLimits, 'gapMs'>): CountedService {
  const { channel, groupId, seatId, askedAt, acceptedAt, firstReplyAt, endedAt, outcome } = service;
  return { channel, groupId, seatId, askedAt, acceptedAt, firstReplyAt, endedAt, outcome, begins: askedBefore === null || askedAt - askedBefore > gapMs };
}

export function rowsOfService(service: CountedService, { answerMs }: Pick<ServiceLimits, 'answerMs'>): readonly Rollup[] {
  const { channel, groupId, seatId, askedAt, acceptedAt, firstReplyAt, endedAt, outcome, begins } = service;
  // A seat is told of only what it did: who waited in vain waited for nobody in particular.
  const keys = { channel, group: groupId, ...(seatId === null || acceptedAt === null ? {} : { seat: seatId }) };
  const since = (at: EpochMs, from = askedAt): number => Math.max(0, at - from);
  const count = (measure: MeasureName, sum = 0): readonly Rollup[] => rowsOf({ measure, at: askedAt, sum, keys });
  const ending = ENDS[outcome];
  return [
    ...count('service.asked'),
    ...(begins ? count('conversation.handed') : []),
    // Cancelled while waiting is nobody's failure; cancelled later was answered.
    ...(acceptedAt !== null || (endedAt !== null && outcome !== 'cancelled') ? count('service.offered') : []),
    ...(acceptedAt === null ? [] : count('service.accepted', since(acceptedAt))),
    ...(acceptedAt !== null && since(acceptedAt) <= answerMs ? count('service.prompt') : []),
    ...(firstReplyAt === null ? [] : count('service.replied', since(firstReplyAt))),
    ...(ending === null || (ending === 'service.served' && acceptedAt === null) || (ending === 'service.cancelled' && acceptedAt !== null)
      ? []
      : count(ending, ending === 'service.served' && endedAt !== null ? since(endedAt, acceptedAt ?? askedAt) : 0)),
  ];
}

/** As a mark keeps it. */
export function toMark(service: CountedService): JsonObject {
  return { ...service };
}

/** What a mark kept; null: not one of ours. */
export function fromMark(mark: JsonObject): CountedService | null {
  const { channel, groupId, seatId, askedAt, acceptedAt, firstReplyAt, endedAt, outcome, begins } = mark;
  const time = (value: unknown): value is number | null => value === null || typeof value === 'number';
  const name = (value: unknown): value is string | null => value === null || typeof value === 'string';
  if (typeof channel !== 'string' || typeof askedAt !== 'number' || typeof begins !== 'boolean') return null;
  if (!time(acceptedAt) || !time(firstReplyAt) || !time(endedAt) || !name(groupId) || !name(seatId) || !isOutcome(outcome)) return null;
  return { channel, groupId, seatId, askedAt, acceptedAt, firstReplyAt, endedAt, outcome, begins };
}

function isOutcome(value: unknown): value is ServicePeriod['outcome'] {
  return typeof value === 'string' && Object.hasOwn(ENDS, value);
}
