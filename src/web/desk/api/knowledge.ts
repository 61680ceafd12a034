import type { DiffView, EffectView, GapView, ImportReport, KnowledgeEntry, KnowledgeEntryAnswer, KnowledgeFound, KnowledgeRevisionView, KnowledgeRowView, KnowledgeTaskView, LintReport, NoteKind, RevisionState, TaskKind } from '../../shared/api-types.ts';
import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, type Guard } from '../../shared/guards.ts';
import { isDiff, isEffect, isEntryAnswer, isFacet, isGap, isHit, isImportReport, isLintReport, isRevision, isRow, isTask } from './knowledge-guards.ts';

/** The client's own calls, lent. */
export interface Calls {
  request(method: string, path: string, body?: object, last?: boolean): Promise<unknown>;
  read<T>(guard: Guard<T>, method: string, path: string, body?: object): Promise<T>;
  list<T>(name: string, guard: Guard<T>, path: string): Promise<T[]>;
}

export interface KnowledgeWish {
  readonly q?: string;
  readonly module?: string;
  readonly department?: string;
  readonly town?: string;
  readonly state?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** A new entry needs no id: the server gives one. */
export type EntryGiven = Omit<KnowledgeEntry, 'id'> & { readonly id?: string };

export interface NoteGiven {
  readonly kind: NoteKind;
  readonly text: string;
  readonly conversationId: string | null;
  readonly clientId: string;
}

const isFound = object({ hits: arrayOf(isUnknown), total: isNumber, atLeast: isBoolean, relaxed: isBoolean, cursor: nullable(isString), facets: object({ modules: arrayOf(isFacet), departments: arrayOf(isFacet) }) });
const isRows = object({ entries: arrayOf(isUnknown), nextAfterId: nullable(isString) });
const isTasks = object({ tasks: arrayOf(isUnknown), open: isNumber });
const isRevisionAnswer = object({ revision: isRevision });

/** The desk's calls of the knowledge base. Like all of the client they throw ApiError and nothing else. */
export function createKnowledgeApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  const revision = async (method: string, path: string, body?: object): Promise<KnowledgeRevisionView> => (await read(isRevisionAnswer, method, path, body)).revision;
  const act = (revisionId: string, name: string, body: object): Promise<KnowledgeRevisionView> => revision('POST', `/api/knowledge/revisions/${id(revisionId)}/${name}`, body);

  return {
    async search(wish: KnowledgeWish): Promise<KnowledgeFound> {
      const answer = await read(isFound, 'GET', `/api/knowledge${queryOf(wish)}`);
      return { ...answer, hits: keepValid(answer.hits, isHit) };
    },
    entry: (entryId: string): Promise<KnowledgeEntryAnswer> => read(isEntryAnswer, 'GET', `/api/knowledge/entries/${id(entryId)}`),
    async rows(wish: { readonly state: string; readonly afterId?: string; readonly limit: number }): Promise<{ entries: readonly KnowledgeRowView[]; nextAfterId: string | null }> {
      const answer = await read(isRows, 'GET', `/api/knowledge/entries${queryOf(wish)}`);
      return { entries: keepValid(answer.entries, isRow), nextAfterId: answer.nextAfterId };
    },
    revisionsOf: (entryId: string): Promise<KnowledgeRevisionView[]> => list('revisions', isRevision, `/api/knowledge/entries/${id(entryId)}/revisions`),
    revisions: (states: readonly RevisionState[], mine: boolean): Promise<KnowledgeRevisionView[]> => list('revisions', isRevision, `/api/knowledge/revisions${queryOf({ state: states.join(','), ...(mine ? { mine: 'true' } : {}), limit: 100 })}`),
    revision: (revisionId: string): Promise<KnowledgeRevisionView> => revision('GET', `/api/knowledge/revisions/${id(revisionId)}`),
    diff: (revisionId: string, against?: string): Promise<DiffView> => read(isDiff, 'GET', `/api/knowledge/revisions/${id(revisionId)}/diff${queryOf({ against })}`),

    draftNew: (entry: EntryGiven, note: string | null): Promise<KnowledgeRevisionView> => revision('POST', '/api/knowledge/drafts', { entry, note }),
    draftOf: (entryId: string): Promise<KnowledgeRevisionView> => revision('POST', '/api/knowledge/drafts', { entryId }),
    rollBack: (fromRevision: string): Promise<KnowledgeRevisionView> => revision('POST', '/api/knowledge/drafts', { fromRevision }),
    save: (revisionId: string, given: { readonly entry: EntryGiven; readonly note: string | null; readonly version: number }): Promise<KnowledgeRevisionView> => revision('PUT', `/api/knowledge/revisions/${id(revisionId)}`, given),
    submit: (revisionId: string, version: number): Promise<KnowledgeRevisionView> => act(revisionId, 'submit', { version }),
    sendBack: (revisionId: string, version: number, verdict: string): Promise<KnowledgeRevisionView> => act(revisionId, 'return', { version, verdict }),
    approve: (revisionId: string, version: number, verdict: string | null, publishAt: number | null): Promise<KnowledgeRevisionView> => act(revisionId, 'approve', { version, verdict, publishAt }),
    publish: (revisionId: string, version: number): Promise<KnowledgeRevisionView> => act(revisionId, 'publish', { version }),
    drop: (revisionId: string, version: number): Promise<KnowledgeRevisionView> => act(revisionId, 'drop', { version }),
    retire: (entryId: string, note: string): Promise<KnowledgeRevisionView> => revision('POST', `/api/knowledge/entries/${id(entryId)}/retire`, { note }),

    note: async (entryId: string, given: NoteGiven): Promise<void> => void (await request('POST', `/api/knowledge/entries/${id(entryId)}/notes`, given)),
    pin: async (entryId: string, on: boolean): Promise<void> => void (await request(on ? 'POST' : 'DELETE', `/api/knowledge/entries/${id(entryId)}/pin`, on ? {} : undefined)),
    async tasks(wish: { readonly state: string; readonly kind?: TaskKind; readonly entryId?: string }): Promise<{ tasks: readonly KnowledgeTaskView[]; open: number }> {
      const answer = await read(isTasks, 'GET', `/api/knowledge/tasks${queryOf({ ...wish, limit: 200 })}`);
      return { tasks: keepValid(answer.tasks, isTask), open: answer.open };
    },
    closeTask: async (taskId: string, state: 'done' | 'dismissed', outcome: string | null): Promise<void> => void (await request('POST', `/api/knowledge/tasks/${id(taskId)}/close`, { state, outcome })),

    gaps: (state: GapView['state']): Promise<GapView[]> => list('gaps', isGap, `/api/knowledge/gaps${queryOf({ state, limit: 100 })}`),
    /** Gathers what came in since the last night. */
    gatherGaps: async (): Promise<void> => void (await request('POST', '/api/knowledge/gaps/cluster', {})),
    draftGap: (gapId: string): Promise<KnowledgeRevisionView> => revision('POST', `/api/knowledge/gaps/${id(gapId)}/draft`, {}),
    wordGap: (gapId: string, entryId: string, wording: string): Promise<KnowledgeRevisionView> => revision('POST', `/api/knowledge/gaps/${id(gapId)}/wording`, { entryId, wording }),
    dismissGap: async (gapId: string): Promise<void> => void (await request('POST', `/api/knowledge/gaps/${id(gapId)}/dismiss`, {})),
    effect: (revisionId: string): Promise<EffectView> => read(isEffect, 'GET', `/api/knowledge/revisions/${id(revisionId)}/effect`),

    /** Looks a file through; with `write` its rows are handed in for review (or published, for administrators). */
    importFile(file: File, given: { readonly write: boolean; readonly skipBad: boolean; readonly publish: boolean }): Promise<ImportReport> {
      const form = new FormData();
      form.set('file', file);
      return read(isImportReport, 'POST', `/api/knowledge/import${queryOf(given)}`, form);
    },
    lint: (): Promise<LintReport> => read(isLintReport, 'GET', '/api/knowledge/lint?limit=300'),
    lintTasks: async (): Promise<number> => (await read(object({ added: isNumber }), 'POST', '/api/knowledge/lint/tasks', {})).added,
  };
}

export function queryOf(fields: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
