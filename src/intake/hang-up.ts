import type { Conversation } from '../domain/conversation.ts';
import { openTicket } from './tickets.ts';
import type { IntakeContext, Unit } from './context.ts';

/**
 * The peer ended the conversation (the caller hung up). If a person was being waited for and we know a number, the
 * missed call becomes a ticket with a callback (国办函〔2025〕66号: missed calls are called back).
 */
export async function closedByPeer(context: IntakeContext, unit: Unit, conversation: Conversation, code: string): Promise<void> {
  const current = (await unit.repos.conversations.get(conversation.id)) ?? conversation;
  if (current.owner === 'closed') return;
  const citizen = await unit.repos.citizens.summary(current.citizenId);
  // `completedSuccessfully`: the caller was served (a seat's telephone took the call).
  const served = code === 'completedSuccessfully';
  if (!served && current.owner === 'waiting' && (citizen?.phoneLast4 ?? null) !== null) {
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
      conversationId: current.id,
      channel: current.channel,
      actor: { kind: 'system' },
    });
  }
  await unit.repos.conversations.update(current.id, current.version, { owner: 'closed', seatId: null, waitingSince: null });
  await unit.repos.conversations.saveState(current.id, null);
  await unit.repos.outbox.cancel(`turn:${current.id}`, 'timer');
  unit.after.push({ kind: 'conversation', conversationId: current.id });
}
