import { supervisionLabel } from '../../../tickets/supervision.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import type { Repositories, Supervision, TicketFile, TicketRequest } from '../../../store/contract.ts';
import type { RequestViewShape, SupervisionViewShape } from './ticket-schemas.ts';

/** What the desk sees of requests, files and supervision: names beside codes. */

/** Cases shown beside a request. */
const PRECEDENTS = 3;

export function requestView({ city, now }: IntakeContext, request: TicketRequest): RequestViewShape {
  const { id, ticketId, kind, departmentId, itemCode, reasonCode, reason, evidence, amount, until, askedAt, judgeBy, state, judgedAt, verdict } = request;
  return {
    id, ticketId, kind, departmentId, itemCode, reasonCode, reason, evidence: [...evidence], amount, until, askedAt, judgeBy, state, judgedAt, verdict,
    departmentName: departmentName(city, departmentId),
    itemName: city.items.find(({ code }) => code === itemCode)?.name ?? null,
    reasonLabel: city.ticketRules.reasons[kind].find(({ code }) => code === reasonCode)?.label ?? reasonCode,
    late: judgeBy !== null && (judgedAt ?? now()) > judgeBy,
  };
}

export async function precedentsView(context: IntakeContext, repos: Repositories, { kind, itemCode, departmentId }: Pick<TicketRequest, 'kind' | 'itemCode' | 'departmentId'>) {
  const counts = await repos.requests.precedentCounts({ kind, itemCode, departmentId });
  const last = counts.upheld + counts.refused === 0 ? [] : await repos.requests.precedents({ kind, itemCode, departmentId, limit: PRECEDENTS });
  return { upheld: counts.upheld, refused: counts.refused, last: last.map((request) => requestView(context, request)) };
}

export function fileView({ mediaUrl }: IntakeContext, file: TicketFile) {
  const { id, ticketId, name, contentType, purpose, addedBy, at } = file;
  return { id, ticketId, name, contentType, purpose, addedBy, at, url: mediaUrl(`media:${file.media}/${encodeURIComponent(name ?? 'file')}`) };
}

/** In the order given; the tickets are read at once. */
export async function supervisionViews({ city, now }: IntakeContext, repos: Repositories, list: readonly Supervision[]): Promise<SupervisionViewShape[]> {
  const tickets = new Map((await repos.tickets.getMany([...new Set(list.map(({ ticketId }) => ticketId))])).map((ticket) => [ticket.id, ticket]));
  const names = new Map<string, string>();
  for (const by of new Set(list.map(({ createdBy }) => createdBy))) {
    const seatId = by.startsWith('seat:') ? by.slice(5) : null;
    names.set(by, seatId === null ? '系统' : ((await repos.seats.get(seatId))?.displayName ?? '班长'));
  }
  return list.map((one) => {
    const ticket = tickets.get(one.ticketId);
    return {
      ...one,
      number: ticket?.number ?? '', title: ticket?.title ?? '', ticketState: ticket?.state ?? '',
      levelName: supervisionLabel(one.level),
      departmentName: departmentName(city, one.departmentId),
      createdBy: names.get(one.createdBy) ?? '系统',
      late: one.dueAt !== null && (one.endedAt ?? now()) > one.dueAt,
    };
  });
}

export const departmentName = (city: IntakeContext['city'], id: string | null): string | null => city.departments.find((department) => department.id === id)?.name ?? null;

