import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { BEIJING_OFFSET, DAY, startOfDay } from '../domain/clock.ts';
import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json.ts';
import type { LinkageLink, LinkageMessage } from '../store/contract.ts';
import { type LinkageContext, requireEndpoint } from './context.ts';

/** 对账: what went and came between us and one profile on one Beijing day, what is missing of it, and how that compares with their own list. */

const LineSchema = Type.Object({ direction: Type.Union([Type.Literal('in'), Type.Literal('out')]), number: Type.String(), version: Type.Integer(), kind: Type.String(), state: Type.String(), code: Type.Union([Type.String(), Type.Null()]), at: Type.Number() });
const Gap = Type.Object({ number: Type.String(), from: Type.Integer(), to: Type.Integer(), since: Type.Number() });
const Late = Type.Object({ linkId: Type.String(), ticketId: Type.Union([Type.String(), Type.Null()]), externalNo: Type.Union([Type.String(), Type.Null()]), direction: Type.Union([Type.Literal('in'), Type.Literal('out')]), owes: Type.Union([Type.String(), Type.Null()]), dueAt: Type.Union([Type.Number(), Type.Null()]) });
const Named = Type.Object({ number: Type.String(), version: Type.Integer() });

export const ReconciliationSchema = Type.Object({
  format: Type.Literal(1),
  profile: Type.String(),
  name: Type.String(),
  day: Type.String(),
  madeAt: Type.Number(),
  counts: Type.Object({
    /** Ours: made that day. */
    sent: Type.Integer(), acknowledged: Type.Integer(), refusedByThem: Type.Integer(), unacknowledged: Type.Integer(), waiting: Type.Integer(), dead: Type.Integer(),
    /** Theirs: come that day. */
    received: Type.Integer(), applied: Type.Integer(), refusedByUs: Type.Integer(), held: Type.Integer(), repeated: Type.Integer(), outOfOrder: Type.Integer(),
    missing: Type.Integer(), overdue: Type.Integer(),
  }),
  /** What a person has to look at: refused either way, dead, not acknowledged, held. */
  open: Type.Array(LineSchema),
  /** Came before one with a lower version. */
  outOfOrder: Type.Array(LineSchema),
  /** Versions of theirs that are not here while later ones are. */
  missing: Type.Array(Gap),
  overdue: Type.Array(Late),
  /** Against their list of the day; null: they gave none. */
  list: Type.Union([
    Type.Object({ at: Type.Number(), lines: Type.Integer(), agreed: Type.Integer(), /** They sent it, we have it not. */ notHere: Type.Array(Named), /** We have it, they do not name it. */ notTheirs: Type.Array(Named), /** We sent it, they have it not. */ notThere: Type.Array(Named), /** They have it, we did not send it that day. */ notOurs: Type.Array(Named) }),
    Type.Null(),
  ]),
  /** Nothing is missing, refused, dead, held or late, and the lists agree. */
  agrees: Type.Boolean(),
});
export type Reconciliation = Static<typeof ReconciliationSchema>;
type Line = Static<typeof LineSchema>;

export interface ReconcileGiven {
  readonly profile: string;
  readonly name: string;
  readonly day: string;
  readonly now: EpochMs;
  /** Every record that was made or came that day. */
  readonly messages: readonly LinkageMessage[];
  /** Matters with records held, and those records; and matters in which something is late. */
  readonly holding: readonly { readonly link: LinkageLink; readonly held: readonly LinkageMessage[] }[];
  readonly late: readonly LinkageLink[];
  readonly list: { readonly at: EpochMs; readonly lines: readonly ListLine[] } | null;
}

export interface ListLine {
  readonly direction: 'sent' | 'received';
  readonly number: string;
  readonly version: number;
}

/** Rows of one kind that stand in a report; what is more is in the counts. */
const SHOWN = 2_000;

/** Pure. */
export function reconcile({ profile, name, day, now, messages, holding, late, list }: ReconcileGiven): Reconciliation {
  const out = messages.filter(({ direction }) => direction === 'out');
  const inwards = messages.filter(({ direction }) => direction === 'in');
  const of = (rows: readonly LinkageMessage[], state: LinkageMessage['state']): number => rows.filter((row) => row.state === state).length;
  const open = messages.filter(({ state }) => state === 'refused' || state === 'dead' || state === 'sent' || state === 'waiting' || state === 'held');
  const early = inwards.filter((row) => row.early);
  const missing = holding.flatMap(({ link, held }) => gapsOf(link, held));
  const compared = list === null ? null : compare(out, inwards, list);
  const counts = {
    sent: out.length, acknowledged: of(out, 'acknowledged'), refusedByThem: of(out, 'refused'), unacknowledged: of(out, 'sent'), waiting: of(out, 'waiting'), dead: of(out, 'dead'),
    received: inwards.length, applied: of(inwards, 'applied'), refusedByUs: of(inwards, 'refused'), held: of(inwards, 'held'), repeated: inwards.reduce((sum, { repeats }) => sum + repeats, 0), outOfOrder: early.length,
    missing: missing.reduce((sum, { from, to }) => sum + to - from + 1, 0), overdue: late.length,
  };
  return {
    format: 1, profile, name, day, madeAt: now, counts, open: open.slice(0, SHOWN).map(lineOf), outOfOrder: early.slice(0, SHOWN).map(lineOf), missing: missing.slice(0, SHOWN),
    overdue: late.slice(0, SHOWN).map(({ id, ticketId, externalNo, direction, owes, dueAt }) => ({ linkId: id, ticketId, externalNo, direction, owes, dueAt })),
    list: compared,
    agrees: open.length === 0 && missing.length === 0 && late.length === 0 && (compared === null || compared.notHere.length + compared.notTheirs.length + compared.notThere.length + compared.notOurs.length === 0),
  };
}

const lineOf = ({ direction, number, version, kind, state, code, createdAt }: LinkageMessage): Line => ({ direction, number, version, kind, state, code, at: createdAt });

/** What is not here between the last that was done and those that are held. */
export function gapsOf(link: Pick<LinkageLink, 'receivedVersion'>, held: readonly LinkageMessage[]): readonly Static<typeof Gap>[] {
  const gaps: Static<typeof Gap>[] = [];
  let last = link.receivedVersion;
  for (const { version, number, createdAt } of held.toSorted((left, right) => left.version - right.version)) {
    if (version > last + 1) gaps.push({ number, from: last + 1, to: version - 1, since: createdAt });
    last = Math.max(last, version);
  }
  return gaps;
}

function compare(out: readonly LinkageMessage[], inwards: readonly LinkageMessage[], { at, lines }: NonNullable<ReconcileGiven['list']>): NonNullable<Reconciliation['list']> {
  const key = ({ number, version }: { readonly number: string; readonly version: number }): string => `${version} ${number}`;
  const side = (direction: ListLine['direction']): Map<string, ListLine> => new Map(lines.filter((line) => line.direction === direction).map((line) => [key(line), line]));
  const [sent, received] = [side('sent'), side('received')];
  const here = new Set(inwards.map(key));
  const ours = new Set(out.map(key));
  // What has not left us cannot be there.
  const gone = out.filter(({ state }) => state !== 'waiting' && state !== 'dead');
  const named = ({ number, version }: { readonly number: string; readonly version: number }) => ({ number, version });
  const notHere = [...sent].filter(([name]) => !here.has(name)).map(([, line]) => named(line));
  const notOurs = [...received].filter(([name]) => !ours.has(name)).map(([, line]) => named(line));
  return {
    at, lines: lines.length, agreed: [...sent.keys()].filter((name) => here.has(name)).length + [...received.keys()].filter((name) => ours.has(name)).length,
    notHere: notHere.slice(0, SHOWN), notTheirs: inwards.filter((row) => !sent.has(key(row))).map(named).slice(0, SHOWN),
    notThere: gone.filter((row) => !received.has(key(row))).map(named).slice(0, SHOWN), notOurs: notOurs.slice(0, SHOWN),
  };
}

const PAGE = 1_000;
/** Held and late matters that are read for a report. */
const LINKS = 2_000;
const listShape = Compile(Type.Array(Type.Object({ direction: Type.Union([Type.Literal('sent'), Type.Literal('received')]), number: Type.String(), version: Type.Integer() })));
const reportShape = Compile(ReconciliationSchema);

/**
 * Reads a day, compares, and keeps the report; one that was made before is replaced.
 * @param day `2026-11-22`
 * @throws AppError `linkage.unknown_profile`, `linkage.bad_day`
 */
export async function makeReconciliation(context: LinkageContext, profileId: string, day: string): Promise<Reconciliation> {
  const { profile } = requireEndpoint(context.house, profileId);
  const from = dayStart(day);
  const now = context.now();
  const messages: LinkageMessage[] = [];
  for (let after: LinkageMessage | null = null; ; ) {
    const last: LinkageMessage | null = after;
    const page: readonly LinkageMessage[] = await context.store.read((repos) => repos.linkage.made(profile.id, from, from + DAY, last, PAGE));
    messages.push(...page);
    after = page.at(-1) ?? null;
    if (page.length < PAGE) break;
  }
  const { holding, late, kept } = await context.store.read(async ({ linkage }) => {
    const links = (await linkage.holding(LINKS)).filter((link) => link.profile === profile.id);
    const holding = [];
    for (const link of links) holding.push({ link, held: await linkage.held(link.id) });
    return { holding, late: await linkage.links({ profile: profile.id, late: true, limit: LINKS }), kept: await linkage.day(profile.id, day) };
  });
  const list = kept !== null && kept.listAt !== null && listShape.Check(kept.list) ? { at: kept.listAt, lines: kept.list } : null;
  const report = reconcile({ profile: profile.id, name: profile.name, day, now, messages, holding, late, list });
  const body: JsonValue = JSON.parse(JSON.stringify(report));
  await context.store.write((repos) => repos.linkage.putReport({ profile: profile.id, day, report: body, at: now }));
  return report;
}

/** Null: none was made. */
export async function keptReconciliation(context: Pick<LinkageContext, 'store'>, profileId: string, day: string): Promise<Reconciliation | null> {
  const report = (await context.store.read((repos) => repos.linkage.day(profileId, day)))?.report ?? null;
  return reportShape.Check(report) ? report : null;
}

/** Midnight in Beijing. @throws AppError `linkage.bad_day` */
export function dayStart(day: string): EpochMs {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day) throw new AppError('linkage.bad_day', 'not a day', { status: 400, citizenText: '日期须为 2026-11-22 的形式。' });
  return at - BEIJING_OFFSET;
}

/** The Beijing day before the one that holds this moment. */
export function dayBefore(now: EpochMs): string {
  return new Date(startOfDay(now) + BEIJING_OFFSET - DAY).toISOString().slice(0, 10);
}
