import type { JSX } from 'preact';
import { SUGGEST_LIST as w } from './conversation-words.ts';

export interface Suggestion {
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly shown: string;
}

/** Choices over a text box; the box keeps the focus and says by `aria-activedescendant` which is meant. */
export function SuggestList({ id, label, found, active, setActive, choose }: { readonly id: string; readonly label: string; readonly found: readonly Suggestion[]; readonly active: number; readonly setActive: (at: number) => void; readonly choose: (at: number) => void }): JSX.Element {
  return (
    <ul class="suggest" role="listbox" id={id} aria-label={label}>
      {found.map((one, at) => (
        <li key={one.id} id={`${id}-${at}`} role="option" aria-selected={at === active} onMouseDown={(event) => event.preventDefault()} onMouseMove={() => setActive(at)} onClick={() => choose(at)}>
          <span>
            <b>{one.label}</b>
            {one.shown === '' ? null : <kbd>{one.shown}</kbd>}
          </span>
          <small>{one.note}</small>
        </li>
      ))}
      {found.length === 0 ? (
        <li class="none" role="option" aria-selected={false} aria-disabled={true}>
          {w.nothingFound}
        </li>
      ) : null}
    </ul>
  );
}
