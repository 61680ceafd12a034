import { createHash } from 'node:crypto';
import type { CityData } from '../config/city.ts';
import { MINUTE } from '../domain/clock.ts';
import { maskText } from '../domain/masking.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Partner } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../tickets/context.ts';
import { openTicket } from '../tickets/open.ts';
import { record } from '../tickets/record.ts';
import type { Report } from './report.ts';

/** Channel of tickets that partner platforms send in. */
export const PARTNER_CHANNEL = 'open311';
/** Outbox kind: fetch a file that a report names. Payload: {ticketId, partnerId, url}. */
export const PARTNER_MEDIA_KIND = 'partner.media';
/** The same fields of the same partner within this time are the same report: the standard has no id of the sender's. */
const REPEAT_MS = 10 * MINUTE;

export interface SendInContext extends TicketsContext {
  readonly city: CityData;
}

/**
 * Opens a ticket for a report, once: the partner's number, or the same fields again soon after, gives the ticket of the first time.
 * @param canonical `Fields.canonical` of the request
 */
export async function sendIn(context: SendInContext, unit: TicketUnit, given: { readonly partner: Partner; readonly report: Report; readonly canonical: string; readonly emergency: boolean }): Promise<{ readonly ticket: Ticket; readonly repeated: boolean }> {
  const { partner, report, canonical, emergency } = given;
  const { repos } = unit;
  const before = await sentBefore(context, unit, partner.id, report.externalNumber, canonical);
  if (before !== null) return { ticket: before, repeated: true };
  const now = context.now();
  const citizenId = await repos.citizens.resolve({ id: context.newId(), channel: PARTNER_CHANNEL, externalUserId: report.account === null ? null : `${partner.id}:${report.account}`, phone: null, displayName: null, now });
  const ticket = await openTicket(context, unit, {
    ticketKind: report.kind, itemCode: report.itemCode, title: report.title, content: report.content, townId: report.townId, place: report.place, happened: report.happened,
    phone: report.phone, name: report.name, urgency: emergency ? 'emergency' : 'normal', confidential: report.confidential, callback: report.callback, citizenId,
    conversationId: null, channel: PARTNER_CHANNEL, actor: { kind: 'partner', partnerId: partner.id },
    openingKey: openingKey(partner.id, report.externalNumber, canonical, now),
  });
  // Whose it is; without a number of theirs under ours.
  await repos.externalNumbers.insert({ partnerId: partner.id, number: report.externalNumber ?? ticket.number, ticketId: ticket.id, at: now });
  if (report.mediaUrls.length > 0) await noteMedia(context, unit, ticket, partner.id, report.mediaUrls);
  return { ticket, repeated: false };
}

/** The ticket of an earlier, equal report; null: it is new. */
export async function sentBefore(context: Pick<TicketsContext, 'now'>, unit: Pick<TicketUnit, 'repos'>, partnerId: string, externalNumber: string | null, canonical: string): Promise<Ticket | null> {
  const { repos } = unit;
  if (externalNumber !== null) {
    const external = await repos.externalNumbers.find(partnerId, externalNumber);
    return external === null ? null : repos.tickets.get(external.ticketId);
  }
  const now = context.now();
  for (const at of [now, now - REPEAT_MS]) {
    const ticket = await repos.tickets.findByOpeningKey(openingKey(partnerId, null, canonical, at));
    if (ticket !== null && now - ticket.createdAt < REPEAT_MS) return ticket;
  }
  return null;
}

/** Equal reports without a number share a key for a stretch of the clock; the stretch before is looked at too. */
function openingKey(partnerId: string, externalNumber: string | null, canonical: string, now: number): string {
  const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
  if (externalNumber !== null) return `open311:${partnerId}:number:${hash(externalNumber)}`;
  return `open311:${partnerId}:fields:${hash(canonical)}:${Math.floor(now / REPEAT_MS)}`;
}

/** Files come later, by the bus: their address is on the ticket at once. */
async function noteMedia(context: SendInContext, unit: TicketUnit, ticket: Ticket, partnerId: string, urls: readonly string[]): Promise<void> {
  const now = context.now();
  await record(context, unit, ticket, { type: 'ticket.noted', actor: { kind: 'partner', partnerId }, at: now, data: { text: maskText(`附件：${urls.join(' ')}`).text } });
  const rows = urls.map((url) => ({ id: context.newId(), lane: `media:${ticket.id}`, kind: PARTNER_MEDIA_KIND, payload: { ticketId: ticket.id, partnerId, url }, availableAt: now, blocking: false, now }));
  await unit.repos.outbox.add(rows);
  unit.after.push({ kind: 'wake', rows: rows.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
}
