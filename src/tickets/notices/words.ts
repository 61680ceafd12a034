import type { EpochMs, Locale } from '../../domain/activity.ts';
import type { Reason } from '../../domain/ticket-rules.ts';
import { TICKET_STATES, type Ticket, type TicketEvent } from '../../domain/ticket.ts';
import { groupTicketNumber } from '../../domain/ticket-number.ts';
import { stateText } from '../words.ts';
import { shortTime } from './quiet.ts';

/** What a citizen is told of a move, ready-made. Nothing but what the citizen gave and what was written for them goes in. */

export interface NoticeGiven {
  readonly ticket: Ticket;
  readonly event: Pick<TicketEvent, 'type' | 'data'>;
  /** The leading department's name; null: none yet. */
  readonly department: string | null;
  readonly refusals: readonly Reason[];
  readonly locale: Locale;
}

/** Longest result inside a notice; the whole of it is told with the progress. */
const RESULT = { text: 300, voice: 80 } as const;

/** One notice as a sentence or two. */
export function noticeText({ ticket, event, department, refusals, locale }: NoticeGiven, modality: 'text' | 'voice' = 'text'): string {
  const english = locale === 'en';
  const subject = subjectText(ticket, locale, modality);
  const who = department ?? (english ? 'the responsible department' : '承办单位');
  const by = ticket.deadlineAt === null ? '' : english ? `, due by ${shortTime(ticket.deadlineAt, locale)} (Beijing time)` : `，预计${shortTime(ticket.deadlineAt)}前办结`;
  const result = clip(textOf(event.data['result']) ?? ticket.result ?? '', RESULT[modality]);
  const say = (zh: string, en: string): string => (english ? `${subject}: ${en}.` : `${subject}${zh}。`);
  switch (event.type) {
    case 'ticket.dispatched':
      return say(`已派给${who}${by}`, `sent to ${who}${by}`);
    case 'ticket.redirected':
      return say(`改由${who}办理${by}`, `now handled by ${who}${by}`);
    case 'ticket.signed':
      return say(`${who}已经签收，正在办理${by}`, `${who} has taken it on${by}`);
    case 'ticket.extension_granted':
      return say(`经审核延长了办理时间${by}`, `more time was granted after review${by}`);
    case 'ticket.held': {
      const until = event.data['until'];
      const end = typeof until === 'number' ? until : null;
      return say(`因客观条件还不具备，暂缓办理${end === null ? '' : `，最迟${shortTime(end)}恢复`}，不会算作办结`, `on hold until conditions allow${end === null ? '' : `, until ${shortTime(end, locale)} at the latest`}; it stays open`);
    }
    case 'ticket.resumed':
      return say(`已恢复办理${by}`, `being handled again${by}`);
    case 'ticket.refused': {
      const label = refusals.find(({ code }) => code === event.data['reasonCode'])?.label ?? null;
      return say(`不在热线受理范围${label === null ? '' : `（${label}）`}，未予受理。有疑问请${modality === 'voice' ? '按0转' : '回复“人工”找'}工作人员`, `not taken, as it is not within what the hotline may handle. Ask for a person if you have questions`);
    }
    case 'ticket.answered_at_once':
      return say(`已有答复：${result}`, `the answer is: ${result}`);
    case 'ticket.vetoed':
    case 'ticket.reopened':
      return say(`已重新办理，仍由${who}负责${by}`, `it is handled again by ${who}${by}`);
    case 'ticket.escalated':
      return say(`已提级，由上级督促办理${by}`, `passed to a higher level${by}`);
    case 'ticket.leader_moved':
      return ledText({ ticket, event, locale, department, result, say });
    default:
      return say(`目前${stateText(ticket, department, locale)}`, stateText(ticket, department, locale));
  }
}

interface Led {
  readonly ticket: Ticket;
  readonly event: Pick<TicketEvent, 'data'>;
  readonly locale: Locale;
  readonly department: string | null;
  readonly result: string;
  readonly say: (zh: string, en: string) => string;
}

/** A merged ticket hears how its leading one stands; whose that is, is nobody else's business. */
function ledText({ ticket, event, locale, department, result, say }: Led): string {
  if (event.data['archived'] === true || ticket.state === '归档') {
    const what = result === '' ? '' : locale === 'en' ? `. Result: ${result}` : `，结果：${result}`;
    return say(`与同一件事的其他诉求一并办结了${what}。如果没有解决，直接说“没解决”就能重新办理`, `finished together with others of the same matter${what}. If it is not solved, say “not solved”`);
  }
  const state = isState(event.data['state']) ? event.data['state'] : ticket.state;
  const led = stateText({ ...ticket, state }, department, locale);
  return say(`与同一件事的其他诉求合并办理，目前${led}`, `handled together with others of the same matter; now ${led}`);
}

/** Several notices in one message: the newest of each ticket, said once. */
export function joinedText(notices: readonly NoticeGiven[], modality: 'text' | 'voice' = 'text'): string {
  const newest = [...new Map(notices.map((notice) => [notice.ticket.id, notice])).values()];
  const [first] = newest;
  if (first === undefined) return '';
  const english = first.locale === 'en';
  if (newest.length === 1) return noticeText(first, modality);
  if (modality === 'voice') return english ? `${newest.length} of your tickets have news. ${noticeText(first, modality)}` : `您有${newest.length}件诉求有新进展。${noticeText(first, modality)}`;
  return [english ? `${newest.length} of your tickets have news:` : `您有${newest.length}件诉求有新进展：`, ...newest.map((notice, index) => `${index + 1}. ${noticeText(notice)}`)].join('\n');
}

/** The two questions of a visit-back where no dialog can ask them. */
export function visitText(ticket: Ticket, department: string | null, locale: Locale): string {
  const result = clip(ticket.result ?? '', RESULT.text);
  if (locale === 'en') return `${subjectText(ticket, locale, 'text')}: ${department ?? 'the department'} says it is done${result === '' ? '' : `: ${result}`}. Is it solved? And how was the handling, from 1 to 5? For example: “solved, 5”, or “not solved”.`;
  return `${subjectText(ticket, locale, 'text')}${department ?? '承办单位'}已回复办理结果${result === '' ? '' : `：${end(result)}`}问题解决了吗？办理过程请打1到5分。直接回复“解决了，5分”或者“没解决”就行；没有解决会重新办理。`;
}

/** A title as it is said again and again: the citizen knows what they wrote. */
export function shortTitle(ticket: Pick<Ticket, 'title'>): string {
  const title = ticket.title.replace(/[。！？!?；;，,\s]+$/, '');
  if (/\p{Script=Han}/u.test(title)) return title.length > TITLE ? `${title.slice(0, TITLE - 1).replace(/[，,、\s]+$/, '')}…` : title;
  // A list's title may have been cut in the middle of a word.
  return title.endsWith('…') ? `${title.slice(0, -1).replace(/\s+\S*$/, '')}…` : title;
}

const TITLE = 18;

/** 您反映的“路灯不亮”（工单 2026 1124 0000 18）; nothing of the matter where it is confidential. */
function subjectText(ticket: Ticket, locale: Locale, modality: 'text' | 'voice'): string {
  const title = ticket.confidential ? '' : shortTitle(ticket);
  const number = groupTicketNumber(ticket.number);
  if (locale === 'en') return `Ticket ${number}${title === '' ? '' : ` (${title})`}`;
  if (modality === 'voice') return title === '' ? '您之前的诉求，' : `您反映的${title}，`;
  return title === '' ? `您的工单 ${number}，` : `您反映的“${title}”（工单 ${number}），`;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const clip = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text).replace(/[。！!；;\s]+$/, '');
const end = (text: string): string => (/[。！？!?…]$/.test(text) ? text : `${text}。`);
const isState = (value: unknown): value is Ticket['state'] => typeof value === 'string' && STATES.has(value);
const STATES: ReadonlySet<string> = new Set(TICKET_STATES);

/** Is it past its handling deadline? */
export const isLate = (ticket: Ticket, now: EpochMs): boolean => ticket.deadlineAt !== null && ticket.archivedAt === null && now > ticket.deadlineAt;
