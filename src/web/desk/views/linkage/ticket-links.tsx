import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TicketView } from '../../../shared/api-types.ts';
import { useDesk } from '../../ui/context.ts';
import { useAction } from '../../ui/use-action.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { dueText, LinkChips } from './link-parts.tsx';
import { PassOnDialog } from './pass-on-dialog.tsx';
import { LINKAGE as w } from './words.ts';

/** On a ticket: with whom it is shared, and passing it on. */
export function TicketLinks({ ticket, changed }: { readonly ticket: TicketView; readonly changed: () => void }): JSX.Element | null {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.linkage.ofTicket(ticket.id), `${ticket.id} ${ticket.version}`);
  const [asking, setAsking] = useState(false);
  useAction('passOn', () => setAsking(true), ticket.state !== '归档' && loaded.value !== null);
  const links = loaded.value?.links ?? [];
  const advice = loaded.value?.suggestions.filter(({ why, profile }) => why !== null && !links.some((link) => link.profile === profile)) ?? [];
  if (loaded.value === null || (links.length === 0 && loaded.value.suggestions.length === 0)) return null;
  return (
    <section class="ticket-links" aria-label={w.title}>
      <h3>{w.title}</h3>
      {links.map((link) => (
        <p key={link.id}>
          <a href={`#/linkage/${link.id}`}>{link.profileName}</a> <LinkChips link={link} /> <span class="dim">{dueText(link)}</span>
        </p>
      ))}
      {ticket.state === '归档'
        ? null
        : advice.map((one) => (
            <p key={one.profile} class="dim">
              {w.adviceOf(one.name, one.why ?? '')}
            </p>
          ))}
      {ticket.state === '归档' ? null : (
        <button type="button" onClick={() => setAsking(true)}>
          {w.passOn}
        </button>
      )}
      {asking ? (
        <PassOnDialog
          of={{ ticket }}
          onClose={() => setAsking(false)}
          done={() => {
            loaded.reload();
            changed();
          }}
        />
      ) : null}
    </section>
  );
}
