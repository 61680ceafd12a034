import { signal, type ReadonlySignal } from '@preact/signals';
import { language, languageOf, type Lang } from '../language.ts';
import { isBoolean, isString, object, oneOf, optional, parseJson } from '../../shared/guards.ts';

export type Theme = 'auto' | 'light' | 'dark';
/** What a seat comes back with; breaks and the like end with the session. */
export type KeptPresence = 'online' | 'away';

/** What this browser remembers of its seat. */
export interface Preferences {
  readonly theme: ReadonlySignal<Theme>;
  /** The browser's own until somebody chooses. */
  readonly language: ReadonlySignal<Lang>;
  /** Enter sends (else Ctrl+Enter). */
  readonly enterSends: ReadonlySignal<boolean>;
  /** A tone when something comes in. */
  readonly sound: ReadonlySignal<boolean>;
  /** Notifications of the system, while the window is not in front. */
  readonly notify: ReadonlySignal<boolean>;
  /** A reply waits three seconds in which it can be taken back. */
  readonly recall: ReadonlySignal<boolean>;
  setTheme(theme: Theme): void;
  setLanguage(lang: Lang): void;
  setEnterSends(on: boolean): void;
  setSound(on: boolean): void;
  setNotify(on: boolean): void;
  setRecall(on: boolean): void;
  /** What the seat said last on this browser; `online` for anybody else. */
  presenceOf(seatId: string): KeptPresence;
  keepPresence(seatId: string, presence: KeptPresence): void;
}

const isStored = object({
  theme: optional(oneOf('auto', 'light', 'dark')), enter: optional(oneOf('send', 'newline')), presence: optional(oneOf('online', 'away')), seat: optional(isString),
  language: optional(oneOf('zh-CN', 'en')), sound: optional(isBoolean), notify: optional(isBoolean), recall: optional(isBoolean),
});

/** `shelf` never throws; what it holds may be damaged. @param wished the browser's languages, best first */
export function createPreferences(shelf: { read(): string | null; write(value: string): void }, wished: readonly string[] = []): Preferences {
  const value = parseJson(shelf.read() ?? '');
  const stored = isStored(value) ? value : null;
  const theme = signal<Theme>(stored?.theme ?? 'auto');
  const enterSends = signal(stored?.enter !== 'newline');
  const sound = signal(stored?.sound === true);
  const notify = signal(stored?.notify === true);
  const recall = signal(stored?.recall === true);
  let spoken = stored?.language;
  language.value = spoken ?? languageOf(wished);
  let seat = stored?.seat;
  let presence: KeptPresence = stored?.presence ?? 'online';

  function write(): void {
    shelf.write(JSON.stringify({ theme: theme.value, language: spoken, enter: enterSends.value ? 'send' : 'newline', presence, seat, sound: sound.value, notify: notify.value, recall: recall.value }));
  }
  const setter = (target: { value: boolean }) => (on: boolean) => {
    target.value = on;
    write();
  };

  return {
    theme,
    language,
    enterSends,
    sound,
    notify,
    recall,
    setTheme(next) {
      theme.value = next;
      write();
    },
    setLanguage(next) {
      spoken = next;
      language.value = next;
      write();
    },
    setEnterSends: setter(enterSends),
    setSound: setter(sound),
    setNotify: setter(notify),
    setRecall: setter(recall),
    presenceOf: (seatId) => (seatId === seat ? presence : 'online'),
    keepPresence(seatId, next) {
      seat = seatId;
      presence = next;
      write();
    },
  };
}
