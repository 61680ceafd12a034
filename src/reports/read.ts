import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import { DAY, startOfDay } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { pathOf } from '../domain/items.ts';
import { MEASURES, type MeasureName, type MeasureSource } from '../measures/catalogue.ts';
import { AS_OF } from '../measures/catch-up.ts';
import type { MeasureDimension, Repositories, ReportTicket, RollupSum, Storm } from '../store/contract.ts';
import { type CohortCounter, createCohortCounter } from './cohort.ts';
import type { Amount, Amounts, ByKey, DaysByKey, Facts, QualityFacts, Scope, Spans, SupervisedTicket } from './facts.ts';
import { type Compared, comparedWith, type Period } from './period.ts';
import { NO_TOPICS, type TopicsWork } from './topics/work.ts';
import type { TopicTicket } from './topics/types.ts';

/** Reads what a report is written from: counted figures from rollups, and the period's tickets page by page. */

export interface ReadContext {
  read<Result>(fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
  readonly city: Pick<CityData, 'items' | 'itemGroups' | 'towns' | 'departments'>;
  readonly now: () => EpochMs;
  /** What is asked of a rate, 0 to 1, by its name. */
  readonly targets: Readonly<Record<string, number>>;
  /** Topics are sought in a thread, or here a little at a time. */
  openTopics(given: { readonly from: EpochMs; readonly to: EpochMs; readonly parts: number; readonly placeNames: readonly string[] }): TopicsWork;
  /** What quality inspection brought in [from, to); absent: there is none. */
  quality?(span: { readonly from: EpochMs; readonly to: EpochMs }, before: { readonly from: EpochMs; readonly to: EpochMs }): Promise<QualityFacts | null>;
}

export interface Asked {
  readonly period: Period;
  readonly scope: { readonly kind: Scope['kind']; readonly id: string };
}

/** Share of the work that is done, 0 to 1. */
export type Progress = (done: number) => void;

const PAGE = 500;
const BEFORE_DAYS = 56;
/** Rows of the supervision list. */
const MOST_SUPERVISIONS = 300;
const MOST_OPEN = 1_000;

/** @throws AppError `report.no_scope` for an item, town or storm that is not there */
export async function scopeOf(context: Pick<ReadContext, 'read' | 'city'>, { kind, id }: Asked['scope']): Promise<{ readonly scope: Scope; readonly storm: Storm | null }> {
  const none = (what: string): AppError => new AppError('report.no_scope', `no ${kind} ${id}`, { status: 404, details: { kind, id }, citizenText: `没有这个${what}：${id}` });
  const { items, itemGroups, towns } = context.city;
  switch (kind) {
    case 'city':
      return { scope: { kind, id: '', name: '全市', itemCodes: [] }, storm: null };
    case 'town': {
      const town = towns.find((one) => one.id === id);
      if (town === undefined) throw none('镇街');
      return { scope: { kind, id, name: town.name, itemCodes: [] }, storm: null };
    }
    case 'item': {
      const below = items.filter(({ code }) => code === id || code.startsWith(`${id}.`) || pathOf({ items, groups: itemGroups }, code).includes(id)).map(({ code }) => code);
      if (below.length === 0) throw none('事项');
      // A branch that only the dots know is called after the field of all that hangs on it.
      const fields = new Set(items.flatMap(({ code, field }) => (below.includes(code) ? [field] : [])));
      const name = items.find(({ code }) => code === id)?.name ?? itemGroups.find(({ code }) => code === id)?.name ?? (fields.size === 1 ? [...fields][0] : undefined);
      return { scope: { kind, id, name: name ?? id, itemCodes: below }, storm: null };
    }
    case 'storm': {
      const storm = await context.read((repos) => repos.storms.get(id));
      if (storm === null) throw none('集中诉求');
      return { scope: { kind, id, name: storm.title, itemCodes: [] }, storm };
    }
  }
}

export async function readFacts(context: ReadContext, { period, scope: asked }: Asked, progress: Progress = () => {}): Promise<Facts> {
  const madeAt = context.now();
  const { now, past, whole } = comparedWith(period, madeAt);
  const { scope, storm } = await scopeOf(context, asked);
  const firstTicketAt = await context.read((repos) => repos.reportTickets.firstAt());
  const countedUntil = await context.read((repos) => repos.rollups.cursor(AS_OF));
  const known = { now: await sourcesKnown(context, now.to), past: firstTicketAt === null || firstTicketAt > past.from ? null : await sourcesKnown(context, past.to) };
  progress(0.02);
  // What the house has not seen from its beginning cannot be held against anything.
  const spans = async <Each>(read: (span: Compared) => Promise<Each>): Promise<Spans<Each>> => ({ now: await read(now), past: known.past === null ? null : await read(past) });

  const counted = await spans((span) => countedIn(context, span, scope));
  const opened = {
    item: await spans((span) => openedBy(context, span, scope, 'item')),
    town: await spans((span) => openedBy(context, span, scope, 'town')),
    channel: await spans((span) => openedBy(context, span, scope, 'channel')),
    kind: await spans((span) => openedBy(context, span, scope, 'kind')),
  };
  const before = await daysBefore(context, now.from, scope, firstTicketAt);
  progress(0.08);

  const counter = createCohortCounter();
  const byScope = { item: new Map<string, number>(), town: new Map<string, number>(), channel: new Map<string, number>(), kind: new Map<string, number>(), at: new Map<EpochMs, number>() };
  const grain = period.kind === 'day' ? ('hour' as const) : ('day' as const);
  const fromTickets = scope.kind === 'storm';
  const topics = await readTopics(context, { now, scope, storm, grain }, { counter, wantsCohort: scope.kind !== 'city', seen: (ticket) => countInto(byScope, ticket, grain) }, (done) => progress(0.1 + done * 0.8));
  const supervised = await readSupervisions(context, now, scope);
  progress(0.95);
  const quality = scope.kind === 'city' && context.quality !== undefined ? await context.quality(now, past) : null;
  return {
    period, now, past, whole, madeAt, scope, known, countedUntil: countedUntil === null ? null : Number(countedUntil), targets: context.targets, firstTicketAt, counted: fromTickets ? { now: {}, past: null } : counted,
    opened: fromTickets ? { item: { now: byScope.item, past: null }, town: { now: byScope.town, past: null }, channel: { now: byScope.channel, past: null }, kind: { now: byScope.kind, past: null } } : narrowed(opened, byScope, scope),
    before,
    flow: { grain, points: fromTickets ? pointsOf(now, grain, byScope.at, null) : await flowOf(context, now, past, scope, grain, known.past !== null) },
    departments: scope.kind === 'city' ? { counted: await spans((span) => countedBy(context, span)) } : { cohorts: counter.byDepartment() },
    cohort: scope.kind === 'city' ? null : counter.all(),
    ...supervised, topics, storm, quality,
  };
}

/** Of one town the items, and of one item the towns, were not counted beforehand: they come from the tickets, and have nothing to be held against. */
function narrowed(opened: Facts['opened'], byScope: { readonly [Key in keyof Facts['opened']]: ReadonlyMap<string, number> }, scope: Scope): Facts['opened'] {
  if (scope.kind === 'city') return opened;
  const own = (key: keyof Facts['opened']): Spans<ReadonlyMap<string, number>> => ({ now: byScope[key], past: null });
  return { item: scope.kind === 'item' ? opened.item : own('item'), town: scope.kind === 'town' ? opened.town : own('town'), channel: own('channel'), kind: own('kind') };
}

const dimensionOf = (scope: Scope): { readonly by: MeasureDimension; readonly keys?: readonly string[] } =>
  scope.kind === 'town' ? { by: 'town', keys: [scope.id] } : scope.kind === 'item' ? { by: 'item', keys: scope.itemCodes } : { by: 'all' };

/** What is kept by day only is asked for up to a midnight; a day that runs counts as far as it has come. */
const byDays = ({ from, to }: Pick<Compared, 'from' | 'to'>): { readonly from: EpochMs; readonly to: EpochMs } => ({ from, to: startOfDay(to - 1) + DAY });

async function sourcesKnown(context: ReadContext, until: EpochMs): Promise<Readonly<Record<MeasureSource, boolean>>> {
  const sums = await context.read((repos) => repos.rollups.sums({ from: 0, to: startOfDay(until - 1) + DAY, measures: MEASURES.map(({ name }) => name), by: 'all' }));
  const seen = new Set(sums.flatMap(({ measure }) => MEASURES.find(({ name }) => name === measure)?.source ?? []));
  return { messages: seen.has('messages'), services: seen.has('services'), tickets: seen.has('tickets'), gaps: seen.has('gaps') };
}

function summed(sums: readonly RollupSum[]): Amounts {
  const found: Record<string, Amount> = {};
  for (const { measure, amount, sum } of sums) found[measure] = { amount: (found[measure]?.amount ?? 0) + amount, sum: (found[measure]?.sum ?? 0) + sum };
  return found;
}

async function countedIn(context: ReadContext, span: Compared, scope: Scope): Promise<Amounts> {
  if (scope.kind === 'storm') return {};
  const { by, keys } = dimensionOf(scope);
  const measures = MEASURES.filter(({ cuts }) => cuts.some((cut) => cut.by === by)).map(({ name }) => name);
  const hours = scope.kind === 'city' ? span : byDays(span);
  return summed(await context.read((repos) => repos.rollups.sums({ ...hours, measures, by, ...(keys === undefined ? {} : { keys }) })));
}

async function openedBy(context: ReadContext, span: Compared, scope: Scope, by: 'item' | 'town' | 'channel' | 'kind'): Promise<ReadonlyMap<string, number>> {
  if (scope.kind === 'storm' || (scope.kind !== 'city' && scope.kind !== by)) return new Map();
  const keys = scope.kind === 'city' ? {} : { keys: scope.kind === 'town' ? [scope.id] : scope.itemCodes };
  const hours = by === 'kind' ? byDays(span) : span;
  const sums = await context.read((repos) => repos.rollups.sums({ ...hours, measures: ['ticket.opened' satisfies MeasureName], by, ...keys }));
  return new Map(sums.map(({ key, amount }): [string, number] => [key, amount]));
}

async function countedBy(context: ReadContext, span: Compared): Promise<ByKey> {
  const measures = MEASURES.filter(({ source, cuts }) => source === 'tickets' && cuts.some(({ by }) => by === 'department')).map(({ name }) => name);
  const sums = await context.read((repos) => repos.rollups.sums({ ...byDays(span), measures, by: 'department' }));
  const found = new Map<string, Record<string, Amount>>();
  for (const { key, measure, amount, sum } of sums) found.set(key, { ...found.get(key), [measure]: { amount, sum } });
  return found;
}

async function daysBefore(context: ReadContext, from: EpochMs, scope: Scope, firstTicketAt: EpochMs | null): Promise<Facts['before']> {
  // The first day of a house is half a day.
  const start = Math.max(from - BEFORE_DAYS * DAY, firstTicketAt === null ? from : startOfDay(firstTicketAt) + DAY);
  const days = async (by: 'item' | 'town'): Promise<DaysByKey | null> => {
    if (scope.kind !== 'city' && scope.kind !== by) return null;
    const found = new Map<string, Map<EpochMs, number>>();
    if (start >= from) return found;
    const points = await context.read((repos) => repos.rollups.series({ from: start, to: from, measures: ['ticket.opened' satisfies MeasureName], ...(scope.kind === 'city' ? { by } : dimensionOf(scope)), grain: 'day' }));
    for (const { at, key, amount } of points) found.set(key, (found.get(key) ?? new Map<EpochMs, number>()).set(at, amount));
    return found;
  };
  return { from: Math.min(start, from), item: await days('item'), town: await days('town') };
}

async function flowOf(context: ReadContext, now: Compared, past: Compared, scope: Scope, grain: 'hour' | 'day', hasThen: boolean): Promise<Facts['flow']['points']> {
  const narrow = dimensionOf(scope);
  const opened = 'ticket.opened' satisfies MeasureName;
  const closed = 'ticket.closed' satisfies MeasureName;
  const read = async (span: Compared, measure: string): Promise<ReadonlyMap<EpochMs, number>> => {
    const points = await context.read((repos) => repos.rollups.series({ from: span.from, to: span.to, measures: [measure], ...narrow, grain }));
    const found = new Map<EpochMs, number>();
    for (const { at, amount } of points) found.set(at, (found.get(at) ?? 0) + amount);
    return found;
  };
  // By town and item closures are kept by day only.
  const hasClosed = scope.kind === 'city' || grain === 'day';
  const before = hasThen ? await read(past, opened) : null;
  const closedAt = hasClosed ? await read(now, closed) : null;
  return pointsOf(now, grain, await read(now, opened), closedAt).map((point, index) => ({ ...point, before: before === null ? null : (pointsOf(past, grain, before, null)[index]?.opened ?? null) }));
}

function pointsOf({ from, to }: Pick<Compared, 'from' | 'to'>, grain: 'hour' | 'day', opened: ReadonlyMap<EpochMs, number>, closed: ReadonlyMap<EpochMs, number> | null): Facts['flow']['points'] {
  const step = grain === 'hour' ? DAY / 24 : DAY;
  return Array.from({ length: Math.ceil((to - from) / step) }, (_none, index) => {
    const at = from + index * step;
    return { at, opened: opened.get(at) ?? 0, closed: closed === null ? null : (closed.get(at) ?? 0), before: null };
  });
}

function countInto(into: { readonly item: Map<string, number>; readonly town: Map<string, number>; readonly channel: Map<string, number>; readonly kind: Map<string, number>; readonly at: Map<EpochMs, number> }, ticket: ReportTicket, grain: 'hour' | 'day'): void {
  const raise = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  raise(into.item, ticket.itemCode ?? '');
  raise(into.town, ticket.townId ?? '');
  raise(into.channel, ticket.channel);
  raise(into.kind, ticket.kind);
  const at = grain === 'day' ? startOfDay(ticket.createdAt) : Math.floor(ticket.createdAt / (DAY / 24)) * (DAY / 24);
  into.at.set(at, (into.at.get(at) ?? 0) + 1);
}

interface Walk {
  readonly now: Compared;
  readonly scope: Scope;
  readonly storm: Storm | null;
  readonly grain: 'hour' | 'day';
}

/** Tickets of the scope, page by page, oldest first within each item. Every page is a look of its own: a report holds up nobody's housekeeping. */
async function* pagesOf(context: ReadContext, { now, scope, storm }: Walk): AsyncGenerator<readonly ReportTicket[]> {
  if (storm !== null) {
    for (let after: string | null = null; ; ) {
      const from: string | null = after;
      const ids: readonly string[] = await context.read((repos) => repos.storms.tickets(storm.id, PAGE, from));
      if (ids.length === 0) return;
      yield (await context.read((repos) => repos.reportTickets.getMany(ids))).filter(({ createdAt }) => createdAt >= now.from && createdAt < now.to);
      after = ids.at(-1) ?? null;
      if (ids.length < PAGE) return;
    }
  }
  const narrows = scope.kind === 'item' ? scope.itemCodes.map((itemCode) => ({ itemCode })) : [scope.kind === 'town' ? { townId: scope.id } : {}];
  for (const narrow of narrows) {
    for (let after: Pick<ReportTicket, 'createdAt' | 'id'> | null = null; ; ) {
      const from: Pick<ReportTicket, 'createdAt' | 'id'> | null = after;
      const page: readonly ReportTicket[] = await context.read((repos) => repos.reportTickets.page({ from: now.from, to: now.to, ...narrow, after: from, limit: PAGE }));
      if (page.length > 0) yield page;
      after = page.at(-1) ?? null;
      if (page.length < PAGE) break;
    }
  }
}

async function readTopics(context: ReadContext, walk: Walk, { counter, wantsCohort, seen }: { readonly counter: CohortCounter; readonly wantsCohort: boolean; readonly seen: (ticket: ReportTicket) => void }, progress: Progress) {
  const { now, grain } = walk;
  const about = await context.read((repos) => repos.reportTickets.count({ from: now.from, to: now.to }));
  if (about === 0) return NO_TOPICS;
  const parts = Math.max(1, Math.round((now.to - now.from) / (grain === 'hour' ? DAY / 24 : DAY)));
  const topics = context.openTopics({ from: now.from, to: now.to, parts, placeNames: context.city.towns.flatMap(({ name, short }) => [name, short]) });
  try {
    let done = 0;
    for await (const page of pagesOf(context, walk)) {
      await topics.see(page.map(asTopicTicket));
      for (const ticket of page) seen(ticket);
      if (wantsCohort) {
        const signOffs = await context.read((repos) => repos.reportTickets.signOffs(page.map(({ id }) => id)));
        counter.add(page, new Map(signOffs.map((one) => [one.ticketId, one])));
      }
      done += page.length;
      progress(Math.min(1, done / about) * 0.2);
    }
    await topics.gather((share) => progress(0.2 + share * 0.6));
    done = 0;
    for await (const page of pagesOf(context, walk)) {
      await topics.sort(page.map(asTopicTicket));
      done += page.length;
      progress(0.8 + Math.min(1, done / about) * 0.2);
    }
    return await topics.finish();
  } finally {
    topics.close();
  }
}

function asTopicTicket({ id, number, title, content, townId, place, itemCode, departmentId, createdAt, confidential }: ReportTicket): TopicTicket {
  return { id, number, title, content, townId, place, itemCode, departmentId, at: createdAt, confidential };
}

async function readSupervisions(context: ReadContext, { from, to }: Compared, scope: Scope): Promise<Pick<Facts, 'supervisions' | 'supervisionsInAll' | 'openSupervisions'>> {
  const listed: SupervisedTicket[] = [];
  let inAll = 0;
  const inScope = (ticket: ReportTicket): boolean => (scope.kind === 'town' ? ticket.townId === scope.id : scope.kind === 'item' ? ticket.itemCode !== null && scope.itemCodes.includes(ticket.itemCode) : true);
  for (let before: SupervisedTicket['supervision'] | undefined; ; ) {
    const last: SupervisedTicket['supervision'] | undefined = before;
    const page: readonly SupervisedTicket[] = await context.read(async (repos) => {
      const rows = await repos.supervisions.between(from, to, PAGE, last);
      const tickets = new Map((await repos.reportTickets.getMany([...new Set(rows.map(({ ticketId }) => ticketId))])).map((ticket) => [ticket.id, ticket]));
      before = rows.at(-1);
      return rows.flatMap((supervision) => {
        const ticket = tickets.get(supervision.ticketId);
        return ticket === undefined || !inScope(ticket) ? [] : [{ supervision, number: ticket.number, title: ticket.confidential ? '（保密工单）' : ticket.title, itemCode: ticket.itemCode }];
      });
    });
    inAll += page.length;
    listed.push(...page.slice(0, Math.max(0, MOST_SUPERVISIONS - listed.length)));
    if (before === undefined || before === last) break;
  }
  const open = scope.kind === 'city' ? (await context.read((repos) => repos.supervisions.open(MOST_OPEN))).length : 0;
  return { supervisions: listed, supervisionsInAll: inAll, openSupervisions: open };
}
