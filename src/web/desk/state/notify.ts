import type { Preferences } from './preferences.ts';
import { NOTIFY as w, NOTICE_WORDS } from '../words.ts';
import { COMMON as common } from '../words.ts';

export type NewsKind = 'offer' | 'message' | 'mention' | 'emergency';

/** The browser's ways to be heard; a test passes its own. */
export interface NotifyPorts {
  /** A short tone; two for what is urgent. */
  tone(urgent: boolean): void;
  /** A notification of the system; nothing where it was not allowed. */
  show(text: string, tag: string, clicked: () => void): void;
  /** Asks the person; only from a click. */
  ask(): Promise<boolean>;
  /** Is the window in front of somebody? */
  visible(): boolean;
}

export interface Notify {
  tell(kind: NewsKind, who: string, conversationId: string): void;
  /** Asked for by a click; answers whether it is allowed. */
  enable(): Promise<boolean>;
}

const WORDS: Readonly<Record<NewsKind, string>> = NOTICE_WORDS;
/** Tones of one storm sound once. */
const QUIET_MS = 1_500;

/**
 * Sound and notification, each by the seat's own choice. Quiet for the conversation that is being looked at. What was said is never
 * shown: a notification stands on a screen that others may see.
 */
export function createNotify(options: { readonly preferences: Pick<Preferences, 'sound' | 'notify' | 'setNotify'>; readonly ports: NotifyPorts; readonly now: () => number; readonly selected: () => string | null; readonly open: (conversationId: string) => void }): Notify {
  const { preferences, ports } = options;
  let lastTone = 0;
  return {
    tell(kind, who, conversationId) {
      const looking = ports.visible();
      if (looking && options.selected() === conversationId) return;
      if (preferences.sound.value && options.now() - lastTone >= QUIET_MS) {
        lastTone = options.now();
        ports.tone(kind === 'offer' || kind === 'emergency');
      }
      if (preferences.notify.value && !looking) ports.show(common.labelled(who, WORDS[kind]), `${kind}:${conversationId}`, () => options.open(conversationId));
    },
    async enable() {
      const allowed = await ports.ask();
      preferences.setNotify(allowed);
      return allowed;
    },
  };
}

/** The real ways. The tone is made, not played: no file, and the page's policy allows no media. */
export function browserNotify(): NotifyPorts {
  let audio: AudioContext | null = null;
  return {
    tone(urgent) {
      try {
        audio ??= new AudioContext();
        const start = audio.currentTime;
        for (const [at, hertz] of urgent ? ([[0, 880], [0.18, 1175]] as const) : ([[0, 660]] as const)) {
          const oscillator = audio.createOscillator();
          const volume = audio.createGain();
          oscillator.frequency.value = hertz;
          volume.gain.setValueAtTime(0.12, start + at);
          volume.gain.exponentialRampToValueAtTime(0.001, start + at + 0.16);
          oscillator.connect(volume).connect(audio.destination);
          oscillator.start(start + at);
          oscillator.stop(start + at + 0.17);
        }
      } catch {
        // no sound device, or nobody has clicked yet: the counts in the title tell the same
      }
    },
    show(text, tag, clicked) {
      if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
      const shown = new Notification(w.n12345SeatDesk, { body: text, tag });
      shown.addEventListener('click', () => {
        focus();
        clicked();
        shown.close();
      });
    },
    ask: async () => 'Notification' in globalThis && (Notification.permission === 'granted' || (await Notification.requestPermission()) === 'granted'),
    visible: () => document.visibilityState === 'visible' && document.hasFocus(),
  };
}
