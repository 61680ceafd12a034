import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler, JobOutcome, LaneLease } from '../bus/contract.ts';
import type { CallReceipt, ConferenceLeg, EndReceipt, MoveReceipt } from '../channel/contract.ts';
import { asExternalId } from '../domain/activity.ts';
import { HOUR, MINUTE } from '../domain/clock.ts';
import { codeOf } from '../domain/errors.ts';
import type { LinkageCall, LinkageCallParty, OutboxRow } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { isComing, isIn, whoEnds } from './call-parties.ts';
import { partyName } from './call-words.ts';
import { putCall, takeConference } from './call-news.ts';
import { callLock, conferenceOf } from './call.ts';
import type { LinkageContext } from './context.ts';

/**
 * Drives three-party calls by outbox rows, as campaigns are driven (src/outbound/campaign-drive.ts): a ringing is written down as `calling` and its row is
 * gone with that commit, and only then the platform is asked. Whatever happens afterwards, this ringing is never ordered again: what became of it a
 * report tells, or the platform when it can be searched, or it is `unknown` and a person looks. Ending a call and taking the caller back do no harm when
 * they are ordered again, so these are tried until it is certain.
 */

const Payload = Type.Union([
  Type.Object({ callId: Type.String(), what: Type.Literal('bring') }),
  Type.Object({ callId: Type.String(), what: Type.Literal('release') }),
  Type.Object({ callId: Type.String(), what: Type.Union([Type.Literal('ring'), Type.Literal('end')]), party: Type.Union([Type.Literal('seat'), Type.Literal('service')]), key: Type.String() }),
]);
type Payload = Static<typeof Payload>;
/** One ringing of a party. */
type Ringing = Extract<Payload, { party: unknown }>;
const payloadShape = Compile(Payload);

/** An emergency service may let it ring longer than a citizen would. */
const RING_SECONDS = 45;
/** An order of which nothing was heard. */
const LOST_AFTER_MS = 2 * MINUTE;
/** Longer than anybody rings, or says hello before the room. */
const SILENT_AFTER_MS = 5 * MINUTE;
/** The platforms end a room after four hours (ROOM_LIMIT_S). */
const ENDLESS_AFTER_MS = 4 * HOUR + 10 * MINUTE;
const CALLS_AT_ONCE = 100;

const GREETINGS = { seat: '三方通话，现在接入市民。', service: '您好，这里是12345热线，现在为您接入市民的三方通话。' } as const;

export interface CallDriving {
  readonly context: LinkageContext;
  readonly log: { warn(facts: object, text: string): void };
}

/** Outbox kind `linkage.call`. */
export function createLinkageCallHandler(driving: CallDriving): JobHandler {
  return async (row, lease): Promise<JobOutcome> => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'linkage.bad_payload' };
    const { payload } = row;
    if (payload.what === 'release') return release(driving, row, lease, payload.callId);
    if (payload.what === 'end') return end(driving, row, lease, payload);
    if (payload.what === 'bring') await bring(driving, row, lease, payload.callId);
    else await ring(driving, row, lease, payload);
    return { kind: 'done' };
  };
}

async function lockedCall(unit: TicketUnit, callId: string): Promise<LinkageCall | null> {
  await unit.repos.linkage.lock(...callLock(callId));
  return unit.repos.linkage.getCall(callId);
}

/** Moved once. Where that fails the caller's own next request finds the message that leads into the room. */
async function bring({ context, log }: CallDriving, row: OutboxRow, lease: LaneLease, callId: string): Promise<void> {
  const found = await context.write(async (unit) => {
    await claim(unit, row, lease);
    const call = await lockedCall(unit, callId);
    const conversation = call === null ? null : await unit.repos.conversations.get(call.conversationId);
    if (call === null || conversation === null || call.state === 'over' || call.citizen.state !== 'waiting') return null;
    await putCall(context, unit, call, { citizen: { ...call.citizen, state: 'calling', at: context.now() } });
    return { call, conversation };
  });
  const conference = found === null ? null : conferenceOf(context, found.conversation);
  if (found === null) return;
  const { id: room } = found.call;
  const receipt: MoveReceipt = conference === null
    ? { status: 'refused', code: 'channel_off' }
    : await conference.bring({ room, address: found.conversation.address, locale: found.conversation.locale, now: context.now() }).catch((error: unknown): MoveReceipt => ({ status: 'unknown', code: codeOf(error) }));
  if (receipt.status === 'moved') return;
  log.warn({ call: room, status: receipt.status, code: receipt.code }, 'a caller was not moved into the three-party call: the next request of the call does it');
}

async function ring(driving: CallDriving, row: OutboxRow, lease: LaneLease, payload: Ringing): Promise<void> {
  const { context, log } = driving;
  const order = await context.write(async (unit) => {
    await claim(unit, row, lease);
    return writeRinging(context, unit, payload);
  });
  if (order === null) return;
  const conference = context.conference?.(order.call.channel) ?? null;
  const receipt: CallReceipt = conference === null ? { status: 'refused', code: 'channel_off' } : await conference.ring(order.leg).catch((error: unknown): CallReceipt => ({ status: 'unknown', code: codeOf(error) }));
  if (receipt.status !== 'placed') log.warn({ call: order.call.id, party: payload.party, status: receipt.status, code: receipt.code }, 'a party of a three-party call was not rung');
  await context.write((unit) => noteReceipt(context, unit, payload, receipt));
}

/** The ringing as `calling`, the number out of the vault, the row in the trail that says so: one transaction. Null: not to be rung after all. */
async function writeRinging(context: LinkageContext, unit: TicketUnit, { callId, party, key }: Ringing): Promise<{ readonly call: LinkageCall; readonly leg: ConferenceLeg } | null> {
  const call = await lockedCall(unit, callId);
  const current = call?.[party] ?? null;
  if (call === null || current === null || call.state === 'over' || current.key !== key || current.state !== 'waiting') return null;
  const at = context.now();
  const endpoint = context.house.endpoint(call.profile);
  const phone = party === 'service' ? (endpoint?.dial ?? null) : call.seatId === null ? null : await unit.repos.linkage.seatPhone(call.seatId);
  if (phone === null) {
    await putCall(context, unit, call, { [party]: { ...current, state: 'failed', code: 'linkage.no_phone', at } });
    return null;
  }
  await putCall(context, unit, call, { [party]: { ...current, state: 'calling', at } });
  await unit.repos.trail.append({ at, actor: 'system', action: 'linkage.call_placed', subject: `ticket:${call.ticketId}`, purpose: `三方通话：呼叫${partyName(party, endpoint?.profile.name ?? call.profile)}` });
  return { call, leg: { room: call.id, party, key, to: dialled(phone), ringSeconds: RING_SECONDS, greeting: GREETINGS[party] } };
}

/** Mainland mobiles as the world dials them; anything else as it was set: trunks have short numbers and extensions. */
const dialled = (phone: string): string => (/^1[3-9]\d{9}$/.test(phone) ? `+86${phone}` : phone);

/** A report may have been faster than the answer to the order; what it said stays. */
async function noteReceipt(context: LinkageContext, unit: TicketUnit, { callId, party, key }: Ringing, receipt: CallReceipt): Promise<void> {
  const call = await lockedCall(unit, callId);
  const current = call?.[party] ?? null;
  if (call === null || current === null || current.key !== key) return;
  switch (receipt.status) {
    case 'placed':
      if (current.externalId === null) await putCall(context, unit, call, { [party]: { ...current, externalId: receipt.externalId } });
      return;
    case 'unknown':
      // Stays `calling`: a report may still come; the sweep asks the platform, or gives it to a person.
      if (current.state === 'calling') await putCall(context, unit, call, { [party]: { ...current, code: receipt.code } });
      return;
    case 'refused':
      if (current.state === 'calling') await putCall(context, unit, call, { [party]: { ...current, state: 'failed', code: receipt.code, at: context.now() } });
  }
}

const TRANSIENT = /unreachable|too_many|429|channel_off/;

/** The order again, unless it is certain. */
function againOf(receipt: MoveReceipt | EndReceipt): JobOutcome | null {
  if (receipt.status !== 'unknown' && !(receipt.status === 'refused' && TRANSIENT.test(receipt.code))) return null;
  return { kind: 'retry', code: receipt.code, burns: true };
}

/** Nobody is left alone in a room. */
async function release({ context }: CallDriving, row: OutboxRow, lease: LaneLease, callId: string): Promise<JobOutcome> {
  const found = await context.store.read(async (repos) => {
    const call = await repos.linkage.getCall(callId);
    const conversation = call === null ? null : await repos.conversations.get(call.conversationId);
    const newer = call === null ? null : (await repos.linkage.callsOf(call.conversationId, 1)).find(({ id, state }) => id !== callId && state === 'open');
    return conversation === null || conversation.owner === 'closed' || newer !== undefined ? null : conversation;
  });
  if (found !== null) {
    const conference = conferenceOf(context, found);
    const receipt: MoveReceipt = conference === null ? { status: 'refused', code: 'channel_off' } : await conference.release({ address: found.address, locale: found.locale, now: context.now() }).catch((error: unknown): MoveReceipt => ({ status: 'unknown', code: codeOf(error) }));
    const again = againOf(receipt);
    if (again !== null) return again;
  }
  await context.write((unit) => claim(unit, row, lease));
  return { kind: 'done' };
}

/** The caller has hung up: whoever rings for it alone is rung no longer. A seat that has come into the room meanwhile keeps the other there. */
async function end({ context, log }: CallDriving, row: OutboxRow, lease: LaneLease, { callId, party, key }: Ringing): Promise<JobOutcome> {
  const found = await context.write(async (unit) => {
    const call = await lockedCall(unit, callId);
    const current = call?.[party] ?? null;
    if (call !== null && current !== null && current.key === key && current.externalId !== null && whoEnds(call).includes(party)) {
      return { call, leg: { externalId: asExternalId(current.externalId), answered: current.state === 'answered' || isIn(current) } };
    }
    await claim(unit, row, lease);
    if (call !== null && current !== null && current.key === key && current.ending !== undefined && (isComing(current) || isIn(current))) {
      // To be ordered anew, should the seat leave before it is over.
      const { ending: _dropped, ...kept } = current;
      await putCall(context, unit, call, { [party]: kept });
    }
    return null;
  });
  if (found === null) return { kind: 'done' };
  const { call, leg } = found;
  const conference = context.conference?.(call.channel) ?? null;
  const receipt: EndReceipt = conference === null ? { status: 'refused', code: 'channel_off' } : await conference.end(leg).catch((error: unknown): EndReceipt => ({ status: 'unknown', code: codeOf(error) }));
  const again = againOf(receipt);
  if (again !== null) return again;
  if (receipt.status !== 'ended') log.warn({ call: call.id, party, code: receipt.code }, 'a telephone could not be kept from ringing for a caller who has hung up');
  await context.write((unit) => claim(unit, row, lease));
  return { kind: 'done' };
}

/** Ringings that nobody has told the end of. The platform is asked outside of any transaction; what it cannot tell is for a person. */
export async function sweepCalls(context: LinkageContext): Promise<number> {
  const now = context.now();
  let given = 0;
  for (const call of await context.store.read((repos) => repos.linkage.openCalls(CALLS_AT_ONCE))) {
    const conference = context.conference?.(call.channel) ?? null;
    for (const party of ['seat', 'service', 'citizen'] as const) {
      const current = call[party];
      if (current === null) continue;
      const age = now - current.at;
      if (current.ending !== undefined && age > LOST_AFTER_MS && ['calling', 'ringing', 'answered', 'in'].includes(current.state)) {
        given += await giveUp(context, call.id, party, current, { state: current.ending === 'cancel' ? 'canceled' : 'left', code: 'call.no_report' });
      } else if (party !== 'citizen' && current.state === 'calling' && current.key !== null && age > LOST_AFTER_MS && conference?.find !== undefined) {
        const told = await conference.find({ room: call.id, party, key: current.key }).catch(() => undefined);
        if (told === undefined) continue; // cannot be asked now
        if (told !== null) await takeConference(context, call.channel, [told]);
        else given += await giveUp(context, call.id, party, current, { state: 'failed', code: 'call.not_known' });
      } else if (party !== 'citizen' && (current.state === 'calling' ? age > LOST_AFTER_MS : ['waiting', 'ringing', 'answered'].includes(current.state) && age > SILENT_AFTER_MS)) {
        given += await giveUp(context, call.id, party, current, current.state === 'waiting' ? { state: 'failed', code: 'linkage.not_rung' } : { state: 'unknown', code: 'call.no_report' });
      } else if (current.state === 'in' && age > ENDLESS_AFTER_MS) {
        given += await giveUp(context, call.id, party, current, { state: 'left', code: 'call.no_end' });
      }
    }
  }
  return given;
}

async function giveUp(context: LinkageContext, callId: string, party: 'citizen' | 'seat' | 'service', seen: LinkageCallParty, change: Pick<LinkageCallParty, 'state' | 'code'>): Promise<number> {
  return context.write(async (unit) => {
    const call = await lockedCall(unit, callId);
    const current = call?.[party] ?? null;
    // Something was told meanwhile.
    if (call === null || current === null || current.state !== seen.state || current.key !== seen.key) return 0;
    await putCall(context, unit, call, { [party]: { ...current, ...change, at: context.now() } });
    return 1;
  });
}
