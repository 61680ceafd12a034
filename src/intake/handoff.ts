import { asExternalId, type Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import type { Ticket, TicketOpenArgs } from '../domain/ticket.ts';
import type { ActivityDraft, Seat } from '../store/contract.ts';
import { enqueue, writeUnit, type IntakeContext, type Unit } from './context.ts';
import { isMute } from './door.ts';
import { MAX_TEXT_CHARS, turnRow } from './receive.ts';
import { say } from './outgoing.ts';
import { maskSaid } from './protect.ts';
import { houseDraft, statusDraft } from './queue/citizen.ts';
import { beganToServe, ceasedToServe, saidSomething } from './queue/serve.ts';
import { openTicket } from '../tickets/open.ts';

/**
 * What a seat can do to a conversation. Who may write is decided here, on rows read in the writing transaction, never
 * by what a browser believed (law 3). All of them answer with the conversation as it is now.
 */

export type Actor = Pick<Seat, 'id' | 'displayName' | 'role'>;

/**
 * Makes this seat the one writer. Taking what one has already is harmless.
 * @throws AppError `conversation.taken` (409) when another seat has it, unless a supervisor insists (`force`)
 */
export async function takeOver(context: IntakeContext, conversationId: string, seat: Actor, options: { readonly force?: boolean } = {}): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (conversation.owner === 'human' && conversation.seatId === seat.id) return conversation;
    const mayForce = options.force === true && (seat.role === 'supervisor' || seat.role === 'administrator');
    if (conversation.owner === 'human' && !mayForce) {
      throw new AppError('conversation.taken', 'another seat has this conversation', { status: 409, retry: 'conflict', citizenText: '该会话已由其他坐席接入。' });
    }
    // Words to a call that has ended would reach nobody; a callback is a ticket's business.
    if (conversation.owner === 'closed' && conversation.modality === 'voice') throw new AppError('conversation.ended', 'the call is over', { status: 409, retry: 'conflict', citizenText: '通话已结束，无法接入；如需回拨请登记工单。' });
    await unit.repos.outbox.cancel(`turn:${conversation.id}`, 'timer');
    const taken = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'human', seatId: seat.id, waitingSince: null, unread: 0 });
    await say(context, unit, taken, [
      statusDraft(context, 'accepted'),
      ...spokenNotice(context, taken, '人工坐席已接入，请讲。'),
    ]);
    await beganToServe(context, unit, conversation, seat.id);
    await trail(context, unit, seat, 'conversation.taken_over', conversation.id);
    return taken;
  });
}

/**
 * Says something as this seat, on the citizen's own channel.
 * @param given.clientId the desk's idempotency key: the same key again gives the first activity, nothing is said twice
 * @throws AppError `reply.mute` (409) where the channel carries no answers, `conversation.not_owner` (409) when the bot or another seat writes, unless that one has invited this one to write too
 */
export async function reply(context: IntakeContext, conversationId: string, seat: Actor, given: { readonly text: string; readonly clientId: string }): Promise<{ conversation: Conversation; activity: Activity }> {
  const text = given.text.trim();
  if (text === '') throw new AppError('reply.empty', 'a reply needs text', { status: 400, citizenText: '请输入回复内容。' });
  if (text.length > MAX_TEXT_CHARS) throw new AppError('reply.too_long', 'the reply is too long', { status: 413, citizenText: '回复内容太长，请分几次发送。' });
  return writeUnit(context, async (unit) => {
    const conversation = await requireConversation(unit, conversationId);
    const externalId = asExternalId(`desk:${conversation.id}:${given.clientId}`);
    const known = await unit.repos.activities.findByExternalId(conversation.channel, externalId);
    if (known !== null) return { conversation, activity: known };
    await requireWriter(unit, conversation, seat);
    if (isMute(context, conversation)) throw new AppError('reply.mute', 'this channel is heard and cannot answer', { status: 409, citizenText: '短信不能直接回复，请回电，或在工单上处理。' });
    const last4 = (await unit.repos.citizens.summary(conversation.citizenId))?.phoneLast4 ?? null;
    const shown = maskSaid(text, new Set(last4 === null ? [] : [last4]));
    const [activity] = await say(context, unit, conversation, [
      { id: context.newId(), direction: 'out', externalId, role: 'seat', seatId: seat.id, at: context.now(), replyToId: null, content: { type: 'message', text: shown, inputHint: 'acceptingInput' }, channelData: null, sealed: null },
    ]);
    if (activity === undefined) throw new AppError('store.append_failed', 'append gave no activity', { status: 500, retry: 'later' });
    await saidSomething(context, unit, conversation.id, seat.id);
    const updated = conversation.unread === 0 ? conversation : await unit.repos.conversations.update(conversation.id, conversation.version, { unread: 0 });
    unit.after.push({ kind: 'conversation', conversationId: conversation.id });
    return { conversation: updated, activity };
  });
}

/** Gives the conversation back to the bot, which greets and goes on. */
export async function handBack(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    requireOwner(conversation, seat);
    const returned = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'bot', seatId: null, handoffReason: null, waitingSince: null, emergency: null, unread: 0 });
    await say(context, unit, returned, [statusDraft(context, 'completed')]);
    await ceasedToServe(context, unit, conversation, 'handed-back');
    await enqueue(unit, [turnRow(context, conversation.id, { event: 'handedBack' }, context.newId())]);
    await trail(context, unit, seat, 'conversation.handed_back', conversation.id);
    return returned;
  });
}

/** Ends the service. The citizen's next message opens it again with the bot. */
export async function close(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (conversation.owner === 'closed') return conversation;
    if (conversation.owner === 'human') requireOwner(conversation, seat);
    await unit.repos.outbox.cancel(`turn:${conversation.id}`, 'timer');
    await say(context, unit, conversation, [
      houseDraft(context, { type: 'message', text: '本次人工服务已结束。如还有问题，您可以随时再发消息。', speak: '本次服务已结束，感谢您的来电，再见。', inputHint: 'ignoringInput' }),
      statusDraft(context, 'completed'),
      ...(conversation.modality === 'voice' ? [houseDraft(context, { type: 'endOfConversation', code: 'completedSuccessfully' })] : []),
    ]);
    const closed = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'closed', seatId: null, waitingSince: null, handoffReason: null, emergency: null, unread: 0 });
    await unit.repos.conversations.saveState(conversation.id, null);
    await ceasedToServe(context, unit, conversation, conversation.owner === 'human' ? 'served' : 'cancelled');
    await trail(context, unit, seat, 'conversation.closed', conversation.id);
    return closed;
  });
}

/** The seat has seen everything up to now. */
export async function markRead(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (conversation.unread === 0 || conversation.seatId !== seat.id) return conversation;
    return unit.repos.conversations.update(conversation.id, conversation.version, { unread: 0 });
  });
}

/** A ticket written by a seat from the conversation; the citizen is told its number. */
export async function openTicketFromDesk(context: IntakeContext, conversationId: string, seat: Actor, { clientId = null, ...args }: TicketOpenArgs & { /** The form's own key: sent again, it gives the ticket of the first time. */ readonly clientId?: string | null }): Promise<Ticket> {
  return writeUnit(context, async (unit) => {
    const conversation = await requireConversation(unit, conversationId);
    if (conversation.owner === 'human') requireOwner(conversation, seat);
    const openingKey = clientId === null ? null : `desk:${seat.id}:${clientId}`;
    const before = openingKey === null ? null : await unit.repos.tickets.findByOpeningKey(openingKey);
    if (before !== null) return before; // the citizen was told already
    const ticket = await openTicket(context, unit, { ...args, citizenId: conversation.citizenId, enterpriseId: conversation.enterpriseId, conversationId: conversation.id, channel: conversation.channel, actor: { kind: 'seat', seatId: seat.id }, openingKey });
    await say(context, unit, conversation, [
      houseDraft(context, { type: 'message', text: `已为您登记工单，编号 ${ticket.number}。请保存好编号，可随时查询办理进度。`, speak: `已为您登记工单，编号${[...ticket.number].join(' ')}。`, inputHint: 'acceptingInput' }),
    ]);
    unit.after.push({ kind: 'conversation', conversationId: conversation.id });
    return ticket;
  });
}

export async function change(context: IntakeContext, conversationId: string, fn: (unit: Unit, conversation: Conversation) => Promise<Conversation>): Promise<Conversation> {
  return writeUnit(context, async (unit) => {
    const result = await fn(unit, await requireConversation(unit, conversationId));
    unit.after.push({ kind: 'conversation', conversationId });
    return result;
  });
}

export async function requireConversation(unit: Unit, id: string): Promise<Conversation> {
  const conversation = await unit.repos.conversations.get(id);
  if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
  return conversation;
}

export function requireOwner(conversation: Conversation, seat: Actor): void {
  if (conversation.owner !== 'human' || conversation.seatId !== seat.id) {
    throw new AppError('conversation.not_owner', 'take the conversation over before writing', { status: 409, retry: 'conflict', citizenText: '请先接入会话再操作。', details: { owner: conversation.owner } });
  }
}

/** The owner, or a seat that was invited to write too; the bot never (law 3). */
async function requireWriter(unit: Unit, conversation: Conversation, seat: Actor): Promise<void> {
  if (conversation.owner === 'human' && conversation.seatId !== seat.id && (await unit.repos.participants.get(conversation.id, seat.id))?.kind === 'guest') return;
  requireOwner(conversation, seat);
}

/** A caller hears that somebody is there; on screens the `handoff.status` event does it, and WeChat's quota is spared. */
export function spokenNotice(context: IntakeContext, conversation: Conversation, text: string): ActivityDraft[] {
  return conversation.modality === 'voice' ? [houseDraft(context, { type: 'message', text, inputHint: 'acceptingInput' })] : [];
}

export async function trail(context: IntakeContext, unit: Unit, seat: Actor, action: string, conversationId: string): Promise<void> {
  await unit.repos.trail.append({ at: context.now(), actor: `seat:${seat.id}`, action, subject: `conversation:${conversationId}`, purpose: null });
}
