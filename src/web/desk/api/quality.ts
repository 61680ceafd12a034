import type { ActivityView } from '../../shared/api-types.ts';
import { arrayOf, isBoolean, isNumber, isRecord, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { FindingView, InspectionView, QualityCounts, QualityFiguresView, QualityFilter, QualityMove, QualityRulesView, QualityRuleView } from '../../shared/quality-types.ts';
import { isActivity } from './guards.ts';
import type { Calls } from './knowledge.ts';

/** Quality inspection. */

const text = nullable(isString);
const time = nullable(isNumber);
const isInspection: Guard<InspectionView> = object({
  id: isString, conversationId: isString, channel: isString, modality: isString, groupId: text, seatId: isString, seatName: text, startedAt: isNumber, endedAt: isNumber, rulesVersion: isString, score: isNumber, automaticScore: isNumber, fatal: isBoolean,
  state: oneOf('automatic', 'sampled', 'told', 'appealed', 'final'), sampledFor: text, inspectorName: text, judgedAt: time, note: text, appealBy: time, appeal: text, appealedAt: time, rejudgedByName: text, rejudgement: text, finalAt: time, version: isNumber,
});
const isFinding: Guard<FindingView> = object({ number: isNumber, rule: isString, ruleName: isString, seatName: text, severity: isString, points: isNumber, seq: isNumber, start: isNumber, end: isNumber, sentence: isString, why: isString, verdict: isString });
const isCounts: Guard<QualityCounts> = object({ automatic: isNumber, sampled: isNumber, told: isNumber, appealed: isNumber, final: isNumber });
const isRule: Guard<QualityRuleView> = object({ id: isString, name: isString, about: isString, severity: isString, points: isNumber, most: time, channels: arrayOf(isString), modalities: arrayOf(isString), active: isBoolean });
const isRules: Guard<QualityRulesView> = object({
  version: isString, fatalAtMost: isNumber, appealWorkdays: isNumber, rules: arrayOf(isRule), versions: arrayOf(object({ version: isString, since: isNumber })),
  sampling: nullable(object({ share: isNumber, below: isNumber, fatal: isBoolean, dissatisfied: isBoolean, newSeats: object({ days: isNumber, share: isNumber }) })),
});
const isCountByRule: Guard<Readonly<Record<string, number>>> = (value): value is Readonly<Record<string, number>> => isRecord(value) && Object.values(value).every(isNumber);
const isFigures: Guard<QualityFiguresView> = object({
  inspections: isNumber, score: time, fatal: isNumber, looked: isNumber, appealed: isNumber, changed: isNumber, rules: arrayOf(object({ rule: isString, ruleName: isString, findings: isNumber, right: time })),
  seats: arrayOf(object({ seatId: isString, seatName: text, inspections: isNumber, score: isNumber, fatal: isNumber, findings: isCountByRule })),
});

/** Rows of a page of the list. */
export const INSPECTION_PAGE = 50;

export interface InspectionDetail {
  readonly inspection: InspectionView;
  readonly findings: readonly FindingView[];
  readonly activities: readonly ActivityView[];
  readonly moves: readonly string[];
}

export interface QualityJudgement {
  readonly version: number;
  readonly note?: string;
  readonly verdicts?: readonly { readonly number: number; readonly stands: boolean }[];
  readonly added?: readonly { readonly rule: string; readonly seq: number; readonly why: string }[];
}

export function createQualityApi({ read, request, list }: Calls) {
  const id = encodeURIComponent;
  return {
    async inspections(filter: QualityFilter): Promise<{ readonly inspections: readonly InspectionView[]; readonly counts: QualityCounts }> {
      const query = new URLSearchParams({ limit: String(INSPECTION_PAGE) });
      for (const [name, value] of Object.entries(filter)) if (value !== undefined && value !== '') query.set(name, String(value));
      const answer = await read(object({ inspections: arrayOf(isUnknown), counts: isCounts }), 'GET', `/api/quality/inspections?${query.toString()}`);
      return { inspections: keepValid(answer.inspections, isInspection), counts: answer.counts };
    },
    async one(inspectionId: string): Promise<InspectionDetail> {
      const answer = await read(object({ inspection: isInspection, findings: arrayOf(isUnknown), activities: arrayOf(isUnknown), moves: arrayOf(isString) }), 'GET', `/api/quality/inspections/${id(inspectionId)}`);
      return { ...answer, findings: keepValid(answer.findings, isFinding), activities: keepValid(answer.activities, isActivity) };
    },
    move: async (inspectionId: string, move: QualityMove, given: QualityJudgement): Promise<void> => void (await request('POST', `/api/quality/inspections/${id(inspectionId)}/${move}`, given)),
    figures: (from: number, to: number): Promise<QualityFiguresView> => read(isFigures, 'GET', `/api/quality/figures?from=${from}&to=${to}`),
    groups: (): Promise<{ readonly id: string; readonly name: string }[]> => list('groups', object({ id: isString, name: isString }), '/api/groups'),
    rules: (): Promise<QualityRulesView> => read(isRules, 'GET', '/api/quality/rules'),
    async rulesOf(version: string): Promise<unknown> {
      return (await read(object({ rules: isUnknown }), 'GET', `/api/quality/rules/${id(version)}`)).rules;
    },
  };
}
