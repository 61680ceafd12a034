import type { FastifyPluginAsync } from 'fastify';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { createRota } from '../../../channel/rota.ts';
import { codeOf } from '../../../domain/errors.ts';
import type { DeskEvent } from '../../../intake/live.ts';
import { announceTyping } from './conversations.ts';
import type { Repositories } from '../../../store/contract.ts';
import type { DeskDeps } from './index.ts';
import { tellNote } from './notes.ts';
import { requireOwnOrigin } from './origin.ts';
import { createQueueTeller } from './queue-teller.ts';
import { createRowTeller } from './rows.ts';
import type { ConversationViewShape } from './schemas.ts';
import { createSocketSet, type ManagedSocket, type SocketSet } from './sockets.ts';
import { seatView } from './session.ts';
import { stormFrame } from './storm-schemas.ts';
import { activityViews, conversationView, ticketView } from './views.ts';

/** A desk's lists, and what of them is told only to those who look. */
const LISTS = { waiting: null, mine: null, others: 'human', bot: 'bot', closed: 'closed' } as const;
const ClientFrameShape = Type.Union([
  Type.Object({ type: Type.Union([Type.Literal('typing'), Type.Literal('watch')]), conversationId: Type.String({ maxLength: 100 }) }),
  Type.Object({ type: Type.Literal('view'), view: Type.Union([Type.Literal('waiting'), Type.Literal('mine'), Type.Literal('others'), Type.Literal('bot'), Type.Literal('closed')]) }),
]);
type ClientFrame = Static<typeof ClientFrameShape>;
const ClientFrame = Compile(ClientFrameShape);

/** Between two signs of life; two of them missed and a seat counts as gone. */
const BEAT_MS = 15_000;
/** The lengths of the lists are told at most so often. */
const COUNTS_MS = 1_000;

/**
 * The desk's socket. Who waits is told to everybody, everything else to those whom it concerns: the seat that has the conversation, who
 * looks at it, who looks at its list. A frame is built once and sent to all of them; losing one loses nothing, because a
 * reconnecting desk reads everything again.
 */
export function liveRoutes(deps: DeskDeps): FastifyPluginAsync {
  const { context } = deps;
  return async (app) => {
    const sockets = createSocketSet();
    const citizens = createCitizenMemory();
    let counting: NodeJS.Timeout | null = null;
    const tellCounts = (): void => {
      if (counting !== null || sockets.size() === 0) return;
      counting = setTimeout(() => {
        counting = null;
        context.store
          .read((repos) => repos.conversations.counts())
          .then((counts) => sockets.toAll({ type: 'counts', counts }))
          .catch(failed);
      }, COUNTS_MS);
    };
    const failed = (error: unknown): void => app.log.warn({ code: codeOf(error) }, 'desk frame not built');
    const queues = createQueueTeller({ context, tell: sockets.toAll, failed });
    const rows = createRowTeller({
      look: (ids) =>
        context.store.read(async (repos) => {
          const found = [];
          for (const id of ids) {
            const conversation = await repos.conversations.get(id);
            if (conversation === null) continue;
            found.push(conversation.owner === 'human' ? { ...conversation, joined: (await repos.participants.of(id)).map(({ seatId }) => seatId) } : conversation);
          }
          return found;
        }),
      hears: sockets.hears,
      moved: tellCounts,
      views: (ids) =>
        context.store.read(async (repos) => {
          const views: ConversationViewShape[] = [];
          for (const id of ids) {
            const conversation = await repos.conversations.get(id);
            if (conversation !== null) views.push(await conversationView(context, repos, conversation, deps.moodOf));
          }
          return views;
        }),
      tell: (conversation, audience) => sockets.toAudience(audience, { type: 'conversation', conversation }),
      failed,
    });

    const stop = context.live.subscribeDesk((event) => {
      if (sockets.size() === 0) return;
      if (event.kind === 'conversation') {
        rows.changed(event.conversationId);
        return;
      }
      tell(event).catch(failed);
    }, sockets.isWatched);

    const tell = async (event: Exclude<DeskEvent, { kind: 'conversation' }>): Promise<void> => {
      switch (event.kind) {
        case 'emergency':
          sockets.toAll({ type: 'emergency', conversationId: event.conversationId, category: event.category });
          return;
        case 'ticket': {
          // A desk shows the tickets of the citizen it is talking to; the pages of tickets read theirs anew.
          const { ticket, concerned } = await context.store.read(async (repos) => {
            const found = await repos.tickets.get(event.ticketId);
            const ids: string[] = [];
            if (found !== null) for (const id of sockets.watched()) if (id === found.conversationId || (await citizens.of(repos, id)) === found.citizenId) ids.push(id);
            return { ticket: found, concerned: ids };
          });
          if (ticket !== null) for (const id of concerned) sockets.toWatchers(id, { type: 'ticket', ticket: ticketView(context, ticket) });
          return;
        }
        case 'offer':
          sockets.toAudience({ everybody: false, seatIds: [event.seatId], conversationId: '', views: [] }, { type: 'offer', conversationId: event.conversationId, groupId: event.groupId, seatId: event.until === null ? null : event.seatId, until: event.until, kind: event.offer });
          return;
        case 'presence':
          queues.seatsChanged(event.seatIds);
          return;
        case 'queue':
          queues.groupsChanged(event.groupIds);
          return;
        case 'campaign':
          sockets.toAll({ type: 'campaign', campaignId: event.campaignId });
          return;
        case 'inspection': {
          const audience = { everybody: false, seatIds: event.seatIds, conversationId: '', views: [] };
          if (!sockets.hears(audience)) return;
          const inspection = await context.store.read((repos) => repos.quality.get(event.inspectionId));
          if (inspection !== null) sockets.toAudience(audience, { type: 'inspection', inspectionId: inspection.id, move: event.move, score: inspection.score });
          return;
        }
        case 'note':
          await tellNote(context.store, sockets, event.noteId);
          return;
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

    const stopStorm = context.storm?.onChange((view) => sockets.toAll(stormFrame(view)));

    const stopListening = deps.ended.listen((which) => sockets.closeWhere((session) => ('tokenHash' in which ? session.tokenHash === which.tokenHash : session.seatId === which.seatId)));

    /** A session may expire or end at another node: a socket must not outlive it by more than a beat. */
    const closeExpired = async (members: readonly ManagedSocket[]): Promise<void> => {
      for (const tokenHash of sockets.sessions(members)) {
        if (!(await deps.auth.holds(tokenHash))) sockets.closeWhere((session) => session.tokenHash === tokenHash);
      }
    };
    const beat = createRota<ManagedSocket>(deps.beatMs ?? BEAT_MS, (members) => {
      sockets.beat(members);
      closeExpired(members).catch((error: unknown) => app.log.warn({ code: codeOf(error) }, 'sessions not checked'));
    });

    app.addHook('preClose', async () => {
      beat.stop();
      if (counting !== null) clearTimeout(counting);
      rows.stop();
      queues.stop();
      stop();
      stopStorm?.();
      stopListening();
      sockets.closeAll();
    });

    app.get('/api/desk/live', { websocket: true, schema: { hide: true }, preValidation: async (request) => requireOwnOrigin(deps.publicUrl, request.headers.origin, request.host) }, (socket, request) => {
      const { seat, tokenHash } = deps.signed(request);
      const managed = sockets.add(socket, { seatId: seat.id, tokenHash });
      beat.add(managed);
      managed.send({ type: 'hello', seat: seatView(seat), now: context.now() });
      if (context.storm !== undefined) managed.send(stormFrame(context.storm.view()));
      deps.presence.connected(seat.id).catch(() => socket.close(1011, 'presence'));
      socket.on('message', (data: Buffer) => onFrame(sockets, managed, data.toString('utf8'), seat.id));
      socket.on('close', () => {
        beat.remove(managed);
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
      else if (frame.type === 'view') set.show(managed, LISTS[frame.view]);
      else announceTyping(deps, frame.conversationId, seatId).catch(() => {});
    };
  };
}

function parse(text: string): ClientFrame | null {
  try {
    const value: unknown = JSON.parse(text);
    return ClientFrame.Check(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whose a conversation is never changes: read once, the oldest forgotten first. */
const MAX_CITIZENS = 5_000;

function createCitizenMemory(): { of(repos: Repositories, conversationId: string): Promise<string | null> } {
  const known = new Map<string, string>();
  return {
    of: async (repos, conversationId) => {
      const before = known.get(conversationId);
      if (before !== undefined) return before;
      const found = (await repos.conversations.get(conversationId))?.citizenId ?? null;
      if (found === null) return null;
      const [oldest] = known.keys();
      if (known.size >= MAX_CITIZENS && oldest !== undefined) known.delete(oldest);
      known.set(conversationId, found);
      return found;
    },
  };
}
