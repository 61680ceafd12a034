import type { FastifyPluginAsync } from 'fastify';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError, codeOf } from '../../../domain/errors.ts';
import type { DeskEvent } from '../../../intake/live.ts';
import { announceTyping } from './conversations.ts';
import type { DeskDeps } from './index.ts';
import { createRowTeller } from './rows.ts';
import type { ConversationViewShape } from './schemas.ts';
import { createSocketSet, type ManagedSocket, type SocketSet } from './sockets.ts';
import { seatView } from './session.ts';
import { activityViews, conversationView, ticketView } from './views.ts';

const ClientFrame = Compile(Type.Object({ type: Type.Union([Type.Literal('typing'), Type.Literal('watch')]), conversationId: Type.String({ maxLength: 100 }) }));

/** Between two signs of life; two of them missed and a seat counts as gone. */
const BEAT_MS = 15_000;

/**
 * The desk's socket. Lists are told to everybody, the words of a conversation only to those who watch or own it. A
 * frame is built once and sent to all; losing one loses nothing, because a reconnecting desk reads everything again.
 */
export function liveRoutes(deps: DeskDeps): FastifyPluginAsync {
  const { context } = deps;
  return async (app) => {
    const sockets = createSocketSet();
    const rows = createRowTeller({
      views: (ids) =>
        context.store.read(async (repos) => {
          const views: ConversationViewShape[] = [];
          for (const id of ids) {
            const conversation = await repos.conversations.get(id);
            if (conversation !== null) views.push(await conversationView(repos, conversation));
          }
          return views;
        }),
      tell: (conversation) => sockets.toAll({ type: 'conversation', conversation }),
      failed: (error) => app.log.warn({ code: codeOf(error) }, 'desk frame not built'),
    });

    const stop = context.live.subscribeDesk((event) => {
      if (sockets.size() === 0) return;
      if (event.kind === 'conversation') {
        rows.changed(event.conversationId);
        return;
      }
      tell(event).catch((error: unknown) => app.log.warn({ code: codeOf(error) }, 'desk frame not built'));
    }, sockets.isWatched);

    const tell = async (event: Exclude<DeskEvent, { kind: 'conversation' }>): Promise<void> => {
      switch (event.kind) {
        case 'emergency':
          sockets.toAll({ type: 'emergency', conversationId: event.conversationId, category: event.category });
          return;
        case 'ticket': {
          const ticket = await context.store.read((repos) => repos.tickets.get(event.ticketId));
          if (ticket !== null) sockets.toAll({ type: 'ticket', ticket: ticketView(context, ticket) });
          return;
        }
        case 'receipt': {
          const { activityId, status, code, at } = event.receipt;
          sockets.toWatchers(event.conversationId, { type: 'receipt', conversationId: event.conversationId, receipt: { activityId, status, code, at } });
          return;
        }
        case 'activity': {
          if (event.event.kind === 'typing') {
            sockets.toWatchers(event.conversationId, { type: 'typing', conversationId: event.conversationId, role: event.event.role });
            return;
          }
          if (!sockets.isWatched(event.conversationId)) return;
          const { activity } = event.event;
          const [view] = await context.store.read((repos) => activityViews(context, repos, [activity]));
          sockets.toWatchers(event.conversationId, { type: 'activity', conversationId: event.conversationId, activity: view });
        }
      }
    };

    const stopListening = deps.ended.listen((which) => sockets.closeWhere((session) => ('tokenHash' in which ? session.tokenHash === which.tokenHash : session.seatId === which.seatId)));

    /** A session may expire or end at another node: a socket must not outlive it by more than a beat. */
    const closeExpired = async (): Promise<void> => {
      for (const tokenHash of sockets.sessions()) {
        if (!(await deps.auth.holds(tokenHash))) sockets.closeWhere((session) => session.tokenHash === tokenHash);
      }
    };
    const beat = setInterval(() => {
      sockets.beat();
      closeExpired().catch((error: unknown) => app.log.warn({ code: codeOf(error) }, 'sessions not checked'));
    }, deps.beatMs ?? BEAT_MS);
    beat.unref();

    app.addHook('preClose', async () => {
      clearInterval(beat);
      rows.stop();
      stop();
      stopListening();
      sockets.closeAll();
    });

    app.get('/api/desk/live', { websocket: true, schema: { hide: true }, preValidation: async (request) => requireOwnOrigin(deps, request.headers.origin, request.host) }, (socket, request) => {
      const { seat, tokenHash } = deps.signed(request);
      const managed = sockets.add(socket, { seatId: seat.id, tokenHash });
      managed.send({ type: 'hello', seat: seatView(seat), now: context.now() });
      deps.presence.connected(seat.id).catch(() => socket.close(1011, 'presence'));
      socket.on('message', (data: Buffer) => onFrame(sockets, managed, data.toString('utf8'), seat.id));
      socket.on('close', () => {
        sockets.remove(managed);
        deps.presence.disconnected(seat.id).catch(() => {});
      });
      socket.on('error', () => socket.close());
    });

    const onFrame = (set: SocketSet, managed: ManagedSocket, text: string, seatId: string): void => {
      if (text === '') return; // keep-alive
      const frame = parse(text);
      if (frame === null) return;
      if (frame.type === 'watch') set.watch(managed, frame.conversationId);
      else announceTyping(deps, frame.conversationId, seatId).catch(() => {});
    };
  };
}

/** A page of another origin must not ride on the seat's cookie. Programs send no Origin. */
function requireOwnOrigin(deps: DeskDeps, origin: string | undefined, host: string): void {
  if (origin === undefined) return;
  const allowed = [new URL(deps.publicUrl).origin, `http://${host}`, `https://${host}`];
  if (!allowed.includes(origin)) throw new AppError('desk.origin', 'socket from another origin', { status: 403, citizenText: '来源不被允许。' });
}

function parse(text: string): { type: 'typing' | 'watch'; conversationId: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    return ClientFrame.Check(value) ? value : null;
  } catch {
    return null;
  }
}
