import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { offHooks, TELEPHONE, TELEPHONE_PATIENCE_MS } from '../../src/channel/voice/telephone.ts';
import { placeCall } from './call.ts';
import { readConfig, settings } from './config.ts';
import { CHANNEL_NAME, readStatus, readVoice } from './decode.ts';
import { encodeStatusReply, encodeVoiceReply, STATUS_PATH, VOICE_PATH } from './encode.ts';
import { BODY_LIMIT_BYTES } from './request.ts';

/** Telephone by Twilio's voice webhooks: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities: TELEPHONE,
  settings,
  create: async ({ env, publicUrl }) => {
    const config = readConfig(env, publicUrl);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'off', missing: config.missing }, hooks: offHooks([VOICE, STATUS]) };
    const hooks: readonly Hook[] = [
      { ...VOICE, read: (request) => readVoice(config, request), encodeReply: (request, outcome) => encodeVoiceReply(config, request, outcome) },
      { ...STATUS, read: (request) => readStatus(config, request), encodeReply: encodeStatusReply },
    ];
    const { caller } = config;
    return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'on' }, hooks, ...(caller === null ? {} : { call: (order) => placeCall(config, caller, order) }) };
  },
};

// POST only: with GET the caller's number and words would stand in the URL, hence in every proxy's log.
const VOICE = { method: 'POST', path: VOICE_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: TELEPHONE_PATIENCE_MS } as const;
const STATUS = { method: 'POST', path: STATUS_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
