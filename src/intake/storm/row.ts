import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { EpochMs } from '../../domain/activity.ts';
import { calm, type StormState } from '../../domain/storm.ts';
import type { Repositories } from '../../store/contract.ts';

/** What the nodes agreed on: one small row, written only while somebody is pressed; and the changes of level, which stay. */

const Cause = Type.Union([Type.Null(), Type.Object({ signal: Type.Union([Type.Literal('load'), Type.Literal('wait'), Type.Literal('loop'), Type.Literal('lanes'), Type.Literal('hand')]), value: Type.Number(), limit: Type.Number() })]);
const NullableTime = Type.Union([Type.Null(), Type.Number()]);
const State = Type.Object({ level: Type.Integer({ minimum: 0 }), since: Type.Number(), began: NullableTime, calmSince: NullableTime, cause: Cause, pin: Type.Union([Type.Null(), Type.Object({ level: Type.Integer({ minimum: 0 }), until: Type.Number(), by: Type.String() })]) });
/** What one node counted in the window. */
const Sample = Type.Object({ at: Type.Number(), heard: Type.Number(), wait: Type.Number(), loop: Type.Number() });
const Row = Type.Object({ state: State, nodes: Type.Record(Type.String(), Sample) });
const History = Type.Array(Type.Object({ at: Type.Number(), from: Type.Integer(), to: Type.Integer(), cause: Cause, load: Type.Number() }));
const checkRow = Compile(Row);
const checkHistory = Compile(History);

export type StormSample = Static<typeof Sample>;
export interface StormRow {
  readonly state: StormState;
  readonly nodes: Readonly<Record<string, StormSample>>;
}
export type StormHistory = Static<typeof History>;

const CHANNEL = 'intake';
const KEY = 'storm';
const HISTORY_KEY = 'storm:history';
const CHANGES_KEPT = 40;
/** All nodes were stopped for so long: what held then says nothing of now. */
const STALE_MS = 2 * 60_000;

/** In a write it locks the row: two nodes that look at the same time do so one after the other. */
export async function readRow({ channelState }: Pick<Repositories, 'channelState'>, now: EpochMs): Promise<StormRow> {
  const value = parse(await channelState.get(CHANNEL, KEY, now));
  return checkRow.Check(value) ? value : { state: calm(now), nodes: {} };
}

export async function writeRow({ channelState }: Pick<Repositories, 'channelState'>, row: StormRow, now: EpochMs): Promise<void> {
  await channelState.put(CHANNEL, KEY, JSON.stringify(row), Math.max(now + STALE_MS, row.state.pin?.until ?? 0));
}

export async function readHistory({ channelState }: Pick<Repositories, 'channelState'>, now: EpochMs): Promise<StormHistory> {
  const value = parse(await channelState.get(CHANNEL, HISTORY_KEY, now));
  return checkHistory.Check(value) ? value : [];
}

export async function addHistory(repos: Pick<Repositories, 'channelState'>, change: StormHistory[number], now: EpochMs): Promise<void> {
  const kept = [...(await readHistory(repos, now)), change].slice(-CHANGES_KEPT);
  await repos.channelState.put(CHANNEL, HISTORY_KEY, JSON.stringify(kept), null);
}

function parse(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
