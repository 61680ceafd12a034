import type { Locale } from '../domain/activity.ts';
import { beijingText } from '../domain/clock.ts';
import type { Ticket } from '../domain/ticket.ts';

/** Plain words for a citizen, in their language: where the ticket stands. Departments keep their Chinese names. */
export function stateText(ticket: Ticket, departmentName: string | null, locale: Locale = 'zh-CN'): string {
  const english = locale === 'en';
  const department = departmentName ?? (english ? 'the department' : '承办单位');
  switch (ticket.state) {
    case '受理':
    case '待派':
      return english ? 'accepted, a department is being assigned' : '已受理，正在安排承办单位';
    case '待签收':
      return english ? `sent to ${department}, waiting to be signed off` : `已派给${department}，等待签收`;
    case '办理中':
    case '延期待审':
      return english ? `being handled by ${department}` : `${department}正在办理`;
    case '退单待审':
      return english ? 'the hotline is checking which department is responsible' : '热线正在核对由哪个单位负责';
    case '挂起':
      return english ? `${department} has to wait before it can go on; the matter stays open` : `因客观原因暂缓，条件具备后由${department}继续办理`;
    case '提级':
      return english ? 'passed to a higher level and being handled' : '已提级，由上级督促办理';
    case '重办':
      return english ? `being handled again by ${department}` : `${department}正在重新办理`;
    case '办结待审':
      return english ? `${department} says it is done, the hotline is checking the result` : `${department}已回复结果，热线正在审核`;
    case '回访':
      return english ? 'the result is there, waiting for your opinion' : '已有办理结果，等待您评价';
    case '归档':
      return closureText(ticket, english);
  }
}

function closureText(ticket: Ticket, english: boolean): string {
  switch (ticket.closure) {
    case 'withdrawn':
      return english ? 'withdrawn at your wish' : '已按您的要求撤回';
    case 'not_taken':
      return english ? 'not taken: it is not within what the hotline may handle' : '不在热线受理范围，未予受理';
    case 'merged':
      return english ? 'finished together with others of the same matter' : '已与同一事项的其他工单一并办结';
    case 'confirmed':
    case 'unreached':
    case 'answered_at_once':
    case null:
      return english ? 'finished' : '已办结';
  }
}

/** The deadline as said to a citizen; null before dispatch, while held and after the end. */
export function deadlineText(ticket: Ticket): string | null {
  return ticket.deadlineAt === null ? null : beijingText(ticket.deadlineAt);
}
