import type { Capabilities, Channel, ChannelModule, ChannelPorts } from '../../src/channel/contract.ts';
import type { Attachment } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import { createAdapter, type Adapter } from './adapter.ts';
import { readConfiguration, SETTINGS, type Settings } from './config.ts';
import { createTokens } from './credentials.ts';
import { CHANNEL } from './decode.ts';
import { STATUS } from './handoff.ts';
import { createReferences } from './references.ts';
import { hookPlugin, offPlugin } from './routes.ts';
import { createSend } from './send.ts';
import type { Service } from './service.ts';
import { createTurn } from './turn.ts';

/** Whatever the Azure Bot Service connects (Teams, Direct Line, Telegram and others), and other bots. See README.md. */

const capabilities: Capabilities = {
  modality: 'text',
  // Telegram's, the shortest of the usual ones.
  textLimit: 4096,
  textLimitUnit: 'chars',
  choices: 'buttons',
  maxChoices: 10,
  attachmentsOut: true,
  links: 'clickable',
  typing: true,
  mergeTexts: false,
  delivery: 'push',
  replyWindowMs: null,
  proactive: false,
  events: [STATUS],
};

/** The Bot Connector gives a bot 15 s. */
const PATIENCE_MS = 8_000;

export const channel: ChannelModule = {
  name: CHANNEL,
  inbound: 'socket',
  capabilities,
  settings: SETTINGS,
  create: async ({ env, publicUrl, ports }) => {
    const configuration = readConfiguration(env);
    if (configuration.state === 'off') return offChannel(configuration.missing);
    return onChannel(configuration.settings, publicUrl.replace(/\/+$/, ''), ports);
  },
};

function offChannel(missing: readonly string[]): Channel {
  return { name: CHANNEL, capabilities, status: { state: 'off', missing }, plugin: offPlugin(missing), send: async () => ({ status: 'failed', code: 'botframework.off', fallback: true }) };
}

function onChannel(settings: Settings, publicUrl: string, ports: ChannelPorts): Channel {
  const service: Service = {
    settings,
    capabilities,
    ports,
    references: createReferences(ports.state, ports.now),
    publicUrl: (url) => {
      const shown = ports.media.publicUrl(url);
      return shown.startsWith('/') ? `${publicUrl}${shown}` : shown;
    },
    patienceMs: PATIENCE_MS,
  };
  const tokens = createTokens(settings, ports.now);
  // Loaded before the house serves, or when a node without it sends; a broken installation stops this channel alone.
  let loading: Promise<Adapter> | null = null;
  const adapter = (): Promise<Adapter> => {
    loading ??= createAdapter(settings, tokens, ports.now).catch((error: unknown) => {
      loading = null;
      ports.log.error({ channel: CHANNEL, name: error instanceof Error ? error.name : 'unknown' }, 'botbuilder cannot be loaded');
      throw new AppError('botframework.not_loaded', 'the package botbuilder cannot be loaded', { status: 503, retry: 'later' });
    });
    return loading;
  };
  const resume: Adapter['resume'] = async (target, logic) => (await adapter()).resume(target, logic);
  return {
    name: CHANNEL,
    capabilities,
    status: { state: 'on' },
    plugin: hookPlugin(ports, adapter, createTurn(service)),
    send: createSend(service, { resume }, tokens),
    sendTyping: async ({ address }) => {
      const kept = await service.references.get(address);
      if (kept === null || kept.replies) return;
      const reference = { ...kept.reference, serviceUrl: settings.apiBase ?? kept.reference.serviceUrl };
      await resume({ reference, caller: kept.caller }, async (context) => void (await context.sendActivities([{ type: 'typing' }])));
    },
    fetchAttachment: (attachment) => fetchFile(settings, attachment),
  };
}

const FILE_TIMEOUT_MS = 20_000;
const FILE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Bytes of a citizen's file, from hosts of the Bot Service alone: the address is the peer's word. Null: gone, or kept where only a signed-in client may read. */
async function fetchFile({ mediaHosts }: Settings, { url, name }: Attachment): Promise<{ readonly bytes: Buffer; readonly name?: string } | null> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' || !mediaHosts.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`))) return null;
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
  } catch {
    throw new AppError('botframework.media_unreachable', 'the file could not be fetched now', { status: 502, retry: 'later' });
  }
  if (response.status >= 500 || response.status === 429) throw new AppError('botframework.media_unreachable', 'the file could not be fetched now', { status: 502, retry: 'later' });
  if (!response.ok || response.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > FILE_LIMIT_BYTES) throw new AppError('media.too_large', 'the file is too large', { status: 413 });
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), ...(name === undefined ? {} : { name }) };
}
