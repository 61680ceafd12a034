import type { EpochMs } from '../../domain/activity.ts';

/**
 * Every errcode of the WeChat API that this channel may meet, and what to do about it: data, one row a code. HTTP status is
 * 200 even on error; `errmsg` carries a request id and is never compared.
 * Marks: [D] vendor's documentation (developers.weixin.qq.com, "global return codes" and the page of each call), [K] general
 * knowledge, unproved.
 */

export type Reaction =
  | { readonly kind: 'delivered' }
  /** The peer is unwell: again with back-off. */
  | { readonly kind: 'retry' }
  /** Again later without burning an attempt. `next-day`: quotas start anew at midnight in Beijing. */
  | { readonly kind: 'delay'; readonly ms: number | 'next-day' }
  /** Fetch the token anew and try once more; then back-off. */
  | { readonly kind: 'token' }
  /** Cut the text smaller and go on. */
  | { readonly kind: 'split' }
  /** Our copy at WeChat has expired: upload anew with the next attempt. */
  | { readonly kind: 'upload-again' }
  /** WeChat does not take this picture: send a link to it instead. */
  | { readonly kind: 'link-instead' }
  /** Will not arrive on this channel. `closes`: nothing else will either until the citizen writes again. */
  | { readonly kind: 'failed'; readonly fallback: boolean; readonly closes?: true }
  /** Nothing goes until the citizen writes again; then it does. */
  | { readonly kind: 'wait' }
  /** Of no importance (typing). */
  | { readonly kind: 'ignore' };

export interface ErrcodeRow {
  readonly errcode: number;
  /** Code of the receipt, for the trail and the counter. */
  readonly code: string;
  readonly reaction: Reaction;
  readonly about: string;
}

const RETRY: Reaction = { kind: 'retry' };
const TOKEN: Reaction = { kind: 'token' };
const LINK: Reaction = { kind: 'link-instead' };
const IGNORE: Reaction = { kind: 'ignore' };
/** The citizen still has no answer: the desk is told and takes another way. */
const FAILED: Reaction = { kind: 'failed', fallback: true };
const CLOSED: Reaction = { kind: 'failed', fallback: true, closes: true };

export const ERRCODES: readonly ErrcodeRow[] = [
  { errcode: -1, code: 'wechat.busy', reaction: RETRY, about: 'system busy [D]' },
  { errcode: 0, code: 'wechat.ok', reaction: { kind: 'delivered' }, about: 'done [D]' },
  { errcode: 40001, code: 'wechat.token_rejected', reaction: TOKEN, about: 'token wrong or not the latest [D]' },
  { errcode: 40014, code: 'wechat.token_rejected', reaction: TOKEN, about: 'token invalid [D]' },
  { errcode: 42001, code: 'wechat.token_rejected', reaction: TOKEN, about: 'token expired [D]' },
  { errcode: 40003, code: 'wechat.openid_unknown', reaction: CLOSED, about: 'openid wrong or of another app: the identity is useless here [D]' },
  { errcode: 40004, code: 'wechat.media_type', reaction: LINK, about: 'media type not taken [D]' },
  { errcode: 40005, code: 'wechat.file_type', reaction: LINK, about: 'file type not taken [D]' },
  { errcode: 40006, code: 'wechat.file_size', reaction: LINK, about: 'file too large [D]' },
  { errcode: 40009, code: 'wechat.image_size', reaction: LINK, about: 'picture too large [K]' },
  { errcode: 45001, code: 'wechat.media_size', reaction: LINK, about: 'media too large [D]' },
  { errcode: 40007, code: 'wechat.media_gone', reaction: { kind: 'upload-again' }, about: 'media_id wrong or older than 3 days [D]' },
  { errcode: 40008, code: 'wechat.bug_message_type', reaction: FAILED, about: 'message type unknown: our fault [D]' },
  { errcode: 40033, code: 'wechat.bug_escapes', reaction: FAILED, about: 'the body had \\u escapes: our fault [D]' },
  { errcode: 44002, code: 'wechat.bug_empty_body', reaction: FAILED, about: 'empty body: our fault [D]' },
  { errcode: 44004, code: 'wechat.bug_empty_text', reaction: FAILED, about: 'empty text: our fault [D]' },
  { errcode: 47001, code: 'wechat.bug_format', reaction: FAILED, about: 'body is not the JSON they expect: our fault [D]' },
  { errcode: 40029, code: 'wechat.login_code_invalid', reaction: FAILED, about: 'login code invalid; only sign-in meets it, the citizen signs in again [D]' },
  { errcode: 40163, code: 'wechat.login_code_used', reaction: FAILED, about: 'login code used twice; as above [D]' },
  { errcode: 40037, code: 'wechat.template_unknown', reaction: FAILED, about: 'no such template, or one of another account: configuration [D]' },
  { errcode: 41030, code: 'wechat.template_page', reaction: FAILED, about: 'the page of the template does not exist: configuration [D]' },
  { errcode: 43101, code: 'wechat.not_consented', reaction: FAILED, about: 'the citizen has not allowed it, or has taken it back [D]' },
  { errcode: 47003, code: 'wechat.template_field', reaction: FAILED, about: 'a value breaks a rule of its field: configuration [D]' },
  { errcode: 43004, code: 'wechat.not_follower', reaction: CLOSED, about: 'the citizen does not follow the account [D]' },
  { errcode: 43019, code: 'wechat.blocked', reaction: CLOSED, about: 'the citizen is on the account’s black list [D]' },
  { errcode: 45002, code: 'wechat.text_too_long', reaction: { kind: 'split' }, about: 'text too long [K]' },
  { errcode: 45009, code: 'wechat.daily_limit', reaction: { kind: 'delay', ms: 'next-day' }, about: 'calls of the day used up [D]' },
  { errcode: 45011, code: 'wechat.minute_limit', reaction: { kind: 'delay', ms: 60_000 }, about: 'too many calls this minute [D]' },
  { errcode: 45015, code: 'wechat.window_closed', reaction: CLOSED, about: 'outside the 48 hours, or unsubscribed [D]' },
  { errcode: 45047, code: 'wechat.quota_spent', reaction: { kind: 'wait' }, about: 'sends to this citizen used up [D]' },
  { errcode: 45072, code: 'wechat.typing_command', reaction: IGNORE, about: 'typing command unknown [K]' },
  { errcode: 45080, code: 'wechat.typing_too_late', reaction: IGNORE, about: 'no message of the citizen in the last 30 s [K]' },
  { errcode: 45081, code: 'wechat.typing_already', reaction: IGNORE, about: 'already typing [K]' },
  { errcode: 48001, code: 'wechat.not_granted', reaction: FAILED, about: 'interface not granted to this account: configuration [D]' },
  { errcode: 48004, code: 'wechat.banned', reaction: FAILED, about: 'interface banned for this account [D]' },
  { errcode: 50002, code: 'wechat.user_limited', reaction: FAILED, about: 'the account is frozen or closed [D]' },
  // Wrong settings: an operator may mend them while the message waits, so it is tried until the attempts are over.
  { errcode: 40002, code: 'wechat.settings_grant', reaction: RETRY, about: 'grant type refused [D]' },
  { errcode: 40013, code: 'wechat.settings_appid', reaction: RETRY, about: 'WECHAT_APPID is wrong [D]' },
  { errcode: 40125, code: 'wechat.settings_secret', reaction: RETRY, about: 'WECHAT_SECRET is wrong [D]' },
  { errcode: 40164, code: 'wechat.settings_address', reaction: RETRY, about: 'our address is not on the account’s IP list [D]' },
  { errcode: 89503, code: 'wechat.settings_confirm', reaction: RETRY, about: 'the administrator has to confirm this address [K]' },
];

const rows: ReadonlyMap<number, ErrcodeRow> = new Map(ERRCODES.map((row) => [row.errcode, row]));

/** The row of an errcode. Unknown ones are taken for a passing fault. */
export function rowOf(errcode: number): ErrcodeRow {
  return rows.get(errcode) ?? { errcode, code: `wechat.errcode_${errcode}`, reaction: RETRY, about: 'not in the table' };
}

const BEIJING_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** Milliseconds to wait for a `delay` reaction. Beijing knows no summer time. */
export function delayMs(ms: number | 'next-day', now: EpochMs): number {
  if (ms !== 'next-day') return ms;
  return DAY_MS - ((now + BEIJING_OFFSET_MS) % DAY_MS);
}
