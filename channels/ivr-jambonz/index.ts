import type { Channel, ChannelModule, Hook } from '../../src/channel/contract.ts';
import { readConfig, settings } from './config.ts';
import { BODY_LIMIT_BYTES, CHANNEL_NAME, readStatus, readVoice } from './decode.ts';
import { encodeStatusReply, encodeVoiceReply, STATUS_PATH, VOICE_PATH } from './encode.ts';

/** How long a caller hears nothing before the channel says “请稍候” (ms). jambonz itself gives up after 10 s without headers. */
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
  // Calls are placed by the outbound module, not by this channel.
  proactive: false,
} as const satisfies Channel['capabilities'];

/** Telephone by jambonz' webhooks: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities,
  settings,
  create: async ({ env, publicUrl }) => {
    const config = readConfig(env, publicUrl);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities, status: { state: 'off', missing: config.missing }, hooks: OFF_HOOKS };
    const hooks: readonly Hook[] = [
      { ...VOICE, read: (request, now) => readVoice(config, request, now), encodeReply: (request, outcome) => encodeVoiceReply(config, request, outcome) },
      { ...STATUS, read: (request, now) => readStatus(config, request, now), encodeReply: encodeStatusReply },
    ];
    return { name: CHANNEL_NAME, capabilities, status: { state: 'on' }, hooks };
  },
};

// POST only: the signature of a GET covers a body that is not sent, so it could not be checked.
const VOICE = { method: 'POST', path: VOICE_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: PATIENCE_MS } as const;
const STATUS = { method: 'POST', path: STATUS_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;

/** Mounted while the channel is off, so that the core can answer 503 there; nothing is ever accepted. */
const OFF_HOOKS: readonly Hook[] = [VOICE, STATUS].map((hook) => ({
  ...hook,
  read: () => ({ kind: 'refused', status: 403, reason: 'channel_off' }),
  encodeReply: encodeStatusReply,
}));
