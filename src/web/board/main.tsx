import { signal } from '@preact/signals';
import { render, type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import './board.css';
import { createBackoff } from '../shared/backoff.ts';
import type { BoardPicture } from '../shared/board-types.ts';
import { Channels, Fields, Figures, Items, Quality, Queues, RatesTrend, Rising, Seats, Tickets, Towns, Trend, type View } from './panels.tsx';
import { createBoard, type BoardSocket, type SocketEars } from './state.ts';
import { StormBand } from './storm-band.tsx';
import { createWords, lasted, type Lang } from './strings.ts';

const PREFS = 'yihu:board';
/** Counting that is later than this is told of. */
const LATE_MS = 90_000;

function openSocket({ message, closed }: SocketEars): BoardSocket {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/board/live`);
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') message(data);
  });
  socket.addEventListener('close', ({ code }) => closed(code));
  return socket;
}

async function isRefused(): Promise<boolean> {
  try {
    const { status } = await fetch('/api/board', { cache: 'no-store' });
    return status === 401 || status === 403;
  } catch {
    return false; // away, which is not the same
  }
}

const board = createBoard({
  open: openSocket,
  isRefused,
  monotonic: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  backoff: createBackoff({ baseMs: 1_000, capMs: 15_000, random: Math.random }),
});

interface Preferences {
  readonly theme: 'dark' | 'light';
  readonly lang: Lang;
}

function readPreferences(): Preferences {
  const asked = new URLSearchParams(location.search);
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(PREFS);
  } catch {
    // storage is blocked: what is chosen holds for this page
  }
  const [theme, lang] = (kept ?? '').split(' ');
  return {
    theme: (asked.get('theme') ?? theme) === 'light' ? 'light' : 'dark',
    lang: (asked.get('lang') ?? lang) === 'en' ? 'en' : 'zh-CN',
  };
}

const preferences = signal(readPreferences());

function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(PREFS, `${preferences.value.theme} ${preferences.value.lang}`);
  } catch {
    // see readPreferences()
  }
}

const stillness = matchMedia('(prefers-reduced-motion: reduce)');
const moves = signal(!stillness.matches);
stillness.addEventListener('change', () => {
  moves.value = !stillness.matches;
});

const inShanghai = (lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(lang, { timeZone: 'Asia/Shanghai', hourCycle: 'h23', ...options });

function Clock({ lang, now }: { readonly lang: Lang; readonly now: number | null }): JSX.Element {
  const [time, date] = useMemo(() => [inShanghai(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' }), inShanghai(lang, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' })], [lang]);
  if (now === null) return <p class="clock" />;
  return (
    <p class="clock">
      <time dateTime={new Date(now).toISOString()}>{time.format(now)}</time>
      <span>{date.format(now)}</span>
    </p>
  );
}

/** Longest wait of all groups; null: nobody waits. */
function longestOf({ states }: BoardPicture, elapsed: number): number | null {
  const waits = states.groups.flatMap(({ longestMs }) => longestMs ?? []);
  return waits.length === 0 ? null : Math.max(...waits) + elapsed;
}

function Wall(): JSX.Element {
  const { theme, lang } = preferences.value;
  const say = useMemo(() => createWords(lang), [lang]);
  useEffect(() => {
    document.documentElement.lang = lang;
    document.documentElement.dataset['theme'] = theme;
    document.title = `${say('title')} · 一呼`;
  }, [lang, theme]);
  const picture = board.picture.value;
  const connection = board.connection.value;
  const now = board.serverNow.value;
  const view: View = { say, lang, theme, moves: moves.value };
  // While the line is cut nothing is known of who waits, and nothing is made up.
  const elapsed = picture === null || now === null || connection !== 'live' ? 0 : Math.max(0, now - picture.at);
  const time = inShanghai(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const asOf = picture?.counts?.asOf ?? null;
  const behind = asOf === null || now === null ? 0 : now - asOf;

  return (
    <>
      <header class="top">
        <h1>{say('title')}</h1>
        <div class="state">
          <p class={`line ${connection}`} role="status">
            {connection === 'live' ? say('live') : connection === 'lost' ? say('lost') : connection === 'refused' ? say('refused') : say('connecting')}
          </p>
          <p class={behind > LATE_MS ? 'age late' : 'age'}>
            {picture === null ? '' : asOf === null ? say('never') : behind > LATE_MS ? say('late', { ago: lasted(behind, lang) }) : say('asOf', { time: time.format(asOf) })}
          </p>
        </div>
        <div class="choices">
          <button type="button" onClick={() => prefer({ theme: theme === 'dark' ? 'light' : 'dark' })}>{say('theme', { name: say(theme === 'dark' ? 'light' : 'dark') })}</button>
          <button type="button" lang={lang === 'en' ? 'zh-CN' : 'en'} onClick={() => prefer({ lang: lang === 'en' ? 'zh-CN' : 'en' })}>{say('language')}</button>
        </div>
        <Clock lang={lang} now={now} />
      </header>
      {connection === 'lost' && picture !== null ? <p class="banner" role="alert">{say('lost')} · {say('lostSince', { time: time.format(picture.at) })}</p> : null}
      {connection === 'refused' || picture?.storm === null || picture?.storm === undefined ? null : <StormBand storm={picture.storm} longestMs={longestOf(picture, elapsed)} view={view} />}
      {connection === 'refused' ? (
        <main class="refused">
          <h2>{say('refused')}</h2>
          <p>{say('refusedHelp')}</p>
          <p><a href="/desk/">{say('signIn')}</a></p>
        </main>
      ) : picture === null ? (
        <main class="refused"><p>{say('connecting')}</p></main>
      ) : (
        <main class={connection === 'lost' ? 'wall old' : 'wall'}>
          <Figures picture={picture} elapsed={elapsed} view={view} />
          <div class="column">
            <Channels counts={picture.counts} view={view} />
            <Queues states={picture.states} elapsed={elapsed} view={view} />
            <Seats states={picture.states} view={view} />
          </div>
          <div class="column middle">
            <Towns counts={picture.counts} view={view} />
            <div class="pair">
              <Trend counts={picture.counts} view={view} />
              <RatesTrend counts={picture.counts} view={view} />
            </div>
          </div>
          <div class="column right">
            <Fields counts={picture.counts} view={view} />
            <Rising counts={picture.counts} view={view} />
            <Items counts={picture.counts} view={view} />
          </div>
          <div class="bottom">
            <Tickets states={picture.states} view={view} />
            <Quality counts={picture.counts} view={view} />
          </div>
        </main>
      )}
    </>
  );
}

const root = document.getElementById('board');
if (root !== null) render(<Wall />, root);
board.start();
