import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { emergencyLabel } from '../labels.ts';
import { PAGES } from '../pages.tsx';
import { actionOf, pageLetters } from '../state/keys.ts';
import { useDesk, useSeat } from '../ui/context.ts';
import { useAction } from '../ui/use-action.ts';
import { Offers } from './shell/offers.tsx';
import { Bell } from './shell/bell.tsx';
import { Drawer } from './shell/drawer.tsx';
import { Help } from './shell/help.tsx';
import { Palette } from './shell/palette.tsx';
import { PresenceMenu } from './shell/presence-menu.tsx';
import { GroupPages, groupsOf, Rail } from './shell/rail.tsx';
import { StormMark } from './shell/storm-mark.tsx';
import { UndoBar } from './shell/undo-bar.tsx';
import { UserMenu } from './shell/user-menu.tsx';
import { SHELL as w, LIVE_WORDS } from './house-words.ts';

const LIVE = LIVE_WORDS;
/** The second key of `g c` must come soon. */
const CHORD_MS = 1_200;

/** The page's address is its fragment (`#/tickets/ID`), so that the server serves one file. */
export function useRoute(): readonly [string, string] {
  const read = (): readonly [string, string] => {
    const [page = '', ...rest] = location.hash.replace(/^#\/?/, '').split('/');
    return [page, rest.join('/')];
  };
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const onChange = (): void => setRoute(read());
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}

type Over = 'palette' | 'help' | 'drawer' | null;

export function Shell(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const [path, rest] = useRoute();
  const [over, setOver] = useState<Over>(null);
  const pages = useMemo(() => PAGES.filter((page) => page.roles.includes(seat.role)), [seat.role]);
  const letters = useMemo(() => pageLetters(pages.map((page) => page.path)), [pages]);
  const groups = useMemo(() => groupsOf(pages), [pages]);
  const current = pages.find((page) => page.path === path) ?? pages[0];
  const live = desk.live.value;
  const ownDesk = seat.role !== 'department';
  const close = (): void => setOver(null);
  useAction('palette', () => setOver('palette'), ownDesk);
  useAction('help', () => setOver('help'));
  useAction('undo', () => void desk.undo.undo(), desk.undo.waiting.value.length > 0);
  useKeys(letters);
  return (
    <div class="shell">
      <a class="skip" href="#main-content" onClick={(event) => { event.preventDefault(); document.getElementById('main-content')?.focus(); }}>
        {w.skipToTheContent}
      </a>
      <header class="bar">
        <button type="button" class="plain menu-button" aria-label={w.allPages} onClick={() => setOver('drawer')}>
          ☰
        </button>
        <b class="brand">
          <span aria-hidden="true">{w.logo}</span>
          <i>{ownDesk ? w.seatDesk : w.departmentDesk}</i>
        </b>
        <GroupPages pages={pages.filter((page) => page.group === current?.group)} current={current} />
        {ownDesk ? (
          <>
            <button type="button" class="find-all" onClick={() => setOver('palette')}>
              {w.findAndDo}<kbd>Ctrl+K</kbd>
            </button>
            <span class={`live ${live}`} role="status">
              <i aria-hidden="true" />
              <span>{LIVE[live]}</span>
            </span>
            <StormMark />
            <Bell />
            <PresenceMenu />
          </>
        ) : null}
        <UserMenu help={() => setOver('help')} />
      </header>
      <div class="under-bar">
        <Rail groups={groups} current={current} />
        <main id="main-content" tabIndex={-1}>
          {current === undefined ? null : <current.View rest={rest} />}
        </main>
      </div>
      {ownDesk ? <Offers /> : null}
      <UndoBar />
      {over === 'palette' ? <Palette pages={pages} letters={letters} onClose={close} /> : null}
      {over === 'help' ? <Help pages={pages} letters={letters} onClose={close} /> : null}
      {over === 'drawer' ? <Drawer groups={groups} current={current} onClose={close} /> : null}
    </div>
  );
}

/** One listener for every key of the table, and for `g` with a page's letter. */
function useKeys(letters: ReadonlyMap<string, string>): void {
  const desk = useDesk();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      const typing = takesText(event.target);
      // Behind a dialog nothing is done; its own fields have their keys.
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const bare = !typing && !event.altKey && !event.ctrlKey && !event.metaKey && !event.isComposing;
      if (bare && event.timeStamp < chordUntil) {
        chordUntil = 0;
        const path = [...letters].find(([, letter]) => letter === event.key.toLowerCase())?.[0];
        if (path !== undefined) {
          event.preventDefault();
          location.hash = `#/${path}`;
        }
        return;
      }
      if (bare && event.key === 'g') {
        chordUntil = event.timeStamp + CHORD_MS;
        return;
      }
      const id = actionOf(event, typing);
      if (id !== null && desk.actions.run(id)) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk, letters]);
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Notices over everything; emergencies stay until somebody looks. */
export function Alerts(): JSX.Element {
  const desk = useDesk();
  return (
    <div class="alerts" role="alert">
      {desk.alerts.list.value.map((alert) => (
        <div key={alert.id} class={`alert ${alert.kind}`}>
          <p>
            {alert.kind === 'emergency' ? <b>{w.emergency(emergencyLabel(alert.text))}</b> : alert.text}
          </p>
          {alert.conversationId === null ? null : (
            <button
              type="button"
              onClick={() => {
                location.hash = '#/conversations';
                desk.select(alert.conversationId);
                desk.alerts.dismiss(alert.id);
              }}
            >
              {w.lookNow}
            </button>
          )}
          <button type="button" class="plain" aria-label={w.closeThisNotice} onClick={() => desk.alerts.dismiss(alert.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
