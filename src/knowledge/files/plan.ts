import { createHash } from 'node:crypto';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import type { Store } from '../../store/contract.ts';
import { checkEntry } from './check.ts';
import type { RowFault } from './faults.ts';
import { fileError, type FileLimits } from './limits.ts';
import type { Names } from './names.ts';
import type { OpenFile } from './raw.ts';
import { entryOfRow } from './table.ts';
import { fingerprint, questionKey } from './tidy.ts';

/** What each row of a file would do to the knowledge base. */

export type RowStatus = 'new' | 'changed' | 'same' | 'refused';

export interface RowReport {
  /** 1, 2, 3 … among the rows that are not empty. */
  readonly row: number;
  /** Line of a text file, row number of a sheet. */
  readonly line: number;
  /** Null when the row is too broken to have one. */
  readonly id: string | null;
  readonly status: RowStatus;
  readonly faults: readonly RowFault[];
}

/** What the knowledge base has already, in a size that a city's whole base fits in memory (some 200 bytes an entry). */
export interface Existing {
  /** Digest of the published text; null when nothing is published under this id. */
  published(id: string): string | null;
  /** Digest of the text of the open draft; null when there is none. */
  open(id: string): string | null;
  idOf(module: KnowledgeEntry['module'], question: string): string | null;
}

/** Equal for equal entries, and short. */
export const digestOf = (entry: KnowledgeEntry): string => createHash('sha256').update(fingerprint(entry)).digest('base64').slice(0, 22);

export function existingOf(published: Iterable<KnowledgeEntry>, open: Iterable<KnowledgeEntry> = []): Existing {
  const digests = new Map<string, string>();
  const drafts = new Map<string, string>();
  /** Null: several entries ask this. */
  const questions = new Map<string, string | null>();
  const ask = (entry: KnowledgeEntry): void => {
    const key = `${entry.module}\n${questionKey(entry.question)}`;
    const id = questions.get(key);
    questions.set(key, id === undefined || id === entry.id ? entry.id : null);
  };
  for (const entry of published) {
    digests.set(entry.id, digestOf(entry));
    ask(entry);
  }
  for (const entry of open) {
    drafts.set(entry.id, digestOf(entry));
    ask(entry);
  }
  return { published: (id) => digests.get(id) ?? null, open: (id) => drafts.get(id) ?? null, idOf: (module, question) => questions.get(`${module}\n${questionKey(question)}`) ?? null };
}

/** Rows that are read at a time. */
const PAGE = 500;

export async function readExisting(store: Pick<Store, 'read'>): Promise<Existing> {
  const published: KnowledgeEntry[] = [];
  const open: KnowledgeEntry[] = [];
  for await (const page of publishedPages(store, {})) published.push(...page);
  for (let afterId: string | undefined; ; ) {
    const after = afterId === undefined ? {} : { afterId };
    const page = await store.read((repos) => repos.revisions.list({ states: ['draft', 'review', 'returned', 'approved'], limit: PAGE, ...after }));
    open.push(...page.map(({ entry }) => entry));
    afterId = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  return existingOf(published, open);
}

export interface ExportFilter {
  readonly module?: KnowledgeEntry['module'];
  readonly department?: string;
  /** `published` unless told. */
  readonly state?: 'published' | 'retired';
}

/** Entries in the order of their ids, a page a transaction: a long export holds nobody up. */
export async function* publishedPages(store: Pick<Store, 'read'>, { state = 'published', ...filter }: ExportFilter): AsyncGenerator<readonly KnowledgeEntry[]> {
  for (let afterId: string | undefined; ; ) {
    const after = afterId === undefined ? {} : { afterId };
    const page = await store.read((repos) => repos.knowledge.list({ ...filter, ...after, state, limit: PAGE }));
    yield page.map(({ entry }) => entry);
    afterId = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

export interface Facts {
  readonly names: Names;
  readonly existing: Existing;
  readonly limits: FileLimits;
  /** Usernames that may keep an entry; absent: any. */
  readonly owners?: ReadonlySet<string>;
}

export type PlannedRow = { readonly report: RowReport; readonly entry: KnowledgeEntry | null };

/**
 * Every row with what it would do. Rows come out as they are read; of those before only ids are remembered.
 * @throws AppError `knowledge.file_too_large` at more than `limits.rows` rows
 */
export async function* planRows(file: OpenFile, { names, existing, limits, owners }: Facts): AsyncGenerator<PlannedRow> {
  const seen = new Map<string, number>();
  let row = 0;
  for await (const raw of file.rows) {
    row += 1;
    if (row > limits.rows) throw fileError('file_too_large', `行数太多：最多 ${limits.rows} 行，请拆成几个文件`, { limit: limits.rows });
    const { line } = raw;
    const refused = (id: string | null, faults: readonly RowFault[]): PlannedRow => ({ report: { row, line, id, status: 'refused', faults }, entry: null });
    if (raw.kind === 'fault') {
      yield refused(null, [raw.fault]);
      continue;
    }
    const checked = checkEntry(raw.kind === 'cells' ? entryOfRow(raw.cells) : raw.value, names, existing.idOf);
    if (checked.entry === null) {
      yield refused(checked.id, checked.faults);
      continue;
    }
    const { entry } = checked;
    if (entry.owner !== undefined && owners?.has(entry.owner) === false) {
      yield refused(entry.id, [{ field: 'owner', rule: 'unknown' }]);
      continue;
    }
    const before = seen.get(entry.id);
    if (before !== undefined) {
      yield refused(entry.id, [{ field: 'id', rule: 'duplicate', value: `第 ${before} 行` }]);
      continue;
    }
    seen.set(entry.id, line);
    const status = statusOf(entry, existing);
    yield status === null ? refused(entry.id, [{ field: 'row', rule: 'draft_open' }]) : { report: { row, line, id: entry.id, status, faults: [] }, entry };
  }
}

/** Null when a draft that says something else is open. */
function statusOf(entry: KnowledgeEntry, existing: Existing): 'new' | 'changed' | 'same' | null {
  const mine = digestOf(entry);
  const [published, open] = [existing.published(entry.id), existing.open(entry.id)];
  if (mine === open || (open === null && mine === published)) return 'same';
  if (open !== null) return null;
  return published === null ? 'new' : 'changed';
}

export type Counts = Readonly<Record<RowStatus, number>>;

export function countRows(rows: readonly RowReport[]): Counts {
  const counts = { new: 0, changed: 0, same: 0, refused: 0 };
  for (const { status } of rows) counts[status] += 1;
  return counts;
}
