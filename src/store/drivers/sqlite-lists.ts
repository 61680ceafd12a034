import type { Query } from 'drizzle-orm';

/** As drizzle writes a list of values: `"id" in (?, ?, ?)`. */
const LIST = / in \((\?(?:, \?)+)\)/g;
/** Shorter ones have few lengths anyway, longer ones could pass what SQLite binds. */
const SHORTEST = 5;
const LONGEST = 1024;

/**
 * The same query with its longer lists brought to the next power of two by their last value, which changes no answer: a list of
 * up to 500 values has some ten texts then instead of 500, so that its statement is found again, and so that what is kept is bounded.
 */
export function roundLists(query: Query): Query {
  if (!query.sql.includes(' in (?, ?')) return query;
  const pieces: string[] = [];
  const params: unknown[] = [];
  let done = 0;
  let taken = 0;
  for (const match of query.sql.matchAll(LIST)) {
    const amount = marks(match[1] ?? '');
    const end = match.index + match[0].length;
    const upTo = taken + marks(query.sql.slice(done, end));
    for (; taken < upTo; taken += 1) params.push(query.params[taken]);
    pieces.push(query.sql.slice(done, end - 1));
    done = end - 1;
    if (amount < SHORTEST || amount > LONGEST) continue;
    const missing = 2 ** Math.ceil(Math.log2(amount)) - amount;
    pieces.push(', ?'.repeat(missing));
    for (let added = 0; added < missing; added += 1) params.push(query.params[taken - 1]);
  }
  // A question mark that is no parameter would have put the values out of step.
  if (taken + marks(query.sql.slice(done)) !== query.params.length) return query;
  for (; taken < query.params.length; taken += 1) params.push(query.params[taken]);
  pieces.push(query.sql.slice(done));
  return { ...query, sql: pieces.join(''), params };
}

function marks(sql: string): number {
  let amount = 0;
  for (let at = sql.indexOf('?'); at !== -1; at = sql.indexOf('?', at + 1)) amount += 1;
  return amount;
}
