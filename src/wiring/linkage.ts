import { Cron } from 'croner';
import type { FastifyPluginAsync } from 'fastify';
import type { JobHandlers } from '../bus/contract.ts';
import type { Channel, ConferenceCalls, Told } from '../channel/contract.ts';
import type { Settings } from '../config/settings.ts';
import { codeOf } from '../domain/errors.ts';
import { linkageZone } from '../http/zones/linkage/index.ts';
import { type IntakeContext, writeUnit } from '../intake/context.ts';
import { createEmergencyCallHandler, EMERGENCY_CALL_KIND, queueEmergencyCall } from '../intake/linkage.ts';
import { MAX_MEDIA_BYTES } from '../intake/media.ts';
import type { TicketListener } from '../intake/ticket-events.ts';
import { createLinkageCallHandler, sweepCalls } from '../linkage/call-drive.ts';
import { takeConference, takeHangUp } from '../linkage/call-news.ts';
import { LINKAGE_CALL_KIND } from '../linkage/call.ts';
import { type LinkageContext, openLinkageHouse } from '../linkage/context.ts';
import { createDrop } from '../linkage/drop.ts';
import { sweepLinkage } from '../linkage/due.ts';
import { createFileHandler, LINKAGE_FILE_KIND } from '../linkage/files.ts';
import { createLinkageListener } from '../linkage/listen.ts';
import { pickUp } from '../linkage/pick.ts';
import { loadLinkage } from '../linkage/profile.ts';
import { dayBefore, makeReconciliation } from '../linkage/reconcile.ts';
import { createLinkageHandler } from '../linkage/send.ts';
import { LINKAGE_SEND_KIND } from '../linkage/tell.ts';
import { createAddressRules } from '../partners/addresses.ts';
import { createCarrier } from '../partners/carrier.ts';
import { createValve } from '../partners/valve.ts';

/** Linkage with 110 and other platforms: what a node sends, takes, and looks after. */
export interface Linkage {
  readonly context: LinkageContext;
  readonly listener: TicketListener;
  readonly handlers: JobHandlers;
  readonly zone: FastifyPluginAsync;
  /** What platforms tell of three-party calls; for intake's context. */
  heed(channel: string, told: Told): Promise<void>;
  /** For intake's context, too: an emergency was found. */
  readonly emergency: NonNullable<IntakeContext['emergency']>;
  /** And: a caller has hung up. */
  readonly hungUp: NonNullable<IntakeContext['hungUp']>;
  /** On nodes that carry work: folders are looked through, what is late is marked, days are reconciled. */
  tend(holder: string): void;
  stop(): Promise<void>;
}

export interface LinkageGiven {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly context: IntakeContext;
  readonly settings: Pick<Settings, 'DATA_DIR' | 'RATE_LIMIT_PARTNER' | 'WEBHOOK_NETWORKS'>;
  readonly version: string;
}

const LOOK_MS = 5_000;
/** While no records are exchanged only the times of what was told by telephone run. */
const IDLE_LOOK_MS = 60_000;
/** One node looks at a time; another takes over this long after it went silent, ms. */
const LEASE_MS = 120_000;
const LANE = 'linkage:tend';
/** For a peer to answer. */
const ANSWER_MS = 15_000;
const ANSWER_BYTES = 256 * 1024;
const FILE_MS = 60_000;

/** @throws AppError `config.invalid`, `settings.invalid` */
export function openLinkage({ root, env, context, settings, version }: LinkageGiven): Linkage {
  const { store, now, newId, log, meter } = context;
  const house = openLinkageHouse(loadLinkage(root), env, settings.DATA_DIR);
  for (const { profile, missing } of house.endpoints) if (missing.length > 0) log.info({ profile: profile.id, missing }, 'linkage is off: set the missing settings');
  // Not a spread: whoever listens to tickets is known only after this.
  const linkage: LinkageContext = { city: context.city, clock: context.clock, now, newId, store, house, write: (fn) => writeUnit(context, fn), conference: (name) => conferenceIn(context.channel(name)), hears: (type, ticket) => context.hears?.(type, ticket) ?? false };
  const rules = createAddressRules(settings.WEBHOOK_NETWORKS.split(',').map((range) => range.trim()).filter((range) => range !== ''));
  const drop = createDrop();
  const folders = house.endpoints.filter(({ on, profile }) => on && profile.transport.kind === 'files');
  const any = house.endpoints.some(({ on }) => on);
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let stopped = false;

  const look = async (holder: string): Promise<void> => {
    const fence = await store.write((repos) => repos.lanes.acquire(LANE, holder, now(), LEASE_MS));
    if (fence === null) return;
    try {
      for (const endpoint of folders) {
        const { bad, failed } = await pickUp(linkage, drop, endpoint);
        if (bad > 0) log.warn({ profile: endpoint.profile.id, bad }, 'files of a linked platform cannot be read: they lie in bad/');
        for (const code of new Set(failed)) log.warn({ profile: endpoint.profile.id, code }, 'a file of a linked platform could not be taken: tried again');
      }
      const { late, again, given: dead } = await sweepLinkage(linkage);
      if (late + again + dead > 0) log.info({ late, again, given: dead }, 'linkage looked after');
      const given = await sweepCalls(linkage);
      if (given > 0) log.warn({ given }, 'parties of three-party calls of which nothing was heard were given up: a person looks');
      await reconcileDue(linkage);
    } finally {
      await store.write((repos) => repos.lanes.release(LANE, fence));
    }
  };
  const plan = (holder: string): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look(holder).catch((error: unknown) => log.warn({ code: codeOf(error) }, 'linkage could not be looked after: tried again')).finally(() => plan(holder));
    }, any ? LOOK_MS : IDLE_LOOK_MS);
    timer.unref();
  };

  return {
    context: linkage,
    listener: createLinkageListener(linkage),
    handlers: {
      [LINKAGE_SEND_KIND]: createLinkageHandler({
        context: linkage, drop, valve: createValve(now), random: Math.random, userAgent: `Yihu/${version} (linkage)`,
        carry: createCarrier({ rules, timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES, now }),
        mediaUrl: (token) => context.mediaUrl(`media:${token}/file`),
        count: (status) => meter.count('sent', { channel: 'linkage', status }),
      }),
      [EMERGENCY_CALL_KIND]: createEmergencyCallHandler(context, linkage),
      [LINKAGE_CALL_KIND]: createLinkageCallHandler({ context: linkage, log }),
      [LINKAGE_FILE_KIND]: createFileHandler({ store, carry: createCarrier({ rules, timeoutMs: FILE_MS, maxBytes: MAX_MEDIA_BYTES, now }), save: (bytes, name) => context.media.save(bytes, name), now, newId }),
    },
    zone: linkageZone({ context: linkage, log, perAddress: settings.RATE_LIMIT_PARTNER, count: (reason) => meter.count(reason === 'unauthorized' ? 'refused' : 'received', { channel: 'linkage', ...(reason === 'unauthorized' ? { reason } : {}) }) }),
    heed: async (channel, { conference = [] }) => {
      if (conference.length > 0) await takeConference(linkage, channel, conference);
    },
    emergency: (unit, conversation) => queueEmergencyCall(context, linkage, unit, conversation),
    hungUp: (unit, conversation) => takeHangUp(linkage, unit, conversation),
    tend: plan,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await looking;
    },
  };
}

/** Three-party calls, where the channel is on and set up for them. */
export function conferenceIn(channel: Channel | null): ConferenceCalls | null {
  return channel?.status.state === 'on' && channel.capabilities.conference === true ? (channel.conference ?? null) : null;
}

/** Days whose moment has come and that have no report since: made by whoever looks. */
export async function reconcileDue(context: LinkageContext): Promise<readonly string[]> {
  const made: string[] = [];
  const now = context.now();
  for (const { profile, on } of context.house.endpoints) {
    if (!on) continue;
    const at = new Cron(profile.reconcile, { timezone: 'Asia/Shanghai', paused: true }).previousRuns(2, new Date(now + 1_000)).map((date) => date.getTime()).find((moment) => moment <= now);
    if (at === undefined) continue;
    const day = dayBefore(at);
    const kept = await context.store.read((repos) => repos.linkage.day(profile.id, day));
    // A list that came after the report is worth another one.
    if (kept !== null && kept.madeAt !== null && kept.madeAt >= at && (kept.listAt ?? 0) <= kept.madeAt) continue;
    await makeReconciliation(context, profile.id, day);
    made.push(`${profile.id} ${day}`);
  }
  return made;
}
