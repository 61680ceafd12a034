import { createHash } from 'node:crypto';
import { setImmediate as rest } from 'node:timers/promises';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import type { Repositories, Store } from '../../store/contract.ts';
import { closeTasksOf } from '../tasks.ts';
import type { RowFault } from './faults.ts';
import type { FileLimits } from './limits.ts';
import type { Names } from './names.ts';
import { openFile, type KnowledgeFile } from './open.ts';
import { countRows, digestOf, planRows, readExisting, type Counts, type Existing, type RowReport } from './plan.ts';
import type { FileFacts } from './raw.ts';

/** A file into the knowledge base: looked through as a whole first, then written in batches. */

export interface ImportContext {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly names: Names;
  readonly now: () => number;
  readonly newId: () => string;
  /** Something was published, and is committed. Must not throw. */
  readonly announce: () => void;
}

export interface ImportOptions {
  readonly write: boolean;
  /** Publish at once instead of handing in for review: an administrator's first load. */
  readonly publish: boolean;
  /** Write the good rows though others are refused. */
  readonly skipBad: boolean;
  /** Seat id, or `system` for the command line. */
  readonly by: string;
  readonly limits: FileLimits;
  /** `share` of the phase, 0 to 1. */
  readonly onProgress?: (phase: 'check' | 'write', share: number) => void;
}

export interface ImportReport {
  readonly file: FileFacts;
  /** `checked`: nothing was to be written; `refused`: nothing was written, because rows were refused. */
  readonly outcome: 'checked' | 'refused' | 'handed_in' | 'published';
  readonly counts: Counts;
  readonly written: number;
  readonly rows: readonly RowReport[];
}

/** Rows of one transaction. */
const BATCH = 200;
/** Rows after which others get their turn. */
const BREATH = 25;

/**
 * Reads the file twice: what was checked is not kept, so a large file needs no large memory. A failure of the database in the
 * middle leaves whole batches behind; the same import again finds them `same` and goes on.
 * @throws AppError `knowledge.…` when the file as a whole cannot be read; whatever the store throws
 */
export async function importKnowledge(context: ImportContext, file: KnowledgeFile, options: ImportOptions): Promise<ImportReport> {
  const existing = await readExisting(context.store);
  const facts = { names: context.names, existing, limits: options.limits, owners: await usernames(context.store) };
  const checking = await openFile(file, options.limits);
  const rows: RowReport[] = [];
  /** What rows name as related that the knowledge base does not have (the file may bring it further down), or that is the row itself. */
  const wanting: { readonly index: number; readonly ids: readonly (readonly [number, string])[] }[] = [];
  const brought = new Set<string>();
  for await (const { report, entry } of planRows(checking, facts)) {
    const missing = [...(entry?.related ?? []).entries()].filter(([, id]) => id === entry?.id || existing.published(id) === null);
    if (missing.length > 0) wanting.push({ index: rows.length, ids: missing });
    if (entry !== null) brought.add(entry.id);
    rows.push(report);
    if (rows.length % BREATH === 0) {
      options.onProgress?.('check', checking.read());
      await rest();
    }
  }
  for (const { index, ids } of wanting) {
    const report = rows[index];
    const faults = ids.flatMap(([place, id]): RowFault[] => {
      const itself = id === report?.id;
      return itself || !brought.has(id) ? [{ field: `related.${place}`, rule: itself ? 'itself' : 'unknown', value: id.slice(0, 100) }] : [];
    });
    if (report !== undefined && faults.length > 0) rows[index] = { ...report, status: 'refused', faults };
  }
  const checked = (outcome: ImportReport['outcome'], written: number): ImportReport => ({ file: checking.facts, outcome, counts: countRows(rows), written, rows });
  if (!options.write) return checked('checked', 0);
  if (!options.skipBad && rows.some(({ status }) => status === 'refused')) return checked('refused', 0);
  const written = await writeRows(context, file, options, facts, rows);
  return checked(options.publish ? 'published' : 'handed_in', written);
}

async function usernames(store: Pick<Store, 'read'>): Promise<ReadonlySet<string>> {
  const seats = await store.read((repos) => repos.seats.list());
  return new Set(seats.filter(({ active }) => active).map(({ username }) => username));
}

interface Waiting {
  readonly index: number;
  readonly entry: KnowledgeEntry;
}

async function writeRows(context: ImportContext, file: KnowledgeFile, options: ImportOptions, facts: Parameters<typeof planRows>[1], rows: RowReport[]): Promise<number> {
  const reference = createHash('sha256').update(file.bytes).digest('hex').slice(0, 12);
  const total = rows.filter(({ status }) => status === 'new' || status === 'changed').length;
  let written = 0;
  let index = 0;
  let batch: Waiting[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const taken = batch;
    batch = [];
    const lost = await context.store.write((repos) => writeBatch(context, repos, taken, { options, existing: facts.existing, reference }));
    written += taken.length - lost.size;
    for (const place of lost) {
      const report = rows[place];
      if (report !== undefined) rows[place] = { ...report, status: 'refused', faults: [{ field: 'row', rule: 'changed_meanwhile' }] };
    }
    if (options.publish) context.announce();
    options.onProgress?.('write', total === 0 ? 1 : written / total);
  };
  for await (const { entry } of planRows(await openFile(file, options.limits), facts)) {
    const status = rows[index]?.status;
    if (entry !== null && (status === 'new' || status === 'changed')) batch.push({ index, entry });
    index += 1;
    if (batch.length >= BATCH) await flush();
    else if (index % BREATH === 0) await rest();
  }
  await flush();
  return written;
}

/** @returns rows whose entry is another by now, or has a draft by now: nothing was written for them */
async function writeBatch(context: ImportContext, repos: Repositories, batch: readonly Waiting[], { options, existing, reference }: { readonly options: ImportOptions; readonly existing: Existing; readonly reference: string }): Promise<ReadonlySet<number>> {
  const now = context.now();
  const lost = new Set<number>();
  for (const { index, entry } of batch) {
    const row = await repos.knowledge.row(entry.id);
    const published = row === null || row.state === 'retired' ? null : digestOf(row.entry);
    if (published !== existing.published(entry.id) || (await repos.revisions.openOf(entry.id)) !== null) {
      lost.add(index);
      continue;
    }
    const revision = await repos.revisions.create({ id: context.newId(), entryId: entry.id, entry, wish: 'publish', basedOn: row?.revision ?? null, author: options.by, note: `批量导入 ${reference}`, now, state: 'review' });
    if (!options.publish) continue;
    const before = row === null ? [] : await repos.revisions.list({ states: ['published'], entryId: entry.id, limit: 10 });
    const done = await repos.revisions.update(revision.id, revision.version, { state: 'published', decidedAt: now }, now);
    await repos.knowledge.publish({ entry, revision: revision.number, origin: 'desk', now });
    for (const other of before) await repos.revisions.update(other.id, other.version, { state: 'replaced' }, now);
    if (row !== null) await closeTasksOf(repos, done, options.by, now);
  }
  if (lost.size < batch.length) {
    await repos.trail.append({
      at: now, actor: options.by === 'system' ? 'system' : `seat:${options.by}`, action: options.publish ? 'knowledge.import_published' : 'knowledge.imported',
      subject: `knowledge_import:${reference}`, purpose: `${batch.length - lost.size} 条`,
    });
  }
  return lost;
}
