import type { ReportTicket } from '../store/contract.ts';
import type { Cohort } from './facts.ts';

/** Counted from tickets themselves, where nothing was counted beforehand (an item in one town, a storm): tickets opened in the period, as they are now. */
export interface CohortCounter {
  add(tickets: readonly ReportTicket[], signOffs: ReadonlyMap<string, { readonly ended: boolean; readonly late: boolean }>): void;
  readonly all: () => Cohort;
  byDepartment(): ReadonlyMap<string, Cohort>;
}

type Growing = { -readonly [Key in keyof Cohort]: Cohort[Key] extends number ? number : [number, number] };
const empty = (): Growing => ({ tickets: 0, dispatched: 0, signed: [0, 0], closed: [0, 0], returned: 0, redone: 0, satisfied: [0, 0], vetoed: 0, finished: 0, handlingMs: 0, overdue: 0 });

export function createCohortCounter(): CohortCounter {
  const whole = empty();
  const byDepartment = new Map<string, Growing>();
  const count = (into: Growing, ticket: ReportTicket, signOff: { readonly ended: boolean; readonly late: boolean } | undefined): void => {
    into.tickets += 1;
    if (ticket.dispatchedAt !== null) into.dispatched += 1;
    if (signOff !== undefined && (signOff.ended || signOff.late)) {
      into.signed[1] += 1;
      if (!signOff.late) into.signed[0] += 1;
    }
    // What follows another ticket has its end from that one: it is no work of its own.
    const isHandled = ticket.finishedAt !== null && ticket.dispatchedAt !== null && ticket.leadingId === null;
    if (isHandled) {
      into.finished += 1;
      into.closed[1] += 1;
      if (ticket.overdueAt === null) into.closed[0] += 1;
      into.handlingMs += Math.max(0, (ticket.finishedAt ?? 0) - (ticket.dispatchedAt ?? 0));
    }
    if (ticket.returns > 0) into.returned += 1;
    if (ticket.redos > 0) into.redone += 1;
    if (ticket.vetoes > 0) into.vetoed += 1;
    if (ticket.overdueAt !== null) into.overdue += 1;
    const rating = ticket.visit?.process ?? null;
    if (rating !== null) {
      into.satisfied[1] += 1;
      if (rating >= 4) into.satisfied[0] += 1;
    }
  };
  return {
    add: (tickets, signOffs) => {
      for (const ticket of tickets) {
        const signOff = signOffs.get(ticket.id);
        count(whole, ticket, signOff);
        if (ticket.departmentId === null) continue;
        const of = byDepartment.get(ticket.departmentId) ?? empty();
        byDepartment.set(ticket.departmentId, of);
        count(of, ticket, signOff);
      }
    },
    all: () => whole,
    byDepartment: () => byDepartment,
  };
}
