import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../domain/errors.ts';
import type { OutboxRow, Repositories, Store, WebhookDelivery } from '../store/contract.ts';
import type { Carrier } from './carrier.ts';
import { hears, webhookBody } from './events.ts';
import { signedHeaders, validSecrets } from './signature.ts';
import type { Valve } from './valve.ts';
import { type ViewContext, viewFor } from './view.ts';

/** As the bus understands it. */
export type SendOutcome = { readonly kind: 'done' } | { readonly kind: 'retry'; readonly code: string; readonly afterMs: number; readonly burns: false } | { readonly kind: 'bury'; readonly code: string };
export interface Lease {
  readonly lane: string;
  readonly fence: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Waits between tries; a try more than there are waits, then it is a dead letter: after about two days and a half. */
const BACKOFF_MS: readonly number[] = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR];
export const MAX_ATTEMPTS = BACKOFF_MS.length + 1;
/** A receiver's Retry-After is heard up to this. */
const LONGEST_WAIT_MS = 24 * HOUR;

export interface SendOutOptions {
  readonly store: Store;
  readonly view: ViewContext;
  readonly carry: Carrier;
  readonly valve: Valve;
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly userAgent: string;
  readonly count: (labels: { readonly status: 'delivered' | 'retry' | 'dead' }) => void;
}

const payloadShape = Compile(Type.Object({ deliveryId: Type.String() }));

/**
 * Sends one delivery: signed, once at a time for each partner and ticket, in order. Tried again by its own schedule; what never arrives ends
 * as a dead letter that the desk sees, and lets those behind it pass.
 */
export function createWebhookHandler(options: SendOutOptions): (row: OutboxRow, lease: Lease) => Promise<SendOutcome> {
  const { store, carry, valve, now } = options;
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'webhook.bad_payload' };
    const { deliveryId } = row.payload;
    const ready = await store.read((repos) => prepare(options, repos, deliveryId));
    const settle = (change: Parameters<Repositories['webhookDeliveries']['update']>[1] | null, finished: boolean): Promise<void> =>
      store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        if (change !== null) await repos.webhookDeliveries.update(deliveryId, change);
        if (finished && !(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
      });
    const die = async (attempts: number, lastResult: string): Promise<SendOutcome> => {
      await settle({ state: 'dead', attempts, lastResult }, true);
      options.count({ status: 'dead' });
      return { kind: 'done' };
    };
    if (ready.kind === 'nothing') {
      await settle(null, true);
      return { kind: 'done' };
    }
    const { delivery } = ready;
    if (ready.kind === 'impossible') return die(delivery.attempts, ready.code);

    const wait = valve.enter(delivery.partnerId);
    if (wait !== null) return { kind: 'retry', code: 'webhook.waiting', afterMs: wait, burns: false };
    const timestamp = Math.floor(now() / 1000);
    const carried = await carry({
      method: 'POST',
      url: ready.url,
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': options.userAgent, ...signedHeaders(ready.secrets, delivery.id, timestamp, ready.body) },
      body: ready.body,
    });
    valve.left(delivery.partnerId, carried.kind === 'answered' && carried.status < 500);

    const attempts = delivery.attempts + 1;
    const result = carried.kind === 'answered' ? `http.${carried.status}` : carried.code;
    if (carried.kind === 'answered' && carried.status >= 200 && carried.status < 300) {
      await settle({ state: 'delivered', attempts, lastResult: result, deliveredAt: now() }, true);
      options.count({ status: 'delivered' });
      return { kind: 'done' };
    }
    // “410 Gone”: the receiver does not want it any more. An address that may not be posted to does not become a better one.
    if (attempts >= MAX_ATTEMPTS || result === 'http.410' || result === 'webhook.private_address' || result === 'webhook.bad_address') return die(attempts, result);
    const asked = carried.kind === 'answered' ? carried.retryAfterMs : null;
    const backoff = BACKOFF_MS[attempts - 1] ?? LONGEST_WAIT_MS;
    const afterMs = Math.min(LONGEST_WAIT_MS, Math.max(asked ?? 0, Math.round(backoff * (0.9 + 0.2 * options.random()))));
    await settle({ attempts, lastResult: result }, false);
    options.count({ status: 'retry' });
    return { kind: 'retry', code: result, afterMs, burns: false };
  };
}

type Prepared =
  /** Sent before, or gone. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'impossible'; readonly delivery: WebhookDelivery; readonly code: string }
  | { readonly kind: 'ready'; readonly delivery: WebhookDelivery; readonly url: string; readonly secrets: readonly string[]; readonly body: string };

async function prepare({ view, now }: SendOutOptions, repos: Repositories, deliveryId: string): Promise<Prepared> {
  const delivery = await repos.webhookDeliveries.get(deliveryId);
  if (delivery === null || delivery.state !== 'waiting') return { kind: 'nothing' };
  const impossible = (code: string): Prepared => ({ kind: 'impossible', delivery, code });
  const partner = await repos.partners.get(delivery.partnerId);
  if (partner === null || !partner.active || partner.webhookUrl === null) return impossible('webhook.off');
  const ticket = await repos.tickets.get(delivery.ticketId);
  const event = await repos.tickets.event(delivery.ticketId, delivery.seq);
  // It may have become confidential since, or the partner's scope narrower.
  const request = ticket === null || !hears(partner, ticket, await repos.externalNumbers.of(ticket.id)) ? null : await viewFor(view, repos, ticket, partner);
  if (request === null || event === null) return impossible('webhook.not_theirs');
  const secrets = validSecrets(await repos.partners.webhookSecret(partner.id), now());
  if (secrets.length === 0) return impossible('webhook.no_secret');
  return { kind: 'ready', delivery, url: partner.webhookUrl, secrets, body: JSON.stringify(webhookBody(event, request)) };
}
