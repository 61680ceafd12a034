import pg from 'pg';
import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/errors.ts';
import type { Store } from '../../src/store/contract.ts';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { createPostgresPool } from '../../src/store/drivers/postgres-pool.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { POSTGRES_MISSING, privatePostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { testVault } from './support.ts';

/** What a server that dies, hangs or refuses does to the store. On a server of its own: others must not feel it. */
const server = await privatePostgres();

if (server === null) {
  describe.skip('PostgreSQL outages', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  describe('PostgreSQL outages', () => {
    it('lose nothing when the server is killed amid writes and comes back', async () => {
      const { url } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault(), connections: 6 });
      const writers = keepWriting(store, 12);
      await until(async () => writers.committed.size > 100, 'the first hundred writes');
      await server.kill();
      const before = writers.committed.size;
      await until(async () => writers.rejected.length > 20, 'refusals');
      await server.start();
      await until(async () => writers.committed.size > before + 100, 'writes after the return');
      await writers.stop();
      expect(writers.rejected.filter((error) => !isAppError(error) || error.retry !== 'later')).toEqual([]);
      const stored = await idsIn(store);
      expect([...writers.committed].filter((id) => !stored.has(id))).toEqual([]);
      expect([...stored].filter((id) => !writers.begun.has(id))).toEqual([]);
      await store.close();
    });

    it('end every wait while the server hangs, and are over when it goes on', async () => {
      const { url } = await server.migrated();
      const warnings: string[] = [];
      const store = await openPostgresStore({ url, vault: testVault(), connections: 4, log: { warn: (_facts, text) => void warnings.push(text) } });
      await Promise.all(Array.from({ length: 8 }, (_, index) => store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `before-${index}` })]))));
      server.freeze();
      try {
        // More than there are connections: some wait for an answer, the others for a connection.
        const doors = Array.from({ length: 12 }, (_, index) =>
          (index % 3 === 0 ? store.read((repos) => repos.outbox.pending('before-1')) : store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `frozen-${index}` })]))).then(() => 'done', (error: unknown) => error),
        );
        for (const outcome of await Promise.all(doors)) expect(outcome).toMatchObject({ name: 'AppError', retry: 'later' });
        await expect(store.ping()).rejects.toMatchObject({ retry: 'later' });
        expect(warnings).toContain('the database does not answer');
      } finally {
        server.thaw();
      }
      await until(() => store.ping().then(() => true, () => false), 'an answer');
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'after' })]));
      expect(await idsIn(store)).toContain('after');
      await store.close();
    });

    it('do not keep a store from closing', async () => {
      const { url } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault(), connections: 1 });
      await store.ping();
      server.freeze();
      try {
        const doors = [1, 2].map((index) => store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `closing-${index}` })])).catch((error: unknown) => error));
        await store.close();
        for (const outcome of await Promise.all(doors)) expect(outcome).toMatchObject({ name: 'AppError', retry: 'later' });
      } finally {
        server.thaw();
      }
    });

    /** All at once, as they wait more than they do; each in a database of its own. */
    describe.concurrent('and what only looks like one', () => {
      it('leave alone what only takes long', async () => {
        const { url } = await server.migrated();
        const store = await openPostgresStore({ url, vault: testVault(), connections: 2 });
        const beneath = await connected(url);
        await beneath.query("begin; select pg_advisory_xact_lock(hashtextextended('outbox L', 0))");
        const write = store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'patient', lane: 'L' })]));
        await beneath.query('select pg_sleep(2)'); // longer than the patience with a silent server
        await beneath.query('commit');
        await write;
        expect(await idsIn(store)).toEqual(new Set(['patient']));
        await beneath.end();
        await store.close();
      });

      it('give a wait for a lock up after its time, as something to try later', async () => {
        const { url } = await server.migrated();
        const store = await openPostgresStore({ url, vault: testVault(), connections: 2, statementMs: 300 });
        const beneath = await connected(url);
        await beneath.query("begin; select pg_advisory_xact_lock(hashtextextended('outbox L', 0))");
        await expect(store.write((repos) => repos.outbox.add([anOutboxDraft({ lane: 'L' })]))).rejects.toMatchObject({ code: 'store.busy', retry: 'later' });
        await beneath.query('rollback');
        await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'next', lane: 'L' })]));
        expect(await idsIn(store)).toEqual(new Set(['next']));
        await beneath.end();
        await store.close();
      });

      it('refuse who waits too long for a connection, and serve who comes next', async () => {
        const { url } = await server.migrated();
        const store = await openPostgresStore({ url, vault: testVault(), connections: 1, statementMs: 300 });
        let release = (): void => {};
        const held = new Promise<void>((resolve) => (release = resolve));
        const reading = store.read(async () => held);
        await expect(store.read((repos) => repos.outbox.pending('x'))).rejects.toMatchObject({ code: 'store.busy', retry: 'later' });
        release();
        await reading;
        expect(await store.read((repos) => repos.outbox.pending('x'))).toBe(false);
        await store.close();
      });

      it('get over a session that the server ends', async () => {
        const { url } = await server.migrated();
        const store = await openPostgresStore({ url, vault: testVault(), connections: 2 });
        const beneath = await connected(url);
        const end = () => beneath.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
        await store.ping();
        await end();
        await until(() => store.ping().then(() => true, () => false), 'a connection');
        // Amid a write: what was done is undone, and the caller hears it.
        const cut = store.write(async (repos) => {
          await repos.outbox.add([anOutboxDraft({ id: 'undone' })]);
          await end();
          await repos.outbox.add([anOutboxDraft({ id: 'undone too' })]);
        });
        await expect(cut).rejects.toMatchObject({ name: 'AppError', retry: 'later' });
        expect(await idsIn(store)).toEqual(new Set());
        await beneath.end();
        await store.close();
      });

      it('never write outside a transaction', async () => {
        const { url } = await server.migrated();
        await (await openPostgresStore({ url, vault: testVault() })).close();
        const pool = createPostgresPool({ url, connections: 1, statementMs: 1000 });
        const link = await pool.take();
        // As if the BEGIN before it had been given up.
        await expect(link.database.execute(sql`insert into ticket_sequences values ('20261122', 1)`)).rejects.toMatchObject({ cause: { code: '25006' } });
        link.release(false);
        await pool.close();
      });

      it('say that a server refuses more connections, and work with those there are', async () => {
        const { url } = await server.migrated();
        const beneath = await connected(url);
        await (await openPostgresStore({ url, vault: testVault() })).close();
        await beneath.query('create role guest login connection limit 2; grant all on all tables in schema public to guest; grant usage on all sequences in schema public to guest');
        const asGuest = new URL(url);
        asGuest.username = 'guest';
        const pool = createPostgresPool({ url: asGuest.href, connections: 8, statementMs: 5000 });
        const links = await Promise.allSettled(Array.from({ length: 4 }, () => pool.take()));
        const taken = links.flatMap((link) => (link.status === 'fulfilled' ? [link.value] : []));
        expect(taken).toHaveLength(2);
        for (const link of taken) {
          await link.command('select 1');
          link.release(false);
        }
        const again = await pool.take();
        await again.command('select 1');
        again.release(false);
        await pool.close();
        await beneath.end();
      });
    });
  });
}

/** Writes rows with ids of its own, `width` at a time, until told to stop; goes on after a refusal. */
function keepWriting(store: Store, width: number) {
  const begun = new Set<string>();
  const committed = new Set<string>();
  const rejected: unknown[] = [];
  let going = true;
  const writers = Array.from({ length: width }, async (_, writer) => {
    for (let index = 0; going; index += 1) {
      const id = `w${writer}-${index}`;
      begun.add(id);
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id, lane: `lane ${writer}` })])).then(() => committed.add(id), (error: unknown) => rejected.push(error));
    }
  });
  return {
    begun,
    committed,
    rejected,
    async stop() {
      going = false;
      await Promise.all(writers);
    },
  };
}

async function idsIn(store: Store): Promise<ReadonlySet<string>> {
  const lanes = await store.read((repos) => repos.outbox.dueLanes(Number.MAX_SAFE_INTEGER, 1000));
  const rows = await store.read(async (repos) => {
    const found = [];
    for (const lane of lanes) found.push(...(await repos.outbox.due(lane, Number.MAX_SAFE_INTEGER, 1_000_000)));
    return found;
  });
  return new Set(rows.map((row) => row.id));
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
