import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { offHooks, TELEPHONE } from '../../src/channel/voice/telephone.ts';
import { readConfig, settings } from './config.ts';
import { BODY_LIMIT_BYTES, CHANNEL_NAME, readCallback, readReport } from './decode.ts';
import { encodeCallback, encodeReport, PATH, REPORT_PATH } from './encode.ts';

/** Telephone by Aliyun's intelligent inbound calls: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities: TELEPHONE,
  settings,
  create: async ({ env }) => {
    const config = readConfig(env);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'off', missing: config.missing }, hooks: offHooks([CALLBACK, REPORT]) };
    const hooks: readonly Hook[] = [
      { ...CALLBACK, read: (request) => readCallback(config, request), encodeReply: (request, outcome) => encodeCallback(config, request, outcome) },
      { ...REPORT, read: (request) => readReport(config, request), encodeReply: encodeReport },
    ];
    return { name: CHANNEL_NAME, capabilities: TELEPHONE, status: { state: 'on' }, hooks };
  },
};

/** How long Aliyun waits for an answer is not told here; for another callback of theirs it is 3 s. */
const PATIENCE_MS = 2_000;

const CALLBACK = { method: 'POST', path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: PATIENCE_MS } as const;
const REPORT = { method: 'POST', path: REPORT_PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
