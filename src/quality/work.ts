import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import type { LegalClock } from '../domain/legal-clock.ts';
import { maskText } from '../domain/masking.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Inspection, InspectionFinding, Repositories, ServicePeriod } from '../store/contract.ts';
import { collect, type Stretch } from './collect.ts';
import { type Inspector, scoreOf } from './inspect.ts';
import { isLeader, maySee, QUALITY_MOVES, type QualityActor, type QualityMove, refusalOf } from './life.ts';
import type { QualityRules } from './rules.ts';
import { drawn } from './sampling.ts';

/** What is done with inspections, in an open transaction each. Everything that a person does leaves a row in the trail. */

export interface QualityContext {
  readonly now: () => EpochMs;
  readonly newId: () => string;
  readonly clock: LegalClock;
  readonly inspector: Inspector;
  /** Of the rules in force. */
  readonly rulesVersion: string;
}

export interface Made {
  readonly inspection: Inspection;
  readonly findings: readonly InspectionFinding[];
}

const MINUTE = 60_000;

/** Inspects a service that has ended; null: no seat served, or nothing is left of it. Reads only. */
export async function inspectPeriod(context: QualityContext, repos: Repositories, period: ServicePeriod): Promise<Made | null> {
  const { seatId, acceptedAt, endedAt, outcome } = period;
  if (seatId === null || acceptedAt === null || endedAt === null) return null;
  const conversation = await repos.conversations.get(period.conversationId);
  if (conversation === null) return null;
  return make(context, repos, conversation, { from: period.askedAt, to: endedAt, acceptedAt, outcome }, { key: `period:${period.id}`, periodId: period.id, groupId: period.groupId, seatId });
}

/** Inspects a stretch by hand; null: no seat said anything in it. */
export async function inspectStretch(context: QualityContext, repos: Repositories, conversation: Conversation, stretch: Stretch): Promise<Made | null> {
  return make(context, repos, conversation, stretch, { key: null, periodId: null, groupId: null, seatId: null });
}

async function make(context: QualityContext, repos: Repositories, conversation: Conversation, stretch: Stretch, given: { readonly key: string | null; readonly periodId: string | null; readonly groupId: string | null; readonly seatId: string | null }): Promise<Made | null> {
  const { inspector, rulesVersion } = context;
  const collected = await collect(repos, conversation, stretch, inspector.rules.graceMinutes * MINUTE);
  if (collected === null) return null;
  const { transcript, fromSeq, toSeq } = collected;
  const seatId = given.seatId ?? transcript.said.findLast(({ who }) => who === 'seat')?.seatId ?? null;
  if (seatId === null) return null;
  const { score, findings } = inspector.inspect(transcript);
  const id = context.newId();
  const key = given.key ?? `by-hand:${conversation.id}:${toSeq}`;
  const fatal = findings.some(({ severity }) => severity === 'fatal');
  const seat = await repos.seats.get(seatId);
  const tickets = await repos.tickets.byConversation(conversation.id);
  const dissatisfied = tickets.some((ticket) => ticket.createdAt >= stretch.from && ticket.createdAt <= stretch.to + inspector.rules.graceMinutes * MINUTE && (ticket.vetoes > 0 || ticket.visit?.solved === false));
  const sampledFor =
    given.periodId === null ? 'by-hand' : drawn(inspector.rules.sampling, { key, channel: conversation.channel, groupId: given.groupId, username: seat?.username ?? null, seatSince: seat?.createdAt ?? null, endedAt: stretch.to, score, fatal, dissatisfied });
  return {
    inspection: {
      id, key, conversationId: conversation.id, periodId: given.periodId, channel: conversation.channel, modality: conversation.modality, groupId: given.groupId, seatId, fromSeq, toSeq, startedAt: stretch.from, endedAt: stretch.to,
      rulesVersion, score, automaticScore: score, fatal, state: sampledFor === null ? 'automatic' : 'sampled', sampledFor, inspectorId: null, judgedAt: null, note: null, appealBy: null, appeal: null, appealedAt: null,
      rejudgedBy: null, rejudgement: null, finalAt: null, createdAt: context.now(), version: 1,
    },
    findings: findings.map((finding, index) => ({ inspectionId: id, number: index + 1, rule: finding.rule, seatId: finding.seatId ?? seatId, severity: finding.severity, points: finding.points, seq: finding.seq, start: finding.start, end: finding.end, sentence: finding.sentence, why: finding.why, verdict: 'automatic', at: stretch.to })),
  };
}

export interface Verdict {
  readonly number: number;
  readonly stands: boolean;
}

export interface Addition {
  readonly rule: string;
  readonly seq: number;
  readonly why: string;
}

export interface Judgement {
  readonly version: number;
  readonly verdicts: readonly Verdict[];
  readonly added: readonly Addition[];
  readonly note: string;
}

/**
 * One of the moves of a person. `judge` and `rejudge` go through the findings: what is not named stands; what is added names a rule and a line.
 * @throws AppError `quality.not_found`, what refusalOf says, `quality.conflict`, `quality.bad_finding`, `quality.no_reason`
 */
export async function moveInspection(context: QualityContext, repos: Repositories, id: string, name: Exclude<QualityMove, 'expire'>, actor: QualityActor, given: Judgement): Promise<Inspection> {
  const inspection = await repos.quality.get(id);
  if (inspection === null || !maySee(inspection, actor)) throw notFound();
  const now = context.now();
  const refusal = refusalOf(inspection, name, actor, now);
  if (refusal !== null) throw refusal;
  const note = maskText(given.note.trim()).text;
  const { to } = QUALITY_MOVES[name];
  if ((name === 'appeal' || name === 'rejudge') && note === '') throw new AppError('quality.no_reason', 'a reason is needed', { status: 400, citizenText: '请写明理由。' });
  const change = await (async () => {
    switch (name) {
      case 'sample':
        return { state: to, sampledFor: 'by-hand' };
      case 'accept':
        return { state: to, finalAt: now };
      case 'appeal':
        return { state: to, appeal: note, appealedAt: now };
      case 'judge': {
        const points = await judgeFindings(context, repos, inspection, given);
        const appealBy = context.clock.due(now, { amount: context.inspector.rules.appealWorkdays, unit: 'workdays' });
        return { state: to, ...points, inspectorId: actor.id, judgedAt: now, note: note === '' ? null : note, appealBy, sampledFor: inspection.sampledFor ?? 'by-hand' };
      }
      case 'rejudge':
        return { state: to, ...(await judgeFindings(context, repos, inspection, given)), rejudgedBy: actor.id, rejudgement: note, finalAt: now };
    }
  })();
  const changed = await repos.quality.update(id, given.version, change);
  await repos.trail.append({ at: now, actor: `seat:${actor.id}`, action: `quality.${PAST[name]}`, subject: `inspection:${id}`, purpose: name === 'judge' || name === 'rejudge' ? `${inspection.score} → ${changed.score}` : null });
  return changed;
}

const PAST = { sample: 'sampled', judge: 'judged', accept: 'accepted', appeal: 'appealed', rejudge: 'rejudged' } as const;

async function judgeFindings(context: QualityContext, repos: Repositories, inspection: Inspection, { verdicts, added }: Judgement): Promise<{ score: number; fatal: boolean }> {
  const { rules } = context.inspector;
  const findings = await repos.quality.findings(inspection.id);
  for (const { number } of verdicts) if (!findings.some((one) => one.number === number)) throw badFinding(`there is no finding ${number}`);
  const standing: InspectionFinding[] = [];
  for (const finding of findings) {
    const stands = verdicts.find(({ number }) => number === finding.number)?.stands ?? finding.verdict !== 'dropped';
    const verdict = !stands ? 'dropped' : finding.verdict === 'added' ? 'added' : 'confirmed';
    if (verdict !== finding.verdict) await repos.quality.judgeFinding(inspection.id, finding.number, verdict);
    if (stands) standing.push(finding);
  }
  let number = findings.length;
  for (const { rule: wanted, seq, why } of added) {
    const rule = rules.rules.find(({ id }) => id === wanted);
    const [activity] = seq < inspection.fromSeq || seq > inspection.toSeq ? [] : await repos.activities.between(inspection.conversationId, seq - 1, seq);
    if (rule === undefined || activity === undefined || activity.content.type !== 'message') throw badFinding('no such rule or line');
    const sentence = maskText(activity.content.text).text;
    number += 1;
    const finding: InspectionFinding = { inspectionId: inspection.id, number, rule: rule.id, seatId: activity.seatId ?? inspection.seatId, severity: rule.severity, points: rule.points, seq, start: 0, end: sentence.length, sentence, why: maskText(why).text, verdict: 'added', at: inspection.endedAt };
    await repos.quality.addFinding(finding);
    standing.push(finding);
  }
  return { score: scoreOf(rules, standing), fatal: standing.some(({ severity }) => severity === 'fatal') };
}

/** Keeps what was made; false: it was inspected before. */
export async function keep(repos: Repositories, { inspection, findings }: Made): Promise<boolean> {
  return repos.quality.add(inspection, findings);
}

/** The rules in force, for the page of versions and for what was judged by them. */
export async function keepRules(context: QualityContext, repos: Repositories): Promise<void> {
  await repos.quality.keepRules(context.rulesVersion, jsonOf(context.inspector.rules), context.now());
}

function jsonOf(rules: QualityRules): Parameters<Repositories['quality']['keepRules']>[1] {
  const parsed: Parameters<Repositories['quality']['keepRules']>[1] = JSON.parse(JSON.stringify(rules));
  return parsed;
}

/** Who may have a conversation inspected by hand. */
export function requireLeader(actor: QualityActor): void {
  if (!isLeader(actor)) throw new AppError('quality.forbidden', 'leaders only', { status: 403, citizenText: '您的角色没有这项权限。' });
}

const badFinding = (message: string): AppError => new AppError('quality.bad_finding', message, { status: 400, citizenText: '质检项不正确，请刷新后再试。' });
export const notFound = (): AppError => new AppError('quality.not_found', 'no such inspection', { status: 404, citizenText: '没有找到这条质检。' });
