import { signal, type ReadonlySignal } from '@preact/signals';
import type { Presence } from '../../shared/api-types.ts';
import { isString, object, oneOf, optional, parseJson } from '../../shared/guards.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** What this browser remembers of its seat. */
export interface Preferences {
  readonly theme: ReadonlySignal<Theme>;
  /** Enter sends (else Ctrl+Enter). */
  readonly enterSends: ReadonlySignal<boolean>;
  setTheme(theme: Theme): void;
  setEnterSends(on: boolean): void;
  /** What the seat said last on this browser; `online` for anybody else. */
  presenceOf(seatId: string): Presence;
  keepPresence(seatId: string, presence: Presence): void;
}

const isStored = object({ theme: optional(oneOf('auto', 'light', 'dark')), enter: optional(oneOf('send', 'newline')), presence: optional(oneOf('online', 'away')), seat: optional(isString) });

/** `shelf` never throws; what it holds may be damaged. */
export function createPreferences(shelf: { read(): string | null; write(value: string): void }): Preferences {
  const value = parseJson(shelf.read() ?? '');
  const stored = isStored(value) ? value : null;
  const theme = signal<Theme>(stored?.theme ?? 'auto');
  const enterSends = signal(stored?.enter !== 'newline');
  let seat = stored?.seat;
  let presence: Presence = stored?.presence ?? 'online';

  function write(): void {
    shelf.write(JSON.stringify({ theme: theme.value, enter: enterSends.value ? 'send' : 'newline', presence, seat }));
  }

  return {
    theme,
    enterSends,
    setTheme(next) {
      theme.value = next;
      write();
    },
    setEnterSends(on) {
      enterSends.value = on;
      write();
    },
    presenceOf: (seatId) => (seatId === seat ? presence : 'online'),
    keepPresence(seatId, next) {
      seat = seatId;
      presence = next;
      write();
    },
  };
}
