import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { emergencyLabel, SEAT_ROLES } from '../labels.ts';
import { PAGES } from '../pages.tsx';
import type { Theme } from '../state/preferences.ts';
import { useDesk, useSeat } from '../ui/context.ts';

const THEMES: readonly (readonly [Theme, string])[] = [['auto', '跟随系统'], ['light', '浅色'], ['dark', '深色']];
const LIVE = { connecting: '连接中', online: '实时连接', waiting: '连接中断，正在重连' } as const;

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

export function Shell(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const [path, rest] = useRoute();
  const pages = PAGES.filter((page) => page.roles.includes(seat.role));
  const current = pages.find((page) => page.path === path) ?? pages[0];
  const { counts } = desk.state.value;
  const live = desk.live.value;
  return (
    <div class="shell">
      <a class="skip" href="#main-content" onClick={(event) => { event.preventDefault(); document.getElementById('main-content')?.focus(); }}>
        跳到主要内容
      </a>
      <header class="bar">
        <b class="brand">
          <span aria-hidden="true">呼</span>{seat.role === 'department' ? '承办单位工作台' : '坐席工作台'}
        </b>
        <nav aria-label="页面">
          {pages.map((page) => (
            <a key={page.path} href={`#/${page.path}`} aria-current={page === current ? 'page' : undefined}>
              {page.label}
              {page.path === 'conversations' && counts.waiting > 0 ? <span class="count warn" title="待接入">{counts.waiting}</span> : null}
            </a>
          ))}
        </nav>
        {seat.role === 'department' ? null : (
          <>
            <span class={`live ${live}`} role="status">
              <i aria-hidden="true" />
              {LIVE[live]}
            </span>
            <PresenceSwitch />
          </>
        )}
        <UserMenu />
      </header>
      <main id="main-content" tabIndex={-1}>
        {current === undefined ? null : <current.View rest={rest} />}
      </main>
    </div>
  );
}

function PresenceSwitch(): JSX.Element {
  const desk = useDesk();
  const online = desk.presence.value === 'online';
  return (
    <button type="button" class={online ? 'presence on' : 'presence'} role="switch" aria-checked={online} aria-label="接待状态" onClick={() => void desk.setPresence(online ? 'away' : 'online')}>
      <i aria-hidden="true" />
      {online ? '在线' : '离开'}
    </button>
  );
}

function UserMenu(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = (event: Event): void => {
      if (menu.current !== null && event.target instanceof Node && !menu.current.contains(event.target)) menu.current.open = false;
    };
    addEventListener('pointerdown', onPress);
    return () => removeEventListener('pointerdown', onPress);
  }, []);
  return (
    <details class="menu" ref={menu} onKeyDown={(event) => { if (event.key === 'Escape' && menu.current !== null) menu.current.open = false; }}>
      <summary>
        {seat.displayName}
        <small>{SEAT_ROLES[seat.role]}</small>
      </summary>
      <div class="card">
        <label class="field">
          <span>外观</span>
          <select value={desk.preferences.theme.value} onChange={(event) => { const chosen = THEMES.find(([theme]) => theme === event.currentTarget.value); if (chosen !== undefined) desk.preferences.setTheme(chosen[0]); }}>
            {THEMES.map(([theme, label]) => (
              <option key={theme} value={theme}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={desk.preferences.enterSends.value} onChange={(event) => desk.preferences.setEnterSends(event.currentTarget.checked)} />
          按 Enter 发送（关闭后用 Ctrl+Enter）
        </label>
        <p class="dim">快捷键：Alt+↓ / Alt+↑ 切换会话，Alt+T 接管，Alt+R 回复，Alt+K 检索知识</p>
        <button type="button" onClick={() => void desk.signOut()}>
          退出登录
        </button>
      </div>
    </details>
  );
}

/** Notices over everything; emergencies stay until somebody looks. */
export function Alerts(): JSX.Element {
  const desk = useDesk();
  return (
    <div class="alerts" role="alert">
      {desk.alerts.list.value.map((alert) => (
        <div key={alert.id} class={`alert ${alert.kind}`}>
          <p>
            {alert.kind === 'emergency' ? <b>紧急：{emergencyLabel(alert.text)}</b> : alert.text}
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
              立即查看
            </button>
          )}
          <button type="button" class="plain" aria-label="关闭提示" onClick={() => desk.alerts.dismiss(alert.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
