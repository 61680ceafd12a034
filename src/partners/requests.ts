import type { EpochMs } from '../domain/activity.ts';
import { DAY } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Partner, PartnerTicketRepository, Repositories } from '../store/contract.ts';
import type { Fault, Fields } from './fields.ts';
import { readTime } from './report.ts';
import { findService, GENERAL_SERVICE } from './services.ts';
import { isOwn, type RequestView, type ViewContext, viewFor } from './view.ts';

/** “GET Service Requests” and “GET Service Request” of GeoReport v2. */

/** Longest span of a list, and the span when none is told. */
const SPAN_MS = 90 * DAY;
export const MAX_REQUESTS = 1_000;
/** A page so deep that nobody reads it; what lies behind is reached by dates. */
const MAX_OFFSET = 100_000;

type Wanted = Omit<Parameters<PartnerTicketRepository['visibleIds']>[0], 'partnerId'>;

/** Pure. */
export function readQuery(city: ViewContext['city'], fields: Fields, now: EpochMs): { readonly wanted: Wanted } | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const wrong = (description: string, code = 400): void => void faults.push({ code, description });
  const list = (name: string): readonly string[] | null => fields.one(name) === null ? null : [...new Set(fields.all(name).flatMap((value) => value.split(',')).map((part) => part.trim()).filter((part) => part !== ''))];
  const count = (name: string, least: number, most: number, fallback: number): number => {
    const text = fields.one(name);
    if (text === null) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    wrong(`${name}：须为 ${least} 到 ${most} 的整数`);
    return fallback;
  };

  const limit = count('page_size', 1, MAX_REQUESTS, MAX_REQUESTS);
  const page = count('page', 1, 1_000_000, 1);
  const offset = (page - 1) * limit;
  if (offset > MAX_OFFSET) wrong('page：页数太深，请按时间分段查询');
  const numbers = list('service_request_id');
  if (numbers !== null) {
    if (numbers.length > MAX_REQUESTS) wrong(`service_request_id：一次最多 ${MAX_REQUESTS} 个`);
    // “overrides all other arguments”
    return faults.length > 0 ? { faults } : { wanted: { numbers, limit, offset } };
  }

  const codes = list('service_code');
  for (const code of codes ?? []) if (findService(city, code) === null) wrong(`service_code：没有服务 ${code.slice(0, 64)}`, 404);
  const statuses = list('status') ?? [];
  if (statuses.some((status) => status !== 'open' && status !== 'closed')) wrong('status：须为 open 或 closed');
  const time = (name: string): EpochMs | null => {
    const text = fields.one(name);
    const at = text === null ? null : readTime(text);
    if (text !== null && at === null) wrong(`${name}：须为带时区的时间，如 2026-01-01T00:00:00+08:00`);
    return at;
  };
  const [start, end] = [time('start_date'), time('end_date')];
  const from = start ?? (end ?? now) - SPAN_MS;
  const to = end ?? (start === null ? now : start + SPAN_MS);
  if (from > to) wrong('start_date：不能晚于 end_date');
  if (to - from > SPAN_MS) wrong('start_date、end_date：最长 90 天');
  if (faults.length > 0) return { faults };
  const items = codes?.filter((code) => code !== GENERAL_SERVICE);
  return {
    wanted: {
      from,
      // A moment is in its own range, and what was opened this very millisecond is not too new.
      to: to + 1,
      limit, offset,
      ...(items === undefined || items.length === 0 ? {} : { itemCodes: items }),
      ...(codes?.includes(GENERAL_SERVICE) === true ? { withoutItem: true } : {}),
      ...(new Set(statuses).size === 1 ? { archived: statuses[0] === 'closed' } : {}),
    },
  };
}

/** Newest first. */
export async function listRequests(context: ViewContext, repos: Repositories, partner: Partner | null, wanted: Wanted): Promise<readonly RequestView[]> {
  const ids = await repos.partnerTickets.visibleIds({ partnerId: partner?.id ?? null, ...wanted });
  const tickets = new Map((await repos.tickets.getMany(ids)).map((ticket) => [ticket.id, ticket]));
  const views: RequestView[] = [];
  for (const id of ids) {
    const ticket = tickets.get(id);
    const view = ticket === undefined ? null : await viewFor(context, repos, ticket, partner);
    if (view !== null) views.push(view);
  }
  return views;
}

/** @throws AppError `partner.request_not_found`, also for one that is there and not theirs to see */
export async function getRequest(context: ViewContext, repos: Repositories, partner: Partner | null, number: string): Promise<RequestView> {
  const ticket = await repos.tickets.findByNumber(number);
  const view = ticket === null ? null : await viewFor(context, repos, ticket, partner);
  if (view === null) throw notFound();
  return view;
}

/**
 * A ticket that the partner sent itself.
 * @throws AppError `partner.request_not_found`, `partner.not_own` (it may see it, and do nothing to it)
 */
export async function requireOwn(repos: Repositories, partner: Partner, number: string): Promise<Ticket> {
  const ticket = await repos.tickets.findByNumber(number);
  if (ticket === null) throw notFound();
  if (isOwn(partner.id, await repos.externalNumbers.of(ticket.id))) return ticket;
  if (ticket.confidential) throw notFound();
  throw new AppError('partner.not_own', 'only the platform that sent a ticket acts on it', { status: 403, citizenText: '该工单不是由贵平台提交，不能操作。' });
}

/**
 * “GET request_id from a token”: a request gets its id at once here, so a token is the partner's own number of the matter, or the id itself.
 * @throws AppError `partner.request_not_found`
 */
export async function resolveToken(context: ViewContext, repos: Repositories, partner: Partner | null, token: string): Promise<string> {
  const external = partner === null ? null : await repos.externalNumbers.find(partner.id, token);
  const ticket = external === null ? null : await repos.tickets.get(external.ticketId);
  return ticket?.number ?? (await getRequest(context, repos, partner, token)).service_request_id;
}

function notFound(): AppError {
  return new AppError('partner.request_not_found', 'no such request', { status: 404, citizenText: '没有这个工单。' });
}
