import type { EpochMs, Locale } from '../../domain/activity.ts';
import { DAY, HOUR } from '../../domain/clock.ts';
import { groupTicketNumber } from '../../domain/ticket-number.ts';
import { TICKET_MOVES } from '../../domain/ticket-moves.ts';
import type { Ticket, TicketEvent, TicketEventType } from '../../domain/ticket.ts';
import { stateText } from '../words.ts';
import { shortTime } from './quiet.ts';
import { isLate, shortTitle } from './words.ts';

/** 进度 in plain words: where it stands, since when, who, until when, what was said last. Late is called late. */

export interface ProgressGiven {
  readonly ticket: Ticket;
  readonly events: readonly TicketEvent[];
  readonly department: string | null;
  /** The ticket that leads it, with its department; null: it stands alone. */
  readonly leading: { readonly ticket: Ticket; readonly department: string | null } | null;
  readonly now: EpochMs;
  readonly locale: Locale;
}

export interface Progress {
  readonly text: string;
  /** At most three sentences. */
  readonly voice: string;
}

/** Events that put the ticket where it is. */
const MOVED: ReadonlySet<TicketEventType> = new Set<TicketEventType>(['ticket.opened', ...TICKET_MOVES.filter(({ to }) => to !== 'same').map(({ event }) => event)]);

const LAST: Readonly<Partial<Record<TicketEventType, readonly [zh: string, en: string]>>> = {
  'ticket.opened': ['登记', 'filed'], 'ticket.accepted': ['受理', 'accepted'], 'ticket.refused': ['未予受理', 'not taken'], 'ticket.dispatched': ['派单', 'sent to the department'],
  'ticket.redirected': ['改派承办单位', 'sent to another department'], 'ticket.signed': ['承办单位签收', 'taken on by the department'], 'ticket.contacted': ['承办单位已与您联系', 'the department has contacted you'],
  'ticket.return_upheld': ['重新安排承办单位', 'another department is being assigned'], 'ticket.extension_granted': ['延长了办理时间', 'more time granted'], 'ticket.held': ['暂缓办理', 'put on hold'],
  'ticket.resumed': ['恢复办理', 'resumed'], 'ticket.finished': ['承办单位回复了结果', 'the department gave its result'], 'ticket.review_passed': ['热线审核通过，请您评价', 'checked by the hotline, your opinion is asked for'],
  'ticket.review_failed': ['热线审核后退回继续办理', 'sent back by the hotline to be done better'], 'ticket.visit_asked': ['再次请您评价', 'your opinion was asked for again'], 'ticket.confirmed': ['您确认已解决', 'you confirmed it'],
  'ticket.vetoed': ['您反馈没有解决，重新办理', 'you said it is not solved'], 'ticket.unreached': ['没有等到您的评价', 'no answer from you came'], 'ticket.reopened': ['重新办理', 'reopened'],
  'ticket.escalated': ['提级办理', 'passed to a higher level'], 'ticket.supervised': ['热线督办', 'supervised by the hotline'], 'ticket.merged': ['与同一件事的诉求合并办理', 'joined with the same matter'],
  'ticket.urged': ['您催办', 'urged by you'], 'ticket.supplemented': ['您补充了情况', 'you added something'], 'ticket.withdrawn': ['撤回', 'withdrawn'], 'ticket.answered_at_once': ['直接答复', 'answered'],
  'ticket.leader_moved': ['合并办理的事项有进展', 'the joint matter moved'],
};

export function progressOf(given: ProgressGiven): Progress {
  const { ticket, events, leading, locale, now } = given;
  const english = locale === 'en';
  const shown = leading !== null && ticket.state !== '归档' ? leading : { ticket, department: given.department };
  const state = stateText(shown.ticket, shown.department, locale);
  const since = events.findLast(({ type }) => MOVED.has(type))?.at ?? ticket.createdAt;
  const last = events.findLast(({ type }) => LAST[type] !== undefined);
  const words = last === undefined ? undefined : LAST[last.type];
  const term = termText(shown.ticket, shown.department, now, locale);
  const result = ticket.result ?? shown.ticket.result;
  const done = result !== null && (ticket.state === '回访' || ticket.state === '归档') ? result.replace(/[。\s]+$/, '') : null;
  const merged = leading !== null;
  const title = ticket.confidential ? '' : shortTitle(ticket);

  if (english) {
    const joint = merged ? ' Joined with other requests of the same matter.' : '';
    const tail = last === undefined || words === undefined ? '' : ` Latest: ${shortTime(last.at, locale)}, ${words[1]}.`;
    return {
      text: `Ticket ${groupTicketNumber(ticket.number)}${title === '' ? '' : ` (${title})`}: ${state}, since ${shortTime(since, locale)}.${joint}${term === '' ? '' : ` ${term}`}${done === null ? '' : ` Result: ${done}.`}${tail}`,
      voice: `Your ticket is ${state}, since ${shortTime(since, locale)}.${term === '' ? '' : ` ${term}`}${done === null ? '' : ` The result is: ${clip(done)}.`}`,
    };
  }
  const joint = merged ? '这件事和其他市民反映的是同一件，已合并办理。' : '';
  return {
    text: [
      `工单 ${groupTicketNumber(ticket.number)}${title === '' ? '' : `：${title}`}`,
      `${joint}目前${state}（${shortTime(since)}起）。${term}`,
      ...(done === null ? [] : [`办理结果：${done}。`]),
      ...(last === undefined || words === undefined ? [] : [`最近动态：${shortTime(last.at)} ${words[0]}。`]),
    ].join('\n'),
    voice: `${title === '' ? '您的诉求' : `您反映的${title}`}，${merged ? '已和同一件事合并办理，' : ''}目前${state}，从${spokenDay(since)}开始。${done === null ? term : `结果是${clip(done)}。`}`,
  };
}

/** The promise, kept or not. */
function termText(ticket: Ticket, department: string | null, now: EpochMs, locale: Locale): string {
  const english = locale === 'en';
  if (ticket.archivedAt !== null || ticket.state === '回访' || ticket.state === '办结待审') return '';
  if (ticket.deadlineAt === null) return ticket.state === '挂起' ? '' : english ? 'The time starts when a department is assigned.' : '派单后开始计算办理时限。';
  if (!isLate(ticket, now)) return english ? `Due by ${shortTime(ticket.deadlineAt, locale)} (Beijing time).` : `预计${shortTime(ticket.deadlineAt)}前办结。`;
  const late = lateText(now - ticket.deadlineAt, english);
  const watched = ticket.supervision > 0;
  if (english) return `It was due by ${shortTime(ticket.deadlineAt, locale)} and is ${late} late; we are sorry. ${watched ? 'The hotline is supervising it.' : 'This is on record.'}`;
  return `原定${shortTime(ticket.deadlineAt)}前办结，已经超期${late}，很抱歉，${watched ? `热线正在督办${department ?? '承办单位'}` : '超期情况已经记录'}。`;
}

function lateText(ms: number, english: boolean): string {
  const [days, hours] = [Math.floor(ms / DAY), Math.floor(ms / HOUR)];
  if (days >= 1) return english ? `${days} day${days === 1 ? '' : 's'}` : `${days}天`;
  return hours >= 1 ? (english ? `${hours} hour${hours === 1 ? '' : 's'}` : `${hours}小时`) : english ? 'less than an hour' : '不到1小时';
}

const spokenDay = (at: EpochMs): string => shortTime(at).replace(/ .*$/, '');
const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}，等等` : text).replace(/[。！？!?；;\n]+/g, '，');
