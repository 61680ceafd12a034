import type { Channel, ChannelModule, Hook } from '../../src/channel/contract.ts';
import { readConfig, settings } from './config.ts';
import { BODY_LIMIT_BYTES, CHANNEL_NAME, readStart, readStep } from './decode.ts';
import { encodeStepReply, PATH, startDocument } from './encode.ts';

/** How long a caller hears nothing before the channel says “请稍候” (ms). Browsers give up on a fetch after some ten seconds. */
const PATIENCE_MS = 4_000;

const capabilities = {
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
  // A document can only be fetched by a call that is there.
  proactive: false,
} as const satisfies Channel['capabilities'];

/** Telephone by platforms that are VoiceXML browsers: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities,
  settings,
  create: async ({ env, publicUrl }) => {
    const config = readConfig(env, publicUrl);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities, status: { state: 'off', missing: config.missing }, hooks: OFF_HOOKS };
    const document = startDocument(config);
    const hooks: readonly Hook[] = [
      { ...START, read: (request) => readStart(config, request, document), encodeReply: () => document },
      { ...STEP, read: (request) => readStep(config, request), encodeReply: (request, outcome) => encodeStepReply(config, request, outcome) },
    ];
    return { name: CHANNEL_NAME, capabilities, status: { state: 'on' }, hooks };
  },
};

const START = { method: 'GET', path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
const STEP = { method: 'POST', path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: PATIENCE_MS } as const;

/** Mounted while the channel is off, so that the core can answer 503 there; nothing is ever accepted. */
const OFF_HOOKS: readonly Hook[] = [START, STEP].map((hook) => ({
  ...hook,
  read: () => ({ kind: 'refused', status: 403, reason: 'channel_off' }),
  encodeReply: () => ({ status: 204, contentType: 'text/plain; charset=utf-8', body: '' }),
}));
