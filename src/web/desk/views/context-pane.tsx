import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView, TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { channelLabel, flowLabel, URGENCIES, stateLabel, kindLabel, slotLabel } from '../labels.ts';
import { Chip, Empty, Score } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useAction } from '../ui/use-action.ts';
import { AssistPanel } from './assist/assist-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { Identity } from './identity.tsx';
import { KnowledgeSearch } from './knowledge-search.tsx';
import { TicketForm } from './ticket-form.tsx';
import { CONTEXT_PANE as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

interface ContextProps {
  readonly conversation: ConversationView;
  readonly ticketOpen: boolean;
  readonly setTicketOpen: (open: boolean) => void;
  readonly hide: () => void;
}

type Tab = 'info' | 'assist' | 'history' | 'tickets';
const tabs = (): readonly (readonly [Tab, string])[] => [['info', w.detailsAndKnowledge], ['assist', w.assist], ['tickets', common.tickets], ['history', w.history]];
/** The next conversation opens with the tab that was used last. */
let lastTab: Tab = 'info';

export function ContextPane({ conversation, ticketOpen, setTicketOpen, hide }: ContextProps): JSX.Element {
  const desk = useDesk();
  const [tab, showTab] = useState<Tab>(lastTab);
  const setTab = (next: Tab): void => {
    lastTab = next;
    showTab(next);
  };
  const tickets = desk.transcript.value?.tickets ?? [];
  const open = tickets.filter((ticket) => ticket.state !== '归档');
  useAction('history', () => setTab('history'));
  useAction('assist', () => {
    setTicketOpen(false);
    setTab('assist');
  });
  useAction('knowledge', () => {
    setTicketOpen(false);
    setTab('info');
    queueMicrotask(() => document.querySelector<HTMLInputElement>('.context input[type="search"]')?.focus());
  });
  const move = (event: KeyboardEvent): void => {
    const at = tabs().findIndex(([name]) => name === tab);
    const next = event.key === 'ArrowRight' ? tabs()[at + 1] : event.key === 'ArrowLeft' ? tabs()[at - 1] : undefined;
    if (next === undefined) return;
    setTab(next[0]);
    document.getElementById(`context-tab-${next[0]}`)?.focus();
  };
  const place = tickets[0]?.townName ?? conversation.understood?.slots.find((slot) => slot.name === 'town')?.value ?? null;
  return (
    <aside class="pane context" aria-label={w.conversationDetails}>
      <button type="button" class="plain hide-context" onClick={hide}>
        {w.conversation}
      </button>
      {ticketOpen ? (
        <TicketForm conversation={conversation} close={() => setTicketOpen(false)} />
      ) : (
        <>
          <div class="tabs context-tabs" role="tablist" aria-label={w.conversationDetails} onKeyDown={move}>
            {tabs().map(([name, label]) => (
              <button key={name} type="button" role="tab" id={`context-tab-${name}`} aria-selected={name === tab} aria-controls="context-panel" tabIndex={name === tab ? 0 : -1} onClick={() => setTab(name)}>
                {label}
                {name === 'tickets' ? common.inBrackets(tickets.length) : ''}
              </button>
            ))}
          </div>
          <div id="context-panel" role="tabpanel" aria-labelledby={`context-tab-${tab}`}>
            {tab === 'info' ? (
              <>
                <Section title={w.whatTheBotUnderstood}>
                  <UnderstoodView conversation={conversation} />
                </Section>
                <Section title={common.citizen}>
                  <Identity citizen={conversation.citizen} reveal={(purpose, note) => desk.api.unmask(conversation.citizen.id, purpose, note)} />
                  <p class="dim">
                    {w.began(channelLabel(conversation.channel), dateTime(conversation.createdAt))}
                    {place === null ? '' : ` · ${place}`}
                  </p>
                </Section>
                {open.length === 0 ? null : (
                  <Section title={w.openTickets(open.length)}>
                    {open.map((ticket) => (
                      <TicketLink key={ticket.id} ticket={ticket} />
                    ))}
                  </Section>
                )}
                <Section title={w.knowledgeBase}>
                  <KnowledgeSearch />
                </Section>
              </>
            ) : tab === 'assist' ? (
              <AssistPanel key={conversation.id} conversationId={conversation.id} openTicket={() => setTicketOpen(true)} />
            ) : tab === 'tickets' ? (
              <div class="tab-body">{tickets.length === 0 ? <Empty>{w.thisCitizenHasNo}</Empty> : tickets.map((ticket) => <TicketLink key={ticket.id} ticket={ticket} />)}</div>
            ) : (
              <HistoryPanel conversation={conversation} />
            )}
          </div>
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
  if (understood === null || (understood.flow === null && understood.slots.length === 0 && understood.items.length === 0)) return <Empty>{w.theBotHasDrawn}</Empty>;
  return (
    <>
      {understood.flow === null ? null : (
        <p>
          {w.workingOn}<Chip tone="info">{flowLabel(understood.flow)}</Chip>
        </p>
      )}
      {understood.slots.length === 0 ? null : (
        <dl class="slots">
          {understood.slots.map((slot) => (
            <div key={slot.name}>
              <dt>{slotLabel(slot)}</dt>
              <dd>{slot.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {understood.items.length === 0 ? null : (
        <>
          <h4>{w.suggestedItems}</h4>
          <ul class="suggestions">
            {understood.items.map((item) => (
              <li key={item.code}>
                <span>
                  <b>{item.name}</b>
                  <Score value={item.score} />
                </span>
                <small>{item.matched.length === 0 ? item.code : w.becauseOf(item.matched.join(common.comma))}</small>
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
        <Chip tone={ticket.state === '归档' ? 'good' : 'info'}>{stateLabel(ticket.state)}</Chip>
      </span>
      <small>
        {ticket.number} · {kindLabel(ticket.kind)}
        {ticket.urgency === 'normal' ? '' : ` · ${URGENCIES[ticket.urgency]}`}
        {ticket.departmentName === null ? '' : ` · ${ticket.departmentName}`}
      </small>
      {ticket.deadlineText === null ? null : <small>{w.deadline(ticket.deadlineText)}</small>}
    </a>
  );
}
