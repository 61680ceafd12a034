import { signal, type ReadonlySignal } from '@preact/signals';
import type { Ports } from '../../shared/ports.ts';
import { ApiError } from '../api/client.ts';
import { ALERTS as w } from '../words.ts';

export interface Alert {
  readonly id: number;
  readonly kind: 'emergency' | 'error' | 'info';
  readonly text: string;
  readonly conversationId: string | null;
}

export interface Alerts {
  readonly list: ReadonlySignal<readonly Alert[]>;
  say(kind: Alert['kind'], text: string, conversationId?: string | null): void;
  /** Says what went wrong, in words for a seat. */
  complain(error: unknown): void;
  dismiss(id: number): void;
  /** Somebody looks at this conversation. */
  looked(conversationId: string): void;
  clear(): void;
}

const ERROR_MS = 8_000;
const INFO_MS = 4_000;
const SHOWN = 5;

/** Notices over everything. An emergency stays until somebody has seen it, the others go by themselves. */
export function createAlerts(ports: Pick<Ports, 'after'>): Alerts {
  const list = signal<readonly Alert[]>([]);
  let number = 0;

  function dismiss(id: number): void {
    list.value = list.value.filter((alert) => alert.id !== id);
  }

  function say(kind: Alert['kind'], text: string, conversationId: string | null = null): void {
    const id = (number += 1);
    list.value = [...list.value.filter((alert) => alert.text !== text || alert.conversationId !== conversationId), { id, kind, text, conversationId }].slice(-SHOWN);
    if (kind !== 'emergency') ports.after(kind === 'error' ? ERROR_MS : INFO_MS, () => dismiss(id));
  }

  return {
    list,
    say,
    complain: (error) => say('error', error instanceof ApiError ? error.message : w.somethingBrokeOnThis),
    dismiss,
    looked: (conversationId) => void (list.value = list.value.filter((alert) => alert.conversationId !== conversationId)),
    clear: () => void (list.value = []),
  };
}
