import type { JsonValue } from '../domain/json.ts';
import type { DialogEvent, DialogFacts, DialogState, DialogStep } from '../dialog/types.ts';

/** The dialog engine as intake sees it: compiled flows behind two pure functions. */
export interface Dialog {
  /** A fresh state at the newest program. */
  start(): DialogState;
  /** Reads a stored state; null (never seen, or not ours) starts afresh. */
  restore(stored: JsonValue): DialogState;
  advance(state: DialogState, event: DialogEvent, facts: DialogFacts): DialogStep;
  /** Life and safety words in a text, also while a seat has the conversation; null when there are none. */
  emergency(text: string): { readonly category: string; readonly words: readonly string[] } | null;
}
