import { createAlikeHouse, type AlikeHouse } from '../../../src/wiring/alike.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import type { IntakeContext } from '../../../src/intake/context.ts';
import { moveTicket, type MoveWanted, type Mover } from '../../../src/tickets/move.ts';
import { openTicket, type OpenTicketGiven } from '../../../src/tickets/open.ts';
import { mergeTicket, unmergeTicket } from '../../../src/tickets/alike/merge.ts';
import type { Ticket, TicketEvent } from '../../../src/domain/ticket.ts';
import { aCitizen } from '../../factories/index.ts';
import { openIntake, type IntakeUnderTest } from '../../support/intake.ts';

export const SEAT: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-1' } };
export const CITIZEN: Mover = { role: 'citizen', actor: { kind: 'citizen' } };
/** Demo items that a department is found for. */
export const ITEM = 'env.noise.construction';

export interface AlikeUnderTest {
  readonly intake: IntakeUnderTest;
  readonly context: IntakeContext;
  readonly house: AlikeHouse;
  /** Ticks of the house's timers, by their interval. */
  tick(ms: number): void;
  open(overrides?: Partial<OpenTicketGiven>): Promise<Ticket>;
  get(id: string): Promise<Ticket>;
  events(id: string): Promise<readonly TicketEvent[]>;
  /** Types of a ticket's events, without those of its opening. */
  told(id: string): Promise<readonly string[]>;
  move(ticket: Ticket, move: string, wanted?: Partial<MoveWanted>, by?: Mover): Promise<Ticket>;
  merge(ticket: Ticket, leading: Ticket): Promise<Ticket>;
  unmerge(ticket: Ticket): Promise<Ticket>;
  /** Carries all rows of the bus that are due. */
  carry(): Promise<number>;
  close(): Promise<void>;
}

let phones = 13_800_138_000;

/** Tickets on a real store; rows of the bus are carried by hand, so that a test says when. */
export async function openAlike(): Promise<AlikeUnderTest> {
  const intake = await openIntake();
  const { context, store } = intake;
  const timers = new Map<number, () => void>();
  const house = createAlikeHouse(context, {
    pause: async () => {},
    every: (ms, run) => {
      timers.set(ms, run);
      return () => void timers.delete(ms);
    },
  });
  const get = async (id: string): Promise<Ticket> => {
    const ticket = await store.read((repos) => repos.tickets.get(id));
    if (ticket === null) throw new Error(`no ticket ${id}`);
    return ticket;
  };
  const events = (id: string): Promise<readonly TicketEvent[]> => store.read((repos) => repos.tickets.events(id));
  return {
    intake, context, house, get, events,
    tick: (ms) => timers.get(ms)?.(),
    open: async (overrides = {}) => {
      phones += 1;
      const citizenId = overrides.citizenId ?? (await store.write((repos) => repos.citizens.resolve(aCitizen({ phone: String(phones) }))));
      return writeUnit(context, (unit) =>
        openTicket(context, unit, {
          ticketKind: '投诉', itemCode: ITEM, title: '工地夜间施工噪声', content: '丽景花园旁边的工地夜里十一点还在打桩，吵得睡不着。', townId: context.city.towns[0]?.id ?? null, place: '丽景花园3栋', happened: null, phone: null, name: null,
          urgency: 'normal', confidential: false, callback: false, conversationId: null, channel: 'webchat', actor: { kind: 'citizen' }, ...overrides, citizenId,
        }),
      );
    },
    told: async (id) => (await events(id)).map(({ type }) => type).filter((type) => !['ticket.opened', 'ticket.accepted', 'ticket.dispatched'].includes(type)),
    move: (ticket, move, wanted = {}, by = SEAT) => writeUnit(context, (unit) => moveTicket(context, unit, ticket.id, move, { version: ticket.version, ...wanted }, by)),
    merge: (ticket, leading) => writeUnit(context, (unit) => mergeTicket(context, unit, { ticketId: ticket.id, leadingId: leading.id, version: ticket.version, actor: SEAT.actor })),
    unmerge: (ticket) => writeUnit(context, (unit) => unmergeTicket(context, unit, { ticketId: ticket.id, version: ticket.version, actor: SEAT.actor })),
    carry: async () => {
      let carried = 0;
      for (;;) {
        const [lane] = await store.read((repos) => repos.outbox.dueLanes(context.now(), 1));
        if (lane === undefined) return carried;
        const fence = (await store.write((repos) => repos.lanes.acquire(lane, 'test', context.now(), 10_000))) ?? 0;
        const [row] = await store.read((repos) => repos.outbox.due(lane, context.now(), 1));
        const handler = row === undefined ? undefined : house.handlers[row.kind];
        if (row === undefined || handler === undefined) throw new Error(`nobody carries ${row?.kind ?? lane}`);
        const outcome = await handler(row, { lane, fence });
        if (outcome.kind !== 'done') throw new Error(`buried: ${outcome.code}`);
        await store.write((repos) => repos.lanes.release(lane, fence));
        carried += 1;
      }
    },
    close: async () => {
      await house.stop();
      await intake.close();
    },
  };
}
