import type { Calendar, DeadlinesCatalogue, DepartmentsCatalogue, DispatchCatalogue, ItemCatalogue, TownsCatalogue } from '../../domain/config-files.ts';

/** Shapes of catalogues, flows, the trail, dead letters and channels as the desk's API answers them. Times are epoch ms. */

export interface CatalogueBodies {
  readonly items: ItemCatalogue;
  readonly dispatch: DispatchCatalogue;
  readonly departments: DepartmentsCatalogue;
  readonly towns: TownsCatalogue;
  readonly calendar: Calendar;
  readonly deadlines: DeadlinesCatalogue;
}
export type CatalogueKind = keyof CatalogueBodies;

export interface VersionView {
  readonly kind: string;
  readonly version: number;
  readonly state: string;
  readonly note: string;
  /** Seat id; `system` for the files. */
  readonly author: string;
  readonly createdAt: number;
  readonly publishedBy: string | null;
  readonly publishedAt: number | null;
}

export interface FaultView {
  readonly pointer: string;
  readonly subject: string;
  readonly text: string;
  readonly severity: string;
}

export interface CatalogueView<Kind extends CatalogueKind> {
  readonly version: VersionView;
  readonly body: CatalogueBodies[Kind];
  readonly faults: readonly FaultView[];
}

export interface ChangeView {
  readonly what: string;
  readonly id: string;
  readonly how: string;
  readonly fields: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
}

export interface ImportView {
  readonly rows: readonly { readonly line: number; readonly code: string | null; readonly status: string; readonly reasons: readonly string[] }[];
  readonly counts: { readonly new: number; readonly changed: number; readonly same: number; readonly refused: number };
  readonly gone: readonly string[];
  readonly ignored: readonly string[];
  readonly version: number | null;
}

interface Side {
  readonly waiting: number;
  readonly asToday: number;
}
interface Target {
  readonly departmentId: string | null;
  readonly routeId: string | null;
}
export interface TrialView {
  readonly state: string;
  readonly startedAt: number;
  readonly days: number;
  readonly tickets: number;
  readonly code: string | null;
  readonly report: {
    readonly tickets: number;
    readonly complete: boolean;
    readonly elsewhere: number;
    readonly assistedOtherwise: number;
    readonly before: Side;
    readonly after: Side;
    readonly rules: readonly { readonly id: string; readonly before: number | null; readonly after: number }[];
    readonly unreached: readonly string[];
    readonly examples: readonly { readonly ticketId: string; readonly number: string; readonly before: Target; readonly after: Target }[];
  } | null;
}

export interface VerdictView {
  readonly routeId: string;
  readonly fits: boolean;
  readonly problem: string | null;
  readonly conditions: readonly { readonly name: string; readonly met: boolean; readonly text: string }[];
}

export interface FlowRow {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly path: string;
  readonly aside: boolean;
  readonly interrupts: boolean;
  readonly triggers: number;
  readonly slots: number;
  readonly steps: number;
}

export interface FlowPart {
  readonly name: string;
  readonly title: string;
  readonly line: number;
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  readonly links: readonly { readonly label: string; readonly to: string; readonly other: boolean }[];
}

export interface FlowView {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly path: string;
  readonly aside: boolean;
  readonly interrupts: boolean;
  readonly inherit: readonly string[];
  readonly cancel: string | null;
  readonly triggers: readonly FlowPart[];
  readonly slots: readonly FlowPart[];
  readonly steps: readonly FlowPart[];
  readonly source: string;
  readonly usedBy: readonly string[];
}

export interface TrySaid {
  readonly text: string;
  readonly speak: string | null;
  readonly choices: readonly { readonly title: string; readonly key: string | null }[];
  readonly source: string | null;
}
export interface TryView {
  readonly state: string;
  readonly steps: readonly { readonly kind: string; readonly said?: TrySaid | undefined; readonly what?: string | undefined; readonly text?: string | undefined }[];
  readonly place: { readonly frames: readonly { readonly flow: string; readonly step: string; readonly asked: string | null; readonly slots: readonly { readonly name: string; readonly value: string }[] }[]; readonly waiting: boolean; readonly emergency: string | null; readonly ended: boolean; readonly locale: string };
  readonly program: string;
}

export interface TrailCheckView {
  readonly state: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly upTo: number;
  readonly total: number;
  readonly brokenAt: number | null;
}
export interface TrailRow {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly purpose: string | null;
}
export interface TrailView {
  readonly entries: readonly TrailRow[];
  readonly next: number | null;
  readonly check: TrailCheckView | null;
}

export interface LetterView {
  readonly id: string;
  readonly kind: string;
  readonly lane: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly diedAt: number;
  readonly position: number;
  readonly conversationId: string | null;
}
export interface LetterGroup {
  readonly kind: string;
  readonly error: string | null;
  readonly amount: number;
  readonly oldestAt: number;
  readonly newestAt: number;
}
export interface LetterDetail {
  readonly letter: LetterView;
  readonly payload: readonly { readonly name: string; readonly value: string }[];
  readonly activities: readonly { readonly id: string; readonly at: number; readonly role: string; readonly type: string; readonly chars: number }[];
}

export interface ChannelStateView {
  readonly name: string;
  readonly state: string;
  /** What an operator should know of a channel that is on and not up; null: all is well. */
  readonly note: string | null;
  readonly missing: readonly { readonly name: string; readonly about: string }[];
  readonly inbound: string;
  readonly delivery: string;
  readonly lastInAt: number | null;
  readonly lastOutAt: number | null;
  readonly waiting: number;
  readonly oldestAt: number | null;
  readonly dead: number;
  readonly errors: readonly { readonly code: string; readonly status: string; readonly amount: number; readonly lastAt: number }[];
  readonly limits: { readonly textLimit: number; readonly textLimitUnit: string; readonly replyWindowHours: number | null; readonly proactive: boolean };
}
