import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { AT_ONCE_MS } from '../../src/wiring/supervisor.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { startPostgres, startRedis, through, type Backend, type RedisBackend } from './backends.ts';
import { makeDisk, type Disk } from './disk.ts';
import { createProxy, type Proxy } from './proxy.ts';
import type { Fault, TortureOptions } from './types.ts';

/** Everything that stands and can fall: nodes behind a load balancer, their disk, their database and queue. */

/** A lease of the product (6 s) is over when the clock has moved by this. */
export const LEASE_OVER_MS = 7_000;
/** Longest that a node may fail to start again, being started anew as an init system does, ms. */
const START_PATIENCE_MS = 60_000;

export const SECRETS = {
  vaultKey: randomBytes(32).toString('base64'),
  authToken: 'not-a-real-auth-token',
  adminPassword: 'not-a-real-password',
  wechat: { appId: 'wx00000000000000aa', token: 'not-a-real-token', aesKey: 'A'.repeat(43) },
  wechatSecret: 'not-a-real-secret',
};

export interface Stage {
  /** What peers connect to, and what is signed: the load balancer before all nodes. */
  readonly url: string;
  /**
   * The way of webhooks to one node. While the database is away each node spools for itself, so the handbook tells operators to keep
   * an address on a node; web chat, which is not spooled, goes anywhere.
   */
  hookUrl(address: number): string;
  /** All of these. */
  readonly fronts: readonly Proxy[];
  readonly standIn: WechatStandIn;
  readonly disk: Disk;
  readonly database: Backend | null;
  readonly databaseProxy: Proxy | null;
  readonly redis: RedisBackend | null;
  readonly redisProxy: Proxy | null;
  /** The gateway's clock, and moving it for all nodes at once. */
  now(): number;
  passTime(ms: number): void;
  /** True while at least one node serves. */
  serving(): boolean;
  /** Resolves when a node serves. */
  served(): Promise<void>;
  readonly nodes: readonly Node[];
  /** What the stage saw that must not be: nodes that died by themselves, did not start or did not stop in order. */
  readonly faults: Fault[];
  /** For the check from outside: not through the proxy. */
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export interface Node {
  /** Starts it unless it runs; tried again and again. Resolves when it serves. */
  start(): Promise<void>;
  /** SIGKILL, at once or so many ms after SIGTERM. */
  kill(stoppingMs: number | null): Promise<void>;
  stop(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /**
   * To one of its processes (PROCESSES), once all of them listen and have done so for a while: one that dies at once again and again ends the
   * house. Returns how to let it go on; undefined: the node is not there.
   */
  signalSibling(index: number, signal: 'SIGKILL' | 'SIGSTOP'): Promise<(() => void) | undefined>;
  setSkew(ms: number): void;
}

/** Of three nodes one only takes messages, so that every turn of what it takes is another's. */
const rolesOf = (index: number, nodes: number): string => (nodes === 3 && index === 0 ? 'web' : 'web,worker');

export async function buildStage(options: TortureOptions): Promise<Stage> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const undo of opened.splice(0).toReversed()) await undo();
  };
  try {
    return await build(options, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(options: TortureOptions, opened: (() => unknown)[], close: () => Promise<void>): Promise<Stage> {
  const disk = makeDisk();
  opened.push(() => disk.remove());
  const standIn = await createWechatStandIn({ appId: SECRETS.wechat.appId, secret: SECRETS.wechatSecret });
  opened.push(() => standIn.close());
  const balancer = await createProxy();
  opened.push(() => balancer.close());
  const ways: Proxy[] = [];
  for (let index = 0; index < options.nodes; index += 1) {
    const way = await createProxy();
    opened.push(() => way.close());
    ways.push(way);
  }
  const database = options.db === 'postgres' ? await startPostgres() : null;
  if (database !== null) opened.push(() => database.stop());
  const databaseProxy = database === null ? null : await createProxy([Number(database.url.port)]);
  if (databaseProxy !== null) opened.push(() => databaseProxy.close());
  const redis = options.bus === 'bullmq' ? await startRedis() : null;
  if (redis !== null) opened.push(() => redis.stop());
  const redisProxy = redis === null ? null : await createProxy([Number(redis.url.port)]);
  if (redisProxy !== null) opened.push(() => redisProxy.close());

  const url = `http://127.0.0.1:${balancer.port}`;
  const env = {
    PUBLIC_URL: url, VAULT_KEY: SECRETS.vaultKey, ADMIN_PASSWORD: SECRETS.adminPassword, DIRECTLINE_SECRET: 'not-a-real-directline-secret', TWILIO_AUTH_TOKEN: SECRETS.authToken,
    WECHAT_APPID: SECRETS.wechat.appId, WECHAT_SECRET: SECRETS.wechatSecret, WECHAT_TOKEN: SECRETS.wechat.token, WECHAT_AES_KEY: SECRETS.wechat.aesKey, WECHAT_API_BASE: standIn.url, WECHAT_TYPING: 'false',
    // One account plays both kinds: its API is one stand-in.
    WECHAT_MP_APPID: SECRETS.wechat.appId, WECHAT_MP_SECRET: SECRETS.wechatSecret, WECHAT_MP_TOKEN: SECRETS.wechat.token, WECHAT_MP_AES_KEY: SECRETS.wechat.aesKey,
    // Clocks are moved on purpose; the window against replays has its own tests.
    WECHAT_PUSH_WINDOW_SECONDS: '3600',
    PROCESSES: String(options.processes ?? 1), RATE_LIMIT_ADDRESS: '100000000', RATE_LIMIT_CITIZEN: '100000', WEBCHAT_POSTS_PER_MINUTE: '0', STOP_GRACE_MS: '5000',
    ...(database === null || databaseProxy === null ? {} : { DATABASE_URL: through(database.url, databaseProxy.port) }),
    ...(redis === null || redisProxy === null ? {} : { REDIS_URL: through(redis.url, redisProxy.port) }),
  };

  const faults: Fault[] = [];
  const running = new Map<number, RunningServer>();
  const skews = new Map<number, number>();
  const starting = new Map<number, Promise<void>>();
  /** Those whose end is our doing. */
  const expected = new WeakSet<RunningServer>();
  let aheadMs = 0;
  let closed = false;
  let waiting: (() => void)[] = [];

  const route = (): void => {
    balancer.setTargets([...running.values()].map(({ port }) => port));
    for (const [index, way] of ways.entries()) {
      const own = running.get(index);
      way.setTargets(own === undefined ? [] : [own.port]);
    }
    if (running.size === 0) return;
    for (const resolve of waiting.splice(0)) resolve();
  };
  const setClock = (index: number): void => running.get(index)?.setClock(aheadMs + (skews.get(index) ?? 0));
  const leave = (index: number, server: RunningServer): void => {
    if (running.get(index) === server) running.delete(index);
    route();
  };

  const passTime = (ms: number): void => {
    aheadMs += ms;
    for (const index of running.keys()) setClock(index);
  };

  const launch = async (index: number): Promise<void> => {
    // What a clock that ran ahead has written lies in the future of the right one: time catches up with it.
    passTime(Math.max(0, skews.get(index) ?? 0));
    skews.set(index, 0);
    for (const limit = performance.now() + START_PATIENCE_MS; ; ) {
      try {
        // SQLite is shared by the nodes; with PostgreSQL each node has a folder of its own.
        const server = await startServer({ dataDir: join(disk.folder, database === null ? 'data' : `data-${index}`), clockAheadMs: aheadMs, env: { ...env, ROLES: rolesOf(index, options.nodes) }, built: options.built, nodeArguments: options.nodeArguments ?? [] });
        running.set(index, server);
        setClock(index);
        void watchOver(index, server);
        return route();
      } catch (error) {
        if (closed) return;
        if (performance.now() > limit) {
          faults.push({ law: 'starts-again', detail: error instanceof Error ? error.message.slice(-1_500) : String(error) });
          throw error;
        }
        await sleep(200);
      }
    }
  };
  const watchOver = async (index: number, server: RunningServer): Promise<void> => {
    await server.gone;
    leave(index, server);
    if (expected.has(server) || closed) return;
    faults.push({ law: 'stays-up', detail: `node ${index} ended by itself: ${server.output.slice(-1_500)}` });
    void begin(index);
  };
  const begin = (index: number): Promise<void> => {
    if (running.has(index)) return Promise.resolve();
    const known = starting.get(index);
    if (known !== undefined) return known;
    const started = launch(index).finally(() => starting.delete(index));
    // Whoever waits for it hears of its failure; when nobody does, it stands in `faults`.
    started.catch(() => undefined);
    starting.set(index, started);
    return started;
  };

  const makeNode = (index: number): Node => ({
    start: () => begin(index),
    kill: async (stoppingMs) => {
      await starting.get(index);
      const server = running.get(index);
      if (server === undefined) return;
      expected.add(server);
      if (stoppingMs !== null) {
        void server.kill('SIGTERM');
        await sleep(stoppingMs);
      }
      await server.kill();
      leave(index, server);
    },
    stop: async () => {
      await starting.get(index);
      const server = running.get(index);
      if (server === undefined) return;
      expected.add(server);
      const stopped = server.stop();
      leave(index, server);
      await stopped.catch((error: unknown) => faults.push({ law: 'stops-in-order', detail: error instanceof Error ? error.message.slice(-1_500) : String(error) }));
    },
    freeze: () => signalAll(running.get(index), 'SIGSTOP'),
    thaw: () => signalAll(running.get(index), 'SIGCONT'),
    signalSibling: async (sibling, signal) => {
      const server = running.get(index);
      if (server === undefined || !(await allListen(server, options.processes ?? 1))) return undefined;
      const pid = server.processes[sibling];
      if (pid === undefined) return undefined;
      signalTo(pid, signal);
      return () => signalTo(pid, 'SIGCONT');
    },
    setSkew: (ms) => {
      skews.set(index, ms);
      setClock(index);
    },
  });
  const nodes = Array.from({ length: options.nodes }, (_, index) => makeNode(index));
  opened.push(async () => {
    closed = true;
    await Promise.all([...running.values()].map((server) => server.kill()));
    await Promise.allSettled(starting.values());
    await Promise.all([...running.values()].map((server) => server.kill()));
  });

  return {
    url, standIn, disk, database, databaseProxy, redis, redisProxy, nodes, faults,
    fronts: [balancer, ...ways],
    hookUrl: (address) => `http://127.0.0.1:${ways[address % ways.length]?.port ?? balancer.port}`,
    databaseUrl: database?.url.href ?? '',
    now: () => Date.now() + aheadMs,
    passTime,
    serving: () => running.size > 0,
    served: () => (running.size > 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    close,
  };
}

/** All that belongs to a node. One without siblings has no processes of its own. */
function signalAll(server: RunningServer | undefined, signal: NodeJS.Signals): void {
  if (server === undefined) return;
  for (const pid of [server.pid, ...server.processes]) signalTo(pid, signal);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

const SIBLINGS_MS = 20_000;

/** False when they do not come within a while, or the node is gone. */
async function allListen(server: RunningServer, processes: number): Promise<boolean> {
  const whole = `"processes":"${processes} of ${processes}"`;
  const isWhole = async (): Promise<boolean> => (await (await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(2_000) })).text()).includes(whole);
  if (await isWhole().catch(() => false)) return true;
  for (const limit = performance.now() + SIBLINGS_MS; performance.now() < limit; await sleep(50)) {
    if (!(await isWhole().catch(() => false))) continue;
    await sleep(AT_ONCE_MS);
    return true;
  }
  return false;
}
