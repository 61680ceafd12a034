import { effect } from '@preact/signals';
import { render, type JSX } from 'preact';
import { browserPorts } from '../shared/ports.ts';
import './styles/base.css';
import './styles/workbench.css';
import './styles/pages.css';
import './styles/knowledge.css';
import './styles/ticket-work.css';
import './styles/shell.css';
import './styles/writing.css';
import { createDesk } from './state/desk.ts';
import { browserNotify } from './state/notify.ts';
import { DeskContext, useDesk } from './ui/context.ts';
import { Alerts, Shell } from './views/shell.tsx';
import { SignIn } from './views/sign-in.tsx';
import { MAIN as w } from './words.ts';

const PREFS = 'yihu:desk';
const title = () => w.seatDeskYihu;

const desk = createDesk({
  ports: browserPorts('yihu:desk:session'),
  liveUrl: `${location.origin.replace(/^http/, 'ws')}/api/desk/live`,
  prefs: {
    read: () => {
      try {
        return localStorage.getItem(PREFS);
      } catch {
        return null; // storage is blocked: preferences last for this page
      }
    },
    write: (value) => {
      try {
        localStorage.setItem(PREFS, value);
      } catch {
        // see read()
      }
    },
  },
  languages: navigator.languages,
  notify: browserNotify(),
});

function Root(): JSX.Element {
  const { session } = useDesk();
  return (
    <>
      {session.value === undefined ? (
        <p class="loading" role="status">
          {w.openingTheDesk}
        </p>
      ) : session.value === null ? (
        <SignIn />
      ) : (
        <Shell key={session.value.seat.id} />
      )}
      <Alerts />
    </>
  );
}

effect(() => {
  const { theme } = desk.preferences;
  if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
});
effect(() => {
  document.documentElement.lang = desk.preferences.language.value;
});
effect(() => {
  // A seat with many windows sees in the tab that somebody waits.
  const me = desk.session.value?.seat.id;
  let count = desk.state.value.counts.waiting + desk.mentions.unread.value;
  for (const row of desk.state.value.conversations.values()) if (row.owner === 'human' && row.seatId === me) count += row.unread;
  document.title = count > 0 ? `(${count}) ${title()}` : title();
});
addEventListener('online', desk.wake);
addEventListener('pagehide', desk.leaving);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') {
    desk.drafts.flush();
    return;
  }
  desk.wake();
  desk.seen();
});

const place = document.getElementById('desk');
if (place !== null) {
  render(
    <DeskContext.Provider value={desk}>
      <Root />
    </DeskContext.Provider>,
    place,
  );
  void desk.start();
}
