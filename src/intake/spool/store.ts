import type { EpochMs, InboundActivity } from '../../domain/activity.ts';
import { writeUnit, type IntakeContext } from '../context.ts';
import { sendInstead } from '../in-hook.ts';
import { receive } from '../receive.ts';

/** What the desk reads as the reason when somebody rang while the database was away. */
const RANG_DURING_OUTAGE = '系统故障期间来电';

/**
 * Stores what was spooled, as `receive` would have, at the time when the citizen said it: the reply window of WeChat
 * counts from then, and a seat sees the truth. Its turn is the bus's, at the time that it is now. May be run again.
 */
export async function storeSpooled(context: IntakeContext, inbound: InboundActivity, takenAt: EpochMs): Promise<void> {
  if (inbound.content.type === 'endOfConversation') {
    if (inbound.modality === 'voice' && inbound.content.code !== 'completedSuccessfully') await oweCallback(context, inbound);
    await receive(context, inbound);
    return;
  }
  const { status, conversationId } = await receive({ ...context, now: () => takenAt, turnsHere: () => false }, inbound);
  const { channel, externalId } = inbound;
  if (status === 'duplicate' && externalId !== null && context.channel(channel)?.capabilities.answersInHook === true) await sendInstead(context, channel, { conversationId, externalId });
}

/**
 * Whoever hung up while we could not answer has missed a person: the conversation waits for one when its end comes, and
 * that end makes the missed call a ticket with a callback, as any other's does.
 */
async function oweCallback(context: IntakeContext, inbound: InboundActivity): Promise<void> {
  await writeUnit(context, async (unit) => {
    const { conversations, activities } = unit.repos;
    if (inbound.externalId !== null && (await activities.findByExternalId(inbound.channel, inbound.externalId)) !== null) return;
    const conversation = await conversations.findByAddress(inbound.channel, inbound.address);
    if (conversation?.owner !== 'bot') return;
    await conversations.update(conversation.id, conversation.version, { owner: 'waiting', handoffReason: RANG_DURING_OUTAGE, waitingSince: context.now() });
    unit.after.push({ kind: 'conversation', conversationId: conversation.id });
  });
}
