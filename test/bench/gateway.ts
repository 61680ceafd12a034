import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { startServer, type RunningServer } from '../support/server.ts';
import { createPhonePeer } from './peers/phone.ts';
import type { CitizenPeer } from './peers/peer.ts';
import { createWebchatPeer } from './peers/webchat.ts';
import { createWechatPeer } from './peers/wechat.ts';

/** The gateway as the bench starts it: the build, settings of production, one machine playing a whole city. */

export const CHANNELS = ['webchat', 'wechat', 'phone'] as const;
export type BenchChannel = (typeof CHANNELS)[number];

export const DIRECTLINE_SECRET = 'bench-directline-secret';
const AUTH_TOKEN = 'bench-auth-token';
const WECHAT = { appId: 'wx00000000000000be', token: 'bench-token', aesKey: 'B'.repeat(43) };
export const ADMIN_PASSWORD = 'bench-password';

const SETTINGS: Readonly<Record<string, string>> = {
  SQLITE_SYNCHRONOUS: 'FULL', NODE_ENV: 'production', DIRECTLINE_SECRET, TWILIO_AUTH_TOKEN: AUTH_TOKEN, ADMIN_PASSWORD,
  WECHAT_APPID: WECHAT.appId, WECHAT_SECRET: 'bench-secret', WECHAT_TOKEN: WECHAT.token, WECHAT_AES_KEY: WECHAT.aesKey, WECHAT_TYPING: 'false',
  // One machine plays a whole city, so what guards against one machine is out of the way.
  // Flat out is no storm: what is measured must be the whole work.
  STORM_MODE: 'off',
  RATE_LIMIT_ADDRESS: '100000000', RATE_LIMIT_CITIZEN: '100000000', WEBCHAT_POSTS_PER_MINUTE: '0',
};

export interface GatewayOptions {
  readonly dataDir: string;
  /** DATABASE_URL, REDIS_URL and the like. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
  /** `demo`: as `npm start` does. Else as the units of docs/deploy do, for a city: with a larger young space. */
  readonly size?: 'demo' | 'city';
  /** Processes that share the port (PROCESSES); 1 unless told. */
  readonly processes?: number;
}

const YOUNG_SPACE = { demo: [], city: ['--max-semi-space-size=32'] } as const;

/** Starts the build; it must be there (see build.ts). */
export async function startGateway({ dataDir, env, nodeArguments = [], size = 'city', processes = 1 }: GatewayOptions): Promise<RunningServer> {
  const server = await startServer({ dataDir, env: { ...SETTINGS, PROCESSES: String(processes), ...env }, built: true, nodeArguments: [...YOUNG_SPACE[size], '--enable-source-maps', ...nodeArguments] });
  if (processes === 1) return server;
  try {
    await allListen(server, processes);
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

const START_MS = 120_000;
const Ready = Compile(Type.Object({ parts: Type.Object({ processes: Type.String() }) }));

/** The first process answers while the others still start. */
async function allListen(server: RunningServer, processes: number): Promise<void> {
  for (const limit = performance.now() + START_MS; ; await sleep(50)) {
    const ready: unknown = await (await fetch(`${server.url}/readyz`)).json();
    if (Ready.Check(ready) && ready.parts.processes === `${processes} of ${processes}`) return;
    if (performance.now() > limit) throw new Error(`not all processes came up\n${server.output}`);
  }
}

/** Arguments of the gateway's node that write its CPU profile into the folder BENCH_CPU_PROF; none when it is not set. */
export function profiling(): readonly string[] {
  const folder = process.env['BENCH_CPU_PROF'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/** A gateway with the citizens of some channels around it. */
export interface Surrounded {
  readonly server: RunningServer;
  peer(channel: BenchChannel): CitizenPeer;
  /** `kill`: it is thrown away, so it need not stop in order. */
  close(options?: { readonly kill?: boolean }): Promise<void>;
}

/** Starts a gateway and connects so many places of each channel to it. */
export async function surround(options: GatewayOptions & { readonly channels: readonly BenchChannel[]; readonly places: number }): Promise<Surrounded> {
  const { channels, places } = options;
  const wechat = channels.includes('wechat') ? await createWechatPeer(WECHAT, places) : null;
  const server = await startGateway({ ...options, env: { ...options.env, ...(wechat === null ? {} : { WECHAT_API_BASE: wechat.apiBase }) } }).catch(async (error: unknown) => {
    await wechat?.close();
    throw error;
  });
  const peers = new Map<BenchChannel, CitizenPeer>();
  if (wechat !== null) {
    wechat.connect(server.url);
    peers.set('wechat', wechat);
  }
  if (channels.includes('phone')) peers.set('phone', createPhonePeer(server.url, AUTH_TOKEN, places));
  if (channels.includes('webchat')) peers.set('webchat', createWebchatPeer(server.url, DIRECTLINE_SECRET, places));
  return {
    server,
    peer: (channel) => {
      const peer = peers.get(channel);
      if (peer === undefined) throw new Error(`no citizens by ${channel}`);
      return peer;
    },
    close: async ({ kill = false } = {}) => {
      // The gateway first: what it still sends must find the other side of the WeChat API.
      await (kill ? server.kill() : server.stop()).finally(async () => {
        for (const peer of peers.values()) await peer.close();
      });
    },
  };
}
