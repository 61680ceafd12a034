import { createHash, createHmac } from 'node:crypto';
import { asAddress, asExternalId, type Address, type InboundActivity } from '../../domain/activity.ts';
import { BEIJING_OFFSET } from '../../domain/clock.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { Capabilities, HookReading, HookReply, RawRequest } from '../contract.ts';
import type { Guard } from '../guard.ts';

/** What vendors push: reports of what was sent, and what citizens answer. Shared by the channels of text messages. */

/**
 * Text messages are heard and not answered: everything that goes out must be an approved template, and no template holds an answer of a bot or of a
 * seat. So nothing is ever sent in a conversation (`pull`, and nobody collects); notifications are `Channel.notify`.
 */
export const TEXT_MESSAGES: Capabilities = {
  modality: 'text', textLimit: 500, textLimitUnit: 'chars', choices: 'numbered', maxChoices: 1, attachmentsOut: false, links: 'none', typing: false, mergeTexts: true, delivery: 'pull', replyWindowMs: null, proactive: false,
};

export const BODY_LIMIT_BYTES = 512 * 1024;
/** A citizen's text; longer ones come in parts that the operator's network joins. */
const TEXT_CHARS = 2_000;

type Refused = Extract<HookReading, { kind: 'refused' }>;
const refuse = (status: Refused['status'], reason: string): Refused => ({ kind: 'refused', status, reason });

/** The pushed JSON behind its guard. */
export function openPush(guard: Guard, request: RawRequest): { readonly json: JsonValue } | { readonly refused: Refused } {
  if (request.body.length > BODY_LIMIT_BYTES) return { refused: refuse(413, 'too_large') };
  const refusal = guard.refusal(request);
  if (refusal !== null) return { refused: refuse(403, refusal) };
  try {
    const json: JsonValue = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
    return { json };
  } catch {
    return { refused: refuse(400, 'bad_json') };
  }
}

export const badShape = (): Refused => refuse(400, 'bad_shape');

export function jsonReply(body: object): HookReply {
  return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

/** `138…`, `86138…`, `+86138…`, `0086138…` as the vault has it; null: no number. */
export function phoneOf(given: string, country = '86'): string | null {
  const digits = given.trim().replace(/^\+|^00/, '');
  if (!/^\d{5,15}$/.test(digits)) return null;
  const local = digits.startsWith('86') && digits.length === 13 ? digits.slice(2) : digits;
  if (/^1[3-9]\d{9}$/.test(local) && country === '86') return local;
  return digits.startsWith(country) || country === '86' ? `+${digits}` : `+${country}${digits}`;
}

/** Where a number's text messages live: nobody can read the number out of it who has not the key. */
export function addressOf(key: string, phone: string): Address {
  return asAddress(`n_${createHmac('sha256', key).update(`sms address ${phone}`).digest('base64url').slice(0, 24)}`);
}

export interface Said {
  readonly channel: string;
  readonly key: string;
  readonly phone: string;
  readonly text: string;
  /** The vendor's own id; null: it gives none. */
  readonly id: string | null;
  /** What tells two messages of one number apart where there is no id. */
  readonly time: string;
}

/** The network tells who wrote: such a number is vouched for like a caller's. */
export function activityOf({ channel, key, phone, text, id, time }: Said): InboundActivity {
  const own = id ?? createHash('sha256').update(JSON.stringify([key, phone, time, text])).digest('base64url').slice(0, 32);
  const plain = text.replace(/[\p{Cc}\uFFFE\uFFFF]+/gu, ' ').trim().slice(0, TEXT_CHARS);
  return { channel, address: addressOf(key, phone), externalId: asExternalId(`up:${own}`), modality: 'text', content: { type: 'message', text: plain }, identity: { externalUserId: null, phone } };
}

/** `2026-11-23 10:00:00`, Beijing time; null: something else. */
export function beijingTime(text: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (found === null) return null;
  const at = Date.parse(`${found[1]}-${found[2]}-${found[3]}T${found[4]}:${found[5]}:${found[6]}Z`);
  return Number.isNaN(at) ? null : at - BEIJING_OFFSET;
}

/** A vendor's word as it may be kept: an error code, never a sentence with a number in it. */
export const wordOf = (given: string): string | null => (/^[A-Za-z0-9][A-Za-z0-9:._-]{0,39}$/.test(given) && !/\d{7}/.test(given) ? given : null);
