import { AppError } from '../domain/errors.ts';
import type { OutboxDraft, Repositories, WebhookDelivery } from '../store/contract.ts';
import { webhookRow } from './listener.ts';

/** Sending again: one delivery, or all since a moment. The id stays, so a receiver that had it knows it. */

const PAGE = 500;
/** More than this in one go is a mistake in the date. */
const MAX_REPLAYED = 10_000;

export interface ReplayContext {
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * Rows to be put into the outbox; the deliveries wait again.
 * @throws AppError `partner.delivery_not_found`, `partner.delivery_waits`
 */
export async function replayOne(context: ReplayContext, repos: Repositories, deliveryId: string): Promise<OutboxDraft> {
  const delivery = await repos.webhookDeliveries.get(deliveryId);
  if (delivery === null) throw new AppError('partner.delivery_not_found', 'no such delivery', { status: 404, citizenText: '没有这条推送。' });
  if (delivery.state === 'waiting') throw new AppError('partner.delivery_waits', 'it has not been sent yet', { status: 409, citizenText: '这条推送还在等待发送，不需要重发。' });
  return wake(context, repos, delivery);
}

/**
 * Everything of a partner that was made since this moment and does not wait, oldest first.
 * @throws AppError `partner.replay_too_long`
 */
export async function replaySince(context: ReplayContext, repos: Repositories, partnerId: string, since: number, only: WebhookDelivery['state'] | null): Promise<readonly OutboxDraft[]> {
  const found: WebhookDelivery[] = [];
  let beforeId: string | undefined;
  for (;;) {
    const page = await repos.webhookDeliveries.list({ partnerId, limit: PAGE, ...(beforeId === undefined ? {} : { beforeId }) });
    // Ids grow with time.
    const young = page.filter((delivery) => delivery.createdAt >= since);
    found.push(...young.filter(({ state }) => state !== 'waiting' && (only === null || state === only)));
    if (found.length > MAX_REPLAYED) throw new AppError('partner.replay_too_long', 'too many deliveries in one go', { status: 400, citizenText: `一次最多重发 ${MAX_REPLAYED} 条，请缩短时间。` });
    beforeId = page.at(-1)?.id;
    if (page.length < PAGE || young.length < page.length || beforeId === undefined) break;
  }
  const rows: OutboxDraft[] = [];
  for (const delivery of found.toReversed()) rows.push(await wake(context, repos, delivery));
  return rows;
}

async function wake({ now, newId }: ReplayContext, repos: Repositories, delivery: WebhookDelivery): Promise<OutboxDraft> {
  await repos.webhookDeliveries.update(delivery.id, { state: 'waiting', attempts: 0, deliveredAt: null });
  return webhookRow(delivery, newId(), now());
}
