import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { AppError } from '../../domain/errors.ts';
import { hasAnswered } from '../failures.ts';
import type { PostgresLink, PostgresSource } from './postgres.ts';

/**
 * Connections to a server, made so that an outage is noticed and got over:
 *
 * - a server that is gone refuses or breaks connections: callers hear it at once;
 * - a server that hangs (a stopped process, a dead machine behind a switch) answers nothing at all. No time-out of its
 *   own can end that, and a limit on our side for every statement would be either too short for a long statement or
 *   too long for a citizen on the phone. So: when something has not been answered for PATIENCE_MS, another connection is tried.
 *   Does that not come about either, everything that waits ends with an error, after less than three seconds;
 * - whatever broke is thrown away, and the next caller gets a new connection. Nothing needs a restart.
 *
 * Written here because node-postgres' pool counts the wait for a free connection into its connection time-out, and
 * hands out clients whose errors end the process unless somebody listens.
 */
export interface PoolOptions {
  readonly url: string;
  /** Connections at most. */
  readonly connections: number;
  /** The server gives a statement up after this, ms. */
  readonly statementMs: number;
  readonly log?: { warn(facts: object, text: string): void } | undefined;
}

/** To open a connection: name, TLS, sign-in. */
const CONNECT_MS = 2000;
const PATIENCE_MS = 1000;
const PROBE_MS = 1250;
const LOOK_MS = 250;
/** A wait for somebody else's lock, at most. */
const LOCK_MS = 5000;
/** A node that stands still inside a transaction (a pause, a debugger) loses it after this, and with it its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** A statement that the server should have given up long ago. */
const GRACE_MS = 5000;
const IDLE_MS = 60_000;

interface Pooled {
  readonly client: pg.Client;
  readonly socket: Socket;
  readonly link: PostgresLink;
  /** When the oldest unanswered statement was sent, or null. */
  askedAt: number | null;
  idleSince: number;
  broken: boolean;
}

interface Waiter {
  readonly since: number;
  resolve(link: PostgresLink): void;
  reject(error: unknown): void;
}

export function createPostgresPool({ url, connections, statementMs, log }: PoolOptions): PostgresSource {
  const idle: Pooled[] = [];
  const used = new Set<Pooled>();
  const ends = new Set<Promise<void>>();
  let opening = 0;
  let waiters: Waiter[] = [];
  let closed = false;
  let onEmpty: (() => void) | null = null;
  let probing = false;
  let answeredAt = 0;
  // Said once here; every connection is told anew, whatever the role's own defaults are. Outside a transaction nothing
  // can be written: if a BEGIN is given up, the statements sent behind it must not be done one by one.
  const manners = [
    `set statement_timeout = ${Math.trunc(statementMs)}`,
    `set lock_timeout = ${Math.trunc(Math.min(LOCK_MS, statementMs))}`,
    `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    'set session characteristics as transaction read only',
  ].join('; ');

  const look = setInterval(watch, LOOK_MS);
  look.unref();

  async function open(): Promise<Pooled> {
    const { client, socket } = await connectTo(url, CONNECT_MS, manners);
    const ask = (): void => {
      pooled.askedAt ??= performance.now();
    };
    const pooled: Pooled = {
      client,
      socket,
      askedAt: null,
      idleSince: 0,
      broken: false,
      link: {
        database: drizzle(client, { logger: { logQuery: ask } }),
        pipelined: true,
        async command(text) {
          ask();
          // Held back until this turn's promises have run: a BEGIN leaves in one packet with the first statement behind it.
          socket.cork();
          process.nextTick(() => socket.uncork());
          const { command } = await client.query(text);
          // The server answers the COMMIT of a transaction that it has given up with a ROLLBACK, and no error.
          if (text === 'commit' && command !== 'COMMIT') throw new AppError('store.failed', 'the transaction was given up', { retry: 'later', status: 503 });
        },
        release: (broken) => giveBack(pooled, broken),
      },
    };
    client.on('drain', () => (pooled.askedAt = null));
    const broke = (): void => {
      if (pooled.broken) return;
      pooled.broken = true;
      if (!closed) log?.warn({ connections: idle.length + used.size }, 'a database connection broke');
      const at = idle.indexOf(pooled);
      if (at >= 0) {
        idle.splice(at, 1);
        discard(pooled);
      }
    };
    client.on('error', broke).on('end', broke);
    return pooled;
  }

  function hand(pooled: Pooled, waiter: Waiter): void {
    used.add(pooled);
    waiter.resolve(pooled.link);
  }

  /** Opens one more connection for whoever has waited longest. Never rejects. */
  async function openFor(waiter: Waiter): Promise<void> {
    opening += 1;
    try {
      const pooled = await open();
      opening -= 1;
      hand(pooled, waiter);
    } catch (error) {
      opening -= 1;
      waiter.reject(error);
      // Nobody answers: the others need not find out one after the other. A server that only has no room for more still serves those who have a connection.
      if (!hasAnswered(error) || used.size + opening === 0) refuseWaiters(error);
      settle();
    }
  }

  function refuseWaiters(error: unknown): void {
    for (const waiter of waiters.splice(0)) waiter.reject(error);
  }

  function giveBack(pooled: Pooled, broken: boolean): void {
    if (!used.delete(pooled)) throw new TypeError('a database connection was given back twice');
    const usable = !broken && !pooled.broken && !closed && pooled.askedAt === null && pooled.client.getTransactionStatus() === 'I';
    if (!usable) discard(pooled);
    else {
      const waiter = waiters.shift();
      if (waiter !== undefined) hand(pooled, waiter);
      else {
        pooled.idleSince = performance.now();
        idle.push(pooled);
      }
    }
    settle();
  }

  /** After a connection went: room for those who wait, or the end of closing. */
  function settle(): void {
    while (waiters.length > 0 && idle.length + used.size + opening < connections) {
      const waiter = waiters.shift();
      if (waiter !== undefined) void openFor(waiter);
    }
    if (closed && used.size + opening === 0) onEmpty?.();
  }

  function discard(pooled: Pooled): void {
    pooled.broken = true;
    const gone = endOf(pooled).finally(() => ends.delete(gone));
    ends.add(gone);
  }

  function watch(): void {
    const now = performance.now();
    while (idle[0] !== undefined && now - idle[0].idleSince > IDLE_MS) {
      const old = idle.shift();
      if (old !== undefined) discard(old);
    }
    while (waiters[0] !== undefined && now - waiters[0].since > statementMs) {
      waiters.shift()?.reject(new AppError('store.busy', 'no database connection became free', { retry: 'later', status: 503 }));
    }
    const silent = [...used].filter((pooled) => pooled.askedAt !== null && now - pooled.askedAt > PATIENCE_MS);
    for (const pooled of silent) if (pooled.askedAt !== null && now - pooled.askedAt > statementMs + GRACE_MS) pooled.socket.destroy();
    if (silent.length > 0 && !probing && now - answeredAt > PATIENCE_MS) void probe(now);
  }

  async function probe(asked: number): Promise<void> {
    probing = true;
    const error: unknown = await connectTo(url, PROBE_MS).then(
      ({ client, socket }) => void endOf({ client, socket, askedAt: null }),
      (failure: unknown) => failure,
    );
    probing = false;
    answeredAt = performance.now();
    if (error === undefined || hasAnswered(error)) return;
    const silent = [...used].filter((pooled) => pooled.askedAt !== null && pooled.askedAt < asked);
    if (silent.length === 0) return;
    log?.warn({ connections: silent.length }, 'the database does not answer');
    for (const pooled of silent) pooled.socket.destroy();
    // Those that lie idle lead to the same silence.
    for (const pooled of idle.splice(0)) discard(pooled);
    refuseWaiters(error);
  }

  return {
    take() {
      const free = idle.pop();
      if (free !== undefined) {
        used.add(free);
        return Promise.resolve(free.link);
      }
      return new Promise((resolve, reject) => {
        const waiter = { since: performance.now(), resolve, reject };
        if (used.size + opening < connections) void openFor(waiter);
        else waiters.push(waiter);
      });
    },
    async close() {
      closed = true;
      refuseWaiters(new AppError('store.closed', 'the store is closed', { retry: 'later', status: 503 }));
      for (const pooled of idle.splice(0)) discard(pooled);
      // Watched to the end: somebody may be waiting for a server that hangs.
      if (used.size + opening > 0) await new Promise<void>((resolve) => (onEmpty = resolve));
      clearInterval(look);
      await Promise.all(ends);
    },
  };
}

/**
 * One connection. Statements may be sent before those before them have been answered (`pipeline`).
 * @param first sent before anything else, within the same limit
 */
async function connectTo(url: string, limitMs: number, first = ''): Promise<{ readonly client: pg.Client; readonly socket: Socket }> {
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, application_name: 'yihu', pipeline: true, keepAlive: true, keepAliveInitialDelayMillis: 10_000, stream: () => socket });
  client.on('error', () => {}); // told by `connect` and `query` below; without a listener it would end the process
  const limit = setTimeout(() => socket.destroy(), limitMs);
  try {
    await client.connect();
    if (first !== '') await client.query(first);
    return { client, socket };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

/** Says goodbye where that can be heard, and hangs up after a second in any case. */
async function endOf({ client, socket, askedAt }: Pick<Pooled, 'client' | 'socket' | 'askedAt'>): Promise<void> {
  if (socket.destroyed) return;
  if (askedAt !== null) {
    socket.destroy();
    return;
  }
  const limit = setTimeout(() => socket.destroy(), 1000);
  await client.end().catch(() => {});
  clearTimeout(limit);
}
