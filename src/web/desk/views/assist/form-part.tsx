import type { JSX } from 'preact';
import type { AssistSlot, AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import type { AcceptedDraft } from './accepted.ts';
import { partOf } from './accepted.ts';
import { Confidence, onListKey, Part, Words } from './parts.tsx';
import { FORM_PART as w } from './words.ts';

/** The ticket form, filled from the talk: Enter accepts one field, “全部采用” all of them. Accepting fills the form and sends nothing. */
export function FormPart({ view, taken, accept, acceptDetail, acceptAll, show }: {
  readonly view: AssistView;
  readonly taken: AcceptedDraft;
  readonly accept: (slot: AssistSlot) => void;
  readonly acceptDetail: (label: string, value: string) => void;
  readonly acceptAll: () => void;
  readonly show: (seq: number) => void;
}): JSX.Element {
  const { slots, details } = view.form;
  return (
    <Part
      title={w.ticketDraft}
      aside={
        slots.length === 0 ? null : (
          <button type="button" class="small" title="Alt+F" onClick={acceptAll}>
            {w.acceptAll}
          </button>
        )
      }
    >
      {slots.length === 0 ? <Empty>{w.nothingInTheConversation}</Empty> : null}
      <ul class="assist-slots" onKeyDown={onListKey}>
        {slots.map((slot) => {
          const held = isHeld(taken, slot);
          return (
            <li key={slot.name}>
              <button type="button" class="main-act slot" aria-pressed={held} onClick={() => accept(slot)} title={held ? w.accepted : w.acceptIntoTheTicket}>
                <span class="slot-label">
                  {held ? <span aria-hidden="true">✓ </span> : null}
                  {slot.label}
                </span>
                <span class="slot-value">{slot.shown}</span>
                <Confidence value={slot.confidence} />
              </button>
              {slot.note === null ? null : <small class="dim slot-note">{slot.note}</small>}
              {slot.name === 'content' ? null : <Words from={slot.from} show={show} />}
            </li>
          );
        })}
      </ul>
      {details.length === 0 ? null : (
        <p class="assist-details">
          {details.map((detail) => (
            <button key={detail.id} type="button" class="fact" title={w.addToTheTickets} onClick={() => acceptDetail(detail.label, detail.value)}>
              <Chip>{detail.label}</Chip> {detail.value}
            </button>
          ))}
        </p>
      )}
    </Part>
  );
}

/** Is the value in the form already? */
export function isHeld(taken: AcceptedDraft, slot: AssistSlot): boolean {
  const part = partOf(slot);
  const now = new Map<string, unknown>(Object.entries(taken));
  return Object.entries(part).every(([name, value]) => now.get(name) === value || (name === 'content' && String(now.get(name) ?? '').startsWith(String(value))));
}
