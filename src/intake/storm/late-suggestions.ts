import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../../bus/claim.ts';
import type { JobHandler } from '../../bus/contract.ts';
import type { OutboxDraft } from '../../store/contract.ts';
import { correctItem } from '../../tickets/catalogue/correct.ts';
import { routeTicket } from '../../domain/routing.ts';
import { type IntakeContext, writeUnit } from '../context.ts';
import { release } from '../turn.ts';

/**
 * A ticket that was opened without a suggestion gets its item later, and is dispatched by it. One lane for all: the first row asks whether the
 * storm is over, the others wait behind it; nothing is forgotten by a restart.
 */

export const SUGGEST_KIND = 'storm.suggest';
const LANE = 'storm:suggest';
const ASK_AGAIN_MS = 15_000;
const LIKELY = 0.5;
const Payload = Compile(Type.Object({ ticketId: Type.String() }));

export function suggestRow(context: Pick<IntakeContext, 'now'>, ticketId: string): OutboxDraft {
  const now = context.now();
  return { id: `storm:suggest:${ticketId}`, lane: LANE, kind: SUGGEST_KIND, payload: { ticketId }, availableAt: now, blocking: true, now };
}

export function createSuggestHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!Payload.Check(row.payload)) return { kind: 'bury', code: 'storm.bad_payload' };
    if (context.storm?.givesUp('suggestions') === true) return { kind: 'retry', code: 'storm.waits', afterMs: ASK_AGAIN_MS, burns: false };
    const { ticketId } = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const ticket = await unit.repos.tickets.get(ticketId);
      // Somebody was faster, or it goes with a leading one.
      if (ticket !== null && ticket.itemCode === null && ticket.leadingId === null && ticket.archivedAt === null) {
        const [top] = context.suggestItems(`${ticket.title}\n${ticket.content}`, ticket.enterpriseId === null ? undefined : 'enterprise');
        if (top !== undefined && (top.sure ?? top.score >= LIKELY)) {
          const { city, clock } = context;
          const routing = routeTicket({ itemCode: top.code, townId: ticket.townId, kind: ticket.kind, urgency: ticket.urgency, place: ticket.place, enterprise: ticket.enterpriseId !== null, at: ticket.createdAt, inOffice: clock.isOfficeOpen(ticket.createdAt) }, city);
          const redispatch = ticket.state === '待派' && routing.departmentId !== null;
          await correctItem(context, unit, ticket.id, { version: ticket.version, itemCode: top.code, redispatch }, { role: 'system', actor: { kind: 'system' } });
        }
      }
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}
