import type { OutboxDraft } from '../../src/store/contract.ts';
import { nextId } from './ids.ts';

/** A blocking row that is due at once. */
export function anOutboxDraft(overrides: Partial<OutboxDraft> = {}): OutboxDraft {
  const now = overrides.now ?? 1_760_000_000_000;
  return { id: nextId('row'), lane: 'turn:conversation-0000', kind: 'turn', payload: {}, availableAt: now, blocking: true, now, ...overrides };
}
