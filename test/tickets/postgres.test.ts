import { afterAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { createLegalClock } from '../../src/domain/legal-clock.ts';
import type { MoveGiven } from '../../src/domain/ticket-moves.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import type { Store } from '../../src/store/contract.ts';
import type { TicketsContext, TicketUnit } from '../../src/tickets/context.ts';
import { sweepDue } from '../../src/tickets/due.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { testVault } from '../store/support.ts';
import { city } from '../support/intake.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';
import { LEAD, SEAT, SUPERVISOR } from '../support/tickets.ts';

/** What only happens where writers are beside each other. */
const server = await postgresForTests();
const at = (text: string): number => Date.parse(`${text}:00+08:00`);

interface Bench {
  readonly store: Store;
  readonly context: TicketsContext;
  set(now: number): void;
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
}

async function withBench(fn: (bench: Bench) => Promise<void>): Promise<void> {
  if (server === null) throw new Error(POSTGRES_MISSING);
  const { url, drop } = await server.migrated();
  const store = await openPostgresStore({ url, vault: testVault(), connections: 8 });
  let now = at('2026-11-23T09:00');
  let ids = 0;
  const context: TicketsContext = { city, clock: createLegalClock(city.calendar), now: () => now, newId: () => `id-${String((ids += 1)).padStart(6, '0')}` };
  try {
    await fn({ store, context, set: (to) => { now = to; }, write: (work) => store.write((repos) => work({ repos, after: [] })) });
  } finally {
    await store.close();
    await drop();
  }
}

async function opened({ store, context, write }: Bench): Promise<Ticket> {
  const citizenId = await store.write((repos) => repos.citizens.resolve({ id: context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: context.now() }));
  return write((unit) => openTicket(context, unit, {
    ticketKind: '投诉', itemCode: null, title: '夜间施工', content: '半夜施工', townId: null, place: null, happened: null, phone: null, name: null,
    urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' },
  }));
}

if (server === null) {
  describe.skip('tickets on PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  describe('tickets on PostgreSQL', () => {
    it('of many seats that act at once one wins, and every other is told of the conflict and nothing else', () =>
      withBench(async (bench) => {
        const { context, write, store } = bench;
        const go = (ticket: Ticket, name: string, given: MoveGiven = {}, by = SEAT) => write((unit) => moveTicket(context, unit, ticket.id, name, { version: ticket.version, ...given }, by));
        for (let round = 0; round < 5; round += 1) {
          let ticket = await opened(bench);
          const steps: readonly (readonly [string, MoveGiven])[] = [['dispatch', { departmentId: LEAD }], ['sign', {}], ['requestReturn', { reasonCode: 'not_our_area', reason: '不在辖区' }]];
          for (const [name, given] of steps) {
            const results = await Promise.allSettled(Array.from({ length: 6 }, (_, index) => go(ticket, name, given, index % 2 === 0 ? SEAT : SUPERVISOR)));
            const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
            expect(won).toHaveLength(1);
            for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ticket.conflict', status: 409 });
            ticket = won[0] ?? ticket;
          }
          const events = await store.read((repos) => repos.tickets.events(ticket.id));
          expect(events.map(({ type }) => type)).toEqual(['ticket.opened', 'ticket.accepted', 'ticket.dispatched', 'ticket.signed', 'ticket.return_requested']);
          expect(await store.read((repos) => repos.requests.of(ticket.id))).toHaveLength(1);
        }
      }), 60_000);

    it('of nodes that sweep at once, and of seats that move meanwhile, each thing happens once', () =>
      withBench(async (bench) => {
        const { context, write, store, set } = bench;
        const tickets = await Promise.all(Array.from({ length: 12 }, () => opened(bench)));
        const dispatched = await Promise.all(tickets.map((ticket) => write((unit) => moveTicket(context, unit, ticket.id, 'dispatch', { version: ticket.version, departmentId: LEAD }, SEAT))));
        set(at('2026-12-04T09:00'));
        const nodes = Array.from({ length: 4 }, () => sweepDue({ ...context, store, write }));
        const signing = dispatched.slice(0, 4).map((ticket) => write((unit) => moveTicket(context, unit, ticket.id, 'sign', { version: ticket.version }, SEAT)));
        const [reports, signed] = [await Promise.all(nodes), await Promise.allSettled(signing)];
        expect(reports.every(({ failed }) => failed === 0)).toBe(true);
        // Whoever lost a race looks again, as the tending does.
        for (let more = true; more; ) more = (await sweepDue({ ...context, store, write })).done > 0;
        for (const result of signed) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ticket.conflict' });
        for (const { id } of tickets) {
          const [events, clocks, supervisions] = await store.read(async (repos) => [await repos.tickets.events(id), await repos.clocks.of(id), await repos.supervisions.of(id)] as const);
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
          const marks = events.filter(({ type }) => type === 'ticket.overdue').map(({ data }) => data['stage']);
          expect(new Set(marks).size).toBe(marks.length);
          expect(marks).toContain('handle');
          expect(clocks.every(({ stage, endedAt, overdueAt }) => stage !== 'handle' || (endedAt === null && overdueAt !== null))).toBe(true);
          const levels = supervisions.map(({ level }) => level);
          expect(new Set(levels).size).toBe(levels.length);
        }
      }), 60_000);
  });
}
