import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Client from 'better-sqlite3';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStore, sqliteFile } from '../../src/store/index.ts';
import { exportStore, type Place } from '../../src/store/transfer/export.ts';
import { importStore } from '../../src/store/transfer/import.ts';
import { TRANSFER_TABLES } from '../../src/store/transfer/tables.ts';
import { createVault } from '../../src/store/vault.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { NOW } from '../contracts/store/support.ts';
import { TABLES } from '../contracts/store.contract.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { putTables } from '../support/sqlite-template.ts';
import { temporaryFolder, testVault } from './support.ts';
import { AWKWARD, everything, fill } from './transfer-support.ts';

const server = await postgresForTests();
const vault = testVault();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());
afterAll(() => server?.close());

const at = (name: string): Place & { readonly dataDir: string } => ({ dataDir: join(folder.path, name) });
const path = (name: string): string => join(folder.path, name);
const save = (place: Place, file: string) => exportStore({ place, vault, file: path(file), now: () => NOW });
const load = (place: Place, file: string) => importStore({ place, vault, file: path(file) });

async function filled(name: string, activities = 20): Promise<ReturnType<typeof at>> {
  const place = at(name);
  await putTables(place.dataDir);
  const store = await createStore({ ...place, vault, synchronous: 'NORMAL' });
  await fill(store, activities);
  await store.close();
  return place;
}

/** Nothing of a refused import remains, and the next one is not in its way. */
function expectNothing(place: { readonly dataDir: string }): void {
  expect(existsSync(place.dataDir) ? readdirSync(place.dataDir) : []).toEqual([]);
}

describe('transfer', () => {
  it('knows every table, those that others refer to first', () => {
    const names = TRANSFER_TABLES.map((table) => table.name);
    expect(names.toSorted()).toEqual([...TABLES].toSorted());
    expect(names.indexOf('citizens')).toBeLessThan(names.indexOf('conversations'));
    expect(names.indexOf('tickets')).toBeLessThan(names.indexOf('ticket_events'));
  });

  it('moves every table of SQLite, row by row, and goes on counting where it stopped', async () => {
    const from = await filled('from', 2500);
    const to = at('to');
    const seen: number[] = [];
    const report = await exportStore({ place: from, vault, file: path('all.jsonl.gz'), now: () => NOW, onProgress: ({ done, total }) => seen.push(done / total) });
    expect(Object.entries(report.tables).filter(([, count]) => count === 0)).toEqual([]);
    expect(seen.at(-1)).toBe(1);
    expect(statSync(path('all.jsonl.gz')).mode & 0o077).toBe(0);
    expect(await load(to, 'all.jsonl.gz')).toEqual({ ...report, trailBrokenAt: null });
    expect(everything(sqliteFile(to.dataDir))).toEqual(everything(sqliteFile(from.dataDir)));
    expect(readdirSync(to.dataDir).filter((name) => name.includes('importing'))).toEqual([]);
    const store = await createStore({ ...to, vault });
    await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'next', lane: 'L' })]));
    // 1 was `r1`, 2 was completed before the export: no position is given out twice.
    expect((await store.read((repos) => repos.outbox.due('L', NOW, 5))).map((row) => row.position)).toEqual([3]);
    await store.close();
  });

  it('carries sealed values sealed, and nothing in the clear that was not', async () => {
    await save(await filled('from'), 'all.jsonl.gz');
    const text = gunzipSync(readFileSync(path('all.jsonl.gz'))).toString('utf8');
    expect(text).toContain('v1.');
    expect(text).not.toContain('13800138000');
  });

  it('takes one moment while others go on writing', async () => {
    const from = await filled('from', 3000);
    const store = await createStore({ ...from, vault });
    let writes: Promise<unknown> = Promise.resolve();
    const report = await exportStore({ place: from, vault, file: path('all.jsonl'), now: () => NOW, onProgress: () => (writes = writes.then(() => store.write((repos) => repos.outbox.add([anOutboxDraft()])))) });
    await writes;
    await store.close();
    expect(report.tables['outbox']).toBe(1);
    expect((await load(at('to'), 'all.jsonl')).rows).toBe(report.rows);
  });

  it('refuses a file that was cut off, wherever, and leaves nothing', async () => {
    const from = await filled('from');
    await save(from, 'all.jsonl');
    const whole = readFileSync(path('all.jsonl'));
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (const end of [0, 20, whole.indexOf(10) + 1, Math.floor(whole.length / 2), lastLine, whole.length - 5]) {
      writeFileSync(path('cut.jsonl'), whole.subarray(0, end));
      await expect(load(at('to'), 'cut.jsonl')).rejects.toMatchObject({ code: 'transfer.damaged' });
      expectNothing(at('to'));
    }
    await save(from, 'all.jsonl.gz');
    truncateSync(path('all.jsonl.gz'), Math.floor(statSync(path('all.jsonl.gz')).size * 0.7));
    await expect(load(at('to'), 'all.jsonl.gz')).rejects.toMatchObject({ code: 'transfer.damaged' });
    expectNothing(at('to'));
  });

  it('refuses a file that was changed, by one character or one row', async () => {
    await save(await filled('from'), 'all.jsonl');
    const lines = readFileSync(path('all.jsonl'), 'utf8').split('\n');
    const row = lines.findIndex((line) => line.includes('"a7"'));
    const changed = [
      lines.map((line, index) => (index === row ? line.replace('"a7"', '"b7"') : line)),
      lines.filter((_, index) => index !== row),
      lines.flatMap((line, index) => (index === row + 1 ? [lines[row]?.replace('"a7"', '"b7"').replace('"e7"', '"x7"').replace(/^\["b7","v1",\d+/, '["b7","v1",999') ?? '', line] : [line])),
      [...lines, '["more"]', ''],
    ];
    for (const some of changed) {
      writeFileSync(path('changed.jsonl'), some.join('\n'));
      await expect(load(at('to'), 'changed.jsonl')).rejects.toMatchObject({ code: 'transfer.damaged' });
      expectNothing(at('to'));
    }
    writeFileSync(path('other.jsonl'), '{"hello":"world"}\n');
    await expect(load(at('to'), 'other.jsonl')).rejects.toMatchObject({ code: 'transfer.not_an_export' });
    await expect(load(at('to'), 'missing.jsonl')).rejects.toMatchObject({ code: 'transfer.file_failed' });
    expectNothing(at('to'));
  });

  it('refuses another key, on the way out and on the way in', async () => {
    const from = await filled('from');
    const other = createVault(Buffer.alloc(32, 9));
    await expect(exportStore({ place: from, vault: other, file: path('all.jsonl'), now: () => NOW })).rejects.toMatchObject({ code: 'transfer.other_key' });
    expect(existsSync(path('all.jsonl')) || existsSync(path('all.jsonl.part'))).toBe(false);
    await save(from, 'all.jsonl');
    await expect(importStore({ place: at('to'), vault: other, file: path('all.jsonl') })).rejects.toMatchObject({ code: 'transfer.other_key' });
    expectNothing(at('to'));
  });

  it('refuses another version of the file or of the tables', async () => {
    await save(await filled('from'), 'all.jsonl');
    const [header = '', ...rest] = readFileSync(path('all.jsonl'), 'utf8').split('\n');
    for (const other of [header.replace('"version":1', '"version":2'), header.replace(/"schema":"\w+"/, '"schema":"0"')]) {
      writeFileSync(path('other.jsonl'), [other, ...rest].join('\n'));
      await expect(load(at('to'), 'other.jsonl')).rejects.toMatchObject({ code: 'transfer.other_version' });
    }
    const client = new Client(sqliteFile(at('from').dataDir));
    client.exec('update yihu_migrations set created_at = created_at - 1');
    client.close();
    await expect(save(at('from'), 'old.jsonl')).rejects.toMatchObject({ code: 'transfer.out_of_date' });
    await expect(save(at('nowhere'), 'none.jsonl')).rejects.toMatchObject({ code: 'transfer.no_database' });
  });

  it('refuses a target with rows or with somebody at work, and takes an empty one', async () => {
    const from = await filled('from');
    await save(from, 'all.jsonl');
    await expect(load(from, 'all.jsonl')).rejects.toMatchObject({ code: 'transfer.not_empty' });
    await expect(save(from, 'all.jsonl')).rejects.toMatchObject({ code: 'transfer.exists' });
    const busy = await createStore({ ...at('to'), vault });
    await expect(load(at('to'), 'all.jsonl')).rejects.toMatchObject({ code: 'transfer.in_use' });
    expect(await busy.write((repos) => repos.seats.count())).toBe(0);
    await busy.close();
    await load(at('to'), 'all.jsonl');
    expect(everything(sqliteFile(at('to').dataDir))).toEqual(everything(sqliteFile(from.dataDir)));
  });

  it('says that the trail was broken before', async () => {
    const from = await filled('from');
    const client = new Client(sqliteFile(from.dataDir));
    client.exec("update trail set actor = 'seat:other' where seq = 2");
    client.close();
    await save(from, 'all.jsonl');
    expect(await load(at('to'), 'all.jsonl')).toMatchObject({ trailBrokenAt: 2 });
  });
});

if (server === null) {
  describe.skip('transfer between SQLite and PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  describe('transfer between SQLite and PostgreSQL', () => {
    it('comes back as it went: 20,000 activities and awkward text', async () => {
      const from = await filled('from', 20_000);
      const { url, drop } = await server.fresh();
      const there = { databaseUrl: url, dataDir: '/nowhere' };
      const report = await save(from, 'out.jsonl.gz');
      expect(await load(there, 'out.jsonl.gz')).toEqual({ ...report, dialect: 'postgres', trailBrokenAt: null });
      await expect(load(there, 'out.jsonl.gz')).rejects.toMatchObject({ code: 'transfer.not_empty' });
      expect(await save(there, 'back.jsonl')).toEqual({ ...report, dialect: 'postgres' });
      expect(await load(at('back'), 'back.jsonl')).toEqual({ ...report, trailBrokenAt: null });
      expect(everything(sqliteFile(at('back').dataDir))).toEqual(everything(sqliteFile(from.dataDir)));
      const store = await createStore({ ...there, vault, connections: 2 });
      expect(await store.read((repos) => repos.conversations.loadState('v1'))).toEqual({ said: AWKWARD });
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'next', lane: 'L' })]));
      expect((await store.read((repos) => repos.outbox.due('L', NOW, 5))).map((row) => row.position)).toEqual([3]);
      await store.close();
      await drop();
    }, 120_000);

    it('leaves PostgreSQL empty after a damaged file, and refuses while a writer is at it', async () => {
      const from = await filled('from');
      await save(from, 'all.jsonl');
      const whole = readFileSync(path('all.jsonl'));
      writeFileSync(path('cut.jsonl'), whole.subarray(0, whole.length - 10));
      const { url, drop } = await server.fresh();
      const there = { databaseUrl: url, dataDir: '/nowhere' };
      await expect(load(there, 'cut.jsonl')).rejects.toMatchObject({ code: 'transfer.damaged' });
      const writer = new pg.Client({ connectionString: url });
      await writer.connect();
      await writer.query("begin; insert into ticket_sequences values ('20261122', 1)");
      await expect(load(there, 'all.jsonl')).rejects.toMatchObject({ code: 'transfer.in_use' });
      await writer.query('rollback');
      await load(there, 'all.jsonl');
      await writer.end();
      await drop();
    });
  });
}
