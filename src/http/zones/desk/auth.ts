import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../domain/errors.ts';
import type { ApiToken, Seat, SeatRole, Store } from '../../../store/contract.ts';

/** Begins the id under which a department's own system acts. */
export const SYSTEM_SEAT = 'token:';
export const SESSION_COOKIE = 'yihu_session';
/** A working day with overtime; then sign in again. */
export const SESSION_MS = 12 * 60 * 60_000;

/** OWASP's floor for argon2id: 19 MiB, two passes. @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON);
}

/** Verified when a name is unknown, so that the answer takes as long. Nobody knows its password: one serves the whole process. */
let decoyHash: Promise<string> | null = null;

export interface Signed {
  readonly seat: Seat;
  readonly csrf: string;
  readonly kind: 'cookie' | 'bearer';
  readonly tokenHash: string;
}

export interface DeskAuth {
  /** @throws AppError `desk.sign_in_refused` (401): the same answer for a wrong name and a wrong password */
  signIn(username: string, password: string): Promise<{ token: string; seat: Seat; csrf: string }>;
  signOut(signed: Signed): Promise<void>;
  /** Who asks; null when nobody is signed in. */
  identify(request: FastifyRequest): Promise<Signed | null>;
  /** Does this session still hold (not signed out, not expired, the seat active)? */
  holds(tokenHash: string): Promise<boolean>;
}

export function createDeskAuth(store: Store, now: () => number): DeskAuth {
  // Made before anybody asks: the first unknown name must not take longer.
  const decoy = (decoyHash ??= hashPassword(randomBytes(16).toString('hex')));
  const find = (tokenHash: string): Promise<{ seat: Seat; csrf: string } | null> =>
    store.read(async (repos) => {
      const session = await repos.sessions.find(tokenHash, now());
      if (session === null) {
        const token = await repos.apiTokens.findByHash(tokenHash, now());
        return token === null || token.kind !== 'department' ? null : { seat: systemOf(token), csrf: '' };
      }
      const seat = await repos.seats.get(session.seatId);
      return seat === null || !seat.active ? null : { seat, csrf: session.csrf };
    });
  return {
    signIn: async (username, password) => {
      const found = await store.read((repos) => repos.seats.findByUsername(username));
      const right = await verify(found?.passwordHash ?? (await decoy), password);
      if (found === null || !right || !found.seat.active) {
        throw new AppError('desk.sign_in_refused', 'name or password is wrong', { status: 401, citizenText: '用户名或密码不正确。' });
      }
      const token = randomBytes(32).toString('base64url');
      const csrf = randomBytes(24).toString('base64url');
      const at = now();
      await store.write(async (repos) => {
        await repos.sessions.removeExpired(at);
        await repos.sessions.create({ tokenHash: digest(token), seatId: found.seat.id, csrf, createdAt: at, expiresAt: at + SESSION_MS, kind: 'cookie' });
        await repos.trail.append({ at, actor: `seat:${found.seat.id}`, action: 'seat.signed_in', subject: `seat:${found.seat.id}`, purpose: null });
      });
      return { token, seat: found.seat, csrf };
    },
    signOut: (signed) =>
      store.write(async (repos) => {
        await repos.sessions.remove(signed.tokenHash);
        await repos.seats.beat(signed.seat.id, 'offline', now());
      }),
    identify: async (request) => {
      const given = tokenOf(request);
      if (given === null) return null;
      const tokenHash = digest(given.token);
      const found = await find(tokenHash);
      return found === null ? null : { ...found, kind: given.kind, tokenHash };
    },
    holds: async (tokenHash) => (await find(tokenHash)) !== null,
  };
}

/** A department's own system: the rights of its people, and no name among the seats. */
function systemOf({ id, name, ownerId, createdAt }: ApiToken): Seat {
  return { id: `${SYSTEM_SEAT}${id}`, username: name, displayName: name, role: 'department', departmentId: ownerId, active: true, createdAt };
}

function tokenOf(request: FastifyRequest): { token: string; kind: 'cookie' | 'bearer' } | null {
  const { authorization } = request.headers;
  if (authorization?.startsWith('Bearer ') === true) return { token: authorization.slice('Bearer '.length), kind: 'bearer' };
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined || cookie === '' ? null : { token: cookie, kind: 'cookie' };
}

/**
 * A browser sends cookies by itself, so a change must also carry the session's CSRF token; a bearer token is never
 * sent by itself.
 */
export function requireCsrf(request: FastifyRequest, signed: Signed): void {
  if (signed.kind === 'bearer' || request.method === 'GET' || request.method === 'HEAD') return;
  const given = request.headers['x-csrf-token'];
  if (typeof given !== 'string' || !same(given, signed.csrf)) throw new AppError('desk.csrf', 'the CSRF token is missing or wrong', { status: 403, citizenText: '页面已过期，请刷新后重试。' });
}

export function requireRole(signed: Signed, roles: readonly SeatRole[]): void {
  if (!roles.includes(signed.seat.role)) throw new AppError('desk.forbidden', 'this role may not do that', { status: 403, citizenText: '您的角色没有这项权限。' });
}

export function setSessionCookie(reply: FastifyReply, token: string, secure: boolean): void {
  void reply.setCookie(SESSION_COOKIE, token, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: SESSION_MS / 1000 });
}

export function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
