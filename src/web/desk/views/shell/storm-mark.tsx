import type { JSX } from 'preact';
import { useDesk } from '../../ui/context.ts';
import { STORM as w } from '../storm-words.ts';

/** In the desk's header while it is no calm: seats see why there are so many, and where the matters are answered. */
export function StormMark(): JSX.Element | null {
  const storm = useDesk().storm.value;
  if (storm === null || storm.level === 0) return null;
  return (
    <span role="status">
      <a class={`storm-mark level-${Math.min(4, storm.level)}`} href="#/storms">
        {w.mark(storm.name ?? storm.level, Math.round(storm.load * 10) / 10)}
      </a>
    </span>
  );
}
