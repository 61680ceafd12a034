import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import type { TicketFilter } from '../api/client.ts';
import { channelLabel, SUPERVISION_LEVELS, TICKET_STATES, URGENCIES } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { TicketDetail } from './ticket-detail.tsx';

/** “Soon” of the list's filter. */
const SOON_MS = 24 * 3_600_000;

export function TicketsPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const [state, setState] = useState('');
  const [department, setDepartment] = useState('');
  const [due, setDue] = useState('');
  const [supervision, setSupervision] = useState('');
  const [order, setOrder] = useState('');
  const [enterprise, setEnterprise] = useState(false);
  const [typed, setTyped] = useState('');
  const [q, setQ] = useState('');
  const [older, setOlder] = useState<readonly TicketView[]>([]);
  const filter = (): TicketFilter => ({
    state, department, q, supervision, order,
    overdue: due === 'over' ? true : undefined,
    dueBefore: due === 'soon' ? desk.now.peek() + SOON_MS : undefined,
    enterprise: enterprise ? true : undefined,
  });
  const key = JSON.stringify([state, department, q, due, supervision, order, enterprise]);
  const list = useLoaded(async () => {
    setOlder([]);
    return desk.api.tickets(filter());
  }, key);
  const tickets = [...(list.value ?? []), ...older.filter((ticket) => list.value?.some((other) => other.id === ticket.id) !== true)];

  const more = async (): Promise<void> => {
    const last = tickets.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.tickets({ ...filter(), before: order === 'due' ? (last.deadlineAt ?? undefined) : last.createdAt, beforeId: last.id });
      setOlder([...older, ...next]);
      if (next.length === 0) desk.alerts.say('info', order === 'due' ? '没有更多工单' : '没有更早的工单');
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有读到');
    }
  };

  return (
    <div class={rest === '' ? 'page split' : 'page split chosen'}>
      <section class="list" aria-label="工单列表">
        <form
          class="filters"
          onSubmit={(event) => {
            event.preventDefault();
            setQ(typed.trim());
            if (typed.trim() === q) list.reload();
          }}
        >
          <select aria-label="状态" value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">全部状态</option>
            {TICKET_STATES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <select aria-label="承办单位" value={department} onChange={(event) => setDepartment(event.currentTarget.value)}>
            <option value="">全部单位</option>
            {desk.catalog.value?.departments.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
          <select aria-label="时限" value={due} onChange={(event) => setDue(event.currentTarget.value)}>
            <option value="">全部时限</option>
            <option value="over">已超期</option>
            <option value="soon">一天内到期（含已过）</option>
          </select>
          <select aria-label="督办" value={supervision} onChange={(event) => setSupervision(event.currentTarget.value)}>
            <option value="">不论督办</option>
            {SUPERVISION_LEVELS.map(([level, label]) => (
              <option key={level} value={level}>
                {level === 3 ? label : `${label}及以上`}
              </option>
            ))}
          </select>
          <select aria-label="排序" value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
            <option value="">最新在前</option>
            <option value="due">先到期在前</option>
          </select>
          <label class="check">
            <input type="checkbox" checked={enterprise} onChange={(event) => setEnterprise(event.currentTarget.checked)} />
            只看企业诉求
          </label>
          <input type="search" aria-label="编号或标题" placeholder="编号或标题" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} maxLength={80} />
          <button type="submit">查询</button>
        </form>
        {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
        <div class="rows">
          {tickets.map((ticket) => (
            <a key={ticket.id} class="row" href={`#/tickets/${ticket.id}`} aria-current={ticket.id === rest ? 'true' : undefined}>
              <span class="line">
                <Chip tone={ticket.state === '归档' ? 'good' : ticket.state === '待派' || ticket.state === '受理' ? 'warn' : 'info'}>{ticket.state}</Chip>
                <b class="who">{ticket.title}</b>
                <time>{dateTime(ticket.createdAt).slice(5)}</time>
              </span>
              <span class="line">
                <span class="preview">
                  {ticket.number} · {ticket.kind}
                  {ticket.itemName === null ? '' : ` · ${ticket.itemName}`}
                  {ticket.departmentName === null ? '' : ` · ${ticket.departmentName}`}
                </span>
                {ticket.urgency === 'normal' ? null : <Chip tone="bad">{URGENCIES[ticket.urgency]}</Chip>}
                {ticket.overdueAt === null ? null : <Chip tone="bad">超期</Chip>}
                {ticket.supervision === 0 ? null : <Chip tone="warn">{SUPERVISION_LEVELS.find(([level]) => level === ticket.supervision)?.[1] ?? '督办'}</Chip>}
                {ticket.urges > 0 ? <Chip tone="warn">催 {ticket.urges}</Chip> : null}
              </span>
            </a>
          ))}
          {list.loading && tickets.length === 0 ? <Empty>正在读取</Empty> : null}
          {!list.loading && tickets.length === 0 ? <Empty>没有符合条件的工单</Empty> : null}
          {tickets.length >= 50 ? (
            <button type="button" class="more" onClick={() => void more()}>
              {order === 'due' ? '更多工单' : '更早的工单'}
            </button>
          ) : null}
        </div>
      </section>
      <section class="detail" aria-label="工单详情">
        {rest === '' ? <Empty>从左侧选择一张工单</Empty> : <TicketDetail key={rest} id={rest} changed={list.reload} />}
      </section>
    </div>
  );
}

/** Short facts of a ticket as pairs; what is not known is left out. */
export function ticketFacts(ticket: TicketView): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['编号', ticket.number],
    ['类别', ticket.kind],
    ['事项', ticket.itemName],
    ['承办单位', ticket.departmentName],
    ['期限', ticket.deadlineText],
    ['紧急程度', URGENCIES[ticket.urgency]],
    ['镇街', ticket.townName],
    ['地点', ticket.place],
    ['发生时间', ticket.happened],
    ['来源', channelLabel(ticket.channel)],
    ['保密', ticket.confidential ? '是' : null],
    ['承诺回电', ticket.callback ? '是' : null],
    ['催办', ticket.urges > 0 ? `${ticket.urges} 次` : null],
    ['登记时间', dateTime(ticket.createdAt)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
