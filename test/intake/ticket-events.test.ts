import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket, TicketEvent } from '../../src/domain/ticket.ts';
import { writeUnit, type IntakeContext } from '../../src/intake/context.ts';
import { createTicketEventHandler, hearsAny, type TicketListener } from '../../src/intake/ticket-events.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { urgeTicket } from '../../src/tickets/additions.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('ticket events', () => {
  let intake: IntakeUnderTest;
  let context: IntakeContext;
  const listeners: TicketListener[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    listeners.length = 0;
    context = { ...intake.context, hears: hearsAny(listeners) };
  });
  afterEach(() => intake.close());

  const open = async (): Promise<Ticket> => {
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
    return writeUnit(context, (unit) =>
      openTicket(context, unit, { ticketKind: '投诉', itemCode: null, title: '夜间施工', content: '半夜施工', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' } }));
  };
  const run = async () => {
    await intake.bus.start({ [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners) });
    await intake.settle();
  };
  const recorder = (types: readonly string[]) => {
    const heard: Pick<TicketEvent, 'seq' | 'type'>[] = [];
    const listener: TicketListener = { hears: (type) => types.includes(type), handle: async (_unit, _ticket, { seq, type }) => void heard.push({ seq, type }) };
    return { heard, listener };
  };

  it('stores nothing for what nobody hears', async () => {
    await open();
    expect((await intake.rows())['outbox']).toBe(0);
    listeners.push(recorder(['ticket.overdue']).listener);
    await open();
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('tells every listener of every event that any of them hears, once and in order', async () => {
    const one = recorder(['ticket.opened']);
    const other = recorder(['ticket.urged']);
    listeners.push(one.listener, other.listener);
    const ticket = await open();
    await writeUnit(context, (unit) => urgeTicket(context, unit, ticket.id));
    await run();
    const all = [{ seq: 1, type: 'ticket.opened' }, { seq: 3, type: 'ticket.urged' }];
    expect(one.heard).toEqual(all);
    expect(other.heard).toEqual(all);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('a listener that fails takes nothing with it: the event is tried again, and what the others wrote is not there twice', async () => {
    let fails = 1;
    const writer: TicketListener = {
      hears: (type) => type === 'ticket.opened',
      handle: async ({ repos }, ticket) => repos.channelState.put('test', `${ticket.id}:${(await repos.channelState.get('test', ticket.id, 0)) ?? 'none'}`, 'written', null),
    };
    const faulty: TicketListener = {
      hears: () => false,
      handle: async () => {
        if ((fails -= 1) >= 0) throw new Error('not today');
      },
    };
    listeners.push(writer, faulty);
    const ticket = await open();
    await run();
    const key = `${ticket.id}:none`;
    expect(await intake.store.read((repos) => repos.channelState.get('test', key, intake.clock.now()))).toBeNull();
    intake.clock.advance(1_000);
    await intake.settle();
    expect(await intake.store.read((repos) => repos.channelState.get('test', key, intake.clock.now()))).toBe('written');
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('buries what is no event', async () => {
    const now = intake.clock.now();
    await intake.store.write((repos) => repos.outbox.add([{ id: 'row', lane: 'ticket:x', kind: TICKET_EVENT_KIND, payload: { ticketId: 'x' }, availableAt: now, blocking: true, now }]));
    await run();
    expect(await intake.store.read((repos) => repos.outbox.dead(5))).toMatchObject([{ id: 'row', lastError: 'ticket_event.bad_payload' }]);
  });
});
