import type { Ticket } from '../../domain/ticket.ts';
import type { Tables } from '../tables.ts';

/** The columns of a ticket as the domain has it. */
export function ticketColumns(t: Tables['tickets']) {
  return {
    id: t.id, number: t.number, kind: t.kind, state: t.state, itemCode: t.itemCode, title: t.title, content: t.content, townId: t.townId, place: t.place,
    happened: t.happened, departmentId: t.departmentId, routeId: t.routeId, urgency: t.urgency, confidential: t.confidential, callback: t.callback,
    citizenId: t.citizenId, conversationId: t.conversationId, channel: t.channel, deadlineAt: t.deadlineAt, deadlineRule: t.deadlineRule, urges: t.urges,
    createdAt: t.createdAt, updatedAt: t.updatedAt, version: t.version,
    stateBefore: t.stateBefore, pending: t.pending, assistIds: t.assistIds, enterpriseId: t.enterpriseId, profileId: t.profileId, holds: t.holds, overdueAt: t.overdueAt,
    dispatchedAt: t.dispatchedAt, signedAt: t.signedAt, contactedAt: t.contactedAt, finishedAt: t.finishedAt, archivedAt: t.archivedAt, result: t.result, closure: t.closure,
    visit: t.visit, returns: t.returns, extensions: t.extensions, redirects: t.redirects, redos: t.redos, vetoes: t.vetoes, supervision: t.supervision, leadingId: t.leadingId,
  };
}

export function newestFirst(one: Ticket, other: Ticket): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}
