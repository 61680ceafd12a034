import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLegalClock } from '../../src/domain/legal-clock.ts';
import { isTicketNumber } from '../../src/domain/ticket-number.ts';
import type { Ticket, TicketOpenArgs } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { addToTicket, urgeTicket } from '../../src/tickets/additions.ts';
import { moveTicket, type Mover } from '../../src/tickets/move.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { stateText } from '../../src/tickets/words.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const seat: Mover = { role: 'seat', actor: { kind: 'seat', seatId: 'seat-1' } };
const supervisor: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-2' } };
const item = city.items.find((one) => one.deadlineClass === 'utility' && !one.code.startsWith('utility.')) ?? city.items.find((one) => one.code.startsWith('labor.'));
if (item === undefined) throw new Error('the demo city has no item');
const department = city.departments[0];
if (department === undefined) throw new Error('the demo city has no department');

describe('tickets', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  const citizen = () => intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
  const open = async (over: Partial<TicketOpenArgs> = {}): Promise<Ticket> => {
    const citizenId = await citizen();
    return writeUnit(intake.context, (unit) =>
      openTicket(intake.context, unit, {
        ticketKind: '投诉', itemCode: null, title: '夜间施工', content: '半夜施工', townId: null, place: null, happened: null, phone: null, name: null,
        urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' }, ...over,
      }));
  };
  const move = (ticket: Ticket, name: string, given: Partial<Parameters<typeof moveTicket>[4]> = {}, by: Mover = seat) =>
    writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, ticket.id, name, { version: ticket.version, ...given }, by));
  const events = async (ticket: Ticket) => intake.store.read((repos) => repos.tickets.events(ticket.id));
  const clock = createLegalClock(city.calendar);
  const classDue = (name: string): number => {
    const rule = city.deadlines.stages.handle[name];
    if (rule === undefined) throw new Error(`no class ${name}`);
    return clock.due(intake.clock.now(), rule);
  };

  it('without an item waits for a person to dispatch it, and its clock does not run', async () => {
    const ticket = await open();
    expect(ticket).toMatchObject({ state: '待派', departmentId: null, deadlineAt: null, deadlineRule: null });
    expect(isTicketNumber(ticket.number)).toBe(true);
    expect((await events(ticket)).map((event) => event.type)).toEqual(['ticket.opened', 'ticket.accepted']);
  });

  it('with an item goes to its department by a named rule, and the clock starts then', async () => {
    const ticket = await open({ itemCode: item.code, ticketKind: item.kinds[0] ?? '投诉' });
    expect(ticket).toMatchObject({ state: '待签收', deadlineAt: classDue(item.deadlineClass), deadlineRule: `${city.deadlines.id}/${item.deadlineClass}` });
    expect(city.departments.map(({ id }) => id)).toContain(ticket.departmentId);
    expect((await events(ticket)).at(-1)).toMatchObject({ type: 'ticket.dispatched', data: { departmentId: ticket.departmentId, why: expect.any(String) } });
  });

  it('life and safety have their own clock, with or without an item, dispatched by rule or by hand', async () => {
    expect(await open({ itemCode: item.code, urgency: 'emergency' })).toMatchObject({ deadlineAt: classDue('life'), deadlineRule: `${city.deadlines.id}/life` });
    const waiting = await open({ urgency: 'emergency' });
    intake.clock.advance(3_600_000);
    expect(await move(waiting, 'dispatch', { departmentId: department.id })).toMatchObject({ deadlineAt: classDue('life'), deadlineRule: `${city.deadlines.id}/life` });
  });

  it('dispatched by hand without an item gets the general clock, from the dispatch on', async () => {
    const waiting = await open();
    intake.clock.advance(2 * 86_400_000);
    expect(await move(waiting, 'dispatch', { departmentId: department.id })).toMatchObject({ state: '待签收', deadlineAt: classDue('general') });
  });

  it('a redirect changes the department and not the clock', async () => {
    const ticket = await open({ itemCode: item.code });
    const other = city.departments.find(({ id }) => id !== ticket.departmentId);
    intake.clock.advance(86_400_000);
    const redirected = await move(ticket, 'redirect', { departmentId: other?.id ?? '', reason: '不属于本单位，联系人13800138000' }, supervisor);
    expect(redirected).toMatchObject({ state: '待签收', departmentId: other?.id, routeId: null, deadlineAt: ticket.deadlineAt });
    expect(JSON.stringify(await events(ticket))).not.toContain('13800138000');
    await expect(move(redirected, 'redirect', { departmentId: other?.id ?? '', reason: 'x' })).rejects.toMatchObject({ code: 'ticket.move_refused' });
  });

  it('walks to the end and knows what each step needs', async () => {
    const ticket = await open({ itemCode: item.code });
    await expect(move(ticket, 'finish', { result: '完' })).rejects.toMatchObject({ code: 'ticket.move_refused', status: 409 });
    await expect(move(ticket, 'no-such-move')).rejects.toMatchObject({ code: 'ticket.move_refused' });
    const signed = await move(ticket, 'sign');
    for (const result of [undefined, '', '   ']) {
      await expect(move(signed, 'finish', result === undefined ? {} : { result })).rejects.toMatchObject({ code: 'ticket.move_incomplete', status: 400, details: { missing: 'result' } });
    }
    const finished = await move(signed, 'finish', { result: '已处理，请联系13800138000' });
    expect(finished.state).toBe('办结待审');
    expect((await events(ticket)).at(-1)).toMatchObject({ type: 'ticket.finished', data: { result: '已处理，请联系138****8000' } });
    await expect(move(finished, 'finish', { result: '再来' })).rejects.toMatchObject({ code: 'ticket.move_refused' });
  });

  it('of two seats that move at once one wins, the other is told', async () => {
    const ticket = await open({ itemCode: item.code });
    const results = await Promise.allSettled([move(ticket, 'sign'), move(ticket, 'sign', {}, supervisor)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await events(ticket)).filter((event) => event.type === 'ticket.signed')).toHaveLength(1);
    await expect(writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, ticket.id, 'finish', { version: ticket.version, result: '旧' }, seat))).rejects.toMatchObject({ code: 'ticket.conflict' });
  });

  it('refuses departments, items and towns that do not exist, and leaves nothing behind', async () => {
    const waiting = await open();
    await expect(move(waiting, 'dispatch', { departmentId: 'constructor' })).rejects.toMatchObject({ code: 'ticket.unknown_department' });
    await expect(open({ itemCode: '__proto__' })).rejects.toMatchObject({ code: 'ticket.unknown_item' });
    await expect(open({ townId: 'atlantis' })).rejects.toMatchObject({ code: 'ticket.unknown_town' });
    await expect(writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, 'gone', 'sign', { version: 1 }, seat))).rejects.toMatchObject({ code: 'ticket.not_found', status: 404 });
    expect(await intake.rows()).toMatchObject({ tickets: 1 });
    // A refused opening gives its number back: numbers stay without gaps.
    expect(Number((await open()).number.slice(8, -1))).toBe(2);
  });

  it('masks whatever a citizen may have put a number into', async () => {
    const ticket = await open({ title: `联系13800138000${'😀'.repeat(150)}`, content: '我电话13800138000', place: '找13800138000', happened: '昨晚打过13800138000', phone: '13800138000', name: '王小明' });
    expect(JSON.stringify([ticket, await events(ticket)])).not.toMatch(/13800138000|王小明/);
    expect([...ticket.title]).toHaveLength(120);
    expect(ticket.title).not.toMatch(/\p{Surrogate}/u);
    expect(await intake.store.read((repos) => repos.tickets.checkPhone(ticket.id, '8000'))).toBe(true);
    expect(await intake.store.read((repos) => repos.citizens.summary(ticket.citizenId))).toMatchObject({ phoneMasked: '138****8000' });
  });

  it('supplements are masked and urges are counted, until it is finished', async () => {
    const ticket = await open({ itemCode: item.code });
    await writeUnit(intake.context, (unit) => addToTicket(intake.context, unit, ticket.id, '补充：我的号码是13800138000', { kind: 'citizen' }));
    const urged = await writeUnit(intake.context, (unit) => urgeTicket(intake.context, unit, ticket.id));
    expect(urged.urges).toBe(1);
    expect((await events(ticket)).slice(-2).map((event) => [event.type, event.data])).toEqual([['ticket.supplemented', { text: '补充：我的号码是138****8000' }], ['ticket.urged', { count: 1 }]]);
    const signed = await move(urged, 'sign');
    const passed = await move(await move(signed, 'finish', { result: '好了' }), 'passReview', {}, supervisor);
    await move(passed, 'unreached');
    await expect(writeUnit(intake.context, (unit) => urgeTicket(intake.context, unit, ticket.id))).rejects.toMatchObject({ code: 'ticket.finished', status: 409 });
  });

  it('numbers restart with the Beijing day, at midnight there and not in London', async () => {
    intake.clock.set(Date.parse('2026-11-23T15:59:59Z'));
    expect((await open()).number).toMatch(/^2026112300001/);
    intake.clock.set(Date.parse('2026-11-23T16:00:00Z'));
    expect((await open()).number).toMatch(/^2026112400001/);
    expect((await open()).number).toMatch(/^2026112400002/);
  });

  it('numbers of fifty openings at once are fifty numbers', async () => {
    const tickets = await Promise.all(Array.from({ length: 50 }, () => open()));
    expect(new Set(tickets.map(({ number }) => number)).size).toBe(50);
  });

  it('says in plain words where a ticket stands', async () => {
    const ticket = await open({ itemCode: item.code });
    expect(stateText(ticket, null)).toContain('承办单位');
    expect(stateText({ ...ticket, state: '办理中' }, '市水务局')).toBe('市水务局正在办理');
    expect(stateText({ ...ticket, state: '归档' }, null)).toBe('已办结');
  });
});
