import { setImmediate as nextTurn } from 'node:timers/promises';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { EpochMs } from '../../domain/activity.ts';
import { DAY } from '../../domain/clock.ts';
import type { Route } from '../../domain/config-files.ts';
import { AppError, codeOf } from '../../domain/errors.ts';
import type { Store } from '../../store/contract.ts';
import { TrialReportSchema, tryDispatch, type TrialContext } from './trial.ts';

/** Trials of dispatch versions beside the requests: begun by one, asked for by others, on whatever node. */

export const TrialStateSchema = Type.Object({
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  startedAt: Type.Number(),
  updatedAt: Type.Number(),
  days: Type.Integer(),
  /** Read so far. */
  tickets: Type.Integer(),
  report: Type.Union([TrialReportSchema, Type.Null()]),
  /** Of the failure. */
  code: Type.Union([Type.String(), Type.Null()]),
});
export type TrialState = Static<typeof TrialStateSchema>;

/** Without a sign for so long the node that ran it is gone. */
const LOST_MS = 60_000;
const KEPT_MS = 30 * DAY;
const TOLD_EVERY = 5_000;
const PLACE = 'house';
const keyOf = (version: number): string => `dispatch-trial:${version}`;

export interface Trials {
  /** @throws AppError `catalogue.trial_running` (409) while this version is being tried */
  begin(version: number, routes: readonly Route[], days: number): Promise<TrialState>;
  /** The newest one of a version; null: it was never tried, or long ago. */
  state(version: number): Promise<TrialState | null>;
  /** Gives running ones up and waits for them. */
  stop(): Promise<void>;
}

export function createTrials({ store, city, clock, now }: TrialContext & { readonly store: Store; readonly now: () => EpochMs }): Trials {
  const running = new Set<Promise<void>>();
  let stopping = false;

  const state = async (version: number): Promise<TrialState | null> => {
    const text = await store.read((repos) => repos.channelState.get(PLACE, keyOf(version), now()));
    const found: unknown = text === null ? null : JSON.parse(text);
    if (!Value.Check(TrialStateSchema, found)) return null;
    return found.state === 'running' && now() - found.updatedAt > LOST_MS ? { ...found, state: 'failed', code: 'lost' } : found;
  };
  const keep = (version: number, given: TrialState): Promise<void> => store.write((repos) => repos.channelState.put(PLACE, keyOf(version), JSON.stringify(given), now() + KEPT_MS));

  async function run(version: number, routes: readonly Route[], begun: TrialState): Promise<void> {
    let told = 0;
    let tickets = 0;
    try {
      const report = await tryDispatch({ store, city, clock }, routes, {
        from: begun.startedAt - begun.days * DAY,
        to: begun.startedAt,
        onPage: async (read) => {
          if (stopping) throw new AppError('catalogue.trial_stopped', 'the node stops', { status: 503, retry: 'later' });
          tickets = read;
          if (read - told >= TOLD_EVERY) {
            told = read;
            await keep(version, { ...begun, updatedAt: now(), tickets: read });
          }
          // Citizens' turns come between two pages.
          await nextTurn();
        },
      });
      await keep(version, { ...begun, state: 'done', updatedAt: now(), tickets: report.tickets, report });
    } catch (error) {
      // A database that is away cannot keep this either; then the trial counts as lost.
      await keep(version, { ...begun, state: 'failed', updatedAt: now(), tickets, code: codeOf(error) }).catch(() => {});
    }
  }

  return {
    state,
    begin: async (version, routes, days) => {
      if ((await state(version))?.state === 'running') throw new AppError('catalogue.trial_running', 'this version is being tried', { status: 409, retry: 'conflict', citizenText: '这个版本正在试跑，请稍候。' });
      const begun: TrialState = { state: 'running', startedAt: now(), updatedAt: now(), days, tickets: 0, report: null, code: null };
      await keep(version, begun);
      const work = run(version, routes, begun).finally(() => running.delete(work));
      running.add(work);
      return begun;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(running);
    },
  };
}
