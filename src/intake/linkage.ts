import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler } from '../bus/contract.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { isOpen } from '../domain/ticket-moves.ts';
import type { Ticket } from '../domain/ticket.ts';
import { beginCall, conferenceOf } from '../linkage/call.ts';
import { type LinkageContext, requireEndpoint } from '../linkage/context.ts';
import type { Rule } from '../linkage/profile.ts';
import { rulesFor } from '../linkage/rules.ts';
import { type Transferred, transferTicket } from '../linkage/transfer.ts';
import type { LinkageCall } from '../store/contract.ts';
import { type IntakeContext, type Unit, writeUnit } from './context.ts';
import { type Actor, requireConversation, requireOwner, trail } from './handoff.ts';
import { say } from './outgoing.ts';
import { houseDraft } from './queue/citizen.ts';
import { openMatterTicket } from './queue/matter.ts';

/** 一键转办 from a conversation: the matter becomes a ticket (or is one), goes to the other side, and the citizen is told what to do now. */

export interface ConversationTransfer {
  readonly profile: string;
  /** 三方通话: the seat stays on the line, from its own telephone. */
  readonly threeParty: boolean;
  /** Put the caller through to the service's telephone, where one is set (`LINKAGE_<ID>_DIAL`). */
  readonly connect: boolean;
  /** 三方通话 by the telephone platform: the caller, this seat's telephone and the service's in one room. */
  readonly conference: boolean;
  readonly note: string;
  /** The desk's own key: sent again, nothing happens twice. */
  readonly clientId: string;
}

export interface ConversationTransferred extends Transferred {
  readonly conversation: Conversation;
  readonly ticket: Ticket;
  /** The caller is being put through. */
  readonly connected: boolean;
  /** The three-party call that was begun, or is under way. */
  readonly call: LinkageCall | null;
}

/** @throws AppError `conversation.not_owner`, `linkage.unknown_profile`, `linkage.direction`, `linkage.no_dial`, and those of `beginCall` */
export async function transferConversationOut(context: IntakeContext, linkage: LinkageContext, conversationId: string, seat: Actor, wanted: ConversationTransfer): Promise<ConversationTransferred> {
  return writeUnit(context, async (unit) => {
    const conversation = await requireConversation(unit, conversationId);
    requireOwner(conversation, seat);
    const endpoint = requireEndpoint(linkage.house, wanted.profile);
    if (wanted.connect && (conversation.modality !== 'voice' || endpoint.dial === null)) {
      throw new AppError('linkage.no_dial', 'nobody can be put through', { status: 409, citizenText: conversation.modality === 'voice' ? '没有设置这个单位的转接电话，请告知市民直接拨打，或用话机三方通话。' : '只有电话会话可以直接转接。' });
    }
    const actor = { kind: 'seat', seatId: seat.id } as const;
    const ticket = (await openTicketOf(unit, conversation)) ?? (await openMatterTicket(context, unit, conversation, { reason: `转${endpoint.profile.name}${wanted.note === '' ? '' : `：${wanted.note}`}`, callback: false, actor, openingKey: `linkage:${conversation.id}:${wanted.clientId}` }));
    const byPhone = wanted.connect || wanted.conference || conversation.modality === 'voice';
    const done = await transferTicket(linkage, unit, ticket, { profile: wanted.profile, mode: byPhone ? 'phone' : 'system', threeParty: wanted.threeParty || wanted.conference, emergency: conversation.emergency !== null, note: wanted.note, actor });
    const begun = wanted.conference ? await beginCall(linkage, unit, { conversation, link: done.link, ticket, seatId: seat.id, actor }) : null;
    if (!done.repeated || begun?.repeated === false) {
      const { name, number } = endpoint.profile;
      const passed = done.sent ? `情况已同步给${name}` : `请向对方说明情况`;
      const text = `您反映的情况由${name}处置。${number === undefined ? '' : `如有危险，请立即拨打 ${number}。`}${passed}，工单编号 ${ticket.number}。`;
      const connecting = wanted.connect || begun !== null;
      const spoken = connecting ? `正在为您${begun === null ? '转接' : '接通'}${name}，请不要挂断。` : `您反映的情况由${name}处置。${number === undefined ? '' : `如有危险，请立即拨打${[...number].join(' ')}。`}${done.sent ? '情况已经同步给对方。' : ''}`;
      const value: JsonObject | null = begun !== null ? { conference: begun.call.id } : wanted.connect && endpoint.dial !== null ? { transferTo: endpoint.dial } : null;
      await say(context, unit, conversation, [houseDraft(context, { type: 'message', text, speak: spoken, inputHint: 'acceptingInput', ...(value === null ? {} : { value }) })]);
      await trail(context, unit, seat, 'conversation.transferred_out', conversation.id);
    }
    unit.after.push({ kind: 'conversation', conversationId });
    return { ...done, conversation, ticket, connected: wanted.connect && !done.repeated, call: begun?.call ?? null };
  });
}

/** Outbox kind: a caller's emergency, for the rules that bring the other side in by telephone. Payload: {conversationId}. */
export const EMERGENCY_CALL_KIND = 'linkage.emergency';
const emergencyShape = Compile(Type.Object({ conversationId: Type.String() }));

/** Which rule brings a service into this caller's line now; null: none does. */
function threePartyRule(linkage: LinkageContext, conversation: Conversation): Rule | null {
  if (conversation.emergency === null || conversation.owner === 'closed' || conferenceOf(linkage, conversation) === null) return null;
  return rulesFor(linkage.house.rules, null, conversation.emergency.category).find(({ threeParty, to }) => threeParty === true && (linkage.house.endpoint(to)?.dial ?? null) !== null) ?? null;
}

/** For `IntakeContext.emergency`: a row in the turn's transaction, so that it happens once, and after the turn. */
export async function queueEmergencyCall(context: IntakeContext, linkage: LinkageContext, unit: Unit, conversation: Conversation): Promise<void> {
  if (threePartyRule(linkage, conversation) === null) return;
  const row = { id: context.newId(), lane: `linkage-emergency:${conversation.id}`, availableAt: context.now() };
  await unit.repos.outbox.add([{ ...row, kind: EMERGENCY_CALL_KIND, payload: { conversationId: conversation.id }, blocking: true, now: row.availableAt }]);
  unit.after.push({ kind: 'wake', rows: [row] });
}

/** The matter becomes a ticket, goes to the other side, and the caller and the service are brought together; who takes the conversation joins them. */
export function createEmergencyCallHandler(context: IntakeContext, linkage: LinkageContext): JobHandler {
  return async (row, lease) => {
    if (!emergencyShape.Check(row.payload)) return { kind: 'bury', code: 'linkage.bad_payload' };
    const { conversationId } = row.payload;
    await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await unit.repos.conversations.get(conversationId);
      const rule = conversation === null ? null : threePartyRule(linkage, conversation);
      if (conversation === null || rule === null) return;
      const { profile } = requireEndpoint(linkage.house, rule.to);
      const actor = { kind: 'system' } as const;
      const ticket = (await openTicketOf(unit, conversation)) ?? (await openMatterTicket(context, unit, conversation, { reason: rule.why, callback: false, actor, openingKey: `linkage:${conversation.id}:${row.id}` }));
      const { link } = await transferTicket(linkage, unit, ticket, { profile: profile.id, mode: 'phone', threeParty: true, emergency: true, note: rule.why, actor });
      const { call, repeated } = await beginCall(linkage, unit, { conversation, link, ticket, seatId: null, actor });
      if (repeated) return;
      await say(context, unit, conversation, [houseDraft(context, { type: 'message', text: `正在为您接通${profile.name}，请不要挂断。`, inputHint: 'acceptingInput', value: { conference: call.id } })]);
      unit.after.push({ kind: 'conversation', conversationId });
    });
    return { kind: 'done' };
  };
}

async function openTicketOf(unit: Unit, conversation: Conversation): Promise<Ticket | undefined> {
  return (await unit.repos.tickets.byConversation(conversation.id)).filter(({ state }) => isOpen(state)).toSorted((left, right) => right.createdAt - left.createdAt)[0];
}
