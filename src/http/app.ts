import { performance } from 'node:perf_hooks';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifySwagger from '@fastify/swagger';
import fastifyWebsocket from '@fastify/websocket';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import type { Channel } from '../channel/contract.ts';
import type { Settings } from '../config/settings.ts';
import { AppError } from '../domain/errors.ts';
import type { IntakeContext } from '../intake/context.ts';
import { answerFrameworkError, setErrorHandling } from './errors.ts';
import { apiPages } from './plugins/api-pages.ts';
import { useLazySchemas, type LazySchemas } from './plugins/lazy-schemas.ts';
import { citizenZone } from './zones/citizen/index.ts';
import { healthZone, type HealthProbe } from './zones/health/index.ts';
import { hooksZone } from './zones/hooks/index.ts';

export interface AppOptions {
  readonly context: IntakeContext;
  readonly settings: Settings;
  readonly logger: FastifyBaseLogger;
  readonly channels: readonly Channel[];
  readonly health: HealthProbe;
  readonly webFolder: string;
  /** The desk's REST and socket plugin. */
  readonly desk: FastifyPluginAsync;
  /** GeoReport v2 for partner platforms; absent: none. */
  readonly open311?: FastifyPluginAsync;
  /** Where linked platforms post to; absent: none. */
  readonly linkage?: FastifyPluginAsync;
  readonly version: string;
  /** `health`: a node with the role `worker` only answers /healthz, /readyz and /metrics. Everything unless told. */
  readonly serves?: 'everything' | 'health';
}

/** A peer that does not answer the closing handshake would hold up a stop for half a minute (ws waits 30 s), ms. */
const SOCKET_GOODBYE_MS = 1_000;

/** Told to come back (1001) before the WebSocket plugin closes them without a word. */
function closeSockets(app: FastifyInstance): void {
  for (const socket of app.websocketServer.clients) socket.close(1001, 'going away');
  const cut = setTimeout(() => {
    for (const socket of app.websocketServer.clients) socket.terminate();
  }, SOCKET_GOODBYE_MS);
  cut.unref();
  app.server.once('close', () => clearTimeout(cut));
}

/** Fastify turns bytes that are no UTF-8 into question marks; a page in GBK would answer citizens with them. */
function readStrictJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('remove', 'remove');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    } catch {
      done(new AppError('http.bad_request', 'the body is not UTF-8', { citizenText: '请求内容不是 UTF-8 编码。' }));
      return;
    }
    parse(request, text, done);
  });
}

/** Headers for browsers. Webhooks and probes have none behind them. */
async function guardPages(scope: FastifyInstance): Promise<void> {
  await scope.register(fastifyHelmet, {
    crossOriginResourcePolicy: { policy: 'cross-origin' }, // city sites embed /widget.js
    crossOriginEmbedderPolicy: false,
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:', 'blob:'], connectSrc: ["'self'", 'ws:', 'wss:'], upgradeInsecureRequests: null },
    },
  });
}

/** The first citizens come first; then the shapes of all other routes, one at a time. */
const SHAPES_AFTER_MS = 1_000;
const SHAPE_EACH_MS = 20;
/** Nor are citizens held up later: a loop that was busy for this part of the time since the last look is left alone. */
const BUSY = 0.6;

function compileInQuiet(app: FastifyInstance, schemas: LazySchemas): void {
  let timer: NodeJS.Timeout | null = null;
  const later = (ms: number): void => {
    timer = setTimeout(next, ms);
    timer.unref();
  };
  let looked = performance.eventLoopUtilization();
  const next = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, looked);
    looked = now;
    if (utilization > BUSY) return later(SHAPES_AFTER_MS);
    try {
      if (!schemas.compileNext()) return;
    } catch (error) {
      app.log.error({ name: error instanceof Error ? error.name : 'unknown' }, 'the shape of a route cannot be compiled');
    }
    later(SHAPE_EACH_MS);
  };
  app.addHook('onListen', async () => later(SHAPES_AFTER_MS));
  app.addHook('onClose', async () => {
    if (timer !== null) clearTimeout(timer);
  });
}

/** Ordinary JSON bodies; uploads and hooks have their own limits. Web chat activities may hold 256 K characters. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * The whole HTTP side as one Fastify instance that does not listen yet: tests `inject` into it, main.ts listens.
 * Zones are encapsulated: what guards one (raw bodies, cookies, rate limits) does not reach the others.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings } = options;
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }), // urls carry tokens and signatures
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 60_000,
    trustProxy: settings.TRUSTED_PROXIES === '' ? false : settings.TRUSTED_PROXIES.split(',').map((address) => address.trim()),
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    genReqId: () => options.context.newId(),
    // Lines name their request themselves: a logger for each request would cost every webhook a hundredth.
    childLoggerFactory: (logger) => logger,
    routerOptions: { maxParamLength: 1500 }, // a long Chinese file name, percent-encoded
    // A stop lets requests finish that wait for their turn (a phone call would drop); main.ts cuts what outlives the grace.
    forceCloseConnections: 'idle',
    frameworkErrors: answerFrameworkError,
  });
  setErrorHandling(app);
  readStrictJson(app);
  compileInQuiet(app, await useLazySchemas(app));
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    closeSockets(app);
  });
  // Else a connection whose last answer came after the stop would be kept alive, and hold the stop up.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });

  await app.register(fastifyWebsocket, { options: { maxPayload: 64 * 1024 } });
  await app.register(fastifySwagger, {
    openapi: { info: { title: 'Yihu 一呼', description: 'Intake gateway of a 12345 hotline', version: options.version }, components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'yihu_session' }, bearer: { type: 'http', scheme: 'bearer' } } } },
  });
  await app.register(healthZone(options.health));
  if (options.serves === 'health') return app;
  await app.register(hooksZone(options.context, options.channels));
  if (options.open311 !== undefined) await app.register(options.open311);
  if (options.linkage !== undefined) await app.register(options.linkage);
  // Seats share one address by nature: the desk counts them one by one, behind its door.
  await app.register(async (desk) => {
    await guardPages(desk);
    await desk.register(fastifyCookie);
    await desk.register(fastifyRateLimit, { global: false });
    await desk.register(options.desk);
  });
  await app.register(async (limited) => {
    await guardPages(limited);
    // High on purpose: a whole school may sit behind one address. Citizens are limited one by one in intake.
    await limited.register(fastifyRateLimit, { max: settings.RATE_LIMIT_ADDRESS, timeWindow: '1 minute', hook: 'onRequest' });
    await limited.register(citizenZone({ webFolder: options.webFolder, media: options.context.media, channels: options.channels }));
    await limited.register(apiPages({ prefix: '/api/docs', document: app.swagger }));
    limited.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });
  return app;
}
