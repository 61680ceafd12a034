import { TicketKindSchema, type TicketKind } from '../../domain/config-files.ts';
import type { Conversation } from '../../domain/conversation.ts';
import type { Ticket, TicketActor } from '../../domain/ticket.ts';
import { openTicket } from '../../tickets/open.ts';
import { Compile } from 'typebox/compile';
import type { IntakeContext, Unit } from '../context.ts';
import { factsOf } from './entry.ts';

const kindShape = Compile(TicketKindSchema);
/** 人工, 0 and the like tell nothing about the matter. */
const MIN_MATTER = 5;
const LATEST = 12;

export interface MatterTicket {
  /** Why there is a ticket, for those who handle it. */
  readonly reason: string;
  readonly callback: boolean;
  readonly actor: TicketActor;
  readonly openingKey: string | null;
  /** A seat names it; absent: the dispatch rules say. */
  readonly departmentId?: string;
}

/** A ticket made of what a conversation has brought out so far: its slots, else the last thing that was said. All of it is masked already. */
export async function openMatterTicket(context: IntakeContext, unit: Unit, conversation: Conversation, given: MatterTicket): Promise<Ticket> {
  const facts = await factsOf(context, unit, conversation);
  const slot = (name: string): string | null => conversation.understood?.slots.find((one) => one.name === name)?.value ?? null;
  const said = slot('content') ?? slot('question') ?? (await lastSaid(unit, conversation.id));
  const kind: unknown = slot('kind');
  const item = facts.item === null ? null : (context.city.items.find(({ code }) => code === facts.item?.code) ?? null);
  return openTicket(context, unit, {
    ticketKind: kindShape.Check(kind) ? kind : kindOf(item?.kinds ?? []),
    itemCode: item?.code ?? null,
    title: said === null ? '市民要求人工服务，请回电' : [...said].slice(0, 40).join(''),
    content: said === null ? given.reason : `${said}\n（${given.reason}）`,
    townId: facts.townId, place: slot('place'), happened: slot('happened'), phone: null, name: null,
    urgency: conversation.emergency === null ? 'normal' : 'emergency',
    confidential: false,
    callback: given.callback,
    citizenId: conversation.citizenId,
    enterpriseId: conversation.enterpriseId,
    conversationId: conversation.id,
    channel: conversation.channel,
    actor: given.actor,
    openingKey: given.openingKey,
    ...(given.departmentId === undefined ? {} : { departmentId: given.departmentId }),
  });
}

/** Nobody has said what kind it is: what the item is mostly for, else a request. */
function kindOf(kinds: readonly TicketKind[]): TicketKind {
  return kinds.includes('求助') ? '求助' : (kinds[0] ?? '求助');
}

async function lastSaid(unit: Unit, conversationId: string): Promise<string | null> {
  const texts = (await unit.repos.activities.latest(conversationId, LATEST)).flatMap(({ role, content }) => (role === 'citizen' && content.type === 'message' ? [content.text] : []));
  return texts.findLast((text) => text.length >= MIN_MATTER) ?? null;
}
