import { join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { CHANNELS, profiling, surround, type BenchChannel } from './gateway.ts';
import { openLoop } from './load.ts';
import { firstLines, lineOf, type CitizenPeer } from './peers/peer.ts';
import { cpuMsWithChildren, residentMegabytesOfAll } from './processor.ts';
import { flatOut, roundFigures, WORKERS } from './rounds.ts';
import { withServers, type Servers } from './servers.ts';
import { median } from './statistics.ts';
import { SkippedError, type Bench, type BenchContext, type Figure } from './types.ts';

const STEADY = { perSecond: 200, seconds: 10 } as const;
const LEAST_TURNS = 1550;
const STEADY_P99_MS = 50;

const ABOUT: Readonly<Record<BenchChannel, string>> = {
  webchat: 'turns over HTTP and WebSocket, a real server process',
  wechat: 'turns by encrypted push, answers by the WeChat API (stand-in in the bench process)',
  phone: 'turns by signed webhook, the answer in the reply',
};

/** A channel's turns over HTTP, answer included, against a real server process. `servers`: on PostgreSQL and Redis. */
function turnsOf(channel: BenchChannel, servers: boolean): Bench {
  return {
    name: servers ? `${channel}-pg` : channel,
    about: servers ? `the same of ${channel} with the bullmq bus and PostgreSQL` : ABOUT[channel],
    needs: ['floor', 'botbuilder'],
    run: async (context) => {
      if (!servers) return measure(context, channel, null);
      const measured = await withServers((reached) => measure(context, channel, reached));
      if (!measured.reached) throw new SkippedError(measured.why);
      return measured.result;
    },
  };
}

async function measure(context: BenchContext, channel: BenchChannel, servers: Servers | null): Promise<readonly Figure[]> {
  const { server, peer, close } = await surround({
    dataDir: join(context.folder, servers === null ? channel : `${channel}-pg`),
    channels: [channel],
    places: WORKERS,
    processes: context.sizes.processes,
    env: servers === null ? {} : servers.env,
    nodeArguments: profiling(),
  });
  try {
    const figures = await figuresOf(context, channel, peer(channel), server.pid, servers);
    // Told by the gateway itself: that it was given servers does not say that it uses them.
    const { processes } = context.sizes;
    const parts = `${processes === 1 ? '' : `; ${processes} processes`}${servers === null ? '' : `; ${await partsOf(server.url)}`}`;
    return figures.map((figure) => (figure.what === 'turns' ? { ...figure, note: `${figure.note ?? ''}${parts}` } : figure));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.output}`, { cause: error });
  } finally {
    await close();
  }
}

async function figuresOf(context: BenchContext, channel: BenchChannel, peer: CitizenPeer, pid: number, servers: Servers | null): Promise<readonly Figure[]> {
  const { progress, sizes: { processes } } = context;
  progress(0, 'opening conversations');
  await Promise.all(Array.from({ length: WORKERS }, async (_, worker) => {
    const caller = { number: worker };
    await peer.open(worker, caller);
    for (const line of firstLines(channel, caller)) await peer.say(worker, line);
  }));
  const turns = Array.from({ length: WORKERS }, () => 0);
  const act = (worker: number): Promise<Buffer> => {
    const turn = (turns[worker] ?? 0) + 1;
    turns[worker] = turn;
    return peer.say(worker, lineOf(turn));
  };
  const rounds = await flatOut(context, act, { server: () => cpuMsWithChildren(pid), ...(servers === null ? {} : { others: servers.cpuMs }) }, { from: 0.05, to: 0.75 }, processes);
  progress(0.75, `${STEADY.perSecond} turns a second`);
  const steady = await openLoop({ workers: WORKERS, ...STEADY, act });
  const perSecond = rounds.map((round) => round.perSecond);
  return [
    ...roundFigures(rounds, 'turns', 'turn').map((figure): Figure => (figure.what === 'turns' ? { ...figure, budget: { limit: LEAST_TURNS, kind: 'least' } } : figure)),
    ...ratio(context, 'floor', 'requests', perSecond),
    ...ratio(context, 'botbuilder', 'turns', perSecond),
    ...(servers === null ? [] : [{ what: 'processor time of PostgreSQL and Redis a turn', unit: 'ms', rounds: rounds.map(({ othersMs }) => othersMs) }]),
    { what: `p50 at ${STEADY.perSecond}/s`, unit: 'ms', rounds: [steady.p50] },
    { what: `p99 at ${STEADY.perSecond}/s`, unit: 'ms', rounds: [steady.p99], budget: { limit: STEADY_P99_MS, kind: 'most' }, note: channel === 'phone' ? 'webhook in to answer out' : 'message out to answer in' },
    { what: 'resident afterwards', unit: 'MB', rounds: [residentMegabytesOfAll(pid)], ...(processes === 1 ? {} : { note: 'of all processes, the supervisor among them' }) },
  ];
}

const Ready = Compile(Type.Object({ parts: Type.Object({ store: Type.String(), bus: Type.String() }) }));

async function partsOf(url: string): Promise<string> {
  const ready: unknown = await (await fetch(`${url}/readyz`)).json();
  return Ready.Check(ready) ? `store ${ready.parts.store}, bus ${ready.parts.bus}` : 'not ready';
}

/** Turns against what another measurement of the same run has reached. */
function ratio(context: BenchContext, other: string, what: string, perSecond: readonly number[]): readonly Figure[] {
  const found = context.earlier(other).find((figure) => figure.what === what);
  return found === undefined ? [] : [{ what: `turns ÷ ${other}`, unit: '×', rounds: perSecond.map((rate) => rate / median(found.rounds)), budget: { limit: 1, kind: 'least' } }];
}

export const turnBenches: readonly Bench[] = CHANNELS.map((channel) => turnsOf(channel, false));
export const serverTurnBenches: readonly Bench[] = CHANNELS.map((channel) => turnsOf(channel, true));
