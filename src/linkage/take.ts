import { AppError, isAppError } from '../domain/errors.ts';
import type { LinkageLink, LinkageMessage, Repositories } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import type { Taken } from './acknowledge.ts';
import { applyRecord } from './apply.ts';
import { type LinkageContext, requireLink, ticketOf } from './context.ts';
import type { Profile } from './profile.ts';
import { type ExchangeRecord, readRecord } from './record.ts';
import { digestOf } from './wire.ts';

/**
 * What the other side tells us. First it is kept (held), then everything that is next in its matter's order is done, each in a transaction of
 * its own: a crash between any two leaves what was kept to be done by the next record, a repetition or the next look. The same record
 * again has no effect and the same answer.
 */

/** Runs against others who change the same ticket. */
const MAX_RUNS = 6;

/** @returns what to acknowledge; what is wrong with the record itself is a `refused` too */
export async function takeRecord(context: LinkageContext, profile: Profile, record: ExchangeRecord): Promise<Taken> {
  const number = record.identity.externalNo;
  const { version } = record;
  if (number === undefined) return refusedAtOnce('', version, 'linkage.no_number', '缺少贵平台的编号 identity.externalNo。');
  try {
    const { messageId, repeated } = await context.write((unit) => keep(context, unit, profile, record, number));
    if (messageId !== null) await drain(context, profile, (await context.store.read((repos) => repos.linkage.getMessage(messageId)))?.linkId ?? '');
    return await context.store.read((repos) => takenOf(repos, profile, number, version, repeated));
  } catch (error) {
    if (isAppError(error) && error.status < 500 && error.retry !== 'conflict') return refusedAtOnce(number, version, error.code, error.citizenText);
    throw error;
  }
}

const refusedAtOnce = (number: string, version: number, code: string, text: string): Taken => ({ number, version, state: 'refused', code, text, ticketNo: null });

/** Keeps it, unless it is there. @throws AppError `linkage.version_used`, `linkage.number_mismatch`, `linkage.not_linked`, `linkage.too_late` */
async function keep(context: LinkageContext, { repos }: TicketUnit, profile: Profile, record: ExchangeRecord, number: string): Promise<{ readonly messageId: string | null; readonly repeated: boolean }> {
  await repos.linkage.lock(profile.id, `in:${number}`);
  const { version } = record;
  const digest = digestOf(record);
  const before = await repos.linkage.messageNamed(profile.id, 'in', number, version);
  if (before !== null) {
    if (before.digest !== digest) throw new AppError('linkage.version_used', 'another record came under this version', { status: 409, citizenText: `版本 ${version} 已用于另一条内容不同的记录，请用新的版本号。` });
    await repos.linkage.updateMessage(before.id, { repeats: before.repeats + 1 });
    return { messageId: before.id, repeated: true };
  }
  const link = await linkFor(context, repos, profile, record, number);
  if (version <= link.receivedVersion) throw new AppError('linkage.too_late', 'this version was passed over', { status: 409, citizenText: `版本 ${version} 之后的记录已经处理，不能再补。` });
  const message: LinkageMessage = {
    id: context.newId(), linkId: link.id, profile: profile.id, direction: 'in', number, version, kind: record.kind, state: 'held', code: null, text: null, digest, repeats: 0, early: version > link.receivedVersion + 1,
    attempts: 0, outboxId: null, createdAt: context.now(), sentAt: null, endedAt: null, ackBy: null,
  };
  await repos.linkage.addMessage(message, JSON.stringify(record));
  return { messageId: message.id, repeated: false };
}

/** The matter that it is about: by their number, by ours, or a new one. */
async function linkFor(context: LinkageContext, repos: Repositories, profile: Profile, record: ExchangeRecord, number: string): Promise<LinkageLink> {
  const known = await repos.linkage.linkOfNumber(profile.id, number);
  const ticketNo = record.identity.ticketNo;
  const ticket = ticketNo === undefined ? null : await repos.tickets.findByNumber(ticketNo);
  if (known !== null) {
    if (ticketNo !== undefined && known.ticketId !== null && ticket?.id !== known.ticketId) throw mismatch();
    return known;
  }
  const ours = ticket === null ? null : await repos.linkage.linkOfTicket(profile.id, ticket.id);
  if (ours !== null) {
    if (ours.externalNo !== null && ours.externalNo !== number) throw mismatch();
    await repos.linkage.updateLink(ours.id, { externalNo: number, updatedAt: context.now(), ...(record.link?.incidentNo === undefined ? {} : { incidentNo: record.link.incidentNo }) });
    return { ...ours, externalNo: number };
  }
  // A ticket that was not shared with them is nothing that they know of.
  if (ticketNo !== undefined) throw new AppError('linkage.not_linked', 'no ticket of this number is shared with this profile', { status: 404, citizenText: '没有与贵平台共享的这个工单编号。' });
  const at = context.now();
  const link: LinkageLink = {
    id: context.newId(), profile: profile.id, ticketId: null, externalNo: number, direction: 'in', mode: record.link?.mode ?? 'system', threeParty: record.link?.threeParty === true, emergency: record.link?.emergency === true,
    incidentNo: record.link?.incidentNo ?? null, state: 'open', reason: null, sentVersion: 0, receivedVersion: 0, owes: null, dueAt: null, overdueAt: null, createdBy: `partner:${profile.id}`, createdAt: at, updatedAt: at,
  };
  await repos.linkage.addLink(link);
  return link;
}

const mismatch = (): AppError => new AppError('linkage.number_mismatch', 'the two numbers belong to different matters', { status: 409, citizenText: '两个编号不是同一件事，请核对。' });

/** Does what is next, and next, until a version is missing. Whoever comes at the same time finds it done. */
export async function drain(context: LinkageContext, profile: Profile, linkId: string): Promise<void> {
  for (;;) {
    const next = await context.store.read(async (repos) => nextOf(repos, linkId));
    if (next === null) return;
    await doOne(context, profile, next);
  }
}

async function nextOf(repos: Repositories, linkId: string): Promise<LinkageMessage | null> {
  const link = await repos.linkage.getLink(linkId);
  const [first] = await repos.linkage.held(linkId);
  return link !== null && first !== undefined && first.version === link.receivedVersion + 1 ? first : null;
}

async function doOne(context: LinkageContext, profile: Profile, message: LinkageMessage): Promise<void> {
  for (let run = 1; ; run += 1) {
    try {
      await context.write(async (unit) => {
        const link = await stillNext(unit, message);
        if (link === null) return;
        const body = await unit.repos.linkage.body(message.id);
        const said = await applyRecord(context, unit, { profile, link, record: readRecord(JSON.parse(body ?? 'null')) });
        await finish(context, unit, message, { state: 'applied', code: 'ok', text: said });
      });
      return;
    } catch (error) {
      if (!isAppError(error) || error.status >= 500) throw error;
      if (error.retry === 'conflict' && error.code.endsWith('.conflict') && run < MAX_RUNS) continue;
      // What cannot be done now cannot be done later: it is answered with a refusal, and those behind it go on.
      await context.write(async (unit) => {
        if ((await stillNext(unit, message)) !== null) await finish(context, unit, message, { state: 'refused', code: error.code, text: error.citizenText });
      });
      return;
    }
  }
}

async function stillNext({ repos }: TicketUnit, message: LinkageMessage): Promise<LinkageLink | null> {
  await repos.linkage.lock(message.profile, message.linkId);
  const link = await requireLink(repos, message.linkId);
  const stored = await repos.linkage.getMessage(message.id);
  return stored?.state === 'held' && link.receivedVersion + 1 === message.version ? link : null;
}

async function finish(context: LinkageContext, { repos }: TicketUnit, message: LinkageMessage, end: { readonly state: 'applied' | 'refused'; readonly code: string; readonly text: string }): Promise<void> {
  const at = context.now();
  await repos.linkage.updateMessage(message.id, { state: end.state, code: end.code, text: end.text.slice(0, 300), endedAt: at });
  await repos.linkage.updateLink(message.linkId, { receivedVersion: message.version, updatedAt: at });
}

async function takenOf(repos: Repositories, profile: Profile, number: string, version: number, repeated: boolean): Promise<Taken> {
  const message = await repos.linkage.messageNamed(profile.id, 'in', number, version);
  const link = message === null ? null : await repos.linkage.getLink(message.linkId);
  const ticket = await ticketOf(repos, link);
  const base = { number, version, ticketNo: ticket?.number ?? null };
  if (message === null || message.state === 'held') return { ...base, state: 'held', code: 'linkage.gap', text: `已收存；缺少版本 ${(link?.receivedVersion ?? 0) + 1}，补齐后按序处理。` };
  if (message.state === 'refused') return { ...base, state: 'refused', code: message.code ?? 'linkage.refused', text: message.text ?? '' };
  return { ...base, state: repeated ? 'repeated' : 'applied', code: 'ok', text: message.text ?? '' };
}

/**
 * A person decides that what is missing will not come: the lowest held version is taken as the next.
 * @throws AppError `linkage.no_gap`
 */
export async function skipGap(context: LinkageContext, profile: Profile, linkId: string, actor: string): Promise<{ readonly from: number; readonly to: number }> {
  const skipped = await context.write(async ({ repos }) => {
    await repos.linkage.lock(profile.id, linkId);
    const link = await requireLink(repos, linkId);
    const [first] = await repos.linkage.held(linkId);
    if (first === undefined || first.version === link.receivedVersion + 1) throw new AppError('linkage.no_gap', 'nothing is missing', { status: 409, citizenText: '没有缺号。' });
    await repos.linkage.updateLink(linkId, { receivedVersion: first.version - 1, updatedAt: context.now() });
    await repos.trail.append({ at: context.now(), actor, action: 'linkage.gap_skipped', subject: `linkage:${linkId}`, purpose: `跳过版本 ${link.receivedVersion + 1} 至 ${first.version - 1}` });
    return { from: link.receivedVersion + 1, to: first.version - 1 };
  });
  await drain(context, profile, linkId);
  return skipped;
}
