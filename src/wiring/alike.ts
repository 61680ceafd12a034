import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../domain/errors.ts';
import type { IntakeContext } from '../intake/context.ts';
import { writeUnit } from '../intake/context.ts';
import { everyMs, type Every } from '../store/follow.ts';
import type { AlikeContext, BatchHandler } from '../tickets/alike/context.ts';
import { createAlikeHandlers } from '../tickets/alike/fan-out.ts';
import { type AlikeKeeper, createAlikeKeeper } from '../tickets/alike/keeper.ts';
import { createProposer, proposeFor } from '../tickets/alike/look.ts';
import { nightly } from '../tickets/alike/nightly.ts';
import { createStormKeeper } from '../tickets/alike/storms.ts';

/** Duplicates and storms of a node: the index fills behind the start, news keep it, nodes that carry work propose and watch for storms. */

export interface AlikeHouse {
  readonly keeper: AlikeKeeper;
  readonly context: AlikeContext;
  /** For `bus.start`. */
  readonly handlers: Readonly<Record<string, BatchHandler>>;
  /** Begins; waits for nothing. `carries`: proposes, writes storms, does the nightly work. */
  start(carries: boolean): void;
  stop(): Promise<void>;
}

export interface AlikeHouseOptions {
  readonly every?: Every;
  readonly pause?: (ms?: number) => Promise<void>;
}

const SWEEP_MS = 30_000;
const STORM_MS = 15_000;
const NIGHT_MS = 60_000;
/** Looks for duplicates that a storm has put off; more than so many are left to the night. */
const LATER_MS = 10_000;
const LATER_AT_ONCE = 10;
const MOST_LATER = 20_000;
/** Between two pages of the fill: a third of the processor at most. */
const PAUSE_MS = 8;

export function createAlikeHouse(intake: IntakeContext, { every = everyMs, pause = (ms = PAUSE_MS) => sleep(ms, undefined, { ref: false }) }: AlikeHouseOptions = {}): AlikeHouse {
  const { store, city, log } = intake;
  // What intake hears for is asked anew each time: listeners may come after this was made.
  const context: AlikeContext = {
    city, clock: intake.clock, now: intake.now, newId: intake.newId, hears: (type, ticket) => intake.hears?.(type, ticket) ?? false,
    read: (fn) => store.read(fn),
    write: (fn) => writeUnit(intake, fn),
  };
  let carrying = false;
  const later = new Set<string>();
  const catchUp = async (): Promise<void> => {
    while (later.size > 0 && intake.storm?.givesUp('background') !== true) {
      const ids = [...later].slice(0, LATER_AT_ONCE);
      for (const id of ids) later.delete(id);
      await proposeFor(context, keeper.index, await store.read((repos) => repos.alikeTickets.compared(ids)));
      await pause();
    }
  };
  const keeper: AlikeKeeper = createAlikeKeeper({
    read: context.read,
    now: context.now,
    log,
    pause,
    bursts: { placeNames: city.towns.flatMap(({ name, short }) => [name, short]) },
    onOpened: (ticket) => {
      if (!carrying) return;
      // Put off in a storm, and looked at when it is over; after a restart the night finds them.
      if (intake.storm?.givesUp('background') !== true) proposer.look(ticket);
      else if (later.size < MOST_LATER) later.add(ticket.id);
    },
    afterOpened: async () => {
      await proposer.propose();
    },
  });
  const proposer = createProposer(context, keeper.index);
  const storms = createStormKeeper(context, keeper, intake.lease.holder);
  const stops: (() => Promise<void>)[] = [];

  /** One run at a time; a failure is told and tried again the next time. */
  const repeat = (ms: number, what: string, work: () => Promise<unknown>): void => {
    let running: Promise<void> | null = null;
    const stop = every(ms, () => {
      running ??= work()
        .then(() => undefined, (error: unknown) => log.warn({ code: codeOf(error) }, `${what} failed: tried again`))
        .finally(() => {
          running = null;
        });
    });
    stops.push(async () => {
      stop();
      await running;
    });
  };

  return {
    keeper,
    context,
    handlers: createAlikeHandlers(context),
    start: (carries) => {
      carrying = carries;
      const leave = intake.live.subscribeDesk((event) => {
        if (event.kind === 'ticket') keeper.hear(event.ticketId);
      }, () => false);
      stops.push(async () => leave());
      void keeper.load();
      repeat(SWEEP_MS, 'the look for missed tickets', () => keeper.sweep());
      if (!carries) return;
      repeat(STORM_MS, 'the watch for storms', () => storms.tick());
      repeat(LATER_MS, 'the look for duplicates that was put off', catchUp);
      repeat(NIGHT_MS, 'the nightly look for duplicates', async () => {
        if (intake.storm?.givesUp('background') === true) return;
        const done = await nightly(context, keeper, pause);
        if (done !== null) log.info(done, 'duplicates looked for');
      });
    },
    stop: async () => {
      carrying = false;
      const running = stops.splice(0).map((stop) => stop());
      await Promise.all([...running, keeper.stop()]);
    },
  };
}
