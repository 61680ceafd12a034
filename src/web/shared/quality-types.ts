/** Quality inspection, as the desk's API answers (src/http/zones/desk/quality.ts). Times are epoch ms. */

export type InspectionState = 'automatic' | 'sampled' | 'told' | 'appealed' | 'final';
/** Of the desk's socket, to whom it concerns: a result was given or appealed against. */
export interface InspectionFrame {
  readonly type: 'inspection';
  readonly inspectionId: string;
  readonly move: 'judge' | 'appeal' | 'rejudge';
  readonly score: number;
}

export type QualityMove = 'sample' | 'judge' | 'accept' | 'appeal' | 'rejudge';

export interface InspectionView {
  readonly id: string;
  readonly conversationId: string;
  readonly channel: string;
  readonly modality: string;
  readonly groupId: string | null;
  readonly seatId: string;
  readonly seatName: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly rulesVersion: string;
  readonly score: number;
  readonly automaticScore: number;
  readonly fatal: boolean;
  readonly state: InspectionState;
  readonly sampledFor: string | null;
  readonly inspectorName: string | null;
  readonly judgedAt: number | null;
  readonly note: string | null;
  readonly appealBy: number | null;
  readonly appeal: string | null;
  readonly appealedAt: number | null;
  readonly rejudgedByName: string | null;
  readonly rejudgement: string | null;
  readonly finalAt: number | null;
  readonly version: number;
}

export interface FindingView {
  readonly number: number;
  readonly rule: string;
  readonly ruleName: string;
  readonly seatName: string | null;
  readonly severity: string;
  readonly points: number;
  readonly seq: number;
  readonly start: number;
  readonly end: number;
  readonly sentence: string;
  readonly why: string;
  readonly verdict: string;
}

export interface QualityRuleView {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly severity: string;
  readonly points: number;
  readonly most: number | null;
  readonly channels: readonly string[];
  readonly modalities: readonly string[];
  readonly active: boolean;
}

export interface QualityRulesView {
  readonly version: string;
  readonly fatalAtMost: number;
  readonly appealWorkdays: number;
  readonly rules: readonly QualityRuleView[];
  /** Null for who does not inspect. */
  readonly sampling: { readonly share: number; readonly below: number; readonly fatal: boolean; readonly dissatisfied: boolean; readonly newSeats: { readonly days: number; readonly share: number } } | null;
  readonly versions: readonly { readonly version: string; readonly since: number }[];
}

export interface QualityFiguresView {
  readonly inspections: number;
  readonly score: number | null;
  readonly fatal: number;
  readonly looked: number;
  readonly appealed: number;
  readonly changed: number;
  readonly rules: readonly { readonly rule: string; readonly ruleName: string; readonly findings: number; readonly right: number | null }[];
  readonly seats: readonly { readonly seatId: string; readonly seatName: string | null; readonly inspections: number; readonly score: number; readonly fatal: number; readonly findings: Readonly<Record<string, number>> }[];
}

export type QualityCounts = Readonly<Record<InspectionState, number>>;

export interface QualityFilter {
  readonly state?: string;
  readonly rule?: string;
  readonly seatId?: string;
  readonly groupId?: string;
  readonly atMost?: string;
  readonly from?: number;
  readonly to?: number;
  readonly before?: number;
  readonly beforeId?: string;
}
