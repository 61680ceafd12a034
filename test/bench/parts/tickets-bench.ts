import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Client from 'better-sqlite3';
import pg from 'pg';
import { migrateSqlite, openSqliteStore } from '../../../src/store/drivers/sqlite.ts';
import { openPostgresStore } from '../../../src/store/drivers/postgres.ts';
import { createVault, type Store } from '../../../src/store/index.ts';
import { POSTGRES_MISSING, postgresForTests, privatePostgres } from '../../support/postgres.ts';
import { ownCpuMs } from '../processor.ts';
import { percentile } from '../statistics.ts';
import { SkippedError, type Bench, type BenchContext, type Figure } from '../types.ts';
import { fillPostgres, fillSqlite } from './tickets-fill.ts';
import { openOne, viewsAt } from './tickets-views.ts';

/** Desk views over a city's tickets: `npm run bench -- tickets` (SQLite, --rows tickets, ten events each) and `tickets-pg` (a tenth of --rows). */

const OPEN_MS = 5;
const VIEW_MS = 50;
const SWEEP_MS = 100;
const RUNS = 50;
const PAGE = 50;
/** The newest ticket; what is due is due then. */
export const UNTIL = Date.parse('2026-11-23T08:00:00+08:00');

export const ticketBenches: readonly Bench[] = [
  {
    name: 'tickets',
    about: 'desk views, search, one ticket and due work over --rows tickets with ten events each, SQLite',
    long: true,
    needs: ['alike'],
    run: async (context) => {
      const file = join(context.folder, 'tickets.sqlite3');
      await migrateSqlite(file);
      const client = new Client(file);
      await fillSqlite(client, { rows: context.sizes.rows, until: UNTIL, stop: context.stop, progress: (part, doing) => context.progress(part * 0.6, doing) });
      const ids = client.prepare<[number], { readonly id: string }>('select id from tickets where rowid % max(1, (select max(rowid) from tickets) / ?) = 0 limit 50').all(RUNS).map(({ id }) => id);
      client.close();
      return measureTickets(context, openSqliteStore({ file, vault: createVault(randomBytes(32)) }), ids);
    },
  },
  {
    name: 'tickets-pg',
    about: 'the same on PostgreSQL, a tenth of --rows',
    long: true,
    run: async (context) => {
      const server = ((process.env['DATABASE_URL'] ?? '') === '' ? await privatePostgres() : null) ?? (await postgresForTests());
      if (server === null) throw new SkippedError(POSTGRES_MISSING);
      try {
        const database = await server.fresh();
        try {
          const store = await openPostgresStore({ url: database.url, vault: createVault(randomBytes(32)) });
          const client = new pg.Client({ connectionString: database.url });
          await client.connect();
          await fillPostgres(client, { rows: Math.ceil(context.sizes.rows / 10), until: UNTIL, stop: context.stop, progress: (part, doing) => context.progress(part * 0.6, doing) });
          const { rows } = await client.query<{ readonly id: string }>('select id from tickets tablesample bernoulli (1) limit 50');
          await client.end();
          return await measureTickets(context, store, rows.map(({ id }) => id));
        } finally {
          await database.drop();
        }
      } finally {
        await server.close();
      }
    },
  },
];

/** Closes the store. Wall time is what a desk waits; processor time is this process's, on SQLite all of it. */
export async function measureTickets({ progress, stop }: Pick<BenchContext, 'progress' | 'stop'>, store: Store, ids: readonly string[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const measure = async (what: string, limit: number, act: (run: number) => Promise<number>): Promise<void> => {
    if (stop.aborted) return;
    await act(0);
    const [wall, cpu]: [number[], number[]] = [[], []];
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run += 1) {
      const [at, spent] = [performance.now(), ownCpuMs()];
      least = Math.min(least, await act(run));
      wall.push(performance.now() - at);
      cpu.push(ownCpuMs() - spent);
    }
    const [sorted, spent] = [wall.toSorted((a, b) => a - b), cpu.toSorted((a, b) => a - b)];
    const shown = (from: readonly number[], part: number): string => percentile(from, part).toFixed(1);
    figures.push({ what, unit: 'ms', rounds: [percentile(sorted, 0.5)], budget: { limit, kind: 'most' }, note: `p99 ${shown(sorted, 0.99)}; processor p50 ${shown(spent, 0.5)}, p99 ${shown(spent, 0.99)}; at least ${least} rows` });
  };
  try {
    await measure('open one: ticket, events, clocks, files, requests', OPEN_MS, (run) => store.read((repos) => openOne(repos, ids[run % ids.length] ?? '')));
    const views = viewsAt(UNTIL);
    for (const [index, { name, of }] of views.entries()) {
      progress(0.6 + (0.35 * index) / views.length, name);
      await measure(`list: ${name}`, VIEW_MS, async (run) => (await store.read((repos) => repos.tickets.list({ ...of(run), limit: PAGE }))).length);
    }
    await measure('due work: 200 clocks and the next moment', SWEEP_MS, (run) => store.read(async ({ clocks }) => (await clocks.due(UNTIL - run, 200)).length + Number((await clocks.nextAt()) !== null)));
    return figures;
  } finally {
    await store.close();
  }
}
