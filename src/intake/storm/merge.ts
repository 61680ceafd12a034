import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../../bus/claim.ts';
import type { JobHandler } from '../../bus/contract.ts';
import type { OutboxDraft } from '../../store/contract.ts';
import { followersLane } from '../../tickets/alike/context.ts';
import { follow, whyNotMerge } from '../../tickets/alike/merge.ts';
import { record } from '../../tickets/record.ts';
import { type IntakeContext, writeUnit } from '../context.ts';
import { release } from '../turn.ts';

/**
 * Tickets that were gathered follow their leading one (并单), in the lane of its followers: one after the other with whatever else concerns them, so
 * that a turn never waits for the leading ticket's row, which thousands want at once.
 */

export const JOIN_KIND = 'storm.join';
/** Rows done in one transaction; the leading ticket tells of them with one event. */
const AT_ONCE = 25;

interface Joining {
  readonly stormId: string;
  readonly leadingId: string;
  readonly ticketId: string;
}
const JoinPayload = Compile(Type.Object({ stormId: Type.String(), leadingId: Type.String(), ticketId: Type.String() }));

export function joinRow(context: Pick<IntakeContext, 'now'>, joining: Joining): OutboxDraft {
  const now = context.now();
  return { id: `storm:join:${joining.ticketId}`, lane: followersLane(joining.leadingId), kind: JOIN_KIND, payload: { ...joining }, availableAt: now, blocking: true, now };
}

export function createJoinHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!JoinPayload.Check(row.payload)) return { kind: 'bury', code: 'storm.bad_payload' };
    const { stormId, leadingId } = row.payload;
    const released = await writeUnit(context, async (unit) => {
      const due = await unit.repos.outbox.due(lease.lane, context.now(), AT_ONCE);
      const after = due.findIndex(({ kind }) => kind !== JOIN_KIND);
      // What stands right behind it goes along; a row of another kind keeps its place.
      const rows = due[0]?.id === row.id ? due.slice(0, after === -1 ? due.length : after) : [row];
      const joining: Joining[] = [];
      for (const one of rows) {
        await claim(unit, one, lease);
        if (JoinPayload.Check(one.payload)) joining.push(one.payload);
      }
      const named = await unit.repos.tickets.get(leadingId);
      const leading = named === null || named.leadingId === null ? named : await unit.repos.tickets.get(named.leadingId);
      // Finished meanwhile: those who came late are handled on their own.
      const fits = leading === null ? [] : (await unit.repos.tickets.getMany(joining.map(({ ticketId }) => ticketId))).filter((ticket) => whyNotMerge(ticket, leading) === null);
      if (leading !== null && fits.length > 0) {
        const actor = { kind: 'system' } as const;
        await record(context, unit, leading, { type: 'ticket.follower_merged', actor, at: context.now(), data: { count: fits.length, stormId } });
        const held = await unit.repos.tickets.get(leading.id);
        if (held !== null) for (const ticket of fits) if (whyNotMerge(ticket, held) === null) await follow(context, unit, ticket, held, actor, { stormId });
      }
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}
