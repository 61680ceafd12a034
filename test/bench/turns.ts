import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startServer, type RunningServer } from '../support/server.ts';
import { WORKERS } from './floor.ts';
import { closedLoop, openLoop, type LoadResult } from './load.ts';
import type { BenchPeer } from './peers/peer.ts';
import { createPhonePeer } from './peers/phone.ts';
import { createWebchatPeer } from './peers/webchat.ts';
import { createWechatPeer } from './peers/wechat.ts';
import { median } from './statistics.ts';
import type { Bench, BenchContext, Figure } from './types.ts';

const TURNS = 2500;
const MAX_MS = 5000;
const STEADY = { perSecond: 200, seconds: 4 } as const;
const LEAST_TURNS = 1550;
const STEADY_P99_MS = 50;

const SECRET = 'bench-directline-secret';
const AUTH_TOKEN = 'bench-auth-token';
const WECHAT = { appId: 'wx00000000000000be', token: 'bench-token', aesKey: 'B'.repeat(43) };
const WECHAT_SECRET = 'bench-secret';

const SETTINGS = {
  SQLITE_SYNCHRONOUS: 'FULL', NODE_ENV: 'production', DIRECTLINE_SECRET: SECRET, TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  WECHAT_APPID: WECHAT.appId, WECHAT_SECRET, WECHAT_TOKEN: WECHAT.token, WECHAT_AES_KEY: WECHAT.aesKey, WECHAT_TYPING: 'false',
  // One machine plays a whole city, so what guards against one machine is out of the way.
  RATE_LIMIT_ADDRESS: '100000000', RATE_LIMIT_CITIZEN: '100000000', WEBCHAT_POSTS_PER_MINUTE: '0',
} as const;

/** A channel's turns over HTTP, answer included, against a real server process. */
function turnsOf(channel: 'webchat' | 'wechat' | 'phone', about: string): Bench {
  return {
    name: channel,
    about,
    needs: ['floor'],
    run: async (context) => {
      const wechat = channel === 'wechat' ? await createWechatPeer(WECHAT, WECHAT_SECRET, WORKERS) : null;
      const profile = process.env['BENCH_CPU_PROF'];
      const server = await startServer({
        dataDir: join(context.folder, channel),
        env: { ...SETTINGS, ...(wechat === null ? {} : { WECHAT_API_BASE: wechat.apiBase }) },
        ...(profile === undefined ? {} : { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profile}`] }),
      });
      wechat?.connect(server.url);
      const peer = wechat ?? (channel === 'phone' ? createPhonePeer(server.url, AUTH_TOKEN, WORKERS) : createWebchatPeer(server.url, SECRET, WORKERS));
      try {
        return await measure(context, channel, peer, server);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.output}`, { cause: error });
      } finally {
        await peer.close();
        await server.stop();
      }
    },
  };
}

async function measure(context: BenchContext, channel: string, peer: BenchPeer, server: RunningServer): Promise<readonly Figure[]> {
  const { progress, rounds } = context;
  progress(0, 'opening conversations');
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => peer.open(worker)));
  const act = (worker: number): Promise<void> => peer.turn(worker);
  const results: LoadResult[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    progress((1 + round) / (rounds + 3), round === 0 ? 'warming up' : `round ${round}`);
    const before = await cpuMs(server.pid);
    const result = await closedLoop({ workers: WORKERS, count: TURNS, maxMs: MAX_MS, act });
    if (round === 0) continue;
    results.push(result);
    cpu.push(((await cpuMs(server.pid)) - before) / result.count);
  }
  progress((rounds + 2) / (rounds + 3), `${STEADY.perSecond} turns a second`);
  const steady = await openLoop({ workers: WORKERS, ...STEADY, act });
  const resident = await residentMegabytes(server.pid);
  const floor = context.earlier('floor').find(({ what }) => what === 'requests');
  return [
    { what: 'turns', unit: '/s', rounds: results.map(({ perSecond }) => perSecond), budget: { limit: LEAST_TURNS, kind: 'least' }, note: `${WORKERS} citizens at once` },
    ...(floor === undefined ? [] : [{ what: 'turns ÷ floor', unit: '×', rounds: results.map(({ perSecond }) => perSecond / median(floor.rounds)), budget: { limit: 1, kind: 'least' } } satisfies Figure]),
    // Less dependent than turns/s on what else the machine does.
    { what: 'processor time of the server a turn', unit: 'ms', rounds: cpu, note: 'all its threads' },
    { what: 'p50, as fast as it goes', unit: 'ms', rounds: results.map(({ p50 }) => p50) },
    { what: 'p99, as fast as it goes', unit: 'ms', rounds: results.map(({ p99 }) => p99) },
    { what: `p50 at ${STEADY.perSecond}/s`, unit: 'ms', rounds: [steady.p50] },
    { what: `p99 at ${STEADY.perSecond}/s`, unit: 'ms', rounds: [steady.p99], budget: { limit: STEADY_P99_MS, kind: 'most' }, note: channel === 'phone' ? 'webhook in to answer out' : 'message out to answer in' },
    { what: 'resident afterwards', unit: 'MB', rounds: [resident] },
  ];
}

/** User and system time of a process, all threads; proc(5), fields 14 and 15, in ticks of 10 ms. Linux only; NaN elsewhere. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10;
}

/** Linux only; NaN elsewhere. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

export const turnBenches: readonly Bench[] = [
  turnsOf('webchat', 'turns over HTTP and WebSocket, a real server process'),
  turnsOf('wechat', 'turns by encrypted push, answers by the WeChat API (stand-in in the bench process)'),
  turnsOf('phone', 'turns by signed webhook, the answer in the reply'),
];
