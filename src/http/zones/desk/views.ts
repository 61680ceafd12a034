import type { Activity } from '../../../domain/activity.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import type { Ticket, TicketEvent } from '../../../domain/ticket.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import { deadlineText } from '../../../tickets/words.ts';
import type { Repositories } from '../../../store/contract.ts';
import type { TicketMove } from '../../../domain/ticket-moves.ts';
import type { MoodOf } from './mood.ts';
import { queueFields } from './queue-view.ts';
import type { ActivityViewShape, ConversationViewShape, MoveViewShape, TicketViewShape } from './schemas.ts';

/** What the desk may see: masked people, names instead of ids, public addresses of attachments. */

const PREVIEW_CHARS = 60;
/** Newest activities searched for it. */
const PREVIEW_SEARCH = 10;
/** 人工, 0 and the like tell nothing about the matter. */
const MIN_MATTER_CHARS = 5;

export async function conversationView(context: Pick<IntakeContext, 'city'>, repos: Repositories, conversation: Conversation, moodOf?: MoodOf): Promise<ConversationViewShape> {
  const citizen = await repos.citizens.summary(conversation.citizenId);
  const latest = await repos.activities.latest(conversation.id, PREVIEW_SEARCH);
  const seat = conversation.seatId === null ? null : await repos.seats.get(conversation.seatId);
  const enterprise = conversation.enterpriseId === null ? null : await repos.enterprises.get(conversation.enterpriseId);
  const named = enterprise === null || enterprise.seatId === null ? null : await repos.seats.get(enterprise.seatId);
  const { understood, emergency } = conversation;
  return {
    id: conversation.id,
    channel: conversation.channel,
    modality: conversation.modality,
    locale: conversation.locale,
    owner: conversation.owner,
    seatId: conversation.seatId,
    seatName: seat?.displayName ?? null,
    handoffReason: conversation.handoffReason,
    waitingSince: conversation.waitingSince,
    emergency: emergency === null ? null : { category: emergency.category, words: [...emergency.words], at: emergency.at },
    understood: understood === null ? null : { flow: understood.flow, slots: understood.slots.map((slot) => ({ ...slot })), items: understood.items.map((item) => ({ ...item, matched: [...item.matched] })) },
    unread: conversation.unread,
    createdAt: conversation.createdAt,
    lastInboundAt: conversation.lastInboundAt,
    lastActivityAt: conversation.lastActivityAt,
    lastSeq: conversation.lastSeq,
    version: conversation.version,
    citizen: { id: conversation.citizenId, phoneMasked: citizen?.phoneMasked ?? null, nameMasked: citizen?.nameMasked ?? null },
    enterprise: enterprise === null ? null : { id: enterprise.id, name: enterprise.name, seatId: enterprise.seatId, seatName: named?.displayName ?? null },
    ...(await queueFields(context, repos, conversation)),
    mood: moodOf?.(conversation, latest) ?? null,
    preview: preview(conversation, latest),
  };
}

/**
 * One line for the list. Before a seat has it: what the citizen wants (the slot a form has filled, else the last thing
 * said that is more than a word). Afterwards: the newest the citizen said.
 */
function preview({ owner, understood }: Conversation, latest: readonly Activity[]): string {
  const taken = owner === 'human';
  const matter = taken ? undefined : understood?.slots.find((slot) => slot.name === 'content' || slot.name === 'question')?.value;
  const messages = latest.flatMap((activity) => (activity.content.type === 'message' ? [{ role: activity.role, content: activity.content }] : []));
  const said = messages.filter((message) => message.role === 'citizen');
  const telling = taken ? undefined : said.findLast((message) => message.content.text.length >= MIN_MATTER_CHARS);
  const last = telling ?? said.at(-1) ?? messages.at(-1);
  const text = last === undefined ? '' : last.content.text !== '' ? last.content.text : (last.content.attachments?.length ?? 0) > 0 ? '[附件]' : '';
  return [...(matter ?? text)].slice(0, PREVIEW_CHARS).join('');
}

export async function activityViews(context: IntakeContext, repos: Repositories, activities: readonly Activity[]): Promise<ActivityViewShape[]> {
  const names = new Map<string, string>();
  for (const id of new Set(activities.flatMap((activity) => (activity.seatId === null ? [] : [activity.seatId])))) {
    names.set(id, (await repos.seats.get(id))?.displayName ?? '坐席');
  }
  return activities.map((activity) => ({
    id: activity.id,
    seq: activity.seq,
    direction: activity.direction,
    role: activity.role,
    seatId: activity.seatId,
    seatName: activity.seatId === null ? null : (names.get(activity.seatId) ?? null),
    at: activity.at,
    replyToId: activity.replyToId,
    content: publicContent(context, activity),
  }));
}

function publicContent(context: IntakeContext, activity: Activity): unknown {
  const { content } = activity;
  if (content.type !== 'message' || content.attachments === undefined) return content;
  return { ...content, attachments: content.attachments.map((attachment) => ({ ...attachment, url: context.mediaUrl(attachment.url) })) };
}

export function ticketView(context: IntakeContext, ticket: Ticket): TicketViewShape {
  const { city } = context;
  return {
    ...ticket,
    assistIds: [...ticket.assistIds],
    holds: ticket.holds.map((hold) => ({ ...hold })),
    itemName: city.items.find((item) => item.code === ticket.itemCode)?.name ?? null,
    townName: city.towns.find((town) => town.id === ticket.townId)?.name ?? null,
    departmentName: city.departments.find((department) => department.id === ticket.departmentId)?.name ?? null,
    deadlineText: deadlineText(ticket),
  };
}

/** A button of the desk, with the reasons that may be chosen. */
export function moveView({ city }: IntakeContext, { name, label, needs, takes, reasons }: TicketMove): MoveViewShape {
  const list = reasons === undefined ? undefined : city.ticketRules.reasons[reasons].map(({ code, label: text, evidence = false }) => ({ code, label: text, evidence }));
  return { name, label, needs: [...needs], takes: [...takes], ...(list === undefined ? {} : { reasons: list }) };
}

export async function ticketEventViews(context: IntakeContext, repos: Repositories, events: readonly TicketEvent[]) {
  const views = [];
  for (const event of events) {
    const actorName = await nameOf(context, repos, event.actor);
    const departmentId = event.data['departmentId'];
    const departmentName = typeof departmentId === 'string' ? (context.city.departments.find((department) => department.id === departmentId)?.name ?? null) : null;
    views.push({ seq: event.seq, type: event.type, actor: event.actor, actorName, at: event.at, data: departmentName === null ? event.data : { ...event.data, departmentName } });
  }
  return views;
}

async function nameOf({ city }: IntakeContext, repos: Repositories, actor: TicketEvent['actor']): Promise<string> {
  switch (actor.kind) {
    case 'seat':
      return (await repos.seats.get(actor.seatId))?.displayName ?? '坐席';
    case 'department': {
      const department = city.departments.find(({ id }) => id === actor.departmentId)?.short ?? '承办单位';
      const person = actor.seatId === null ? null : await repos.seats.get(actor.seatId);
      return person === null ? department : `${department} ${person.displayName}`;
    }
    case 'citizen':
      return '市民';
    case 'partner':
      return '伙伴平台';
    case 'system':
      return '系统';
  }
}
