import { sql } from 'drizzle-orm';
import type { JsonValue } from '../domain/json.ts';
import type { KeptReport } from './contract-reports.ts';
import type { Kit } from './kit.ts';

/** Reports (src/reports): rows are what drives their making, whoever asked for them. */
export function reportTables({ table, text, int, json, index, uniqueIndex }: Kit) {
  const reports = table(
    'reports',
    {
      id: text('id').primaryKey(),
      kind: text('kind').$type<KeptReport['kind']>().notNull(),
      period: text('period').notNull(),
      scopeKind: text('scope_kind').$type<KeptReport['scopeKind']>().notNull(),
      scopeId: text('scope_id').notNull(),
      title: text('title').notNull(),
      version: int('version').notNull(),
      state: text('state').$type<KeptReport['state']>().notNull(),
      progress: int('progress').notNull(),
      madeBy: text('made_by').notNull(),
      roles: json('roles').$type<readonly string[]>().notNull(),
      askedAt: int('asked_at').notNull(),
      madeAt: int('made_at'),
      until: int('until'),
      failure: text('failure'),
      attempts: int('attempts').notNull(),
      bytes: int('bytes').notNull(),
      document: json('document').$type<JsonValue>(),
      /** Who makes it, and until when that is believed. */
      holder: text('holder'),
      leaseUntil: int('lease_until'),
      /** A schedule's moment: made once, whichever node sees it first. */
      onceKey: text('once_key'),
    },
    (t) => [
      uniqueIndex('reports_version').on(t.kind, t.period, t.scopeKind, t.scopeId, t.version),
      uniqueIndex('reports_once').on(t.onceKey).where(sql`${t.onceKey} is not null`),
      index('reports_asked').on(t.askedAt),
      index('reports_work').on(t.askedAt).where(sql`${t.state} in ('asked', 'making')`),
    ],
  );
  return { reports };
}
