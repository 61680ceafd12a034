import type { Conversation } from '../../domain/conversation.ts';
import type { IntakeContext, Unit } from '../context.ts';
import { chooseGroup } from './choose.ts';
import { endPeriod, enterQueue, factsOf, leaveQueue, wakeQueue } from './entry.ts';
import { rankOf } from './rank.ts';

/** What a turn means for the queue: a person was asked for, is not wanted any more, or it has become urgent. In the turn's own transaction. */
export async function followTurn(context: IntakeContext, unit: Unit, before: Pick<Conversation, 'owner' | 'emergency'>, after: Conversation): Promise<void> {
  if (before.emergency === null && after.emergency !== null) await context.emergency?.(unit, after);
  if (before.owner !== 'waiting' && after.owner === 'waiting') return enterQueue(context, unit, after);
  if (before.owner === 'waiting' && after.owner !== 'waiting') {
    await leaveQueue(context, unit, after.id);
    return endPeriod(context, unit, after.id, after.owner === 'closed' ? 'abandoned' : 'cancelled');
  }
  if (before.emergency === null && after.emergency !== null && (after.owner === 'waiting' || after.owner === 'human')) await becameUrgent(context, unit, after);
}

/** The peer has ended the conversation, `before` as it was. `served`: a seat's telephone had taken the call. */
export async function followEnd(context: IntakeContext, unit: Unit, before: Conversation, served: boolean): Promise<void> {
  if (before.owner !== 'waiting' && before.owner !== 'human') return;
  if (before.seatId !== null && (await unit.repos.queue.any())) await wakeQueue(context, unit);
  await leaveQueue(context, unit, before.id);
  await endPeriod(context, unit, before.id, before.owner === 'human' || served ? 'served' : 'abandoned');
  await unit.repos.participants.clear(before.id);
  if (before.seatId !== null) unit.after.push({ kind: 'presence', seatIds: [before.seatId] });
}

async function becameUrgent(context: IntakeContext, unit: Unit, conversation: Conversation): Promise<void> {
  const { queueRules } = context.city;
  if (conversation.owner === 'waiting') {
    await wakeQueue(context, unit);
    const entry = await unit.repos.queue.get(conversation.id);
    if (entry !== null) {
      const facts = await factsOf(context, unit, conversation);
      const groupId = chooseGroup(queueRules, facts).id;
      const rank = rankOf(queueRules, { waitedFrom: entry.waitedFrom, emergency: true, enterprise: facts.enterprise });
      await unit.repos.queue.change(conversation.id, { rankAt: Math.min(entry.rankAt, rank), ...(groupId === entry.groupId ? {} : { groupId, groupSince: context.now() }) });
      unit.after.push({ kind: 'queue', groupIds: [...new Set([entry.groupId, groupId])] });
    }
  }
  const period = await unit.repos.services.current(conversation.id);
  if (period !== null && !period.emergency) await unit.repos.services.update(period.id, { emergency: true }, context.now());
}
