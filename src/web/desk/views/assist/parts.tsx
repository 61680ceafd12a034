import type { ComponentChildren, JSX, TargetedKeyboardEvent } from 'preact';
import type { EvidenceView, FreshState, MoodLevel } from '../../../shared/assist-types.ts';
import type { Tone } from '../../ui/bits.tsx';
import { PARTS as w, EQUAL_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Small pieces of the assist panel. */

export const moods = (): Readonly<Record<MoodLevel, { readonly label: string; readonly tone: Tone }>> => ({
  calm: { label: w.calm, tone: 'good' },
  upset: { label: w.dissatisfied, tone: 'warn' },
  angry: { label: w.angry, tone: 'bad' },
  distress: { label: w.inDanger, tone: 'bad' },
});
export const fresh = (): Readonly<Record<FreshState, { readonly label: string; readonly tone: Tone }>> => ({
  valid: { label: common.valid, tone: 'good' },
  due: { label: w.reviewDue, tone: 'warn' },
  ending: { label: w.expiresSoon, tone: 'warn' },
  expired: { label: common.expired, tone: 'bad' },
  coming: { label: w.notYetValid, tone: 'info' },
});
export const EQUAL: Readonly<Record<string, string>> = EQUAL_WORDS;

export function Part({ title, aside, children }: { readonly title: string; readonly aside?: ComponentChildren; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="assist-part" aria-label={title}>
      <header>
        <h4>{title}</h4>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** The citizen's words that something comes from; pressing one shows the message. */
export function Words({ from, show }: { readonly from: readonly EvidenceView[]; readonly show: (seq: number) => void }): JSX.Element | null {
  if (from.length === 0) return null;
  return (
    <span class="words">
      {from.slice(0, MOST_WORDS).map((evidence) => (
        <button key={`${evidence.seq} ${evidence.start}`} type="button" class="word" title={w.message(evidence.seq)} onClick={() => show(evidence.seq)}>
          “{short(evidence.text)}”
        </button>
      ))}
      {from.length > MOST_WORDS ? <small class="dim">{w.andMore(from.length)}</small> : null}
    </span>
  );
}

const MOST_WORDS = 4;
const SHOWN_CHARS = 16;
const short = (text: string): string => ([...text].length <= SHOWN_CHARS ? text : `${[...text].slice(0, SHOWN_CHARS).join('')}…`);

/** ↓ and ↑ go through the main buttons of a list. */
export function onListKey(event: TargetedKeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const mains = [...event.currentTarget.querySelectorAll<HTMLElement>('.main-act')];
  const at = mains.findIndex((one) => one === document.activeElement);
  const next = mains[event.key === 'ArrowDown' ? Math.min(at + 1, mains.length - 1) : Math.max(at - 1, 0)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

export function Confidence({ value }: { readonly value: number }): JSX.Element {
  const percent = Math.round(value * 100);
  return <small class={value >= SURE ? 'sure' : 'unsure'}>{value >= SURE ? `${percent}%` : w.pleaseCheck(percent)}</small>;
}

const SURE = 0.7;
