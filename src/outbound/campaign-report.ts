import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler } from '../bus/contract.ts';
import { asAddress } from '../domain/activity.ts';
import type { ReachAttempt } from '../store/contract.ts';
import { hasEnded, putForward } from './attempts.ts';
import { SETTLE_KIND, wakeCampaign, type CampaignContext, type CampaignUnit } from './campaign-context.ts';
import { afterAttempt, CALL_OUTCOMES, type CallOutcome } from './campaign-plan.ts';
import { endVisit } from './campaign-visit.ts';

/** What follows when a call of a campaign went on: by the peer's word (told.ts) or by time. */

/** A call is in another state now; in the transaction that keeps it. For `OutboundContext.callWent`. */
export async function callWent(context: CampaignContext, unit: CampaignUnit, attempt: ReachAttempt): Promise<void> {
  const { targetId } = attempt;
  const target = targetId === null ? null : await unit.repos.campaigns.target(targetId);
  if (target === null) return;
  unit.after.push({ kind: 'campaign', campaignId: target.campaignId });
  if (!hasEnded(attempt)) return;
  // What was said in the call is understood before its end is judged: the judging waits behind the conversation's turns.
  const conversation = attempt.externalId === null ? null : await unit.repos.conversations.findByAddress(attempt.channel, asAddress(attempt.externalId));
  const now = context.now();
  const id = `settle:${attempt.id}`;
  const row = { id, lane: conversation === null ? id : `turn:${conversation.id}`, availableAt: now };
  if (!(await unit.repos.outbox.pending(id))) await unit.repos.outbox.add([{ ...row, kind: SETTLE_KIND, payload: { attemptId: attempt.id }, blocking: true, now }]);
  unit.after.push({ kind: 'wake', rows: [row] });
}

/** Time, not the peer, ends it. Of no effect where a report was faster. */
export async function giveUp(context: CampaignContext, unit: CampaignUnit, attemptId: string, code: string): Promise<void> {
  const attempt = await unit.repos.reach.get(attemptId);
  if (attempt !== null && !hasEnded(attempt)) await putForward(context, unit, attempt, { state: 'unknown', code });
}

const SettlePayload = Compile(Type.Object({ attemptId: Type.String() }));

/** Outbox kind `campaign.settle`. */
export function createSettleHandler(context: CampaignContext): JobHandler {
  return async (row, lease) => {
    if (!SettlePayload.Check(row.payload)) return { kind: 'bury', code: 'campaign.bad_payload' };
    const { attemptId } = row.payload;
    await context.write(async (unit) => {
      await claim(unit, row, lease);
      await settleTarget(context, unit, attemptId);
    });
    return { kind: 'done' };
  };
}

/** What becomes of the target now that its call is over. Of no effect when the target is no longer being called by this attempt. */
export async function settleTarget(context: CampaignContext, unit: CampaignUnit, attemptId: string): Promise<void> {
  const { reach, campaigns } = unit.repos;
  const attempt = await reach.get(attemptId);
  const target = attempt === null || attempt.targetId === null ? null : await campaigns.target(attempt.targetId);
  const campaign = target === null ? null : await campaigns.get(target.campaignId);
  if (attempt === null || target === null || campaign === null || !hasEnded(attempt)) return;
  if (target.state !== 'calling' || target.attempts !== attempt.number) return;
  const now = context.now();
  const outcome = outcomeOf(target.result) ?? (campaign.purpose !== 'visit' && (await hasSpoken(unit, attempt)) ? 'reached' : null);
  const after = afterAttempt(campaign, context.clock.isWorkday, { call: attempt.state, outcome, attempts: target.attempts, now });
  // A stopped campaign calls nobody again.
  const given = after.state === 'waiting' && campaign.state === 'stopped' ? ({ state: 'unreached', code: 'stopped', nextAt: null, endedAt: now } as const) : after;
  await campaigns.updateTarget(target.id, ['calling'], given);
  await endVisit(context, unit, campaign, target, given);
  await wakeCampaign(context, unit, campaign.id, now);
  unit.after.push({ kind: 'campaign', campaignId: campaign.id });
}

/** Words or a key in the call: whoever takes up another matter instead of answering has been reached all the same. Only a visit-back wants its answers. */
async function hasSpoken(unit: CampaignUnit, { channel, externalId }: ReachAttempt): Promise<boolean> {
  const conversation = externalId === null ? null : await unit.repos.conversations.findByAddress(channel, asAddress(externalId));
  if (conversation === null) return false;
  return (await unit.repos.activities.latest(conversation.id, LOOKED_THROUGH)).some(({ direction, content }) => direction === 'in' && content.type === 'message');
}

/** Of a call's activities, from its end. */
const LOOKED_THROUGH = 50;

export function outcomeOf(result: Readonly<Record<string, string>>): CallOutcome | null {
  return CALL_OUTCOMES.find((known) => known === result['outcome']) ?? null;
}
