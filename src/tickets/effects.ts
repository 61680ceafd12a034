import type { EpochMs } from '../domain/activity.ts';
import type { DeadlineRule } from '../domain/config-files.ts';
import { ruleText, stageRule } from '../domain/deadlines.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { Hold } from '../domain/legal-clock.ts';
import type { JsonObject } from '../domain/json.ts';
import type { MoveGiven, MoveName, TicketMove } from '../domain/ticket-moves.ts';
import type { RequestKind, Ticket, TicketActor, TicketClosure, TicketState, VisitAnswer } from '../domain/ticket.ts';
import type { ClockStage, TicketRequest } from '../store/contract.ts';
import { actorText } from './actor-text.ts';
import { type ClockBook, itemOf, movedTo, profileOf, ruleOf } from './clocks.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import type { Mover } from './move.ts';
import { matchesItem } from './supervision.ts';

/** What each move does beside the change of state: to the ticket's fields, its clocks and the requests. Nothing is written to the ticket here. */

export interface Moving {
  readonly context: TicketsContext;
  readonly unit: TicketUnit;
  readonly ticket: Ticket;
  readonly move: TicketMove;
  readonly given: MoveGiven;
  readonly by: Mover;
  readonly now: EpochMs;
  readonly clocks: ClockBook;
}

export interface MoveEffect {
  readonly change: Partial<Omit<Ticket, 'id' | 'number' | 'version' | 'createdAt' | 'state'>>;
  /** Where the new state goes back to. */
  readonly stateBefore?: TicketState;
  /** Joins the event's data. */
  readonly data?: JsonObject;
}

type Effect = (moving: Moving) => Promise<MoveEffect> | MoveEffect;

const EVERY_STAGE: readonly ClockStage[] = ['accept', 'sign', 'contact', 'handle', 'return', 'judge', 'hold', 'visit'];

export function effectOf(moving: Moving): Promise<MoveEffect> | MoveEffect {
  return EFFECTS[moving.move.name](moving);
}

const EFFECTS: Readonly<Record<MoveName, Effect>> = {
  accept: () => ({ change: {} }),
  refuse: (moving) => {
    reasonFrom(moving, 'refuse');
    return archived(moving, 'not_taken');
  },
  answer: async (moving) => {
    await requireFiles(moving.unit, moving.ticket.id, moving.given.evidence ?? []);
    const { change } = await archived(moving, 'answered_at_once');
    return { change: { ...change, result: said(moving.given.result), finishedAt: moving.now } };
  },
  dispatch: (moving) => dispatched(moving, moving.ticket.routeId),
  redirect: (moving) => {
    const { change, ...rest } = dispatched(moving, null);
    return { ...rest, change: { ...change, redirects: moving.ticket.redirects + 1, signedAt: null, contactedAt: null } };
  },
  sign: ({ clocks, now }) => {
    clocks.end(['sign'], now);
    return { change: { signedAt: now } };
  },
  contact: ({ clocks, now, ticket }) => {
    clocks.end(['contact'], now);
    return { change: { contactedAt: ticket.contactedAt ?? now } };
  },
  requestReturn: async (moving) => {
    const { ticket, clocks, now } = moving;
    const window = clocks.running('return');
    if (window !== null && isPast(window.dueAt, now)) {
      const { rule } = window;
      throw new AppError('ticket.return_too_late', 'the time for a return is over', { status: 409, citizenText: `派单后超过${ruleText(rule)}，不能再申请退单；确有争议请联系热线班长改派。`, details: { rule: ruleText(rule) } });
    }
    await ask(moving, 'return');
    return { change: { pending: 'return' }, stateBefore: ticket.state };
  },
  upholdReturn: async (moving) => {
    await judged(moving, 'upheld');
    moving.clocks.end(['sign', 'contact', 'return'], moving.now);
    moving.clocks.start('accept', moving.now);
    return { change: { pending: null, returns: moving.ticket.returns + 1, departmentId: null, assistIds: [], routeId: null, signedAt: null, contactedAt: null } };
  },
  refuseReturn: async (moving) => {
    await judged(moving, 'refused');
    return { change: { pending: null } };
  },
  requestExtension: async (moving) => {
    const { context, ticket, given, clocks } = moving;
    const allowed = profileOf(context, ticket).extension;
    if (allowed === undefined || ticket.extensions >= allowed.times) throw new AppError('ticket.extension_used', 'no further extension is allowed', { status: 409, citizenText: `按规定最多延期${allowed?.times ?? 0}次。`, details: { times: allowed?.times ?? 0 } });
    if (!isAmount(given.amount ?? 0, allowed.limit)) throw new AppError('ticket.extension_too_long', 'an extension within the limit of the profile', { status: 400, citizenText: `一次延期最长${ruleText(allowed.limit)}。`, details: { limit: ruleText(allowed.limit) } });
    const handling = clocks.running('handle');
    if (handling === null || handling.overdueAt !== null || isPast(handling.dueAt, moving.now)) throw new AppError('ticket.extension_too_late', 'an extension is asked for before the deadline', { status: 409, citizenText: '已经超过办理期限，不能再申请延期。' });
    await ask(moving, 'extension');
    return { change: { pending: 'extension' }, stateBefore: ticket.state };
  },
  grantExtension: async (moving) => {
    const { context, ticket, clocks, now } = moving;
    const limit = profileOf(context, ticket).extension?.limit;
    const request = await judged(moving, 'upheld');
    const amount = moving.given.amount ?? request.amount ?? 0;
    if (limit === undefined || !isAmount(amount, limit)) throw new AppError('ticket.extension_too_long', 'an extension within the limit of the profile', { status: 400, citizenText: `一次延期最长${limit === undefined ? '0天' : ruleText(limit)}。` });
    const handling = clocks.running('handle');
    const before = handling?.dueAt ?? null;
    const dueAt = before === null ? null : context.clock.due(before, { ...limit, amount }, ticket.holds);
    // Granted after the old time ran out: the mark stays, the new time counts.
    if (handling !== null && dueAt !== null) clocks.change({ ...movedTo(context, ticket, handling, dueAt, now), overdueAt: null, rung: 0 });
    return { change: { pending: null, extensions: ticket.extensions + 1, deadlineAt: dueAt }, data: { amount, unit: limit.unit } };
  },
  refuseExtension: async (moving) => {
    await judged(moving, 'refused');
    return { change: { pending: null } };
  },
  requestHold: async (moving) => {
    untilWithin(moving, moving.given.until ?? 0);
    await ask(moving, 'hold');
    return { change: { pending: 'hold' } };
  },
  grantHold: async (moving) => {
    const { context, ticket, clocks, now } = moving;
    const request = await judged(moving, 'upheld');
    const until = moving.given.until ?? request.until ?? 0;
    untilWithin(moving, until);
    for (const stage of ['handle', 'contact'] as const) {
      const row = clocks.running(stage);
      if (row !== null) clocks.change({ ...row, dueAt: null });
    }
    clocks.startFixed('hold', now, until, context.city.ticketRules.holdLimit);
    return { change: { pending: null, deadlineAt: null, holds: [...ticket.holds, { from: now, to: null }] }, stateBefore: ticket.state, data: { until } };
  },
  refuseHold: async (moving) => {
    await judged(moving, 'refused');
    return { change: { pending: null } };
  },
  resume: async (moving) => {
    const { ticket, clocks, now, unit } = moving;
    const holds: Hold[] = ticket.holds.map((hold) => (hold.to === null ? { ...hold, to: now } : hold));
    clocks.end(['hold'], now);
    const requests = await unit.repos.requests.of(ticket.id);
    let deadlineAt: EpochMs | null = null;
    for (const stage of ['handle', 'contact'] as const) {
      const row = clocks.running(stage);
      if (row === null) continue;
      const granted = stage === 'handle' ? requests.filter((request) => request.kind === 'extension' && request.state === 'upheld' && (request.judgedAt ?? 0) >= row.startedAt) : [];
      const dueAt = dueAfter(moving, row.startedAt, row.rule, holds, granted);
      clocks.change(row.overdueAt === null ? movedTo(moving.context, ticket, row, dueAt, now) : { ...row, dueAt }, holds);
      if (stage === 'handle') deadlineAt = dueAt;
    }
    return { change: { holds, deadlineAt } };
  },
  withdrawRequest: async (moving) => {
    await judged(moving, 'withdrawn');
    return { change: { pending: null } };
  },
  finish: async (moving) => {
    const { ticket, clocks, now, context, given, unit } = moving;
    const needsEvidence = context.city.ticketRules.evidenceItems.some((item) => matchesItem(item, ticket.itemCode)) || itemOf(context, ticket.itemCode)?.evidence === true;
    if (needsEvidence && (given.evidence?.length ?? 0) === 0) throw new AppError('ticket.evidence_needed', 'this item is finished with a file that shows the result', { status: 400, citizenText: '这类事项办结须附现场照片或证明材料。', details: { item: ticket.itemCode ?? '' } });
    await requireFiles(unit, ticket.id, given.evidence ?? []);
    clocks.end(['sign', 'contact', 'handle', 'return'], now);
    return { change: { result: said(given.result), finishedAt: now, deadlineAt: null }, stateBefore: ticket.state };
  },
  passReview: async (moving) => {
    const { clocks, now, context, unit, ticket } = moving;
    const finished = (await unit.repos.tickets.events(ticket.id)).findLast((event) => event.type === 'ticket.finished');
    if (finished !== undefined && isSamePerson(finished.actor, moving.by.actor)) throw fourEyes('the result is reviewed by somebody else than who gave it', '办结结果不能由提交人自己审核，请换一位班长。');
    const { every } = context.city.ticketRules.visit;
    clocks.startFixed('visit', now, context.clock.due(now, every), every);
    return { change: {} };
  },
  failReview: ({ clocks }) => {
    // The same clock goes on: the citizen still waits for the first promise.
    const handling = clocks.last('handle');
    if (handling !== null) clocks.change({ ...handling, endedAt: null });
    return { change: { finishedAt: null, result: null, deadlineAt: handling?.dueAt ?? null } };
  },
  confirm: async (moving) => {
    if (moving.given.solved !== true) throw new AppError('ticket.not_confirmed', 'what is not solved is handled again', { status: 400, citizenText: '问题没有解决时请选择“回访不满意”，工单会重新办理。' });
    const { change } = await archived(moving, 'confirmed');
    return { change: { ...change, visit: visitOf(moving.given) } };
  },
  veto: (moving) => {
    if (moving.given.solved !== false) throw new AppError('ticket.not_vetoed', 'a veto says that it is not solved', { status: 400, citizenText: '请确认问题没有解决。' });
    return handledAgain(moving, { visit: visitOf(moving.given), vetoes: moving.ticket.vetoes + 1 });
  },
  unreached: (moving) => archived(moving, 'unreached'),
  reopen: (moving) => {
    const { context, ticket, by, now } = moving;
    const within = context.city.ticketRules.visit.reopenWithin;
    if ((by.role === 'citizen' || by.role === 'partner') && ticket.archivedAt !== null && now > context.clock.due(ticket.archivedAt, within)) {
      throw new AppError('ticket.reopen_too_late', 'the time for reopening is over', { status: 409, citizenText: `归档超过${ruleText(within)}，请重新提交诉求。`, details: { within: ruleText(within) } });
    }
    // What was closed as done and comes back from outside was closed falsely; what was withdrawn or not taken was not closed as done.
    const closedAsDone = ticket.closure === 'confirmed' || ticket.closure === 'unreached' || ticket.closure === 'merged' || ticket.closure === 'answered_at_once';
    const fromOutside = by.role === 'citizen' || by.role === 'partner';
    return handledAgain(moving, { closure: null, archivedAt: null, ...(fromOutside && closedAsDone ? { vetoes: ticket.vetoes + 1 } : {}) });
  },
  escalate: ({ clocks, now, given, ticket }) => {
    clocks.end(['sign'], now);
    return { change: { ...(given.departmentId === undefined ? {} : { departmentId: given.departmentId }), ...(given.assistIds === undefined ? {} : { assistIds: given.assistIds }), signedAt: ticket.signedAt ?? now } };
  },
  withdraw: (moving) => archived(moving, 'withdrawn'),
};

/** To a department, for the first time or anew. The handling clock starts once: the citizen has waited since the first dispatch. */
function dispatched({ context, ticket, given, clocks, now }: Moving, routeId: string | null): MoveEffect {
  clocks.end(['accept', 'sign', 'contact', 'return'], now);
  const handling = clocks.running('handle') ?? clocks.start('handle', now);
  clocks.start('sign', now);
  clocks.start('contact', now);
  clocks.start('return', now);
  return {
    change: {
      departmentId: given.departmentId ?? ticket.departmentId,
      assistIds: given.assistIds ?? [],
      routeId,
      dispatchedAt: ticket.dispatchedAt ?? now,
      ...(handling === null ? {} : { deadlineAt: handling.dueAt, deadlineRule: ruleOf(context, ticket, 'handle')?.name ?? null }),
    },
  };
}

/** The end: no clock runs on, nothing waits for judgement any more. */
async function archived(moving: Moving, closure: TicketClosure): Promise<MoveEffect> {
  const { clocks, now, ticket } = moving;
  if (ticket.pending !== null) await judged(moving, 'withdrawn');
  clocks.end(EVERY_STAGE, now);
  return { change: { closure, archivedAt: now, pending: null, deadlineAt: null, holds: ticket.holds.map((hold) => (hold.to === null ? { ...hold, to: now } : hold)) } };
}

/** 重办 with a new handling clock; what no department ever had is dispatched first. */
function handledAgain({ clocks, now, ticket }: Moving, change: MoveEffect['change']): MoveEffect {
  clocks.end(EVERY_STAGE, now);
  const again = { ...change, redos: ticket.redos + 1, finishedAt: null };
  if (ticket.departmentId === null) {
    clocks.start('accept', now);
    return { change: { ...again, deadlineAt: null } };
  }
  const handling = clocks.start('handle', now);
  return { change: { ...again, deadlineAt: handling?.dueAt ?? null } };
}

/** When a clock runs out with these holds and the extensions that were granted. */
export function dueAfter({ context, ticket }: { readonly context: Pick<TicketsContext, 'city' | 'clock'>; readonly ticket: Ticket }, startedAt: EpochMs, rule: DeadlineRule, holds: readonly Hold[], extensions: readonly TicketRequest[]): EpochMs {
  const limit = profileOf(context, ticket).extension?.limit;
  let dueAt = context.clock.due(startedAt, rule, holds);
  for (const extension of extensions) if (limit !== undefined && extension.amount !== null) dueAt = context.clock.due(dueAt, { ...limit, amount: extension.amount }, holds);
  return dueAt;
}

async function ask(moving: Moving, kind: RequestKind): Promise<void> {
  const { context, unit, ticket, given, by, now, clocks } = moving;
  const reason = reasonFrom(moving, kind);
  await requireFiles(unit, ticket.id, given.evidence ?? []);
  if (reason.evidence === true && (given.evidence?.length ?? 0) === 0) throw new AppError('ticket.evidence_needed', 'this reason comes with a file', { status: 400, citizenText: `以“${reason.label}”为由须附证明材料。`, details: { reason: reason.code } });
  const judge = stageRule(profileOf(context, ticket), 'judge', 'default');
  const judging = clocks.start('judge', now);
  await unit.repos.requests.insert({
    id: context.newId(), ticketId: ticket.id, kind, departmentId: ticket.departmentId, itemCode: ticket.itemCode, reasonCode: reason.code, reason: said(given.reason) ?? '', evidence: given.evidence ?? [],
    amount: given.amount ?? null, until: given.until ?? null, askedBy: actorText(by.actor), askedAt: now, judgeBy: judging?.dueAt ?? (judge === null ? null : context.clock.due(now, judge)), state: 'asked', judgedBy: null, judgedAt: null, verdict: null,
  });
}

async function judged(moving: Moving, state: 'upheld' | 'refused' | 'withdrawn'): Promise<TicketRequest> {
  const { unit, ticket, given, by, now, clocks } = moving;
  const request = await unit.repos.requests.pendingOf(ticket.id);
  if (request === null) throw new AppError('ticket.no_request', 'nothing waits for judgement', { status: 409, retry: 'conflict', citizenText: '没有待审的申请，请刷新后再看。' });
  if (state === 'upheld' && request.askedBy === actorText(by.actor)) throw fourEyes('a request is judged by somebody else than who made it', '申请不能由提出人自己批准，请换一位班长。');
  clocks.end(['judge'], now);
  await unit.repos.requests.judge(request.id, { state, judgedBy: actorText(by.actor), judgedAt: now, verdict: said(given.reason), amount: given.amount ?? request.amount, until: given.until ?? request.until });
  return request;
}

function reasonFrom({ context, given }: Moving, list: RequestKind | 'refuse') {
  const reasons = context.city.ticketRules.reasons[list];
  const reason = reasons.find((candidate) => candidate.code === given.reasonCode);
  if (reason === undefined) throw new AppError('ticket.unknown_reason', 'the reason is not among those of this move', { status: 400, citizenText: `理由须从列表中选择：${reasons.map(({ label }) => label).join('、')}。`, details: { reasons: reasons.map(({ code }) => code).join(',') } });
  return reason;
}

function untilWithin({ context, now }: Moving, until: EpochMs): void {
  const { holdLimit } = context.city.ticketRules;
  if (until <= now || until > context.clock.due(now, holdLimit)) throw new AppError('ticket.hold_too_long', 'a hold ends within the limit', { status: 400, citizenText: `挂起须在${ruleText(holdLimit)}之内结束。`, details: { limit: ruleText(holdLimit) } });
}

/** Files that a move names belong to the ticket. */
async function requireFiles(unit: TicketUnit, ticketId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = new Set((await unit.repos.ticketFiles.of(ticketId)).map((file) => file.id));
  if (!ids.every((id) => known.has(id))) throw new AppError('ticket.unknown_file', 'a named file is not of this ticket', { status: 400, citizenText: '所选材料不属于这张工单。' });
}

function visitOf(given: MoveGiven): VisitAnswer {
  return { process: given.process ?? null, solved: given.solved ?? null };
}

/** Two pairs of eyes: not even an administrator checks their own work. */
function fourEyes(message: string, citizenText: string): AppError {
  return new AppError('ticket.four_eyes', message, { status: 403, citizenText });
}

function isSamePerson(left: TicketActor, right: TicketActor): boolean {
  const seatOf = (actor: TicketActor): string | null => (actor.kind === 'seat' || actor.kind === 'department' ? actor.seatId : null);
  return seatOf(left) !== null && seatOf(left) === seatOf(right);
}

/** An extension is counted in whole units. */
const isAmount = (amount: number, limit: DeadlineRule): boolean => Number.isInteger(amount) && amount >= 1 && amount <= limit.amount;

const said = (text: string | undefined): string | null => (text === undefined ? null : maskText(text).text);
const isPast = (at: EpochMs | null | undefined, now: EpochMs): boolean => at !== null && at !== undefined && now > at;
