import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeUnit } from '../../../src/intake/context.ts';
import { gather, nightly } from '../../../src/tickets/alike/nightly.ts';
import { answerStorm, endStorm, mergeStorm } from '../../../src/tickets/alike/storm-keys.ts';
import { createStormKeeper, viewStorms } from '../../../src/tickets/alike/storms.ts';
import type { Ticket } from '../../../src/domain/ticket.ts';
import { until } from '../../support/until.ts';
import { aCut, anOther, createRandom } from './storm-texts.ts';
import { type AlikeUnderTest, openAlike, SEAT } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOISE = { title: '搅拌站噪声扰民', content: '丽景花园后面的搅拌站半夜还在生产，噪声和灰尘很大，窗户不敢开。', place: '丽景花园3栋' };
const AGAIN = { title: '举报搅拌站夜间生产', content: '丽景花园旁边有个搅拌站，每天半夜生产，灰尘大，噪声吵得睡不着。', place: '丽景花园7栋' };
const pause = async (): Promise<void> => {};

let subject: AlikeUnderTest;
let random = createRandom(31);
beforeEach(async () => {
  random = createRandom(31);
  subject = await openAlike();
});
afterEach(() => subject.close());

const openOthers = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) {
    const { title, content, place } = anOther(random);
    await subject.open({ title, content, place, itemCode: null });
  }
};
const proposals = () => subject.intake.store.read((repos) => repos.alikeProposals.open(100));
const settled = (): Promise<void> => subject.house.keeper.settled();

describe('a node follows all open tickets', () => {
  it('fills its index behind the start, open ones only', async () => {
    const { open, move, house } = subject;
    await openOthers(30);
    const gone = await open({ ...NOISE, itemCode: null });
    await move(gone, 'answer', { result: '已答复' });
    const stays = await open(AGAIN);
    house.start(true);
    expect(house.keeper.status()).toMatchObject({ tickets: 0, loaded: false });
    await house.keeper.load();
    expect(house.keeper.status()).toEqual({ tickets: 31, loaded: true, knowsUsual: true });
    expect([house.keeper.index.has(stays.id), house.keeper.index.has(gone.id)]).toEqual([true, false]);
    // What was there before is not news: nothing is proposed for it now.
    expect(await proposals()).toEqual([]);
  });

  it('hears of what is opened and archived here, and proposes the older one to lead', async () => {
    const { open, move, house, context, told } = subject;
    await openOthers(30);
    house.start(true);
    await house.keeper.load();
    const first = await open({ ...NOISE, itemCode: null });
    await settled();
    subject.intake.clock.advance(HOUR);
    const second = await open({ ...AGAIN, itemCode: null });
    await settled();
    const [proposal, ...rest] = await proposals();
    expect(rest).toEqual([]);
    expect(proposal).toMatchObject({ ticketId: second.id, leadingId: first.id, state: 'proposed', why: expect.arrayContaining(['text', 'place', 'time']) });
    // It only proposes.
    expect((await told(second.id)).concat(await told(first.id))).toEqual([]);
    await move(first, 'answer', { result: '已答复' });
    await settled();
    expect(house.keeper.index.has(first.id)).toBe(false);
    expect(await proposals()).toEqual([]);
    expect(context.live).toBeDefined();
  });

  it('compares confidential tickets among themselves only', async () => {
    const { open, house } = subject;
    await openOthers(20);
    house.start(true);
    await house.keeper.load();
    const first = await open({ ...NOISE, confidential: true });
    const plain = await open(AGAIN);
    await settled();
    expect(await proposals()).toEqual([]);
    const second = await open({ ...AGAIN, confidential: true });
    await settled();
    expect((await proposals()).map(({ ticketId, leadingId }) => [ticketId, leadingId])).toEqual([[second.id, first.id]]);
    expect(plain.confidential).toBe(false);
  });

  it('reads on where the nearest all follow one ticket, and writes for all that came together in one transaction', async () => {
    const { open, merge, house, intake, context, get } = subject;
    await openOthers(20);
    const alone = await open({ ...AGAIN, itemCode: null });
    const leading = await open({ ...NOISE, itemCode: null });
    for (let at = 0; at < 5; at += 1) {
      intake.clock.advance(1000);
      await merge(await open({ ...NOISE, itemCode: null }), await get(leading.id));
    }
    house.start(true);
    await house.keeper.load();
    const writes = vi.spyOn(context.store, 'write');
    const together = [await open({ ...NOISE, itemCode: null, confidential: true }), await open({ ...NOISE, itemCode: null }), await open({ ...NOISE, itemCode: null })];
    await settled();
    writes.mockClear();
    // As news that gathered.
    for (const { id } of together) house.keeper.index.remove(id);
    for (const { id } of together) house.keeper.hear(id);
    await settled();
    expect(writes).toHaveBeenCalledTimes(1);
    const [, first, second] = together;
    expect((await proposals()).map(({ ticketId, leadingId }) => [ticketId, leadingId]).toSorted()).toEqual([[first?.id, alone.id], [first?.id, leading.id], [second?.id, alone.id], [second?.id, first?.id], [second?.id, leading.id]].toSorted());
  });

  it('finds by itself what no news told of', async () => {
    const { open, house, intake } = subject;
    house.start(true);
    await house.keeper.load();
    // As another node whose news is lost.
    const publish = subject.context.live.publishDesk;
    Object.assign(subject.context.live, { publishDesk: () => {} });
    const lost = await open(NOISE);
    Object.assign(subject.context.live, { publishDesk: publish });
    await settled();
    expect(house.keeper.index.has(lost.id)).toBe(false);
    intake.clock.advance(30_000);
    await house.keeper.sweep();
    await settled();
    expect(house.keeper.index.has(lost.id)).toBe(true);
  });

  it('a node without the role worker only answers the desk', async () => {
    const { open, house } = subject;
    await openOthers(10);
    house.start(false);
    await house.keeper.load();
    await open(NOISE);
    await open(AGAIN);
    await settled();
    expect([await proposals(), house.keeper.status().tickets]).toEqual([[], 12]);
  });
});

describe('by night', () => {
  it('one node gathers, once, and proposes what the day missed', async () => {
    const { open, house, context, intake } = subject;
    await openOthers(40);
    const first = await open(NOISE);
    intake.clock.advance(1000);
    const copy = await open({ ...NOISE, content: `${NOISE.content}请处理。` });
    await house.keeper.load();
    expect(await nightly(house.context, house.keeper, pause)).toBeNull();
    intake.clock.set(Date.parse('2026-11-24T02:30:00+08:00'));
    const done = await nightly(house.context, house.keeper, pause);
    expect(done).toMatchObject({ tickets: 42, forgotten: 0 });
    expect(done?.proposed).toBeGreaterThan(0);
    expect((await proposals()).map(({ ticketId, leadingId }) => [ticketId, leadingId])).toContainEqual([copy.id, first.id]);
    expect(await nightly(house.context, house.keeper, pause)).toBeNull();
    // Archived without news: it leaves the index; nobody can decide on the pair any more.
    await intake.store.write(async (repos) => void (await repos.tickets.update(first.id, (await repos.tickets.get(first.id))?.version ?? 0, { state: '归档', archivedAt: context.now() })));
    intake.clock.advance(8 * DAY);
    expect((await gather(house.context, house.keeper, pause)).forgotten).toBeGreaterThan(0);
    expect(house.keeper.index.has(first.id)).toBe(false);
    expect((await intake.store.read((repos) => repos.alikeProposals.of(first.id))).filter(({ state }) => state === 'proposed')).toEqual([]);
  });
});

describe('a storm', () => {
  const openCut = async (): Promise<Ticket> => {
    const { title, content, place } = aCut(random);
    return subject.open({ title, content, place, itemCode: null });
  };
  const storms = () => subject.intake.store.read((repos) => repos.storms.open(10));
  const tick = () => createStormKeeper(subject.house.context, subject.house.keeper, 'test').tick();

  it('is one cluster, is merged by one key, answered once, and everybody of it hears', async () => {
    const { house, intake, context, carry, get, events, move } = subject;
    const { store } = intake;
    await openOthers(40);
    house.start(true);
    await house.keeper.load();
    const cuts: Ticket[] = [];
    for (let one = 0; one < 120; one += 1) {
      intake.clock.advance(5_000);
      cuts.push(await openCut());
      if (one % 20 === 0) await openOthers(1);
    }
    await settled();
    expect(await tick()).toBe(1);
    const [storm, ...rest] = await storms();
    if (storm === undefined) throw new Error('no storm');
    expect(rest).toEqual([]);
    expect(storm).toMatchObject({ state: 'open', answer: null });
    expect(storm.title).toContain('停电');
    const members = new Set(await store.read((repos) => repos.storms.tickets(storm.id, 1000)));
    expect(storm.count).toBe(members.size);
    expect(cuts.filter(({ id }) => members.has(id)).length).toBeGreaterThan(115);
    expect([...members].filter((id) => !cuts.some((cut) => cut.id === id))).toEqual([]);
    expect(members.has(storm.leadingId ?? '')).toBe(true);
    // Seats see at each ticket that it is one of many.
    const pair = (await store.read((repos) => repos.alikeProposals.of(cuts.find(({ id }) => members.has(id) && id !== storm.leadingId)?.id ?? ''))).find(({ leadingId }) => leadingId === storm.leadingId);
    expect(pair?.state).toBe('proposed');
    const [live] = await store.read((repos) => viewStorms(house.context, house.keeper, repos, 10));
    expect(live?.burst?.series.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(115);
    // Nothing new: the same storm, nothing to write.
    await tick();
    expect((await storms()).map(({ id, count }) => [id, count])).toEqual([[storm.id, storm.count]]);

    await writeUnit(context, (unit) => mergeStorm(context, unit, { stormId: storm.id, seatId: 'seat-1' }));
    await carry();
    const followers = await store.read((repos) => repos.alikeTickets.countFollowers(storm.leadingId ?? ''));
    expect(followers).toBe(members.size - 1);
    const leading = await get(storm.leadingId ?? '');
    expect((await events(leading.id)).filter(({ type }) => type === 'ticket.follower_merged').map(({ data }) => Number(data['count'])).reduce((sum, count) => sum + count, 0)).toBe(followers);

    await writeUnit(context, (unit) => answerStorm(context, unit, { stormId: storm.id, text: '供电部门正在抢修，预计今晚八点恢复，联系电话13800138000。', seatId: 'seat-1' }));
    await carry();
    const answers = async (id: string): Promise<readonly unknown[]> => (await events(id)).flatMap(({ type, data }) => (type === 'ticket.leader_moved' && data['answer'] !== undefined ? [data['answer']] : []));
    for (const id of members) expect(await answers(id)).toEqual(['供电部门正在抢修，预计今晚八点恢复，联系电话138****8000。']);

    // Who comes later hears it too, once.
    intake.clock.advance(5_000);
    const late = await openCut();
    await settled();
    await tick();
    await tick();
    expect(await answers(late.id)).toHaveLength(1);

    // The leading ticket moves: thousands would hear it by the same way.
    await move(await get(leading.id), 'answer', { result: '已恢复供电。' });
    await carry();
    expect(await get(cuts.find(({ id }) => members.has(id) && id !== leading.id)?.id ?? '')).toMatchObject({ state: '归档', closure: 'merged', result: '已恢复供电。' });
    expect((await store.read((repos) => repos.trail.latest(10))).map(({ action }) => action)).toEqual(expect.arrayContaining(['storm.merged', 'storm.answered']));
  });

  it('goes on as the same one on another node, ends by a person and does not begin again by the same tickets', async () => {
    const { house, intake, context } = subject;
    await openOthers(30);
    house.start(true);
    await house.keeper.load();
    for (let one = 0; one < 40; one += 1) await openCut();
    await settled();
    await tick();
    const [storm] = await storms();
    if (storm === undefined) throw new Error('no storm');
    for (let one = 0; one < 10; one += 1) await openCut();
    await settled();
    // A keeper that has written nothing yet, as after a restart.
    expect(await tick()).toBe(1);
    expect((await storms()).map(({ id }) => id)).toEqual([storm.id]);
    expect((await storms())[0]?.count).toBeGreaterThan(storm.count);
    // While another node has the lane, this one writes nothing.
    const fence = await intake.store.write((repos) => repos.lanes.acquire('alike:storms', 'other', context.now() + 60_000, 600_000));
    expect(fence).not.toBeNull();
    await openCut();
    await settled();
    expect(await tick()).toBe(0);
    await intake.store.write((repos) => repos.lanes.release('alike:storms', fence ?? 0));

    await writeUnit(context, (unit) => endStorm(context, unit, { stormId: storm.id, seatId: 'seat-1' }));
    expect(await tick()).toBe(0);
    expect(await storms()).toEqual([]);
    await expect(writeUnit(context, (unit) => endStorm(context, unit, { stormId: storm.id, seatId: 'seat-1' }))).rejects.toMatchObject({ code: 'storm.over' });
    await expect(writeUnit(context, (unit) => answerStorm(context, unit, { stormId: 'none', text: '好的', seatId: 'seat-1' }))).rejects.toMatchObject({ code: 'storm.not_found' });
  });

  it('is over when nothing more came for a day', async () => {
    const { house, intake } = subject;
    await openOthers(30);
    house.start(true);
    await house.keeper.load();
    for (let one = 0; one < 40; one += 1) await openCut();
    await settled();
    subject.tick(15_000);
    await until(async () => (await storms()).length === 1, 'a storm');
    intake.clock.advance(25 * HOUR);
    await tick();
    expect(await storms()).toEqual([]);
    expect(SEAT.role).toBe('supervisor');
  });
});
