import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { EntryFaultView } from '../../../shared/api-types.ts';
import { faultsOf } from './form.ts';
import { FIELDS as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Controls of the editor's form: each shows its length and what the server found wrong with it. */

export interface Faulty {
  readonly faults: readonly EntryFaultView[];
  /** Field of the entry. */
  readonly name: string;
}

interface TextProps extends Faulty {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly most?: number;
  readonly rows?: number;
  readonly type?: 'text' | 'date';
  readonly required?: boolean;
  readonly disabled?: boolean;
  /** Beside the counter. */
  readonly note?: ComponentChildren;
}

export function TextField({ label, value, onChange, hint, most, rows, type = 'text', required = false, disabled = false, note, faults, name }: TextProps): JSX.Element {
  const id = useId();
  const own = faultsOf(faults, name);
  const length = [...value.trim()].length;
  const common = { id, value, required, disabled, 'aria-invalid': own.length > 0, 'aria-describedby': own.length > 0 ? `${id}-fault` : undefined };
  return (
    <div class={own.length > 0 ? 'field faulty' : 'field'}>
      <span>
        <label for={id}>
          {label}
          {required ? <i aria-hidden="true"> *</i> : null}
        </label>
        {hint === undefined ? null : <small>{hint}</small>}
        <small class="counter">
          {note}
          {most === undefined ? null : <span class={length > most ? 'over' : undefined}>{`${length}/${most}`}</span>}
        </small>
      </span>
      {rows !== undefined ? (
        <textarea {...common} rows={rows} onInput={(event) => onChange(event.currentTarget.value)} />
      ) : type === 'date' ? (
        <input {...common} type="date" onInput={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input {...common} type="text" onInput={(event) => onChange(event.currentTarget.value)} />
      )}
      <Faults id={`${id}-fault`} list={own} />
    </div>
  );
}

export function Faults({ id, list }: { readonly id?: string; readonly list: readonly EntryFaultView[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <p class="fault" id={id} role="alert">
      {list.map((fault) => fault.text).join(common.semicolon)}
    </p>
  );
}

interface RowsProps<Row> extends Faulty {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly fresh: Row;
  readonly most: number;
  readonly onChange: (rows: readonly Row[]) => void;
  readonly add: string;
  readonly children: (row: Row, change: (row: Row) => void, at: number, addAfter: () => void) => ComponentChildren;
}

/** Several of a kind, one below the other, each with a way to take it out. */
export function RowsField<Row>({ label, rows, fresh, most, onChange, add, children, faults, name }: RowsProps<Row>): JSX.Element {
  const id = useId();
  const put = (at: number, row: Row): void => onChange(rows.map((old, n) => (n === at ? row : old)));
  const insert = (at: number): void => {
    if (rows.length >= most) return;
    onChange([...rows.slice(0, at), fresh, ...rows.slice(at)]);
    // Behind the drawing, which is a microtask too, and before the next key.
    queueMicrotask(() => document.getElementById(id)?.querySelectorAll('li')[at]?.querySelector('input')?.focus());
  };
  return (
    <fieldset class="rows-field" id={id}>
      <legend>
        {common.bracketed(label, rows.length)}
      </legend>
      <ul>
        {rows.map((row, at) => (
          <li key={at}>
            <div>{children(row, (next) => put(at, next), at, () => insert(at + 1))}</div>
            <button type="button" class="plain" aria-label={w.remove(label, at + 1)} onClick={() => onChange(rows.filter((_, n) => n !== at))}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <button type="button" disabled={rows.length >= most} onClick={() => insert(rows.length)}>
        {add}
      </button>
      <Faults list={faultsOf(faults, name)} />
    </fieldset>
  );
}

/** Some of a list of names. */
export function ChecksField({ label, options, value, onChange, hint, faults, name }: Faulty & { readonly label: string; readonly options: readonly { readonly id: string; readonly name: string }[]; readonly value: readonly string[]; readonly onChange: (value: readonly string[]) => void; readonly hint: string }): JSX.Element {
  const chosen = options.filter(({ id }) => value.includes(id)).map((option) => option.name);
  return (
    <details class="checks">
      <summary>
        {label} <small>{chosen.length === 0 ? hint : chosen.join(common.comma)}</small>
      </summary>
      <fieldset aria-label={label}>
        {options.map((option) => (
          <label key={option.id} class="check">
            <input type="checkbox" checked={value.includes(option.id)} onChange={(event) => onChange(event.currentTarget.checked ? [...value, option.id] : value.filter((id) => id !== option.id))} />
            {option.name}
          </label>
        ))}
      </fieldset>
      <Faults list={faultsOf(faults, name)} />
    </details>
  );
}
