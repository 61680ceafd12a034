import type { DeliveryReport, Told } from '../channel/contract.ts';
import { BEIJING_OFFSET, MINUTE } from '../domain/clock.ts';
import type { Consent, ReachAttempt } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { putForward } from './attempts.ts';
import type { OutboundContext } from './context.ts';

/** What peers tell of what the house began. Everything of one webhook in one transaction; said again, it changes nothing. */

/** A peer's clock may be ahead by so much; what is further in the future, or before the attempt, is taken for now. */
const SKEW_MS = 5 * MINUTE;
/** Vendors write Beijing time into fields that look like UTC, and the other way round: such a time is as good as none. */
const EARLIEST_MS = BEIJING_OFFSET;

export async function takeTold(context: OutboundContext, channel: string, told: Told): Promise<void> {
  await context.write(async (unit) => {
    for (const report of told.reports) await takeReport(context, unit, channel, report);
    for (const change of told.consents) await takeConsent(context, unit, channel, change);
  });
}

async function takeReport(context: OutboundContext, unit: TicketUnit, channel: string, report: DeliveryReport): Promise<void> {
  const attempt = await attemptOf(unit, channel, report);
  if (attempt === null) {
    // An account may serve other houses too: their reports are none of ours.
    context.count({ channel, status: 'unknown_report' });
    return;
  }
  const now = context.now();
  const at = report.at !== null && report.at >= attempt.createdAt - EARLIEST_MS && report.at <= now + SKEW_MS ? report.at : now;
  await putForward(context, unit, attempt, {
    state: report.state,
    ...(report.code === null ? {} : { code: report.code }),
    ...(report.externalId === null ? {} : { externalId: report.externalId }),
    ...(attempt.sentAt === null ? { sentAt: Math.min(at, now) } : {}),
    ...(report.seconds === undefined ? {} : { seconds: report.seconds }),
    ...(ENDS.has(report.state) ? { endedAt: at } : {}),
  });
}

const ENDS: ReadonlySet<DeliveryReport['state']> = new Set(['delivered', 'failed', 'machine', 'completed', 'busy', 'no-answer', 'canceled']);

/** By our key first: it is there even when the peer's own id never reached us. */
async function attemptOf(unit: TicketUnit, channel: string, { of, key, externalId }: DeliveryReport): Promise<ReachAttempt | null> {
  const found = (key === null ? null : await unit.repos.reach.get(key)) ?? (externalId === null ? null : await unit.repos.reach.byExternal(channel, externalId));
  return found === null || found.channel !== channel || found.kind !== of ? null : found;
}

async function takeConsent(context: OutboundContext, unit: TicketUnit, channel: string, change: Told['consents'][number]): Promise<void> {
  const now = context.now();
  const conversation = await unit.repos.conversations.findByAddress(channel, change.address);
  const { externalUserId } = change;
  if (conversation === null && externalUserId === undefined) {
    context.count({ channel, status: 'unknown_consent' });
    return;
  }
  if (!(await unit.repos.consents.isNew(channel, change.externalId, now))) return;
  // Who has never written is known by the account from now on: with the first word the consent is theirs.
  const citizenId = conversation?.citizenId ?? (await unit.repos.citizens.resolve({ id: context.newId(), channel, externalUserId: externalUserId ?? null, phone: null, displayName: null, now }));
  const row = { citizenId, channel, template: change.template, at: now } as const;
  if (change.grant === 'never' || change.grant === 'always') {
    await unit.repos.consents.put({ ...row, state: change.grant === 'never' ? 'refused' : 'allowed', left: 0 });
    return;
  }
  const before = (await unit.repos.consents.of(citizenId)).find((one) => one.channel === channel && one.template === change.template);
  await unit.repos.consents.put({ ...row, state: 'left', left: leftOf(before) + change.grant });
}

const leftOf = (consent: Consent | undefined): number => (consent?.state === 'left' ? Math.max(0, consent.left) : 0);
