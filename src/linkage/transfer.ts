import { AppError } from '../domain/errors.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { LinkageLink } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { sideText } from '../tickets/actor-text.ts';
import { answerLink, type Answering } from './apply.ts';
import { type LinkageContext, noteStep, requireEndpoint, requireLink } from './context.ts';
import { dueOf, tellPeer } from './tell.ts';

/** 一键转办: a ticket is passed on to another side, as a record where one is exchanged and by telephone where a citizen is on the line. */

export interface TransferWanted {
  readonly profile: string;
  /** `phone`: by a call; where records are exchanged, the ticket goes along (双向工单). */
  readonly mode: 'phone' | 'system';
  /** 三方通话: citizen, seat and the other side together, because it was not clear whose matter it is. */
  readonly threeParty: boolean;
  readonly emergency: boolean;
  readonly note: string;
  readonly actor: TicketActor;
}

export interface Transferred {
  readonly link: LinkageLink;
  /** A record is on its way. */
  readonly sent: boolean;
  /** It had been passed on before, and still is. */
  readonly repeated: boolean;
}

/**
 * Passes it on, once: a matter that is open or accepted there is not passed on again; one that was refused can be.
 * @throws AppError `linkage.unknown_profile`, `linkage.direction`, `linkage.own` (it came from there)
 */
export async function transferTicket(context: LinkageContext, unit: TicketUnit, ticket: Ticket, wanted: TransferWanted): Promise<Transferred> {
  const { repos } = unit;
  const { profile } = requireEndpoint(context.house, wanted.profile);
  if (!profile.directions.includes('out')) throw new AppError('linkage.direction', 'nothing is passed on to this profile', { status: 409, citizenText: `不向${profile.name}转办。` });
  await repos.linkage.lock(profile.id, `ticket:${ticket.id}`);
  const before = await repos.linkage.linkOfTicket(profile.id, ticket.id);
  if (before !== null && before.direction === 'in') throw new AppError('linkage.own', 'it came from there', { status: 409, citizenText: `这件事是${profile.name}转来的；不属本热线的请用“不予受理”并写明理由，对方会收到。` });
  if (before !== null && (before.state === 'open' || before.state === 'accepted')) return { link: before, sent: before.sentVersion > 0, repeated: true };
  const at = context.now();
  const dueAt = dueOf(context, profile.due.acceptance);
  const fresh = { mode: wanted.mode, threeParty: wanted.threeParty, emergency: wanted.emergency, state: 'open', reason: null, owes: dueAt === null ? null : ('acceptance' as const), dueAt, overdueAt: null, updatedAt: at } as const;
  const link: LinkageLink = before === null
    ? { id: context.newId(), profile: profile.id, ticketId: ticket.id, externalNo: null, direction: 'out', incidentNo: null, sentVersion: 0, receivedVersion: 0, createdBy: sideText(wanted.actor), createdAt: at, ...fresh }
    : { ...before, ...fresh };
  if (before === null) await repos.linkage.addLink(link);
  else await repos.linkage.updateLink(link.id, fresh);
  const how = wanted.threeParty ? '三方通话' : wanted.mode === 'phone' ? '电话移交' : '系统移交';
  const message = await tellPeer(context, unit, link.id, ticket, { kind: 'dispatch', note: wanted.note === '' ? null : wanted.note, by: wanted.actor });
  await noteStep(context, unit, ticket, profile, `${how}${wanted.emergency ? '（紧急）' : ''}，${message === null ? '系统未接通，须由坐席电话告知并登记对方答复' : `工单已发往对方（第 ${message.version} 号记录）`}${wanted.note === '' ? '' : `。说明：${wanted.note}`}`, wanted.actor);
  await repos.trail.append({ at, actor: sideText(wanted.actor), action: 'linkage.transferred', subject: `ticket:${ticket.id}`, purpose: `${profile.name}，${how}` });
  return { link: await requireLink(repos, link.id), sent: message !== null, repeated: false };
}

/**
 * What the other side said on the telephone, written down by a seat.
 * @throws AppError `linkage.not_found`, `linkage.over` (the matter is done or withdrawn there), `linkage.words_needed`
 */
export async function noteAnswer(context: LinkageContext, unit: TicketUnit, linkId: string, given: Pick<Answering, 'kind' | 'said' | 'incidentNo' | 'actor'>): Promise<LinkageLink> {
  const found = await requireLink(unit.repos, linkId);
  await unit.repos.linkage.lock(found.profile, linkId);
  const link = await requireLink(unit.repos, linkId);
  const ticket = link.ticketId === null ? null : await unit.repos.tickets.get(link.ticketId);
  if (ticket === null || link.state === 'done' || link.state === 'withdrawn') throw new AppError('linkage.over', 'this link is over', { status: 409, retry: 'conflict', citizenText: '这条联动已经结束，不能再登记答复。' });
  if (given.kind !== 'acceptance' && given.said.trim() === '') throw new AppError('linkage.words_needed', 'words are needed', { status: 400, citizenText: given.kind === 'refusal' ? '请写明对方不予接收的理由。' : '请写明对方说了什么。' });
  const { profile } = requireEndpoint(context.house, link.profile);
  await answerLink(context, unit, { profile, link, ticket, ...given });
  await unit.repos.trail.append({ at: context.now(), actor: sideText(given.actor), action: 'linkage.answer_noted', subject: `linkage:${linkId}`, purpose: given.kind });
  return requireLink(unit.repos, linkId);
}
