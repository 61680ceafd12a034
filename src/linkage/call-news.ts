import type { ConferenceParty, ConferenceReport } from '../channel/contract.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { LinkageCall, LinkageCallParty } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { endsOf, partyAfter, whatNow } from './call-parties.ts';
import { endWords, partyName, resultWords, stepWords } from './call-words.ts';
import { callLock, carryStep, conferenceOf } from './call.ts';
import { type LinkageContext, noteStep } from './context.ts';

/** What the platform tells of a three-party call, kept before it is answered; and what follows from it. */

export async function takeConference(context: LinkageContext, channel: string, reports: readonly ConferenceReport[]): Promise<void> {
  await context.write(async (unit) => {
    for (const report of reports) {
      await unit.repos.linkage.lock(...callLock(report.room));
      const call = await unit.repos.linkage.getCall(report.room);
      // An account may serve other houses too.
      if (call !== null && call.channel === channel) await takeReport(context, unit, call, report);
    }
  });
}

async function takeReport(context: LinkageContext, unit: TicketUnit, call: LinkageCall, report: ConferenceReport): Promise<void> {
  if (report.state === 'ended') {
    const ended = (party: LinkageCallParty | null): LinkageCallParty | null => (party === null ? null : (partyAfter(party, report, context.now()) ?? party));
    return putCall(context, unit, call, { citizen: ended(call.citizen) ?? call.citizen, seat: ended(call.seat), service: ended(call.service) });
  }
  const name = report.party ?? whose(call, report.externalId);
  const party = name === null ? null : call[name];
  if (name === null || party === null) return;
  // Of an earlier ringing of this party.
  if (report.key !== null && report.key !== party.key) return;
  if (report.key === null && name !== 'citizen' && party.externalId !== null && report.externalId !== null && party.externalId !== report.externalId) return;
  const after = partyAfter(party, report, context.now());
  if (after !== null) await putCall(context, unit, call, { [name]: after });
}

/** The caller has hung up, in the transaction that ends its conversation: whatever rings for it alone stops. */
export async function takeHangUp(context: LinkageContext, unit: TicketUnit, conversation: Pick<Conversation, 'id' | 'channel' | 'modality'>): Promise<void> {
  if (conferenceOf(context, conversation) === null) return;
  const { linkage } = unit.repos;
  const [newest] = await linkage.callsOf(conversation.id, 1);
  if (newest?.state !== 'open') return;
  await linkage.lock(...callLock(newest.id));
  const call = await linkage.getCall(newest.id);
  const citizen = call === null ? null : partyAfter(call.citizen, { state: 'completed', code: null, externalId: null, at: null }, context.now());
  if (call !== null && citizen !== null) await putCall(context, unit, call, { citizen });
}

function whose(call: LinkageCall, externalId: string | null): ConferenceParty | null {
  if (externalId === null) return null;
  if (externalId === call.address) return 'citizen';
  return (['seat', 'service'] as const).find((party) => call[party]?.externalId === externalId) ?? null;
}

/** The parties as they are now: said on the ticket and at the desk; the call's end, and the citizen taken back, when there is nobody left; the end of a leg that nobody waits for. */
export async function putCall(context: LinkageContext, unit: TicketUnit, before: LinkageCall, told: Partial<Pick<LinkageCall, 'citizen' | 'seat' | 'service'>>): Promise<void> {
  const { linkage, tickets, trail } = unit.repos;
  const ends = endsOf({ ...before, ...told }, context.now());
  const change = { ...told, ...ends.change };
  const after: LinkageCall = { ...before, ...change };
  const profile = context.house.endpoint(before.profile)?.profile ?? { id: before.profile, name: before.profile };
  const ticket = await tickets.get(before.ticketId);
  const at = context.now();
  const { over, release } = whatNow(after);
  const isEnd = before.state === 'open' && over;
  await linkage.updateCall(before.id, { ...change, ...(isEnd ? { state: 'over', endedAt: at } : {}) });
  for (const { party, key } of ends.orders) {
    await carryStep(context, unit, before.id, { what: 'end', party, key });
    await trail.append({ at, actor: 'system', action: 'linkage.call_stopped', subject: `ticket:${before.ticketId}`, purpose: endWords(partyName(party, profile.name), after[party]?.ending ?? 'cancel') });
  }
  for (const party of ['citizen', 'seat', 'service'] as const) {
    const now = after[party];
    const words = now === null ? null : stepWords(partyName(party, profile.name), before[party], now);
    if (words === null || ticket === null) continue;
    await noteStep(context, unit, ticket, profile, words, { kind: 'system' });
    await trail.append({ at, actor: 'system', action: 'linkage.call_went', subject: `ticket:${before.ticketId}`, purpose: words });
  }
  if (isEnd) {
    const words = resultWords(after, profile.name, at);
    if (ticket !== null) await noteStep(context, unit, ticket, profile, words, { kind: 'system' });
    await trail.append({ at, actor: 'system', action: 'linkage.call_ended', subject: `ticket:${before.ticketId}`, purpose: words });
    if (release) await carryStep(context, unit, before.id, { what: 'release' });
  }
  unit.after.push({ kind: 'ticket', ticketId: before.ticketId, conversationId: before.conversationId });
}
