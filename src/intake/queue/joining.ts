import type { Conversation } from '../../domain/conversation.ts';
import { AppError } from '../../domain/errors.ts';
import type { IntakeContext } from '../context.ts';
import { type Actor, change, requireOwner, trail } from '../handoff.ts';
import { say } from '../outgoing.ts';
import { courtesy } from './citizen.ts';
import { joinedSaid } from './words.ts';

/** A second seat in a conversation. The owner stays one: only that one passes it on or ends it. */

/** The owner lets another seat write too (三方). Inviting who is in already does no harm. */
export async function invite(context: IntakeContext, conversationId: string, seat: Actor, guestId: string): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    requireOwner(conversation, seat);
    if (guestId === seat.id) throw new AppError('invite.self', 'the owner is in already', { status: 400, citizenText: '不能邀请自己。' });
    const [guest] = await unit.repos.seatWork.roster(guestId);
    if (guest === undefined) throw new AppError('invite.unknown', 'no such seat', { status: 404, citizenText: '没有这位坐席。' });
    const before = await unit.repos.participants.get(conversationId, guestId);
    if (before?.kind === 'guest') return conversation;
    await unit.repos.participants.put({ conversationId, seatId: guestId, kind: 'guest', since: context.now() });
    await say(context, unit, conversation, courtesy(context, conversation, joinedSaid(conversation.locale)));
    unit.after.push({ kind: 'presence', seatIds: [guestId] });
    await trail(context, unit, seat, 'conversation.invited', conversationId);
    return (await unit.repos.conversations.get(conversationId)) ?? conversation;
  });
}

/** A guest is done, or a listener has heard enough. */
export async function leave(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (await unit.repos.participants.remove(conversationId, seat.id)) {
      unit.after.push({ kind: 'presence', seatIds: [seat.id] });
      await trail(context, unit, seat, 'conversation.left', conversationId);
    }
    return conversation;
  });
}

/** A supervisor reads along; the citizen is shown nothing of it, the trail is. */
export async function listenIn(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (seat.role !== 'supervisor' && seat.role !== 'administrator') throw new AppError('desk.forbidden', 'this role may not do that', { status: 403, citizenText: '您的角色没有这项权限。' });
    if (conversation.owner !== 'human') throw new AppError('listen.nobody', 'no seat has this conversation', { status: 409, retry: 'conflict', citizenText: '会话不在人工服务中。' });
    if (conversation.seatId === seat.id || (await unit.repos.participants.get(conversationId, seat.id)) !== null) return conversation;
    await unit.repos.participants.put({ conversationId, seatId: seat.id, kind: 'listener', since: context.now() });
    await trail(context, unit, seat, 'conversation.listened', conversationId);
    return conversation;
  });
}
