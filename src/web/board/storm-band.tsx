import type { JSX } from 'preact';
import { clockTime } from '../shared/format.ts';
import type { StormMode } from '../shared/storm-types.ts';
import type { View } from './panels.tsx';
import { grouped, lasted, type Word } from './strings.ts';

/** 高峰模式 across the wall: level, since when, how much more than usual, what is given up, what is gathered, and the wait. Nothing while it is calm. */

const GROUPS = 4;
const GIVEN_UP: Readonly<Record<string, Word>> = { typing: 'upTyping', 'long-answers': 'upAnswers', rollups: 'upRollups', background: 'upBackground', suggestions: 'upSuggestions' };

export function StormBand({ storm, longestMs, view: { say, lang } }: { readonly storm: StormMode; /** Of who waits now. */ readonly longestMs: number | null; readonly view: View }): JSX.Element | null {
  if (storm.level === 0) return null;
  const { level, levels, name, since, load, givesUp, waitMs, groups } = storm;
  const separator = lang === 'en' ? ', ' : '、';
  return (
    <section class={`storm level-${Math.min(4, level)}`} aria-label={say('storm')} role="status">
      <h2>
        {say('storm')} <b>{name}</b> <small>{say('stormLevel', { level, levels })}</small>
      </h2>
      <p>
        <b>{say('stormLoad', { times: Math.round(load * 10) / 10 })}</b> · {say('stormSince', { time: clockTime(since) })}
        {waitMs === null ? (longestMs === null ? '' : ` · ${say('longest')} ${lasted(longestMs, lang)}`) : ` · ${say('stormWait', { time: lasted(waitMs, lang) })}`}
      </p>
      <p>{say('stormGivesUp', { what: givesUp.map((one) => (GIVEN_UP[one] === undefined ? one : say(GIVEN_UP[one]))).join(separator) })}</p>
      {groups.length === 0 ? null : (
        <ul>
          {groups.slice(0, GROUPS).map(({ id, title, count, towns }) => (
            <li key={id}>
              <b>{title}</b> {grouped(count, lang)}{lang === 'en' ? ' ' : ''}{say('stormReports')}
              {towns.length === 0 ? '' : ` · ${towns.slice(0, 3).join(separator)}`}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
