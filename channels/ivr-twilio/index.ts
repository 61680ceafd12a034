import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { offHooks, TELEPHONE, TELEPHONE_PATIENCE_MS } from '../../src/channel/voice/telephone.ts';
import { placeCall } from './call.ts';
import { conferenceCalls, readRoom } from './conference.ts';
import { readConfig, settings } from './config.ts';
import { CHANNEL_NAME, readStatus, readVoice } from './decode.ts';
import { encodeStatusReply, encodeVoiceReply } from './encode.ts';
import { ROOM_PATH, STATUS_PATH, VOICE_PATH } from './paths.ts';
import { BODY_LIMIT_BYTES } from './request.ts';

const CAPABILITIES = { ...TELEPHONE, conference: true } as const;

/** Telephone by Twilio's voice webhooks: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities: CAPABILITIES,
  settings,
  create: async ({ env, publicUrl }) => {
    const config = readConfig(env, publicUrl);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities: CAPABILITIES, status: { state: 'off', missing: config.missing }, hooks: offHooks([VOICE, STATUS, ROOM]) };
    const hooks: readonly Hook[] = [
      { ...VOICE, read: (request) => readVoice(config, request), encodeReply: (request, outcome) => encodeVoiceReply(config, request, outcome) },
      { ...STATUS, read: (request) => readStatus(config, request), encodeReply: encodeStatusReply },
      { ...ROOM, read: (request) => readRoom(config, request), encodeReply: encodeStatusReply },
    ];
    const { caller } = config;
    return { name: CHANNEL_NAME, capabilities: CAPABILITIES, status: { state: 'on' }, hooks, ...(caller === null ? {} : { call: (order) => placeCall(config, caller, order), conference: conferenceCalls(config, caller) }) };
  },
};

// POST only: with GET the caller's number and words would stand in the URL, hence in every proxy's log.
const VOICE = { method: 'POST', path: VOICE_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: TELEPHONE_PATIENCE_MS } as const;
const STATUS = { method: 'POST', path: STATUS_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
const ROOM = { method: 'POST', path: ROOM_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
