import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asAddress } from '../../src/domain/activity.ts';
import { createRecent } from '../../src/domain/recent.ts';
import type { ChannelPorts } from '../../src/channel/contract.ts';
import { normalOrigin, type WebchatConfig } from './config.ts';
import type { EncodeContext } from './encode.ts';
import { fault, noConversation } from './faults.ts';
import type { StreamHub } from './stream.ts';
import type { Principal, TokenGrant, Tokens } from './verify.ts';

/** What the routes share: the house's ports, who is calling, and which conversation is meant. */

export const CHANNEL = 'webchat';
export const PREFIX = '/v3/directline';

/** For the API documents. */
export const described = (summary: string): { tags: string[]; summary: string } => ({ tags: ['Direct Line 3.0'], summary });

export interface Service {
  readonly config: WebchatConfig;
  /** Origin and path prefix under which browsers reach us; no slash at its end. */
  readonly publicUrl: string;
  readonly ports: ChannelPorts;
  readonly tokens: Tokens;
  readonly hub: StreamHub;
  readonly viewers: Viewers;
  readonly opened: Opened;
}

/** An opened conversation that the caller may use. */
export interface OpenConversation {
  readonly principal: Principal;
  /** Direct Line id, our address. */
  readonly id: string;
  /** The core's id. */
  readonly conversationId: string;
}

/** 144 random bits: the address is not guessable, though a token is needed besides. */
export function newConversation(): string {
  return randomBytes(18).toString('base64url');
}

export function newUserId(): string {
  return `dl_${randomBytes(18).toString('base64url')}`;
}

/** One value of a query or of path parameters; undefined when absent. */
export function valueOf(source: unknown, name: string): string | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const found: unknown = Reflect.get(source, name);
  const value: unknown = Array.isArray(found) ? found[0] : found;
  return typeof value === 'string' ? value : undefined;
}

export function bodyBytes(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** Reads the credentials; throws 401 and 403. */
export async function authorize(service: Service, request: FastifyRequest): Promise<Principal> {
  const principal = await service.tokens.authorize(request.headers.authorization);
  if (principal.kind === 'token') requireTrustedOrigin(principal.grant, request.headers.origin);
  return principal;
}

/** A page on another origin must not use a token that was made for certain origins. Programs send no Origin. */
export function requireTrustedOrigin(grant: TokenGrant, origin: string | undefined): void {
  if (grant.trustedOrigins === null || origin === undefined) return;
  if (!grant.trustedOrigins.includes(normalOrigin(origin))) throw fault(403, 'webchat.bad_argument', 'token is not for this origin');
}

/** The conversation of the path, if the caller may use it. Throws 401, 403 and 404. */
export async function openConversation(service: Service, request: FastifyRequest): Promise<OpenConversation> {
  const principal = await authorize(service, request);
  const id = valueOf(request.params, 'conversationId') ?? '';
  return { principal, id, conversationId: await findConversation(service, principal, id) };
}

export async function findConversation(service: Service, principal: Principal, id: string): Promise<string> {
  if (principal.kind === 'token' && principal.grant.conversation !== id) throw fault(403, 'webchat.bad_argument', 'token is not for this conversation');
  const known = service.opened.get(id);
  if (known !== undefined) return known;
  const found = await service.ports.findConversation(CHANNEL, asAddress(id));
  if (found === null) throw noConversation();
  service.opened.set(id, found.conversationId);
  return found.conversationId;
}

/** How activities look to this reader. The viewer is looked up late: a page may name itself after it connects. */
export function encodeContext(service: Service, principal: Principal, conversation: string): EncodeContext {
  const grant = principal.kind === 'token' ? principal.grant : null;
  return {
    conversation,
    get viewer() {
      return grant?.user ?? grant?.viewer ?? service.viewers.get(conversation);
    },
    publicUrl: (url) => absolute(service, service.ports.media.publicUrl(url)),
  };
}

function absolute(service: Service, url: string): string {
  return url.startsWith('/') ? service.publicUrl + url : url;
}

/** Per-route cache of what `onRequest` found out, so that a body is read only for callers who may send one. */
export function createGate(service: Service): { enter(request: FastifyRequest): Promise<void>; entered(request: FastifyRequest): OpenConversation } {
  const open = new WeakMap<FastifyRequest, OpenConversation>();
  return {
    enter: async (request) => {
      open.set(request, await openConversation(service, request));
    },
    entered: (request) => {
      const found = open.get(request);
      if (found === undefined) throw noConversation();
      return found;
    },
  };
}

/**
 * The ids that pages give themselves, so that they get their own words back under them. In memory only: such an id
 * proves nobody and is not stored beside the conversation; after a restart the role still says who spoke.
 */
export interface Viewers {
  get(conversation: string): string;
  set(conversation: string, id: string): void;
}

/** Conversations of some hours, half of them at least. */
const RECENT_KEPT = 40_000;

export function createViewers(): Viewers {
  const ids = createRecent<string>(RECENT_KEPT);
  return { get: (conversation) => ids.get(conversation) ?? 'user', set: ids.set };
}

/** The core's ids of opened conversations by their Direct Line ids. They never change, so the store is asked once. */
export interface Opened {
  get(conversation: string): string | undefined;
  set(conversation: string, conversationId: string): void;
}

/** What is forgotten costs one look into the store. */
export function createOpened(): Opened {
  return createRecent(RECENT_KEPT);
}

/**
 * Cross-origin rules. `*` unless origins are configured; the one call with cookies gets its own origin back, because
 * browsers refuse `*` there. Throws 403 for an origin that is not allowed.
 */
export function applyCors(service: Service, request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  reply.header('cache-control', 'no-store');
  if (origin === undefined) return;
  const { origins } = service.config;
  if (origins !== null && !allowedOrigin(service, origins, normalOrigin(origin))) throw fault(403, 'webchat.bad_argument', 'origin is not allowed');
  const withCookies = request.url.startsWith(`${PREFIX}/session/`);
  reply.header('access-control-allow-origin', origins === null && !withCookies ? '*' : origin);
  reply.header('access-control-expose-headers', 'Retry-After, Retry-After-Ms');
  if (origins !== null || withCookies) reply.header('vary', 'Origin');
  if (withCookies) reply.header('access-control-allow-credentials', 'true');
}

function allowedOrigin(service: Service, origins: readonly string[], origin: string): boolean {
  return origins.includes(origin) || origin === new URL(service.publicUrl).origin;
}

/** The four headers that directlinejs asks for in its preflight. */
export function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header('access-control-allow-methods', 'GET, POST, OPTIONS')
    .header('access-control-allow-headers', 'authorization, content-type, x-ms-bot-agent, x-requested-with')
    .header('access-control-max-age', '7200')
    .send();
}
