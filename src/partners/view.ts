import type { CityData } from '../config/city.ts';
import { BEIJING_OFFSET } from '../domain/clock.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { ExternalNumber, Partner, Repositories } from '../store/contract.ts';
import { stateText } from '../tickets/words.ts';
import { readPosition } from './position.ts';
import { serviceOf } from './services.ts';

/**
 * A ticket as the world outside sees it (GeoReport v2 “GET Service Requests”). Never who the citizen is. What they wrote, where exactly and
 * what was answered is only for the partner that sent the ticket and for partners that were given all (scope `all`).
 */
export interface RequestView {
  readonly service_request_id: string;
  readonly status: 'open' | 'closed';
  readonly status_notes: string;
  readonly service_name: string;
  readonly service_code: string;
  readonly description: string | null;
  readonly agency_responsible: string | null;
  readonly service_notice: string | null;
  readonly requested_datetime: string;
  readonly updated_datetime: string;
  /** Left out while nothing is promised: the standard's schema knows no empty time. */
  readonly expected_datetime?: string;
  readonly address: string | null;
  /** Division code (GB/T 2260) of the town. */
  readonly address_id: string | null;
  readonly zipcode: string | null;
  readonly lat: number | null;
  readonly long: number | null;
  readonly media_url: string | null;
  readonly yihu_state: string;
  readonly yihu_closure: string | null;
  readonly yihu_kind: string;
  readonly yihu_department: string | null;
  readonly yihu_town: string | null;
  readonly yihu_supervision: number;
  readonly yihu_overdue: boolean;
  readonly yihu_urges: number;
  readonly yihu_external_number: string | null;
}

/** How much of a ticket somebody may see; null: nothing, it is not there for them. */
export type Sight = 'full' | 'public' | null;

/** @param partner null: anybody */
export function sightOf(ticket: Pick<Ticket, 'confidential'>, partner: Pick<Partner, 'id' | 'scope'> | null, numbers: readonly ExternalNumber[]): Sight {
  if (partner !== null && isOwn(partner.id, numbers)) return 'full';
  if (ticket.confidential) return null;
  return partner?.scope === 'all' ? 'full' : 'public';
}

export function isOwn(partnerId: string, numbers: readonly ExternalNumber[]): boolean {
  return numbers.some((number) => number.partnerId === partnerId);
}

export interface ViewContext {
  readonly city: Pick<CityData, 'items' | 'towns' | 'departments'>;
  /** Absolute address of a stored file. */
  readonly mediaUrl: (token: string) => string;
}

/** Reads what hangs on the ticket and makes the view; null when it is not there for them. */
export async function viewFor(context: ViewContext, repos: Repositories, ticket: Ticket, partner: Pick<Partner, 'id' | 'scope'> | null): Promise<RequestView | null> {
  const numbers = partner === null ? [] : await repos.externalNumbers.of(ticket.id);
  const sight = sightOf(ticket, partner, numbers);
  if (sight === null) return null;
  if (sight === 'public') return requestView(context, ticket, { sight, externalNumber: null, media: null });
  const files = await repos.ticketFiles.of(ticket.id);
  const external = numbers.find(({ partnerId, number }) => partnerId === partner?.id && number !== ticket.number);
  const media = files.find(({ purpose }) => purpose === 'citizen')?.media ?? null;
  return requestView(context, ticket, { sight, externalNumber: external?.number ?? null, media });
}

export function requestView(context: ViewContext, ticket: Ticket, { sight, externalNumber, media }: { readonly sight: 'full' | 'public'; readonly externalNumber: string | null; readonly media: string | null }): RequestView {
  const { city } = context;
  const full = sight === 'full';
  const department = city.departments.find(({ id }) => id === ticket.departmentId)?.name ?? null;
  const town = city.towns.find(({ id }) => id === ticket.townId);
  const service = serviceOf(city, ticket.itemCode);
  const position = full ? readPosition(ticket.place) : null;
  const said = stateText(ticket, department);
  return {
    service_request_id: ticket.number,
    status: ticket.state === '归档' ? 'closed' : 'open',
    status_notes: full && ticket.result !== null ? `${said}：${ticket.result}` : said,
    service_name: service.name,
    service_code: service.code,
    description: full ? [...ticket.content].slice(0, MAX_DESCRIPTION).join('') : null,
    agency_responsible: department,
    service_notice: ticket.urgency === 'emergency' ? EMERGENCY_NOTICE : null,
    requested_datetime: w3cTime(ticket.createdAt),
    updated_datetime: w3cTime(ticket.updatedAt),
    ...(ticket.deadlineAt === null ? {} : { expected_datetime: w3cTime(ticket.deadlineAt) }),
    address: (full ? ticket.place : null) ?? town?.name ?? null,
    address_id: town?.code ?? null,
    zipcode: null,
    lat: position?.lat ?? null,
    long: position?.long ?? null,
    media_url: media === null ? null : context.mediaUrl(media),
    yihu_state: ticket.state,
    yihu_closure: ticket.closure,
    yihu_kind: ticket.kind,
    yihu_department: ticket.departmentId,
    yihu_town: ticket.townId,
    yihu_supervision: ticket.supervision,
    yihu_overdue: ticket.overdueAt !== null,
    yihu_urges: ticket.urges,
    yihu_external_number: externalNumber,
  };
}

/** The standard's schema ends a description there. */
export const MAX_DESCRIPTION = 4000;
export const EMERGENCY_NOTICE = '涉及人身安全的紧急情况请同时拨打 110、119 或 120，不要等待工单办理。';

/** `2026-11-23T09:00:00+08:00` (W3C note on date and time formats). */
export function w3cTime(at: EpochMs): string {
  return `${new Date(at + BEIJING_OFFSET).toISOString().slice(0, 19)}+08:00`;
}
