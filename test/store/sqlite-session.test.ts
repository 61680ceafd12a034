import Client from 'better-sqlite3';
import { count, desc, eq, gt, max, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { alias, type BaseSQLiteDatabase, blob, customType, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteClient, type SqliteClient } from '../../src/store/drivers/sqlite-client.ts';
import { createSqliteHandle } from '../../src/store/drivers/sqlite-session.ts';

/** Encodes and decodes visibly: stored in brackets. */
const bracketed = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => (typeof value === 'string' ? `[${value}]` : value),
  fromDriver: (value) => value.slice(1, -1),
});
const people = sqliteTable('people', {
  id: integer('id').primaryKey(),
  name: bracketed('name').notNull(),
  facts: text('facts', { mode: 'json' }).$type<unknown>(),
  active: integer('active', { mode: 'boolean' }),
  weight: real('weight'),
  bytes: blob('bytes', { mode: 'buffer' }),
});
const pets = sqliteTable('pets', { id: integer('id').primaryKey(), ownerId: integer('owner_id'), name: bracketed('name') });

function withTables<Opened extends Pick<SqliteClient, 'exec'> | Client.Database>(client: Opened): Opened {
  client.exec('create table people (id integer primary key, name text not null, facts text, active integer, weight real, bytes blob); create table pets (id integer primary key, owner_id integer, name text)');
  return client;
}

describe('the planned SQLite session against drizzle’s own', () => {
  let clients: [SqliteClient, Client.Database];
  beforeEach(() => {
    clients = [withTables(openSqliteClient(':memory:')), withTables(new Client(':memory:'))];
  });
  afterEach(() => {
    for (const client of clients) client.close();
  });

  /** What each of the two answers, a failure as its message. */
  async function both(ask: (database: BaseSQLiteDatabase<'sync' | 'async', Client.RunResult>) => PromiseLike<unknown>): Promise<[unknown, unknown]> {
    const answers: unknown[] = [];
    for (const database of [createSqliteHandle(clients[0]), drizzle(clients[1])]) {
      try {
        answers.push(await ask(database));
      } catch (error) {
        answers.push({ failed: error instanceof Error ? error.message : error });
      }
    }
    return [answers[0], answers[1]];
  }

  async function same(ask: Parameters<typeof both>[0]): Promise<unknown> {
    const [ours, theirs] = await both(ask);
    expect(ours).toStrictEqual(theirs);
    return ours;
  }

  const fill = async (): Promise<void> => {
    await same((db) => db.insert(people).values([
      { id: 1, name: 'a', facts: { deep: [1, null, '二'] }, active: true, weight: 1.5, bytes: Buffer.from([0, 255]) },
      { id: 2, name: 'b', facts: null, active: false, weight: null, bytes: null },
      { id: 3, name: 'c' },
    ]));
    await same((db) => db.insert(pets).values([{ id: 10, ownerId: 1, name: 'x' }, { id: 11, ownerId: null, name: null }, { id: 12, ownerId: 2, name: null }]));
  };

  it('reads every kind of column, and null, alike', async () => {
    await fill();
    expect(await same((db) => db.select().from(people).orderBy(people.id))).toMatchObject([{ id: 1, name: 'a', facts: { deep: [1, null, '二'] }, active: true, bytes: Buffer.from([0, 255]) }, { active: false, weight: null }, { id: 3, active: null }]);
  });

  it('writes what it is given, whatever it is', async () => {
    const values = fc.record({
      name: fc.string(), facts: fc.oneof(fc.constant(null), fc.jsonValue()), active: fc.option(fc.boolean()), weight: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      bytes: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
    });
    await fc.assert(fc.asyncProperty(values, async (given) => {
      await same((db) => db.insert(people).values({
        name: sql.placeholder('name'), facts: sql.placeholder('facts'), active: sql.placeholder('active'), weight: sql.placeholder('weight'), bytes: sql.placeholder('bytes'),
      }).returning().prepare().execute(given));
    }), { numRuns: 60 });
    expect(clients[0].prepare('select * from people').all()).toEqual(clients[1].prepare('select * from people').all());
  });

  it('joins alike: groups, tables that are not there, aliases', async () => {
    await fill();
    expect(await same((db) => db.select().from(people).leftJoin(pets, eq(pets.ownerId, people.id)).orderBy(people.id))).toMatchObject([{ pets: { name: 'x' } }, { pets: { id: 12, name: null } }, { pets: null }]);
    await same((db) => db.select().from(people).innerJoin(pets, eq(pets.ownerId, people.id)));
    await same((db) => db.select({ pet: { name: pets.name, id: pets.id }, owner: people.name, mixed: { a: pets.id, b: people.id } }).from(people).leftJoin(pets, eq(pets.ownerId, people.id)).orderBy(people.id));
    const other = alias(people, 'other');
    await same((db) => db.select({ people, other }).from(people).leftJoin(other, gt(other.id, people.id)).orderBy(people.id, other.id));
    await same((db) => db.select({ person: { id: people.id, active: people.active }, id: people.id }).from(people).orderBy(people.id));
  });

  it('aggregates, expressions and subqueries alike', async () => {
    await fill();
    await same((db) => db.select({ amount: count(), last: max(people.id), name: max(people.name), plain: sql`1 + 1`, mapped: sql`count(*)`.mapWith(String), nothing: sql`null`.mapWith(Number) }).from(people));
    await same((db) => {
      const inner = db.select({ owner: pets.ownerId, amount: sql<number>`count(*)`.mapWith(Number).as('amount') }).from(pets).groupBy(pets.ownerId).as('inner');
      return db.select({ owner: inner.owner, amount: inner.amount }).from(inner).orderBy(inner.owner);
    });
  });

  it('binds named values: encoded ones, bare ones, the same one twice, a limit', async () => {
    await fill();
    const named = sql.param(sql.placeholder('name'), people.name);
    await same((db) => db.select({ id: people.id }).from(people).where(sql`${people.name} = ${named} or ${people.name} = ${named} or ${people.id} = ${sql.placeholder('id')}`).prepare().execute({ name: 'a', id: 3 }));
    await same((db) => db.select({ id: people.id }).from(people).orderBy(desc(people.id)).limit(sql.placeholder('limit')).prepare().execute({ limit: 2 }));
    expect(await same((db) => db.select({ id: people.id }).from(people).where(eq(people.name, named)).prepare().execute({}))).toEqual({ failed: 'No value for placeholder "name" was provided' });
    expect(await same((db) => db.select({ id: people.id }).from(people).where(eq(people.name, named)).prepare().execute())).toHaveProperty('failed');
  });

  it('runs one statement many times', async () => {
    await fill();
    const byId = createSqliteHandle(clients[0]).select().from(people).where(eq(people.id, sql.placeholder('id'))).prepare();
    for (const id of [1, 2, 3, 1]) expect(await byId.execute({ id })).toMatchObject([{ id }]);
    expect(await byId.execute({ id: 9 })).toEqual([]);
    expect(await byId.get({ id: 2 })).toMatchObject({ id: 2, name: 'b' });
    expect(await byId.get({ id: 9 })).toBeUndefined();
  });

  it('updates, deletes and conflicts alike', async () => {
    await fill();
    await same((db) => db.update(people).set({ name: 'z', facts: [1] }).where(eq(people.id, 1)).returning({ name: people.name, facts: people.facts }));
    expect(await same((db) => db.update(people).set({ weight: 2 }))).toMatchObject({ changes: 3 });
    await same((db) => db.insert(people).values({ id: 1, name: 'again' }).onConflictDoUpdate({ target: people.id, set: { name: sql`excluded.name || ${people.name}` } }).returning());
    expect(await same((db) => db.insert(people).values({ id: 1, name: 'again' }))).toEqual({ failed: 'UNIQUE constraint failed: people.id' });
    expect(await same((db) => db.insert(people).values({ id: 1, name: 'again' }).onConflictDoNothing().returning({ id: people.id }))).toEqual([]);
    await same((db) => db.delete(people).where(gt(people.id, 1)).returning({ id: people.id }));
  });

  it('fails as a promise, never by throwing, with the driver’s code', async () => {
    const handle = createSqliteHandle(clients[0]);
    const insert = handle.insert(people).values({ id: 1, name: sql.placeholder('name') }).prepare();
    await insert.execute({ name: 'a' });
    await expect(insert.execute({ name: 'a' })).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
    await expect(insert.execute({ name: undefined })).rejects.toThrow();
    await expect(handle.transaction(async () => 1)).rejects.toMatchObject({ code: 'store.failed' });
  });
});
