import { hash } from 'node:crypto';
import { asExternalId, type ActivityContent, type Address, type ExternalId, type InboundActivity, type InboundIdentity } from '../../domain/activity.ts';
import { normalizePhone } from '../../domain/masking.ts';
import type { HookReading } from '../contract.ts';
import type { CallState } from './call-state.ts';

/** What a request of a call says, once a channel has read its platform's words. Pure. */

/** What the caller did since the last request. */
export interface Heard {
  /** Keys pressed; empty: none. */
  readonly keys: string;
  /** What was understood; empty: nothing. */
  readonly speech: string;
  /** Of the recognition, above 0 to 1; null: not known. */
  readonly confidence: number | null;
}

export interface CallWords {
  readonly channel: string;
  /** The call. */
  readonly address: Address;
  readonly externalId: ExternalId;
  readonly identity: InboundIdentity | null;
}

/** Keys of a telephone, many enough for the longest number anybody types. */
const KEYS = /^[0-9A-D*#]{1,200}$/i;

/** A request in the middle of a call: words to be answered, a silence, or somebody who only collects what waits. */
export function readCall(words: CallWords, state: CallState, heard: Heard): HookReading {
  if (heard.keys !== '' && !KEYS.test(heard.keys)) return { kind: 'refused', status: 400, reason: 'bad_digits' };
  const content = said(heard) ?? (state.purpose === 'wait' || state.purpose === 'seat' ? null : unsaid(state));
  if (content === null) return { kind: 'collect', address: words.address, externalId: words.externalId, heardUpTo: state.heard };
  return { ...inbound(words, content, 'turn'), heardUpTo: state.heard };
}

/**
 * The call is over.
 * @param code Bot Framework's end codes: `userCancelled` (hung up, or it cannot be told who did), `completedSuccessfully` (served by a person), `channelFailed`
 */
export function readEnd(words: CallWords, code: string): HookReading {
  return inbound(words, { type: 'endOfConversation', code }, 'stored');
}

/** A key of one's own for a request, from what only that request has. */
export function keyOf(...parts: readonly string[]): ExternalId {
  return asExternalId(hash('sha256', JSON.stringify(parts), 'base64url'));
}

/** The network vouches for the caller's number; one that is withheld or no number is nobody. */
export function callerOf(number: string): InboundIdentity | null {
  const phone = number === '' ? null : normalizePhone(number);
  return phone === null ? null : { externalUserId: null, phone: phone.phone };
}

/** Several platforms send 0 when they have no figure: that is "unknown", not "low". */
export function confidenceOf(value: number): number | null {
  return value > 0 && value <= 1 ? value : null;
}

/** Keys win over speech: pressing one ends the recognition, so what it heard until then is a fragment. */
function said({ keys, speech, confidence }: Heard): ActivityContent | null {
  if (keys !== '') return { type: 'message', text: keys, keys };
  if (speech.trim() === '') return null;
  return { type: 'message', text: speech, ...(confidence === null ? {} : { confidence }) };
}

function unsaid(state: CallState): ActivityContent {
  return { type: 'event', name: state.purpose === 'start' ? 'enter' : 'silence' };
}

function inbound({ channel, address, externalId, identity }: CallWords, content: ActivityContent, answerWhen: 'stored' | 'turn'): Extract<HookReading, { kind: 'inbound' }> {
  const activity: InboundActivity = { channel, address, externalId, modality: 'voice', content, ...(identity === null ? {} : { identity }) };
  return { kind: 'inbound', activities: [activity], answerWhen };
}
