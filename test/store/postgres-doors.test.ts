import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { servePostgres } from '../../src/store/drivers/postgres.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { type AnyPostgres, openAnyPostgres } from '../support/any-postgres.ts';
import { until } from '../support/until.ts';
import { testVault } from './support.ts';

/** What was sent without waiting for its answer, and failed. The one connection fails where it is told to. */
describe('statements sent ahead', () => {
  let postgres: AnyPostgres;
  let store: Store;
  const failing = new Map<string, Error>();
  const releases: boolean[] = [];

  beforeAll(async () => {
    postgres = await openAnyPostgres('migrated');
    const link = {
      database: postgres.database,
      pipelined: true,
      async command(text: string) {
        const [verb = ''] = text.split(' ');
        const failure = failing.get(verb);
        if (failure !== undefined) throw failure;
        await postgres.exec(text);
      },
      release: (broken: boolean) => void releases.push(broken),
    };
    store = servePostgres({ take: async () => link, close: () => postgres.close() }, testVault());
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
    await postgres.exec(`create function public.pg_advisory_xact_lock(bigint) returns void language plpgsql as $$ begin raise exception using errcode = '42883'; end $$; set search_path = public, pg_catalog`);
    const write = store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'unprotected' })]));
    // 42883: there is no such function, says one in its place. The insert behind it only heard that the transaction is lost (25P02).
    await expect(write).rejects.toMatchObject({ code: 'store.failed', details: { code: '42883' } });
    expect(releases.splice(0)).toEqual([false]);
    await postgres.exec('drop function public.pg_advisory_xact_lock(bigint); reset search_path');
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
    await postgres.exec('rollback');
  });
});
