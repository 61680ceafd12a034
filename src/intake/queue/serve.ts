import type { Conversation } from '../../domain/conversation.ts';
import type { ServicePeriod } from '../../store/contract.ts';
import type { IntakeContext, Unit } from '../context.ts';
import { chooseGroup } from './choose.ts';
import { armLease, beginPeriod, endPeriod, factsOf, leaveQueue, wakeQueue } from './entry.ts';

/** What the queue keeps of a seat's work. The conversation itself is changed by the caller, in the same transaction and before. */

/** A seat has it now: by hand, by an offer, from another seat. @param before the conversation as it was */
export async function beganToServe(context: IntakeContext, unit: Unit, before: Conversation, seatId: string): Promise<void> {
  const now = context.now();
  const { repos } = unit;
  const others = before.seatId !== null && before.seatId !== seatId ? [before.seatId] : [];
  // Who had it has room for another one.
  if (others.length > 0 && (await repos.queue.any())) await wakeQueue(context, unit);
  await leaveQueue(context, unit, before.id);
  await repos.participants.remove(before.id, seatId);
  const period = await repos.services.current(before.id);
  if (period === null) {
    const facts = await factsOf(context, unit, before);
    await beginPeriod(context, unit, before, { groupId: chooseGroup(context.city.queueRules, facts).id, askedAt: before.waitingSince ?? now, emergency: facts.emergency, servedBy: seatId });
  } else await repos.services.update(period.id, { seatId, acceptedAt: period.acceptedAt ?? now }, now);
  await repos.seatWork.acted(seatId, now, true);
  await armLease(context, unit, seatId);
  unit.after.push({ kind: 'presence', seatIds: [seatId, ...others] });
}

/** A seat has said something. */
export async function saidSomething(context: IntakeContext, unit: Unit, conversationId: string, seatId: string): Promise<void> {
  const now = context.now();
  const period = await unit.repos.services.current(conversationId);
  if (period !== null && period.firstReplyAt === null) await unit.repos.services.update(period.id, { firstReplyAt: now }, now);
  await unit.repos.seatWork.acted(seatId, now, false);
}

/**
 * A seat does not have it any more, or nobody waits any more. Who served begins to wrap up.
 * @param before the conversation as it was
 */
export async function ceasedToServe(context: IntakeContext, unit: Unit, before: Conversation, outcome: Exclude<ServicePeriod['outcome'], 'open'>): Promise<void> {
  const now = context.now();
  const { repos } = unit;
  const wake = before.owner === 'human' && (await repos.queue.any());
  if (wake) await wakeQueue(context, unit);
  await leaveQueue(context, unit, before.id);
  await endPeriod(context, unit, before.id, outcome);
  await repos.participants.clear(before.id);
  const { seatId } = before;
  if (before.owner !== 'human' || seatId === null) return;
  await repos.seatWork.acted(seatId, now, true);
  await wrapUp(context, unit, seatId);
  unit.after.push({ kind: 'presence', seatIds: [seatId] });
}

/** Only who is online wraps up: a break that was begun stays one. */
async function wrapUp(context: IntakeContext, unit: Unit, seatId: string): Promise<void> {
  const { wrapUpSeconds } = context.city.queueRules;
  if (wrapUpSeconds === 0) return;
  const now = context.now();
  const said = await unit.repos.seatWork.state(seatId);
  if (said !== null && said.state !== 'online' && said.state !== 'wrap-up') return;
  await unit.repos.seatWork.setState({ seatId, state: 'wrap-up', reason: null, since: now, until: now + wrapUpSeconds * 1_000 });
}
