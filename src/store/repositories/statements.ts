import { type Column, type Param, type Placeholder, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Session } from '../session.ts';
import { storableText } from '../text.ts';

/**
 * A named value of a prepared statement, encoded as `column` encodes (drizzle encodes bare placeholders not at all).
 * House rule: repositories use this for every placeholder.
 */
export function given(column: Column, name: string): Param {
  return sql.param(sql.placeholder(name), column);
}

/** The same for the right side of SET, where drizzle's types ask for SQL. */
export function setTo(column: Column, name: string): SQL {
  return sql`${given(column, name)}`;
}

/** The column is one of a list of texts that is one value, made by `listed`: however long the list is, the statement is prepared once. */
export function isIn({ dialect }: Session, column: Column, name: string): SQL {
  const list = sql.placeholder(name);
  return dialect === 'sqlite' ? sql`${column} in (select value from json_each(${list}))` : sql`${column} = any(array(select jsonb_array_elements_text(cast(${list} as jsonb))))`;
}

export function listed(texts: readonly string[]): string {
  return JSON.stringify(texts.map(storableText));
}

/** A placeholder for every column of an INSERT, named like the field. */
export function placeholders<Fields extends Readonly<Record<string, Column>>>(fields: Fields): { [Name in keyof Fields]: Placeholder } {
  const named = {} as { [Name in keyof Fields]: Placeholder };
  for (const name of Object.keys(fields) as (keyof Fields & string)[]) named[name] = sql.placeholder(name);
  return named;
}

/** The first row, or null. */
export function first<Row>(rows: readonly Row[]): Row | null {
  return rows[0] ?? null;
}

/**
 * ORDER BY these, LIMIT by the value named `limit`; to be the last clause. SQLite looks at a bare LIMIT parameter when
 * it plans, and therefore compiles the statement anew (some 20 µs) every time one is bound. An expression it leaves
 * alone. For statements of the hot path; elsewhere `.limit()` is fine.
 */
export function orderedUpToLimit(...order: readonly SQLWrapper[]): SQL {
  return sql`${sql.join([...order], sql`, `)} limit (${sql.placeholder('limit')} + 0)`;
}
