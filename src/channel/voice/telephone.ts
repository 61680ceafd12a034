import type { Capabilities, Hook } from '../contract.ts';

/** What every telephone channel is, whatever platform carries the call. */

/** `proactive`: nothing can be written to somebody who is not on the line; calls are placed by `Channel.call`. */
export const TELEPHONE = {
  modality: 'voice',
  textLimit: 4_096,
  textLimitUnit: 'chars',
  choices: 'keys',
  maxChoices: 9,
  attachmentsOut: false,
  links: 'none',
  typing: false,
  mergeTexts: false,
  delivery: 'pull',
  replyWindowMs: null,
  proactive: false,
} as const satisfies Capabilities;

/** How long a caller hears nothing before the channel says “请稍候” (ms); platforms give up on a request after ten seconds or more. */
export const TELEPHONE_PATIENCE_MS = 4_000;

/** Mounted while the channel is off, so that the core can answer 503 there; nothing is ever accepted. */
export const offHooks = (hooks: readonly Omit<Hook, 'read' | 'encodeReply'>[]): readonly Hook[] =>
  hooks.map((hook) => ({
    ...hook,
    read: () => ({ kind: 'refused', status: 403, reason: 'channel_off' }),
    encodeReply: () => ({ status: 204, contentType: 'text/plain; charset=utf-8', body: '' }),
  }));
