import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeUnit } from '../../../src/intake/context.ts';
import { movesFor } from '../../../src/tickets/move.ts';
import { whyNotMerge } from '../../../src/tickets/alike/merge.ts';
import { OPEN_STATES, type Ticket, TICKET_STATES } from '../../../src/domain/ticket.ts';
import { aTicket } from '../../factories/index.ts';
import { type AlikeUnderTest, CITIZEN, openAlike, SEAT } from './support.ts';

const HOUR = 3_600_000;
let subject: AlikeUnderTest;
beforeEach(async () => {
  subject = await openAlike();
});
afterEach(() => subject.close());

const clocksOf = (id: string) => subject.intake.store.read((repos) => repos.clocks.of(id));

describe('merging', () => {
  it('gives the follower its leading ticket, both an event, and stops its clocks', async () => {
    const { open, merge, events, get } = subject;
    const [leading, ticket] = [await open(), await open()];
    expect(ticket.deadlineAt).not.toBeNull();
    const merged = await merge(ticket, leading);
    expect(merged).toMatchObject({ leadingId: leading.id, deadlineAt: null, state: ticket.state, version: ticket.version + 1 });
    expect((await events(ticket.id)).at(-1)).toMatchObject({ type: 'ticket.merged', actor: SEAT.actor, data: { leadingId: leading.id, number: leading.number } });
    expect((await events(leading.id)).at(-1)).toMatchObject({ type: 'ticket.follower_merged', data: { ticketId: ticket.id, number: ticket.number } });
    // Who works on the leading ticket is not disturbed by who follows it.
    expect((await get(leading.id)).version).toBe(leading.version);
    const clocks = await clocksOf(ticket.id);
    expect(clocks.length).toBeGreaterThan(1);
    expect(clocks.every((row) => row.endedAt !== null || (row.dueAt === null && row.nextAt === null))).toBe(true);
    expect((await clocksOf(leading.id)).some((row) => row.nextAt !== null)).toBe(true);
  });

  it('goes on after un-merging with what was left of every clock', async () => {
    const { open, merge, unmerge, intake, told } = subject;
    const [leading, ticket] = [await open(), await open()];
    const before = new Map((await clocksOf(ticket.id)).map((row) => [row.stage, row]));
    intake.clock.advance(HOUR / 2);
    const mergedAt = intake.clock.now();
    const merged = await merge(ticket, leading);
    intake.clock.advance(100 * HOUR);
    const free = await unmerge(merged);
    const now = intake.clock.now();
    expect(free.leadingId).toBeNull();
    for (const row of await clocksOf(ticket.id)) {
      const was = before.get(row.stage);
      const legal = subject.context.clock;
      if (was === undefined || was.dueAt === null || row.dueAt === null) throw new Error('the clock does not run');
      const { unit } = row.rule;
      // What had counted before and what counts from now on make up the whole.
      const counted = legal.elapsed(row.startedAt, row.dueAt, unit, [{ from: mergedAt, to: now }]);
      expect(counted).toBeCloseTo(legal.elapsed(was.startedAt, was.dueAt, unit), 6);
      expect(row.dueAt).toBeGreaterThan(was.dueAt);
      // The time for a return just lapses: nothing is done about it.
      expect(row.nextAt === null).toBe(row.stage === 'return');
      if (row.stage === 'handle') expect(free.deadlineAt).toBe(row.dueAt);
    }
    expect(await told(ticket.id)).toEqual(['ticket.merged', 'ticket.unmerged']);
    expect(await told(leading.id)).toEqual(['ticket.follower_merged', 'ticket.follower_unmerged']);
    const [pair] = await intake.store.read((repos) => repos.alikeProposals.of(ticket.id));
    expect(pair).toMatchObject({ ticketId: ticket.id, leadingId: leading.id, state: 'refused', decidedBy: 'seat:seat-1' });
  });

  it('keeps chains flat, upwards and downwards', async () => {
    const { open, merge, carry, get, told } = subject;
    const [top, middle, low, late] = [await open(), await open(), await open(), await open()];
    await merge(low, middle);
    await merge(await get(middle.id), top);
    await carry();
    expect((await get(low.id)).leadingId).toBe(top.id);
    // Named is a follower: what leads it is meant.
    expect((await merge(late, middle)).leadingId).toBe(top.id);
    expect(await told(low.id)).toEqual(['ticket.merged', 'ticket.merged']);
    expect(await told(top.id)).toEqual(['ticket.follower_merged', 'ticket.follower_merged', 'ticket.follower_merged']);
    await expect(merge(await get(top.id), low)).rejects.toMatchObject({ code: 'ticket.merge_self' });
  });

  it('tells the second of two seats of the conflict and changes nothing for it', async () => {
    const { open, merge, unmerge, get } = subject;
    const [a, b, ticket] = [await open(), await open(), await open()];
    const tries = await Promise.allSettled([merge(ticket, a), merge(ticket, b)]);
    expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ticket.conflict' } });
    const merged = await get(ticket.id);
    await unmerge(merged);
    await expect(unmerge(merged)).rejects.toMatchObject({ code: 'ticket.conflict' });
    await expect(unmerge(await get(ticket.id))).rejects.toMatchObject({ code: 'ticket.follows_nobody' });
  });

  it('refuses what must not be merged, by name', () => {
    const lead = aTicket({ id: 'lead', state: '办理中' });
    const of = (overrides: Parameters<typeof aTicket>[0], leading = lead) => whyNotMerge(aTicket({ state: '待签收', ...overrides }), leading);
    expect(of({})).toBeNull();
    expect(of({ id: 'lead' })).toBe('ticket.merge_self');
    expect(of({ leadingId: 'x' })).toBe('ticket.merge_follows');
    expect(of({ confidential: true })).toBe('ticket.merge_confidential');
    expect(of({ confidential: true }, { ...lead, confidential: true })).toBeNull();
    expect(of({}, { ...lead, confidential: true })).toBe('ticket.merge_confidential');
    expect(of({ pending: 'hold' })).toBe('ticket.merge_unsettled');
    expect(TICKET_STATES.filter((state) => of({ state }) === null)).toEqual(['受理', '待派', '待签收', '办理中', '提级', '重办']);
    expect(TICKET_STATES.filter((state) => of({}, { ...lead, state }) === null)).toEqual(OPEN_STATES.filter((state) => state !== '回访'));
  });

  it('a follower makes no move of its own', async () => {
    const { open, merge, move } = subject;
    const merged = await merge(await open(), await open());
    await expect(move(merged, 'sign')).rejects.toMatchObject({ code: 'ticket.follows' });
    await expect(move(merged, 'withdraw', { reason: '电话说的' })).rejects.toMatchObject({ code: 'ticket.follows' });
    expect(movesFor(merged, SEAT)).toEqual([]);
    expect(movesFor(merged, CITIZEN).map(({ name }) => name)).toEqual(['withdraw']);
  });

  it('a citizen may withdraw a follower: it parts first, the others stay', async () => {
    const { open, merge, move, told, get } = subject;
    const leading = await open();
    const [one, other] = [await merge(await open(), leading), await merge(await open(), leading)];
    expect(await move(one, 'withdraw', { reason: '不用了' }, CITIZEN)).toMatchObject({ state: '归档', closure: 'withdrawn', leadingId: null });
    expect(await told(one.id)).toEqual(['ticket.merged', 'ticket.unmerged', 'ticket.withdrawn']);
    expect((await get(other.id)).leadingId).toBe(leading.id);
  });
});

describe('the leading ticket moves', () => {
  it('and every follower hears of each move, in order, with the result at the end', async () => {
    const { open, merge, move, carry, events, get } = subject;
    const leading = await open();
    const followers = [await merge(await open(), leading), await merge(await open(), leading)];
    let now = await move(leading, 'sign');
    now = await move(now, 'finish', { result: '工地已停工整改，夜间不再施工。', evidence: [] }).catch(async (error: { code: string }) => {
      if (error.code !== 'ticket.evidence_needed') throw error;
      await subject.intake.store.write((repos) => repos.ticketFiles.insert({ id: 'file-1', ticketId: leading.id, media: 'm1', name: null, contentType: 'image/png', purpose: 'evidence', addedBy: 'seat:seat-1', at: 1 }));
      return move(now, 'finish', { result: '工地已停工整改，夜间不再施工。', evidence: ['file-1'] });
    });
    now = await move(now, 'passReview', {}, { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-2' } });
    await move(now, 'confirm', { process: 5, solved: true });
    expect(await carry()).toBe(4);
    for (const { id } of followers) {
      const told = (await events(id)).filter(({ type }) => type === 'ticket.leader_moved');
      expect(told.map(({ data }) => [data['move'], data['state']])).toEqual([['sign', '办理中'], ['finish', '办结待审'], ['passReview', '回访'], ['confirm', '归档']]);
      expect(told.at(-1)?.data).toMatchObject({ leadingId: leading.id, number: leading.number, event: 'ticket.confirmed', result: '工地已停工整改，夜间不再施工。', archived: true });
      expect(await get(id)).toMatchObject({ state: '归档', closure: 'merged', result: '工地已停工整改，夜间不再施工。', leadingId: leading.id, deadlineAt: null });
      expect((await get(id)).archivedAt).not.toBeNull();
      expect((await clocksOf(id)).every((row) => row.endedAt !== null && row.nextAt === null)).toBe(true);
    }
  });

  it('costs nothing when nobody follows', async () => {
    const { open, move, carry } = subject;
    await move(await open(), 'sign');
    expect(await carry()).toBe(0);
  });

  it('a veto takes the follower out and has it handled again; the others stay archived', async () => {
    const { open, merge, move, unmerge, carry, get, told } = subject;
    const leading = await open({ itemCode: null });
    const [one, other] = [await merge(await open(), leading), await merge(await open(), leading)];
    await move(await get(leading.id), 'answer', { result: '已经处理。' });
    await carry();
    const archived = await get(one.id);
    expect(archived).toMatchObject({ state: '归档', closure: 'merged' });
    await expect(unmerge(archived)).rejects.toMatchObject({ code: 'ticket.merge_finished' });
    const again = await move(archived, 'reopen', { reason: '还在吵' }, CITIZEN);
    expect(again).toMatchObject({ state: '重办', leadingId: null, closure: null, vetoes: 1, redos: 1 });
    expect(again.deadlineAt).not.toBeNull();
    expect((await clocksOf(one.id)).filter((row) => row.endedAt === null).map((row) => row.stage)).toEqual(['handle']);
    expect(await told(one.id)).toEqual(['ticket.merged', 'ticket.leader_moved', 'ticket.unmerged', 'ticket.reopened']);
    expect(await get(other.id)).toMatchObject({ state: '归档', leadingId: leading.id });
    // Nothing that follows now hears of it as of a follower.
    await carry();
    expect(await told(one.id)).toHaveLength(4);
  });

  it('withdrawn by its citizen, it hands the lead to the oldest follower', async () => {
    const { open, merge, move, carry, get, told } = subject;
    const leading = await open();
    const [first, second, third] = [await merge(await open(), leading), await merge(await open(), leading), await merge(await open(), leading)];
    await move(leading, 'withdraw', { reason: '我的解决了' }, CITIZEN);
    await carry();
    const heir = await get(first.id);
    expect(heir).toMatchObject({ leadingId: null, state: first.state, archivedAt: null });
    expect(heir.deadlineAt).not.toBeNull();
    for (const { id } of [second, third]) expect(await get(id)).toMatchObject({ leadingId: first.id, archivedAt: null });
    expect(await told(first.id)).toEqual(['ticket.merged', 'ticket.unmerged', 'ticket.follower_merged']);
    expect(await told(second.id)).toEqual(['ticket.merged', 'ticket.merged']);
    // The pair was no error: nobody refused it.
    expect((await subject.intake.store.read((repos) => repos.alikeProposals.of(first.id))).map(({ state }) => state)).toContain('merged');
    const moved = await move(heir, 'sign');
    expect(moved.state).toBe('办理中');
    await carry();
    expect((await told(third.id)).at(-1)).toBe('ticket.leader_moved');
  });

  it('goes on where it was after a crash, and tells nobody twice', async () => {
    const { open, merge, move, context, house, intake, told } = subject;
    const leading = await open();
    const followers: Ticket[] = [];
    for (let one = 0; one < 60; one += 1) followers.push(await merge(await open(), leading));
    await move(leading, 'sign');
    const { store } = intake;
    const lane = `alike:${leading.id}`;
    const run = async (): Promise<void> => {
      const fence = (await store.write((repos) => repos.lanes.acquire(lane, 'test', context.now(), 10_000))) ?? 0;
      const [row] = await store.read((repos) => repos.outbox.due(lane, context.now(), 1));
      if (row !== undefined) await house.handlers[row.kind]?.(row, { lane, fence });
      await store.write((repos) => repos.lanes.release(lane, fence));
    };
    // The second transaction fails.
    let writes = 0;
    const real = store.write.bind(store);
    const broken = Object.assign(store, {
      write: (fn: Parameters<typeof real>[0]) => {
        writes += 1;
        return writes === 3 ? Promise.reject(new Error('the power is gone')) : real(fn);
      },
    });
    await expect(run()).rejects.toThrow('the power is gone');
    Object.assign(broken, { write: real });
    intake.clock.advance(60_000);
    const heard = async () => (await Promise.all(followers.map(({ id }) => told(id)))).map((list) => list.filter((type) => type === 'ticket.leader_moved').length);
    expect((await heard()).filter((times) => times === 1)).toHaveLength(25);
    await run();
    expect(new Set(await heard())).toEqual(new Set([1]));
    expect(await store.read((repos) => repos.outbox.dueLanes(context.now(), 1))).toEqual([]);
  });
});

describe('notices', () => {
  it('come from the followers\' own events', async () => {
    const heard: string[] = [];
    const { open, merge, move, house } = subject;
    Object.assign(subject.context, { hears: (type: string) => (heard.push(type), false) });
    const leading = await open();
    await merge(await open(), leading);
    await move(leading, 'sign');
    heard.length = 0;
    await subject.carry();
    expect(heard).toEqual(['ticket.leader_moved']);
    expect(house.keeper.status().loaded).toBe(false);
    await writeUnit(subject.context, async () => undefined);
  });
});
