import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import type { TicketFilter } from '../api/client.ts';
import { channelLabel, supervisionLevels, TICKET_STATES, URGENCIES, stateLabel, kindLabel } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { TicketDetail } from './ticket-detail.tsx';
import { TICKETS_PAGE as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

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
      if (next.length === 0) desk.alerts.say('info', order === 'due' ? w.noMoreTickets : w.noEarlierTickets);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };

  return (
    <div class={rest === '' ? 'page split' : 'page split chosen'}>
      <section class="list" aria-label={w.ticketList}>
        <form
          class="filters"
          onSubmit={(event) => {
            event.preventDefault();
            setQ(typed.trim());
            if (typed.trim() === q) list.reload();
          }}
        >
          <select aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">{common.allStates}</option>
            {TICKET_STATES.map((name) => (
              <option key={name} value={name}>
                {stateLabel(name)}
              </option>
            ))}
          </select>
          <select aria-label={common.department} value={department} onChange={(event) => setDepartment(event.currentTarget.value)}>
            <option value="">{w.allDepartments}</option>
            {desk.catalog.value?.departments.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
          <select aria-label={common.deadlines} value={due} onChange={(event) => setDue(event.currentTarget.value)}>
            <option value="">{w.anyDeadline}</option>
            <option value="over">{w.overdue}</option>
            <option value="soon">{w.dueWithinADay}</option>
          </select>
          <select aria-label={w.supervision} value={supervision} onChange={(event) => setSupervision(event.currentTarget.value)}>
            <option value="">{w.supervisedOrNot}</option>
            {supervisionLevels().map(([level, label]) => (
              <option key={level} value={level}>
                {level === 3 ? label : w.andAbove(label)}
              </option>
            ))}
          </select>
          <select aria-label={w.order} value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
            <option value="">{w.newestFirst}</option>
            <option value="due">{w.dueFirst}</option>
          </select>
          <label class="check">
            <input type="checkbox" checked={enterprise} onChange={(event) => setEnterprise(event.currentTarget.checked)} />
            {w.enterprisesOnly}
          </label>
          <input type="search" aria-label={w.numberOrTitle} placeholder={w.numberOrTitle} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} maxLength={80} />
          <button type="submit">{w.search}</button>
        </form>
        {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
        <div class="rows">
          {tickets.map((ticket) => (
            <a key={ticket.id} class="row" href={`#/tickets/${ticket.id}`} aria-current={ticket.id === rest ? 'true' : undefined}>
              <span class="line">
                <Chip tone={ticket.state === '归档' ? 'good' : ticket.state === '待派' || ticket.state === '受理' ? 'warn' : 'info'}>{stateLabel(ticket.state)}</Chip>
                <b class="who">{ticket.title}</b>
                <time>{dateTime(ticket.createdAt).slice(5)}</time>
              </span>
              <span class="line">
                <span class="preview">
                  {ticket.number} · {kindLabel(ticket.kind)}
                  {ticket.itemName === null ? '' : ` · ${ticket.itemName}`}
                  {ticket.departmentName === null ? '' : ` · ${ticket.departmentName}`}
                </span>
                {ticket.urgency === 'normal' ? null : <Chip tone="bad">{URGENCIES[ticket.urgency]}</Chip>}
                {ticket.overdueAt === null ? null : <Chip tone="bad">{w.overdue2}</Chip>}
                {ticket.supervision === 0 ? null : <Chip tone="warn">{supervisionLevels().find(([level]) => level === ticket.supervision)?.[1] ?? w.supervision}</Chip>}
                {ticket.urges > 0 ? <Chip tone="warn">{w.urged(ticket.urges)}</Chip> : null}
              </span>
            </a>
          ))}
          {list.loading && tickets.length === 0 ? <Empty>{common.reading}</Empty> : null}
          {!list.loading && tickets.length === 0 ? <Empty>{w.noMatchingTickets}</Empty> : null}
          {tickets.length >= 50 ? (
            <button type="button" class="more" onClick={() => void more()}>
              {order === 'due' ? w.moreTickets : w.earlierTickets}
            </button>
          ) : null}
        </div>
      </section>
      <section class="detail" aria-label={w.ticket}>
        {rest === '' ? <Empty>{w.chooseATicketOn}</Empty> : <TicketDetail key={rest} id={rest} changed={list.reload} />}
      </section>
    </div>
  );
}

/** Short facts of a ticket as pairs; what is not known is left out. */
export function ticketFacts(ticket: TicketView): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | null])[] = [
    [common.id, ticket.number],
    [common.kind, kindLabel(ticket.kind)],
    [common.items, ticket.itemName],
    [common.department, ticket.departmentName],
    [w.deadline, ticket.deadlineText],
    [common.urgency, URGENCIES[ticket.urgency]],
    [common.towns, ticket.townName],
    [common.place, ticket.place],
    [w.whenItHappened, ticket.happened],
    [w.source, channelLabel(ticket.channel)],
    [w.confidential, ticket.confidential ? common.yes : null],
    [w.callBackPromised, ticket.callback ? common.yes : null],
    [w.urge, ticket.urges > 0 ? w.time(ticket.urges) : null],
    [w.opened, dateTime(ticket.createdAt)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
