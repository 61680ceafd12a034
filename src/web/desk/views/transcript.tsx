import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ActivityView, ConversationView } from '../../shared/api-types.ts';
import type { NoteView } from '../../shared/desk-work-types.ts';
import { sameDay } from '../../shared/format.ts';
import { dayHeading } from '../ui/times.ts';
import type { PendingReply, Transcript } from '../state/model.ts';
import { Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useVirtual } from '../ui/use-virtual.ts';
import { SHOW_EVENT } from './assist/assist-panel.tsx';
import { Lightbox } from './lightbox.tsx';
import { ActivityLine, isShown, NoteLine, PendingLine, type Picture } from './message.tsx';
import { TRANSCRIPT as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

type Line =
  | { readonly key: string; readonly day: number | null; readonly activity: ActivityView }
  | { readonly key: string; readonly day: null; readonly note: NoteView }
  | { readonly key: string; readonly day: null; readonly pending: PendingReply };

const LINE_PX = 72;
/** So near to the beginning of what is loaded, earlier messages are fetched. */
const NEAR_TOP = 3;

/** Everything that stands in a transcript in its order: notes behind the activity after which they were written, unsent replies last. Pure. */
export function linesOf(transcript: Pick<Transcript, 'activities' | 'notes' | 'pending'>): Line[] {
  const lines: Line[] = [];
  const notes = transcript.notes;
  let at = 0;
  let before: number | null = null;
  const first = transcript.activities[0]?.seq ?? 0;
  // A note that stands before what is loaded comes with what is loaded later.
  while (at < notes.length && (notes[at]?.afterSeq ?? 0) < first - 1) at += 1;
  const addNotes = (upTo: number): void => {
    for (let note = notes[at]; note !== undefined && note.afterSeq <= upTo; note = notes[at]) {
      lines.push({ key: `note-${note.id}`, day: null, note });
      at += 1;
    }
  };
  addNotes(first - 1);
  for (const activity of transcript.activities) {
    if (isShown(activity)) {
      lines.push({ key: activity.id, day: before === null || !sameDay(before, activity.at) ? activity.at : null, activity });
      before = activity.at;
    }
    addNotes(activity.seq);
  }
  addNotes(Number.MAX_SAFE_INTEGER);
  for (const pending of transcript.pending) lines.push({ key: `pending-${pending.clientId}`, day: null, pending });
  return lines;
}

const NOTHING: Pick<Transcript, 'activities' | 'notes' | 'pending'> = { activities: [], notes: [], pending: [] };

export function TranscriptView({ conversation }: { readonly conversation: ConversationView }): JSX.Element {
  const desk = useDesk();
  const transcript = desk.transcript.value;
  const [picture, setPicture] = useState<Picture | null>(null);
  const [behind, setBehind] = useState(false);
  const { activities, notes, pending } = transcript ?? NOTHING;
  const lines = useMemo(() => linesOf({ activities, notes, pending }), [activities, notes, pending]);
  const list = useVirtual({ count: lines.length, keyOf: (at) => lines[at]?.key ?? String(at), estimate: LINE_PX, fromEnd: true });
  const more = (activities[0]?.seq ?? 1) - 1;
  const top = list.items[0]?.index ?? 0;
  useEffect(() => {
    // Not before the view stands at its end: at first everything begins at the top.
    if (more > 0 && top <= NEAR_TOP && lines.length > 0 && !list.atEnd()) desk.earlier().catch(() => undefined); // scrolling again asks again
  }, [top, more, lines.length]);
  useEffect(() => {
    const onShow = (event: Event): void => {
      const wanted: unknown = event instanceof CustomEvent ? event.detail : null;
      if (typeof wanted !== 'object' || wanted === null || !('conversationId' in wanted) || !('seq' in wanted) || wanted.conversationId !== conversation.id) return;
      const { seq } = wanted;
      const at = lines.findIndex((line) => 'activity' in line && line.activity.seq === seq);
      if (at >= 0) list.show(at, 'start');
    };
    addEventListener(SHOW_EVENT, onShow);
    return () => removeEventListener(SHOW_EVENT, onShow);
  }, [lines, conversation.id]);
  useEffect(() => {
    const element = list.box.current;
    const onScroll = (): void => setBehind(!list.atEnd());
    element?.addEventListener('scroll', onScroll, { passive: true });
    return () => element?.removeEventListener('scroll', onScroll);
  }, []);
  return (
    <div class="transcript-place">
      <div class="transcript" ref={list.box} role="log" aria-label={w.transcript} tabIndex={0}>
        {transcript === null ? <Empty>{common.reading}</Empty> : null}
        {more > 0 ? <p class="day">{w.scrollUpToRead(more)}</p> : null}
        <div class="virtual" style={{ height: `${list.total}px` }}>
          {list.items.map((item) => {
            const line = lines[item.index];
            return line === undefined ? null : (
              <div key={line.key} class="place" data-index={item.index} ref={list.measure} style={{ transform: `translateY(${item.start}px)` }}>
                {line.day === null ? null : <p class="day">{dayHeading(line.day, Date.now())}</p>}
                {'activity' in line ? <ActivityLine activity={line.activity} receipt={transcript?.receipts.get(line.activity.id)} enlarge={setPicture} /> : 'note' in line ? <NoteLine note={line.note} /> : <PendingLine conversationId={conversation.id} reply={line.pending} />}
              </div>
            );
          })}
        </div>
        <TypingLine />
      </div>
      {behind ? (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            list.toEnd();
            setBehind(false);
          }}
        >
          {w.backToTheNewest}
        </button>
      ) : null}
      {picture === null ? null : <Lightbox picture={picture} onClose={() => setPicture(null)} />}
    </div>
  );
}

function TypingLine(): JSX.Element | null {
  const desk = useDesk();
  return (desk.transcript.value?.typingUntil ?? 0) > desk.now.value ? <p class="typing">{w.theCitizenIsTyping}</p> : null;
}
