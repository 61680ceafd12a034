import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, isAppError } from '../../../domain/errors.ts';
import { type IntakeContext, writeUnit } from '../../../intake/context.ts';
import type { Fault, Fields } from '../../../partners/fields.ts';
import { followUp, FOLLOW_UPS } from '../../../partners/follow-up.ts';
import { hashPartnerKey } from '../../../partners/keys.ts';
import { readReport } from '../../../partners/report.ts';
import { getRequest, listRequests, readQuery, resolveToken } from '../../../partners/requests.ts';
import { sendIn, sentBefore } from '../../../partners/send-in.ts';
import { listServices, serviceDefinition } from '../../../partners/services.ts';
import { EMERGENCY_NOTICE, type ViewContext, w3cTime } from '../../../partners/view.ts';
import type { Partner } from '../../../store/contract.ts';
import { CONTENT_TYPES, definitionText, discoveryText, faultsText, requestsText, servicesText, submittedText, tokenText, type Format } from './answers.ts';
import { readFields } from './bodies.ts';

export interface Open311ZoneOptions {
  readonly context: IntakeContext;
  /** Origin that peers reach the house at, without a slash at the end. */
  readonly publicUrl: string;
  readonly version: string;
  /** The one jurisdiction_id that is served; empty: whatever is asked for. */
  readonly jurisdiction: string;
  /** Who may look at requests: anybody (a public view without words of citizens) or only partners with a key. */
  readonly requests: 'public' | 'keys';
  /** Requests a minute of one partner. */
  readonly perPartner: number;
  /** Requests a minute of one address without a key. */
  readonly perAddress: number;
  readonly production: boolean;
  /** When the house was started, epoch ms: changeset of the discovery. */
  readonly startedAt: number;
}

const BODY_LIMIT_BYTES = 256 * 1024;
const SPECIFICATION = 'http://wiki.open311.org/GeoReport_v2';

interface Call {
  readonly request: FastifyRequest;
  readonly method: 'GET' | 'POST';
  /** Below /open311, without the format. */
  readonly path: readonly string[];
  readonly format: Format;
  readonly fields: Fields;
  readonly partner: Partner | null;
}

/**
 * GeoReport v2 for partner platforms (docs/open311.md). A zone of its own: bodies are forms or JSON, answers and errors are the standard's
 * in XML or JSON, nobody signs in. @see https://wiki.open311.org/GeoReport_v2
 */
export function open311Zone(options: Open311ZoneOptions): FastifyPluginAsync {
  const { context } = options;
  const view: ViewContext = { city: context.city, mediaUrl: (token) => context.mediaUrl(`media:${token}/file`) };
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler((error: unknown, request, reply) => refuse(context, request, reply, error));
    await app.register(fastifyRateLimit, { global: false });
    const strangers = app.createRateLimit({ max: options.perAddress, timeWindow: '1 minute' });
    const owners = new WeakMap<FastifyRequest, string>();
    const partners = app.createRateLimit({ max: options.perPartner, timeWindow: '1 minute', keyGenerator: (request) => owners.get(request) ?? request.ip });

    const limited = async (request: FastifyRequest, partner: Partner | null): Promise<void> => {
      if (partner !== null) owners.set(request, partner.id);
      const limit = await (partner === null ? strangers : partners)(request);
      if (limit.isAllowed || !limit.isExceeded) return;
      context.meter.count('limited', { by: partner === null ? 'address' : 'partner' });
      throw new AppError('http.too_many', 'too many requests', { status: 429, retry: 'after', retryAfterMs: limit.ttl, citizenText: '请求太频繁，请稍后再试。' });
    };

    const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { path, format } = readPath(request);
      const fields = readFields(request);
      const key = keyOf(request, fields);
      const partner = key === null ? null : await findPartner(context, key);
      await limited(request, partner);
      // One answer for a wrong, an expired and a revoked key.
      if (key !== null && partner === null) throw keyNeeded();
      const jurisdiction = fields.one('jurisdiction_id');
      if (path[0] === 'v2' && options.jurisdiction !== '' && jurisdiction !== null && jurisdiction !== options.jurisdiction) throw new AppError('open311.unknown_jurisdiction', 'this jurisdiction is not served', { status: 404, citizenText: 'jurisdiction_id：不在服务范围' });
      const answer = await route(options, view, { request, method: request.method === 'POST' ? 'POST' : 'GET', path, format, fields, partner });
      return send(reply, format, 200, answer);
    };
    app.route({ method: ['GET', 'POST'], url: '/open311/*', bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true }, handler: handle });
  };
}

/** The text of the answer. */
async function route(options: Open311ZoneOptions, view: ViewContext, call: Call): Promise<string> {
  const { context } = options;
  const { method, path, format, partner, fields } = call;
  const [version, resource, id, action] = path;
  const get = method === 'GET';
  if (version === 'discovery' && path.length === 1 && get) return discoveryText(format, discovery(options));
  if (version !== 'v2' || path.length > 4) throw unknownResource();
  if (resource === 'services' && get) {
    if (id === undefined) return servicesText(format, listServices(context.city));
    const definition = path.length === 3 ? serviceDefinition(context.city, id) : null;
    if (definition === null) throw new AppError('open311.unknown_service', 'no such service', { status: 404, citizenText: 'service_code：没有这个服务' });
    return definitionText(format, definition);
  }
  if (resource === 'requests' && !get && id === undefined) return submit(options, call);
  if (resource === 'requests' && !get && id !== undefined) {
    const wanted = FOLLOW_UPS.find((name) => action === `yihu_${name}`);
    if (wanted === undefined) throw unknownResource();
    if (partner === null) throw keyNeeded();
    const ticket = await writeUnit(context, (unit) => followUp(context, unit, partner, id, wanted, fields));
    return requestsText(format, [await context.store.read((repos) => getRequest(view, repos, partner, ticket.number))]);
  }
  if (partner === null && options.requests === 'keys' && (resource === 'requests' || resource === 'tokens')) throw keyNeeded();
  if (resource === 'requests' && get && id === undefined) {
    const query = readQuery(context.city, fields, context.now());
    if ('faults' in query) throw faulty(query.faults);
    return requestsText(format, await context.store.read((repos) => listRequests(view, repos, partner, query.wanted)));
  }
  if (resource === 'requests' && get && id !== undefined && path.length === 3) return requestsText(format, [await context.store.read((repos) => getRequest(view, repos, partner, id))]);
  if (resource === 'tokens' && get && id !== undefined && path.length === 3) return tokenText(format, id, await context.store.read((repos) => resolveToken(view, repos, partner, id)));
  throw unknownResource();
}

async function submit({ context }: Open311ZoneOptions, { partner, fields, format }: Call): Promise<string> {
  if (partner === null) throw keyNeeded();
  const read = readReport(context.city, fields);
  if ('faults' in read) throw faulty(read.faults);
  const { report } = read;
  const emergency = context.dialog.emergency(report.content);
  const ticket = await writeUnit(context, (unit) => sendIn(context, unit, { partner, report, canonical: fields.canonical, emergency: emergency !== null })).then(
    (sent) => {
      if (emergency !== null && !sent.repeated) context.meter.count('emergency', { category: emergency.category });
      return sent.ticket;
    },
    async (error: unknown) => {
      // On PostgreSQL two equal reports at one moment meet at the unique key: the second is answered with the first one's ticket.
      const before = await context.store.read((repos) => sentBefore(context, { repos }, partner.id, report.externalNumber, fields.canonical));
      if (before === null) throw error;
      return before;
    },
  );
  return submittedText(format, { service_request_id: ticket.number, service_notice: ticket.urgency === 'emergency' ? EMERGENCY_NOTICE : null, account_id: null });
}

function discovery({ publicUrl, production, startedAt, version }: Open311ZoneOptions) {
  const changeset = w3cTime(startedAt);
  return {
    changeset,
    contact: `12345 政务服务便民热线（Yihu ${version}）`,
    key_service: `接口密钥由热线管理员发放：${publicUrl}/desk`,
    endpoints: [{ specification: SPECIFICATION, url: `${publicUrl}/open311/v2`, changeset, type: production ? ('production' as const) : ('test' as const), formats: ['text/xml', 'application/json'] }],
  };
}

/** The format is the ending of the address; without one what the client accepts; XML, which the standard requires, when it does not say. */
function readPath(request: FastifyRequest): { readonly path: readonly string[]; readonly format: Format } {
  const whole = (request.raw.url ?? '').split('?')[0]?.replace(/^\/open311\/?/, '') ?? '';
  const ending = /\.(json|xml)$/i.exec(whole)?.[1]?.toLowerCase();
  const accepted = (request.headers.accept ?? '').includes('json') ? 'json' : 'xml';
  const format = ending === 'json' || ending === 'xml' ? ending : accepted;
  const path = (ending === undefined ? whole : whole.slice(0, -ending.length - 1)).split('/').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { path, format };
}

function keyOf(request: FastifyRequest, fields: Fields): string | null {
  const header = request.headers['x-api-key'];
  return fields.one('api_key') ?? (typeof header === 'string' && header !== '' ? header : null);
}

async function findPartner(context: IntakeContext, key: string): Promise<Partner | null> {
  return context.store.read(async (repos) => {
    const token = await repos.apiTokens.findByHash(hashPartnerKey(key), context.now());
    const partner = token?.kind === 'partner' ? await repos.partners.get(token.ownerId) : null;
    return partner?.active === true ? partner : null;
  });
}

/** Several things may be wrong at once; the standard lists them all. */
class FaultyRequest extends AppError {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    // Something that is not there weighs more than something that is written wrong, as long as it is all.
    super('open311.faulty', 'the request has faults', { status: faults.every(({ code }) => code === faults[0]?.code) ? (faults[0]?.code ?? 400) : 400 });
    this.faults = faults;
  }
}

const faulty = (faults: readonly Fault[]): FaultyRequest => new FaultyRequest(faults);
const keyNeeded = (): AppError => new AppError('open311.key', 'a valid api_key is needed', { status: 403, citizenText: 'api_key：缺少或无效' });
const unknownResource = (): AppError => new AppError('open311.unknown_resource', 'no such resource', { status: 404, citizenText: '没有这个资源' });

/** 404 what is not there, 403 the key and what is not theirs, 429 and 5xx as everywhere, 400 all else (GeoReport v2). */
function refuse(context: IntakeContext, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { format } = readPath(request);
  const given = isAppError(error) ? error.status : error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  const status = [403, 404, 413, 429].includes(given) || given >= 500 ? given : 400;
  if (status >= 500) context.log.error({ code: isAppError(error) ? error.code : 'http.failed', status, requestId: request.id }, 'a partner request failed');
  else context.meter.count('refused', { channel: 'open311', reason: isAppError(error) ? error.code : 'unreadable' });
  if (isAppError(error) && error.retryAfterMs !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  const description = status >= 500 ? '服务暂时不可用，请稍后再试。' : isAppError(error) ? error.citizenText : status === 413 ? '内容太大了。' : '请求不能处理。';
  return send(reply, format, status, faultsText(format, error instanceof FaultyRequest ? error.faults : [{ code: status, description }]));
}

function send(reply: FastifyReply, format: Format, status: number, text: string): FastifyReply {
  return reply.status(status).header('content-type', CONTENT_TYPES[format]).header('x-content-type-options', 'nosniff').send(text);
}
