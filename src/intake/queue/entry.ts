import type { Conversation } from '../../domain/conversation.ts';
import type { EpochMs } from '../../domain/activity.ts';
import { toSimplified } from '../../domain/text.ts';
import type { OutboxDraft, QueueEntry, Refusal, ServicePeriod } from '../../store/contract.ts';
import type { IntakeContext, Unit } from '../context.ts';
import { chooseGroup, type GroupFacts } from './choose.ts';
import { rankOf } from './rank.ts';

/** Kinds of outbox rows that drive the queue. */
export const ASSIGN_KIND = 'queue.assign';
export const TELL_KIND = 'queue.tell';
export const CALLBACK_KIND = 'queue.callback';
export const LEASE_KIND = 'queue.lease';

/** One lane for all groups: a seat serves several of them, and two hands would give it more than it can carry. */
const ASSIGN = { id: 'queue:assign', lane: 'queue' } as const;
/** What a conversation that was taken from a seat by its lease is worth: it stands before all who came within a day. */
const RETURNED_MS = 86_400_000;
/** Newest words of the citizen that tell a dialect. */
const SAID = 12;
/** Items that are less likely tell no group. */
const LIKELY = 0.5;

/**
 * Has the queue looked at, after the commit (`at`: not before then). To be called before any entry is written: the job itself takes its row first
 * and entries then, and who does it the other way round may wait for it in a ring (PostgreSQL).
 */
export async function wakeQueue(context: IntakeContext, unit: Unit, at: EpochMs = context.now()): Promise<void> {
  await unit.repos.outbox.put({ ...ASSIGN, kind: ASSIGN_KIND, payload: {}, availableAt: at, blocking: false, now: context.now() });
  unit.after.push({ kind: 'wake', rows: [{ ...ASSIGN, availableAt: at }] });
}

export interface Entering {
  /** The group that a seat chose; absent: what the rules say. */
  readonly groupId?: string;
  /** Has waited since then already. */
  readonly waitedFrom?: EpochMs;
  /** Comes back because its seat is gone. */
  readonly returned?: boolean;
  readonly refusals?: readonly Refusal[];
}

/** The conversation waits for a person from now on; it has become `waiting` in this transaction. */
export async function enterQueue(context: IntakeContext, unit: Unit, conversation: Conversation, entering: Entering = {}): Promise<void> {
  const now = context.now();
  const { queueRules } = context.city;
  await wakeQueue(context, unit);
  const facts = await factsOf(context, unit, conversation);
  const groupId = entering.groupId ?? chooseGroup(queueRules, facts).id;
  const waitedFrom = entering.waitedFrom ?? conversation.waitingSince ?? now;
  const rank = rankOf(queueRules, { waitedFrom, emergency: facts.emergency, enterprise: facts.enterprise });
  const entry: QueueEntry = {
    conversationId: conversation.id, kind: 'waiting', groupId, waitedFrom, groupSince: now, rankAt: entering.returned === true ? rank - RETURNED_MS : rank,
    wantedSeatId: await wantedSeatOf(unit, conversation), offeredTo: null, offeredUntil: null, refusals: entering.refusals ?? [], leaving: false, toldPosition: null, toldAt: null,
  };
  await unit.repos.queue.put(entry);
  const period = await unit.repos.services.current(conversation.id);
  if (period === null) await beginPeriod(context, unit, conversation, { groupId, askedAt: waitedFrom, emergency: facts.emergency });
  else await unit.repos.services.update(period.id, { groupId, seatId: null, emergency: period.emergency || facts.emergency }, now);
  const before = period?.groupId ?? groupId;
  unit.after.push({ kind: 'queue', groupIds: before === groupId ? [groupId] : [groupId, before] });
}

/** Nobody is waited for any more, or somebody has accepted: the entry goes, a seat that it was offered to hears of it, and those behind it move up. */
export async function leaveQueue(context: IntakeContext, unit: Unit, conversationId: string): Promise<QueueEntry | null> {
  if ((await unit.repos.queue.get(conversationId)) === null) return null;
  await wakeQueue(context, unit);
  const entry = await unit.repos.queue.remove(conversationId);
  if (entry === null) return null;
  if (entry.offeredTo !== null) unit.after.push(offerOver(entry, entry.offeredTo), { kind: 'presence', seatIds: [entry.offeredTo] });
  unit.after.push({ kind: 'queue', groupIds: [entry.groupId] });
  return entry;
}

export function offerOver(entry: Pick<QueueEntry, 'conversationId' | 'groupId' | 'kind'>, seatId: string) {
  return { kind: 'offer' as const, conversationId: entry.conversationId, groupId: entry.groupId, seatId, until: null, offer: entry.kind === 'transfer' ? ('transfer' as const) : ('queue' as const) };
}

/** Begins the period of a service; `servedBy`: a seat has it from the first moment. */
export async function beginPeriod(context: IntakeContext, unit: Unit, conversation: Conversation, given: { readonly groupId: string | null; readonly askedAt: EpochMs; readonly emergency: boolean; readonly servedBy?: string }): Promise<ServicePeriod> {
  const period: ServicePeriod = {
    id: context.newId(), conversationId: conversation.id, channel: conversation.channel, groupId: given.groupId, enterprise: conversation.enterpriseId !== null, emergency: given.emergency, askedAt: given.askedAt,
    offeredAt: null, seatId: given.servedBy ?? null, acceptedAt: given.servedBy === undefined ? null : context.now(), firstReplyAt: null, endedAt: null, outcome: 'open',
  };
  await unit.repos.services.begin(period);
  return period;
}

/** Ends the period that runs, if one does. */
export async function endPeriod(context: IntakeContext, unit: Unit, conversationId: string, outcome: Exclude<ServicePeriod['outcome'], 'open'>): Promise<void> {
  const period = await unit.repos.services.current(conversationId);
  if (period !== null) await unit.repos.services.update(period.id, { endedAt: context.now(), outcome }, context.now());
}

/** As config/queues.yaml has it among its words. */
const SPEAKS_CANTONESE = '讲广东话';

/** What the rules look at. The citizen's words are read only when a group asks for some. */
export async function factsOf(context: IntakeContext, unit: Unit, conversation: Conversation): Promise<GroupFacts> {
  const { city } = context;
  const { understood } = conversation;
  const place = understood?.slots.find((slot) => slot.name === 'town')?.value ?? null;
  const [top] = understood?.items ?? [];
  const item = top === undefined || !(top.sure ?? top.score >= LIKELY) ? null : (city.items.find(({ code }) => code === top.code) ?? null);
  const said: string[] = [];
  if (city.queueRules.groups.some((group) => group.match?.words !== undefined)) {
    for (const { role, content } of await unit.repos.activities.latest(conversation.id, SAID)) if (role === 'citizen' && content.type === 'message') said.push(toSimplified(content.text));
    // Chosen by a key, or told by how they speak: as good as having said so.
    if (conversation.locale === 'zh-HK') said.push(SPEAKS_CANTONESE);
  }
  return {
    channel: conversation.channel,
    locale: conversation.locale,
    enterprise: conversation.enterpriseId !== null,
    emergency: conversation.emergency !== null,
    townId: place === null ? null : (city.towns.find((town) => place === town.id || place === town.name || place === town.short)?.id ?? null),
    item: item === null ? null : { code: item.code, field: item.field },
    said,
  };
}

/** 专员: the enterprise's own seat. */
async function wantedSeatOf(unit: Unit, { enterpriseId }: Conversation): Promise<string | null> {
  return enterpriseId === null ? null : ((await unit.repos.enterprises.get(enterpriseId))?.seatId ?? null);
}

/** How long before the lease is over a seat that gives no sign of life is suspected: a restarted house must not free what its seats are about to come back to. */
export const SUSPECT_MS = 20_000;

/** From now on somebody looks whether this seat still lives. One row a seat; taking again moves it. */
export async function armLease(context: IntakeContext, unit: Unit, seatId: string): Promise<void> {
  const now = context.now();
  const row = leaseRow(context, seatId, now + context.city.queueRules.leaseSeconds * 1_000 - SUSPECT_MS, false);
  await unit.repos.outbox.put(row);
  unit.after.push({ kind: 'wake', rows: [{ id: row.id, lane: row.lane, availableAt: row.availableAt }] });
}

export function leaseRow(context: IntakeContext, seatId: string, availableAt: EpochMs, suspected: boolean): OutboxDraft {
  return { id: `queue:lease:${seatId}`, lane: `queue:seat:${seatId}`, kind: LEASE_KIND, payload: { seatId, suspected }, availableAt, blocking: false, now: context.now() };
}
