import { fileSize } from '../../shared/format.ts';
import { isBoolean, object, oneOf, optional, parseJson } from '../../shared/guards.ts';
import type { Ports, TimerHandle } from '../../shared/ports.ts';
import type { WidgetConfig } from '../config.ts';
import { createDirectLineClient } from '../direct-line/client.ts';
import type { ConnectionStatus } from '../direct-line/contract.ts';
import type { Draft } from '../direct-line/outbox.ts';
import { checkFile, MAX_FILE_BYTES, MAX_TEXT } from '../files.ts';
import { stringsFor, type Lang } from '../strings.ts';
import { EMPTY_CHAT, reduce, type Action, type Chat, type ChatEvent } from './model.ts';

export interface ViewState {
  readonly chat: Chat;
  readonly status: ConnectionStatus;
  readonly open: boolean;
  readonly lang: Lang;
  readonly elder: boolean;
  /** Something the citizen did that cannot be done, in the citizen's language. */
  readonly complaint: string | null;
}

/** A small key-value store of the browser that never throws. */
export interface Shelf {
  read(): string | null;
  write(value: string): void;
}

export interface Controller {
  readonly state: () => ViewState;
  subscribe(listener: () => void): () => void;
  open(): void;
  close(): void;
  /** False: refused (empty or too long), the text stays in the box. */
  say(text: string): boolean;
  press(action: Action): void;
  askHuman(): void;
  upload(files: readonly File[]): void;
  retry(): void;
  typing(): void;
  setLang(lang: Lang): void;
  setElder(on: boolean): void;
  network(online: boolean): void;
  wake(): void;
}

const isPrefs = object({ lang: optional(oneOf('zh-CN', 'en')), elder: optional(isBoolean) });
/** A typing sign that nothing follows is taken away after this. */
const TYPING_MS = 8_000;

/** Joins the client, the transcript and the viewer's preferences into one observable state. */
export function createController(options: {
  readonly config: WidgetConfig;
  readonly ports: Ports;
  /** Preferences, kept for every visit. */
  readonly prefs: Shelf;
  /** Was the panel open in this tab? */
  readonly panel: Shelf;
  readonly preview: (file: File) => string | null;
}): Controller {
  const { config, ports } = options;
  const stored = parseJson(options.prefs.read() ?? '');
  const prefs = isPrefs(stored) ? stored : null;
  const listeners = new Set<() => void>();
  let typingTimer: TimerHandle | null = null;
  /** Until the first connection stands, what arrives is history and counts as seen. */
  let settled = false;
  let state: ViewState = { chat: EMPTY_CHAT, status: 'idle', open: false, lang: prefs?.lang ?? config.lang, elder: prefs?.elder ?? false, complaint: null };

  function change(next: Partial<ViewState>): void {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }

  function dispatch(event: ChatEvent): void {
    const chat = reduce(state.chat, event, config.endpoint);
    if (chat !== state.chat) change({ chat });
  }

  const client = createDirectLineClient({
    ports,
    endpoint: config.endpoint,
    locale: () => state.lang,
    on: {
      activity(activity, own) {
        dispatch({ type: 'arrived', activity, own, now: ports.now(), seen: state.open || !settled });
        if (state.chat.typing === null) return;
        typingTimer?.cancel();
        typingTimer = ports.after(TYPING_MS, () => dispatch({ type: 'typingEnded' }));
      },
      status(status) {
        if (status === 'online' || status === 'polling') settled = true;
        change({ status });
      },
      outgoing: (clientId, sending, info) => dispatch({ type: 'progress', clientId, state: sending, status: info.status ?? 0 }),
      restarted: () => dispatch({ type: 'restarted', now: ports.now() }),
    },
  });
  for (const pending of client.restored) dispatch({ type: 'written', pending, preview: null });

  function send(draft: Draft): void {
    const preview = draft.file === undefined ? null : options.preview(draft.file);
    // The bubble comes first: the client's progress reports need something to report on.
    client.send(draft, (pending) => dispatch({ type: 'written', pending, preview }));
    if (state.complaint !== null) change({ complaint: null });
  }

  function complain(complaint: string): void {
    change({ complaint });
  }

  function remember(): void {
    options.prefs.write(JSON.stringify({ lang: state.lang, elder: state.elder }));
  }

  function setOpen(open: boolean): void {
    if (open === state.open) return;
    options.panel.write(open ? '1' : '');
    change({ open });
    if (!open) return;
    dispatch({ type: 'seen' });
    client.start();
  }

  // A conversation of this tab goes on in the background, so that a seat's answer shows on the button.
  if (client.resumable || client.restored.length > 0) client.start();
  if (config.open || options.panel.read() === '1') setOpen(true);

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open: () => setOpen(true),
    close: () => setOpen(false),
    say(text) {
      const trimmed = text.trim();
      if (trimmed === '') return false;
      const over = [...trimmed].length - MAX_TEXT;
      if (over > 0) {
        complain(stringsFor(state.lang).tooLong(over));
        return false;
      }
      send({ text: trimmed });
      return true;
    },
    press(action) {
      if (action.kind === 'say') send({ text: action.text });
      else if (action.kind === 'post') send({ text: action.text, value: action.value, postBack: true });
    },
    askHuman: () => send({ text: stringsFor(state.lang).humanText }),
    upload(files) {
      for (const file of files) {
        const fault = checkFile(file);
        if (fault === null) send({ text: '', file });
        else complain(fault === 'type' ? stringsFor(state.lang).fileType : stringsFor(state.lang).fileSize(fileSize(MAX_FILE_BYTES)));
      }
    },
    retry: () => client.retryFailed(),
    typing() {
      if (state.chat.mode === 'human') client.typing();
      if (state.complaint !== null) change({ complaint: null });
    },
    setLang(lang) {
      change({ lang, complaint: null });
      remember();
    },
    setElder(elder) {
      change({ elder });
      remember();
    },
    network: (online) => client.network(online),
    wake: () => client.wake(),
  };
}
