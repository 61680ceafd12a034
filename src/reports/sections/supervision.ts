import { maskText } from '../../domain/masking.ts';
import { supervisionLabel } from '../../tickets/supervision.ts';
import { type Cell, emptySection, type Section } from '../document.ts';
import type { Facts, SupervisedTicket } from '../facts.ts';
import type { Names } from '../names.ts';
import { maskVoice } from '../topics/voices.ts';
import { countText } from '../words.ts';

/** 督办清单: what was raised in the period, with responsible unit, person and date. */

const CAUSES: Readonly<Record<string, string>> = { person: '人工督办', overdue: '超期', item: '重点事项', urges: '多次催办', repetition: '反复重办' };

export function supervisionSection(facts: Facts, names: Names): Section {
  const { supervisions, supervisionsInAll, openSupervisions, scope } = facts;
  const late = supervisions.filter((one) => isLate(one, facts.madeAt)).length;
  const ended = supervisions.filter(({ supervision }) => supervision.endedAt !== null).length;
  const open = scope.kind === 'city' ? `目前全市未结束的督办共 ${openSupervisions >= 1_000 ? '1,000 件以上' : `${countText(openSupervisions)} 件`}。` : '';
  return {
    ...emptySection('supervision', '督办清单'),
    text: [supervisionsInAll === 0 ? `本期没有发起督办。${open}` : `本期发起督办 ${countText(supervisionsInAll)} 件${supervisionsInAll > supervisions.length ? `（下列最近 ${countText(supervisions.length)} 件）` : ''}，${supervisionsInAll > supervisions.length ? '所列中' : '其中'}已结束 ${countText(ended)} 件、逾期未报告 ${countText(late)} 件。${open}`],
    tables: supervisions.length === 0 ? [] : [
      {
        id: 'supervision', title: '督办',
        columns: [
          { id: 'at', label: '督办时间', kind: 'time', width: 17 }, { id: 'ticket', label: '工单', kind: 'ticket', width: 17 }, { id: 'title', label: '标题', kind: 'text', width: 30 }, { id: 'department', label: '责任单位', kind: 'text', width: 16 },
          { id: 'person', label: '责任人', kind: 'text', width: 12 }, { id: 'level', label: '级别', kind: 'text', width: 10 }, { id: 'cause', label: '起因', kind: 'text', width: 10 }, { id: 'due', label: '报告期限', kind: 'time', width: 17 }, { id: 'state', label: '状态', kind: 'text', width: 12 },
        ],
        rows: supervisions.map((one) => cellsOf(one, facts, names)), note: '',
      },
    ],
  };
}

const isLate = ({ supervision: { endedAt, dueAt } }: SupervisedTicket, now: number): boolean => endedAt === null && dueAt !== null && dueAt < now;

function cellsOf(one: SupervisedTicket, facts: Facts, names: Names): Cell[] {
  const { supervision, number, title } = one;
  return [
    supervision.createdAt, `${supervision.ticketId} ${number}`, maskVoice(title), supervision.departmentId === null ? null : names.department(supervision.departmentId), supervision.person === null ? null : maskText(supervision.person).text,
    supervisionLabel(supervision.level), CAUSES[supervision.cause] ?? supervision.cause, supervision.dueAt, supervision.endedAt !== null ? '已结束' : isLate(one, facts.madeAt) ? '逾期未报告' : '进行中',
  ];
}
