import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useState } from 'preact/hooks';
import { COMBOBOX as w } from '../words.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
  /** Second line. */
  readonly note: string;
  /** Words it is found by, beside its label. */
  readonly keywords?: string;
}

const SHOWN = 8;

/** A text box that filters a list (ARIA 1.2 combobox). `value` is the chosen option's or ''. */
export function Combobox({ label, options, value, onChange, placeholder }: { readonly label: string; readonly options: readonly Option[]; readonly value: string; readonly onChange: (value: string) => void; readonly placeholder?: string }): JSX.Element {
  const id = useId();
  const chosen = options.find((option) => option.value === value);
  const [text, setText] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const open = text !== null;
  const query = (text ?? '').trim().toLowerCase();
  const found = options.filter((option) => query === '' || `${option.label} ${option.note} ${option.value} ${option.keywords ?? ''}`.toLowerCase().includes(query)).slice(0, SHOWN);

  const choose = (option: Option | undefined): void => {
    if (option !== undefined) onChange(option.value);
    setText(null);
  };

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) setText('');
      else setActive((active + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      choose(found[active]);
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      event.preventDefault();
      setText(null);
    }
  };

  return (
    <div class="combobox">
      <input
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={open && found[active] !== undefined ? `${id}-${active}` : undefined}
        autocomplete="off"
        placeholder={placeholder}
        value={text ?? chosen?.label ?? ''}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => open || setText('')}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          if (event.currentTarget.value === '') onChange('');
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setText(null)}
      />
      {open ? (
        <ul role="listbox" id={id} aria-label={label}>
          {found.map((option, at) => (
            // Pressing must not take the focus (and with it the list) away before the click.
            <li key={option.value} id={`${id}-${at}`} role="option" aria-selected={at === active} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(option)} onMouseMove={() => setActive(at)}>
              {option.label}
              <small>{option.note}</small>
            </li>
          ))}
          {found.length === 0 ? (
            <li class="none" role="option" aria-selected={false} aria-disabled={true}>
              {w.noMatchingOption}
            </li>
          ) : null}
        </ul>
      ) : null}
    </div>
  );
}
