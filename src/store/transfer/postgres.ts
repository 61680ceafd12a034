import pg from 'pg';
import { isPostgresUpToDate, migratePostgres } from '../drivers/postgres-migrations.ts';
import { toStoreError } from '../failures.ts';
import { inUse, notEmpty, outOfDate, pageSize, pageStatements, positionColumn, quoted, type TransferReader, type TransferWriter } from './database.ts';
import { type Cell, type Row, TRANSFER_TABLES, type TransferColumn, type TransferTable } from './tables.ts';

const ARRAY_TYPES: Readonly<Record<TransferColumn['kind'], string>> = { text: 'text[]', int: 'bigint[]', real: 'double precision[]', bool: 'boolean[]', bytes: 'bytea[]' };

/** Reads a database while others may go on writing it. @throws AppError `transfer.out_of_date`, `store.failed` */
export async function readPostgres(url: string): Promise<TransferReader> {
  const client = await connect(url);
  try {
    if (!(await isPostgresUpToDate(client))) throw outOfDate();
    await client.query('begin isolation level repeatable read read only');
  } catch (error) {
    await client.end();
    throw toStoreError(error);
  }
  return { ...looks(client), close: () => client.end() };
}

/** Everything in one transaction, with the tables held against writers. @throws AppError `transfer.not_empty`, `transfer.in_use`, `store.failed` */
export async function writePostgres(url: string): Promise<TransferWriter> {
  await migratePostgres(url);
  const client = await connect(url);
  try {
    await client.query("begin; set local lock_timeout = '3s'");
    await client.query(`lock table ${TRANSFER_TABLES.map((table) => quoted(table.name)).join(', ')} in share row exclusive mode`).catch((error: unknown) => {
      throw error instanceof pg.DatabaseError && error.code === '55P03' ? inUse() : error;
    });
    for (const table of TRANSFER_TABLES) {
      const { rowCount } = await client.query(`select 1 from ${quoted(table.name)} limit 1`);
      if (rowCount !== 0) throw notEmpty(table);
    }
  } catch (error) {
    await client.end();
    throw toStoreError(error);
  }
  return {
    ...looks(client),
    async insert(table, rows) {
      const columns = table.columns.map((column) => quoted(column.name)).join(', ');
      // One array a column: one statement whatever the number of rows.
      await client.query({
        name: `insert ${table.name}`,
        text: `insert into ${quoted(table.name)} (${columns}) overriding system value select * from unnest(${table.columns.map((column, index) => `$${index + 1}::${ARRAY_TYPES[column.kind]}`).join(', ')})`,
        values: table.columns.map((_, index) => rows.map((row) => row[index] ?? null)),
      });
    },
    async setPosition(table, position) {
      const column = positionColumn(table);
      if (column !== null && position > 0) await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [quoted(table.name), column, position]);
    },
    async commit() {
      await client.query('commit');
      await client.query('analyze'); // the planner knows nothing of what came in yet
    },
    close: () => client.end(),
  };
}

function looks(client: pg.Client): Pick<TransferReader, 'dialect' | 'count' | 'pages' | 'position'> {
  return {
    dialect: 'postgres',
    async count(table) {
      const { rows } = await client.query<{ amount: string }>(`select count(*) as amount from ${quoted(table.name)}`);
      return Number(rows[0]?.amount ?? 0);
    },
    async *pages(table) {
      const { first, next } = pageStatements(table, (index) => `$${index}`);
      const ask = async (name: string, text: string, values: Cell[]): Promise<readonly Row[]> =>
        (await client.query<Cell[]>({ name: `${name} ${table.name}`, text, values, rowMode: 'array' })).rows.map((row) => read(table, row));
      let page = await ask('first', first, []);
      for (;;) {
        const last = page.at(-1);
        if (last === undefined) return;
        yield page;
        if (page.length < pageSize(table)) return;
        page = await ask('next', next, table.key.map((index) => last[index] ?? null));
      }
    },
    async position(table) {
      const column = positionColumn(table);
      if (column === null) return 0;
      const { rows } = await client.query<{ last: string | null }>('select pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) as last', [quoted(table.name), column]);
      return Number(rows[0]?.last ?? 0);
    },
  };
}

/** 64-bit numbers come as text. */
function read(table: TransferTable, row: readonly Cell[]): Row {
  return row.map((cell, index) => (table.columns[index]?.kind === 'int' && typeof cell === 'string' ? Number(cell) : cell));
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'yihu transfer', connectionTimeoutMillis: 10_000, keepAlive: true });
  client.on('error', () => {}); // told by the query that it breaks
  try {
    await client.connect();
    await client.query('set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0');
    return client;
  } catch (error) {
    throw toStoreError(error);
  }
}
