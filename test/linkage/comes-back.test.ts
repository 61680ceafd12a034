import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../src/domain/clock.ts';
import { TICKET_MOVES, type MoveName } from '../../src/domain/ticket-moves.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { HELD_FOR_LINKAGE } from '../../src/linkage/comes-back.ts';
import { noteAnswer } from '../../src/linkage/transfer.ts';
import type { MoveWanted, Mover } from '../../src/tickets/move.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { PNG } from '../support/webchat-server.ts';
import { linkageWorld, SEAT } from './world.ts';

const world = linkageWorld();
const { write, ticket: ticketOf, links, notes, ourTicket, transfer, from110 } = world;

const LEAD: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 's2' } };
async function move(id: string, name: MoveName, given: Omit<MoveWanted, 'version'> = {}, by: Mover = { role: 'seat', actor: SEAT }): Promise<Ticket> {
  const { version } = await ticketOf(id);
  return write((unit) => moveTicket(world.linkage, unit, id, name, { version, ...given }, by));
}
const clocks = async (id: string) => (await world.intake.store.read((repos) => repos.clocks.of(id))).filter(({ endedAt }) => endedAt === null).map(({ stage }) => stage);
const result = (ticket: Ticket, over: object = {}) => from110({ kind: 'result', version: 1, identity: { externalNo: `JQ-${ticket.number}`, ticketNo: ticket.number }, result: { reply: '已到场劝离，电话13800138000' }, ...over });
const refusal = (ticket: Ticket, version = 1) => from110({ kind: 'refusal', version, identity: { externalNo: `JQ-${ticket.number}`, ticketNo: ticket.number }, link: { refusalReason: '属物业纠纷' } });

async function handled(): Promise<Ticket> {
  const ticket = await ourTicket();
  await move(ticket.id, 'dispatch', { departmentId: world.context.city.departments[0]?.id });
  await move(ticket.id, 'sign');
  await transfer(await ticketOf(ticket.id));
  await world.intake.settle();
  return ticketOf(ticket.id);
}
async function held(reasonCode = HELD_FOR_LINKAGE): Promise<Ticket> {
  const ticket = await handled();
  await move(ticket.id, 'requestHold', { reasonCode, reason: '等一等', until: world.intake.clock.now() + 5 * DAY });
  await move(ticket.id, 'grantHold', {}, LEAD);
  world.intake.clock.advance(2 * DAY);
  return ticketOf(ticket.id);
}

describe('a result of another side', () => {
  it('is what our department finishes with; the visit-back follows, and nothing closes by itself', async () => {
    const ticket = await handled();
    expect(await result(ticket)).toMatchObject({ state: 'applied' });
    expect(await ticketOf(ticket.id)).toMatchObject({ state: '办理中', version: ticket.version, result: null });
    expect((await notes(ticket.id)).at(-1)).toMatch(/已到场劝离[^]*请承办单位核实后以此办结，再由本热线审核、回访市民/);
    const told = (await world.intake.store.read((repos) => repos.tickets.events(ticket.id))).findLast(({ data }) => data['linkageResult'] !== undefined)?.data['linkageResult'];
    expect(told).toMatch(/^已到场劝离/);
    expect(told).not.toContain('13800138000');
    await move(ticket.id, 'finish', { result: String(told) });
    expect((await move(ticket.id, 'passReview', {}, LEAD)).state).toBe('回访');
    expect((await move(ticket.id, 'veto', { solved: false }, { role: 'citizen', actor: { kind: 'citizen' } })).state).toBe('重办');
    // What was told as done and was not can be passed on once more.
    expect((await transfer(await ticketOf(ticket.id))).repeated).toBe(false);
  });

  it('comes under the name of a feedback too; what is not finished leaves the matter open', async () => {
    const ticket = await handled();
    const identity = { externalNo: 'JQ-1', ticketNo: ticket.number };
    await from110({ kind: 'feedback', version: 1, identity, link: { feedback: '正在处置' } });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'accepted', owes: 'feedback' });
    await from110({ kind: 'feedback', version: 2, identity, link: { feedback: '处置完毕' }, result: { handledAt: '2026-11-23T10:00:00+08:00' } });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'done', owes: null, dueAt: null });
    expect((await notes(ticket.id)).at(-1)).toContain('对方反馈办理结果');
  });

  it('brings its files as evidence', async () => {
    const server = createServer((_request, response) => void response.end(PNG));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/现场.png`;
    const ticket = await handled();
    await result(ticket, { demand: { attachments: [{ url, sha256: createHash('sha256').update(PNG).digest('hex') }] } });
    await world.intake.settle();
    server.close();
    const [file] = await world.intake.store.read((repos) => repos.ticketFiles.of(ticket.id));
    expect(file).toMatchObject({ purpose: 'evidence', addedBy: 'partner:police-110' });
    expect((await move(ticket.id, 'finish', { result: '已处置', evidence: [file?.id ?? ''] })).state).toBe('办结待审');
  });

  it('ends the hold that waited for it, and only that one', async () => {
    const ticket = await held();
    const before = await world.intake.store.read((repos) => repos.clocks.of(ticket.id));
    await result(ticket);
    const after = await ticketOf(ticket.id);
    expect(after).toMatchObject({ state: '办理中', holds: [{ to: world.intake.clock.now() }] });
    expect(after.deadlineAt ?? 0).toBeGreaterThan(before.find(({ stage }) => stage === 'handle')?.startedAt ?? Infinity);
    expect(await clocks(ticket.id)).toContain('handle');
    expect((await notes(ticket.id)).at(-1)).toContain('恢复计时');

    const other = await held('waiting_citizen');
    await result(other);
    expect((await ticketOf(other.id)).state).toBe('挂起');
  });
});

describe('a refusal of another side', () => {
  it('gives a ticket that was closed because it was theirs back to the dispatcher, and the clock runs', async () => {
    const ticket = await ourTicket();
    await transfer(ticket);
    await move(ticket.id, 'answer', { result: '已转 110 处置' });
    expect(await clocks(ticket.id)).toEqual([]);
    world.intake.clock.advance(HOUR);
    expect(await refusal(ticket)).toMatchObject({ state: 'applied' });
    expect(await ticketOf(ticket.id)).toMatchObject({ state: '待派', closure: null, archivedAt: null, vetoes: 1, redos: 1 });
    expect(await clocks(ticket.id)).toEqual(['accept']);
    const events = await world.intake.store.read((repos) => repos.tickets.events(ticket.id));
    expect(events.find(({ type }) => type === 'ticket.reopened')).toMatchObject({ actor: { kind: 'partner', partnerId: 'police-110' }, data: { reason: expect.stringContaining('属物业纠纷') } });
    expect((await notes(ticket.id)).at(-1)).toContain('退回派单员，重新计时');
    // A second refusal moves nothing more.
    await move(ticket.id, 'answer', { result: '物业已处理' });
    await refusal(ticket, 2);
    expect((await ticketOf(ticket.id)).state).toBe('归档');
  });

  it('does so too when a seat writes down what was said on the telephone', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    await move(ticket.id, 'answer', { result: '已转 110 处置' });
    await write((unit) => noteAnswer(world.linkage, unit, link.id, { kind: 'refusal', said: '不属警情', incidentNo: null, actor: SEAT }));
    expect((await ticketOf(ticket.id)).state).toBe('待派');
  });

  it('ends the hold that waited for them, and leaves a ticket that is in work where it is', async () => {
    const ticket = await held();
    await refusal(ticket);
    expect(await ticketOf(ticket.id)).toMatchObject({ state: '办理中' });
    expect((await notes(ticket.id)).at(-1)).toContain('恢复办理，恢复计时');
    const other = await handled();
    await refusal(other);
    expect(await ticketOf(other.id)).toMatchObject({ state: '办理中', version: other.version });
    expect((await notes(other.id)).at(-1)).toContain('由承办单位继续办理，期限一直在走');
  });

  it('leaves closed what the citizen took back, and what was closed too long ago', async () => {
    const gone = await ourTicket();
    await transfer(gone);
    await move(gone.id, 'withdraw', { reason: '不用了' });
    await refusal(gone);
    expect(await ticketOf(gone.id)).toMatchObject({ state: '归档', closure: 'withdrawn' });
    const old = await ourTicket();
    await transfer(old);
    await move(old.id, 'answer', { result: '已转 110 处置' });
    world.intake.clock.advance(400 * DAY);
    expect(await refusal(old)).toMatchObject({ state: 'applied' });
    expect((await ticketOf(old.id)).state).toBe('归档');
    expect((await notes(old.id)).at(-1)).toContain('请核对答复是否属实');
  });
});

it('no platform may finish, dispatch or close a ticket that was not withdrawn', () => {
  expect(TICKET_MOVES.filter(({ roles }) => roles.includes('partner')).map(({ name }) => name)).toEqual(['reopen', 'withdraw']);
});
