import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { offHooks, TELEPHONE, TELEPHONE_PATIENCE_MS } from '../../src/channel/voice/telephone.ts';
import { readConfig, settings } from './config.ts';
import { BODY_LIMIT_BYTES, CHANNEL_NAME, readStart, readStep } from './decode.ts';
import { encodeStepReply, PATH, startDocument } from './encode.ts';

/** Telephone by platforms that are VoiceXML browsers: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities: TELEPHONE,
  settings,
  create: async ({ env, publicUrl }) => {
    const config = readConfig(env, publicUrl);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'off', missing: config.missing }, hooks: offHooks([START, STEP]) };
    const document = startDocument(config);
    const hooks: readonly Hook[] = [
      { ...START, read: (request) => readStart(config, request, document), encodeReply: () => document },
      { ...STEP, read: (request) => readStep(config, request), encodeReply: (request, outcome) => encodeStepReply(config, request, outcome) },
    ];
    return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'on' }, hooks };
  },
};

const START = { method: 'GET', path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
const STEP = { method: 'POST', path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: TELEPHONE_PATIENCE_MS } as const;
