import { and, asc, desc, eq, gt, inArray, lte, max, or, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { KnowledgeRevision, RevisionRepository, RevisionState } from '../contract.ts';
import type { Session } from '../session.ts';
import { KNOWLEDGE_LOCK } from './knowledge.ts';
import { first, given, orderedUpToLimit, placeholders, setTo } from './statements.ts';

const OPEN: readonly RevisionState[] = ['draft', 'review', 'returned', 'approved'];
const CHANGEABLE = ['state', 'entry', 'editedBy', 'reviewer', 'note', 'verdict', 'publishAt', 'decidedAt'] as const satisfies readonly (keyof KnowledgeRevision)[];

export function createRevisionRepository(session: Session): RevisionRepository {
  const { db, tables: { revisions: r, knowledge: k } } = session;
  const byId = db.select().from(r).where(eq(r.id, given(r.id, 'id'))).prepare('knowledge_revisions_by_id');
  const newestOf = db.select().from(r).where(eq(r.entryId, given(r.entryId, 'entryId'))).orderBy(orderedUpToLimit(desc(r.number))).prepare('knowledge_revisions_of_entry');
  const open = db.select().from(r).where(and(eq(r.entryId, given(r.entryId, 'entryId')), inArray(r.state, [...OPEN]))).prepare('knowledge_revisions_open');
  const highest = db.select({ number: max(r.number) }).from(r).where(eq(r.entryId, given(r.entryId, 'entryId'))).prepare('knowledge_revisions_highest');
  const publishedNumber = db.select({ number: k.revision }).from(k).where(eq(k.id, given(k.id, 'entryId'))).prepare('knowledge_revisions_published');
  const { id, entryId, number, state, entry, wish, basedOn, author, editedBy, reviewer, note, verdict, publishAt, createdAt, updatedAt, decidedAt, version } = r;
  const insert = db
    .insert(r)
    .values(placeholders({ id, entryId, number, state, entry, wish, basedOn, author, editedBy, reviewer, note, verdict, publishAt, createdAt, updatedAt, decidedAt, version }))
    .prepare('knowledge_revisions_insert');
  const ripe = db
    .select()
    .from(r)
    .where(and(eq(r.state, 'approved'), lte(r.publishAt, given(r.publishAt, 'now'))))
    .orderBy(orderedUpToLimit(asc(r.publishAt), asc(r.id)))
    .prepare('knowledge_revisions_due');

  /** One statement per set of changed fields. */
  const updates = new Map<string, ReturnType<typeof prepareUpdate>>();
  function prepareUpdate(fields: readonly (typeof CHANGEABLE)[number][], name: string) {
    return db
      .update(r)
      .set({ ...Object.fromEntries(fields.map((field) => [field, setTo(r[field], field)])), updatedAt: setTo(r.updatedAt, 'now'), version: sql`${r.version} + 1` })
      .where(and(eq(r.id, given(r.id, 'id')), eq(r.version, given(r.version, 'seen'))))
      .returning()
      .prepare(name);
  }

  async function get(wanted: string): Promise<KnowledgeRevision | null> {
    return first(await byId.execute({ id: wanted }));
  }

  async function openOf(wanted: string): Promise<KnowledgeRevision | null> {
    return first(await open.execute({ entryId: wanted }));
  }

  return {
    get,
    openOf,
    async create({ now, state: wantedState = 'draft', ...draft }) {
      // Two that begin at once: the second sees what the first began.
      await session.lockName(KNOWLEDGE_LOCK);
      const other = OPEN.includes(wantedState) ? await openOf(draft.entryId) : null;
      if (other !== null) throw new AppError('knowledge.draft_open', 'the entry has an open draft already', { status: 409, citizenText: '该知识已有未完成的草稿，请先处理那一份。', details: { entryId: draft.entryId, revisionId: other.id } });
      const used = first(await highest.execute({ entryId: draft.entryId }))?.number ?? 0;
      const shown = first(await publishedNumber.execute({ entryId: draft.entryId }))?.number ?? 0;
      const revision: KnowledgeRevision = {
        ...draft, number: Math.max(used, shown) + 1, state: wantedState, editedBy: draft.author, reviewer: null, verdict: null, publishAt: null,
        createdAt: now, updatedAt: now, decidedAt: null, version: 1,
      };
      await insert.execute({ ...revision });
      return revision;
    },
    async ofEntry(wanted, limit) {
      return newestOf.execute({ entryId: wanted, limit });
    },
    async list({ states, entryId: wanted, author: writer, limit, afterId }) {
      if (states.length === 0) return [];
      const narrow: (SQL | undefined)[] = [inArray(r.state, [...states])];
      if (wanted !== undefined) narrow.push(eq(r.entryId, wanted));
      if (writer !== undefined) narrow.push(eq(r.author, writer));
      const last = afterId === undefined ? null : await get(afterId);
      if (last !== null) narrow.push(or(gt(r.createdAt, last.createdAt), and(eq(r.createdAt, last.createdAt), gt(r.id, last.id))));
      return db.select().from(r).where(and(...narrow)).orderBy(asc(r.createdAt), asc(r.id)).limit(limit);
    },
    async due(now, limit) {
      return ripe.execute({ now, limit });
    },
    async update(wanted, seen, change, now) {
      const fields = CHANGEABLE.filter((field) => change[field] !== undefined);
      const key = fields.join(' ');
      let statement = updates.get(key);
      if (statement === undefined) {
        statement = prepareUpdate(fields, `knowledge_revisions_update_${updates.size}`);
        updates.set(key, statement);
      }
      const after = first(await statement.execute({ ...change, id: wanted, seen, now }));
      if (after !== null) return after;
      const current = await get(wanted);
      throw new AppError('knowledge.conflict', 'the revision was changed by somebody else', { retry: 'conflict', status: 409, citizenText: '别人刚刚修改过，请刷新后再试。', details: { revisionId: wanted, version: current?.version ?? null } });
    },
  };
}
