import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { WebSocket } from 'ws';
import { AppError, codeOf } from '../../../domain/errors.ts';
import { presenceOf } from '../../../intake/queue/plan.ts';
import type { MeasureSettings } from '../../../measures/settings.ts';
import { createBoardPainter, PICTURE_MS } from './board-painter.ts';
import { BoardPicture, type BoardPictureShape } from './board-schemas.ts';
import type { DeskDeps } from './index.ts';
import { requireOwnOrigin } from './origin.ts';
import { departmentOf } from './scope.ts';
import { stormMode } from './storm-schemas.ts';

export interface BoardWiring {
  readonly settings: MeasureSettings;
  /** What the hall's screen shows itself by; empty: only seats look at the wall. */
  readonly token: string;
  /** Between two pictures, ms; PICTURE_MS unless told. */
  readonly pictureMs?: number;
}

/** Holds what proves the token, not the token. */
export const BOARD_COOKIE = 'yihu_board';
/** A screen on the wall is not signed in every day. */
const COOKIE_SECONDS = 400 * 24 * 60 * 60;
/** Screens at once; a hall has one, an office some. */
const MAX_SOCKETS = 500;
const MAX_BUFFERED = 256 * 1024;
const BEAT_MS = 15_000;
const TRIES_A_MINUTE = 120;

/**
 * The data wall: GET /api/board once, /api/board/live for as long as a page shows it. For every seat but those of departments, and for a screen
 * that has the board's token. Outside the desk's guard, because a screen is no seat; nothing here changes anything.
 */
export function boardRoutes(deps: DeskDeps, { settings, token, pictureMs = PICTURE_MS }: BoardWiring): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { storm } = context;
  const secure = deps.publicUrl.startsWith('https:');
  const proof = token === '' ? null : createHmac('sha256', token).update('yihu board').digest('hex');
  const painter = createBoardPainter({
    store: context.store,
    now: context.now,
    pictureMs,
    ...(storm === undefined ? {} : { storm: (repos, at) => stormMode(context, storm, repos, at) }),
    given: () => ({
      city: context.city,
      settings,
      channels: deps.channels.filter(({ channel }) => channel.status.state === 'on').map(({ channel }) => channel.name),
      presenceOf: (seat, now) => presenceOf(seat, now).presence,
    }),
  });

  return async (app) => {
    const limit = app.createRateLimit({ max: TRIES_A_MINUTE, timeWindow: '1 minute' });
    const bounded = async (request: FastifyRequest): Promise<void> => {
      const tried = await limit(request);
      if (!tried.isAllowed && tried.isExceeded) throw new AppError('http.too_many', 'too many requests', { status: 429, retry: 'after', retryAfterMs: tried.ttl, citizenText: '请求太频繁，请稍后再试。' });
    };

    /** @returns the hash of the session it is shown by; null: by the board's token */
    const requireViewer = async (request: FastifyRequest): Promise<string | null> => {
      if (hasProof(request, token, proof)) return null;
      const signed = await deps.auth.identify(request);
      if (signed === null) throw new AppError('desk.unauthorized', 'sign in first, or open the wall with its token', { status: 401, citizenText: '请先登录，或用大屏链接打开。' });
      if (departmentOf(signed) !== null) throw new AppError('desk.forbidden', 'departments see their tickets and nothing else', { status: 403, citizenText: '承办单位账号没有这项权限。' });
      return signed.tokenHash;
    };

    /** The link with the token is opened once; the token leaves the address bar at once. */
    app.get('/board', { schema: { hide: true, querystring: Type.Object({ token: Type.Optional(Type.String({ maxLength: 400 })) }) }, onRequest: bounded }, async (request, reply) => {
      const given = request.query.token;
      if (given !== undefined && proof !== null && isSame(given, token)) void reply.setCookie(BOARD_COOKIE, proof, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: COOKIE_SECONDS });
      return reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').redirect('/board/', 303);
    });

    app.get('/api/board', { schema: { tags: ['board'], summary: "The data wall's picture", response: { 200: BoardPicture } }, onRequest: bounded }, async (request) => {
      await requireViewer(request);
      return painter.picture();
    });

    const screens = new Map<WebSocket, { readonly tokenHash: string | null; alive: boolean }>();
    let shown = '';
    let painting: NodeJS.Timeout | null = null;

    const tell = (socket: WebSocket, text: string): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
      else socket.send(text);
    };
    const paint = async (): Promise<void> => {
      try {
        const picture = await painter.picture();
        // What has not changed is only dated anew: a phone pays for its bytes.
        const content = contentOf(picture);
        const text = content === shown ? JSON.stringify({ type: 'same', at: picture.at }) : JSON.stringify({ type: 'picture', picture });
        shown = content;
        for (const socket of screens.keys()) tell(socket, text);
      } catch (error) {
        app.log.warn({ code: codeOf(error) }, 'the picture of the data wall was not made');
      }
    };
    const greet = async (socket: WebSocket): Promise<void> => {
      try {
        const picture = await painter.picture();
        // The first screen: what it has now needs no second telling.
        if (screens.size === 1) shown = contentOf(picture);
        tell(socket, JSON.stringify({ type: 'picture', picture }));
        plan();
      } catch (error) {
        app.log.warn({ code: codeOf(error) }, 'the picture of the data wall was not made');
        socket.close(1011, 'no picture');
      }
    };
    const plan = (): void => {
      if (painting !== null || screens.size === 0) return;
      painting = setTimeout(() => {
        painting = null;
        void paint().then(plan);
      }, pictureMs);
      painting.unref();
    };

    const closeUnlessHolds = async (socket: WebSocket, tokenHash: string): Promise<void> => {
      try {
        if (!(await deps.auth.holds(tokenHash))) socket.close(4401, 'signed out');
      } catch (error) {
        app.log.warn({ code: codeOf(error) }, 'a session was not checked');
      }
    };
    /** A screen that sleeps is given up; one whose session ended is told to go. */
    const beat = setInterval(() => {
      for (const [socket, screen] of screens) {
        if (!screen.alive) {
          socket.terminate();
          continue;
        }
        screen.alive = false;
        socket.ping();
        if (screen.tokenHash !== null) void closeUnlessHolds(socket, screen.tokenHash);
      }
    }, deps.beatMs ?? BEAT_MS);
    beat.unref();
    const stopListening = deps.ended.listen((which) => {
      for (const [socket, screen] of screens) if ('tokenHash' in which && screen.tokenHash === which.tokenHash) socket.close(4401, 'signed out');
    });
    app.addHook('preClose', async () => {
      clearInterval(beat);
      if (painting !== null) clearTimeout(painting);
      stopListening();
      for (const socket of screens.keys()) socket.close(1001, 'going away');
    });

    const viewers = new WeakMap<FastifyRequest, { readonly tokenHash: string | null }>();
    app.get('/api/board/live', {
      websocket: true,
      schema: { hide: true },
      onRequest: bounded,
      preValidation: async (request) => {
        requireOwnOrigin(deps.publicUrl, request.headers.origin, request.host);
        viewers.set(request, { tokenHash: await requireViewer(request) });
      },
    }, (socket, request) => {
      if (screens.size >= MAX_SOCKETS) {
        socket.close(1013, 'too many screens');
        return;
      }
      const screen = { tokenHash: viewers.get(request)?.tokenHash ?? null, alive: true };
      screens.set(socket, screen);
      socket.on('pong', () => {
        screen.alive = true;
      });
      socket.on('close', () => screens.delete(socket));
      socket.on('error', () => socket.close());
      void greet(socket);
    });
  };
}

/** Everything but when: waiting times that only grew by themselves are left to the page's own clock. */
function contentOf({ counts, states, storm }: BoardPictureShape): string {
  return JSON.stringify([counts, storm === null || storm.level === 0 ? null : { ...storm, load: Math.round(storm.load), perFive: 0, waitMs: storm.waitMs === null ? null : Math.round(storm.waitMs / 60_000) }, { ...states, groups: states.groups.map(({ id, waiting, longestMs }) => [id, waiting, longestMs === null]) }]);
}

function hasProof(request: FastifyRequest, token: string, proof: string | null): boolean {
  if (proof === null) return false;
  const { authorization } = request.headers;
  if (authorization?.startsWith('Bearer ') === true) return isSame(authorization.slice('Bearer '.length), token);
  const cookie = request.cookies[BOARD_COOKIE];
  return cookie !== undefined && isSame(cookie, proof);
}

/** Hashed first, so that the lengths are equal and tell nothing. */
function isSame(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'yihu board compare').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
