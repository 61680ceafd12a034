import type { EpochMs } from '../../domain/activity.ts';
import type { KnowledgeEntry, KnowledgeModule } from '../../domain/knowledge.ts';

/** What the desk reads of the knowledge base. Types only; `desk/api/knowledge-guards.ts` checks what arrives. Days are `YYYY-MM-DD`, Beijing. */

export type { KnowledgeEntry, KnowledgeModule };

export type KnowledgeState = 'valid' | 'due' | 'expired' | 'coming';
/** From and to (exclusive), UTF-16 units. */
export type Ranges = readonly (readonly number[])[];

export interface MarkedText {
  readonly text: string;
  readonly ranges: Ranges;
}

export interface KnowledgeHit {
  readonly id: string;
  readonly module: KnowledgeModule;
  readonly question: string;
  readonly ranges: Ranges;
  /** The wording that was found when the question was not. */
  readonly wording: MarkedText | null;
  readonly snippet: MarkedText;
  readonly answer: string;
  readonly voice: string;
  readonly department: string | null;
  readonly source: string;
  readonly sourceUrl: string | null;
  readonly audience: 'public' | 'desk';
  readonly effectiveFrom: string;
  readonly expiresOn: string | null;
  readonly reviewOn: string | null;
  readonly state: KnowledgeState;
  /** Why it should not be read out as it is. */
  readonly stale: string | null;
  readonly score: number;
  readonly foundIn: string | null;
  readonly pinned: boolean;
  readonly recent: boolean;
}

export interface FacetCount {
  readonly id: string;
  readonly name: string | null;
  readonly count: number;
}

export interface KnowledgeFound {
  readonly hits: readonly KnowledgeHit[];
  readonly total: number;
  /** There are more than `total`, which is already too many. */
  readonly atLeast: boolean;
  readonly relaxed: boolean;
  readonly cursor: string | null;
  readonly facets: { readonly modules: readonly FacetCount[]; readonly departments: readonly FacetCount[] };
}

export interface KnowledgeRowView {
  readonly id: string;
  readonly state: 'published' | 'retired';
  readonly origin: 'file' | 'desk';
  readonly revision: number;
  readonly updatedAt: EpochMs;
  readonly module: KnowledgeModule;
  readonly question: string;
  readonly departmentName: string;
  readonly owner: string | null;
  readonly expiresOn: string | null;
  readonly reviewOn: string | null;
}

export type RevisionState = 'draft' | 'review' | 'returned' | 'approved' | 'published' | 'replaced' | 'retired' | 'dropped';

export interface KnowledgeRevisionView {
  readonly id: string;
  readonly entryId: string;
  readonly number: number;
  readonly state: RevisionState;
  readonly stateName: string;
  readonly wish: 'publish' | 'retire';
  readonly entry: KnowledgeEntry;
  readonly basedOn: number | null;
  /** Seat ids. */
  readonly author: string;
  readonly authorName: string;
  readonly editedBy: string;
  readonly editedByName: string;
  readonly reviewerName: string | null;
  readonly note: string | null;
  readonly verdict: string | null;
  readonly publishAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly decidedAt: EpochMs | null;
  readonly version: number;
}

export interface TitledEntry {
  readonly id: string;
  readonly question: string;
}

export interface KnowledgeEntryAnswer {
  /** Null: it was never published. */
  readonly row: KnowledgeRowView | null;
  readonly entry: KnowledgeEntry;
  /** Revision that somebody works on. */
  readonly open: KnowledgeRevisionView | null;
  readonly related: readonly TitledEntry[];
  readonly pinned: boolean;
  readonly openTasks: number;
}

export interface DiffMark {
  readonly op: 'same' | 'removed' | 'added';
  readonly text: string;
}
export interface FieldDiffView {
  readonly field: string;
  readonly label: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly shape: 'text' | 'list';
  readonly marks: readonly DiffMark[];
}
export interface DiffView {
  readonly against: number | null;
  readonly fields: readonly FieldDiffView[];
}

export type TaskKind = 'wrong' | 'missing' | 'unclear' | 'review' | 'expiry' | 'lint' | 'gap';
export type NoteKind = 'wrong' | 'missing' | 'unclear';

export interface KnowledgeTaskView {
  readonly id: string;
  readonly kind: TaskKind;
  readonly entryId: string | null;
  readonly question: string | null;
  readonly owner: string | null;
  readonly text: string;
  readonly createdByName: string;
  readonly createdAt: EpochMs;
  readonly dueOn: string | null;
  readonly state: 'open' | 'done' | 'dismissed';
  readonly closedByName: string | null;
  readonly closedAt: EpochMs | null;
  readonly outcome: string | null;
}

/** What is wrong with a text that was refused. */
export interface EntryFaultView {
  readonly field: string;
  readonly text: string;
}

export interface ImportFault {
  readonly field: string;
  readonly text: string;
}
export interface ImportRow {
  readonly row: number;
  readonly line: number;
  readonly id: string | null;
  readonly status: 'new' | 'changed' | 'same' | 'refused';
  readonly faults: readonly ImportFault[];
}
export interface ImportReport {
  readonly outcome: 'checked' | 'refused' | 'handed_in' | 'published';
  readonly counts: { readonly new: number; readonly changed: number; readonly same: number; readonly refused: number };
  readonly written: number;
  readonly rows: readonly ImportRow[];
}

export interface LintFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly entryIds: readonly string[];
  readonly text: string;
  /** What to do about it. */
  readonly mend: string;
}
export interface LintReport {
  readonly entries: number;
  readonly counts: { readonly error: number; readonly warning: number; readonly hint: number };
  readonly findings: readonly LintFinding[];
}

/** Questions that got no good answer and ask the same. */
export interface GapView {
  readonly id: string;
  readonly state: 'open' | 'drafted' | 'added' | 'dismissed';
  readonly title: string;
  readonly samples: readonly string[];
  readonly count: number;
  readonly unhelpful: number;
  /** Nearest entry. */
  readonly best: { readonly id: string; readonly question: string | null; readonly score: number } | null;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly entryId: string | null;
}

export interface EffectFigures {
  readonly recallAt1: number;
  readonly wrongAnswers: number;
  readonly answered: number;
  readonly refused: number;
}
export interface EffectOutcome {
  readonly top: string | null;
  readonly decision: 'answer' | 'choices' | 'clarify' | 'abstain';
}
/** What publishing a revision would do to the evaluation set. */
export interface EffectView {
  readonly questions: { readonly answerable: number; readonly unanswerable: number };
  readonly before: EffectFigures;
  readonly after: EffectFigures;
  readonly changed: readonly { readonly q: string; readonly entry: string | null; readonly before: EffectOutcome; readonly after: EffectOutcome; readonly verdict: 'better' | 'worse' | 'other' }[];
}
