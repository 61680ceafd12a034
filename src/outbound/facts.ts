import { asAddress, type Address } from '../domain/activity.ts';
import { DAY, startOfDay } from '../domain/clock.ts';
import type { NotificationFacts, NotificationTemplate } from '../channel/contract.ts';
import type { Consent, ReachAttempt } from '../store/contract.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { TicketUnit } from '../tickets/context.ts';
import type { OutboundContext } from './context.ts';
import type { ReachFacts, WayFacts } from './may.ts';
import type { Way } from './rules.ts';

/** What the rule goes by, read in the transaction that begins the attempt. */

/** A citizen's conversations that are looked through for an account to write to. */
const CONVERSATIONS = 20;
/** A text message of so many signs is one part; of more, each part has fewer. */
const [PART, PART_OF_MORE] = [70, 67] as const;

/** Signs of a template besides its variables, about: the vendor's template is not here. */
const TEMPLATE = 30;

/** So many parts the operator counts, about. */
export function smsParts(facts: NotificationFacts): number {
  const length = Object.values(facts).reduce((sum: number, value: string) => sum + value.length, TEMPLATE);
  return length <= PART ? 1 : Math.ceil(length / PART_OF_MORE);
}

/**
 * Number of the citizen for this purpose, with its row in the trail. A number that other people have too is the one that the citizen gave.
 * @returns as the vault has it (mainland: 11 digits); null: none is known
 */
export async function numberFor(context: Pick<OutboundContext, 'now'>, unit: TicketUnit, citizenId: string, purpose: string): Promise<string | null> {
  const phone = (await unit.repos.citizens.reveal(citizenId))?.phone ?? null;
  if (phone === null || phone === '') return null;
  await unit.repos.trail.append({ at: context.now(), actor: 'system', action: 'identity.used', subject: `citizen:${citizenId}`, purpose });
  return phone;
}

/** `+8613800138000` of a number as the vault has it; null: it is none that can be written to or called abroad of this country's plan. */
export function e164(phone: string): string | null {
  const digits = phone.replace(/[\s()-]/g, '');
  if (/^\+[1-9]\d{6,14}$/.test(digits)) return digits;
  if (/^1[3-9]\d{9}$/.test(digits)) return `+86${digits}`;
  // Landlines with their area code: may be called, take no text messages.
  if (/^0[1-9]\d{8,11}$/.test(digits)) return `+86${digits.slice(1)}`;
  return null;
}

/** A number that takes text messages. */
export const takesTexts = (number: string): boolean => !number.startsWith('+86') || /^\+861[3-9]\d{9}$/.test(number);

/** How a citizen's number is held against what others said of it: whoever has it vouched for may have said stop. */
export async function consentsOf(unit: TicketUnit, citizenId: string, phone: string | null): Promise<readonly Consent[]> {
  const own = await unit.repos.consents.of(citizenId);
  const owner = phone === null ? null : await unit.repos.citizens.findByPhone(phone);
  return owner === null || owner === citizenId ? own : [...own, ...(await unit.repos.consents.of(owner))];
}

export async function amountsOf(unit: TicketUnit, citizenId: string, now: number): Promise<ReachFacts['amounts']> {
  const today = startOfDay(now);
  const count = async (kind: ReachAttempt['kind']) => ({ day: await unit.repos.reach.amountOf(citizenId, kind, today), week: await unit.repos.reach.amountOf(citizenId, kind, today - 6 * DAY) });
  return { notification: await count('notification'), call: await count('call') };
}

export const spentToday = (unit: TicketUnit, now: number): Promise<number> => unit.repos.reach.costSince(startOfDay(now));

export async function reachFacts(context: OutboundContext, unit: TicketUnit, given: { readonly ticket: Ticket; readonly template: NotificationTemplate; readonly confidential: boolean; readonly urgent: boolean; readonly phone: string | null }): Promise<ReachFacts> {
  const now = context.now();
  const { ticket: { citizenId }, template, confidential, urgent, phone } = given;
  return { now, template, urgent, confidential, consents: await consentsOf(unit, citizenId, phone), amounts: await amountsOf(unit, citizenId, now), spentFen: await spentToday(unit, now) };
}

export interface WayChosen extends WayFacts {
  /** Where the channel is to write to; null: not known. */
  readonly address: Address | null;
}

/** A way with the first of its channels that runs and was not tried. */
export async function wayFacts(context: OutboundContext, unit: TicketUnit, way: Way, given: { readonly citizenId: string; readonly tried: readonly string[]; readonly facts: NotificationFacts; readonly phone: string | null }): Promise<WayChosen> {
  const { channels, costFen: each } = context.rules.ways[way];
  const able = channels.filter((name) => isAble(context, way, name));
  const channel = able.find((name) => !given.tried.includes(name)) ?? able[0] ?? channels[0] ?? way;
  const address = await addressFor(unit, way, channel, given);
  // One way once: the other vendor's text message is the same text message.
  const tried = way === 'subscription' ? given.tried.includes(channel) : channels.some((name) => given.tried.includes(name));
  return { way, channel, on: able.includes(channel), tried, address, addressKnown: address !== null, costFen: way === 'sms' ? each * smsParts(given.facts) : each };
}

function isAble(context: OutboundContext, way: Way, name: string): boolean {
  const channel = context.channel(name);
  if (channel === null || channel.status.state === 'off') return false;
  return way === 'call' ? channel.call !== undefined && context.placeCall !== undefined : channel.notify !== undefined;
}

async function addressFor(unit: TicketUnit, way: Way, channel: string, { citizenId, phone }: { readonly citizenId: string; readonly phone: string | null }): Promise<Address | null> {
  if (way === 'subscription') return (await unit.repos.conversations.ofCitizen(citizenId, CONVERSATIONS)).find((one) => one.channel === channel)?.address ?? null;
  const number = phone === null ? null : e164(phone);
  return number === null || (way === 'sms' && !takesTexts(number)) ? null : asAddress(number);
}
