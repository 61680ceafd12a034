import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import { isOpen } from '../domain/ticket-moves.ts';
import type { Ticket } from '../domain/ticket.ts';
import { type LinkageContext, requireEndpoint } from '../linkage/context.ts';
import { type Transferred, transferTicket } from '../linkage/transfer.ts';
import { type IntakeContext, writeUnit } from './context.ts';
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
  readonly note: string;
  /** The desk's own key: sent again, nothing happens twice. */
  readonly clientId: string;
}

export interface ConversationTransferred extends Transferred {
  readonly conversation: Conversation;
  readonly ticket: Ticket;
  /** The caller is being put through. */
  readonly connected: boolean;
}

/** @throws AppError `conversation.not_owner`, `linkage.unknown_profile`, `linkage.direction`, `linkage.no_dial` */
export async function transferConversationOut(context: IntakeContext, linkage: LinkageContext, conversationId: string, seat: Actor, wanted: ConversationTransfer): Promise<ConversationTransferred> {
  return writeUnit(context, async (unit) => {
    const conversation = await requireConversation(unit, conversationId);
    requireOwner(conversation, seat);
    const endpoint = requireEndpoint(linkage.house, wanted.profile);
    if (wanted.connect && (conversation.modality !== 'voice' || endpoint.dial === null)) {
      throw new AppError('linkage.no_dial', 'nobody can be put through', { status: 409, citizenText: conversation.modality === 'voice' ? '没有设置这个单位的转接电话，请告知市民直接拨打，或用话机三方通话。' : '只有电话会话可以直接转接。' });
    }
    const actor = { kind: 'seat', seatId: seat.id } as const;
    const known = (await unit.repos.tickets.byConversation(conversation.id)).filter(({ state }) => isOpen(state)).toSorted((left, right) => right.createdAt - left.createdAt)[0];
    const ticket = known ?? (await openMatterTicket(context, unit, conversation, { reason: `转${endpoint.profile.name}${wanted.note === '' ? '' : `：${wanted.note}`}`, callback: false, actor, openingKey: `linkage:${conversation.id}:${wanted.clientId}` }));
    const done = await transferTicket(linkage, unit, ticket, { profile: wanted.profile, mode: wanted.connect || conversation.modality === 'voice' ? 'phone' : 'system', threeParty: wanted.threeParty, emergency: conversation.emergency !== null, note: wanted.note, actor });
    if (!done.repeated) {
      const { name, number } = endpoint.profile;
      const passed = done.sent ? `情况已同步给${name}` : `请向对方说明情况`;
      const text = `您反映的情况由${name}处置。${number === undefined ? '' : `如有危险，请立即拨打 ${number}。`}${passed}，工单编号 ${ticket.number}。`;
      const spoken = wanted.connect ? `正在为您转接${name}，请不要挂断。` : `您反映的情况由${name}处置。${number === undefined ? '' : `如有危险，请立即拨打${[...number].join(' ')}。`}${done.sent ? '情况已经同步给对方。' : ''}`;
      await say(context, unit, conversation, [
        houseDraft(context, { type: 'message', text, speak: spoken, inputHint: 'acceptingInput', ...(wanted.connect && endpoint.dial !== null ? { value: { transferTo: endpoint.dial } } : {}) }),
      ]);
      await trail(context, unit, seat, 'conversation.transferred_out', conversation.id);
    }
    unit.after.push({ kind: 'conversation', conversationId });
    return { ...done, conversation, ticket, connected: wanted.connect && !done.repeated };
  });
}
