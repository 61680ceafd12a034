import type { Locale } from '../../domain/activity.ts';

/** What the house says to citizens while they wait. Two languages; phones have their own wording where digits are read out. */

export interface Said {
  readonly text: string;
  readonly speak?: string;
}

/** Waits that an estimate needs; fewer tell nothing. */
const MIN_WAITS = 3;

/**
 * How long one who begins to wait now will probably wait: the median of those accepted last. Null: too few of them to say.
 * @param waits ms
 */
export function usualWait(waits: readonly number[]): number | null {
  if (waits.length < MIN_WAITS) return null;
  const sorted = waits.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}

/** Whole minutes that are left, at least one; null: no telling, or it has taken longer than usual already. */
export function minutesLeft(usualMs: number | null, waitedMs: number): number | null {
  if (usualMs === null || waitedMs >= usualMs) return null;
  return Math.max(1, Math.ceil((usualMs - waitedMs) / 60_000));
}

/** Place in the queue. @param ahead how many are before; @param minutes null: said without a number */
export function positionSaid(locale: Locale, ahead: number, minutes: number | null): Said {
  if (locale === 'en') {
    const place = ahead === 0 ? 'You are next in line' : ahead === 1 ? 'There is 1 person before you' : `There are ${ahead} people before you`;
    return { text: minutes === null ? `${place}. I cannot say yet how long it will take.` : `${place}; it will take about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.` };
  }
  const place = ahead === 0 ? '您前面没有人排队' : `前面还有${ahead}位`;
  return { text: minutes === null ? `${place}，等待时间暂时无法估计。` : `${place}，大约需要等待${minutes}分钟。` };
}

/** Nobody took it: a ticket has been opened. @param phone is a number known to call? */
export function callbackSaid(locale: Locale, number: string, phone: boolean): Said {
  const spelled = [...number].join(' ');
  if (locale === 'en') {
    const how = phone ? 'Someone will call you back.' : 'Someone will answer you here in this conversation.';
    return { text: `I am sorry, nobody could take your conversation in time. I have filed it as ticket ${number}. ${how}`, speak: `I am sorry, nobody could take your call in time. I have filed it, ticket number ${spelled}. ${how}` };
  }
  const how = phone ? '工作人员会尽快给您回电' : '工作人员会尽快在这里回复您';
  return { text: `很抱歉，坐席都在忙，没能及时接入。已为您登记工单，编号 ${number}，${how}。`, speak: `很抱歉，坐席都在忙，没能及时接入。已为您登记工单，编号${spelled}，${how}。` };
}

/** The seat's page is gone: the citizen waits again, at the head. */
export function freedSaid(locale: Locale): Said {
  return locale === 'en' ? { text: 'The person serving you lost the connection. You are first in line for another one.' } : { text: '为您服务的坐席掉线了，正在优先为您安排其他坐席，请稍候。' };
}

/** Another seat has it now. */
export function passedOnSaid(locale: Locale): Said {
  return locale === 'en' ? { text: 'Your conversation has been passed on; another person is with you now.' } : { text: '您的会话已转由另一位坐席为您服务。' };
}

/** It waits for another group. @param group its name */
export function movedSaid(locale: Locale, group: string): Said {
  return locale === 'en' ? { text: 'Your conversation is being passed on to a colleague who knows more about it. Please hold on.' } : { text: `正在为您转接“${group}”坐席，请稍候。` };
}

/** The matter goes to a department. */
export function departmentSaid(locale: Locale, number: string, department: string): Said {
  const spelled = [...number].join(' ');
  if (locale === 'en') return { text: `Your matter has been passed on to the responsible department as ticket ${number}. You can ask for its progress at any time.`, speak: `Your matter has been passed on as ticket number ${spelled}.` };
  return { text: `您的事项已转${department}办理，工单编号 ${number}。可随时凭编号查询进度。`, speak: `您的事项已转${department}办理，工单编号${spelled}。` };
}

/** A second seat joins or leaves. @param name of the seat */
export function joinedSaid(locale: Locale): Said {
  return locale === 'en' ? { text: 'A colleague has joined this conversation.' } : { text: '另一位坐席已加入会话，一起为您服务。' };
}
