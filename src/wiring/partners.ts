import type { FastifyPluginAsync } from 'fastify';
import type { JobHandlers } from '../bus/contract.ts';
import type { Settings } from '../config/settings.ts';
import { DAY, HOUR } from '../domain/clock.ts';
import { codeOf } from '../domain/errors.ts';
import { open311Zone } from '../http/zones/open311/index.ts';
import type { IntakeContext } from '../intake/context.ts';
import { MAX_MEDIA_BYTES } from '../intake/media.ts';
import type { TicketListener } from '../intake/ticket-events.ts';
import { createAddressRules } from '../partners/addresses.ts';
import { createCarrier } from '../partners/carrier.ts';
import { WEBHOOK_KIND } from '../partners/events.ts';
import { createPartnerBook, createPartnerListener } from '../partners/listener.ts';
import { createMediaHandler } from '../partners/media.ts';
import { PARTNER_MEDIA_KIND } from '../partners/send-in.ts';
import { createWebhookHandler } from '../partners/send-out.ts';
import { createValve } from '../partners/valve.ts';

/** Partner platforms: what they send in (Open311) and what they are told (webhooks). */
export interface Partnership {
  readonly listener: TicketListener;
  readonly handlers: JobHandlers;
  readonly zone: FastifyPluginAsync;
  /** A partner was changed here, and that is committed. Never throws: at the latest the next look finds it. */
  changed(): Promise<void>;
  /** Reads the partners, now and every few seconds: another node may have changed them. */
  start(): Promise<void>;
  stop(): void;
}

export interface PartnershipGiven {
  readonly context: IntakeContext;
  readonly settings: Pick<Settings, 'NODE_ENV' | 'OPEN311_JURISDICTION' | 'OPEN311_REQUESTS' | 'RATE_LIMIT_ADDRESS' | 'RATE_LIMIT_PARTNER' | 'WEBHOOK_NETWORKS'>;
  readonly publicUrl: string;
  readonly version: string;
}

/** A new subscription holds on every node after this, ms. */
const LOOK_MS = 5_000;
/** Deliveries that arrived are kept for so long, ms: a replay reaches back as far. */
const KEEP_MS = 30 * DAY;
const TIDY_MS = HOUR;
const TIDIED_AT_ONCE = 500;
/** For a receiver to answer; it should do slow work later. */
const ANSWER_MS = 10_000;
/** For a file to come. */
const FILE_MS = 60_000;
/** Of a receiver's answer nothing is read but its status. */
const ANSWER_BYTES = 64 * 1024;

export function openPartnership({ context, settings, publicUrl, version }: PartnershipGiven): Partnership {
  const { store, now, newId, log, meter } = context;
  const rules = createAddressRules(settings.WEBHOOK_NETWORKS.split(',').map((range) => range.trim()).filter((range) => range !== ''));
  const book = createPartnerBook(store);
  let timers: NodeJS.Timeout[] = [];
  const look = (): Promise<void> => book.refresh().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'partners could not be read; the ones known hold'));
  const tidy = async (): Promise<void> => {
    try {
      while ((await store.write((repos) => repos.webhookDeliveries.removeDelivered(now() - KEEP_MS, TIDIED_AT_ONCE))) === TIDIED_AT_ONCE);
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'old deliveries could not be tidied away');
    }
  };
  return {
    changed: look,
    listener: createPartnerListener({ book, now, newId }),
    handlers: {
      [WEBHOOK_KIND]: createWebhookHandler({
        store,
        view: { city: context.city, mediaUrl: (token) => context.mediaUrl(`media:${token}/file`) },
        carry: createCarrier({ rules, timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES, now }),
        valve: createValve(now),
        now,
        random: Math.random,
        userAgent: `Yihu/${version} (webhooks)`,
        count: ({ status }) => meter.count('sent', { channel: 'webhook', status }),
      }),
      [PARTNER_MEDIA_KIND]: createMediaHandler({ store, carry: createCarrier({ rules, timeoutMs: FILE_MS, maxBytes: MAX_MEDIA_BYTES, now }), save: (bytes, name) => context.media.save(bytes, name), now, newId }),
    },
    zone: open311Zone({
      context, publicUrl, version, jurisdiction: settings.OPEN311_JURISDICTION, requests: settings.OPEN311_REQUESTS,
      perPartner: settings.RATE_LIMIT_PARTNER, perAddress: settings.RATE_LIMIT_ADDRESS, production: settings.NODE_ENV === 'production', startedAt: now(),
    }),
    start: async () => {
      await book.refresh();
      timers = [setInterval(() => void look(), LOOK_MS), setInterval(() => void tidy(), TIDY_MS)];
      for (const timer of timers) timer.unref();
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
