import type { Conversation } from '../domain/conversation.ts';
import type { ActivityDraft, TicketNotice } from '../store/contract.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import { joinedText, type NoticeGiven } from '../tickets/notices/words.ts';
import { ASKS, attemptOf, noteAttempt } from '../tickets/visits/due.ts';
import { departmentName } from './describe.ts';
import type { IntakeContext, Unit } from './context.ts';

/** What a citizen who comes is to hear: news that could not reach them, and a visit-back that is open. */

/** flows/visit. */
export const VISIT_FLOW = 'visit';

export interface Door {
  /** Number of the ticket whose visit-back is open. */
  readonly visitNumber: string | null;
  readonly waiting: boolean;
}

/** Nobody has a ticket who has never said a word and of whom nothing is known. */
export async function lookAtDoor(unit: Pick<Unit, 'repos'>, conversation: Conversation, knownPhoneLast4: string | null): Promise<Door> {
  if (conversation.lastSeq === 0 && conversation.modality === 'text' && knownPhoneLast4 === null) return { visitNumber: null, waiting: false };
  const { visit, waiting } = await unit.repos.ticketNotices.atTheDoor(conversation.citizenId);
  return { visitNumber: visit, waiting };
}

/**
 * A caller is told at the beginning of the call what waited for one. On a screen it follows this turn as a message of its own: now that
 * the citizen has written, their channel may be open again.
 */
export async function tellAtDoor(context: IntakeContext, unit: Unit, conversation: Conversation, begins: boolean): Promise<readonly ActivityDraft[]> {
  if (conversation.modality !== 'voice') {
    await wakeNotices(context, unit, conversation.citizenId, context.now(), true);
    return [];
  }
  if (!begins) return [];
  const waiting = await unit.repos.ticketNotices.waitingOf(conversation.citizenId);
  const { news, stale, visits } = await readWaiting(context, unit, conversation, waiting);
  await settle(context, unit, conversation, [...news.map(({ notice }) => notice), ...visits.map(({ notice }) => notice)], stale);
  for (const { given, attempt } of visits) await noteAttempt(context, unit, given.ticket, attempt, { channel: conversation.channel, reached: true });
  return news.length === 0 ? [] : [noticeDraft(context, news.map(({ given }) => given), news.map(({ notice }) => notice.id), 'voice')];
}

/** A channel that is heard and cannot answer: text messages, whose every word out must be an approved template. */
export function isMute(context: Pick<IntakeContext, 'channel'>, conversation: Pick<Conversation, 'channel' | 'modality'>): boolean {
  return conversation.modality === 'text' && context.channel(conversation.channel)?.capabilities.delivery === 'pull';
}

/** Why a person gets what was said where the bot cannot answer. */
export const MUTE_REASON = '市民发来短信，短信不能直接回复，请回电';

export interface HeardWord {
  readonly word: 'stop' | 'start' | 'idle';
  /** Empty: nothing can or need be said. */
  readonly answer: string;
}

/** 退订 and its like, on any channel of text: kept, and told where something can be told. Null: the message is something else. */
export async function hearWord(context: IntakeContext, unit: Unit, conversation: Conversation, text: string): Promise<HeardWord | null> {
  if (conversation.modality !== 'text' || context.consentWord === undefined) return null;
  const mute = isMute(context, conversation);
  const word = await context.consentWord(unit, { citizenId: conversation.citizenId, text, place: mute ? 'sms' : 'chat' });
  if (word === null) return null;
  const english = conversation.locale === 'en';
  const answers = { stop: english ? 'Done. We no longer send you text messages, subscription messages or calls. Your tickets can be asked for here any time; “恢复通知” turns it on again.' : '好的，以后不再主动用短信、订阅消息和电话通知您。办理进展随时可以在这里查询；回复“恢复通知”可以重新开通。', start: english ? 'Done. You are told again when your tickets move.' : '好的，已恢复通知。您的工单有新进展时会告诉您。', idle: '' };
  return { word, answer: mute ? '' : answers[word] };
}

export interface Waiting {
  readonly notice: TicketNotice;
  readonly given: NoticeGiven;
  /** Visit-back: which attempt it is; 0 otherwise. */
  readonly attempt: number;
}

/** Notices with all that their words need. `stale`: what they tell of is over (the visit-back was answered, or is asked now). */
export async function readWaiting(context: IntakeContext, unit: Pick<Unit, 'repos'>, conversation: Pick<Conversation, 'locale'>, notices: readonly TicketNotice[]): Promise<{ readonly news: readonly Waiting[]; readonly visits: readonly Waiting[]; readonly stale: readonly TicketNotice[] }> {
  const tickets = new Map((await unit.repos.tickets.getMany([...new Set(notices.map(({ ticketId }) => ticketId))])).map((ticket) => [ticket.id, ticket]));
  const [news, visits, stale]: [Waiting[], Waiting[], TicketNotice[]] = [[], [], []];
  for (const notice of notices) {
    const ticket = tickets.get(notice.ticketId);
    const event = await unit.repos.tickets.event(notice.ticketId, notice.seq);
    if (ticket === undefined || event === null) {
      stale.push(notice);
      continue;
    }
    const asks = ASKS.includes(event.type);
    if (asks && ticket.state !== '回访') {
      stale.push(notice);
      continue;
    }
    const given: NoticeGiven = { ticket, event, department: await ledBy(context, unit, ticket), refusals: context.city.ticketRules.reasons.refuse, locale: conversation.locale };
    (asks ? visits : news).push({ notice, given, attempt: asks ? attemptOf(await unit.repos.tickets.events(ticket.id), event.seq) : 0 });
  }
  // Who is asked about the end need not hear of the steps to it.
  const ended = new Set(visits.map(({ notice }) => notice.ticketId));
  const [over, open] = [news.filter(({ notice }) => ended.has(notice.ticketId)), news.filter(({ notice }) => !ended.has(notice.ticketId))];
  return { news: open, visits, stale: [...stale, ...over.map(({ notice }) => notice)] };
}

/** Of a merged ticket it is the leading one's department that works. */
async function ledBy(context: IntakeContext, unit: Pick<Unit, 'repos'>, ticket: NoticeGiven['ticket']): Promise<string | null> {
  const leader = ticket.leadingId === null ? null : await unit.repos.tickets.get(ticket.leadingId);
  return departmentName(context, leader ?? ticket);
}

/** Told over this conversation's channel; what is stale is told to nobody. */
export async function settle(context: IntakeContext, unit: Unit, conversation: Conversation, told: readonly TicketNotice[], stale: readonly TicketNotice[]): Promise<void> {
  const { ticketNotices } = unit.repos;
  for (const { id, channels } of told) await ticketNotices.update(id, { state: 'sent', channels: [...channels, conversation.channel], sentAt: context.now() });
  for (const { id } of stale) await ticketNotices.update(id, { state: 'skipped' });
}

/** A message of the house, never of the bot or a seat; `channelData` tells the sender which notices it carries. */
export function noticeDraft(context: IntakeContext, notices: readonly NoticeGiven[], ids: readonly string[], modality: 'text' | 'voice', text = joinedText(notices)): ActivityDraft {
  const speak = modality === 'voice' ? joinedText(notices, 'voice') : text;
  return {
    id: context.newId(), direction: 'out', externalId: null, role: 'system', seatId: null, at: context.now(), replyToId: null,
    content: { type: 'message', text, ...(speak === text ? {} : { speak }), inputHint: 'acceptingInput' }, channelData: { notices: [...ids] }, sealed: null,
  };
}
