import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler } from '../bus/contract.ts';
import type { CallReceipt, Channel } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import { HOUR, MINUTE } from '../domain/clock.ts';
import { codeOf } from '../domain/errors.ts';
import type { Campaign, CampaignTarget, ReachAttempt } from '../store/contract.ts';
import { hasEnded, putForward } from './attempts.ts';
import { CALL_KIND, wakeCampaign, type CampaignContext, type CampaignUnit } from './campaign-context.ts';
import { freeLines, nextCallTime } from './campaign-plan.ts';
import { giveUp, settleTarget } from './campaign-report.ts';
import { looksCallable } from './campaign-targets.ts';
import { noteVisitCall } from './campaign-visit.ts';
import { e164, numberFor } from './facts.ts';
import { carriedBy, endNoticeCall } from './place-call.ts';
import { takeTold } from './told.ts';

/**
 * Drives campaigns by outbox rows, so that either bus carries it. Two steps, each one transaction: the tick decides who is called, the call
 * writes its attempt as `sending` and only then asks the peer, outside of any transaction. Its row is gone with that commit: whatever happens
 * afterwards, this attempt is never placed again. What became of it a report tells, or `findCall`, or time.
 */

/** While calls are under way the campaign is looked after this often: what is lost is found, and a free line is used. */
const LOOK_MS = MINUTE;
/** An order that got no answer: the peer is asked, or the attempt is given up. */
const LOST_AFTER_MS = 2 * MINUTE;
/** Placed and nothing heard since: longer than anybody rings. */
const SILENT_AFTER_MS = 10 * MINUTE;
/** Answered and no end heard. */
const ENDLESS_AFTER_MS = HOUR;
/** Who may not be called now is looked at again. */
const CHANNEL_AWAY_MS = 5 * MINUTE;
/** Targets looked at in one tick: each may be one that is left out. */
const LOOKED_AT_ONCE = 100;
const RING_SECONDS = 30;
/** An order that the peer refuses is given again later, so often; it never rang, so it is no attempt. */
const REFUSALS = 3;

const TickPayload = Compile(Type.Object({ campaignId: Type.String() }));
const CallPayload = Compile(Type.Object({ campaignId: Type.String(), targetId: Type.String(), attemptId: Type.String() }));

/** Outbox kind `campaign.tick`. */
export function createTickHandler(context: CampaignContext): JobHandler {
  return async (row, lease) => {
    if (!TickPayload.Check(row.payload)) return { kind: 'bury', code: 'campaign.bad_payload' };
    const { campaignId } = row.payload;
    await lookForLost(context, campaignId);
    await context.write(async (unit) => {
      await claim(unit, row, lease);
      const next = await tick(context, unit, campaignId);
      if (next !== null) await wakeCampaign(context, unit, campaignId, next);
    });
    return { kind: 'done' };
  };
}

/** @returns when to look again; null: nothing is left to be done */
async function tick(context: CampaignContext, unit: CampaignUnit, campaignId: string): Promise<EpochMs | null> {
  const { campaigns } = unit.repos;
  const campaign = await campaigns.get(campaignId);
  const now = context.now();
  if (campaign === null) return null;
  const tally = await campaigns.tally(campaignId);
  // Paused or stopped: whoever is on the line is heard to the end.
  if (campaign.state !== 'running') {
    if (tally.calling > 0) return now + LOOK_MS;
    if (campaign.state === 'stopped') await endNoticeCall(context, unit, campaign);
    return null;
  }
  if (tally.waiting + tally.calling === 0) {
    await campaigns.update(campaignId, ['running'], { state: 'done', endedAt: now });
    await endNoticeCall(context, unit, campaign);
    unit.after.push({ kind: 'campaign', campaignId });
    return null;
  }
  const open = nextCallTime(campaign, context.clock.isWorkday, now);
  if (open === null) return now + HOUR;
  if (open > now) return tally.calling > 0 ? Math.min(open, now + LOOK_MS) : open;
  const channel = context.channel(campaign.channel);
  if (!canCall(channel)) {
    context.log.warn({ campaign: campaignId, channel: campaign.channel }, 'the channel of a campaign places no calls now');
    return now + CHANNEL_AWAY_MS;
  }
  const free = freeLines(campaign, { here: tally.calling, everywhere: await campaigns.calling() }, context.lines);
  const begun = await beginCalls(context, unit, campaign, free);
  const waiting = await campaigns.nextDueAt(campaignId);
  if (begun === 0 && tally.calling === 0 && waiting === null) return now;
  if (begun + tally.calling > 0) return now + LOOK_MS;
  return Math.max(now + MINUTE, waiting ?? 0);
}

export function canCall(channel: Channel | null): channel is Channel & Required<Pick<Channel, 'call'>> {
  return channel?.status.state === 'on' && channel.call !== undefined;
}

/** Takes whoever is due until the lines are full; who may not be called is put aside with the reason. */
async function beginCalls(context: CampaignContext, unit: CampaignUnit, campaign: Campaign, free: number): Promise<number> {
  const { campaigns, outbox } = unit.repos;
  const now = context.now();
  if (free === 0) return 0;
  let begun = 0;
  for (const target of await campaigns.dueTargets(campaign.id, now, LOOKED_AT_ONCE)) {
    if (begun >= free) break;
    if (!(await looksCallable(context, unit, campaign, target))) continue;
    const taken = await campaigns.updateTarget(target.id, ['waiting'], { state: 'calling', attempts: target.attempts + 1, nextAt: null, code: null, result: withoutOutcome(target) });
    if (taken === null) continue;
    const id = context.newId();
    const row = { id: `call:${id}`, lane: `call:${id}`, availableAt: now };
    await outbox.add([{ ...row, kind: CALL_KIND, payload: { campaignId: campaign.id, targetId: target.id, attemptId: id }, blocking: true, now }]);
    unit.after.push({ kind: 'wake', rows: [row] });
    begun += 1;
  }
  if (begun > 0) unit.after.push({ kind: 'campaign', campaignId: campaign.id });
  return begun;
}

/** What the last call brought does not speak for the next one. */
function withoutOutcome({ result }: CampaignTarget): CampaignTarget['result'] {
  return Object.fromEntries(Object.entries(result).filter(([name]) => name !== 'outcome'));
}

interface Order {
  readonly campaign: Campaign;
  readonly attemptId: string;
  /** E.164. In this process' memory only. */
  readonly to: string;
}

/** Outbox kind `campaign.call`. */
export function createCallHandler(context: CampaignContext): JobHandler {
  return async (row, lease) => {
    if (!CallPayload.Check(row.payload)) return { kind: 'bury', code: 'campaign.bad_payload' };
    const { campaignId, targetId, attemptId } = row.payload;
    const order = await context.write(async (unit) => {
      await claim(unit, row, lease);
      return writeAttempt(context, unit, { campaignId, targetId, attemptId });
    });
    if (order !== null) await place(context, order);
    return { kind: 'done' };
  };
}

/** The attempt as `sending`, the number out of the vault and the row in the trail that says so: one transaction. Null: not to be called after all. */
async function writeAttempt(context: CampaignContext, unit: CampaignUnit, given: { readonly campaignId: string; readonly targetId: string; readonly attemptId: string }): Promise<Order | null> {
  const { campaigns, reach } = unit.repos;
  const [campaign, target] = [await campaigns.get(given.campaignId), await campaigns.target(given.targetId)];
  const now = context.now();
  if (campaign === null || target?.state !== 'calling') return null;
  const open = nextCallTime(campaign, context.clock.isWorkday, now);
  // Paused, stopped, or the hours are over since the tick: nothing has rung, so nothing counts.
  if (campaign.state !== 'running' || open !== now) {
    await giveBack(context, unit, campaign, target, campaign.state === 'stopped' ? null : (open ?? now + HOUR));
    return null;
  }
  if (!(await looksCallable(context, unit, campaign, target))) return null;
  const phone = await numberFor(context, unit, target.citizenId, `智能外呼：${campaign.name}`);
  const to = phone === null ? null : e164(phone);
  if (to === null) {
    await campaigns.updateTarget(target.id, ['calling'], { state: 'skipped', code: 'no_number', attempts: target.attempts - 1, endedAt: now });
    await wakeCampaign(context, unit, campaign.id, now);
    return null;
  }
  const attempt: ReachAttempt = {
    id: given.attemptId, kind: 'call', channel: campaign.channel, script: campaign.flow, citizenId: target.citizenId, ticketId: target.ticketId, noticeIds: carriedBy(campaign), targetId: target.id, number: target.attempts,
    state: 'sending', code: null, externalId: null, costFen: context.rules.ways.call.costFen, createdAt: now, sentAt: null, endedAt: null, seconds: null,
  };
  if (!(await reach.begin(attempt))) return null;
  await noteVisitCall(context, unit, campaign, target);
  unit.after.push({ kind: 'campaign', campaignId: campaign.id });
  return { campaign, attemptId: attempt.id, to };
}

/** The order never left: as if the tick had not taken the target. */
async function giveBack(context: CampaignContext, unit: CampaignUnit, campaign: Campaign, target: CampaignTarget, nextAt: EpochMs | null): Promise<void> {
  const change = nextAt === null ? ({ state: 'skipped', code: 'stopped', nextAt: null, endedAt: context.now() } as const) : ({ state: 'waiting', nextAt } as const);
  await unit.repos.campaigns.updateTarget(target.id, ['calling'], { ...change, attempts: target.attempts - 1 });
  unit.after.push({ kind: 'campaign', campaignId: campaign.id });
}

async function place(context: CampaignContext, { campaign, attemptId, to }: Order): Promise<void> {
  const channel = context.channel(campaign.channel);
  const receipt = canCall(channel)
    ? await channel.call({ key: attemptId, to, ringSeconds: RING_SECONDS, detectMachine: true }).catch((error: unknown): CallReceipt => ({ status: 'unknown', code: codeOf(error) }))
    : ({ status: 'refused', code: 'channel_off', retryAfterMs: CHANNEL_AWAY_MS } satisfies CallReceipt);
  if (receipt.status !== 'placed') context.log.warn({ campaign: campaign.id, attempt: attemptId, status: receipt.status, code: receipt.code }, 'a call was not placed');
  await context.write((unit) => noteReceipt(context, unit, attemptId, receipt));
}

/** A report may have been faster than the answer to the order; what it said stays. */
export async function noteReceipt(context: CampaignContext, unit: CampaignUnit, attemptId: string, receipt: CallReceipt): Promise<void> {
  const { reach, campaigns } = unit.repos;
  const attempt = await reach.get(attemptId);
  if (attempt === null) return;
  const now = context.now();
  switch (receipt.status) {
    case 'placed':
      await putForward(context, unit, attempt, { state: 'sent', externalId: receipt.externalId, sentAt: now });
      return;
    case 'unknown':
      // Stays `sending`: a report may still come, and the next tick asks the peer.
      return reach.update(attemptId, { code: attempt.code ?? receipt.code });
    case 'refused': {
      if (attempt.state !== 'sending') return;
      await reach.update(attemptId, { state: 'failed', code: receipt.code, endedAt: now, costFen: 0 });
      const target = attempt.targetId === null ? null : await campaigns.target(attempt.targetId);
      const campaign = target === null ? null : await campaigns.get(target.campaignId);
      if (target === null || campaign === null) return;
      const refusals = Number(target.result['refusals'] ?? '0') + 1;
      const over = refusals >= REFUSALS;
      const change = over ? ({ state: 'unreached', code: receipt.code, nextAt: null, endedAt: now } as const) : ({ state: 'waiting', code: receipt.code, nextAt: now + (receipt.retryAfterMs ?? 15 * MINUTE) } as const);
      await campaigns.updateTarget(target.id, ['calling'], { ...change, attempts: target.attempts - 1, result: { ...target.result, refusals: String(refusals) } });
      await wakeCampaign(context, unit, campaign.id, now + MINUTE);
      unit.after.push({ kind: 'campaign', campaignId: campaign.id });
    }
  }
}

/** Calls that nobody has told the end of. The peer is asked outside of the transaction; what it cannot tell, time does. */
async function lookForLost(context: CampaignContext, campaignId: string): Promise<void> {
  const { calling, attempts, campaign } = await context.store.read(async ({ campaigns }) => {
    const targets = await campaigns.targets(campaignId, { state: 'calling', limit: 500 });
    return { calling: targets, attempts: await campaigns.attempts(targets), campaign: await campaigns.get(campaignId) };
  });
  if (campaign === null) return;
  const now = context.now();
  const channel = context.channel(campaign.channel);
  for (const target of calling) {
    const attempt = attempts.findLast(({ targetId }) => targetId === target.id);
    if (attempt === undefined || hasEnded(attempt)) {
      // Its settling row is on its way, unless it was buried.
      if (attempt !== undefined && now - (attempt.endedAt ?? now) > SILENT_AFTER_MS) await context.write((unit) => settleTarget(context, unit, attempt.id));
      continue;
    }
    const age = now - attempt.createdAt;
    if (attempt.state === 'sending' && age > LOST_AFTER_MS && canCall(channel) && channel.findCall !== undefined) {
      const told = await channel.findCall(attempt.id, attempt.createdAt).catch(() => undefined);
      if (told === undefined) continue; // cannot be asked now
      if (told === null) await context.write((unit) => giveUp(context, unit, attempt.id, 'call.not_known'));
      else await takeTold(context, campaign.channel, { reports: [told], consents: [] });
    } else if (age > (attempt.state === 'answered' ? ENDLESS_AFTER_MS : SILENT_AFTER_MS)) {
      await context.write((unit) => giveUp(context, unit, attempt.id, attempt.state === 'answered' ? 'call.no_end' : 'call.no_report'));
    }
  }
}
