import { isNotNull, sql } from 'drizzle-orm';
import type { KnowledgeEntry, KnowledgeModule } from '../domain/knowledge.ts';
import type { GapCluster, GapKind, KnowledgeOrigin, KnowledgeRevision, KnowledgeRow, KnowledgeTask, KnowledgeTaskKind, RevisionState } from './contract-knowledge.ts';
import type { Kit } from './kit.ts';

/** The knowledge base: what holds now, how it came about, what its editors have to do, and what it could not answer. */
export function knowledgeTables(kit: Kit) {
  return { ...entryTables(kit), ...workTables(kit), ...gapTables(kit) };
}

function entryTables({ table, text, int, json, index, uniqueIndex }: Kit) {
  /** Defaults are what a row was before there were editors. */
  const knowledge = table(
    'knowledge_entries',
    {
      id: text('id').primaryKey(),
      module: text('module').$type<KnowledgeModule>().notNull(),
      entry: json('entry').$type<KnowledgeEntry>().notNull(),
      updatedAt: int('updated_at').notNull(),
      state: text('state').$type<KnowledgeRow['state']>().notNull().default('published'),
      origin: text('origin').$type<KnowledgeOrigin>().notNull().default('file'),
      revision: int('revision').notNull().default(1),
      /** `,a,b,`: the department and those of alsoDepartments, to filter by. */
      departments: text('departments').notNull().default(','),
      owner: text('owner'),
      changeSeq: int('change_seq').notNull().default(0),
      reviewOn: text('review_on'),
      expiresOn: text('expires_on'),
    },
    (t) => [
      index('knowledge_entries_change').on(t.changeSeq),
      // Pages of the list, in the order of ids.
      index('knowledge_entries_state').on(t.state, t.id),
      index('knowledge_entries_module').on(t.state, t.module, t.id),
      index('knowledge_entries_origin').on(t.origin),
      index('knowledge_entries_review').on(t.reviewOn).where(isNotNull(t.reviewOn)),
      index('knowledge_entries_expiry').on(t.expiresOn).where(isNotNull(t.expiresOn)),
    ],
  );
  const revisions = table(
    'knowledge_revisions',
    {
      id: text('id').primaryKey(),
      entryId: text('entry_id').notNull(),
      number: int('number').notNull(),
      state: text('state').$type<RevisionState>().notNull(),
      entry: json('entry').$type<KnowledgeEntry>().notNull(),
      wish: text('wish').$type<KnowledgeRevision['wish']>().notNull(),
      basedOn: int('based_on'),
      author: text('author').notNull(),
      editedBy: text('edited_by').notNull(),
      reviewer: text('reviewer'),
      note: text('note'),
      verdict: text('verdict'),
      publishAt: int('publish_at'),
      createdAt: int('created_at').notNull(),
      updatedAt: int('updated_at').notNull(),
      decidedAt: int('decided_at'),
      version: int('version').notNull(),
    },
    (t) => [
      uniqueIndex('knowledge_revisions_number').on(t.entryId, t.number),
      // An entry has one open revision at most, whoever writes.
      uniqueIndex('knowledge_revisions_open').on(t.entryId).where(sql`${t.state} in ('draft', 'review', 'returned', 'approved')`),
      index('knowledge_revisions_state').on(t.state, t.publishAt),
    ],
  );
  return { knowledge, revisions };
}

function workTables({ table, text, int, index, primaryKey }: Kit) {
  const knowledgeTasks = table(
    'knowledge_tasks',
    {
      id: text('id').primaryKey(),
      key: text('key').notNull().unique(),
      kind: text('kind').$type<KnowledgeTaskKind>().notNull(),
      entryId: text('entry_id'),
      owner: text('owner'),
      text: text('text').notNull(),
      conversationId: text('conversation_id'),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      dueOn: text('due_on'),
      state: text('state').$type<KnowledgeTask['state']>().notNull(),
      closedBy: text('closed_by'),
      closedAt: int('closed_at'),
      outcome: text('outcome'),
    },
    (t) => [index('knowledge_tasks_state').on(t.state, t.dueOn), index('knowledge_tasks_entry').on(t.entryId)],
  );
  /** What a seat looked at and what it pinned. */
  const knowledgeMemos = table(
    'knowledge_memos',
    { seatId: text('seat_id').notNull(), entryId: text('entry_id').notNull(), openedAt: int('opened_at'), pinnedAt: int('pinned_at') },
    (t) => [primaryKey({ columns: [t.seatId, t.entryId] }), index('knowledge_memos_opened').on(t.seatId, t.openedAt)],
  );
  return { knowledgeTasks, knowledgeMemos };
}

function gapTables({ table, text, int, real, json, index }: Kit) {
  const gaps = table(
    'knowledge_gaps',
    {
      id: text('id').primaryKey(),
      conversationId: text('conversation_id').notNull(),
      question: text('question').notNull(),
      bestId: text('best_id'),
      bestScore: real('best_score').notNull(),
      at: int('at').notNull(),
      kind: text('kind').$type<GapKind>().notNull().default('unanswered'),
      clusterId: text('cluster_id'),
    },
    (t) => [index('knowledge_gaps_at').on(t.at), index('knowledge_gaps_cluster').on(t.clusterId, t.at)],
  );
  const gapClusters = table(
    'knowledge_gap_clusters',
    {
      id: text('id').primaryKey(),
      state: text('state').$type<GapCluster['state']>().notNull(),
      title: text('title').notNull(),
      samples: json('samples').$type<string[]>().notNull(),
      count: int('count').notNull(),
      unhelpful: int('unhelpful').notNull(),
      bestId: text('best_id'),
      bestScore: real('best_score').notNull(),
      firstAt: int('first_at').notNull(),
      lastAt: int('last_at').notNull(),
      entryId: text('entry_id'),
      closedBy: text('closed_by'),
    },
    (t) => [index('knowledge_gap_clusters_state').on(t.state, t.count)],
  );
  return { gaps, gapClusters };
}
