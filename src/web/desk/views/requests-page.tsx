import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MoveView, TicketView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import type { MoveArguments } from '../api/client.ts';
import type { RequestKind, WaitingView } from '../api/ticket-work.ts';
import { REQUESTS, stateLabel } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { MoveDialog } from './move-dialog.tsx';
import { Precedents, RequestWords, TimeLeft } from './ticket-work.tsx';
import { REQUESTS_PAGE as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

interface Judging {
  readonly move: MoveView;
  readonly ticket: TicketView;
}

const KINDS: readonly RequestKind[] = ['return', 'extension', 'hold'];
const VERDICTS: Readonly<Record<RequestKind, readonly [string, string]>> = { return: ['upholdReturn', 'refuseReturn'], extension: ['grantExtension', 'refuseExtension'], hold: ['grantHold', 'refuseHold'] };

/** 待审: what departments asked for and the hotline has not judged, first due first. */
export function RequestsPage(): JSX.Element {
  const desk = useDesk();
  const waiting = useLoaded(() => desk.api.ticketWork.waiting(), 'waiting');
  const [kind, setKind] = useState('');
  const [judging, setJudging] = useState<Judging | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = waiting.value?.filter(({ request }) => kind === '' || request.kind === kind) ?? [];

  /** What is judged is what was read: a ticket that has changed since is shown anew first. */
  const judge = async ({ ticket, request }: WaitingView, name: string): Promise<void> => {
    setBusy(true);
    try {
      const now = await desk.api.ticket(ticket.id);
      const move = now.moves.find((one) => one.name === name);
      if (move === undefined || now.ticket.version !== ticket.version || now.ticket.pending !== request.kind) {
        desk.alerts.say('info', w.thisTicketHasJust);
        waiting.reload();
      } else setJudging({ move, ticket: now.ticket });
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.thisTicketCouldNot);
    }
    setBusy(false);
  };
  const run = async ({ move, ticket }: Judging, given: Omit<MoveArguments, 'version'>): Promise<void> => {
    try {
      await desk.api.move(ticket.id, move.name, { version: ticket.version, ...given });
    } finally {
      waiting.reload();
    }
  };

  return (
    <div class="page">
      <section>
        <header class="head">
          <h2>{w.requests}{waiting.value === null ? '' : common.inBrackets(waiting.value.length)}</h2>
          <select class="short" aria-label={w.kindOfRequest} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{w.allRequests}</option>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {REQUESTS[one]}
              </option>
            ))}
          </select>
          <button type="button" onClick={waiting.reload}>
            {common.reload}
          </button>
        </header>
        {waiting.fault === '' ? null : <p class="fault">{waiting.fault}</p>}
        {waiting.loading && waiting.value === null ? <Empty>{common.reading}</Empty> : null}
        {waiting.value !== null && shown.length === 0 ? <Empty>{w.noRequests}</Empty> : null}
        <ul class="cards" aria-label={w.requests}>
          {shown.map((one) => (
            <li key={one.request.id}>
              <header class="line wrap">
                <a href={`#/tickets/${one.ticket.id}`}>
                  <b>{one.ticket.title}</b>
                </a>
                <span class="dim">{one.ticket.number}</span>
                <Chip tone="info">{stateLabel(one.ticket.state)}</Chip>
                {one.request.judgeBy === null ? <Chip>{w.noTimeToDecide}</Chip> : <TimeLeft at={one.request.judgeBy} words={w.review} />}
              </header>
              {one.request.itemName === null && one.request.judgeBy === null ? null : (
                <p class="dim">
                  {[one.request.itemName, one.request.judgeBy === null ? null : w.decideBy(dateTime(one.request.judgeBy))].filter((text) => text !== null).join(' · ')}
                </p>
              )}
              <Request one={one} />
              <Precedents of={one.precedents} />
              <p class="buttons">
                {VERDICTS[one.request.kind].map((name, at) => (
                  <button key={name} type="button" class={at === 0 ? 'primary' : ''} disabled={busy} aria-label={`${at === 0 ? w.grant : w.refuse}${REQUESTS[one.request.kind]} ${one.ticket.number}`} onClick={() => void judge(one, name)}>
                    {at === 0 ? w.grant : w.refuse}
                    {REQUESTS[one.request.kind]}
                  </button>
                ))}
              </p>
            </li>
          ))}
        </ul>
      </section>
      {judging === null ? null : <MoveDialog move={judging.move} ticket={judging.ticket} onClose={() => setJudging(null)} run={(given) => run(judging, given)} />}
    </div>
  );
}

/** The evidence's names and addresses are the ticket's: read only where there is some. */
function Request({ one }: { readonly one: WaitingView }): JSX.Element {
  const desk = useDesk();
  const { request, ticket } = one;
  const files = useLoaded(async () => (request.evidence.length === 0 ? [] : desk.api.ticketWork.files(ticket.id)), `${ticket.id} ${ticket.version}`);
  return <RequestWords request={request} files={files.value ?? []} />;
}
