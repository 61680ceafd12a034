import { AppError } from '../../domain/errors.ts';
import type { SeatPresenceState, SeatState } from '../../store/contract.ts';
import type { EpochMs } from '../../domain/activity.ts';
import { type IntakeContext, type Unit, writeUnit } from '../context.ts';
import { wakeQueue } from './entry.ts';

/** A wrap-up that a seat begins itself lasts at least so long, s. */
const MIN_WRAP_UP = 60;

/**
 * What a seat says of itself. Kept by the seat, not by the process: true on every node, and after a restart.
 * @throws AppError `presence.reason` (400): a break needs one of the reasons of config/queues.yaml
 */
export async function sayPresence(context: IntakeContext, seatId: string, state: SeatPresenceState, reason: string | null, now: EpochMs = context.now()): Promise<SeatState> {
  const { breaks, wrapUpSeconds } = context.city.queueRules;
  if (state === 'break' && !breaks.some(({ id }) => id === reason)) throw new AppError('presence.reason', 'a break needs one of the known reasons', { status: 400, citizenText: '请选择小休原因。' });
  return writeUnit(context, async (unit) => {
    const before = await unit.repos.seatWork.state(seatId);
    const same = before !== null && before.state === state && before.reason === (state === 'break' ? reason : null) && state !== 'wrap-up';
    const said: SeatState = { seatId, state, reason: state === 'break' ? reason : null, since: same ? before.since : now, until: state === 'wrap-up' ? now + Math.max(MIN_WRAP_UP, wrapUpSeconds) * 1_000 : null };
    await changed(context, unit, seatId);
    await unit.repos.seatWork.setState(said);
    await beatOf(unit, seatId, said, now);
    return said;
  });
}

/** A sign of life of these seats, which have a page open here. */
export async function beatSeats(unit: Unit, seatIds: readonly string[], now: EpochMs): Promise<void> {
  for (const seatId of seatIds) await beatOf(unit, seatId, await unit.repos.seatWork.state(seatId), now);
}

/** A page was opened or the last one is gone: desks are told, and the queue looks again. */
export async function changed(context: IntakeContext, unit: Unit, seatId: string): Promise<void> {
  if (await unit.repos.queue.any()) await wakeQueue(context, unit);
  unit.after.push({ kind: 'presence', seatIds: [seatId] });
}

/** Who is on a break or away does not count as there for citizens that ask whether somebody is. */
async function beatOf(unit: Unit, seatId: string, said: SeatState | null, now: EpochMs): Promise<void> {
  await unit.repos.seats.beat(seatId, said?.state === 'away' || said?.state === 'break' ? 'away' : 'online', now);
}
