import type { IntakeContext } from '../../../intake/context.ts';
import { groupViews, seatPresenceViews } from './queue-view.ts';

/**
 * Tells every desk how long the queues are and what the seats say of themselves. Hundreds of seats take and end conversations, and each
 * time two of these change: what changes within a moment is read and told once.
 */
export interface QueueTeller {
  seatsChanged(seatIds: readonly string[]): void;
  groupsChanged(groupIds: readonly string[]): void;
  stop(): void;
}

const PAUSE_MS = 500;

export function createQueueTeller(given: {
  readonly context: Pick<IntakeContext, 'city' | 'now' | 'store'>;
  readonly tell: (frame: object) => void;
  readonly failed: (error: unknown) => void;
  /** Between a change and its telling, ms. */
  readonly pauseMs?: number;
}): QueueTeller {
  const { context, tell, failed, pauseMs = PAUSE_MS } = given;
  const seats = new Set<string>();
  const groups = new Set<string>();
  let pause: NodeJS.Timeout | null = null;

  const look = async (): Promise<void> => {
    const seatIds = [...seats];
    const groupIds = new Set(groups);
    seats.clear();
    groups.clear();
    const frames = await context.store.read(async (repos) => [
      ...(seatIds.length === 0 ? [] : [{ type: 'presence', seats: await seatPresenceViews(context, repos, seatIds) }]),
      ...(groupIds.size === 0 ? [] : [{ type: 'queue', groups: (await groupViews(context, repos)).filter(({ id }) => groupIds.has(id)).map(({ id, waiting, oldestWaitingSince }) => ({ id, waiting, oldestWaitingSince })) }]),
    ]);
    for (const frame of frames) tell(frame);
  };

  const soon = (): void => {
    pause ??= setTimeout(() => {
      pause = null;
      look().catch(failed);
    }, pauseMs);
  };

  return {
    seatsChanged: (seatIds) => {
      for (const id of seatIds) seats.add(id);
      if (seats.size > 0) soon();
    },
    groupsChanged: (groupIds) => {
      for (const id of groupIds) groups.add(id);
      if (groups.size > 0) soon();
    },
    stop: () => {
      if (pause !== null) clearTimeout(pause);
    },
  };
}
