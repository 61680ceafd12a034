import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { AlikeDraft, BriefTicket, LikeView } from '../api/alike.ts';
import { Chip } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { ALIKE_PANEL as w, REFUSALS_WORDS, WHY_WORDS } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';
import { stateLabel } from '../labels.ts';

/** 并单 at a ticket: what it follows, what follows it, and what looks like the same matter. A person decides; nothing merges by itself. */

const REFUSALS: Readonly<Record<string, string>> = REFUSALS_WORDS;
const WHY: Readonly<Record<string, string>> = WHY_WORDS;
const percent = (score: number): string => `${Math.round(score * 100)}%`;

export function AlikePanel({ id, version, changed }: { readonly id: string; readonly version: number; readonly changed: () => void }): JSX.Element | null {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.alike.of(id), `${id} ${version}`);
  const [busy, setBusy] = useState(false);
  const { value } = loaded;

  const act = async (work: () => Promise<void>, done: string): Promise<void> => {
    setBusy(true);
    try {
      await work();
      desk.alerts.say('info', done);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.thatDidNotWork);
    }
    setBusy(false);
    loaded.reload();
    changed();
  };

  // Beside the ticket: without an answer the ticket is just without it.
  if (value === null) return null;
  const { leading, followers, followerCount, likes, proposals, complete } = value;
  const liked = new Set(likes.map((like) => like.ticket.id));
  const others = proposals.filter((one) => one.state === 'proposed' && !liked.has(one.ticket.id) && one.ticket.state !== '归档');
  if (leading === null && followerCount === 0 && likes.length === 0 && others.length === 0) return null;
  return (
    <section aria-label={w.merge}>
      <h3>{w.merge}</h3>
      {leading === null ? null : (
        <p>
          {w.mergedIntoTheLeading}<TicketLink ticket={leading} />{w.itsDeadlineIsPaused}
          <button type="button" disabled={busy} onClick={() => void act(() => desk.api.alike.unmerge(id, version), w.splitTheDeadlineRuns)}>
            {w.split}
          </button>
        </p>
      )}
      {followerCount === 0 ? null : (
        <details>
          <summary>
            {w.thisIsTheLeading(followerCount, followers.length < followerCount ? w.theFirstAreShown(followers.length) : '')}
          </summary>
          <ul>
            {followers.map((ticket) => (
              <li key={ticket.id}>
                <TicketLink ticket={ticket} /> <Chip>{stateLabel(ticket.state)}</Chip>
              </li>
            ))}
          </ul>
        </details>
      )}
      {likes.length === 0 && others.length === 0 ? null : (
        <ul class="likes" aria-label={w.possibleDuplicates}>
          {likes.map((like) => (
            <li key={like.ticket.id}>
              <Like like={like} />
              {leading !== null ? null : (
                <>
                  <button type="button" disabled={busy || (like.refusal ?? null) !== null} title={REFUSALS[like.refusal ?? ''] ?? ''} onClick={() => void act(() => desk.api.alike.merge(id, { leadingId: like.ticket.id, version }), w.mergedInto(like.ticket.number))}>
                    {w.mergeIntoThis}
                  </button>{' '}
                  <button type="button" class="plain" disabled={busy} onClick={() => void act(() => desk.api.alike.refuse(id, like.ticket.id), w.notedAsDifferentNot)}>
                    {w.notTheSameMatter}
                  </button>
                </>
              )}
            </li>
          ))}
          {others.map((one) => (
            <li key={one.ticket.id}>
              <TicketLink ticket={one.ticket} /> <small class="dim">{w.colon(one.leads ? w.suggestedAsLeading : w.suggestedToMergeInto)}{one.why.map((code) => WHY[code] ?? code).join(common.comma)} {percent(one.score)}</small>{' '}
              <button type="button" class="plain" disabled={busy} onClick={() => void act(() => desk.api.alike.refuse(id, one.ticket.id), w.notedAsDifferentNot)}>
                {w.notTheSameMatter}
              </button>
            </li>
          ))}
        </ul>
      )}
      {complete ? null : <p class="dim">{w.theIndexOfDuplicates}</p>}
    </section>
  );
}

const WAIT_MS = 600;
const LEAST_CHARS = 6;

/** Beneath a form in which a ticket is written: open tickets that say the same, so that a seat can tell the citizen the number. */
export function AlikeHint({ draft }: { readonly draft: AlikeDraft }): JSX.Element | null {
  const desk = useDesk();
  const [likes, setLikes] = useState<readonly LikeView[]>([]);
  const key = JSON.stringify(draft);
  useEffect(() => {
    if (draft.content.trim().length < LEAST_CHARS) {
      setLikes([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      // A hint: without an answer the form is just without it.
      desk.api.alike.ofDraft(draft).then((found) => void (current && setLikes(found)), () => undefined);
    }, WAIT_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key]);
  if (likes.length === 0) return null;
  return (
    <aside aria-label={w.openTicketsThatMay}>
      <p class="dim">{w.thereMayBeAn}</p>
      <ul class="likes">
        {likes.map((like) => (
          <li key={like.ticket.id}>
            <Like like={like} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Like({ like: { ticket, score, words } }: { readonly like: LikeView }): JSX.Element {
  return (
    <p>
      <TicketLink ticket={ticket} /> <Chip tone={score >= 0.9 ? 'warn' : 'plain'}>{percent(score)}</Chip> <Chip>{stateLabel(ticket.state)}</Chip>
      <br />
      <small class="dim">
        {[dateTime(ticket.createdAt), ticket.townName, ticket.place, ticket.departmentName].filter((part) => part !== null).join(' · ')}
        <br />
        {words}
      </small>
    </p>
  );
}

function TicketLink({ ticket }: { readonly ticket: BriefTicket }): JSX.Element {
  return (
    <a href={`#/tickets/${ticket.id}`}>
      {ticket.number} {ticket.title}
    </a>
  );
}
