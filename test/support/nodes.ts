import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPhoneSim, type PhoneSim } from '../../src/cli/sim/phone-sim.ts';
import { createWechatPeer, type WechatPeer } from '../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { SHORT_LIVED, startServer, type RunningServer } from './server.ts';

/** Several real server processes as one city runs them: one database, one public address, each node its own folder. */

export const CITY = {
  publicUrl: 'http://hotline.invalid',
  vaultKey: Buffer.alloc(32, 5).toString('base64'),
  authToken: 'not-a-real-auth-token',
  adminPassword: 'not-a-real-password',
  wechat: { appId: 'wx00000000000000aa', token: 'not-a-real-token', aesKey: 'N'.repeat(43) },
} as const;

/** Several starts share two cores, and more on a busy machine. */
const START_MS = 90_000;

export interface Cluster {
  readonly publicUrl: string;
  /** The node of this name; started when it does not run. */
  up(name: string): Promise<RunningServer>;
  /** Warnings and errors of all nodes, those that have ended among them. */
  output(): string;
  readonly standIn: WechatStandIn;
  phone(node: RunningServer, from: string): CountedCall;
  wechat(node: RunningServer, openid: string): WechatPeer;
  /** What WeChat was given to show to this citizen. */
  shown(openid: string): readonly string[];
  close(): Promise<void>;
}

export interface CountedCall {
  readonly sim: PhoneSim;
  /** Webhooks posted so far. */
  readonly posted: number;
}

export interface ClusterOptions {
  /** DATABASE_URL, REDIS_URL and what else all nodes share. */
  readonly env: Readonly<Record<string, string>>;
  /** ROLES by the name of the node. */
  readonly roles: Readonly<Record<string, string>>;
  /** Where peers think they talk to. */
  readonly publicUrl?: string;
}

export async function openCluster({ env, roles, publicUrl = CITY.publicUrl }: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-nodes-'));
  const standIn = await createWechatStandIn({ appId: CITY.wechat.appId, secret: 'not-a-real-secret', port: 0 });
  const shared = {
    PUBLIC_URL: publicUrl, VAULT_KEY: CITY.vaultKey, DIRECTLINE_SECRET: 'not-a-real-directline-secret', ADMIN_PASSWORD: CITY.adminPassword, TWILIO_AUTH_TOKEN: CITY.authToken,
    WECHAT_APPID: CITY.wechat.appId, WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: CITY.wechat.token, WECHAT_AES_KEY: CITY.wechat.aesKey, WECHAT_API_BASE: standIn.url, WECHAT_TYPING: 'false',
    // A clock that is set ahead must not make pushes look old.
    LOG_LEVEL: 'warn', WECHAT_PUSH_WINDOW_SECONDS: '3600', RATE_LIMIT_CITIZEN: '1000', RATE_LIMIT_ADDRESS: '100000', WEBCHAT_POSTS_PER_MINUTE: '0', DATABASE_CONNECTIONS: '8',
    ...env,
  };
  const running = new Map<string, Promise<RunningServer>>();
  const started: RunningServer[] = [];
  const start = async (name: string): Promise<RunningServer> => {
    const server = await startServer({ dataDir: join(folder, name), env: { ...shared, ROLES: roles[name] ?? 'web,worker' }, built: 'when-fresh', nodeArguments: SHORT_LIVED, startMs: START_MS });
    started.push(server);
    void server.gone.then(() => running.delete(name));
    return server;
  };
  return {
    standIn, publicUrl,
    output: () => started.map(({ output }) => output).join(''),
    up: (name) => {
      const known = running.get(name) ?? start(name);
      running.set(name, known);
      return known;
    },
    phone: (node, from) => {
      let posted = 0;
      const sim = createPhoneSim({
        baseUrl: node.url, publicUrl, authToken: CITY.authToken, from,
        transport: async ({ url, headers, body }) => {
          posted += 1;
          const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
          return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
        },
      });
      return { sim, get posted() { return posted; } };
    },
    wechat: (node, openid) => createWechatPeer({ hookUrl: `${node.url}/hooks/wechat/miniprogram`, credentials: CITY.wechat, mode: 'safe', format: 'json', account: 'gh_nodes', openid }),
    shown: (openid) => standIn.sent.filter((message) => message.openid === openid).map(({ text }) => text),
    close: async () => {
      await Promise.allSettled([...running.values()].map(async (starting) => (await starting).kill()));
      await standIn.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 15;

/** Looks again every few milliseconds: a loop that never rests would take the processor from the servers it waits for. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const limit = performance.now() + PATIENCE_MS; !(await condition()); await sleep(LOOK_MS)) {
    if (performance.now() > limit) throw new Error(`never came: ${what}`);
  }
}

/** The sum of a measure's series on /metrics whose labels hold `labels`; 0 when there is none. */
export async function measure(node: RunningServer, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Turns that this node did. */
export const turnsOf = (node: RunningServer): Promise<number> => measure(node, 'yihu_stage_seconds_count', 'stage="turn"');

/** JSON of an answer that must be a good one. */
export async function ask(url: string, init: RequestInit = {}): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000) });
  const text = await response.text();
  const value: unknown = response.ok && text !== '' ? JSON.parse(text) : null;
  if (typeof value !== 'object' || value === null) throw new Error(`${init.method ?? 'GET'} ${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 200)}`);
  return { ...value };
}
