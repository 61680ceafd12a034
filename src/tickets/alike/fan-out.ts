import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { TicketUnit } from '../context.ts';
import { record, requireTicket } from '../record.ts';
import { endWithTicket } from '../supervision.ts';
import { endClocks } from './clocks-stand.ts';
import { ALIKE_KINDS, type AlikeContext, type BatchHandler, enqueueAlike, followersLane } from './context.ts';
import { part } from './follow.ts';
import { follow, whyNotMerge } from './merge.ts';
import { tellAnswer } from './storm-keys.ts';

/**
 * What concerns thousands of followers at once, by the bus. One row does it all in small transactions; each moves the row's own
 * cursor, so that a crash goes on where it was and nobody is told twice. The row keeps its place in the lane meanwhile:
 *
 *   lane alike:<leading> ─► moved (50 of 5,000 … cursor) ─► moved again ─► relink
 */

/** Tickets in one transaction: some 10 ms on SQLite, where writers wait for each other. */
const AT_ONCE = 25;

const text = Type.String();
const FollowersPayload = Compile(
  Type.Object({
    leadingId: text, number: text, move: text, event: text, state: text, closure: Type.Union([text, Type.Null()]), result: Type.Union([text, Type.Null()]), at: Type.Number(),
    reason: Type.Optional(text), cursor: Type.Optional(text),
  }),
);
const RelinkPayload = Compile(Type.Object({ fromId: text, toId: text, cursor: Type.Optional(text) }));
const StormPayload = Compile(Type.Object({ stormId: text, leadingId: text, do: Type.Union([Type.Literal('merge'), Type.Literal('answer')]), seatId: text, cursor: Type.Optional(text) }));

/** Handlers for `bus.start`, by outbox kind. */
export function createAlikeHandlers(context: AlikeContext): Readonly<Record<string, BatchHandler>> {
  return {
    [ALIKE_KINDS.followers]: inBatches(context, FollowersPayload, (unit, payload, cursor) => tellMove(context, unit, payload, cursor)),
    [ALIKE_KINDS.relink]: inBatches(context, RelinkPayload, (unit, payload, cursor) => relink(context, unit, payload, cursor)),
    [ALIKE_KINDS.storm]: inBatches(context, StormPayload, (unit, payload, cursor) => (payload.do === 'merge' ? mergeStorm(context, unit, payload, cursor) : answerStorm(context, unit, payload, cursor))),
  };
}

interface Shape<Payload> {
  Check(value: unknown): value is Payload;
}

/** `step` does what comes after the cursor and returns the next one; null: that was all. */
function inBatches<Payload>(context: AlikeContext, shape: Shape<Payload>, step: (unit: TicketUnit, payload: Payload, cursor: string | null) => Promise<string | null>): BatchHandler {
  return async (row, lease) => {
    const stored: unknown = row.payload;
    if (!shape.Check(stored)) return { kind: 'bury', code: 'alike.bad_payload' };
    const { cursor: begun } = row.payload;
    for (let cursor = typeof begun === 'string' ? begun : null; ; ) {
      const next = await context.write(async (unit) => {
        await unit.repos.lanes.assertFence(lease.lane, lease.fence);
        const reached = await step(unit, stored, cursor);
        if (reached === null ? !(await unit.repos.outbox.complete(row.id)) : !(await unit.repos.outbox.pending(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
        if (reached !== null) await unit.repos.outbox.put({ id: row.id, lane: row.lane, kind: row.kind, payload: { ...row.payload, cursor: reached }, availableAt: row.availableAt, blocking: row.blocking, now: context.now() });
        return reached;
      });
      if (next === null) return { kind: 'done' };
      cursor = next;
    }
  };
}

/** The leading ticket moved: every follower's citizen hears of it, and what is archived is archived for all. */
async function tellMove(context: AlikeContext, unit: TicketUnit, payload: FollowersShape, cursor: string | null): Promise<string | null> {
  if (payload.closure === 'withdrawn' && payload.state === '归档') return passOn(context, unit, payload.leadingId);
  const ids = await unit.repos.alikeTickets.followers(payload.leadingId, { afterId: cursor, limit: AT_ONCE });
  for (const ticket of await unit.repos.tickets.getMany(ids)) await tellOne(context, unit, ticket, payload);
  return ids.length < AT_ONCE ? null : (ids.at(-1) ?? null);
}

interface FollowersShape {
  readonly leadingId: string;
  readonly number: string;
  readonly move: string;
  readonly event: string;
  readonly state: string;
  readonly closure: string | null;
  readonly result: string | null;
  readonly at: number;
  readonly reason?: string | undefined;
}

async function tellOne(context: AlikeContext, unit: TicketUnit, ticket: Ticket, { leadingId, number, move, event, state, result, reason, at }: FollowersShape): Promise<void> {
  const archives = state === '归档' && ticket.archivedAt === null;
  const data: JsonObject = { leadingId, number, move, event, state, leadingAt: at, ...(result === null ? {} : { result }), ...(reason === undefined ? {} : { reason }), ...(archives ? { archived: true } : {}) };
  const now = context.now();
  const told = archives
    ? await unit.repos.tickets.update(ticket.id, ticket.version, {
        ...(await endClocks(context, unit, ticket, now)), state: '归档', stateBefore: null, pending: null, closure: 'merged', result: result ?? reason ?? null, finishedAt: at, archivedAt: now, updatedAt: now,
      })
    : ticket;
  if (archives) await endWithTicket(unit, told, now);
  await record(context, unit, told, { type: 'ticket.leader_moved', actor: { kind: 'system' }, at: now, data });
}

/** Its citizen withdrew the leading ticket: the matter of the others stands. The oldest open one leads from now on. */
async function passOn(context: AlikeContext, unit: TicketUnit, fromId: string): Promise<null> {
  const oldest = await unit.repos.tickets.getMany(await unit.repos.alikeTickets.followers(fromId, { afterId: null, limit: AT_ONCE }));
  const next = oldest.find((ticket) => ticket.archivedAt === null);
  if (next === undefined) return null;
  const heir = await part(context, unit, next, 'takes_over', { kind: 'system' });
  if (await unit.repos.alikeTickets.leads(fromId)) await enqueueAlike(context, unit, followersLane(heir.id), ALIKE_KINDS.relink, { fromId, toId: heir.id });
  return null;
}

/** Those who followed the one follow the other. A page is what is left, so there is no cursor to keep but that of one try. */
async function relink(context: AlikeContext, unit: TicketUnit, { fromId, toId }: { readonly fromId: string; readonly toId: string }, cursor: string | null): Promise<string | null> {
  const ids = await unit.repos.alikeTickets.followers(fromId, { afterId: cursor, limit: AT_ONCE });
  const named = await requireTicket(unit, toId);
  // Meanwhile it may follow another one itself.
  const leading = named.leadingId === null ? named : await requireTicket(unit, named.leadingId);
  const now = context.now();
  for (const ticket of await unit.repos.tickets.getMany(ids)) {
    if (ticket.id === leading.id) continue;
    const linked = await unit.repos.tickets.update(ticket.id, ticket.version, { leadingId: leading.id, updatedAt: now });
    await record(context, unit, linked, { type: 'ticket.merged', actor: { kind: 'system' }, at: now, data: { leadingId: leading.id, number: leading.number, from: fromId } });
  }
  if (ids.length > 0) await record(context, unit, leading, { type: 'ticket.follower_merged', actor: { kind: 'system' }, at: now, data: { count: ids.length, from: fromId } });
  return ids.length < AT_ONCE ? null : (ids.at(-1) ?? null);
}

interface StormShape {
  readonly stormId: string;
  readonly leadingId: string;
  readonly seatId: string;
}

/** Merges all tickets of a storm that can be merged; the others stay as they are. */
async function mergeStorm(context: AlikeContext, unit: TicketUnit, { stormId, leadingId, seatId }: StormShape, cursor: string | null): Promise<string | null> {
  const ids = await unit.repos.storms.tickets(stormId, AT_ONCE, cursor);
  const actor = { kind: 'seat', seatId } as const;
  const tickets = await unit.repos.tickets.getMany(ids);
  const before = await requireTicket(unit, leadingId);
  const fits = tickets.filter((ticket) => whyNotMerge(ticket, before) === null);
  if (fits.length > 0) {
    await record(context, unit, before, { type: 'ticket.follower_merged', actor, at: context.now(), data: { count: fits.length, stormId } });
    const leading = await requireTicket(unit, leadingId);
    for (const ticket of fits) if (whyNotMerge(ticket, leading) === null) await follow(context, unit, ticket, leading, actor, { stormId });
  }
  return ids.length < AT_ONCE ? null : (ids.at(-1) ?? null);
}

async function answerStorm(context: AlikeContext, unit: TicketUnit, { stormId, seatId }: StormShape, cursor: string | null): Promise<string | null> {
  const storm = await unit.repos.storms.get(stormId);
  if (storm === null || storm.answer === null) return null;
  const ids = await unit.repos.storms.tickets(stormId, AT_ONCE, cursor);
  for (const ticket of await unit.repos.tickets.getMany(ids)) await tellAnswer(context, unit, storm, ticket, { kind: 'seat', seatId });
  return ids.length < AT_ONCE ? null : (ids.at(-1) ?? null);
}
