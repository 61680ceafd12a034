import type { NotificationFacts } from '../channel/contract.ts';
import type { Compose } from '../outbound/context.ts';
import { shortTime } from '../tickets/notices/quiet.ts';
import { joinedText, shortTitle, visitText } from '../tickets/notices/words.ts';
import { stateText } from '../tickets/words.ts';
import type { IntakeContext } from './context.ts';
import { readWaiting, type Waiting } from './door.ts';

/** The words of notices that go out where nobody talks with us, as things stand when they go. */

export function createCompose(context: IntakeContext): Compose {
  return async (unit, { noticeIds, template, among }) => {
    const { repos } = unit;
    const found = await Promise.all(noticeIds.map((id) => repos.ticketNotices.get(id)));
    const notices = found.flatMap((notice) => (notice !== null && notice.state === among ? [notice] : []));
    const { news, visits, stale } = await readWaiting(context, unit, { locale: 'zh-CN' }, notices);
    for (const { id } of stale) await repos.ticketNotices.update(id, { state: 'skipped' });
    const said = template === 'visit' ? visits : news;
    const newest = [...new Map(said.map((one) => [one.given.ticket.id, one])).values()];
    const first = template === 'visit' ? newest[0] : newest.at(-1);
    if (first === undefined) return null;
    const tickets = newest.map(({ given }) => given.ticket);
    return {
      text: textOf(template === 'visit', first, said),
      facts: factsOf(first, newest.length, context.now()),
      noticeIds: said.map(({ notice }) => notice.id),
      tried: [...new Set(said.flatMap(({ notice }) => notice.channels))],
      ticket: first.given.ticket,
      tickets,
      visits: template === 'visit' ? said.map(({ given, attempt }) => ({ ticket: given.ticket, attempt })) : [],
    };
  };
}

/** Of a confidential matter only that there is something: a telephone may lie on a table. */
function textOf(asks: boolean, first: Waiting, said: readonly Waiting[]): string {
  const { ticket, department, locale } = first.given;
  if (said.some(({ given }) => given.ticket.confidential)) return `您的工单${ticket.number}有新进展，详情请拨打12345或从原渠道查询。`;
  return asks ? visitText(ticket, department, locale) : joinedText(said.map(({ given }) => given));
}

function factsOf({ given: { ticket, department } }: Waiting, amount: number, now: number): NotificationFacts {
  const title = ticket.confidential ? '您的诉求' : shortTitle(ticket);
  return {
    number: ticket.number,
    title: amount > 1 ? `${title}等${amount}件` : title,
    state: ticket.confidential ? '有新进展' : stateText(ticket, department, 'zh-CN'),
    department: ticket.confidential ? '承办单位' : (department ?? '承办单位'),
    time: shortTime(now),
  };
}
