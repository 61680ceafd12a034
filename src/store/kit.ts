import {
  bigint as pgBigint,
  boolean as pgBoolean,
  customType as pgCustomType,
  doublePrecision as pgDouble,
  index as pgIndex,
  type PgDatabase,
  type PgQueryResultHKT,
  pgTable,
  primaryKey as pgPrimaryKey,
  uniqueIndex as pgUniqueIndex,
} from 'drizzle-orm/pg-core';
import {
  blob as sqliteBlob,
  customType as sqliteCustomType,
  index as sqliteIndex,
  integer as sqliteInteger,
  primaryKey as sqlitePrimaryKey,
  real as sqliteReal,
  sqliteTable,
  uniqueIndex as sqliteUniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { JsonValue } from '../domain/json.ts';
import type { SqliteHandle } from './drivers/sqlite-session.ts';
import { storableText } from './text.ts';

/**
 * The column kit: the few column kinds that both dialects store alike, so that `tables.ts` is written once.
 * Decision and limits: docs/adr/0003-one-table-definition.md.
 *
 * | kind     | TypeScript | SQLite                    | PostgreSQL       |
 * |----------|------------|---------------------------|------------------|
 * | text     | string     | text                      | text             |
 * | int      | number     | integer                   | bigint           | whole numbers up to 2^53, times in epoch ms
 * | real     | number     | real                      | double precision |
 * | bool     | boolean    | integer 0/1               | boolean          |
 * | json     | JsonValue  | text                      | text             | not jsonb: see below
 * | bytes    | Buffer     | blob                      | bytea            |
 * | position | number     | integer autoincrement, pk | bigint identity, pk |
 *
 * PostgreSQL refuses U+0000 in text. Peers choose some of our keys (clientActivityID), so a refusal would make one
 * message fail forever: it is replaced on the way in (text.ts), on both dialects, also where a value is only compared.
 * JSON is kept as text because jsonb refuses \u0000 and lone surrogates and forgets the order of keys; a channel's
 * envelope must come back untouched.
 */

/** Drizzle runs encoders on null too where a prepared statement binds a nullable column. */
function toText(value: string): string {
  return typeof value === 'string' ? storableText(value) : value;
}

/** Null stays SQL NULL, so that both the prepared and the plain path store the same. */
function toJsonText(value: JsonValue): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJsonText(value: string | null): JsonValue {
  if (value === null) return null;
  // Most lists of a ticket have nothing in them.
  if (value === '[]') return [];
  const parsed: JsonValue = JSON.parse(value);
  return parsed;
}

const pgText = pgCustomType<{ data: string; driverData: string }>({ dataType: () => 'text', toDriver: toText });
const pgJson = pgCustomType<{ data: JsonValue; driverData: string | null }>({ dataType: () => 'text', toDriver: toJsonText, fromDriver: fromJsonText });
const pgBytes = pgCustomType<{ data: Buffer; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});

export const postgresKit = {
  table: pgTable,
  index: pgIndex,
  uniqueIndex: pgUniqueIndex,
  primaryKey: pgPrimaryKey,
  text: (name: string) => pgText(name),
  int: (name: string) => pgBigint(name, { mode: 'number' }),
  real: (name: string) => pgDouble(name),
  bool: (name: string) => pgBoolean(name),
  json: (name: string) => pgJson(name),
  bytes: (name: string) => pgBytes(name),
  position: (name: string) => pgBigint(name, { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
};

const sqliteText = sqliteCustomType<{ data: string; driverData: string }>({ dataType: () => 'text', toDriver: toText });
const sqliteJson = sqliteCustomType<{ data: JsonValue; driverData: string | null }>({ dataType: () => 'text', toDriver: toJsonText, fromDriver: fromJsonText });

const nativeSqliteKit = {
  table: sqliteTable,
  index: sqliteIndex,
  uniqueIndex: sqliteUniqueIndex,
  primaryKey: sqlitePrimaryKey,
  text: (name: string) => sqliteText(name),
  int: (name: string) => sqliteInteger(name, { mode: 'number' }),
  real: (name: string) => sqliteReal(name),
  bool: (name: string) => sqliteInteger(name, { mode: 'boolean' }),
  json: (name: string) => sqliteJson(name),
  bytes: (name: string) => sqliteBlob(name, { mode: 'buffer' }),
  position: (name: string) => sqliteInteger(name, { mode: 'number' }).primaryKey({ autoIncrement: true }),
};

/** The kit as repositories and tables see it. PostgreSQL's builders lend the types to both dialects. */
export type Kit = typeof postgresKit;
/** A drizzle handle on one connection, as repositories see it. */
export type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** The TypeScript type a column kind reads and writes. */
type DataOf<Builder> = Builder extends { readonly _: { readonly data: infer Data } } ? Data : never;
type SameData<Left, Right> = [DataOf<Left>] extends [DataOf<Right>] ? ([DataOf<Right>] extends [DataOf<Left>] ? true : false) : false;
type ColumnKind = Exclude<keyof Kit, 'table' | 'index' | 'uniqueIndex' | 'primaryKey'>;
/** Compile-time proof that a column kind means the same TypeScript type in both dialects; a mismatch fails to compile here. */
const proof: { readonly [Kind in ColumnKind]: SameData<ReturnType<Kit[Kind]>, ReturnType<(typeof nativeSqliteKit)[Kind]>> } = {
  text: true, int: true, real: true, bool: true, json: true, bytes: true, position: true,
};
void proof;

/**
 * THE ONE NARROWING. Drizzle's SQLite and PostgreSQL builders are two class families whose methods carry the same
 * names and meanings for what we use (select, insert, update, delete, returning, onConflict, prepare, await), but
 * TypeScript holds them apart. Here, and nowhere else, SQLite's kit and handle take on PostgreSQL's types. The row
 * types are proved equal above; that the methods behave alike is proved by test/contracts/store.contract.ts, which
 * runs every repository on both. What must not be used through it: `.for()` (use `Session.lock`), `execute`, `run`.
 */
function likePostgres(value: typeof nativeSqliteKit): Kit;
function likePostgres(value: SqliteHandle): Database;
function likePostgres(value: typeof nativeSqliteKit | SqliteHandle | Kit | Database): typeof nativeSqliteKit | SqliteHandle | Kit | Database {
  return value;
}

export const sqliteKit: Kit = likePostgres(nativeSqliteKit);
export const sqliteDatabase = (database: SqliteHandle): Database => likePostgres(database);
