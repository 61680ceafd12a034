import type { ConferenceCalls } from '../channel/contract.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { LinkageCall, LinkageLink } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { sideText } from '../tickets/actor-text.ts';
import { freshParty, isComing, isIn, nextKey } from './call-parties.ts';
import { partyName } from './call-words.ts';
import { type LinkageContext, noteStep, requireEndpoint } from './context.ts';

/**
 * 三方通话: the citizen's own call, the seat's telephone and the other service's in one room of the telephone platform. Begun in one transaction with its
 * outbox rows; the rows ring (call-drive.ts), the platform tells (call-news.ts).
 */

/** Outbox kind. */
export const LINKAGE_CALL_KIND = 'linkage.call';
export const callLock = (callId: string): [string, string] => ['call', callId];

export type CallStep = { readonly what: 'bring' | 'release' } | { readonly what: 'ring' | 'end'; readonly party: 'seat' | 'service'; readonly key: string };

export interface CallWanted {
  readonly conversation: Pick<Conversation, 'id' | 'channel' | 'address' | 'modality'>;
  readonly link: LinkageLink;
  readonly ticket: Ticket;
  /** Whose telephone is rung besides; null: no seat has it yet, one may come in later. */
  readonly seatId: string | null;
  readonly actor: TicketActor;
}

/** The channel's three-party calls, where it can and is set up for them. */
export function conferenceOf(context: LinkageContext, conversation: Pick<Conversation, 'channel' | 'modality'>): ConferenceCalls | null {
  return conversation.modality === 'voice' ? (context.conference?.(conversation.channel) ?? null) : null;
}

/**
 * @throws AppError `linkage.no_conference`, `linkage.no_dial`, `linkage.no_phone`, `linkage.call_open` (with somebody else)
 * @returns the call, and whether it was under way already
 */
export async function beginCall(context: LinkageContext, unit: TicketUnit, { conversation, link, ticket, seatId, actor }: CallWanted): Promise<{ readonly call: LinkageCall; readonly repeated: boolean }> {
  const { linkage, trail } = unit.repos;
  const { profile, dial } = requireEndpoint(context.house, link.profile);
  if (conferenceOf(context, conversation) === null) throw new AppError('linkage.no_conference', 'this line has no conference', { status: 409, citizenText: '这条电话线路不能由系统接通三方，请用自己的话机拨打对方，并勾选“三方通话”登记。' });
  if (dial === null) throw new AppError('linkage.no_dial', 'nobody can be rung', { status: 409, citizenText: `没有设置${profile.name}的转接电话，请用自己的话机拨打对方，并勾选“三方通话”登记。` });
  if (seatId !== null && (await linkage.seatPhone(seatId)) === null) throw new AppError('linkage.no_phone', 'the seat has no telephone', { status: 409, citizenText: '还没有登记您的话机号码，请在“三方通话”里先填写。' });
  await linkage.lock('conversation', conversation.id);
  const open = (await linkage.callsOf(conversation.id, 1)).find(({ state }) => state === 'open');
  if (open !== undefined && open.profile !== link.profile) throw new AppError('linkage.call_open', 'another three-party call is under way', { status: 409, retry: 'conflict', citizenText: '这个来电正在另一场三方通话里。' });
  if (open !== undefined) {
    if (seatId === null || isComing(open.seat) || isIn(open.seat)) return { call: open, repeated: true };
    return { call: await ring(context, unit, open, 'seat', seatId), repeated: true };
  }
  const at = context.now();
  const id = context.newId();
  const call: LinkageCall = {
    id, linkId: link.id, profile: link.profile, ticketId: ticket.id, conversationId: conversation.id, channel: conversation.channel, address: conversation.address, seatId, state: 'open',
    citizen: freshParty(null, at), seat: seatId === null ? null : freshParty(`${id}.seat.1`, at), service: freshParty(`${id}.service.1`, at), createdBy: sideText(actor), createdAt: at, endedAt: null,
  };
  await linkage.addCall(call);
  await carryStep(context, unit, id, { what: 'bring' });
  await carryStep(context, unit, id, { what: 'ring', party: 'service', key: `${id}.service.1` });
  if (seatId !== null) await carryStep(context, unit, id, { what: 'ring', party: 'seat', key: `${id}.seat.1` });
  await noteStep(context, unit, ticket, profile, `三方通话开始：接入市民、${seatId === null ? '' : '坐席、'}${profile.name}`, actor);
  await trail.append({ at, actor: sideText(actor), action: 'linkage.call_begun', subject: `ticket:${ticket.id}`, purpose: profile.name });
  return { call, repeated: false };
}

/**
 * Rings a party of an open call, again or for the first time. One that nobody knows of is only rung again by a person who has looked.
 * @throws AppError `linkage.call_over`, `linkage.under_way`, `linkage.look_first`, `linkage.no_phone`
 */
export async function ringParty(context: LinkageContext, unit: TicketUnit, given: { readonly callId: string; readonly party: 'seat' | 'service'; readonly seatId: string; readonly looked: boolean }): Promise<LinkageCall> {
  const { linkage } = unit.repos;
  await linkage.lock(...callLock(given.callId));
  const call = await linkage.getCall(given.callId);
  if (call === null || call.state === 'over') throw new AppError('linkage.call_over', 'this call is over', { status: 409, retry: 'conflict', citizenText: '这场三方通话已经结束，可以重新发起。' });
  const party = call[given.party];
  if (isComing(party) || isIn(party)) throw new AppError('linkage.under_way', 'this party is under way', { status: 409, retry: 'conflict', citizenText: '已经在呼叫或在通话中。' });
  if (party?.state === 'unknown' && !given.looked) throw new AppError('linkage.look_first', 'nobody knows whether it was rung', { status: 409, citizenText: '上一次呼叫结果不明，请先核实对方没有接到，再确认重拨。' });
  if (given.party === 'seat' && (await linkage.seatPhone(given.seatId)) === null) throw new AppError('linkage.no_phone', 'the seat has no telephone', { status: 409, citizenText: '还没有登记您的话机号码，请在“三方通话”里先填写。' });
  return ring(context, unit, call, given.party, given.seatId);
}

async function ring(context: LinkageContext, unit: TicketUnit, call: LinkageCall, party: 'seat' | 'service', seatId: string): Promise<LinkageCall> {
  const key = nextKey(call, party);
  const at = context.now();
  const change = { [party]: freshParty(key, at), ...(party === 'seat' ? { seatId } : {}) };
  await unit.repos.linkage.updateCall(call.id, change);
  await carryStep(context, unit, call.id, { what: 'ring', party, key });
  const { profile } = requireEndpoint(context.house, call.profile);
  await unit.repos.trail.append({ at, actor: `seat:${seatId}`, action: 'linkage.call_again', subject: `ticket:${call.ticketId}`, purpose: partyName(party, profile.name) });
  unit.after.push({ kind: 'ticket', ticketId: call.ticketId, conversationId: call.conversationId });
  return { ...call, ...change };
}

/** One row a step, each in a lane of its own: nobody waits for anybody. */
export async function carryStep(context: Pick<LinkageContext, 'now' | 'newId'>, unit: TicketUnit, callId: string, step: CallStep): Promise<void> {
  const now = context.now();
  const id = context.newId();
  const row = { id, lane: `linkage-call:${id}`, availableAt: now };
  await unit.repos.outbox.add([{ ...row, kind: LINKAGE_CALL_KIND, payload: { callId, ...step }, blocking: true, now }]);
  unit.after.push({ kind: 'wake', rows: [row] });
}
