import type { Channel } from '../channel/contract.ts';
import { asExternalId, type Activity, type Attachment } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import type { Seat } from '../store/contract.ts';
import { writeUnit, type IntakeContext } from './context.ts';
import { say } from './outgoing.ts';

/** Can a seat send a file there? `why`: in words for the seat, when not. A channel without a way for files would only read out that there is one. */
export function mayCarryFiles(channel: Pick<Channel, 'capabilities' | 'status'> | null): { readonly carried: boolean; readonly why: string | null } {
  if (channel === null || channel.status.state === 'off') return { carried: false, why: '渠道未启用，不能发送文件' };
  if (channel.capabilities.modality === 'voice') return { carried: false, why: '电话里不能发送文件，可以请市民从网页或小程序查看' };
  if (!channel.capabilities.attachmentsOut) return { carried: false, why: '这个渠道不能发送文件' };
  return { carried: true, why: null };
}

/**
 * Sends a stored file as this seat. The same key again gives the first activity; nothing is sent twice.
 * @throws AppError `conversation.not_found`, `conversation.not_owner` (409), `reply.no_files` (409)
 */
export async function replyWithFile(context: IntakeContext, conversationId: string, seat: Pick<Seat, 'id'>, given: { readonly attachment: Attachment; readonly clientId: string }): Promise<{ conversation: Conversation; activity: Activity }> {
  return writeUnit(context, async (unit) => {
    const conversation = await unit.repos.conversations.get(conversationId);
    if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
    const externalId = asExternalId(`desk:${conversation.id}:${given.clientId}`);
    const known = await unit.repos.activities.findByExternalId(conversation.channel, externalId);
    if (known !== null) return { conversation, activity: known };
    requireSendsFiles(context, conversation, seat);
    const [activity] = await say(context, unit, conversation, [
      { id: context.newId(), direction: 'out', externalId, role: 'seat', seatId: seat.id, at: context.now(), replyToId: null, content: { type: 'message', text: '', attachments: [given.attachment], inputHint: 'acceptingInput' }, channelData: null, sealed: null },
    ]);
    if (activity === undefined) throw new AppError('store.append_failed', 'append gave no activity', { status: 500, retry: 'later' });
    unit.after.push({ kind: 'conversation', conversationId: conversation.id });
    return { conversation, activity };
  });
}

/** @throws AppError as `replyWithFile`; asked once more before the bytes are taken */
export function requireSendsFiles(context: Pick<IntakeContext, 'channel'>, conversation: Conversation, seat: Pick<Seat, 'id'>): void {
  if (conversation.owner !== 'human' || conversation.seatId !== seat.id) throw new AppError('conversation.not_owner', 'take the conversation over before writing', { status: 409, retry: 'conflict', citizenText: '请先接入会话再操作。' });
  const { carried, why } = mayCarryFiles(context.channel(conversation.channel));
  if (!carried) throw new AppError('reply.no_files', 'this channel carries no files', { status: 409, citizenText: `${why ?? '不能发送文件'}。` });
}
