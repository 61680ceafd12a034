import type { JSX } from 'preact';
import type { DiffMark, FieldDiffView } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { DIFF as w, CHANGES_WORDS } from './words.ts';

const CHANGES = CHANGES_WORDS;
/** A longer stretch that stayed is cut in the middle. */
const SAME_SHOWN = 60;

/** What differs, field by field. What was taken out is struck through and what is new is underlined: colours alone tell nothing to who does not see them. */
export function DiffList({ fields, against }: { readonly fields: readonly FieldDiffView[]; readonly against: number | null }): JSX.Element {
  if (fields.length === 0) return <Empty>{against === null ? w.nothingInIt : w.noDifferenceFromVersion(against)}</Empty>;
  return (
    <dl class="diff">
      {fields.map((field) => (
        <div key={field.field}>
          <dt>
            {field.label} <Chip tone={field.change === 'removed' ? 'bad' : field.change === 'added' ? 'good' : 'info'}>{CHANGES[field.change]}</Chip>
          </dt>
          <dd>
            {field.shape === 'list' ? (
              <ul>
                {field.marks.map((mark, at) => (
                  <li key={at} class={mark.op}>
                    <span class="sign" aria-hidden="true">
                      {mark.op === 'added' ? '+' : mark.op === 'removed' ? '−' : ''}
                    </span>
                    <Marked mark={mark} whole />
                  </li>
                ))}
              </ul>
            ) : (
              <p class="text">
                {field.marks.map((mark, at) => (
                  <Marked key={at} mark={mark} />
                ))}
              </p>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Marked({ mark: { op, text }, whole = false }: { readonly mark: DiffMark; readonly whole?: boolean }): JSX.Element {
  if (op === 'added') return <ins>{text}</ins>;
  if (op === 'removed') return <del>{text}</del>;
  const chars = [...text];
  return <span>{whole || chars.length <= SAME_SHOWN ? text : `${chars.slice(0, SAME_SHOWN / 2).join('')} … ${chars.slice(-SAME_SHOWN / 2).join('')}`}</span>;
}
