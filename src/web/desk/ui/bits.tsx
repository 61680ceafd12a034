import type { ComponentChildren, JSX } from 'preact';
import { linkify } from '../../shared/linkify.ts';
import { BITS as w } from '../words.ts';

/** Small shared pieces of the desk. */

export type Tone = 'plain' | 'info' | 'good' | 'warn' | 'bad';

export function Chip({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ComponentChildren }): JSX.Element {
  return <span class={`chip ${tone}`}>{children}</span>;
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** A labelled control. The control itself is the only child, so that the label's click reaches it. */
export function Field({ label, hint, wide, children }: { readonly label: string; readonly hint?: string | undefined; readonly wide?: boolean; readonly children: ComponentChildren }): JSX.Element {
  return (
    <label class={wide === true ? 'field wide' : 'field'}>
      <span>
        {label}
        {hint === undefined ? null : <small>{hint}</small>}
      </span>
      {children}
    </label>
  );
}

/** Text with its links as anchors; never HTML. */
export function RichText({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {linkify(text).map((piece) =>
        piece.href === undefined ? (
          piece.text
        ) : (
          <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ),
      )}
    </>
  );
}

/** Text in which the given words are marked. */
export function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }): JSX.Element {
  const found = [...new Set(words)].filter((word) => word !== '').sort((a, b) => b.length - a.length);
  const pieces: JSX.Element[] = [];
  let rest = text;
  while (rest !== '') {
    const next = found.map((word) => ({ word, at: rest.indexOf(word) })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.word.length - a.word.length)[0];
    if (next === undefined) {
      pieces.push(<>{rest}</>);
      break;
    }
    pieces.push(<>{rest.slice(0, next.at)}</>, <mark>{next.word}</mark>);
    rest = rest.slice(next.at + next.word.length);
  }
  return <>{pieces}</>;
}

/** A score from 0 to 1 as a bar with its number. */
export function Score({ value }: { readonly value: number }): JSX.Element {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <span class="score" title={w.match(percent)}>
      <meter min={0} max={100} value={percent} aria-label={w.match(percent)} />
      {percent}%
    </span>
  );
}
