import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler } from '../bus/contract.ts';
import type { Channel } from '../channel/contract.ts';
import type { Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { TicketNotice } from '../store/contract.ts';
import { hearsNotice, noteEvent, wakeNotices } from '../tickets/notices/listen.ts';
import { quietUntil } from '../tickets/notices/quiet.ts';
import { visitText } from '../tickets/notices/words.ts';
import { noteAttempt } from '../tickets/visits/due.ts';
import { writeUnit, type IntakeContext, type Unit } from './context.ts';
import { noticeDraft, readWaiting, settle, VISIT_FLOW, type Waiting } from './door.ts';
import { say } from './outgoing.ts';
import { begunAt, runPipeline } from './pipeline.ts';
import type { TicketListener } from './ticket-events.ts';
import { release } from './turn.ts';

/** Notices on their way to citizens: one channel, by day, joined; the next channel only when the first one failed. */

/** Hears of ticket events and writes down what a citizen is to be told. */
export function createNoticeListener(context: IntakeContext): TicketListener {
  const { ticketRules } = context.city;
  return {
    hears: (type, ticket) => hearsNotice(ticketRules, type, ticket),
    handle: (unit, ticket, event) => noteEvent(context, unit, ticket, event),
  };
}

const NoticePayload = Type.Object({ citizenId: Type.String(), awake: Type.Optional(Type.Boolean()) });
const noticePayload = Compile(NoticePayload);

/** Outbox kind NOTICE_KIND: tells one citizen what waits for them. One transaction; the sends are rows of their own. */
export function createNoticeHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!noticePayload.Check(row.payload)) return { kind: 'bury', code: 'notice.bad_payload' };
    const { citizenId, awake = false }: Static<typeof NoticePayload> = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      await tellWaiting(context, unit, citizenId, awake);
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}

/** Whatever waits for a citizen and may be told now; what sleeps is set for the morning, what no channel carries waits for their next word. */
async function tellWaiting(context: IntakeContext, unit: Unit, citizenId: string, awake: boolean): Promise<void> {
  const now = context.now();
  const waiting = await unit.repos.ticketNotices.waitingOf(citizenId);
  if (waiting.length === 0) return;
  const tickets = new Map((await unit.repos.tickets.getMany([...new Set(waiting.map(({ ticketId }) => ticketId))])).map((ticket) => [ticket.id, ticket]));
  const morning = awake ? null : quietUntil(context.city.ticketRules.notices.quiet, now);
  const groups = new Map<string, { conversation: Conversation; notices: TicketNotice[] }>();
  const unreached: TicketNotice[] = [];
  for (const notice of waiting) {
    const ticket = tickets.get(notice.ticketId);
    if (ticket === undefined || (morning !== null && ticket.urgency !== 'emergency')) continue;
    const conversation = await reachable(context, unit, ticket, awake ? [] : notice.channels);
    if (conversation === null) unreached.push(notice);
    else groups.set(conversation.id, { conversation, notices: [...(groups.get(conversation.id)?.notices ?? []), notice] });
  }
  for (const { conversation, notices } of groups.values()) await tellGroup(context, unit, conversation, notices);
  await noteUnreached(context, unit, unreached);
  if (morning !== null && waiting.some(({ ticketId }) => tickets.get(ticketId)?.urgency !== 'emergency')) await wakeNotices(context, unit, citizenId, morning);
}

async function tellGroup(context: IntakeContext, unit: Unit, conversation: Conversation, notices: readonly TicketNotice[]): Promise<void> {
  const { news, visits, stale } = await readWaiting(context, unit, conversation, notices);
  await settle(context, unit, conversation, [...news, ...visits].map(({ notice }) => notice), stale);
  if (news.length > 0) await say(context, unit, conversation, [noticeDraft(context, news.map(({ given }) => given), news.map(({ notice }) => notice.id), 'text')]);
  for (const { given, attempt } of visits) await noteAttempt(context, unit, given.ticket, attempt, { channel: conversation.channel, reached: true });
  const [first] = visits;
  if (first !== undefined) await askVisit(context, unit, conversation.id, first, visits.map(({ notice }) => notice.id));
  unit.after.push({ kind: 'conversation', conversationId: conversation.id });
}

/**
 * The two questions, by the flow where the bot has the conversation and nothing else is under way. While a seat talks, or in the middle of
 * a form, they are a message of the house and no dialog is touched: the answer is understood whenever it comes.
 */
async function askVisit(context: IntakeContext, unit: Unit, conversationId: string, { given }: Waiting, ids: readonly string[]): Promise<void> {
  const conversation = await unit.repos.conversations.get(conversationId);
  if (conversation === null) return;
  if (conversation.owner === 'bot') {
    const { activities } = await runPipeline(context, unit, begunAt(conversation), { type: 'begin', flow: VISIT_FLOW }, null, { notices: [...ids] });
    if (activities.some(({ content }) => content.type === 'message')) return;
  }
  await say(context, unit, conversation, [noticeDraft(context, [given], ids, 'text', visitText(given.ticket, given.department, conversation.locale))]);
}

/** No conversation carries them: they go by a message to the citizen's telephone or account where the house has such ways, else they wait for the citizen's next word. */
async function noteUnreached(context: IntakeContext, unit: Unit, notices: readonly TicketNotice[]): Promise<void> {
  const { news, visits, stale } = await readWaiting(context, unit, { locale: 'zh-CN' }, notices);
  for (const { id } of stale) await unit.repos.ticketNotices.update(id, { state: 'skipped' });
  const { reach } = context;
  if (reach === undefined) {
    for (const { given, attempt } of visits) await noteAttempt(context, unit, given.ticket, attempt, { channel: given.ticket.channel, reached: false });
    return;
  }
  for (const [template, some] of [['progress', news], ['visit', visits]] as const) {
    const [first] = some;
    if (first !== undefined) await reach(unit, { citizenId: first.notice.citizenId, ids: some.map(({ notice }) => notice.id), template });
  }
}

/** So many of a citizen's tickets are looked through for a conversation that can be written to. */
const TICKETS = 20;

/** The ticket's own conversation, else one of the citizen's other tickets, newest first; null: no channel that may be written to now and has not failed. */
async function reachable(context: IntakeContext, unit: Unit, ticket: Ticket, tried: readonly string[]): Promise<Conversation | null> {
  const others = async (): Promise<readonly (string | null)[]> => (await unit.repos.tickets.byCitizen(ticket.citizenId, TICKETS)).map(({ conversationId }) => conversationId);
  const looked = new Set<string>();
  for (const ids of [[ticket.conversationId], await others()]) {
    for (const id of ids) {
      if (id === null || looked.has(id)) continue;
      looked.add(id);
      const conversation = await unit.repos.conversations.get(id);
      // A conversation of somebody else stays closed to this citizen's news.
      if (conversation === null || conversation.citizenId !== ticket.citizenId || tried.includes(conversation.channel)) continue;
      if (mayWrite(context.channel(conversation.channel), conversation, context.now())) return conversation;
    }
  }
  return null;
}

/** May this channel carry a word that nobody asked for? A phone cannot; WeChat only in its window; what is stored for a screen is there. */
function mayWrite(channel: Channel | null, conversation: Conversation, now: number): boolean {
  if (channel === null || channel.status.state === 'off') return false;
  const { delivery, proactive, replyWindowMs } = channel.capabilities;
  if (delivery === 'pull') return false;
  if (delivery === 'stream' || proactive) return true;
  return replyWindowMs === null || (conversation.lastInboundAt !== null && now - conversation.lastInboundAt < replyWindowMs);
}

/** Such a message finds its next channel itself. */
export const carriesNotice = ({ channelData }: Pick<Activity, 'channelData'>): boolean => noticeIds(channelData).length > 0;

/**
 * A send failed for good: notices among what it carried go by the next channel; where there is none they wait for the citizen's next word.
 */
export async function noticesFailed(context: IntakeContext, unit: Unit, conversation: Conversation, activities: readonly Activity[]): Promise<void> {
  const ids = activities.flatMap(({ channelData }) => noticeIds(channelData));
  for (const id of ids) {
    const notice = await unit.repos.ticketNotices.get(id);
    if (notice?.state !== 'sent') continue;
    await unit.repos.ticketNotices.update(id, { state: 'waiting', sentAt: null });
  }
  if (ids.length > 0) await wakeNotices(context, unit, conversation.citizenId, context.now());
}

function noticeIds(data: JsonValue): readonly string[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  const { notices } = data;
  return Array.isArray(notices) ? notices.filter((id) => typeof id === 'string') : [];
}
