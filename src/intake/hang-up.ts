import type { Conversation } from '../domain/conversation.ts';
import type { ConversationChange } from '../store/contract.ts';
import type { IntakeContext, Unit } from './context.ts';
import { followEnd } from './queue/follow.ts';
import { openTicket } from '../tickets/open.ts';

/** What a conversation becomes when its peer has ended it. */
export const ENDED = { owner: 'closed', seatId: null, waitingSince: null } as const satisfies ConversationChange;

/** The peer ended the conversation (the caller hung up) after all that it said is understood. */
export async function closedByPeer(context: IntakeContext, unit: Unit, conversation: Conversation, code: string): Promise<void> {
  if (conversation.owner === 'closed') return;
  await unit.repos.conversations.update(conversation.id, conversation.version, ENDED);
  await settleEnd(context, unit, conversation, code);
}

/**
 * What follows when a conversation becomes `ENDED`. If a person was being waited for and we know a number, the missed call becomes
 * a ticket with a callback (国办函〔2025〕66号: missed calls are called back).
 * @param current as it was before its end
 */
export async function settleEnd(context: IntakeContext, unit: Unit, current: Conversation, code: string): Promise<void> {
  // `completedSuccessfully`: the caller was served (a seat's telephone took the call).
  const served = code === 'completedSuccessfully';
  if (!served && current.owner === 'waiting' && (await unit.repos.citizens.phoneLast4(current.citizenId)) !== null) {
    await openTicket(context, unit, {
      ticketKind: '求助',
      itemCode: null,
      title: '等待转人工时挂断，请回拨',
      content: `市民在等待人工服务时结束了通话。转人工原因：${current.handoffReason ?? '未说明'}`,
      townId: null, place: null, happened: null, phone: null, name: null,
      urgency: current.emergency === null ? 'normal' : 'emergency',
      confidential: false,
      callback: true,
      citizenId: current.citizenId,
      enterpriseId: current.enterpriseId,
      conversationId: current.id,
      channel: current.channel,
      actor: { kind: 'system' },
    });
  }
  await followEnd(context, unit, current, served);
  await context.hungUp?.(unit, current);
  await unit.repos.conversations.saveState(current.id, null);
  await unit.repos.outbox.cancel(`turn:${current.id}`, 'timer');
  unit.after.push({ kind: 'conversation', conversationId: current.id });
}
