import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView, TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { channelLabel, flowLabel, URGENCIES } from '../labels.ts';
import { Chip, Empty, Score } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { Identity } from './identity.tsx';
import { KnowledgeSearch } from './knowledge-search.tsx';
import { TicketForm } from './ticket-form.tsx';

interface ContextProps {
  readonly conversation: ConversationView;
  readonly ticketOpen: boolean;
  readonly setTicketOpen: (open: boolean) => void;
  readonly hide: () => void;
}

export function ContextPane({ conversation, ticketOpen, setTicketOpen, hide }: ContextProps): JSX.Element {
  const desk = useDesk();
  const tickets = desk.transcript.value?.tickets ?? [];
  return (
    <aside class="pane context" aria-label="会话信息">
      <button type="button" class="plain hide-context" onClick={hide}>
        ← 会话
      </button>
      {ticketOpen ? (
        <TicketForm conversation={conversation} close={() => setTicketOpen(false)} />
      ) : (
        <>
          <Section title="机器人的理解">
            <UnderstoodView conversation={conversation} />
          </Section>
          <Section title="市民">
            <Identity citizen={conversation.citizen} reveal={(purpose, note) => desk.api.unmask(conversation.citizen.id, purpose, note)} />
            <p class="dim">
              {channelLabel(conversation.channel)} · {dateTime(conversation.createdAt)} 开始
            </p>
          </Section>
          <Section title={`工单（${tickets.length}）`}>
            {tickets.length === 0 ? <Empty>这位市民没有工单</Empty> : tickets.map((ticket) => <TicketLink key={ticket.id} ticket={ticket} />)}
          </Section>
          <Section title="知识库">
            <KnowledgeSearch />
          </Section>
        </>
      )}
    </aside>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  const [open, setOpen] = useState(true);
  return (
    <details class="section" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h3>{title}</h3>
      </summary>
      <div>{children}</div>
    </details>
  );
}

function UnderstoodView({ conversation }: { readonly conversation: ConversationView }): JSX.Element {
  const { understood } = conversation;
  if (understood === null || (understood.flow === null && understood.slots.length === 0 && understood.items.length === 0)) return <Empty>机器人还没有得出结论</Empty>;
  return (
    <>
      {understood.flow === null ? null : (
        <p>
          正在办理 <Chip tone="info">{flowLabel(understood.flow)}</Chip>
        </p>
      )}
      {understood.slots.length === 0 ? null : (
        <dl class="slots">
          {understood.slots.map((slot) => (
            <div key={slot.name}>
              <dt>{slot.label}</dt>
              <dd>{slot.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {understood.items.length === 0 ? null : (
        <>
          <h4>建议事项</h4>
          <ul class="suggestions">
            {understood.items.map((item) => (
              <li key={item.code}>
                <span>
                  <b>{item.name}</b>
                  <Score value={item.score} />
                </span>
                <small>{item.matched.length === 0 ? item.code : `依据：${item.matched.join('、')}`}</small>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function TicketLink({ ticket }: { readonly ticket: TicketView }): JSX.Element {
  return (
    <a class="ticket-link" href={`#/tickets/${ticket.id}`}>
      <span>
        <b>{ticket.title}</b>
        <Chip tone={ticket.state === '归档' ? 'good' : 'info'}>{ticket.state}</Chip>
      </span>
      <small>
        {ticket.number} · {ticket.kind}
        {ticket.urgency === 'normal' ? '' : ` · ${URGENCIES[ticket.urgency]}`}
        {ticket.departmentName === null ? '' : ` · ${ticket.departmentName}`}
      </small>
      {ticket.deadlineText === null ? null : <small>期限 {ticket.deadlineText}</small>}
    </a>
  );
}
