import { codeOf } from '../domain/errors.ts';
import { type IntakeContext, type Log, writeUnit } from '../intake/context.ts';
import { sweepDue, type SweepContext, type VisitDue } from '../tickets/due.ts';
import { onVisitDue as askAgain } from '../tickets/visits/due.ts';

/** Between two looks for due work when nothing is planned sooner: another node may have started a clock. */
const LOOK_MS = 15_000;
/** A clock that runs out in a moment is not run after. */
const SOONEST_MS = 250;
/** The first look; a start has other things to do. */
const FIRST_MS = 2_000;

export interface TicketTendingOptions {
  /** The visit-back's next attempt; the house's own unless told. */
  readonly onVisitDue?: VisitDue;
  /** Runs once after so many ms; returns how to call it off. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

const afterMs = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

/**
 * Does what time brings to tickets, on nodes that carry work: sleeps until the next clock wants something, and looks now and then anyway.
 * @returns how to stop it; what is being done is finished
 */
export function tendTickets(context: IntakeContext, log: Pick<Log, 'info' | 'warn'>, { onVisitDue = askAgain, after = afterMs }: TicketTendingOptions = {}): () => Promise<void> {
  const sweep: SweepContext = {
    city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: context.store,
    hears: (type, ticket) => context.hears?.(type, ticket) ?? false,
    write: (fn) => writeUnit(context, fn),
    onVisitDue,
    failed: (code, { ticketId, stage }) => log.warn({ code, ticketId, stage }, 'a due clock could not be served: tried again in five minutes'),
  };
  let stopped = false;
  let callOff: (() => void) | null = null;
  let looking: Promise<void> | null = null;

  const look = async (): Promise<number> => {
    try {
      const { done, skipped, more, nextAt } = await sweepDue(sweep);
      if (done > 0) log.info({ done, skipped }, 'clocks of tickets served');
      if (more || skipped > 0) return SOONEST_MS;
      return nextAt === null ? LOOK_MS : Math.min(LOOK_MS, Math.max(SOONEST_MS, nextAt - context.now()));
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'clocks of tickets could not be read: tried again');
      return LOOK_MS;
    }
  };
  const lookAndPlan = async (): Promise<void> => {
    const next = await look();
    looking = null;
    plan(next);
  };
  const plan = (ms: number): void => {
    if (stopped) return;
    callOff = after(ms, () => {
      looking = lookAndPlan();
    });
  };
  plan(FIRST_MS);
  return async () => {
    stopped = true;
    callOff?.();
    await looking;
  };
}
