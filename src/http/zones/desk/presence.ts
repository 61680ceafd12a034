import { createRota } from '../../../channel/rota.ts';
import { type IntakeContext, writeUnit } from '../../../intake/context.ts';
import { beatSeats, changed, sayPresence } from '../../../intake/queue/presence.ts';
import type { SeatPresenceState, SeatState } from '../../../store/contract.ts';

/** Beat of connected seats; a third of what the pipeline tolerates, so that one late beat does no harm. */
const BEAT_MS = 15_000;

/** Who is there. A seat is there while a page of it is open on some node; what it says of itself (a break, busy) is kept by the seat and outlives the page. */
export interface Presence {
  connected(seatId: string): Promise<void>;
  disconnected(seatId: string): Promise<void>;
  /** @throws AppError `presence.reason` */
  set(seatId: string, state: SeatPresenceState, reason?: string | null): Promise<SeatState>;
  stop(): void;
}

export function createPresence(context: IntakeContext, onError: (error: unknown) => void): Presence {
  const sockets = new Map<string, number>();
  /** The last beat of each seat that was written here. */
  const beats = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();
  /** PostgreSQL commits side by side: coming and going must not overtake each other. */
  const inOrder = <Result>(write: () => Promise<Result>): Promise<Result> => {
    const next = last.then(write);
    last = next.catch(() => {});
    return next;
  };
  const beat = (seatIds: readonly string[], arrived: boolean): Promise<void> =>
    inOrder(async () => {
      const at = context.now();
      for (const seatId of seatIds) beats.set(seatId, at);
      await writeUnit(context, async (unit) => {
        if (arrived) for (const seatId of seatIds) await changed(context, unit, seatId);
        await beatSeats(unit, seatIds, at);
      });
    });
  /** The page may hang on another node already (a restart, two windows): then that node's word counts. */
  const leave = (seatId: string): Promise<void> =>
    inOrder(() => {
      const at = beats.get(seatId) ?? 0;
      beats.delete(seatId);
      return writeUnit(context, async (unit) => {
        await changed(context, unit, seatId);
        await unit.repos.seats.leave(seatId, at);
      });
    });
  // In turn: hundreds of them in one go would hold up citizens' messages.
  const rota = createRota<string>(BEAT_MS, (seatIds) => void beat(seatIds, false).catch(onError));

  return {
    connected: async (seatId) => {
      sockets.set(seatId, (sockets.get(seatId) ?? 0) + 1);
      rota.add(seatId);
      await beat([seatId], true);
    },
    disconnected: async (seatId) => {
      const left = (sockets.get(seatId) ?? 1) - 1;
      if (left > 0) {
        sockets.set(seatId, left);
        return;
      }
      sockets.delete(seatId);
      rota.remove(seatId);
      await leave(seatId);
    },
    // A client without a socket (a program with a bearer token) is present for one beat.
    set: (seatId, state, reason = null) =>
      inOrder(async () => {
        const at = context.now();
        beats.set(seatId, at);
        return sayPresence(context, seatId, state, reason, at);
      }),
    stop: rota.stop,
  };
}
