import type { Conversation } from '../../domain/conversation.ts';
import { AppError } from '../../domain/errors.ts';
import { maskText } from '../../domain/masking.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { enqueue, type IntakeContext, type Unit, writeUnit } from '../context.ts';
import { type Actor, change, requireConversation, requireOwner, spokenNotice, trail } from '../handoff.ts';
import { say } from '../outgoing.ts';
import { turnRow } from '../receive.ts';
import { courtesy, houseSays, statusDraft } from './citizen.ts';
import { enterQueue, leaveQueue, offerOver, wakeQueue } from './entry.ts';
import { openMatterTicket } from './matter.ts';
import { freshRefusals, presenceOf } from './plan.ts';
import { beganToServe, ceasedToServe } from './serve.ts';
import { departmentSaid, movedSaid, passedOnSaid } from './words.ts';

/** Passing on: to another seat, who is asked first; to another group, where it waits; to a department, as a ticket. And the answer to an offer. */

/** Between what the seat wrote and what the house added. */
const SUMMARY = '【自动摘要】';

export type TransferTarget = { readonly seat: string } | { readonly group: string } | { readonly department: string };

export interface TransferWanted {
  readonly to: TransferTarget;
  /** For whoever has it next; kept. */
  readonly note: string;
  /** What the house makes of the conversation; kept behind the note, so that whoever has it next need not read sixty messages. */
  readonly summary?: string;
  /** The desk's own key: sent again, nothing happens twice. */
  readonly clientId?: string | undefined;
}

/**
 * Passes a conversation on. Until another seat has accepted, it stays with the one that has it.
 * @returns the conversation as it is now, and the ticket when it went to a department
 * @throws AppError `conversation.not_owner`, `transfer.unknown`, `transfer.seat_away`, `transfer.self`
 */
export async function transferConversation(context: IntakeContext, conversationId: string, seat: Actor, wanted: TransferWanted): Promise<{ readonly conversation: Conversation; readonly ticket: Ticket | null }> {
  return writeUnit(context, async (unit) => {
    const conversation = await requireConversation(unit, conversationId);
    const { to } = wanted;
    const [toKind, toId] = 'seat' in to ? (['seat', to.seat] as const) : 'group' in to ? (['group', to.group] as const) : (['department', to.department] as const);
    const id = wanted.clientId === undefined ? context.newId() : `${conversation.id}:${seat.id}:${wanted.clientId}`;
    // A repeated request finds what it did the first time, whoever has the conversation by now.
    if (wanted.clientId !== undefined && (await unit.repos.transfers.of(conversation.id)).some((one) => one.id === id)) {
      return { conversation, ticket: toKind === 'department' ? await unit.repos.tickets.findByOpeningKey(`transfer:${id}`) : null };
    }
    requireOwner(conversation, seat);
    const note = maskText(wanted.note.trim()).text;
    const kept = [note, ...(wanted.summary === undefined || wanted.summary === '' ? [] : [`${SUMMARY}\n${maskText(wanted.summary).text}`])].filter((part) => part !== '').join('\n');
    const keep = () => unit.repos.transfers.add({ id, conversationId: conversation.id, fromSeatId: seat.id, toKind, toId, note: kept, at: context.now() });
    let ticket: Ticket | null = null;
    let after = conversation;
    if (toKind === 'seat') await offerTo(context, unit, conversation, seat, toId);
    else if (toKind === 'group') after = await toGroup(context, unit, conversation, toId);
    else ({ conversation: after, ticket } = await toDepartment(context, unit, conversation, seat, { departmentId: toId, note, openingKey: `transfer:${id}` }));
    await keep();
    await trail(context, unit, seat, `conversation.transferred_to_${toKind}`, conversation.id);
    unit.after.push({ kind: 'conversation', conversationId });
    return { conversation: after, ticket };
  });
}

async function offerTo(context: IntakeContext, unit: Unit, conversation: Conversation, from: Actor, seatId: string): Promise<void> {
  const now = context.now();
  if (seatId === from.id) throw new AppError('transfer.self', 'the conversation is with this seat already', { status: 400, citizenText: '不能转给自己。' });
  const [target] = await unit.repos.seatWork.roster(seatId);
  if (target === undefined) throw new AppError('transfer.unknown', 'no such seat', { status: 404, citizenText: '没有这位坐席。' });
  if (presenceOf(target, now).presence === 'offline') throw new AppError('transfer.seat_away', 'this seat is not there', { status: 409, citizenText: '对方不在线，请转给其他坐席或技能组。' });
  await wakeQueue(context, unit);
  const before = await leaveQueue(context, unit, conversation.id);
  const period = await unit.repos.services.current(conversation.id);
  const until = now + context.city.queueRules.offerSeconds * 1_000;
  const groupId = before?.groupId ?? period?.groupId ?? lastGroup(context);
  await unit.repos.queue.put({
    conversationId: conversation.id, kind: 'transfer', groupId, waitedFrom: period?.askedAt ?? now, groupSince: now, rankAt: now, wantedSeatId: seatId,
    offeredTo: seatId, offeredUntil: until, refusals: [], leaving: false, toldPosition: null, toldAt: null,
  });
  unit.after.push({ kind: 'offer', conversationId: conversation.id, groupId, seatId, until, offer: 'transfer' }, { kind: 'presence', seatIds: [seatId] });
}

async function toGroup(context: IntakeContext, unit: Unit, conversation: Conversation, groupId: string): Promise<Conversation> {
  const now = context.now();
  const group = context.city.queueRules.groups.find(({ id }) => id === groupId);
  if (group === undefined) throw new AppError('transfer.unknown', 'no such group', { status: 404, citizenText: '没有这个技能组。' });
  const { repos } = unit;
  const waiting = await repos.conversations.update(conversation.id, conversation.version, { owner: 'waiting', seatId: null, waitingSince: now });
  await say(context, unit, waiting, [statusDraft(context, 'waiting'), ...courtesy(context, waiting, movedSaid(waiting.locale, group.name))]);
  const period = await repos.services.current(conversation.id);
  await wakeQueue(context, unit);
  await leaveQueue(context, unit, conversation.id);
  // Asked for a person long ago: stands before those who ask now. The seat that passes it on is not asked at once.
  await enterQueue(context, unit, waiting, { groupId, waitedFrom: period?.askedAt ?? now, refusals: conversation.seatId === null ? [] : [{ seatId: conversation.seatId, at: now }] });
  await repos.participants.clear(conversation.id);
  if (conversation.seatId !== null) unit.after.push({ kind: 'presence', seatIds: [conversation.seatId] });
  return waiting;
}

async function toDepartment(context: IntakeContext, unit: Unit, conversation: Conversation, seat: Actor, given: { readonly departmentId: string; readonly note: string; readonly openingKey: string }): Promise<{ conversation: Conversation; ticket: Ticket }> {
  const department = context.city.departments.find(({ id }) => id === given.departmentId);
  if (department === undefined) throw new AppError('transfer.unknown', 'no such department', { status: 404, citizenText: '没有这个承办单位。' });
  const returned = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'bot', seatId: null, handoffReason: null, waitingSince: null, emergency: null, unread: 0 });
  const ticket = await openMatterTicket(context, unit, conversation, { reason: given.note === '' ? '坐席转承办单位办理' : given.note, callback: false, actor: { kind: 'seat', seatId: seat.id }, openingKey: given.openingKey, departmentId: department.id });
  await say(context, unit, returned, [houseSays(context, departmentSaid(returned.locale, ticket.number, department.short)), statusDraft(context, 'completed')]);
  await ceasedToServe(context, unit, conversation, 'served');
  await enqueue(unit, [turnRow(context, conversation.id, { event: 'handedBack' }, context.newId())]);
  return { conversation: returned, ticket };
}

/**
 * Accepts what was offered to this seat.
 * @throws AppError `offer.over` (409): declined, out of time, or somebody else has it
 */
export async function acceptOffer(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    if (conversation.owner === 'human' && conversation.seatId === seat.id) return conversation;
    const entry = await unit.repos.queue.get(conversationId);
    const fits = entry !== null && entry.offeredTo === seat.id && entry.offeredUntil !== null && entry.offeredUntil > context.now() && conversation.owner === (entry.kind === 'transfer' ? 'human' : 'waiting');
    if (!fits) throw over();
    await unit.repos.outbox.cancel(`turn:${conversation.id}`, 'timer');
    const taken = await unit.repos.conversations.update(conversation.id, conversation.version, { owner: 'human', seatId: seat.id, waitingSince: null, ...(entry.kind === 'waiting' ? { unread: 0 } : {}) });
    const words = entry.kind === 'transfer' ? courtesy(context, taken, passedOnSaid(taken.locale)) : spokenNotice(context, taken, '人工坐席已接入，请讲。');
    await say(context, unit, taken, [statusDraft(context, 'accepted'), ...words]);
    await beganToServe(context, unit, conversation, seat.id);
    await trail(context, unit, seat, entry.kind === 'transfer' ? 'conversation.transfer_accepted' : 'conversation.offer_accepted', conversation.id);
    return taken;
  });
}

/** Declines: the next seat is asked; one that was passed on stays where it is. Declining what is over does no harm. */
export async function declineOffer(context: IntakeContext, conversationId: string, seat: Actor): Promise<Conversation> {
  return change(context, conversationId, async (unit, conversation) => {
    await wakeQueue(context, unit);
    const entry = await unit.repos.queue.get(conversationId);
    if (entry === null || entry.offeredTo !== seat.id) return conversation;
    const now = context.now();
    if (entry.kind === 'transfer') await unit.repos.queue.remove(conversationId);
    else await unit.repos.queue.change(conversationId, { offeredTo: null, offeredUntil: null, refusals: [...freshRefusals(context.city.queueRules, entry.refusals, now), { seatId: seat.id, at: now }] });
    unit.after.push(offerOver(entry, seat.id), { kind: 'presence', seatIds: [seat.id] });
    await trail(context, unit, seat, 'conversation.offer_declined', conversationId);
    return conversation;
  });
}

function over(): AppError {
  return new AppError('offer.over', 'this offer is over', { status: 409, retry: 'conflict', citizenText: '这次分派已结束，会话可能已由其他坐席接入。' });
}

function lastGroup({ city }: IntakeContext): string {
  return city.queueRules.groups.at(-1)?.id ?? '';
}
