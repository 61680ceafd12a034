import { degrade } from '../channel/degrade.ts';
import type { Channel, OutgoingMessage } from '../channel/contract.ts';
import type { Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { ActivityDraft, OutboxDraft } from '../store/contract.ts';
import type { IntakeContext, Unit } from './context.ts';

/**
 * Appends what bot, seat or house say, and queues the sends of a `push` channel: one outbox row a send, so that a
 * crash repeats at most the one that was under way.
 */
export async function say(context: IntakeContext, unit: Unit, conversation: Conversation, drafts: readonly ActivityDraft[]): Promise<readonly Activity[]> {
  if (drafts.length === 0) return [];
  const activities = await unit.repos.activities.append(conversation.id, drafts);
  for (const activity of activities) unit.after.push({ kind: 'live', conversationId: conversation.id, event: { kind: 'activity', activity } });

  const channel = context.channel(conversation.channel);
  if (channel?.capabilities.delivery !== 'push') return activities;
  const now = context.now();
  const parts = forChannel(context, channel, activities);
  const activityIds = activities.map((activity) => activity.id);
  const first = activityIds[0];
  if (first === undefined || parts.length === 0) return activities;
  const rows: OutboxDraft[] = parts.map((_, part) => ({
    id: `deliver:${first}:${part}`,
    lane: `send:${conversation.id}`,
    kind: 'deliver',
    payload: { conversationId: conversation.id, activityIds, part },
    availableAt: now,
    blocking: true,
    now,
  }));
  await unit.repos.outbox.add(rows);
  unit.after.push({ kind: 'wake' });
  return activities;
}

/** Stored activities as the channel can carry them. Deterministic: the deliver job cuts the same parts again. */
export function forChannel(context: IntakeContext, channel: Channel, activities: readonly Activity[]): readonly OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (const activity of activities) {
    if (activity.direction === 'out' && activity.content.type === 'message') messages.push({ activityIds: [activity.id], content: activity.content });
  }
  return degrade(messages, channel.capabilities, { publicUrl: context.mediaUrl });
}
