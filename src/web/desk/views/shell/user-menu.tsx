import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { SEAT_ROLES } from '../../labels.ts';
import type { Theme } from '../../state/preferences.ts';
import { useDesk, useSeat } from '../../ui/context.ts';
import { LanguageSelect } from '../../ui/language-select.tsx';
import { USER_MENU as w } from './words.ts';

const themes = (): readonly (readonly [Theme, string])[] => [['auto', w.asTheSystem], ['light', w.light], ['dark', w.dark]];

export function UserMenu({ help }: { readonly help: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const { preferences } = desk;
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = (event: Event): void => {
      if (menu.current !== null && event.target instanceof Node && !menu.current.contains(event.target)) menu.current.open = false;
    };
    addEventListener('pointerdown', onPress);
    return () => removeEventListener('pointerdown', onPress);
  }, []);
  const ownDesk = seat.role !== 'department';
  return (
    <details class="menu" ref={menu} onKeyDown={(event) => { if (event.key === 'Escape' && menu.current !== null) menu.current.open = false; }}>
      <summary>
        {seat.displayName}
        <small>{SEAT_ROLES[seat.role]}</small>
      </summary>
      <div class="card">
        <label class="field">
          <span>{w.appearance}</span>
          <select value={preferences.theme.value} onChange={(event) => { const chosen = themes().find(([theme]) => theme === event.currentTarget.value); if (chosen !== undefined) preferences.setTheme(chosen[0]); }}>
            {themes().map(([theme, label]) => (
              <option key={theme} value={theme}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <LanguageSelect />
        {ownDesk ? (
          <>
            <Check on={preferences.enterSends.value} set={preferences.setEnterSends} label={w.enterSendsOtherwiseCtrl} />
            <Check on={preferences.recall.value} set={preferences.setRecall} label={w.aReplyCanBe} />
            <Check on={preferences.sound.value} set={preferences.setSound} label={w.ringForNewMessages} />
            <Check
              on={preferences.notify.value}
              set={(on) => {
                if (!on) preferences.setNotify(false);
                else void desk.notify.enable().then((allowed) => allowed || desk.alerts.say('info', w.theBrowserDidNot));
              }}
              label={w.notifyMeWhileThe}
            />
          </>
        ) : null}
        {ownDesk ? (
          <a class="button" href="/board" target="_blank" rel="noopener">
            {w.dataWall}
          </a>
        ) : null}
        <button type="button" onClick={help}>
          {w.keyboardShortcuts}<kbd>?</kbd>
        </button>
        <button type="button" onClick={() => void desk.signOut()}>
          {w.signOut}
        </button>
      </div>
    </details>
  );
}

function Check({ on, set, label }: { readonly on: boolean; readonly set: (on: boolean) => void; readonly label: string }): JSX.Element {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => {
          set(event.currentTarget.checked);
          // It stays as it was until the browser has said yes.
          event.currentTarget.checked = on;
        }}
      />
      {label}
    </label>
  );
}
