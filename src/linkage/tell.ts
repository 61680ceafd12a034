import type { DeadlineRule } from '../domain/config-files.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { LinkageLink, LinkageMessage, OutboxDraft, Repositories } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { sideText } from '../tickets/actor-text.ts';
import { type LinkageContext, requireEndpoint, requireLink } from './context.ts';
import { type RecordWords, sharesOf, type SharedPerson, ticketRecord } from './mapping.ts';
import type { Profile } from './profile.ts';
import type { ExchangeRecord, RecordKind } from './record.ts';
import { digestOf } from './wire.ts';

/** Writes down what the other side is to be told: a record under the next version, and the row that carries it. Sends nothing. */

/** Outbox kind. Payload: {messageId}. */
export const LINKAGE_SEND_KIND = 'linkage.send';
/** Everything that goes out about one matter to one profile, in order. */
export const linkageLane = (linkId: string): string => `linkage:${linkId}`;

export interface Told extends Omit<RecordWords, 'version' | 'at' | 'kind'> {
  readonly kind: RecordKind;
  /** Who had it told; stands in the trail beside personal data. */
  readonly by: TicketActor;
}

/**
 * The ticket as it is now, as the next record of ours about this matter.
 * @returns null while the profile exchanges no records, or is not told this kind
 */
export async function tellPeer(context: LinkageContext, unit: TicketUnit, linkId: string, ticket: Ticket, told: Told): Promise<LinkageMessage | null> {
  const { repos } = unit;
  const before = await requireLink(repos, linkId);
  const { profile, on } = requireEndpoint(context.house, before.profile);
  if (!on || !profile.tells.includes(told.kind)) return null;
  await repos.linkage.lock(profile.id, linkId);
  // Read again: two events of a ticket must not take one version.
  const link = await requireLink(repos, linkId);
  const version = link.sentVersion + 1;
  const at = context.now();
  const record = await recordOf(context, unit, { link, profile, ticket, told, version });
  const message: LinkageMessage = {
    id: context.newId(), linkId, profile: profile.id, direction: 'out', number: ticket.number, version, kind: told.kind, state: 'waiting', code: null, text: null, digest: digestOf(record), repeats: 0, early: false,
    attempts: 0, outboxId: null, createdAt: at, sentAt: null, endedAt: null, ackBy: null,
  };
  const head = await repos.linkage.firstUnsent(linkId);
  await repos.linkage.addMessage(message, JSON.stringify(record));
  await repos.linkage.updateLink(linkId, { sentVersion: version, updatedAt: at });
  // Only the first one has a row: it wakes the one behind it when it is done, so that no later version can go before it.
  if (head === null) await carry(context, unit, message);
  return message;
}

/** Gives a message its row in the outbox. */
export async function carry(context: Pick<LinkageContext, 'now' | 'newId'>, unit: TicketUnit, message: Pick<LinkageMessage, 'id' | 'linkId'>): Promise<void> {
  const row = rowOf(context, message);
  await unit.repos.outbox.add([row]);
  await unit.repos.linkage.updateMessage(message.id, { outboxId: row.id });
  unit.after.push({ kind: 'wake', rows: [{ id: row.id, lane: row.lane, availableAt: row.availableAt }] });
}

/** The next one that waits gets its row, unless it has one. */
export async function wakeNext(context: LinkageContext, unit: TicketUnit, linkId: string): Promise<void> {
  const next = await unit.repos.linkage.firstUnsent(linkId);
  if (next === null || next.state !== 'waiting') return;
  if (next.outboxId !== null && (await unit.repos.outbox.pending(next.outboxId))) return;
  await carry(context, unit, next);
}

export function rowOf({ now, newId }: Pick<LinkageContext, 'now' | 'newId'>, message: Pick<LinkageMessage, 'id' | 'linkId'>): OutboxDraft {
  const at = now();
  return { id: newId(), lane: linkageLane(message.linkId), kind: LINKAGE_SEND_KIND, payload: { messageId: message.id }, availableAt: at, blocking: true, now: at };
}

interface Given {
  readonly link: LinkageLink;
  readonly profile: Profile;
  readonly ticket: Ticket;
  readonly told: Told;
  readonly version: number;
}

async function recordOf(context: LinkageContext, unit: TicketUnit, { link, profile, ticket, told, version }: Given): Promise<ExchangeRecord> {
  const { repos } = unit;
  const [events, requests, files] = [await repos.tickets.events(ticket.id), await repos.requests.of(ticket.id), await repos.ticketFiles.of(ticket.id)];
  const leading = ticket.leadingId === null ? null : await repos.tickets.get(ticket.leadingId);
  const person = told.kind === 'dispatch' ? await personOf(context, repos, { profile, ticket, told }) : {};
  return ticketRecord(context.city, profile, { ticket, link, events, requests, files: files.filter(({ purpose }) => purpose === 'citizen'), person, leadingNumber: leading?.number ?? null }, { ...told, version, at: context.now() });
}

/** What of the citizen goes along. In the clear only where the profile says so; then the trail tells to whom and why. */
async function personOf(context: LinkageContext, repos: Repositories, { profile, ticket, told }: Pick<Given, 'profile' | 'ticket' | 'told'>): Promise<SharedPerson> {
  const shares = sharesOf(profile, ticket);
  if (shares.name === 'no' && shares.phone === 'no') return {};
  const masked = await repos.citizens.summary(ticket.citizenId);
  const clear = shares.name === 'clear' || shares.phone === 'clear' ? await repos.citizens.reveal(ticket.citizenId) : null;
  const pick = (share: 'clear' | 'masked' | 'no', plain: string | null | undefined, covered: string | null | undefined): string | null => (share === 'no' ? null : ((share === 'clear' ? plain : covered) ?? null));
  const name = pick(shares.name, clear?.name, masked?.nameMasked);
  const phone = pick(shares.phone, clear?.phone, masked?.phoneMasked);
  const inClear = [shares.name === 'clear' && name !== null ? '姓名' : null, shares.phone === 'clear' && phone !== null ? '电话' : null].filter((part) => part !== null);
  if (inClear.length > 0) {
    await repos.trail.append({ at: context.now(), actor: sideText(told.by), action: 'identity.sent', subject: `citizen:${ticket.citizenId}`, purpose: `${inClear.join('、')}发往${profile.name}：${profile.shares.purpose}（工单 ${ticket.number}）` });
  }
  return { ...(name === null ? {} : { name }), ...(phone === null ? {} : { phone }) };
}

/** When something that is owed from now on is due; null: the profile sets no time. */
export function dueOf(context: LinkageContext, rule: DeadlineRule | undefined): number | null {
  return rule === undefined ? null : context.clock.due(context.now(), rule);
}
