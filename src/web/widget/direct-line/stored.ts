import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, optional, parseJson } from '../../shared/guards.ts';
import type { Pending } from './outbox.ts';
import { isSession, type Session } from './session-keeper.ts';

const isStored = object({ session: nullable(isSession), unsent: arrayOf(isUnknown) });
const isStoredPending = object({ clientId: isString, at: isNumber, draft: object({ text: isString, value: isUnknown, postBack: optional(isBoolean), event: optional(isString) }) });

export interface Stored {
  readonly session: Session | null;
  /** Texts that an earlier page of this tab could not send. */
  readonly unsent: readonly Pending[];
}

/** What the tab remembers; whatever is damaged counts as nothing. */
export function readStored(text: string | null): Stored {
  const value = parseJson(text ?? '');
  return isStored(value) ? { session: value.session, unsent: keepValid(value.unsent, isStoredPending) } : { session: null, unsent: [] };
}

/** Null when there is nothing to remember. Files cannot be kept across a reload. */
export function writeStored(session: Session | null, pending: readonly Pending[]): string | null {
  const unsent = pending.filter((one) => one.draft.file === undefined);
  return session === null && unsent.length === 0 ? null : JSON.stringify({ session, unsent });
}
