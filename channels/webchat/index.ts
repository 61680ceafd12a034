import websocket from '@fastify/websocket';
import type { FastifyPluginAsync } from 'fastify';
import type { Capabilities, ChannelModule } from '../../src/channel/contract.ts';
import { answerPreflight, applyCors, CHANNEL, createOpened, createViewers, PREFIX, type Service } from './access.ts';
import { registerActivityRoutes } from './activity-routes.ts';
import { ACTIVITY_LIMIT_BYTES } from './body.ts';
import { readConfig, settings } from './config.ts';
import { registerConversationRoutes } from './conversation-routes.ts';
import { fault, noConversation, toWire } from './faults.ts';
import { createStreamHub } from './stream.ts';
import { registerTokenRoutes } from './token-routes.ts';
import { createTokens } from './verify.ts';

/** Web chat: a Direct Line 3.0 server. See README.md. */

const capabilities: Capabilities = {
  modality: 'text',
  textLimit: 20_000,
  textLimitUnit: 'chars',
  choices: 'buttons',
  maxChoices: 20,
  attachmentsOut: true,
  links: 'clickable',
  typing: true,
  mergeTexts: false,
  delivery: 'stream',
  replyWindowMs: null,
  // Whoever never opened the page has no conversation to write to.
  proactive: false,
};

/** Below the 20 s after which clients and the usual proxies begin to doubt a silent connection. */
const KEEP_ALIVE_MS = 15_000;

export const channel: ChannelModule = {
  name: CHANNEL,
  inbound: 'socket',
  capabilities,
  settings,
  create: async ({ env, publicUrl, ports }) => {
    const config = readConfig(env);
    if (config.secret === null) {
      const missing = ['DIRECTLINE_SECRET'];
      return { name: CHANNEL, capabilities, status: { state: 'off', missing }, plugin: offPlugin(missing) };
    }
    const service: Service = {
      config,
      publicUrl: publicUrl.replace(/\/+$/, ''),
      ports,
      tokens: createTokens({ secret: config.secret, now: ports.now }),
      hub: createStreamHub({ ports, keepAliveMs: KEEP_ALIVE_MS }),
      viewers: createViewers(),
      opened: createOpened(),
    };
    return {
      name: CHANNEL,
      capabilities,
      status: { state: 'on' },
      plugin: webchatPlugin(service),
      stop: async () => service.hub.stop(),
    };
  },
};

function webchatPlugin(service: Service): FastifyPluginAsync {
  return async (app) => {
    // One WebSocket server a process: a second would answer the same upgrades. The core's, when it has one.
    if (!app.hasDecorator('websocketServer')) await app.register(websocket, { options: { maxPayload: 64 * 1024 } });
    app.addHook('onRequest', (request, reply, done) => {
      applyCors(service, request, reply);
      done();
    });
    app.addHook('preClose', async () => service.hub.stop());
    // Bytes, not objects: size, UTF-8 and depth are checked in body.ts, with Direct Line's own errors.
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: ACTIVITY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
    app.setErrorHandler((error, request, reply) => {
      const { status, body, retryAfterMs } = toWire(error);
      if (status >= 500) request.log.error({ err: error, channel: CHANNEL }, 'web chat call failed');
      // Seconds by RFC 9110. directlinejs takes them for milliseconds, so the exact wait is told beside it as well.
      if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))).header('retry-after-ms', String(retryAfterMs));
      return reply.code(status).send(body);
    });
    app.options(`${PREFIX}/*`, { schema: { hide: true } }, async (_request, reply) => answerPreflight(reply));
    app.options('/widget/token', { schema: { hide: true } }, async (_request, reply) => answerPreflight(reply));
    registerTokenRoutes(app, service);
    registerConversationRoutes(app, service);
    await registerActivityRoutes(app, service);
    app.route({
      method: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'],
      url: `${PREFIX}/*`,
      schema: { hide: true },
      onRequest: async () => {
        throw noConversation();
      },
      handler: async () => undefined,
    });
  };
}

/** Every call says what is missing; nothing is accepted. */
function offPlugin(missing: readonly string[]): FastifyPluginAsync {
  return async (app) => {
    const refuse = async (): Promise<never> => {
      throw fault(503, 'webchat.off', `web chat is off, missing: ${missing.join(', ')}`);
    };
    app.setErrorHandler((error, _request, reply) => {
      const { status, body } = toWire(error);
      return reply.code(status).send(body);
    });
    for (const url of [`${PREFIX}/*`, '/widget/token']) {
      app.route({ method: ['GET', 'POST', 'OPTIONS'], url, schema: { hide: true }, onRequest: refuse, handler: async () => undefined });
    }
  };
}
