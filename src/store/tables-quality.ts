import { isNotNull } from 'drizzle-orm';
import type { Modality } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';
import type { FindingVerdict, InspectionFinding, InspectionState } from './contract-quality.ts';
import type { Kit } from './kit.ts';

/** Quality inspection (src/quality): what was inspected, what was found, by which rules. */
export function qualityTables({ table, text, int, bool, json, index, primaryKey }: Kit) {
  const inspections = table(
    'quality_inspections',
    {
      id: text('id').primaryKey(),
      key: text('key').notNull().unique(),
      conversationId: text('conversation_id').notNull(),
      periodId: text('period_id'),
      channel: text('channel').notNull(),
      modality: text('modality').$type<Modality>().notNull(),
      groupId: text('group_id'),
      seatId: text('seat_id').notNull(),
      fromSeq: int('from_seq').notNull(),
      toSeq: int('to_seq').notNull(),
      startedAt: int('started_at').notNull(),
      endedAt: int('ended_at').notNull(),
      rulesVersion: text('rules_version').notNull(),
      score: int('score').notNull(),
      automaticScore: int('automatic_score').notNull(),
      fatal: bool('fatal').notNull(),
      state: text('state').$type<InspectionState>().notNull(),
      sampledFor: text('sampled_for'),
      inspectorId: text('inspector_id'),
      judgedAt: int('judged_at'),
      note: text('note'),
      appealBy: int('appeal_by'),
      appeal: text('appeal'),
      appealedAt: int('appealed_at'),
      rejudgedBy: text('rejudged_by'),
      rejudgement: text('rejudgement'),
      finalAt: int('final_at'),
      createdAt: int('created_at').notNull(),
      version: int('version').notNull(),
    },
    (t) => [
      index('quality_inspections_ended').on(t.endedAt, t.id),
      index('quality_inspections_state').on(t.state, t.endedAt),
      index('quality_inspections_seat').on(t.seatId, t.endedAt),
      index('quality_inspections_conversation').on(t.conversationId, t.endedAt),
      index('quality_inspections_appeal').on(t.state, t.appealBy).where(isNotNull(t.appealBy)),
    ],
  );
  const findings = table(
    'quality_findings',
    {
      inspectionId: text('inspection_id').notNull(),
      number: int('number').notNull(),
      rule: text('rule').notNull(),
      seatId: text('seat_id'),
      severity: text('severity').$type<InspectionFinding['severity']>().notNull(),
      points: int('points').notNull(),
      seq: int('seq').notNull(),
      start: int('start_at').notNull(),
      end: int('end_at').notNull(),
      sentence: text('sentence').notNull(),
      why: text('why').notNull(),
      verdict: text('verdict').$type<FindingVerdict>().notNull(),
      at: int('at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.inspectionId, t.number] }), index('quality_findings_rule').on(t.rule, t.at), index('quality_findings_at').on(t.at)],
  );
  const qualityRules = table('quality_rules', { version: text('version').primaryKey(), body: json('body').$type<JsonValue>().notNull(), since: int('since').notNull() });
  return { inspections, inspectionFindings: findings, qualityRules };
}
