import type { CityData } from '../config/city.ts';
import type { EpochMs } from '../domain/activity.ts';
import { beijingText } from '../domain/clock.ts';
import type { TicketKind } from '../domain/config-files.ts';
import { maskText, normalizePhone } from '../domain/masking.ts';
import type { Ticket, TicketEvent, TicketOpenArgs } from '../domain/ticket.ts';
import { readPosition, writePosition } from '../partners/position.ts';
import { readTime } from '../partners/report.ts';
import { w3cTime } from '../partners/view.ts';
import type { LinkageLink, TicketFile, TicketRequest } from '../store/contract.ts';
import type { Profile, ShareOf } from './profile.ts';
import { type ExchangeRecord, RECORD_FORMAT, type RecordKind } from './record.ts';
import { inDatum } from './wire.ts';

/** A ticket as a record, and a record as what a ticket is opened with. Pure: everything that is read is passed in. */

type MappingCity = Pick<CityData, 'items' | 'towns' | 'departments' | 'itemScheme'>;

export interface TicketFacts {
  readonly ticket: Ticket;
  readonly link: Pick<LinkageLink, 'externalNo' | 'direction' | 'mode' | 'threeParty' | 'emergency' | 'incidentNo'>;
  readonly events: readonly TicketEvent[];
  readonly requests: readonly TicketRequest[];
  readonly files: readonly TicketFile[];
  /** As the profile allows it; empty: nothing of who it is. */
  readonly person: SharedPerson;
  readonly leadingNumber: string | null;
}

export interface SharedPerson {
  readonly name?: string;
  readonly phone?: string;
}

/** What this record says beside the ticket as it is. */
export interface RecordWords {
  readonly kind: RecordKind;
  readonly version: number;
  readonly at: EpochMs;
  readonly note?: string | null;
  readonly refusalReason?: string | null;
  readonly feedback?: string | null;
}

const MAX_CONTENT = 8_000;

export function ticketRecord(city: MappingCity, profile: Pick<Profile, 'id' | 'shares'>, facts: TicketFacts, words: RecordWords): ExchangeRecord {
  const { ticket, link, person } = facts;
  const whole = words.kind === 'dispatch';
  const record: ExchangeRecord = {
    format: RECORD_FORMAT, profile: profile.id, kind: words.kind, version: words.version, sentAt: w3cTime(words.at),
    identity: {
      ticketNo: ticket.number, ...some('externalNo', link.externalNo), ...some('parentNo', facts.leadingNumber), ...some('repeatOf', ticket.closure === 'merged' ? facts.leadingNumber : null),
      channel: cut(ticket.channel, 40),
    },
    ...(whole ? { citizen: { ...person, requesterType: ticket.enterpriseId === null ? 'person' : 'company', confidential: ticket.confidential, callback: ticket.callback } } : {}),
    ...(whole || words.kind === 'supplement' ? { demand: demandOf(city, profile, facts) } : {}),
    handling: handlingOf(city, facts, words.note ?? null),
    ...resultOf(facts, words.kind),
    link: {
      direction: link.direction === 'in' ? 'to-12345' : 'from-12345', emergency: link.emergency, mode: link.mode, threeParty: link.threeParty, ...some('incidentNo', link.incidentNo),
      ...some('refusalReason', said(words.refusalReason, 2_000)), ...some('feedback', said(words.feedback, MAX_CONTENT)),
    },
  };
  return record;
}

function demandOf(city: MappingCity, { shares }: Pick<Profile, 'shares'>, { ticket, files }: TicketFacts): NonNullable<ExchangeRecord['demand']> {
  const town = city.towns.find(({ id }) => id === ticket.townId);
  // The place of a matter is often where somebody lives.
  const address = least(shares.address, ticket.confidential ? shares.confidential : 'clear');
  const position = address === 'clear' ? readPosition(ticket.place) : null;
  return {
    type: ticket.kind, ...some('title', said(ticket.title, 120)), ...some('content', said(ticket.content, MAX_CONTENT)),
    ...(ticket.itemCode === null ? {} : { categoryCode: ticket.itemCode, categoryScheme: cut(city.itemScheme.scheme, 120), categoryVersion: String(city.itemScheme.version) }),
    ...some('eventTime', said(ticket.happened, 200)), ...some('areaCode', town?.code), ...some('street', address === 'no' ? null : town?.name),
    ...some('address', address === 'clear' ? said(ticket.place, 300) : null),
    ...(position === null ? {} : { position: { longitude: position.long, latitude: position.lat, datum: 'WGS-84' as const } }),
    ...(files.length === 0 ? {} : { attachments: files.slice(0, 60).map((file) => ({ ...some('name', said(file.name, 200)), ...some('contentType', said(file.contentType, 100)), url: `media:${file.media}/file` })) }),
  };
}

function handlingOf(city: MappingCity, { ticket, events, requests }: TicketFacts, note: string | null): NonNullable<ExchangeRecord['handling']> {
  const nameOf = (id: unknown): string | undefined => (typeof id === 'string' ? cut(city.departments.find((department) => department.id === id)?.name ?? id, 120) : undefined);
  const accepted = events.find(({ type }) => type === 'ticket.accepted');
  const moved = events.filter(({ type }) => type === 'ticket.redirected' || type === 'ticket.escalated');
  const upheld = requests.filter(({ state }) => state === 'upheld');
  const returns = upheld.filter(({ kind }) => kind === 'return').map((one) => ({ at: w3cTime(one.judgedAt ?? one.askedAt), ...some('reason', said(one.reason, 2_000)) }));
  const extensions = upheld.filter(({ kind }) => kind === 'extension').map((one) => ({ at: w3cTime(one.judgedAt ?? one.askedAt), ...some('reason', said(one.reason, 2_000)), ...(one.amount === null ? {} : { amount: one.amount }) }));
  return {
    urgency: ticket.urgency, ...some('acceptedAt', accepted === undefined ? null : w3cTime(accepted.at)), status: ticket.state, supervision: ticket.supervision, urges: ticket.urges,
    ...some('lead', nameOf(ticket.departmentId)), ...(ticket.assistIds.length === 0 ? {} : { assist: ticket.assistIds.slice(0, 50).map((id) => nameOf(id) ?? id) }),
    ...some('dueAt', ticket.deadlineAt === null ? null : w3cTime(ticket.deadlineAt)), ...some('limit', said(ticket.deadlineRule, 80)),
    ...(moved.length === 0 ? {} : { transfers: moved.slice(-200).map(({ at, data }) => ({ at: w3cTime(at), ...some('to', nameOf(data['departmentId'])), ...some('reason', said(typeof data['reason'] === 'string' ? data['reason'] : null, 2_000)) })) }),
    ...(returns.length === 0 ? {} : { returns }), ...(extensions.length === 0 ? {} : { extensions }), ...some('note', said(note, 4_000)),
  };
}

function resultOf({ ticket }: TicketFacts, kind: RecordKind): Pick<ExchangeRecord, 'result'> {
  if (kind !== 'result' && kind !== 'feedback') return {};
  const { visit, closure } = ticket;
  const callback = visit === null && closure !== 'unreached' ? null : { reached: closure !== 'unreached', ...(visit?.process === null || visit === null ? {} : { processSatisfaction: visit.process }), ...(visit?.solved === null || visit === null ? {} : { solved: visit.solved }) };
  return {
    result: {
      ...some('reply', said(ticket.result, MAX_CONTENT)), ...some('handledAt', ticket.finishedAt === null ? null : w3cTime(ticket.finishedAt)), ...some('archivedAt', ticket.archivedAt === null ? null : w3cTime(ticket.archivedAt)),
      ...(callback === null ? {} : { callback, evaluationSource: '12345' }),
    },
  };
}

/** What of a citizen goes out, and what of it in the clear. */
export function sharesOf({ shares }: Pick<Profile, 'shares'>, ticket: Pick<Ticket, 'confidential'>): { readonly name: ShareOf; readonly phone: ShareOf } {
  const most = ticket.confidential ? shares.confidential : 'clear';
  return { name: least(shares.name, most), phone: least(shares.phone, most) };
}

const RANKS: readonly ShareOf[] = ['no', 'masked', 'clear'];
export function least(left: ShareOf, right: ShareOf): ShareOf {
  return RANKS.indexOf(left) < RANKS.indexOf(right) ? left : right;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/** What a dispatch of theirs opens a ticket with. What has no place of its own stands in the words, so that nothing is lost. */
export function openingOf(city: MappingCity, record: ExchangeRecord): TicketOpenArgs {
  const { demand = {}, citizen = {}, link = {}, handling = {} } = inDatum(record, 'WGS-84');
  const item = demand.categoryCode === undefined ? undefined : city.items.find(({ code }) => code === demand.categoryCode);
  const town = city.towns.find(({ code, name }) => code === demand.areaCode || name === demand.street);
  const given = demand.content ?? demand.title ?? '';
  const beside = [
    item === undefined && demand.categoryCode !== undefined ? `来源分类：${demand.categoryCode}${demand.categoryScheme === undefined ? '' : `（${demand.categoryScheme}）`}` : null,
    demand.involvedParty === undefined ? null : `涉及对象：${demand.involvedParty}`,
    citizen.companyName === undefined ? null : `诉求单位：${citizen.companyName}`,
    link.incidentNo === undefined ? null : `警情（事件）编号：${link.incidentNo}`,
    handling.note === undefined ? null : `移交说明：${handling.note}`,
  ].filter((line) => line !== null);
  const place = [demand.address, demand.grid === undefined ? undefined : `网格 ${demand.grid}`, town === undefined ? demand.street : undefined].filter((part) => part !== undefined).join(' ');
  const position = demand.position === undefined ? null : writePosition({ lat: demand.position.latitude, long: demand.position.longitude });
  const where = [place === '' ? null : place, position === null ? null : place === '' ? position : `（${position}）`].filter((part) => part !== null).join(' ');
  return {
    ticketKind: kindFor(demand.type, item?.kinds), itemCode: item?.code ?? null, title: cleaned(demand.title ?? firstSentence(given)), content: cleaned([given, ...beside].join('\n')),
    townId: town?.id ?? null, place: where === '' ? null : cleaned(where), happened: happenedOf(demand.eventTime),
    phone: citizen.phone === undefined ? null : (normalizePhone(citizen.phone)?.phone ?? null), name: citizen.name === undefined ? null : cleaned(citizen.name),
    urgency: link.emergency === true ? 'emergency' : (handling.urgency ?? 'normal'), confidential: citizen.confidential === true, callback: citizen.callback === true,
  };
}

function kindFor(told: TicketKind | undefined, kinds: readonly TicketKind[] | undefined): TicketKind {
  return told ?? kinds?.[0] ?? '求助';
}

function happenedOf(eventTime: string | undefined): string | null {
  if (eventTime === undefined) return null;
  const at = readTime(eventTime);
  return at === null ? cleaned(eventTime) : beijingText(at);
}

/** One or two lines for the timeline of the ticket, of what a record of theirs says. */
export function wordsOf(record: ExchangeRecord): string {
  const { handling, link, result, demand } = record;
  const callback = result?.callback;
  return cleaned(
    [handling?.note, link?.refusalReason, link?.feedback, result?.reply, record.kind === 'supplement' ? demand?.content : undefined, callback?.solved === undefined ? undefined : callback.solved ? '回访：已解决' : `回访：未解决${callback.reason === undefined ? '' : `，${callback.reason}`}`]
      .filter((part) => part !== undefined).join('；'),
  );
}

/** Peers send what they have: signs that no screen shows and no XML carries are left out. */
export function cleaned(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '').trim();
}

function firstSentence(text: string): string {
  return cut(text.split(/[。！？!?\n]/).find((part) => part.trim() !== '')?.trim() ?? '联动转来的诉求', 40);
}

const cut = (text: string, limit: number): string => [...text].slice(0, limit).join('');

/** Masked once more on its way out; null: nothing is left of it. */
function said(text: string | null | undefined, limit: number): string | null {
  const clean = text === null || text === undefined ? '' : cut(cleaned(maskText(text).text), limit);
  return clean === '' ? null : clean;
}

function some<Name extends string, Value>(name: Name, value: Value | null | undefined): Partial<Record<Name, Value>> {
  if (value === null || value === undefined) return {};
  const one: Partial<Record<Name, Value>> = {};
  one[name] = value;
  return one;
}
