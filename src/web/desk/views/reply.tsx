import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import { useDesk } from '../ui/context.ts';

const MAX_CHARS = 2000;
const MAX_HEIGHT_PX = 180;
/** Other panes put text into the box with this event (a knowledge answer). */
export const INSERT_EVENT = 'yihu:insert';

export function Reply({ conversation, mine }: { readonly conversation: ConversationView; readonly mine: boolean }): JSX.Element {
  const desk = useDesk();
  const [text, setText] = useState(() => desk.draftOf(conversation.id));
  const box = useRef<HTMLTextAreaElement>(null);
  const enterSends = desk.preferences.enterSends.value;
  const length = [...text.trim()].length;

  useEffect(() => desk.keepDraft(conversation.id, text), [text]);
  useEffect(() => {
    if (mine) box.current?.focus();
  }, [mine]);
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

  const send = (): void => {
    if (!mine || length === 0 || length > MAX_CHARS) return;
    desk.replies.send(conversation.id, text.trim());
    setText('');
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // 229: the Enter that only confirms an input method's candidate.
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
    const wanted = event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey);
    if (!wanted) return;
    event.preventDefault();
    send();
  };

  if (!mine) {
    return (
      <div class="reply off">
        <p class="dim">{conversation.owner === 'human' ? `${conversation.seatName ?? '其他坐席'}正在接待，您只能查看` : '接管之后才能回复'}</p>
      </div>
    );
  }
  return (
    <form
      class="reply"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        rows={2}
        value={text}
        aria-label="回复内容"
        placeholder={conversation.modality === 'voice' ? '回复会朗读给来电市民' : '输入回复'}
        onInput={(event) => {
          setText(event.currentTarget.value);
          desk.typing(conversation.id);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="buttons">
        <span class={length > MAX_CHARS ? 'dim over' : 'dim'}>
          {length > MAX_CHARS * 0.8 ? `${length}/${MAX_CHARS} · ` : ''}
          {enterSends ? 'Enter 发送，Shift+Enter 换行' : 'Ctrl+Enter 发送'}
        </span>
        <button type="submit" class="primary" disabled={length === 0 || length > MAX_CHARS}>
          发送
        </button>
      </div>
    </form>
  );
}
