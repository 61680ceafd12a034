import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { citizenLabel } from '../../labels.ts';
import { Empty, Field } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { AssistPanel } from './assist-panel.tsx';
import { ASSIST_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/**
 * Assist in a window of its own, for a seat with a second screen. There is no reply box here: an answer goes to the clipboard.
 * @param rest the conversation's id; without one, the first of one's own
 */
export function AssistPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const own = [...desk.state.value.conversations.values()].filter((one) => one.owner === 'human' && one.seatId === seat.id);
  const id = rest !== '' ? decodeURIComponent(rest) : (desk.selectedId.value ?? own[0]?.id ?? null);
  const shown = id === null ? undefined : desk.state.value.conversations.get(id);
  const choices = shown === undefined || own.some((one) => one.id === shown.id) ? own : [shown, ...own];
  // Read and followed, whether a list holds it or not.
  useEffect(() => {
    if (id !== null) desk.select(id);
  }, [id]);
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => desk.alerts.say('info', w.copiedPasteItIn),
      () => desk.alerts.say('error', w.theBrowserDoesNot),
    );
  };
  return (
    <div class="page assist-page">
      <h2>{w.assist}</h2>
      {choices.length === 0 ? null : (
        <Field label={common.conversations}>
          <select value={id ?? ''} onChange={(event) => (location.hash = `#/assist/${encodeURIComponent(event.currentTarget.value)}`)}>
            {choices.map((one) => (
              <option key={one.id} value={one.id}>
                {citizenLabel(one)} · {one.preview}
              </option>
            ))}
          </select>
        </Field>
      )}
      {id === null ? <Empty>{w.takeAConversationAnd}</Empty> : <AssistPanel key={id} conversationId={id} onInsert={copy} onShow={() => (location.hash = '#/conversations')} />}
    </div>
  );
}
