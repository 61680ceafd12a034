import { signal, type ReadonlySignal } from '@preact/signals';
import type { Ports, TimerHandle } from '../../shared/ports.ts';
import type { Api } from '../api/client.ts';

export interface Drafts {
  /** Grows when a draft came from the server, so that an open box looks again. */
  readonly came: ReadonlySignal<number>;
  of(conversationId: string): string;
  keep(conversationId: string, text: string): void;
  /** What the server has; what was typed here meanwhile is newer and stays. */
  learn(conversationId: string, draft: { readonly text: string } | null): void;
  /** The page is left: what was not sent yet goes now. */
  flush(): void;
  forget(): void;
}

const PAUSE_MS = 800;

/** Unsent replies: at once in memory, soon after at the server, so that a reload or another computer has them. */
export function createDrafts(api: { readonly deskWork: Pick<Api['deskWork'], 'keepDraft'> }, ports: Pick<Ports, 'after'>): Drafts {
  const texts = new Map<string, string>();
  /** What the server has, as far as this page knows. */
  const stored = new Map<string, string>();
  const timers = new Map<string, TimerHandle>();
  const came = signal(0);

  function store(id: string, last: boolean): void {
    timers.get(id)?.cancel();
    timers.delete(id);
    const text = texts.get(id) ?? '';
    if (text === (stored.get(id) ?? '')) return;
    const before = stored.get(id);
    stored.set(id, text);
    api.deskWork.keepDraft(id, text, last).catch(() => {
      // It stays in memory, and the next letter tries again.
      if (before === undefined) stored.delete(id);
      else stored.set(id, before);
    });
  }

  return {
    came,
    of: (id) => texts.get(id) ?? '',
    keep(id, text) {
      if (text === (texts.get(id) ?? '')) return;
      if (text === '') texts.delete(id);
      else texts.set(id, text);
      timers.get(id)?.cancel();
      timers.set(id, ports.after(PAUSE_MS, () => store(id, false)));
    },
    learn(id, draft) {
      if (timers.has(id)) return;
      const known = stored.get(id);
      const text = draft?.text ?? '';
      stored.set(id, text);
      if (texts.has(id) && texts.get(id) !== known) return;
      if (text === (texts.get(id) ?? '')) return;
      if (text === '') texts.delete(id);
      else texts.set(id, text);
      came.value += 1;
    },
    flush() {
      for (const id of timers.keys()) store(id, true);
    },
    forget() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
      texts.clear();
      stored.clear();
    },
  };
}
