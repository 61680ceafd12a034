import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import type { CannedView } from '../../shared/desk-work-types.ts';
import { fill, searchCanned, slashAt, textFor, unfilled } from '../state/canned.ts';
import { useDesk, useSeat } from '../ui/context.ts';
import { placeText } from '../ui/place-text.ts';
import { useAction } from '../ui/use-action.ts';
import { useCanned } from './canned-shelf.ts';
import { SuggestList } from './suggest-list.tsx';
import { REPLY as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

const MAX_CHARS = 2000;
const MAX_HEIGHT_PX = 180;
const SUGGESTED = 8;
/** Other panes put text into the box with this event (a knowledge answer). */
export const INSERT_EVENT = 'yihu:insert';

/** The box in which a seat answers. `/` opens ready answers; what they leave open (`{{工单号}}`) must be seen to before it is sent. */
export function Reply({ conversation, note }: { readonly conversation: ConversationView; /** Turns the box into one for a private note. */ readonly note: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const list = useId();
  const [text, setText] = useState(() => desk.drafts.of(conversation.id));
  const [caret, setCaret] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState(false);
  const canned = useCanned();
  const enterSends = desk.preferences.enterSends.value;
  const length = [...text.trim()].length;
  const open = unfilled(text);
  const files = desk.transcript.value?.files ?? null;
  const slash = slashAt(text, caret);
  const choices = slash === null || slash.from === dismissed ? null : searchCanned(canned, slash.query, SUGGESTED);
  const chosen = Math.min(active, Math.max(0, (choices?.length ?? 1) - 1));
  const held = (desk.transcript.value?.pending ?? []).some((pending) => pending.heldUntil !== undefined && pending.heldUntil > desk.now.value);

  // Both before anything else can be typed: a draft that is looked up after the next frame would take the first letters away.
  useLayoutEffect(() => desk.drafts.keep(conversation.id, text), [text]);
  const came = desk.drafts.came.value;
  useLayoutEffect(() => setText(desk.drafts.of(conversation.id)), [came]);
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => {
    const onInsert = (event: Event): void => {
      const inserted: unknown = event instanceof CustomEvent ? event.detail : undefined;
      if (typeof inserted !== 'string') return;
      setText((old) => (old.trim() === '' ? inserted : `${old}\n${inserted}`));
      box.current?.focus();
    };
    addEventListener(INSERT_EVENT, onInsert);
    return () => removeEventListener(INSERT_EVENT, onInsert);
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(MAX_HEIGHT_PX, element.scrollHeight + 2)}px`;
  }, [text]);
  useAction('reply', () => box.current?.focus());
  useAction('canned', () => {
    const element = box.current;
    if (element === null) return;
    element.focus();
    const at = element.selectionStart;
    const before = text.slice(0, at);
    put(`${before}${before === '' || /\s$/.test(before) ? '' : ' '}/`, text.slice(at));
    setDismissed(-1);
  });
  useAction('attach', () => file.current?.click(), files?.carried === true);

  /** Text before and after the caret. */
  const put = (before: string, after: string): void => {
    placeText(box.current, before, after);
    setText(before + after);
    setCaret(before.length);
  };
  const insert = (answer: CannedView | undefined): void => {
    if (slash === null || answer === undefined) return;
    const filled = fill(textFor(answer, conversation.locale), { seatName: seat.displayName, conversation, tickets: desk.transcript.value?.tickets ?? [] });
    put(text.slice(0, slash.from) + filled, text.slice(caret));
    setActive(0);
    box.current?.focus();
  };
  /** Marks the first name that is still open, so that typing replaces it. */
  const goToOpen = (): void => {
    const at = text.indexOf(`{{`);
    const end = text.indexOf('}}', at);
    box.current?.focus();
    if (at >= 0 && end > at) box.current?.setSelectionRange(at, end + 2);
  };
  const send = (): void => {
    if (length === 0 || length > MAX_CHARS) return;
    if (open.length > 0) {
      goToOpen();
      return;
    }
    desk.undo.undo(conversation.id); // who goes on answering does not want it closed
    desk.replies.send(conversation.id, text.trim());
    setText('');
    setCaret(0);
  };
  const recall = (): void => {
    const back = desk.replies.recall(conversation.id);
    if (back !== null) put(back, text === '' ? '' : `\n${text}`);
  };
  const sendFile = async (chosenFile: File | undefined): Promise<void> => {
    if (chosenFile === undefined || sending) return;
    setSending(true);
    try {
      await desk.sendFile(conversation.id, chosenFile);
    } catch (error) {
      desk.alerts.complain(error);
    }
    setSending(false);
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // 229: the Enter that only confirms an input method's candidate.
    if (event.isComposing || event.keyCode === 229) return;
    if (choices !== null && slash !== null) {
      if ((event.key === 'Enter' || event.key === 'Tab') && choices.length > 0 && !event.shiftKey) {
        event.preventDefault();
        insert(choices[chosen]);
        return;
      }
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        setActive((chosen + (event.key === 'ArrowDown' ? 1 : -1) + choices.length) % Math.max(1, choices.length));
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        setDismissed(slash.from);
        return;
      }
    }
    if (event.key !== 'Enter') return;
    const wanted = event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey);
    if (!wanted || event.altKey) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class="reply"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {choices === null ? null : <SuggestList id={list} label={w.cannedAnswers} found={choices.map((answer) => ({ id: answer.id, label: `${answer.folder} · ${answer.title}`, note: textFor(answer, conversation.locale), shown: answer.shortcut === null ? '' : `/${answer.shortcut}` }))} active={chosen} setActive={setActive} choose={(at) => insert(choices[at])} />}
      <textarea
        ref={box}
        rows={2}
        value={text}
        aria-label={w.reply}
        aria-controls={choices === null ? undefined : list}
        aria-activedescendant={choices?.[chosen] === undefined ? undefined : `${list}-${chosen}`}
        aria-describedby={open.length > 0 ? `${list}-open` : undefined}
        placeholder={conversation.modality === 'voice' ? w.theReplyIsRead : w.writeAReplyInserts}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setActive(0);
          desk.typing(conversation.id);
        }}
        onClick={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyUp={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const pasted = event.clipboardData?.files[0];
          if (pasted === undefined || files?.carried !== true) return;
          event.preventDefault();
          void sendFile(pasted);
        }}
      />
      {open.length === 0 ? null : (
        <p class="fault open-names" id={`${list}-open`} role="alert">
          {w.notFilledInYet}{open.map((name) => `{{${name}}}`).join(common.comma)}
          <button type="button" class="link" onClick={goToOpen}>
            {w.fillIn}
          </button>
        </p>
      )}
      <div class="buttons">
        <span class="tools">
          <button type="button" class="plain" title="Alt+N" onClick={note}>
            {w.privateNote}
          </button>
          <input ref={file} type="file" hidden onChange={(event) => { void sendFile(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} aria-label={w.chooseAFileTo} />
          <button type="button" class="plain" disabled={files?.carried !== true || sending} title={files?.carried === true ? 'Alt+P' : (files?.why ?? '')} onClick={() => file.current?.click()}>
            {sending ? w.sendingTheFile : w.file}
          </button>
          {files !== null && !files.carried ? <small class="dim">{files.why}</small> : null}
          {held ? (
            <button type="button" class="link" onClick={recall}>
              {w.takeTheReplyBack}
            </button>
          ) : null}
        </span>
        <span class={length > MAX_CHARS ? 'dim over' : 'dim'}>
          {length > MAX_CHARS * 0.8 ? `${length}/${MAX_CHARS} · ` : ''}
          {enterSends ? w.enterSendsShiftEnter : w.ctrlEnterSends}
        </span>
        <button type="submit" class="primary" disabled={length === 0 || length > MAX_CHARS}>
          {w.send}
        </button>
      </div>
    </form>
  );
}
