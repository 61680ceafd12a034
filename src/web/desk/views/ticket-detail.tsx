import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MoveView, TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import type { MoveArguments } from '../api/client.ts';
import { eventDetail, eventLabel, stateLabel, moveLabel, resultElsewhere } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { AlikePanel } from './alike-panel.tsx';
import { Identity } from './identity.tsx';
import { TicketLinks } from './linkage/ticket-links.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { ReachPanel } from './reach-panel.tsx';
import { SuperviseDialog, TicketWorkPanels, useLeads } from './ticket-work.tsx';
import { ticketFacts } from './tickets-page.tsx';
import { TICKET_DETAIL as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

export function TicketDetail({ id, changed }: { readonly id: string; readonly changed: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const loaded = useLoaded(() => desk.api.ticket(id), id);
  const [moving, setMoving] = useState<MoveView | null>(null);
  const [note, setNote] = useState('');
  const leads = useLeads();
  const [supervising, setSupervising] = useState(false);

  const reload = (): void => {
    loaded.reload();
    changed();
  };

  const move = async (chosen: MoveView, ticket: TicketView, given: Omit<MoveArguments, 'version'>): Promise<void> => {
    try {
      await desk.api.move(ticket.id, chosen.name, { version: ticket.version, ...given });
    } finally {
      reload(); // after a conflict too: the buttons must fit what the ticket is now
    }
  };

  const addNote = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (note.trim() === '') return;
    try {
      await desk.api.noteTicket(id, note.trim());
      setNote('');
      reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.theNoteWasNot);
    }
  };

  if (loaded.value === null) return loaded.fault === '' ? <Empty>{common.reading}</Empty> : <p class="fault">{loaded.fault}</p>;
  const { ticket, events, work } = loaded.value;
  // What has to be justified is the exception: it comes after the ordinary next step.
  const moves = [...loaded.value.moves].sort((a, b) => Number(a.needs.includes('reason')) - Number(b.needs.includes('reason')));
  return (
    <article class="ticket">
      <header class="head">
        <a class="back" href="#/tickets">
          {w.list}
        </a>
        <div class="title">
          <h2>{ticket.title}</h2>
          <p class="dim">
            <Chip tone={ticket.state === '归档' ? 'good' : 'info'}>{stateLabel(ticket.state)}</Chip> {ticket.number}
          </p>
        </div>
        <div class="buttons">
          {moves.map((one) => (
            <button
              key={one.name}
              type="button"
              class={one === moves[0] ? 'primary' : ''}
              onClick={() => {
                if (one.needs.length > 0) setMoving(one);
                else move(one, ticket, {}).catch((error: unknown) => desk.alerts.say('error', error instanceof Error ? error.message : w.thatDidNotWork));
              }}
            >
              {moveLabel(one)}
            </button>
          ))}
          {leads && ticket.state !== '归档' ? (
            <button type="button" onClick={() => setSupervising(true)}>
              {w.supervision}
            </button>
          ) : null}
          {ticket.conversationId === null || seat.role === 'department' ? null : (
            <a
              class="button"
              href="#/conversations"
              onClick={() => desk.select(ticket.conversationId)}
            >
              {w.seeTheConversation}
            </a>
          )}
        </div>
      </header>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      <dl class="facts">
        {ticketFacts(ticket).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {seat.role === 'department' ? (
        <>
          <h3>{common.citizen}</h3>
          {ticket.confidential ? <p class="dim">{w.theCitizenAsksFor}</p> : <Identity citizen={null} reveal={(purpose, note) => desk.api.unmaskByTicket(id, purpose, note)} />}
        </>
      ) : null}
      <h3>{w.whatWasReported}</h3>
      <p class="text">{ticket.content}</p>
      {seat.role === 'department' ? null : <AlikePanel id={ticket.id} version={ticket.version} changed={reload} />}
      {seat.role === 'department' && ticket.leadingId !== null ? <p class="merged">{w.thisTicketIsMerged}</p> : null}
      {seat.role === 'department' ? null : <TicketLinks ticket={ticket} changed={reload} />}
      <TicketWorkPanels ticket={ticket} work={work} changed={reload} />
      <ReachPanel id={ticket.id} version={ticket.version} changed={reload} />
      <h3>{w.whatHappened}</h3>
      <ol class="timeline">
        {events.map((event) => (
          <li key={event.seq}>
            <time>{dateTime(event.at)}</time> <b>{eventLabel(event.type)}</b> <span class="dim">{event.actorName}</span>
            {eventDetail(event) === '' ? null : <p class="text">{eventDetail(event)}</p>}
          </li>
        ))}
      </ol>
      <form class="note" onSubmit={(event) => void addNote(event)}>
        <input aria-label={w.note} placeholder={w.addANote} value={note} onInput={(event) => setNote(event.currentTarget.value)} maxLength={2000} />
        <button type="submit" disabled={note.trim() === ''}>
          {w.add}
        </button>
      </form>
      {moving === null ? null : <MoveDialog move={moving} ticket={ticket} elsewhere={resultElsewhere(events)} onClose={() => setMoving(null)} run={(given) => move(moving, ticket, given)} />}
      {supervising ? <SuperviseDialog ticket={ticket} onClose={() => setSupervising(false)} done={reload} /> : null}
    </article>
  );
}
