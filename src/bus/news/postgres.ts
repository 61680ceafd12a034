import pg from 'pg';
import type { News } from '../news.ts';
import { within } from '../outcome.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { unwrap } from './envelope.ts';
import { createListeners } from './listeners.ts';
import { createOutbound } from './outbound.ts';

export interface PostgresNewsOptions {
  /** `postgres://…`. A connection of its own, outside the store's pool; not through a pooler that shares connections between transactions. */
  readonly url: string;
  /** Unique per process start: a node does not hear itself. */
  readonly nodeId: string;
  /** Name of the channel; `yihu_news` unless told. Letters, digits and `_`. */
  readonly channel?: string | undefined;
  /** A code a trouble, not once for every failed try. */
  readonly onTrouble: (code: string) => void;
  /** Between two signs of life of the connection, ms; 10,000 unless told. */
  readonly beatMs?: number | undefined;
}

/** A start waits this long for the server. */
const OPEN_MS = 1_000;
/** PostgreSQL refuses payloads of 8,000 bytes and more (https://www.postgresql.org/docs/current/sql-notify.html). */
const MAX_BYTES = 7_900;
/** A statement that takes longer has failed: its connection is thrown away. */
const STATEMENT_MS = 3_000;
const MAX_RECONNECT_MS = 2_000;

/** News over LISTEN and NOTIFY, for several nodes without Redis. One connection both hears and speaks. */
export function createPostgresNews({ url, nodeId, channel = 'yihu_news', onTrouble, beatMs = 10_000 }: PostgresNewsOptions): News {
  const trouble = tellSeldom(onTrouble);
  const listeners = createListeners(trouble);
  let client: pg.Client | null = null;
  let tries = 0;
  let again: NodeJS.Timeout | null = null;
  let beat: NodeJS.Timeout | null = null;
  let running = false;

  const lose = (lost: pg.Client, error: unknown): void => {
    if (client === lost) client = null;
    if (running) trouble(error);
    void hangUp(lost);
    retry();
  };

  const retry = (): void => {
    if (!running || again !== null || client !== null) return;
    again = setTimeout(() => {
      again = null;
      void connect();
    }, Math.min(MAX_RECONNECT_MS, 25 * 2 ** Math.min(tries, 10)));
    tries += 1;
  };

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, application_name: 'yihu news', connectionTimeoutMillis: 5_000, statement_timeout: STATEMENT_MS, query_timeout: STATEMENT_MS, keepAlive: true });
    fresh.on('error', (error) => lose(fresh, error));
    fresh.on('end', () => {
      if (client === fresh) lose(fresh, new Error('the connection ended'));
    });
    fresh.on('notification', ({ channel: on, payload }) => {
      if (on === channel) listeners.tell(unwrap(payload ?? '', nodeId));
    });
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      lose(fresh, error);
      return;
    }
    if (!running) return hangUp(fresh);
    client = fresh;
    tries = 0;
  };

  const outbound = createOutbound(nodeId, MAX_BYTES, async (messages) => {
    const speaking = client;
    if (speaking === null) return; // dropped: whoever misses it reads the store by watermark, poll or sweep
    try {
      await speaking.query('select pg_notify($1, message) from unnest($2::text[]) as message', [channel, messages]);
    } catch (error) {
      lose(speaking, error);
    }
  });

  return {
    publish: outbound.publish,
    subscribe: listeners.add,
    start: async () => {
      if (running) return;
      running = true;
      // A server that went away without a word leaves a connection that hears nothing for ever.
      beat = setInterval(() => {
        const alive = client;
        alive?.query('select 1').catch((error: unknown) => lose(alive, error));
      }, beatMs);
      beat.unref();
      await within(connect(), OPEN_MS);
    },
    stop: async () => {
      await outbound.stop();
      running = false;
      if (beat !== null) clearInterval(beat);
      if (again !== null) clearTimeout(again);
      const last = client;
      client = null;
      if (last !== null) await within(hangUp(last), OPEN_MS);
    },
    connected: () => client !== null,
  };
}

/** Ends a connection, whatever state it is in. */
async function hangUp(client: pg.Client): Promise<void> {
  if (!(await within(client.end(), 1_000))) client.connection.stream.destroy();
}
