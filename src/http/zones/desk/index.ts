import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Channel, ChannelModule } from '../../../channel/contract.ts';
import { AppError, codeOf } from '../../../domain/errors.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import type { Effect } from '../../../knowledge/effect.ts';
import type { KnowledgeRevision } from '../../../store/contract.ts';
import { adminRoutes } from './admin.ts';
import { type AlikeDesk, alikeRoutes } from './alike.ts';
import { type AssistDesk, assistRoutes } from './assist.ts';
import { createDeskAuth, requireCsrf, type DeskAuth, type Signed } from './auth.ts';
import { cannedRoutes } from './canned.ts';
import { boardRoutes, type BoardWiring } from './board.ts';
import { catalogRoutes } from './catalog.ts';
import { catalogueRoutes, type CatalogueWiring } from './catalogues.ts';
import { citizenHistoryRoutes } from './citizen-history.ts';
import { knowledgeSearchRoutes } from './knowledge/search.ts';
import { conferenceRoutes } from './conference.ts';
import { conversationRoutes } from './conversations.ts';
import { enterpriseRoutes } from './enterprises.ts';
import { createEndedSessions, type EndedSessions } from './ended.ts';
import { knowledgeRoutes } from './knowledge/index.ts';
import { liveRoutes } from './live.ts';
import type { LinkageContext } from '../../../linkage/context.ts';
import { linkageRoutes } from './linkage.ts';
import { createMoodReader, type MoodOf } from './mood.ts';
import { noteRoutes } from './notes.ts';
import { flowRoutes, type FlowTexts } from './flows.ts';
import { operationRoutes } from './operations.ts';
import { partnerRoutes } from './partners.ts';
import { createPresence, type Presence } from './presence.ts';
import type { QualityContext } from '../../../quality/work.ts';
import { qualityRoutes } from './quality.ts';
import { reachRoutes } from './reach.ts';
import { replyFileRoutes } from './reply-files.ts';
import { queueRoutes } from './queue.ts';
import type { StormKeeper } from '../../../intake/storm/contract.ts';
import { requireOpenTo } from './scope.ts';
import type { CampaignContext } from '../../../outbound/campaign-context.ts';
import { outboundRoutes } from './outbound.ts';
import { type ReportDesk, reportRoutes } from './reports.ts';
import { sessionRoutes } from './session.ts';
import { stormRoutes } from './storm.ts';
import { supervisionRoutes } from './supervision.ts';
import { createThinking, type Thinking } from './thoughts.ts';
import { trailRoutes } from './trail.ts';
import { ticketWorkRoutes } from './ticket-work.ts';
import { ticketRoutes } from './tickets.ts';
import { tokenRoutes } from './tokens.ts';
import { unmaskRoutes } from './unmask.ts';

export interface DeskZoneOptions {
  readonly context: IntakeContext;
  readonly channels: readonly { readonly module: ChannelModule; readonly channel: Channel }[];
  /** Origin of the desk's own page; a socket from elsewhere is refused. */
  readonly publicUrl: string;
  /** Requests a minute of one seat, and of an address that is not signed in; 1200 unless told. */
  readonly requestsPerMinute?: number;
  /** Knowledge was published or taken back, and is committed. Must not throw. */
  readonly knowledgeChanged?: () => void;
  /** What a revision would do to the evaluation set. AppError `knowledge.effect_busy` while another one is measured. Absent: nothing is measured. */
  readonly previewEffect?: (revision: KnowledgeRevision) => Promise<Effect>;
  /** Partner platforms were changed, and that is committed. Must not throw. */
  readonly partnersChanged?: () => Promise<void>;
  /** 110 and other platforms. Absent: nothing is passed on. */
  readonly linkage?: LinkageContext;
  /** What follows a publication of items or dispatch rules. Absent: they are kept, and nobody follows them. */
  readonly catalogues?: CatalogueWiring;
  /** Files of the flows that run. Absent: none are shown; the running ones can be tried all the same. */
  readonly flows?: FlowTexts;
  /** Which tickets are alike, and what bursts. Absent: nothing is compared. */
  readonly alike?: AlikeDesk;
  /** What seats are helped by. Absent: no assist. */
  readonly assist?: AssistDesk;
  /** Rules of quality inspection. Absent: nothing is inspected. */
  readonly quality?: QualityContext;
  /** Schedules of reports, and who makes what is asked for. Absent: what is asked for waits for a node that does. */
  readonly reports?: ReportDesk;
  /** Campaigns of calls. Absent: there are none. */
  readonly campaigns?: CampaignContext;
  /** Storm mode with a supervisor's hand on it. Absent: there is none. */
  readonly storm?: StormKeeper;
  /** The data wall. Absent: there is none. */
  readonly board?: BoardWiring;
  /** Between two looks at open sockets, ms; 15 s unless told. */
  readonly beatMs?: number;
}

const REQUESTS_PER_MINUTE = 1_200;

/** What every group of desk routes gets. */
export interface DeskDeps extends DeskZoneOptions {
  readonly auth: DeskAuth;
  readonly presence: Presence;
  /** Sessions that ended before their time: what is open by them (sockets) must close. */
  readonly ended: EndedSessions;
  /** The signed-in seat of a request behind the guard. */
  readonly signed: (request: FastifyRequest) => Signed;
  /** Absent without assist. */
  readonly moodOf?: MoodOf;
  /** Absent without assist. */
  readonly thinking?: Thinking;
}

/** Everything the desk can do, by REST and one socket. Every route but signing in needs a session or bearer token. */
export function deskZone(options: DeskZoneOptions): FastifyPluginAsync {
  return async (app) => {
    const auth = createDeskAuth(options.context.store, options.context.now);
    const presence = createPresence(options.context, (error) => app.log.warn({ code: codeOf(error) }, 'presence not stored'));
    const bySeat = new WeakMap<FastifyRequest, Signed>();
    const deps: DeskDeps = {
      ...options,
      auth,
      presence,
      ...(options.assist === undefined ? {} : { moodOf: createMoodReader({ rules: options.assist.rules, dialog: options.context.dialog }), thinking: createThinking(options.context, options.assist.rules) }),
      ended: createEndedSessions(),
      signed: (request) => {
        const signed = bySeat.get(request);
        if (signed === undefined) throw new AppError('desk.unauthorized', 'sign in first', { status: 401, citizenText: '请先登录。' });
        return signed;
      },
    };
    app.addHook('onClose', () => presence.stop());

    await app.register(sessionRoutes(deps));
    if (options.board !== undefined) await app.register(boardRoutes(deps, options.board));
    await app.register(async (guarded) => {
      const max = options.requestsPerMinute ?? REQUESTS_PER_MINUTE;
      const strangers = guarded.createRateLimit({ max, timeWindow: '1 minute' });
      const seats = guarded.createRateLimit({ max, timeWindow: '1 minute', keyGenerator: (request) => bySeat.get(request)?.seat.id ?? request.ip });
      guarded.addHook('onRequest', async (request) => {
        const signed = await auth.identify(request);
        if (signed !== null) bySeat.set(request, signed);
        const limit = await (signed === null ? strangers : seats)(request);
        if (!limit.isAllowed && limit.isExceeded) {
          options.context.meter.count('limited', { by: signed === null ? 'address' : 'seat' });
          throw new AppError('http.too_many', 'too many requests', { status: 429, retry: 'after', retryAfterMs: limit.ttl, citizenText: '请求太频繁，请稍后再试。' });
        }
        if (signed === null) throw new AppError('desk.unauthorized', 'sign in first', { status: 401, citizenText: '请先登录。' });
        requireCsrf(request, signed);
        requireOpenTo(request, signed);
      });
      await guarded.register(conversationRoutes(deps));
      await guarded.register(queueRoutes(deps));
      await guarded.register(citizenHistoryRoutes(deps));
      await guarded.register(noteRoutes(deps));
      await guarded.register(cannedRoutes(deps));
      await guarded.register(replyFileRoutes(deps));
      await guarded.register(alikeRoutes(deps));
      await guarded.register(stormRoutes(deps));
      await guarded.register(assistRoutes(deps));
      await guarded.register(ticketRoutes(deps));
      await guarded.register(ticketWorkRoutes(deps));
      await guarded.register(reachRoutes(deps));
      await guarded.register(supervisionRoutes(deps));
      await guarded.register(catalogRoutes(deps));
      await guarded.register(catalogueRoutes(deps));
      await guarded.register(knowledgeSearchRoutes(deps));
      await guarded.register(knowledgeRoutes(deps));
      await guarded.register(adminRoutes(deps));
      await guarded.register(operationRoutes(deps));
      await guarded.register(trailRoutes(deps));
      await guarded.register(flowRoutes(deps));
      await guarded.register(partnerRoutes(deps));
      if (options.linkage !== undefined) {
        await guarded.register(linkageRoutes(deps, options.linkage));
        await guarded.register(conferenceRoutes(deps, options.linkage));
      }
      await guarded.register(tokenRoutes(deps));
      await guarded.register(qualityRoutes(deps));
      await guarded.register(reportRoutes(deps));
      if (options.campaigns !== undefined) await guarded.register(outboundRoutes(deps, options.campaigns));
      await guarded.register(enterpriseRoutes(deps));
      await guarded.register(unmaskRoutes(deps));
      await guarded.register(liveRoutes(deps));
    });
  };
}
