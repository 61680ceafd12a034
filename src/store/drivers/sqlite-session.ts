import type { Query } from 'drizzle-orm';
import { BaseSQLiteDatabase, type PreparedQueryConfig, type SelectedFieldsOrdered, SQLiteAsyncDialect, type SQLiteExecuteMethod, SQLitePreparedQuery, SQLiteSession } from 'drizzle-orm/sqlite-core';
import { AppError } from '../../domain/errors.ts';
import { countWrites, type Writes } from '../recall.ts';
import type { SqliteClient, SqliteResult, SqliteStatement } from './sqlite-client.ts';
import { roundLists } from './sqlite-lists.ts';
import { type Bind, type Decode, planColumns, planParameters, type RawRow, type Values } from './sqlite-plan.ts';

/**
 * Drizzle on better-sqlite3 with statements that are planned once. It is one of drizzle's asynchronous drivers,
 * because repositories await every statement and a plain promise is what is awaited fastest; the statement itself has run when
 * `execute` returns. Why not drizzle's own: docs/adr/0016-own-sqlite-session.md.
 */

type Schema = Record<string, never>;
type AsyncQuery = PreparedQueryConfig & { type: 'async' };
export type SqliteHandle = BaseSQLiteDatabase<'async', SqliteResult>;

export function createSqliteHandle(client: SqliteClient): SqliteHandle {
  const dialect = new SQLiteAsyncDialect();
  const session = new PlannedSession(client, dialect);
  const handle: SqliteHandle = new BaseSQLiteDatabase('async', dialect, session, undefined);
  session.writes = countWrites(handle);
  return handle;
}

class PlannedSession extends SQLiteSession<'async', SqliteResult, Schema, Schema> {
  readonly #client: SqliteClient;
  writes: Writes = { count: 0 };

  constructor(client: SqliteClient, dialect: SQLiteAsyncDialect) {
    super(dialect);
    this.#client = client;
  }

  override prepareQuery(asked: Query, fields: SelectedFieldsOrdered | undefined, executeMethod: SQLiteExecuteMethod, _rowsAreArrays: boolean, mapper?: unknown): PlannedQuery {
    if (mapper !== undefined) throw new AppError('store.failed', 'relational queries are not served: use select', { status: 500 });
    const query = roundLists(asked);
    return new PlannedQuery(this.#client.prepareRaw(query.sql), query, fields ?? null, executeMethod, this.writes);
  }

  override async transaction(): Promise<never> {
    throw new AppError('store.failed', 'transactions are the doors of the store', { status: 500 });
  }
}

const NONE: Values = {};

class PlannedQuery extends SQLitePreparedQuery<AsyncQuery> {
  /** Drizzle sets this on what `prepareQuery` of a SELECT returned, whichever driver it came from. */
  joinsNotNullableMap: Readonly<Record<string, boolean>> | undefined = undefined;
  readonly #statement: SqliteStatement<RawRow>;
  readonly #fields: SelectedFieldsOrdered | null;
  readonly #runs: boolean;
  /** Null: it only reads. */
  readonly #writes: Writes | null;
  readonly #bind: Bind;
  #decode: Decode | null = null;

  constructor(statement: SqliteStatement<RawRow>, query: Query, fields: SelectedFieldsOrdered | null, executeMethod: SQLiteExecuteMethod, writes: Writes) {
    super('async', executeMethod, query);
    this.#statement = statement;
    this.#fields = fields;
    this.#runs = executeMethod === 'run';
    this.#writes = statement.readonly ? null : writes;
    this.#bind = planParameters(query.params);
  }

  override execute(values: Values = NONE): Promise<unknown> {
    return this.#runs ? this.run(values) : this.all(values);
  }

  override run(values: Values = NONE): Promise<SqliteResult> {
    try {
      if (this.#writes !== null) this.#writes.count += 1;
      return Promise.resolve(this.#statement.run(this.#bind(values)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  override all(values: Values = NONE): Promise<Record<string, unknown>[]> {
    try {
      const decode = (this.#decode ??= this.#plan());
      if (this.#writes !== null) this.#writes.count += 1;
      const rows = this.#statement.all(this.#bind(values));
      const results: Record<string, unknown>[] = [];
      for (const row of rows) results.push(decode(row));
      return Promise.resolve(results);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  override async get(values: Values = NONE): Promise<Record<string, unknown> | undefined> {
    const [first] = await this.all(values);
    return first;
  }

  override async values(values: Values = NONE): Promise<readonly (readonly unknown[])[]> {
    if (this.#writes !== null) this.#writes.count += 1;
    return this.#statement.all(this.#bind(values));
  }

  /** Not in the constructor: drizzle tells of joins only after it. */
  #plan(): Decode {
    if (this.#fields === null) throw new AppError('store.failed', 'rows without fields are not served: name them with select or returning', { status: 500 });
    return planColumns(this.#fields, this.joinsNotNullableMap ?? null);
  }
}
