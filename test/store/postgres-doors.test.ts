import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { servePostgres } from '../../src/store/drivers/postgres.ts';
import { POSTGRES_MIGRATIONS } from '../../src/store/drivers/postgres-migrations.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { until } from '../support/until.ts';
import { testVault } from './support.ts';

/** What was sent without waiting for its answer, and failed. The connection is one inside this process, and fails where it is told to. */
describe('statements sent ahead', () => {
  let client: PGlite;
  let store: Store;
  const failing = new Map<string, Error>();
  const releases: boolean[] = [];

  beforeAll(async () => {
    client = await PGlite.create();
    const database = drizzle(client);
    await migrate(database, POSTGRES_MIGRATIONS);
    const link = {
      database,
      pipelined: true,
      async command(text: string) {
        const [verb = ''] = text.split(' ');
        const failure = failing.get(verb);
        if (failure !== undefined) throw failure;
        await client.exec(text);
      },
      release: (broken: boolean) => void releases.push(broken),
    };
    store = servePostgres({ take: async () => link, close: () => client.close() }, testVault());
  });
  afterAll(() => store.close());

  const lost = (code: string): Error => Object.assign(new Error('said by the server'), { code });

  it.each(['read', 'write'] as const)('a %s whose BEGIN was given up rejects with that, and gives its connection back once', async (kind) => {
    failing.set('begin', lost('57014'));
    const door = kind === 'read' ? store.read((repos) => repos.outbox.pending('x')) : store.write((repos) => repos.outbox.pending('x'));
    await expect(door).rejects.toMatchObject({ code: 'store.busy', retry: 'later', details: { code: '57014' } });
    failing.clear();
    expect(releases.splice(0)).toEqual([false]);
  });

  it('a write whose lock failed rejects with that, not with what came of it', async () => {
    await client.exec('alter function pg_advisory_xact_lock(bigint) rename to hidden');
    const write = store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'unprotected' })]));
    // 42883: there is no such function. The insert behind it only heard that the transaction is lost (25P02).
    await expect(write).rejects.toMatchObject({ code: 'store.failed', details: { code: '42883' } });
    expect(releases.splice(0)).toEqual([false]);
    await client.exec('alter function hidden(bigint) rename to pg_advisory_xact_lock');
    expect(await store.read((repos) => repos.outbox.pending('unprotected'))).toBe(false);
    // A read's caller goes on before the connection has ended its transaction.
    await until(async () => releases.length > 0, 'the end of the transaction');
    expect(releases.splice(0)).toEqual([false]);
  });

  it('a connection that cannot even roll back is not used again', async () => {
    failing.set('commit', lost('ECONNRESET')).set('rollback', lost('ECONNRESET'));
    await expect(store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'cut' })]))).rejects.toMatchObject({ code: 'store.failed', retry: 'later' });
    expect(releases.splice(0)).toEqual([true]);
    failing.clear();
    await client.exec('rollback');
  });
});
