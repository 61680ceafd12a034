import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FaultView } from '../../../../shared/rules-types.ts';
import { FIELDS as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

/** Controls of a draft. Without `change` they are read; what is wrong stands below, and is told to a screen reader with its field. */

interface Given<Value> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: Value;
  readonly change: ((value: Value) => void) | null;
  readonly faults?: readonly FaultView[] | undefined;
}

export function Faults({ list }: { readonly list: readonly FaultView[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <ul class="faults">
      {list.map(({ pointer, text, severity }) => (
        <li key={`${pointer} ${text}`} class={severity}>
          {severity === 'error' ? w.error : w.warning}
          {text}
        </li>
      ))}
    </ul>
  );
}

function Labelled({ label, hint, faults = [], wide = false, children }: { readonly label: string; readonly hint?: string | undefined; readonly faults?: readonly FaultView[] | undefined; readonly wide?: boolean; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class={wide ? 'field wide' : 'field'}>
      <label>
        <span>
          {label}
          {hint === undefined ? null : <small>{hint}</small>}
        </span>
        {children}
      </label>
      <Faults list={faults} />
    </div>
  );
}

const isWrong = (faults: readonly FaultView[] | undefined): boolean => faults?.some(({ severity }) => severity === 'error') ?? false;

/** What is read: a term and its value. */
export function Read({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="read">
      <span class="dim">{label}</span>
      <div>{children}</div>
    </div>
  );
}

export function TextField({ label, hint, value, change, faults, wide, code, max = 200 }: Given<string> & { readonly wide?: boolean; readonly code?: boolean; readonly max?: number }): JSX.Element {
  if (change === null) return <Read label={label}>{value === '' ? '—' : <span class={code === true ? 'code' : ''}>{value}</span>}</Read>;
  return (
    <Labelled label={label} hint={hint} faults={faults} wide={wide === true}>
      <input class={code === true ? 'code' : ''} value={value} maxLength={max} aria-invalid={isWrong(faults)} onInput={(event) => change(event.currentTarget.value)} />
    </Labelled>
  );
}

export function DateField({ label, hint, value, change, faults }: Given<string>): JSX.Element {
  if (change === null) return <Read label={label}>{value === '' ? '—' : value}</Read>;
  return (
    <Labelled label={label} hint={hint} faults={faults}>
      <input type="date" value={value} aria-invalid={isWrong(faults)} onInput={(event) => change(event.currentTarget.value)} />
    </Labelled>
  );
}

/** Words parted by 、；，or a new line; what is typed stays as it is until the field is left. */
export function WordsField({ label, hint = w.separateWithOrLine, value, change, faults, lines = false }: Given<readonly string[]> & { readonly lines?: boolean }): JSX.Element {
  const [typed, setTyped] = useState<string | null>(null);
  if (change === null) return <Read label={label}>{value.length === 0 ? '—' : lines ? <ul class="lines">{value.map((line) => <li key={line}>{line}</li>)}</ul> : value.join(common.comma)}</Read>;
  const split = (text: string): string[] => [...new Set(text.split(lines ? /\n/ : /[、，,；;\n]/).map((word) => word.trim()).filter((word) => word !== ''))];
  return (
    <Labelled label={label} hint={lines ? w.oneALine : hint} faults={faults} wide>
      <textarea
        rows={lines ? Math.min(10, Math.max(3, value.length + 1)) : 2}
        value={typed ?? value.join(lines ? '\n' : common.comma)}
        aria-invalid={isWrong(faults)}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          change(split(event.currentTarget.value));
        }}
        onBlur={() => setTyped(null)}
      />
    </Labelled>
  );
}

export function SelectField({ label, hint, value, change, faults, options }: Given<string> & { readonly options: readonly (readonly [value: string, label: string])[] }): JSX.Element {
  const known = options.some(([id]) => id === value);
  if (change === null) return <Read label={label}>{options.find(([id]) => id === value)?.[1] ?? value}</Read>;
  return (
    <Labelled label={label} hint={hint} faults={faults}>
      <select value={value} aria-invalid={isWrong(faults)} onChange={(event) => change(event.currentTarget.value)}>
        {known ? null : <option value={value}>{value === '' ? common.pleaseChoose : w.unknown(value)}</option>}
        {options.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** Some of a few. */
export function ChecksField({ label, hint, value, change, faults = [], options }: Given<readonly string[]> & { readonly options: readonly (readonly [value: string, label: string])[] }): JSX.Element {
  if (change === null) return <Read label={label}>{value.length === 0 ? '—' : value.map((one) => options.find(([id]) => id === one)?.[1] ?? one).join(common.comma)}</Read>;
  return (
    <fieldset class="checks">
      <legend>
        {label}
        {hint === undefined ? null : <small>{hint}</small>}
      </legend>
      {options.map(([id, name]) => (
        <label key={id}>
          <input type="checkbox" checked={value.includes(id)} onChange={(event) => change(event.currentTarget.checked ? options.map(([one]) => one).filter((one) => one === id || value.includes(one)) : value.filter((one) => one !== id))} />
          {name}
        </label>
      ))}
      <Faults list={faults} />
    </fieldset>
  );
}

/** Some of many: chosen ones as chips, further ones by a list to pick from. */
export function ManyField({ label, hint, value, change, faults = [], options, add = w.addOne }: Given<readonly string[]> & { readonly options: readonly (readonly [value: string, label: string])[]; readonly add?: string }): JSX.Element {
  const nameOf = (id: string): string => options.find(([one]) => one === id)?.[1] ?? id;
  if (change === null) return <Read label={label}>{value.length === 0 ? '—' : value.map(nameOf).join(common.comma)}</Read>;
  return (
    <div class="field wide many">
      <span>
        {label}
        {hint === undefined ? null : <small>{hint}</small>}
      </span>
      <div class="chosen">
        {value.map((id) => (
          <button key={id} type="button" class="chip info" aria-label={w.remove(nameOf(id))} onClick={() => change(value.filter((one) => one !== id))}>
            {nameOf(id)} <span aria-hidden="true">×</span>
          </button>
        ))}
        <select aria-label={common.labelled(label, add)} value="" onChange={(event) => event.currentTarget.value !== '' && change([...value, event.currentTarget.value])}>
          <option value="">{add}…</option>
          {options
            .filter(([id]) => !value.includes(id))
            .map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      </div>
      <Faults list={faults} />
    </div>
  );
}
