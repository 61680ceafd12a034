import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import type { Repositories } from '../../src/store/contract.ts';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { aKnowledgeEntry, anActivityDraft, anOutboxDraft } from '../factories/index.ts';
import { EMPTY, storeContract } from '../contracts/store.contract.ts';
import { makeConversation, NOW } from '../contracts/store/support.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { gate } from './gate.ts';
import { testVault } from './support.ts';

/** The contract on a real server, in databases of its own that are dropped afterwards. */
const server = await postgresForTests();

if (server === null) {
  describe.skip('store contract: PostgreSQL server', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  storeContract('PostgreSQL server', async () => {
    const { url, drop } = await server.migrated();
    const store = await openPostgresStore({ url, vault: testVault() });
    const beneath = new pg.Pool({ connectionString: url, max: 2 });
    beneath.on('error', () => {}); // dropping the database ends connections that are still closing
    // As a function their plans are kept: a sixth of the time.
    await beneath.query(`create function empty_tables() returns void language plpgsql as $$ begin ${EMPTY.join(';')}; end $$`);
    return {
      store,
      raw: async (statement) => (await beneath.query<Record<string, unknown>>(statement)).rows,
      // No values, so that PostgreSQL takes them all at once, in one transaction.
      script: async (statements) => void (await beneath.query(statements.join(';'))),
      empty: async () => void (await beneath.query('select empty_tables()')),
      async close() {
        await store.close();
        await beneath.end();
        await drop();
      },
    };
  });

  describe('PostgreSQL server', () => {
    it('lets several processes start at once on an empty database', async () => {
      const { url, drop } = await server.fresh();
      const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore({ url, vault: testVault(), connections: 2 })));
      await Promise.all(stores.map((store) => store.ping()));
      await Promise.all(stores.map((store) => store.close()));
      await drop();
    });

    it('tells for how long somebody has been writing, and of nobody who only reads', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const writingFor = () => store.read((repos) => repos.measureSources.writingFor());
      const written = gate();
      const told = gate();
      const writing = store.write(async (repos) => {
        await repos.outbox.add([anOutboxDraft()]);
        written.open();
        await told.opened;
      });
      await written.opened;
      expect(await writingFor()).toBeGreaterThan(0);
      told.open();
      await writing;
      // A read's caller goes on before its transaction has ended, so the look before this one may still be seen.
      await until(async () => (await writingFor()) === 0, 'nobody who writes');
      await store.close();
      await drop();
    });

    it('reads one moment, whatever is committed meanwhile', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const { id } = await makeConversation(store);
      const seen: (number | undefined)[] = [];
      const looked = gate();
      const written = gate();
      const reading = store.read(async ({ conversations }) => {
        seen.push((await conversations.get(id))?.lastSeq);
        looked.open();
        await written.opened;
        seen.push((await conversations.get(id))?.lastSeq);
      });
      await looked.opened;
      await store.write((repos) => repos.activities.append(id, [anActivityDraft()]));
      written.open();
      await reading;
      seen.push((await store.read(({ conversations }) => conversations.get(id)))?.lastSeq);
      expect(seen).toEqual([0, 0, 1]);
      await store.close();
      await drop();
    });

    it('gives rows of one lane positions in the order of commits', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const beneath = new pg.Client({ connectionString: url });
      await beneath.connect();
      const added = gate();
      const looked = gate();
      const first = store.write(async (repos) => {
        await repos.outbox.add([anOutboxDraft({ id: 'first', lane: 'L' })]);
        added.open();
        await looked.opened;
      });
      await added.opened;
      let committed = false;
      const second = store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'second', lane: 'L' })])).then(() => (committed = true));
      await waitingOr(beneath, () => committed);
      // Were the second in now, a relay would carry it before the first.
      expect(await store.read((repos) => repos.outbox.due('L', NOW, 10))).toEqual([]);
      looked.open();
      await Promise.all([first, second]);
      expect((await store.read((repos) => repos.outbox.due('L', NOW, 10))).map((row) => row.id)).toEqual(['first', 'second']);
      await beneath.end();
      await store.close();
      await drop();
    });

    it('shows changes of knowledge in the order of their numbers', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const beneath = new pg.Client({ connectionString: url });
      await beneath.connect();
      const publish = (repos: Repositories, id: string) => repos.knowledge.publish({ entry: aKnowledgeEntry({ id }), revision: 1, origin: 'desk', now: NOW });
      const numbered = gate();
      const looked = gate();
      const first = store.write(async (repos) => {
        await publish(repos, 'x.first');
        numbered.open();
        await looked.opened;
      });
      await numbered.opened;
      let committed = false;
      const second = store.write((repos) => publish(repos, 'x.second')).then(() => (committed = true));
      await waitingOr(beneath, () => committed);
      // Were the second in now, with a greater number, a reader would go on from there and never see the first.
      expect(await store.read((repos) => repos.knowledge.changeSeq())).toBe(0);
      looked.open();
      await Promise.all([first, second]);
      expect((await store.read((repos) => repos.knowledge.changes(0, 10))).map((row) => row.id)).toEqual(['x.first', 'x.second']);
      await beneath.end();
      await store.close();
      await drop();
    });

    it('lets nobody take a lane over between the look at the fence and the commit', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const beneath = new pg.Client({ connectionString: url });
      await beneath.connect();
      const acquire = (now: number) => store.write((repos) => repos.lanes.acquire('L', 'me', now, 100));
      const fence = (await acquire(NOW)) ?? 0;
      const looked = gate();
      const go = gate();
      const order: string[] = [];
      const holder = store.write(async (repos) => {
        await repos.lanes.assertFence('L', fence);
        looked.open();
        await go.opened;
        order.push('effect');
      });
      await looked.opened;
      let taken = false;
      const other = acquire(NOW + 100).then((next) => {
        taken = true;
        order.push('taken');
        return next;
      });
      await waitingOr(beneath, () => taken);
      expect(order).toEqual([]);
      go.open();
      await holder;
      expect(await other).toBeGreaterThan(fence);
      expect(order).toEqual(['effect', 'taken']);
      await beneath.end();
      await store.close();
      await drop();
    });

    it('runs a write again that met another in a ring', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      const runs = { a: 0, b: 0 };
      const gates = { a: gate(), b: gate() };
      // Each holds one lane, waits until the other holds the other, and then asks for it.
      const inOrder = (name: 'a' | 'b', other: 'a' | 'b') =>
        store.write(async (repos) => {
          runs[name] += 1;
          await repos.outbox.add([anOutboxDraft({ lane: name })]);
          gates[name].open();
          await gates[other].opened;
          await repos.outbox.add([anOutboxDraft({ lane: other })]);
        });
      await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')]);
      expect(await store.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 4 });
      expect(runs.a + runs.b).toBe(3);
      await store.close();
      await drop();
    });

    it('claims around what others are at, without waiting for them', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault() });
      await store.write((repos) => repos.outbox.add(['A', 'B', 'C', 'D', 'E'].map((lane, index) => anOutboxDraft({ lane, availableAt: NOW - 50 + index }))));
      const late = (await store.write((repos) => repos.lanes.acquire('C', 'late', NOW - 500, 100))) ?? 0;
      const go = gate();
      const amid = async (fn: (repos: Repositories) => Promise<unknown>): Promise<{ readonly end: Promise<void> }> => {
        const done = gate();
        const end = store.write(async (repos) => {
          await fn(repos);
          done.open();
          await go.opened;
        });
        await done.opened;
        return { end };
      };
      const claims: string[] = [];
      const open = [
        await amid(async (repos) => claims.push(...(await repos.lanes.claimDue('one', NOW, 100, 1)).map(({ lane }) => lane))),
        await amid((repos) => repos.lanes.acquire('B', 'two', NOW, 100)),
        // Its lease is over, and it does not know yet.
        await amid((repos) => repos.lanes.assertFence('C', late)),
      ];
      const rest = await store.write((repos) => repos.lanes.claimDue('three', NOW, 100, 10));
      expect(claims).toEqual(['A']);
      expect(rest.map(({ lane }) => lane)).toEqual(['D', 'E']);
      go.open();
      await Promise.all(open.map(({ end }) => end));
      expect((await store.write((repos) => repos.lanes.claimDue('four', NOW, 100, 10))).map(({ lane }) => lane)).toEqual(['C']);
      await store.close();
      await drop();
    });

    it('says that a server is not there, as something to try later', async () => {
      await expect(openPostgresStore({ url: 'postgres://nobody@127.0.0.1:1/none', vault: testVault() })).rejects.toMatchObject({ name: 'AppError', code: 'store.failed', retry: 'later' });
    });
  });
}

/** Until something waits for a lock, or `over` says that it did not have to. */
async function waitingOr(beneath: pg.Client, over: () => boolean): Promise<void> {
  while (!over()) {
    const { rows } = await beneath.query<{ waits: string }>('select count(*) as waits from pg_locks where not granted');
    if (Number(rows[0]?.waits) > 0) return;
  }
}
