import type { Ticket, TicketEvent, TicketEventType } from '../domain/ticket.ts';
import type { OutboxDraft, Partner, Store } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { hears, mayHear, wants, WEBHOOK_KIND, webhookLane } from './events.ts';

/** Partners as this process knows them. Asked for every ticket event, so it lives in memory and is read anew every few seconds. */
export interface PartnerBook {
  list(): readonly Partner[];
  /** Reads them now: after a change here. Throws what the store throws. */
  refresh(): Promise<void>;
}

export function createPartnerBook(store: Pick<Store, 'read'>): PartnerBook {
  let partners: readonly Partner[] = [];
  return {
    list: () => partners,
    refresh: async () => {
      partners = await store.read((repos) => repos.partners.list());
    },
  };
}

export interface ListenerOptions {
  readonly book: Pick<PartnerBook, 'list'>;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Writes down, in the transaction of a ticket's event, what each partner is to be sent: a row and its place in the partner's lane. */
export function createPartnerListener({ book, now, newId }: ListenerOptions) {
  return {
    hears: (type: TicketEventType, ticket: Ticket): boolean => book.list().some((partner) => wants(partner, type) && mayHear(partner, ticket)),
    handle: async (unit: TicketUnit, ticket: Ticket, event: TicketEvent): Promise<void> => {
      const { repos, after } = unit;
      // Not the book: what counts is who is subscribed now.
      const wanting = (await repos.partners.list()).filter((partner) => wants(partner, event.type) && mayHear(partner, ticket));
      if (wanting.length === 0) return;
      const numbers = await repos.externalNumbers.of(ticket.id);
      const at = now();
      const rows: OutboxDraft[] = [];
      for (const partner of wanting) {
        if (!hears(partner, ticket, numbers)) continue;
        const delivery = { id: newId(), partnerId: partner.id, ticketId: ticket.id, seq: event.seq, state: 'waiting', attempts: 0, lastResult: null, createdAt: at, deliveredAt: null } as const;
        await repos.webhookDeliveries.insert(delivery);
        rows.push(webhookRow(delivery, newId(), at));
      }
      if (rows.length === 0) return;
      await repos.outbox.add(rows);
      after.push({ kind: 'wake', rows: rows.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
    },
  };
}

export function webhookRow(delivery: { readonly id: string; readonly partnerId: string; readonly ticketId: string }, id: string, now: number): OutboxDraft {
  return { id, lane: webhookLane(delivery.partnerId, delivery.ticketId), kind: WEBHOOK_KIND, payload: { deliveryId: delivery.id }, availableAt: now, blocking: true, now };
}
