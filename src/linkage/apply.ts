import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import type { LinkageLink, LinkageLinkChange } from '../store/contract.ts';
import { addToTicket, urgeTicket } from '../tickets/additions.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { moveTicket } from '../tickets/move.ts';
import { openTicket } from '../tickets/open.ts';
import { record as recordEvent } from '../tickets/record.ts';
import { comeBack, isFinished } from './comes-back.ts';
import { type LinkageContext, noteStep, requireLink } from './context.ts';
import { LINKAGE_FILE_KIND } from './files.ts';
import { openingOf, wordsOf } from './mapping.ts';
import type { Profile } from './profile.ts';
import type { ExchangeRecord, RecordKind } from './record.ts';
import { rulesFor } from './rules.ts';
import { dueOf, tellPeer } from './tell.ts';

/** What a record of theirs does here. Tickets are changed by src/tickets alone; every step stands on the ticket's timeline. */

export interface Applying {
  readonly profile: Profile;
  readonly link: LinkageLink;
  readonly record: ExchangeRecord;
}

const MAX_TEXT = 2_000;

/**
 * @returns a word of what was done, for the acknowledgement
 * @throws AppErrors of this room and of moving tickets: the record is refused with them
 */
export async function applyRecord(context: LinkageContext, unit: TicketUnit, { profile, link, record }: Applying): Promise<string> {
  if (!profile.takes.includes(record.kind)) throw new AppError('linkage.kind_not_taken', 'this kind of record is not taken from this profile', { status: 400, citizenText: `本热线不接收贵平台的 ${record.kind} 记录。` });
  const actor: TicketActor = { kind: 'partner', partnerId: profile.id };
  if (link.ticketId === null) {
    if (record.kind !== 'dispatch') throw new AppError('linkage.not_opened', 'a matter begins with a dispatch', { status: 409, citizenText: '这个编号还没有派转记录，不能直接补充、催办或撤回。' });
    if (!profile.directions.includes('in')) throw new AppError('linkage.direction', 'nothing comes in from this profile', { status: 403, citizenText: '与贵平台的联动不含派转来件。' });
    return openFrom(context, unit, { profile, link, record }, actor);
  }
  const ticket = await unit.repos.tickets.get(link.ticketId);
  if (ticket === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
  const said = wordsOf(record);
  switch (record.kind) {
    case 'dispatch':
      await addToTicket(context, unit, ticket.id, clip(`${profile.name}再次派转：${openingOf(context.city, record).content}`), actor);
      break;
    case 'supplement':
      await addToTicket(context, unit, ticket.id, clip(`${profile.name}补充：${said === '' ? '附件' : said}`), actor);
      await fetchFiles(context, unit, { ticket, record, profile, purpose: 'citizen' });
      break;
    case 'urge':
      await urgeTicket(context, unit, ticket.id);
      await noteStep(context, unit, ticket, profile, said === '' ? '对方催办' : `对方催办：${said}`, actor);
      break;
    case 'withdraw':
      // Theirs to take back is what they sent. What we passed to them comes back to us, whoever's ticket it is.
      if (link.direction === 'out') {
        await answerLink(context, unit, { profile, link, ticket, kind: 'refusal', said: said === '' ? '对方退出办理' : said, incidentNo: null, actor });
        break;
      }
      if (ticket.closure !== 'withdrawn') await moveTicket(context, unit, ticket.id, 'withdraw', { version: ticket.version, reason: clip(said === '' ? `${profile.name}撤回` : said) }, { role: 'partner', actor });
      await change(context, unit, link, { state: 'withdrawn', owes: null, dueAt: null });
      break;
    case 'acceptance':
    case 'refusal':
    case 'progress':
    case 'feedback':
    case 'result':
      await answerLink(context, unit, { profile, link, ticket, kind: isFinished(record) ? 'result' : record.kind, said, incidentNo: record.link?.incidentNo ?? null, actor });
      await fetchFiles(context, unit, { ticket, record, profile, purpose: 'evidence' });
      break;
  }
  return DONE[record.kind];
}

const DONE: Readonly<Record<RecordKind, string>> = {
  dispatch: '已受理', acceptance: '已记录接收', refusal: '已记录不予接收', progress: '已记录进展', feedback: '已记录反馈', result: '已记录办理结果', supplement: '已补充', urge: '已催办', withdraw: '已撤回',
};

async function openFrom(context: LinkageContext, unit: TicketUnit, { profile, link, record }: Applying, actor: TicketActor): Promise<string> {
  const { repos } = unit;
  const args = openingOf(context.city, record);
  const citizenId = await repos.citizens.resolve({ id: context.newId(), channel: profile.id, externalUserId: null, phone: null, displayName: null, now: context.now() });
  const ticket = await openTicket(context, unit, { ...args, citizenId, conversationId: null, channel: profile.id, actor, openingKey: `linkage:${profile.id}:${link.id}` });
  const dueAt = dueOf(context, profile.due.feedback ?? profile.due.acceptance);
  await change(context, unit, link, { ticketId: ticket.id, emergency: args.urgency === 'emergency', owes: dueAt === null ? null : 'feedback', dueAt });
  await noteStep(context, unit, ticket, profile, `派转来件，对方编号 ${link.externalNo ?? ''}${record.link?.threeParty === true ? '，已三方通话' : ''}`, actor);
  // What the rules say belongs to them should not have come here: a person looks, at once.
  const theirs = rulesFor(context.house.rules, ticket, null).find((rule) => rule.to === profile.id);
  if (theirs !== undefined) await noteStep(context, unit, ticket, profile, `按规则“${theirs.why}”疑似应由对方处置，请立即核对，不属本热线的可不予受理并说明理由`, { kind: 'system' });
  await fetchFiles(context, unit, { ticket, record, profile, purpose: 'citizen' });
  // Opening told nobody yet: the link has its ticket only since now.
  await tellPeer(context, unit, link.id, ticket, { kind: 'acceptance', note: '已受理', by: { kind: 'system' } });
  await change(context, unit, link, { state: 'accepted' });
  return DONE.dispatch;
}

export interface Answering {
  readonly profile: Profile;
  readonly link: LinkageLink;
  readonly ticket: Ticket;
  readonly kind: 'acceptance' | 'refusal' | 'progress' | 'feedback' | 'result';
  readonly said: string;
  readonly incidentNo: string | null;
  readonly actor: TicketActor;
}

/**
 * How the other side answers what we passed on, by a record or told on the telephone and written down by a seat. Whoever received the matter
 * first keeps it when the other refuses (notice of 2022).
 */
export async function answerLink(context: LinkageContext, unit: TicketUnit, { profile, link, ticket, kind, said, incidentNo, actor }: Answering): Promise<void> {
  const words = said === '' ? '' : `：${clip(said)}`;
  const number = incidentNo === null ? '' : `，对方编号 ${incidentNo}`;
  const told = incidentNo === null ? {} : { incidentNo };
  switch (kind) {
    case 'acceptance': {
      const dueAt = dueOf(context, profile.due.feedback);
      await change(context, unit, link, { ...told, state: 'accepted', reason: null, owes: dueAt === null ? null : 'feedback', dueAt, overdueAt: null });
      return noteStep(context, unit, ticket, profile, `对方已接收${number}${words}`, actor);
    }
    case 'refusal': {
      await change(context, unit, link, { ...told, state: 'refused', reason: maskText(clip(said)).text, owes: null, dueAt: null });
      const next = await comeBack(context, unit, { profile, link, ticket, how: 'refusal', said: clip(said) });
      return noteStep(context, unit, ticket, profile, `对方不予接收${words}。${next}`, actor);
    }
    case 'progress':
    case 'feedback': {
      // Whoever works on it has taken it: what is owed now is how it ends.
      const dueAt = dueOf(context, profile.due.feedback);
      const taken = link.direction === 'out' && link.state === 'open' ? ({ state: 'accepted', owes: dueAt === null ? null : 'feedback', dueAt, overdueAt: null } as const) : {};
      await change(context, unit, link, { ...told, ...taken });
      return noteStep(context, unit, ticket, profile, `${kind === 'progress' ? '对方进展' : '对方反馈'}${number}${words}`, actor);
    }
    case 'result': {
      await change(context, unit, link, { ...told, state: 'done', owes: null, dueAt: null });
      const next = await comeBack(context, unit, { profile, link, ticket, how: 'result', said: clip(said) });
      // Their words by themselves too: whoever finishes the ticket starts from them.
      const data = { text: maskText(`联动（${profile.name}）：对方反馈办理结果${number}${words}。${next}`).text, linkage: profile.id, linkageResult: maskText(clip(said)).text };
      return recordEvent(context, unit, ticket, { type: 'ticket.noted', actor, at: context.now(), data });
    }
  }
}

async function change(context: LinkageContext, { repos }: TicketUnit, link: LinkageLink, given: LinkageLinkChange): Promise<void> {
  await requireLink(repos, link.id);
  await repos.linkage.updateLink(link.id, { ...given, updatedAt: context.now() });
}

interface Fetching extends Pick<Applying, 'profile' | 'record'> {
  readonly ticket: Ticket;
  /** What the citizen shows, or what shows that it was handled. */
  readonly purpose: 'citizen' | 'evidence';
}

/** By the bus: their server may be slow, and what it gives is checked against the hash. */
async function fetchFiles(context: LinkageContext, unit: TicketUnit, { ticket, record, profile, purpose }: Fetching): Promise<void> {
  const attachments = record.demand?.attachments ?? [];
  if (attachments.length === 0) return;
  const now = context.now();
  const rows = attachments.map(({ url, sha256 }) => ({ id: context.newId(), lane: `media:${ticket.id}`, kind: LINKAGE_FILE_KIND, payload: { ticketId: ticket.id, profile: profile.id, url, sha256: sha256 ?? null, purpose }, availableAt: now, blocking: false, now }));
  await unit.repos.outbox.add(rows);
  unit.after.push({ kind: 'wake', rows: rows.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
  await noteStep(context, unit, ticket, profile, `附件 ${attachments.length} 个，正在取回`, { kind: 'system' });
}

const clip = (text: string): string => [...text].slice(0, MAX_TEXT).join('');
