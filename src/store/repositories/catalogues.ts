import { and, asc, desc, eq, gt, max, ne, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Catalogue, CatalogueRepository, ItemCorrectionRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, placeholders } from './statements.ts';

/** Two who begin a draft at the same moment want the same number; the later one takes the next. */
const TRIES = 5;

/** Versioned lists that operators edit. Version 0 is the file in config/ and never a row. */
export function createCatalogueRepository(session: Session): CatalogueRepository {
  const { db, tables: { catalogues: t } } = session;
  const one = (kind: Catalogue['kind'], version: number) => and(eq(t.kind, kind), eq(t.version, version));
  const notDraft = (): AppError => new AppError('catalogue.not_draft', 'only a draft can be changed, published or dropped', { status: 409, retry: 'conflict', citizenText: '只有草稿可以修改、发布或作废，请刷新后再看。' });
  const publishedOnes = db.select({ kind: t.kind, version: t.version }).from(t).where(sql`${t.state} = 'published'`).prepare('catalogues_published_versions');
  return {
    async add(given) {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const highest = first(await db.select({ version: max(t.version) }).from(t).where(eq(t.kind, given.kind)))?.version ?? 0;
        const row = first(await db.insert(t).values({ ...given, version: highest + 1, state: 'draft' }).onConflictDoNothing({ target: [t.kind, t.version] }).returning());
        if (row !== null) return row;
      }
      throw new AppError('catalogue.conflict', 'others begin drafts at the same moment', { status: 409, retry: 'conflict', citizenText: '其他人正在新建版本，请稍后再试。' });
    },
    async change(kind, version, { body, note }) {
      const row = first(await db.update(t).set({ body, note }).where(and(one(kind, version), eq(t.state, 'draft'))).returning());
      if (row === null) throw notDraft();
      return row;
    },
    async publish(kind, version, by, at) {
      await db.update(t).set({ state: 'retired' }).where(and(eq(t.kind, kind), eq(t.state, 'published')));
      const row = first(await db.update(t).set({ state: 'published', publishedBy: by, publishedAt: at }).where(and(one(kind, version), eq(t.state, 'draft'))).returning());
      // The transaction falls with this, and the one before stays published.
      if (row === null) throw notDraft();
      return row;
    },
    async drop(kind, version) {
      if (first(await db.update(t).set({ state: 'dropped', body: {} }).where(and(one(kind, version), eq(t.state, 'draft'))).returning({ version: t.version })) === null) throw notDraft();
    },
    async published(kind) {
      return first(await db.select().from(t).where(and(eq(t.kind, kind), eq(t.state, 'published'))).limit(1));
    },
    async publishedVersion(kind) {
      return first(await db.select({ version: t.version }).from(t).where(and(eq(t.kind, kind), eq(t.state, 'published'))).limit(1))?.version ?? 0;
    },
    async publishedVersions() {
      return publishedOnes.execute();
    },
    async get(kind, version) {
      return first(await db.select().from(t).where(and(one(kind, version), ne(t.state, 'dropped'))).limit(1));
    },
    async list(kind, limit) {
      const { version, state, note, author, createdAt, publishedBy, publishedAt } = t;
      return db.select({ kind: t.kind, version, state, note, author, createdAt, publishedBy, publishedAt }).from(t).where(and(eq(t.kind, kind), ne(t.state, 'dropped'))).orderBy(desc(version)).limit(limit);
    },
  };
}

/** What seats put right; the learner reads it. */
export function createItemCorrectionRepository(session: Session): ItemCorrectionRepository {
  const { db, tables: { itemCorrections: t } } = session;
  const { id, ticketId, text, suggested, chosen, by, at } = t;
  const insert = db.insert(t).values(placeholders({ id, ticketId, text, suggested, chosen, by, at })).prepare('item_corrections_insert');
  return {
    async insert(correction) {
      await insert.execute({ ...correction });
    },
    async list({ afterId, limit }) {
      // Ids are ordered by time.
      return db.select().from(t).where(afterId === undefined ? undefined : gt(id, afterId)).orderBy(asc(id)).limit(limit);
    },
  };
}
