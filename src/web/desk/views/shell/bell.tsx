import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { listTime } from '../../../shared/format.ts';
import { Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { Popover } from '../../ui/popover.tsx';
import { useAction } from '../../ui/use-action.ts';
import { BELL as w } from './words.ts';

const SHOWN = 30;

/** Notes that name this seat, and results of inspections that concern it. */
export function Bell(): JSX.Element {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const { list, unread: unreadNotes } = desk.mentions;
  const { inspections } = desk;
  const unread = unreadNotes.value + inspections.unread.value;
  useAction('notices', () => setOpen(true));
  const look = (conversationId: string): void => {
    setOpen(false);
    location.hash = '#/conversations';
    if (desk.selectedId.value === conversationId) desk.mentions.looked(conversationId);
    desk.select(conversationId);
  };
  return (
    <Popover
      label={unread === 0 ? w.notices : w.noticesUnread(unread)}
      className="bell"
      open={open}
      setOpen={setOpen}
      button={
        <>
          <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round">
            <path d="M10 3a4.5 4.5 0 0 0-4.5 4.500c0 4-1.5 5-1.5 5.500h12c0-.5-1.5-1.5-1.5-5.500A4.5 4.5 0 0 0 10 3zM8.5 16a1.5 1.5 0 0 0 3 0" />
          </svg>
          <span class="unseen">{w.notices}</span>
          {unread === 0 ? null : (
            <b class="count bad">
              {unread}
              <span class="unseen">{w.unread}</span>
            </b>
          )}
        </>
      }
    >
      <header>
        <b>{w.notices}</b>
        <button type="button" class="link" disabled={unread === 0} onClick={() => { desk.mentions.readAll(); inspections.readAll(); }}>
          {w.markAllAsRead}
        </button>
      </header>
      {inspections.list.value.map(({ inspectionId, move, score, at, read }) => (
        <a key={inspectionId} class={read ? 'mention' : 'mention unread'} href={`#/quality/${encodeURIComponent(inspectionId)}`} onClick={() => { setOpen(false); inspections.looked(inspectionId); }}>
          <span>
            <b>{w[move]}</b>
            {read ? null : <em>{w.unread2}</em>}
            <time>{listTime(at, desk.now.value)}</time>
          </span>
          <small>{w.score(score)}</small>
        </a>
      ))}
      {list.value.length === 0 && inspections.list.value.length === 0 ? <Empty>{w.nobodyHasMentionedYou}</Empty> : null}
      {list.value.slice(0, SHOWN).map(({ note, readAt }) => (
        <button key={note.id} type="button" class={readAt === null ? 'mention unread' : 'mention'} onClick={() => look(note.conversationId)}>
          <span>
            <b>{note.seatName}</b>
            {note.kind === 'whisper' ? w.whispersToYou : w.mentionsYou}
            {readAt === null ? <em>{w.unread2}</em> : null}
            <time>{listTime(note.at, desk.now.value)}</time>
          </span>
          <small>{note.text}</small>
        </button>
      ))}
    </Popover>
  );
}
