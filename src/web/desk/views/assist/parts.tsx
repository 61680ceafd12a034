import type { ComponentChildren, JSX, TargetedKeyboardEvent } from 'preact';
import type { EvidenceView, FreshState, MoodLevel } from '../../../shared/assist-types.ts';
import type { Tone } from '../../ui/bits.tsx';

/** Small pieces of the assist panel. */

export const MOODS: Readonly<Record<MoodLevel, { readonly label: string; readonly tone: Tone }>> = {
  calm: { label: '平静', tone: 'good' },
  upset: { label: '不满', tone: 'warn' },
  angry: { label: '愤怒', tone: 'bad' },
  distress: { label: '危急', tone: 'bad' },
};
export const FRESH: Readonly<Record<FreshState, { readonly label: string; readonly tone: Tone }>> = {
  valid: { label: '有效', tone: 'good' },
  due: { label: '待复核', tone: 'warn' },
  ending: { label: '即将到期', tone: 'warn' },
  expired: { label: '已过期', tone: 'bad' },
  coming: { label: '未生效', tone: 'info' },
};
export const EQUAL: Readonly<Record<string, string>> = { text: '文字', place: '地点', item: '事项', time: '时间', citizen: '市民' };

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
        <button key={`${evidence.seq} ${evidence.start}`} type="button" class="word" title={`第 ${evidence.seq} 条消息`} onClick={() => show(evidence.seq)}>
          “{short(evidence.text)}”
        </button>
      ))}
      {from.length > MOST_WORDS ? <small class="dim">等 {from.length} 处</small> : null}
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
  return <small class={value >= SURE ? 'sure' : 'unsure'}>{value >= SURE ? `${percent}%` : `${percent}% 请核对`}</small>;
}

const SURE = 0.7;
