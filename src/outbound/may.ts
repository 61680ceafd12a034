import type { EpochMs } from '../domain/activity.ts';
import { DAY, startOfDay } from '../domain/clock.ts';
import type { NotificationTemplate } from '../channel/contract.ts';
import type { Consent, ReachAttempt } from '../store/contract.ts';
import { quietUntil } from '../tickets/notices/quiet.ts';
import { type OutboundRules, type Way, WAYS } from './rules.ts';

/** May a citizen be reached by this way, now? Pure: everything it goes by is passed in. */

/** Fixed words; told in Chinese by words.ts. */
export type Refusal = 'not_for_this' | 'confidential' | 'channel_off' | 'tried' | 'nobody_known' | 'opted_out' | 'no_consent';
export type Verdict = { readonly kind: 'allowed' } | { readonly kind: 'later'; readonly at: EpochMs; readonly reason: 'quiet' | 'caps' | 'cost' } | { readonly kind: 'refused'; readonly reason: Refusal };

export interface ReachFacts {
  readonly now: EpochMs;
  readonly template: NotificationTemplate;
  readonly urgent: boolean;
  readonly confidential: boolean;
  /** Those of the citizen, and of whoever else is known under the same number. */
  readonly consents: readonly Consent[];
  /** Attempts so far. */
  readonly amounts: Readonly<Record<ReachAttempt['kind'], { readonly day: number; readonly week: number }>>;
  /** Spent since the Beijing day began, 1/100 yuan. */
  readonly spentFen: number;
}

export interface WayFacts {
  readonly way: Way;
  readonly channel: string;
  /** It runs, and can do this. */
  readonly on: boolean;
  /** It was tried for this matter already. */
  readonly tried: boolean;
  /** There is a number, an account. */
  readonly addressKnown: boolean;
  readonly costFen: number;
}

/** Refusals come before delays: what may never go need not wait. */
export function mayReach(rules: OutboundRules, facts: ReachFacts, by: WayFacts): Verdict {
  const refused = (reason: Refusal): Verdict => ({ kind: 'refused', reason });
  const { way } = by;
  if (!rules.order.includes(way) || !rules.templates[facts.template].includes(way)) return refused('not_for_this');
  if (facts.confidential && !rules.confidential.includes(way)) return refused('confidential');
  if (by.tried) return refused('tried');
  if (!by.on) return refused('channel_off');
  if (!by.addressKnown) return refused('nobody_known');
  if (consentFor(facts.consents, by.channel, way, facts.template) === 'refused') return refused('opted_out');
  if (rules.ways[way].needsConsent && !hasGrant(facts.consents, by.channel, facts.template)) return refused('no_consent');
  return whenReach(rules, facts, way === 'call' ? 'call' : 'notification', by.costFen);
}

/** The half of the rule that time mends: quiet hours, caps, cost. Campaigns of calls ask it alone, with their own hours. */
export function whenReach(rules: OutboundRules, facts: Pick<ReachFacts, 'now' | 'urgent' | 'amounts' | 'spentFen'>, kind: ReachAttempt['kind'], costFen: number): Verdict {
  const { now, urgent } = facts;
  const binds = (what: OutboundRules['emergencyIgnores'][number]): boolean => !(urgent && rules.emergencyIgnores.includes(what));
  const quiet = binds('quiet') ? quietUntil(rules.quiet, now) : null;
  if (quiet !== null) return { kind: 'later', at: quiet, reason: 'quiet' };
  const { day, week } = facts.amounts[kind];
  if (binds('caps') && (day >= rules.caps[kind].day || week >= rules.caps[kind].week)) return { kind: 'later', at: nextDay(rules, now), reason: 'caps' };
  if (binds('cost') && facts.spentFen + costFen > rules.costPerDayFen) return { kind: 'later', at: nextDay(rules, now), reason: 'cost' };
  return { kind: 'allowed' };
}

/** Tomorrow, when it is no longer quiet. */
function nextDay({ quiet }: OutboundRules, now: EpochMs): EpochMs {
  const midnight = startOfDay(now) + DAY;
  return quietUntil(quiet, midnight) ?? midnight;
}

/**
 * What a citizen has said of a channel and template; the last word counts, and of two at one moment the refusal. A change that names a way
 * (`sms`) or `all` holds for whatever carries it, also after the house has changed its vendor.
 */
export function consentFor(consents: readonly Consent[], channel: string, way: Way, template: string): 'allowed' | 'refused' | 'none' {
  const fitting = consents.filter((one) => [channel, way, 'all'].includes(one.channel) && [template, 'all'].includes(one.template));
  const last = (state: (one: Consent) => boolean): EpochMs => Math.max(-1, ...fitting.filter(state).map(({ at }) => at));
  const [no, yes] = [last(({ state }) => state === 'refused'), last((one) => one.state === 'allowed' || (one.state === 'left' && one.left > 0))];
  if (no >= 0 && no >= yes) return 'refused';
  return yes >= 0 ? 'allowed' : 'none';
}

/** Given on the very channel, where the peer asks for it: “write to me again”, said to us, is no grant of WeChat's. */
export function hasGrant(consents: readonly Consent[], channel: string, template: string): boolean {
  return consents.some((one) => one.channel === channel && [template, 'all'].includes(one.template) && (one.state === 'allowed' || (one.state === 'left' && one.left > 0)));
}

/** Ways in the order of preference. */
export const preferred = (rules: OutboundRules): readonly Way[] => rules.order.filter((way) => WAYS.includes(way));
