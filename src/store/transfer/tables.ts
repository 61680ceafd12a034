import { createHash } from 'node:crypto';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import { postgresTables } from '../schema.postgres.ts';

/**
 * Every table of tables.ts as a file carries it. Derived from the definition, so that a new table is moved without a
 * word here; both dialects have the same names, and the kinds of columns that kit.ts knows.
 */
export interface TransferColumn {
  readonly name: string;
  readonly kind: 'text' | 'int' | 'real' | 'bool' | 'bytes';
  readonly nullable: boolean;
  /** Given out by the database, growing. */
  readonly position: boolean;
}

export interface TransferTable {
  readonly name: string;
  readonly columns: readonly TransferColumn[];
  /** Indexes of the primary key's columns. */
  readonly key: readonly number[];
}

export type Cell = string | number | boolean | Buffer | null;
export type Row = readonly Cell[];

const KINDS: Readonly<Record<string, TransferColumn['kind']>> = { text: 'text', bigint: 'int', 'double precision': 'real', boolean: 'bool', bytea: 'bytes' };

/** Tables that others refer to come before those. */
export const TRANSFER_TABLES: readonly TransferTable[] = inOrder(Object.values(postgresTables)).map(describe);

/** Changes with every table and column; two programs with the same one can read each other's files. */
export const TRANSFER_SCHEMA = createHash('sha256').update(JSON.stringify(TRANSFER_TABLES)).digest('hex').slice(0, 16);

function describe(table: PgTable): TransferTable {
  const { name, columns, primaryKeys } = getTableConfig(table);
  const keys = primaryKeys[0]?.columns.map((column) => column.name) ?? columns.filter((column) => column.primary).map((column) => column.name);
  const key = keys.map((wanted) => columns.findIndex((column) => column.name === wanted));
  if (key.length === 0 || key.includes(-1)) throw new TypeError(`table ${name} has no primary key to page by`);
  return { name, columns: columns.map((column) => ({ name: column.name, kind: kindOf(name, column), nullable: !column.notNull, position: column.generatedIdentity !== undefined })), key };
}

function kindOf(table: string, column: PgColumn): TransferColumn['kind'] {
  const kind = KINDS[column.getSQLType()];
  if (kind === undefined) throw new TypeError(`${table}.${column.name} is of a kind that a transfer does not know`);
  return kind;
}

function inOrder(tables: readonly PgTable[]): readonly PgTable[] {
  const ordered = new Set<PgTable>();
  const visit = (table: PgTable, path: readonly PgTable[]): void => {
    if (ordered.has(table)) return;
    if (path.includes(table)) throw new TypeError(`tables refer to each other in a ring: ${getTableConfig(table).name}`);
    for (const { reference } of getTableConfig(table).foreignKeys) visit(reference().foreignTable, [...path, table]);
    ordered.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...ordered];
}
