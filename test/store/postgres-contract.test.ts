import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { anActivityDraft, anOutboxDraft } from '../factories/index.ts';
import { storeContract } from '../contracts/store.contract.ts';
import { makeConversation, NOW } from '../contracts/store/support.ts';
import { testVault } from './support.ts';

/**
 * The contract on a real server, in a database of its own that is dropped afterwards. `DATABASE_URL` says where (its
 * role must be allowed to create databases), else the local port 5432 is tried; without either this file is skipped.
 */
const serverUrl = await reachableServer();

if (serverUrl === null) {
  describe.skip('store contract: PostgreSQL server', () => {
    it('needs a server: set DATABASE_URL or start one on 127.0.0.1:5432', () => {});
  });
} else {
  storeContract('PostgreSQL server', async () => {
    const { url, drop } = await freshDatabase(serverUrl);
    const store = await openPostgresStore({ url, vault: testVault() });
    const beneath = new pg.Pool({ connectionString: url, max: 2 });
    return {
      store,
      raw: async (statement) => (await beneath.query<Record<string, unknown>>(statement)).rows,
      async close() {
        await store.close();
        await beneath.end();
        await drop();
      },
    };
  });

  describe('PostgreSQL server', () => {
    it('lets several processes start at once on an empty database', async () => {
      const { url, drop } = await freshDatabase(serverUrl);
      const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore({ url, vault: testVault(), connections: 2 })));
      await Promise.all(stores.map((store) => store.ping()));
      await Promise.all(stores.map((store) => store.close()));
      await drop();
    });

    it('reads one moment, whatever is committed meanwhile', async () => {
      const { url, drop } = await freshDatabase(serverUrl);
      const store = await openPostgresStore({ url, vault: testVault() });
      const { id } = await makeConversation(store);
      const seen: (number | undefined)[] = [];
      let wrote: Promise<unknown> = Promise.resolve();
      await store.read(async ({ conversations }) => {
        seen.push((await conversations.get(id))?.lastSeq);
        await wrote;
        seen.push((await conversations.get(id))?.lastSeq);
      });
      wrote = store.write((repos) => repos.activities.append(id, [anActivityDraft()]));
      await wrote;
      seen.push((await store.read(({ conversations }) => conversations.get(id)))?.lastSeq);
      expect(seen).toEqual([0, 0, 1]);
      await store.close();
      await drop();
    });

    it('gives rows of one lane positions in the order of commits', async () => {
      const { url, drop } = await freshDatabase(serverUrl);
      const nodes = await Promise.all([1, 2].map(() => openPostgresStore({ url, vault: testVault(), connections: 8 })));
      const carried: string[] = [];
      // A relay that only ever looks forward: a row that turned up behind its last position would be lost to it.
      let last = 0;
      let adding = true;
      const relay = (async () => {
        while (adding) {
          const rows = await nodes[0]?.read((repos) => repos.outbox.due('L', NOW, 1000));
          for (const row of rows ?? []) if (row.position > last) carried.push(row.id), (last = row.position);
        }
      })();
      await Promise.all(Array.from({ length: 120 }, (_, index) => nodes[index % 2]?.write((repos) => repos.outbox.add([anOutboxDraft({ id: `r${index}`, lane: 'L' }), anOutboxDraft({ id: `s${index}`, lane: 'M' })]))));
      adding = false;
      await relay;
      const rest = await nodes[0]?.read((repos) => repos.outbox.due('L', NOW, 1000));
      for (const row of rest ?? []) if (row.position > last) carried.push(row.id);
      expect(new Set(carried).size).toBe(120);
      await Promise.all(nodes.map((node) => node.close()));
      await drop();
    });

    it('runs a write again that met another in a ring', async () => {
      const { url, drop } = await freshDatabase(serverUrl);
      const store = await openPostgresStore({ url, vault: testVault() });
      let runs = 0;
      const inOrder = (lanes: readonly string[]) =>
        store.write(async (repos) => {
          runs += 1;
          for (const lane of lanes) await repos.outbox.add([anOutboxDraft({ lane })]);
        });
      await Promise.all(Array.from({ length: 20 }, (_, index) => inOrder(index % 2 === 0 ? ['A', 'B', 'C'] : ['C', 'B', 'A'])));
      expect(await store.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 60 });
      expect(runs).toBeGreaterThanOrEqual(20);
      await store.close();
      await drop();
    });

    it('says that a server is not there, as something to try later', async () => {
      await expect(openPostgresStore({ url: 'postgres://nobody@127.0.0.1:1/none', vault: testVault() })).rejects.toMatchObject({ name: 'AppError', code: 'store.failed', retry: 'later' });
    });
  });
}

async function reachableServer(): Promise<string | null> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return given;
  const open = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 5432, timeout: 500 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
  return open ? 'postgres://postgres@127.0.0.1:5432/postgres' : null;
}

async function freshDatabase(server: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `yihu_test_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}
