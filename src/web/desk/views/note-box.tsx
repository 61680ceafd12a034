import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import type { ColleagueView } from '../../shared/desk-work-types.ts';
import { SEAT_ROLES } from '../labels.ts';
import { atAt } from '../state/canned.ts';
import { finds } from '../state/pinyin.ts';
import { useDesk, useSeat } from '../ui/context.ts';
import { placeText } from '../ui/place-text.ts';
import { SuggestList } from './suggest-list.tsx';
import { NOTE_BOX as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

const MAX_CHARS = 2000;
const SUGGESTED = 8;

/** A private note, or a supervisor's whisper. It looks so unlike a reply that nobody writes into the wrong one. */
export function NoteBox({ conversation, kind, close }: { readonly conversation: ConversationView; readonly kind: 'note' | 'whisper'; readonly close: () => void }): JSX.Element {
  const desk = useDesk();
  const me = useSeat();
  const list = useId();
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const [named, setNamed] = useState<readonly ColleagueView[]>([]);
  const [dismissed, setDismissed] = useState(-1);
  const [active, setActive] = useState(0);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    box.current?.focus();
    if (desk.mentions.colleagues.peek().length === 0) desk.mentions.loadColleagues().catch(() => undefined); // then nobody can be named, and the note goes all the same
  }, []);
  const at = kind === 'whisper' ? null : atAt(text, caret);
  const found = at === null || at.from === dismissed ? null : desk.mentions.colleagues.value.filter((one) => one.id !== me.id && finds(at.query, one.name)).slice(0, SUGGESTED);
  const chosen = Math.min(active, Math.max(0, (found?.length ?? 1) - 1));

  const name = (person: ColleagueView | undefined): void => {
    if (at === null || person === undefined) return;
    const before = `${text.slice(0, at.from)}@${person.name} `;
    placeText(box.current, before, text.slice(caret));
    setText(before + text.slice(caret));
    setCaret(before.length);
    setNamed([...named.filter((one) => one.id !== person.id), person]);
    setActive(0);
  };
  const save = async (): Promise<void> => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    setFault('');
    try {
      // Whose name was deleted again is not meant.
      await desk.addNote(conversation.id, { kind, text: text.trim(), mentions: named.filter((one) => text.includes(`@${one.name}`)).map((one) => one.id) });
      close();
    } catch (error) {
      setFault(error instanceof Error ? error.message : w.notNoted);
      setBusy(false);
    }
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      if (found !== null && at !== null) setDismissed(at.from);
      else close();
    } else if (found !== null && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((chosen + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(1, found.length));
    } else if (found !== null && found.length > 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      name(found[chosen]);
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <form
      class={`reply note-box ${kind}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p class="note-head">{kind === 'whisper' ? w.whisperToNotSeen(conversation.seatName ?? common.seat) : w.privateNoteNotSeen}</p>
      {found === null ? null : <SuggestList id={list} label={common.aColleague} found={found.map((one) => ({ id: one.id, label: one.name, note: roleOf(one.role), shown: '' }))} active={chosen} setActive={setActive} choose={(index) => name(found[index])} />}
      <textarea
        ref={box}
        rows={2}
        value={text}
        maxLength={MAX_CHARS}
        aria-label={kind === 'whisper' ? w.whisper : w.note}
        aria-controls={found === null ? undefined : list}
        aria-activedescendant={found?.[chosen] === undefined ? undefined : `${list}-${chosen}`}
        placeholder={kind === 'whisper' ? w.onlyThisSeatSees : w.mentionsAColleague}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setActive(0);
        }}
        onClick={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyUp={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
      />
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <div class="buttons">
        <span class="dim">{w.enterSavesEscGoes}</span>
        <button type="button" onClick={close}>
          {common.cancel}
        </button>
        <button type="submit" class="primary" disabled={busy || text.trim() === ''}>
          {kind === 'whisper' ? w.whisper2 : w.save}
        </button>
      </div>
    </form>
  );
}

const roleOf = (role: string): string => Object.entries(SEAT_ROLES).find(([name]) => name === role)?.[1] ?? role;
