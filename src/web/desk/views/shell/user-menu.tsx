import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { SEAT_ROLES } from '../../labels.ts';
import type { Theme } from '../../state/preferences.ts';
import { useDesk, useSeat } from '../../ui/context.ts';

const THEMES: readonly (readonly [Theme, string])[] = [['auto', '跟随系统'], ['light', '浅色'], ['dark', '深色']];

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
          <span>外观</span>
          <select value={preferences.theme.value} onChange={(event) => { const chosen = THEMES.find(([theme]) => theme === event.currentTarget.value); if (chosen !== undefined) preferences.setTheme(chosen[0]); }}>
            {THEMES.map(([theme, label]) => (
              <option key={theme} value={theme}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {ownDesk ? (
          <>
            <Check on={preferences.enterSends.value} set={preferences.setEnterSends} label="按 Enter 发送（关闭后用 Ctrl+Enter）" />
            <Check on={preferences.recall.value} set={preferences.setRecall} label="发送后 3 秒内可以撤回" />
            <Check on={preferences.sound.value} set={preferences.setSound} label="有新消息时响铃" />
            <Check
              on={preferences.notify.value}
              set={(on) => {
                if (!on) preferences.setNotify(false);
                else void desk.notify.enable().then((allowed) => allowed || desk.alerts.say('info', '浏览器没有允许通知，请在地址栏左侧的网站设置里打开'));
              }}
              label="窗口不在前台时弹出通知"
            />
          </>
        ) : null}
        <button type="button" onClick={help}>
          快捷键一览 <kbd>?</kbd>
        </button>
        <button type="button" onClick={() => void desk.signOut()}>
          退出登录
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
