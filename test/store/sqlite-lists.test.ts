import { inArray, not, or, sql } from 'drizzle-orm';
import { integer, QueryBuilder, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteClient, type SqliteClient } from '../../src/store/drivers/sqlite-client.ts';
import { roundLists } from '../../src/store/drivers/sqlite-lists.ts';

const people = sqliteTable('people', { id: integer('id'), name: text('name') });

describe('lists of values', () => {
  let client: SqliteClient;
  beforeAll(() => {
    client = openSqliteClient(':memory:');
    client.exec("create table people (id integer, name text); insert into people with recursive up (n) as (select 1 union all select n + 1 from up where n < 60) select n, 'n' || n from up");
  });
  afterAll(() => client.close());

  const asked = (ids: readonly number[], names: readonly string[], from: number) =>
    new QueryBuilder().select().from(people).where(or(inArray(people.id, [...ids]), sql`${people.id} = ${from}`, not(inArray(people.name, [...names])))).limit(40).toSQL();

  it('answer the same when they are rounded', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(ids, ids.map((numbers) => numbers.map((number) => `n${number}`)), fc.nat(80), (some, names, from) => {
        const query = asked(some, names, from);
        const rounded = roundLists(query);
        expect(client.prepareRaw(rounded.sql).all(rounded.params)).toEqual(client.prepareRaw(query.sql).all(query.params));
      }),
    );
  });

  it('have a few texts, however long they are', () => {
    const textOf = (length: number): string => roundLists(asked(Array.from({ length }, (_, id) => id), ['n1'], 1)).sql;
    expect(new Set([1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 33, 64, 65, 100, 200, 256, 300, 400, 500, 512].map(textOf)).size).toBe(4 + 7);
    expect(textOf(1500).split('?')).toHaveLength(1500 + 3 + 1);
  });

  it('are left alone beside a question mark that is no parameter', () => {
    const query = new QueryBuilder().select().from(people).where(sql`${people.name} = '?' or ${inArray(people.id, [1, 2, 3, 4, 5])}`).toSQL();
    expect(roundLists(query)).toBe(query);
  });
});
