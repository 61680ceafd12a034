import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler, LaneLease } from '../bus/contract.ts';
import type { Notification, NotificationTemplate, Receipt } from '../channel/contract.ts';
import type { Address } from '../domain/activity.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import type { OutboxRow, ReachAttempt } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import { noteAttempt } from '../tickets/visits/due.ts';
import { hasEnded, putForward } from './attempts.ts';
import type { Composed, OutboundContext } from './context.ts';
import { numberFor, reachFacts, wayFacts, type WayChosen } from './facts.ts';
import { mayReach, preferred, type Refusal, type Verdict } from './may.ts';

/**
 * One notice on its way to a citizen who is not talking with us. The attempt is written before the peer is asked; then the peer is asked,
 * outside every transaction; then its answer is written. A crash in between leaves `sending`: it is never sent again under its key
 * (sweep.ts ends it). Only a peer's clear “not now” is tried again.
 */

/** Outbox kind. Payload: {key, citizenId, ids, template}. */
export const REACH_KIND = 'reach';
export const reachLane = (citizenId: string): string => `reach:${citizenId}`;

const ReachPayload = Type.Object({
  /** The attempt's id, once it is one. */
  key: Type.String(),
  citizenId: Type.String(),
  /** Notices of tickets. */
  ids: Type.Array(Type.String(), { minItems: 1 }),
  template: Type.Union([Type.Literal('progress'), Type.Literal('visit'), Type.Literal('callback'), Type.Literal('notice')]),
});
type ReachPayload = Static<typeof ReachPayload>;
const reachPayload = Compile(ReachPayload);

/** Has notices told by the ways of config/outbound.yaml, one after the other for each citizen. */
export async function queueReach(context: Pick<OutboundContext, 'now' | 'newId'>, unit: TicketUnit, given: { readonly citizenId: string; readonly ids: readonly string[]; readonly template: NotificationTemplate }): Promise<void> {
  const now = context.now();
  const row = { id: context.newId(), lane: reachLane(given.citizenId), availableAt: now };
  await unit.repos.outbox.add([{ ...row, kind: REACH_KIND, payload: { key: context.newId(), citizenId: given.citizenId, ids: [...given.ids], template: given.template }, blocking: true, now }]);
  unit.after.push({ kind: 'wake', rows: [row] });
}

/** What the first transaction decided. `done`: nothing is to be sent. */
type Begun = { readonly kind: 'done' } | { readonly kind: 'send'; readonly attempt: ReachAttempt; readonly notification: Notification; readonly to: Address };

export function createReachHandler(context: OutboundContext): JobHandler {
  return async (row, lease, tries) => {
    if (!reachPayload.Check(row.payload)) return { kind: 'bury', code: 'reach.bad_payload' };
    const payload: ReachPayload = row.payload;
    const begun = await context.write((unit) => begin(context, unit, row, lease, payload));
    if (begun.kind === 'done') return { kind: 'done' };
    const receipt = await ask(context, begun);
    return settle(context, row, lease, begun.attempt.id, receipt, tries?.last === true);
  };
}

async function begin(context: OutboundContext, unit: TicketUnit, row: OutboxRow, lease: LaneLease, payload: ReachPayload): Promise<Begun> {
  const before = await unit.repos.reach.claim(payload.key);
  if (before !== null) return resume(context, unit, row, lease, before, payload);
  const composed = await context.compose(unit, { noticeIds: payload.ids, template: payload.template, among: 'waiting' });
  const chosen = composed === null ? null : await choose(context, unit, payload, composed);
  if (composed === null || chosen === null) {
    await claim(unit, row, lease);
    return { kind: 'done' };
  }
  const way = chosen;
  const now = context.now();
  if (way.way === 'call') {
    await callFor(context, unit, payload, composed, way);
    await claim(unit, row, lease);
    return { kind: 'done' };
  }
  const attempt: ReachAttempt = {
    id: payload.key, kind: 'notification', channel: way.channel, script: payload.template, citizenId: payload.citizenId, ticketId: composed.ticket.id,
    noticeIds: composed.noticeIds, targetId: null, number: composed.tried.length + 1, state: 'sending', code: null, externalId: null, costFen: way.costFen, createdAt: now, sentAt: null, endedAt: null, seconds: null,
  };
  await spendConsent(unit, attempt);
  for (const id of composed.noticeIds) {
    const notice = await unit.repos.ticketNotices.get(id);
    if (notice !== null) await unit.repos.ticketNotices.update(id, { state: 'sent', channels: [...notice.channels, way.channel], sentAt: now });
  }
  for (const visit of composed.visits) await noteAttempt(context, unit, visit.ticket, visit.attempt, { channel: way.channel, reached: true });
  await unit.repos.lanes.assertFence(lease.lane, lease.fence);
  await unit.repos.reach.begin(attempt);
  if (way.address === null) throw new AppError('reach.no_address', 'a way without an address was chosen', { status: 500 });
  return { kind: 'send', attempt, notification: notificationOf(payload, composed), to: way.address };
}

/** The telephone rings by rows of its own (campaign-drive.ts); this one is done. */
async function callFor(context: OutboundContext, unit: TicketUnit, { key, citizenId, template }: ReachPayload, { ticket, noticeIds, text }: Composed, { channel }: WayChosen): Promise<void> {
  const placed = await context.placeCall?.(unit, { key, channel, citizenId, ticket, template, noticeIds, text });
  if (placed?.kind !== 'later') return;
  await wakeNotices(context, unit, citizenId, placed.at);
  context.count({ channel, status: 'later_hours' });
}

/**
 * The row comes again. Where the peer said “not now” the same key may be tried again; else nobody knows whether the citizen has it, and it
 * is left to reports and the sweep.
 */
async function resume(context: OutboundContext, unit: TicketUnit, row: OutboxRow, lease: LaneLease, attempt: ReachAttempt, payload: ReachPayload): Promise<Begun> {
  const composed = attempt.state === 'sending' && attempt.code !== null ? await context.compose(unit, { noticeIds: attempt.noticeIds, template: payload.template, among: 'sent' }) : null;
  const way = composed === null ? null : await wayOfAttempt(context, unit, attempt, composed);
  if (composed === null || way === null || way.address === null) {
    if (attempt.state === 'sending' && attempt.code !== null) await putForward(context, unit, attempt, { state: 'canceled' });
    await claim(unit, row, lease);
    return { kind: 'done' };
  }
  await unit.repos.lanes.assertFence(lease.lane, lease.fence);
  // From here on the peer may have it again.
  await unit.repos.reach.update(attempt.id, { code: null });
  return { kind: 'send', attempt, notification: notificationOf(payload, composed), to: way.address };
}

/** The first way that may be used, now or later; null: none now, and what is to happen instead is written. */
async function choose(context: OutboundContext, unit: TicketUnit, payload: ReachPayload, composed: Composed): Promise<WayChosen | null> {
  const { citizenId, template } = payload;
  const confidential = composed.tickets.some((ticket) => ticket.confidential);
  const urgent = composed.tickets.some(({ urgency }) => urgency === 'emergency');
  const needsNumber = preferred(context.rules).some((way) => way !== 'subscription' && context.rules.templates[template].includes(way));
  const hasNumber = needsNumber && (await unit.repos.citizens.phoneLast4(citizenId)) !== null;
  const phone = hasNumber ? await numberFor(context, unit, citizenId, `工单${composed.ticket.number}的通知`) : null;
  const facts = await reachFacts(context, unit, { ticket: composed.ticket, template, confidential, urgent, phone });
  const reasons: Refusal[] = [];
  for (const way of preferred(context.rules)) {
    const given = await wayFacts(context, unit, way, { citizenId, tried: composed.tried, facts: composed.facts, phone });
    const verdict: Verdict = mayReach(context.rules, facts, given);
    if (verdict.kind === 'allowed') return given;
    if (verdict.kind === 'later') {
      await wakeNotices(context, unit, citizenId, verdict.at);
      context.count({ channel: given.channel, status: `later_${verdict.reason}` });
      return null;
    }
    reasons.push(verdict.reason);
  }
  await notReached(context, unit, composed);
  context.count({ channel: 'none', status: reasons.includes('opted_out') ? 'opted_out' : 'refused' });
  return null;
}

/** They wait for the citizen's next word, as what no channel carries always did. */
async function notReached(context: OutboundContext, unit: TicketUnit, { visits }: Composed): Promise<void> {
  for (const { ticket, attempt } of visits) await noteAttempt(context, unit, ticket, attempt, { channel: ticket.channel, reached: false });
}

async function wayOfAttempt(context: OutboundContext, unit: TicketUnit, attempt: ReachAttempt, composed: Composed): Promise<WayChosen | null> {
  const way = preferred(context.rules).find((one) => context.rules.ways[one].channels.includes(attempt.channel));
  if (way === undefined) return null;
  const phone = way === 'sms' ? await numberFor(context, unit, attempt.citizenId, `工单${composed.ticket.number}的通知，再次发送`) : null;
  const given = await wayFacts(context, unit, way, { citizenId: attempt.citizenId, tried: [], facts: composed.facts, phone });
  const facts = await reachFacts(context, unit, { ticket: composed.ticket, template: 'notice', confidential: false, urgent: false, phone });
  // Stop means stop, also between two tries; the rest of the rule was asked when it began.
  const said = mayReach({ ...context.rules, templates: { ...context.rules.templates, notice: [way] } }, facts, { ...given, on: true, tried: false });
  return given.channel !== attempt.channel || (said.kind === 'refused' && said.reason === 'opted_out') ? null : given;
}

/** One send of those that the citizen has given; where they allowed it for good there is none to be taken. */
async function spendConsent(unit: TicketUnit, { citizenId, channel, script }: ReachAttempt): Promise<void> {
  if (!(await unit.repos.consents.spend(citizenId, channel, script))) await unit.repos.consents.spend(citizenId, channel, 'all');
}

function notificationOf(payload: ReachPayload, { text, facts }: Composed): Notification {
  return { key: payload.key, template: payload.template, text, facts };
}

/** `unknown`: the channel threw, the peer may have it. */
type Answer = Receipt | { readonly status: 'unknown' };

async function ask(context: OutboundContext, { attempt, notification, to }: Extract<Begun, { kind: 'send' }>): Promise<Answer> {
  const channel = context.channel(attempt.channel);
  if (channel?.notify === undefined || channel.status.state === 'off') return { status: 'failed', code: 'channel.off', fallback: true };
  try {
    return await channel.notify(notification, { address: to, now: context.now() });
  } catch (error) {
    context.log.warn({ channel: attempt.channel, code: isAppError(error) ? error.code : 'channel.threw' }, 'a notification was not answered: it is not sent again');
    return { status: 'unknown' };
  }
}

async function settle(context: OutboundContext, row: OutboxRow, lease: LaneLease, id: string, answer: Answer, last: boolean): Promise<Awaited<ReturnType<JobHandler>>> {
  const now = context.now();
  const again = answer.status === 'retry' && (!last || answer.retryAfterMs !== undefined);
  await context.write(async (unit) => {
    const attempt = await unit.repos.reach.claim(id);
    if (attempt === null) throw new AppError('reach.gone', 'an attempt vanished', { status: 500 });
    if (again) {
      await unit.repos.lanes.assertFence(lease.lane, lease.fence);
      if (!hasEnded(attempt)) await unit.repos.reach.update(id, { code: answer.code });
      return;
    }
    await claim(unit, row, lease);
    if (answer.status === 'delivered') await putForward(context, unit, attempt, { state: 'sent', sentAt: now, ...(answer.externalId === undefined ? {} : { externalId: answer.externalId }) });
    // What the peer did not take costs nothing.
    if (answer.status === 'failed' || answer.status === 'retry') await putForward(context, unit, attempt, { state: 'failed', code: answer.code, costFen: 0 });
  });
  if (!again) return { kind: 'done' };
  return { kind: 'retry', code: answer.code, burns: answer.retryAfterMs === undefined, ...(answer.retryAfterMs === undefined ? {} : { afterMs: answer.retryAfterMs }) };
}
