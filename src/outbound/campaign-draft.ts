import Type, { type Static } from 'typebox';
import { AppError } from '../domain/errors.ts';
import { isTicketNumber } from '../domain/ticket-number.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { Campaign, CampaignTarget } from '../store/contract.ts';
import { requireCampaign, wakeCampaign, type CampaignContext, type CampaignUnit } from './campaign-context.ts';
import { canCall } from './campaign-drive.ts';
import { CAMPAIGN_FLOWS } from './campaign-flows.ts';
import { parseHours } from './campaign-plan.ts';
import { citizenLeftOut, ticketLeftOut, type LeftOut } from './campaign-targets.ts';

/** Whom a campaign is to call, and its life: made, started, paused, stopped. */

const shape = { additionalProperties: false } as const;
const Id = Type.String({ minLength: 1, maxLength: 80 });

export const CampaignQuery = Type.Object(
  {
    /** `visit`: tickets in 回访. `abandoned`: calls that ended while they waited, and tickets that promise a call back. `open`: tickets under way. */
    kind: Type.Union([Type.Literal('visit'), Type.Literal('abandoned'), Type.Literal('open')]),
    /** Calls that ended, tickets that were opened since; epoch ms. */
    since: Type.Optional(Type.Integer({ minimum: 0 })),
    itemCode: Type.Optional(Id),
    townId: Type.Optional(Id),
    departmentId: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
  },
  shape,
);
export type CampaignQuery = Static<typeof CampaignQuery>;

export const CampaignGiven = Type.Object(
  {
    name: Type.String({ minLength: 2, maxLength: 80 }),
    purpose: Type.Union([Type.Literal('visit'), Type.Literal('missed'), Type.Literal('progress'), Type.Literal('notice')]),
    channel: Id,
    words: Type.Optional(Type.String({ minLength: 4, maxLength: 200 })),
    query: Type.Optional(CampaignQuery),
    /** Ticket numbers. Telephone numbers are no way to name anybody here: they are the vault's. */
    tickets: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 5_000 })),
    concurrency: Type.Integer({ minimum: 1, maximum: 50 }),
    attempts: Type.Integer({ minimum: 1, maximum: 3 }),
    retryAfterMinutes: Type.Integer({ minimum: 10, maximum: 7 * 24 * 60 }),
    hours: Type.Array(Type.String({ maxLength: 11 }), { minItems: 1, maxItems: 6 }),
    workdaysOnly: Type.Boolean(),
  },
  shape,
);
export type CampaignGiven = Static<typeof CampaignGiven>;

export interface Candidate {
  readonly citizenId: string;
  readonly ticketId: string | null;
}

export interface Preview {
  readonly found: number;
  readonly called: readonly Candidate[];
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
  /** Ticket numbers of the list that are none of ours. */
  readonly unknown: readonly string[];
}

const LIMIT = 2_000;
const PAGE = 200;
/** A citizen's periods that are looked through. */
const PERIODS = 5_000;

/** Checks what the schema cannot. @throws AppError `campaign.bad_hours`, `campaign.no_words`, `campaign.no_targets` */
export function checkGiven(given: CampaignGiven): void {
  parseHours(given.hours);
  if (given.purpose === 'notice' && (given.words ?? '').trim() === '') throw refused('campaign.no_words', '通知类外呼要写明说什么。');
  if ((given.query === undefined) === (given.tickets === undefined)) throw refused('campaign.no_targets', '请选择一种方式：按条件查询，或者给出工单号清单。');
  if (given.query?.kind === 'abandoned' && given.purpose !== 'missed') throw refused('campaign.no_targets', '按未接来电查询只用于未接回拨。');
}

function refused(code: string, citizenText: string): AppError {
  return new AppError(code, citizenText, { status: 400, citizenText });
}

/** Who would be called, and who is left out why. One citizen is called once, however many tickets they have. */
export async function preview(context: CampaignContext, unit: CampaignUnit, given: Pick<CampaignGiven, 'purpose' | 'channel' | 'query' | 'tickets'>): Promise<Preview> {
  const { tickets, unknown, citizens } = await find(unit, given);
  const called = new Map<string, Candidate>();
  const leftOut: Partial<Record<LeftOut, number>> = unknown.length === 0 ? {} : { not_found: unknown.length };
  const out = (reason: LeftOut): void => void (leftOut[reason] = (leftOut[reason] ?? 0) + 1);
  const candidates = [...tickets.map((ticket) => ({ citizenId: ticket.citizenId, ticket })), ...citizens.map((citizenId) => ({ citizenId, ticket: null }))];
  const engaged = await unit.repos.campaigns.engaged([...new Set(candidates.map(({ citizenId }) => citizenId))]);
  const reasons = new Map<string, LeftOut | null>();
  for (const { citizenId, ticket } of candidates) {
    const ofTicket = ticket === null ? null : ticketLeftOut(context, given.purpose, ticket);
    if (ofTicket !== null) out(ofTicket);
    else if (called.has(citizenId)) out('same_citizen');
    else if (engaged.has(citizenId)) out('engaged');
    else {
      const known = reasons.get(citizenId);
      const reason = known === undefined ? await citizenLeftOut(unit, given, citizenId) : known;
      reasons.set(citizenId, reason);
      if (reason !== null) out(reason);
      else called.set(citizenId, { citizenId, ticketId: ticket?.id ?? null });
    }
  }
  return { found: candidates.length + unknown.length, called: [...called.values()], leftOut, unknown };
}

interface Found {
  readonly tickets: readonly Ticket[];
  readonly citizens: readonly string[];
  readonly unknown: readonly string[];
}

async function find(unit: CampaignUnit, { query, tickets }: Pick<CampaignGiven, 'query' | 'tickets'>): Promise<Found> {
  if (query !== undefined) return byQuery(unit, query);
  const [found, unknown]: [Ticket[], string[]] = [[], []];
  for (const written of new Set((tickets ?? []).map((number) => number.replace(/\s/g, '')))) {
    const ticket = isTicketNumber(written) ? await unit.repos.tickets.findByNumber(written) : null;
    if (ticket === null) unknown.push(written);
    else found.push(ticket);
  }
  return { tickets: found, citizens: [], unknown };
}

async function byQuery(unit: CampaignUnit, query: CampaignQuery): Promise<Found> {
  const limit = query.limit ?? LIMIT;
  if (query.kind === 'abandoned') return { ...(await abandoned(unit, query, limit)), unknown: [] };
  const states = query.kind === 'visit' ? (['回访'] as const) : (['受理', '待派', '待签收', '办理中', '挂起'] as const);
  const { itemCode, townId, departmentId, since = 0 } = query;
  const narrow = { states, ...(itemCode === undefined ? {} : { itemCode }), ...(townId === undefined ? {} : { townId }), ...(departmentId === undefined ? {} : { departmentId }) };
  const tickets: Ticket[] = [];
  for (let last: Ticket | undefined; tickets.length < limit; ) {
    const page = await unit.repos.tickets.list({ ...narrow, limit: Math.min(PAGE, limit - tickets.length), ...(last === undefined ? {} : { before: last.createdAt, beforeId: last.id }) });
    tickets.push(...page.filter(({ createdAt }) => createdAt >= since));
    last = page.at(-1);
    if (last === undefined || page.length < PAGE || last.createdAt < since) break;
  }
  // Whoever has waited longest comes first.
  return { tickets: tickets.toReversed(), citizens: [], unknown: [] };
}

/** Calls that ended while they waited. Where one left a ticket that promises a call, that ticket is what is spoken of. */
async function abandoned(unit: CampaignUnit, { since, townId, departmentId, itemCode }: CampaignQuery, limit: number): Promise<Omit<Found, 'unknown'>> {
  const periods = await unit.repos.services.list({ ...(since === undefined ? {} : { from: since }), limit: PERIODS });
  const [tickets, citizens]: [Map<string, Ticket>, Set<string>] = [new Map(), new Set()];
  for (const { conversationId, outcome } of periods.toReversed()) {
    if (outcome !== 'abandoned' && outcome !== 'callback') continue;
    const owed = (await unit.repos.tickets.byConversation(conversationId)).find(({ callback }) => callback);
    if (owed !== undefined) {
      const fits = (townId === undefined || owed.townId === townId) && (departmentId === undefined || owed.departmentId === departmentId) && (itemCode === undefined || owed.itemCode === itemCode);
      if (fits) tickets.set(owed.id, owed);
    } else if (townId === undefined && departmentId === undefined && itemCode === undefined) {
      const conversation = await unit.repos.conversations.get(conversationId);
      if (conversation !== null) citizens.add(conversation.citizenId);
    }
    if (tickets.size + citizens.size >= limit) break;
  }
  return { tickets: [...tickets.values()], citizens: [...citizens] };
}

/** @throws what `checkGiven` throws, and `campaign.channel_off`, `campaign.nobody` */
export async function createCampaign(context: CampaignContext, unit: CampaignUnit, given: CampaignGiven, createdBy: string): Promise<{ readonly campaign: Campaign; readonly preview: Preview }> {
  checkGiven(given);
  if (!canCall(context.channel(given.channel))) throw new AppError('campaign.channel_off', 'this channel places no calls', { status: 409, citizenText: '这个电话渠道没有开通外呼，请先设置主叫号码。' });
  const found = await preview(context, unit, given);
  if (found.called.length === 0) throw new AppError('campaign.nobody', 'nobody would be called', { status: 409, citizenText: '按这个条件没有可以呼叫的市民。' });
  const now = context.now();
  const campaign: Campaign = {
    id: context.newId(), name: given.name.trim(), purpose: given.purpose, flow: CAMPAIGN_FLOWS[given.purpose], channel: given.channel, words: given.words?.trim() ?? null,
    query: given.query === undefined ? null : JSON.stringify(given.query), state: 'draft', concurrency: given.concurrency, attempts: given.attempts, retryAfterMinutes: given.retryAfterMinutes,
    hours: given.hours, workdaysOnly: given.workdaysOnly, createdBy, createdAt: now, startedAt: null, endedAt: null,
  };
  await unit.repos.campaigns.insert(campaign);
  await unit.repos.campaigns.addTargets(found.called.map(({ citizenId, ticketId }): CampaignTarget => ({ id: context.newId(), campaignId: campaign.id, citizenId, ticketId, state: 'waiting', code: null, attempts: 0, nextAt: now, keys: {}, result: {}, endedAt: null })));
  await trailed(context, unit, campaign, 'campaign.created', createdBy);
  return { campaign, preview: found };
}

/** What may be done to a campaign, from which states, and what it is then. */
const STEPS = {
  start: { from: ['draft', 'paused'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  stop: { from: ['draft', 'running', 'paused'], to: 'stopped' },
} as const satisfies Readonly<Record<string, { readonly from: readonly Campaign['state'][]; readonly to: Campaign['state'] }>>;
export type CampaignStep = keyof typeof STEPS;

/**
 * No call is placed after the commit of `pause` and `stop`; whoever is on the line is heard to the end. @throws AppError `campaign.not_found`,
 * `campaign.wrong_state`
 */
export async function stepCampaign(context: Pick<CampaignContext, 'now'>, unit: CampaignUnit, id: string, step: CampaignStep, by: string): Promise<Campaign> {
  const before = await requireCampaign(unit.repos, id);
  const { from, to } = STEPS[step];
  const now = context.now();
  const moved = await unit.repos.campaigns.update(id, from, { state: to, ...(to === 'running' ? { startedAt: before.startedAt ?? now } : {}), ...(to === 'stopped' ? { endedAt: now } : {}) });
  if (moved === null) throw new AppError('campaign.wrong_state', `a campaign that is ${before.state} cannot ${step}`, { status: 409, citizenText: '这个外呼任务现在不能这样操作，请刷新后再看。' });
  if (to === 'stopped') await endWaiting(context, unit, id);
  await wakeCampaign(context, unit, id, now);
  await trailed(context, unit, moved, `campaign.${to}`, by);
  unit.after.push({ kind: 'campaign', campaignId: id });
  return moved;
}

async function endWaiting(context: Pick<CampaignContext, 'now'>, unit: CampaignUnit, campaignId: string): Promise<void> {
  const { campaigns } = unit.repos;
  for (let more = true; more; ) {
    const waiting = await campaigns.targets(campaignId, { state: 'waiting', limit: PAGE });
    for (const { id } of waiting) await campaigns.updateTarget(id, ['waiting'], { state: 'skipped', code: 'stopped', nextAt: null, endedAt: context.now() });
    more = waiting.length === PAGE;
  }
}

/** Who makes or moves a campaign is a seat, or the command line. */
export const COMMAND_LINE = 'cli';

async function trailed(context: Pick<CampaignContext, 'now'>, unit: CampaignUnit, campaign: Campaign, action: string, by: string): Promise<void> {
  await unit.repos.trail.append({ at: context.now(), actor: by === COMMAND_LINE ? by : `seat:${by}`, action, subject: `campaign:${campaign.id}`, purpose: campaign.name });
}
