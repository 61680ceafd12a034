import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { pino, type Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { channel as botframework } from '../channels/botframework/index.ts';
import { channel as ivrAliyun } from '../channels/ivr-aliyun/index.ts';
import { channel as ivrJambonz } from '../channels/ivr-jambonz/index.ts';
import { channel as ivrTwilio } from '../channels/ivr-twilio/index.ts';
import { channel as ivrVxml } from '../channels/ivr-vxml/index.ts';
import { channel as smsAliyun } from '../channels/sms-aliyun/index.ts';
import { channel as smsTencent } from '../channels/sms-tencent/index.ts';
import { channel as webchat } from '../channels/webchat/index.ts';
import { channel as wechatMiniprogram } from '../channels/wechat-miniprogram/index.ts';
import { channel as wechatOfficial } from '../channels/wechat-official/index.ts';
import { channel as wechaty } from '../channels/wechaty/index.ts';
import type { Bus } from './bus/contract.ts';
import type { SiblingLine } from './bus/siblings/line.ts';
import { createChannelRegistry } from './channel/registry.ts';
import { loadCity } from './config/city.ts';
import { readFlowTexts } from './config/flows.ts';
import { loadGolden } from './config/golden.ts';
import { readParsed } from './config/parsed.ts';
import { findRoot } from './config/root.ts';
import { loadSecrets, type Secrets } from './config/secrets.ts';
import { readSettings, type Settings } from './config/settings.ts';
import { compileOrThrow } from './dialog/compile.ts';
import { followCalendar } from './domain/legal-clock.ts';
import { AppError, codeOf, isAppError } from './domain/errors.ts';
import { buildApp } from './http/app.ts';
import { deskZone } from './http/zones/desk/index.ts';
import { createCatchUp } from './intake/catch-up.ts';
import type { IntakeContext } from './intake/context.ts';
import { createDeliverHandler, createFetchHandler } from './intake/deliver.ts';
import { createDialog } from './intake/dialog.ts';
import { createLimiter } from './intake/limiter.ts';
import { createLiveHub } from './intake/live.ts';
import { createMediaStore } from './intake/media.ts';
import { createNeighbours } from './intake/neighbours.ts';
import { createPorts } from './intake/ports.ts';
import { openSpool } from './intake/spool/index.ts';
import { storeSpooled } from './intake/spool/store.ts';
import { createTimerHandler, createTurnHandler } from './intake/turn.ts';
import { queueHandlers } from './intake/queue/handlers.ts';
import { createStateMemory } from './intake/state-memory.ts';
import { createNoticeHandler, createNoticeListener } from './intake/notices.ts';
import { createTicketEventHandler, hearsAny, type TicketListener } from './intake/ticket-events.ts';
import { NO_TRACES } from './intake/trace.ts';
import { createTurnWaiters } from './intake/waiters.ts';
import { loadMeasureSettings } from './measures/settings.ts';
import { createMetrics } from './meter.ts';
import { loadSchedules } from './reports/schedule.ts';
import type { Store } from './store/contract.ts';
import { createStore } from './store/index.ts';
import { createVault } from './store/vault.ts';
import { NOTICE_KIND } from './tickets/notices/listen.ts';
import { TICKET_EVENT_KIND } from './tickets/record.ts';
import { createAlikeHouse } from './wiring/alike.ts';
import { openAssist } from './wiring/assist.ts';
import { createCarriage } from './wiring/carriage.ts';
import { openCatalogues } from './wiring/catalogues.ts';
import { openQuality, tendQuality } from './wiring/quality.ts';
import { reportQuality } from './wiring/report-quality.ts';
import { tendMeasures } from './wiring/measures.ts';
import { joinMeasures, readiness, refreshGauges, watchKnowledge } from './wiring/gauges.ts';
import { openItemSuggester } from './wiring/item-suggester.ts';
import { tendItemModel } from './wiring/item-trainer.ts';
import { createPreview, matcherWords, openKnowledge, tendKnowledge } from './wiring/knowledge.ts';
import { noticeOtherSecret, tellParts } from './wiring/operator.ts';
import { SEED_FILE } from './wiring/seed.ts';
import { openCampaigns } from './wiring/campaigns.ts';
import { openOutbound } from './wiring/outbound.ts';
import { openLinkage } from './wiring/linkage.ts';
import { openPartnership } from './wiring/partners.ts';
import { tendCalendar } from './wiring/recount.ts';
import { tendReports } from './wiring/reports.ts';
import { runHouse } from './wiring/run.ts';
import { openStorm, stormHandlers, watchStorm } from './wiring/storm.ts';
import { tendTickets } from './wiring/tickets.ts';
import { keepTidy, makeFirstAdministrator, openClock, proveVault, readVersion } from './wiring/upkeep.ts';

/** The only place that wires everything: settings → store → knowledge → intake → bus → channels → HTTP. */

const ROOT = findRoot(import.meta.url);
/** Lease of a lane; renewed while a handler works. After a crash its conversations wait this long at most. */
const LEASE_MS = 6_000;
/** The suggester is learned so long after the start, unless somebody needs it before. */
const SUGGESTER_AFTER_MS = 500;
/** Item suggestions below this calibrated score are not shown. */
const MIN_SUGGESTION = 0.1;
const CHANNELS = [webchat, wechatMiniprogram, wechatOfficial, ivrTwilio, ivrJambonz, ivrVxml, ivrAliyun, smsAliyun, smsTencent, botframework, wechaty];

export interface House {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly bus: Bus;
  readonly context: IntakeContext;
  readonly settings: Settings;
  readonly secrets: Secrets;
  /** Stops taking, drains lanes, closes everything. */
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder with config/, flows/ and dist/; the checkout unless told. */
  readonly root?: string;
  /** A test's clock; epoch ms. */
  readonly now?: () => number;
  readonly logger?: Logger;
  /** How this process reaches the other ones of its machine (PROCESSES); null: it is alone. */
  readonly siblings?: SiblingLine | null;
}

/** Opens everything but the port: tests inject requests, `main` listens. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { root = ROOT, siblings = null } = options;
  const settings = readSettings(options.env);
  const secrets = loadSecrets(settings);
  const logger = options.logger ?? pino({ level: settings.LOG_LEVEL });
  const publicUrl = (settings.PUBLIC_URL === '' ? `http://${settings.HOST}:${settings.PORT}` : settings.PUBLIC_URL).replace(/\/+$/, '');

  const files = loadCity(root);
  const flowTexts = readFlowTexts(root);
  const compileFlows = (towns: typeof files.towns) => compileOrThrow({ ...flowTexts, towns, lexicon: files.lexicon, known: (text) => readParsed(root, text) });
  const dialog = createDialog(compileFlows(files.towns));
  const words = matcherWords(files);
  const measureSettings = loadMeasureSettings(root);

  const roles = settings.ROLES.split(',');
  const lease = { holder: uuidv7(), ms: LEASE_MS };
  const metrics = createMetrics();
  const vault = createVault(secrets.vaultKey);
  const store = await createStore({
    databaseUrl: settings.DATABASE_URL,
    connections: settings.DATABASE_CONNECTIONS,
    statementMs: settings.DATABASE_STATEMENT_MS,
    dataDir: settings.DATA_DIR,
    synchronous: settings.SQLITE_SYNCHRONOUS,
    vault,
    log: logger,
    onCommit: metrics.committed,
  });
  const now = options.now ?? (await openClock(store, logger));
  await proveVault(store, now);
  if (roles.includes('web')) await noticeOtherSecret(store, secrets.directlineSecret, now, logger);
  const version = readVersion(root);
  const catalogues = await openCatalogues({ store, files, log: logger });
  const { city } = catalogues;
  // Flows know towns by their names.
  if (city.towns !== files.towns) dialog.publish(compileFlows(city.towns));
  catalogues.watch((kind) => {
    if (kind === 'towns') dialog.publish(compileFlows(city.towns));
  });
  const assist = openAssist({ root, settings, files, city, log: logger });
  const suggester = openItemSuggester({ dataDir: settings.DATA_DIR, city, words, log: logger });
  await suggester.look();
  const knowledge = await openKnowledge({ store, city, words, dataDir: settings.DATA_DIR, seedFile: join(dirname(fileURLToPath(import.meta.url)), SEED_FILE), version, now, log: logger });

  const tracing = settings.OTEL_EXPORTER_OTLP_ENDPOINT === '' ? null : (await import('./trace.ts')).createTracing(settings.OTEL_EXPORTER_OTLP_ENDPOINT, { version, instance: lease.holder });
  const registry = createChannelRegistry();
  const media = createMediaStore(store, { publicUrl: () => publicUrl, now });
  const { bus, news, ...carriage } = await createCarriage({ settings, store, lease, now, log: logger, meter: metrics.meter, siblings });
  const live = createLiveHub((error) => logger.warn({ code: codeOf(error) }, 'live listener failed'));
  const catchUp = createCatchUp({ live, store, news, now, log: logger });
  const neighbours = createNeighbours({
    live,
    waiters: createTurnWaiters(),
    news,
    store,
    wake: () => bus.wake(),
    onKnowledge: () => void knowledge.look(),
    log: logger,
  });
  const spool = await openSpool({
    folder: join(settings.DATA_DIR, 'spool'),
    seal: vault.seal,
    open: vault.open,
    store: (inbound, takenAt) => storeSpooled(context, inbound, takenAt),
    ping: () => store.ping(),
    now,
    newId: uuidv7,
    log: logger,
    limitBytes: settings.SPOOL_MAX_MB * 1024 * 1024,
    onReplay: metrics.replayed,
  });
  metrics.watchSpool(spool.stats);
  watchKnowledge(metrics.registry, knowledge, now);
  let carrying = false;
  const storm = openStorm(root, { store, now, holder: lease.holder, watch: () => alike.keeper.watch, on: settings.STORM_MODE === 'auto', log: logger });
  watchStorm(metrics.registry, storm.keeper);
  /** Citizens' notices and partners' webhooks. */
  const ticketListeners: TicketListener[] = [];
  const context: IntakeContext = {
    store,
    bus,
    lease,
    turnsHere: () => carrying,
    // On PostgreSQL writers are side by side, and alone nobody is kept waiting.
    thinksAhead: settings.PROCESSES > 1 && store.dialect === 'sqlite',
    now,
    newId: uuidv7,
    city,
    clock: followCalendar(() => city.calendar),
    dialog,
    knowledge,
    // What is hardly likelier than chance helps nobody.
    suggestItems: (text, lane) => suggester.suggest(text, lane).filter((suggestion) => suggestion.score >= MIN_SUGGESTION),
    channel: (name) => registry.get(name)?.channel ?? null,
    mediaUrl: media.publicUrl,
    media,
    live: neighbours.live,
    waiters: neighbours.waiters,
    spool,
    log: logger,
    meter: metrics.meter,
    trace: tracing?.tracer ?? NO_TRACES,
    states: createStateMemory(),
    hears: hearsAny(ticketListeners),
    storm: storm.keeper,
    reach: (unit, given) => outbound.reach(unit, given),
    heed: async (channel, told) => {
      await outbound.heed(channel, told);
      await linkage.heed(channel, told);
    },
    emergency: (unit, conversation) => linkage.emergency(unit, conversation),
    hungUp: (unit, conversation) => linkage.hungUp(unit, conversation),
    consentWord: (unit, given) => outbound.consentWord(unit, given),
  };

  const campaigns = openCampaigns(() => outbound.context);
  const outbound = openOutbound({ root, context, callWent: campaigns.callWent });
  const partnership = openPartnership({ context, settings, publicUrl, version });
  ticketListeners.push(partnership.listener);
  const linkage = openLinkage({ root, env: options.env, context, settings, version });
  ticketListeners.push(linkage.listener);
  const quality = openQuality(root, context);
  const schedules = loadSchedules(root);
  const reports = carriage.carries ? tendReports({ context, schedules, targets: measureSettings.targets, words: words.words ?? [], quality: reportQuality(store, quality) }) : null;
  const alike = createAlikeHouse(context);
  ticketListeners.push(createNoticeListener(context));

  const knowledgeChanged = (): void => context.live.publishDesk({ kind: 'knowledge' });
  const limiter = createLimiter(settings.RATE_LIMIT_CITIZEN, now, () => metrics.meter.count('limited', { by: 'citizen' }));
  const faults: string[] = [];
  for (const module of CHANNELS) {
    const added = registry.add(module, {
      env: { ...options.env, DIRECTLINE_SECRET: secrets.directlineSecret },
      publicUrl,
      production: settings.NODE_ENV === 'production',
      portsFor: (name) => createPorts(context, name, limiter),
    });
    const registered = await added.catch((error: unknown) => {
      // The next channel may have faults too: an operator wants to see them all at once.
      if (!isAppError(error) || error.code !== 'settings.invalid') throw error;
      faults.push(error.message.replace(/^settings have faults:\n\s*/, ''));
      return null;
    });
    if (registered === null) continue;
    const { channel } = registered;
    if (channel.status.state === 'off') logger.info({ channel: channel.name, missing: channel.status.missing }, 'channel is off: set the missing settings');
  }

  if (faults.length > 0) {
    await registry.stop();
    await store.close();
    throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  }

  // Where seats sign in: a worker that is faster would print the password where nobody looks for it.
  const passwordIsNew = roles.includes('web') && (await makeFirstAdministrator(store, secrets, now)) && secrets.adminPasswordIsNew;
  const channels = registry.list().map((registered) => registered.channel);
  const watched = { store, bus, now, parts: carriage.parts };
  const app = await buildApp({
    context,
    settings,
    logger,
    channels,
    webFolder: join(root, 'dist', 'web'),
    desk: deskZone({
      context,
      channels: registry.list(),
      publicUrl,
      requestsPerMinute: settings.RATE_LIMIT_ADDRESS,
      knowledgeChanged,
      catalogues: { files, announce: catalogues.announce },
      flows: flowTexts,
      previewEffect: createPreview(knowledge, loadGolden(root), now),
      partnersChanged: partnership.changed,
      linkage: linkage.context,
      alike: alike.keeper,
      storm: storm.keeper,
      board: { settings: measureSettings, token: settings.BOARD_TOKEN },
      assist,
      quality,
      reports: { schedules, wake: () => reports?.wake() },
      campaigns: campaigns.context(),
    }),
    open311: partnership.zone,
    linkage: linkage.zone,
    version,
    serves: roles.includes('web') ? 'everything' : 'health',
    health: {
      registry: metrics.registry,
      ready: () => readiness({ store, channels, knowledge, carriage: { roles: settings.ROLES, ...carriage.describe() }, spools: roles.includes('web') }),
      refresh: () => refreshGauges(metrics.gauges, watched),
      gather: siblings === null ? undefined : joinMeasures(metrics, watched, siblings),
    },
  });
  // Only forms and seats ask for items: a start does not wait for it, and the first to ask hardly ever does.
  app.addHook('onListen', async () => void setTimeout(() => suggester.suggest(''), SUGGESTER_AFTER_MS).unref());
  await app.ready();
  await partnership.start();
  neighbours.listen();
  await news.start();
  catchUp.start();
  knowledge.start();
  catalogues.start(news);
  suggester.start();
  await bus.start({ turn: createTurnHandler(context), timer: createTimerHandler(context), deliver: createDeliverHandler(context), fetch: createFetchHandler(context), ...queueHandlers(context), [TICKET_EVENT_KIND]: createTicketEventHandler(context, ticketListeners), [NOTICE_KIND]: createNoticeHandler(context), ...partnership.handlers, ...linkage.handlers, ...outbound.handlers, ...campaigns.handlers, ...alike.handlers, ...stormHandlers(context) });
  carrying = carriage.carries;
  spool.start();
  alike.start(carrying);
  storm.start();

  logger.info({ version, roles: settings.ROLES, store: store.dialect, ...carriage.describe() }, 'the house is open');
  const stopTelling = tellParts(carriage.parts, logger);
  const stopTidying = keepTidy(store, now, (error) => logger.warn({ code: codeOf(error) }, 'housekeeping failed'));

  const stopTending = carrying ? tendKnowledge({ store, newId: uuidv7, city, announce: knowledgeChanged }, now, logger) : null;
  // One file for all processes of this machine.
  const retraining = siblings !== null && siblings.number !== 1 ? null : tendItemModel({ store, city, dataDir: settings.DATA_DIR, words, now, log: logger, holds: () => storm.keeper.givesUp('background') });
  const stopInspecting = carrying ? tendQuality(quality, context, logger) : null;
  const stopCounting = carrying ? tendMeasures({ store, holder: lease.holder, limits: () => measureSettings.limits, batches: () => storm.keeper.givesUp('rollups'), shared: siblings !== null, now, log: logger }) : null;
  const stopSweeping = carrying ? tendTickets(context, logger) : null;
  if (carrying) linkage.tend(lease.holder);
  const stopReaching = carrying ? outbound.tend() : null;
  const recounting = carrying ? tendCalendar(context, { files, version: () => catalogues.versions().calendar, log: logger }) : null;

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    stopTidying();
    stopTelling();
    reports?.stop();
    // No new messages; sockets told to come back; webhooks that wait for their turn get it, but not for ever.
    const cut = setTimeout(() => app.server.closeAllConnections(), settings.STOP_GRACE_MS);
    await app.close();
    clearTimeout(cut);
    await spool.stop();
    carrying = false;
    await bus.stop(settings.STOP_GRACE_MS);
    neighbours.leave();
    await catchUp.stop();
    await storm.stop();
    await stopTending?.();
    await stopInspecting?.();
    await stopSweeping?.();
    await stopReaching?.();
    await stopCounting?.();
    await recounting?.stop();
    partnership.stop();
    await linkage.stop();
    await alike.stop();
    await retraining?.stop();
    await suggester.stop();
    await catalogues.stop();
    await knowledge.stop();
    await news.stop();
    await registry.stop();
    await tracing?.stop();
    await store.close();
  };
  return {
    app, store, bus, context, settings, secrets: { ...secrets, adminPasswordIsNew: passwordIsNew },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

// A thread that runs this file is none of its own house.
if (isMainThread && process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  runHouse((siblings) => openHouse({ env: process.env, siblings })).catch((error: unknown) => {
    // Settings and data files explain themselves; anything else shows where it broke.
    console.error(isAppError(error) ? `${error.code}: ${error.message}` : error);
    process.exit(1);
  });
}
