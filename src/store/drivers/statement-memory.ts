/** Prepared statements by their text. */
export interface StatementMemory<Statement> {
  /** The one of this text, made when it is not known (any more). @throws what making it throws; nothing is remembered then */
  of(sql: string): Statement;
  clear(): void;
}

/** An insert of a hundred rows and more: it takes up to half a MiB, and the next one has another length. */
const TOO_LONG = 4096;

/**
 * Remembers all statements; or at least the `keep` used last and at most twice as many, without very long ones: texts are endless, a
 * statement costs 2 to 33 KiB. Two generations instead of an order of use, because a text that is found in the young one costs
 * nothing more.
 */
export function createStatementMemory<Statement extends object>(make: (sql: string) => Statement, keep: number | 'all'): StatementMemory<Statement> {
  const limit = keep === 'all' ? Number.POSITIVE_INFINITY : keep;
  let young = new Map<string, Statement>();
  let old = new Map<string, Statement>();
  return {
    of(sql) {
      if (sql.length > TOO_LONG && keep !== 'all') return make(sql);
      const known = young.get(sql);
      if (known !== undefined) return known;
      const statement = old.get(sql) ?? make(sql);
      if (young.size >= limit) {
        old = young;
        young = new Map();
      }
      young.set(sql, statement);
      return statement;
    },
    clear() {
      young.clear();
      old.clear();
    },
  };
}
