import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Client from 'better-sqlite3';
import { generateDrizzleJson, generateMigration, generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import * as postgres from '../../src/store/schema.postgres.ts';
import * as sqlite from '../../src/store/schema.sqlite.ts';
import { TABLES } from '../contracts/store.contract.ts';
import { openAnyPostgres } from '../support/any-postgres.ts';
import { temporaryFolder, testVault } from './support.ts';

const folderOf = (dialect: string): URL => new URL(`../../src/store/migrations/${dialect}/`, import.meta.url);

interface Journal {
  readonly entries: readonly { readonly idx: number; readonly tag: string }[];
}

/** The picture of the tables that the newest committed migration was made from. */
async function committed<Snapshot>(dialect: string): Promise<Snapshot> {
  const journal: Journal = JSON.parse(await readFile(new URL('meta/_journal.json', folderOf(dialect)), 'utf8'));
  const last = journal.entries.at(-1);
  const snapshot: Snapshot = JSON.parse(await readFile(new URL(`meta/${String(last?.idx).padStart(4, '0')}_snapshot.json`, folderOf(dialect)), 'utf8'));
  return snapshot;
}

describe('migrations', () => {
  it('bring SQLite to the tables as they are defined', async () => {
    const before = await committed<Awaited<ReturnType<typeof generateSQLiteDrizzleJson>>>('sqlite');
    const { sqliteTables: _all, ...tables } = sqlite;
    expect(await generateSQLiteMigration(before, await generateSQLiteDrizzleJson(tables, before.id))).toEqual([]);
  });

  it('bring PostgreSQL to the tables as they are defined', async () => {
    const before = await committed<ReturnType<typeof generateDrizzleJson>>('postgres');
    const { postgresTables: _all, ...tables } = postgres;
    expect(await generateMigration(before, generateDrizzleJson(tables, before.id))).toEqual([]);
  });

  it('would notice a column that was not generated', async () => {
    const before = await committed<Awaited<ReturnType<typeof generateSQLiteDrizzleJson>>>('sqlite');
    const { sqliteTables: _all, seats: _seats, ...fewer } = sqlite;
    expect(await generateSQLiteMigration(before, await generateSQLiteDrizzleJson(fewer, before.id))).not.toEqual([]);
  });

  it('export every table for the generator', () => {
    expect(Object.keys(sqlite).filter((name) => name !== 'sqliteTables').toSorted()).toEqual(Object.keys(sqlite.sqliteTables).toSorted());
    expect(Object.keys(postgres).filter((name) => name !== 'postgresTables').toSorted()).toEqual(Object.keys(postgres.postgresTables).toSorted());
  });

  it('make the same tables and columns in both dialects', async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'yihu.sqlite3');
    await openSqliteStore({ file, vault: testVault() }).close();
    const beneath = new Client(file);
    // SQLite's index over the words of tickets is made of tables.
    const inSqlite = beneath
      .prepare<[], { table: string; column: string; required: number }>(
        `select m.name as "table", c.name as "column", c."notnull" or c.pk > 0 as required from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> 'yihu_migrations' and m.name not like 'ticket_search%' and m.name not in ('ticket_slots', 'ticket_waiting')`,
      )
      .all();
    beneath.close();
    folder.remove();
    const postgres = await openAnyPostgres('migrated');
    const inPostgres = await postgres.query<{ table: string; column: string; required: number }>(
      `select table_name as "table", column_name as "column", (is_nullable = 'NO')::int as required from information_schema.columns where table_schema = 'public' and table_name <> 'yihu_migrations'`,
    );
    await postgres.close();
    const named = (rows: readonly { readonly table: string; readonly column: string; readonly required: number }[]): string[] => rows.map((row) => `${row.table}.${row.column} ${row.required === 1 ? 'required' : 'nullable'}`).toSorted();
    expect(named(inSqlite)).toEqual(named(inPostgres));
    expect([...new Set(inSqlite.map((row) => row.table))].toSorted()).toEqual([...TABLES].toSorted());
  });

  it('are applied once, whatever was stored meanwhile', async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'yihu.sqlite3');
    for (let starts = 0; starts < 3; starts += 1) {
      const store = openSqliteStore({ file, vault: testVault() });
      expect(await store.write((repos) => repos.tickets.nextSequence('20261122'))).toBe(starts + 1);
      await store.close();
    }
    folder.remove();
  });
});
