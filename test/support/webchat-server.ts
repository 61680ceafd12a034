import { createServer } from 'node:net';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { channel } from '../../channels/webchat/index.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';

/** Web chat in process over ports in memory, with a clock that only the test moves. */

export const SECRET = 'test-secret-not-a-real-one-000001';
export const START = Date.UTC(2026, 10, 22, 13, 0, 0);
export const PREFIX = '/v3/directline';

export interface WebchatServer {
  readonly app: FastifyInstance;
  readonly ports: FakePorts;
  /** `http://127.0.0.1:port`; reachable only when it listens. */
  readonly origin: string;
  readonly advance: (ms: number) => void;
  /** The core's id of a Direct Line conversation. */
  readonly core: (address: string) => string;
  readonly close: () => Promise<void>;
}

export interface WebchatServerOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly listen?: boolean;
  /** False: the house brings no WebSocket server, the plugin must. */
  readonly houseWebSocket?: boolean;
  /** What the house registers around its channels. */
  readonly around?: FastifyPluginAsync;
}

export async function startWebchat(options: WebchatServerOptions = {}): Promise<WebchatServer> {
  let now = START;
  const ports = createFakePorts({ now: () => now });
  const port = options.listen === true ? await freePort() : 3000;
  const origin = `http://127.0.0.1:${port}`;
  const running = await channel.create({ env: { DIRECTLINE_SECRET: SECRET, ...options.env }, publicUrl: origin, production: false, ports });
  const app = Fastify({ forceCloseConnections: true });
  if (options.listen === true && options.houseWebSocket !== false) await app.register(websocket);
  if (options.around !== undefined) await app.register(fastifyPlugin(options.around));
  if (running.plugin !== undefined) await app.register(running.plugin);
  // What the core does for /media: enough for a client that shows the picture it sent.
  app.get<{ Params: { token: string } }>('/media/:token/:name', async (request, reply) => {
    const found = await ports.media.open(request.params.token);
    if (found === null) return reply.code(404).send();
    return reply.header('content-type', found.attachment.contentType).header('access-control-allow-origin', '*').send(found.bytes);
  });
  if (options.listen === true) await app.listen({ host: '127.0.0.1', port });
  else await app.ready();
  return {
    app,
    ports,
    origin,
    advance: (ms) => {
      now += ms;
    },
    core: (address) => {
      const found = [...ports.conversations.values()].find((conversation) => conversation.address === address);
      if (found === undefined) throw new Error('no conversation at this address');
      return found.id;
    },
    close: async () => {
      await running.stop?.();
      await app.close();
    },
  };
}

/** The public URL must be known before the server listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Started {
  readonly id: string;
  readonly token: string;
  readonly streamUrl: string;
}

/** A started conversation, its token and stream URL. */
export async function startConversation(server: WebchatServer, user?: string): Promise<Started> {
  const generated = await server.app.inject({
    method: 'POST',
    url: `${PREFIX}/tokens/generate`,
    headers: { authorization: `Bearer ${SECRET}` },
    ...(user === undefined ? {} : { payload: { user: { id: user } } }),
  });
  const started = await server.app.inject({
    method: 'POST',
    url: `${PREFIX}/conversations`,
    headers: { authorization: `Bearer ${text(generated.json(), 'token')}` },
  });
  const body: unknown = started.json();
  return { id: text(body, 'conversationId'), token: text(body, 'token'), streamUrl: text(body, 'streamUrl') };
}

/** A text field of an answer; fails when it is not one. */
export function text(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value !== 'string') throw new Error(`${name} is not a text`);
  return value;
}

/** 1 × 1 pixel. */
export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
