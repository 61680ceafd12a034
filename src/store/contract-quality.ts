import type { EpochMs, Modality } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';

/** Quality inspection (质检): one row for each service that was inspected, and one for each finding. Who may move it: src/quality/life.ts. */

/**
 * `automatic`: judged by rules; `sampled`: waits for a person; `told`: an inspector has judged, the seat knows and may appeal; `appealed`: waits for another
 * person; `final`.
 */
export type InspectionState = 'automatic' | 'sampled' | 'told' | 'appealed' | 'final';

export interface Inspection {
  readonly id: string;
  /** What is inspected, once: `period:<id>`, or `by-hand:<conversation>:<last seq>`. */
  readonly key: string;
  readonly conversationId: string;
  /** The service period; null: inspected by hand without one. */
  readonly periodId: string | null;
  readonly channel: string;
  readonly modality: Modality;
  readonly groupId: string | null;
  /** Whose service it was, at its end. */
  readonly seatId: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly rulesVersion: string;
  /** By the findings that stand. */
  readonly score: number;
  /** As the rules gave it. */
  readonly automaticScore: number;
  readonly fatal: boolean;
  readonly state: InspectionState;
  /** Why a person looks at it: `share`, `fatal`, `below`, `dissatisfied`, `new-seat`, `by-hand`; null: nobody does. */
  readonly sampledFor: string | null;
  readonly inspectorId: string | null;
  readonly judgedAt: EpochMs | null;
  /** The inspector's words. */
  readonly note: string | null;
  /** The seat may appeal until then. */
  readonly appealBy: EpochMs | null;
  readonly appeal: string | null;
  readonly appealedAt: EpochMs | null;
  readonly rejudgedBy: string | null;
  readonly rejudgement: string | null;
  readonly finalAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly version: number;
}

export type FindingVerdict = 'automatic' | 'confirmed' | 'dropped' | 'added';

export interface InspectionFinding {
  readonly inspectionId: string;
  /** 1, 2, 3 … within the inspection. */
  readonly number: number;
  readonly rule: string;
  readonly seatId: string | null;
  readonly severity: 'minor' | 'major' | 'fatal';
  readonly points: number;
  /** Where: an activity of the conversation, and the part of its text. */
  readonly seq: number;
  readonly start: number;
  readonly end: number;
  /** The text as it was, personal numbers masked. */
  readonly sentence: string;
  readonly why: string;
  readonly verdict: FindingVerdict;
  /** When the service ended: what counts are drawn by. */
  readonly at: EpochMs;
}

export type InspectionChange = Partial<Pick<Inspection, 'score' | 'fatal' | 'state' | 'sampledFor' | 'inspectorId' | 'judgedAt' | 'note' | 'appealBy' | 'appeal' | 'appealedAt' | 'rejudgedBy' | 'rejudgement' | 'finalAt'>>;

export interface InspectionFilter {
  readonly state?: InspectionState;
  readonly seatId?: string;
  readonly groupId?: string;
  readonly channel?: string;
  /** Has a finding of this rule that stands. */
  readonly rule?: string;
  /** Scores of at most so much. */
  readonly atMost?: number;
  readonly conversationId?: string;
  readonly from?: EpochMs;
  /** Exclusive. */
  readonly to?: EpochMs;
  /** Of the last one of the page before. */
  readonly before?: Pick<Inspection, 'endedAt' | 'id'>;
  readonly limit: number;
}

export interface QualityRepository {
  /** False: this service has been inspected already, and nothing was written. */
  add(inspection: Inspection, findings: readonly InspectionFinding[]): Promise<boolean>;
  get(id: string): Promise<Inspection | null>;
  findings(inspectionId: string): Promise<readonly InspectionFinding[]>;
  /** Last ended first. */
  list(filter: InspectionFilter): Promise<readonly Inspection[]>;
  /** AppError `quality.conflict` when `version` is stale. */
  update(id: string, version: number, change: InspectionChange): Promise<Inspection>;
  judgeFinding(inspectionId: string, number: number, verdict: FindingVerdict): Promise<void>;
  addFinding(finding: InspectionFinding): Promise<void>;
  /** Told, and the time to appeal is over; earliest first. */
  appealsOver(now: EpochMs, limit: number): Promise<readonly Inspection[]>;
  counts(filter: { readonly seatId?: string }): Promise<Readonly<Record<InspectionState, number>>>;
  /** By seat and group, of services that ended in [from, to). */
  scores(range: { readonly from: EpochMs; readonly to: EpochMs; readonly seatId?: string }): Promise<readonly { readonly seatId: string; readonly groupId: string | null; readonly inspections: number; readonly points: number; readonly fatal: number; readonly looked: number; readonly appealed: number; readonly changed: number }[]>;
  /** Findings that stand, by rule and seat. */
  findingCounts(range: { readonly from: EpochMs; readonly to: EpochMs; readonly seatId?: string }): Promise<readonly { readonly rule: string; readonly seatId: string | null; readonly findings: number; readonly dropped: number; readonly judged: number }[]>;
  /** Conversations of tickets whose closure a citizen vetoed after `at`, oldest first. */
  vetoedAfter(at: EpochMs, limit: number): Promise<readonly { readonly conversationId: string | null; readonly at: EpochMs }[]>;
  /** Keeps the rules of a version, once. */
  keepRules(version: string, body: JsonValue, now: EpochMs): Promise<void>;
  /** Newest first. */
  rulesVersions(limit: number): Promise<readonly { readonly version: string; readonly since: EpochMs }[]>;
  rulesOf(version: string): Promise<JsonValue>;
}
