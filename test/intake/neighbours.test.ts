import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import { createForwardingBus } from '../../src/bus/drivers/forwarding.ts';
import type { Bus } from '../../src/bus/contract.ts';
import type { NewsItem } from '../../src/bus/news.ts';
import type { LiveEvent } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import { awaitTurn } from '../../src/intake/collect.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { createLiveHub, type DeskEvent, type LiveHub } from '../../src/intake/live.ts';
import { createNeighbours, type Neighbours } from '../../src/intake/neighbours.ts';
import { receive } from '../../src/intake/receive.ts';
import { createTimerHandler, createTurnHandler } from '../../src/intake/turn.ts';
import { createTurnWaiters } from '../../src/intake/waiters.ts';
import { createFakeMedium, type FakeMedium } from '../fakes/news.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

/** One node: its own hub, waiters and bus on the common store. */
interface Node {
  readonly context: IntakeContext;
  readonly neighbours: Neighbours;
  /** What listeners of this process only would use. */
  readonly local: LiveHub;
  readonly bus: Bus;
  readonly warned: string[];
}

describe('two nodes on one store', () => {
  let intake: IntakeUnderTest;
  let medium: FakeMedium;
  const nodes: Node[] = [];

  const openNode = (id: string, works: boolean): Node => {
    const news = medium.node(id);
    const local = createLiveHub((error) => { throw error; });
    const warned: string[] = [];
    const options = { now: intake.clock.now, holder: id, leaseMs: 10_000, sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 3, backoffMs: () => 1_000, random: () => 0.5 };
    const bus = works ? createEmbeddedBus(intake.store, options) : createForwardingBus(intake.store, options, { news });
    const log = { ...intake.context.log, warn: (facts: object) => void warned.push(JSON.stringify(facts)) };
    const neighbours = createNeighbours({ live: local, waiters: createTurnWaiters(), news, store: intake.store, wake: () => bus.wake(), log });
    const context: IntakeContext = { ...intake.context, bus, lease: { holder: id, ms: 10_000 }, turnsHere: () => false, live: neighbours.live, waiters: neighbours.waiters, log };
    const node: Node = { context, neighbours, local, bus, warned };
    nodes.push(node);
    return node;
  };
  const openBoth = async (): Promise<{ readonly web: Node; readonly worker: Node }> => {
    const [web, worker] = [openNode('web', false), openNode('worker', true)];
    for (const node of [web, worker]) {
      node.neighbours.listen();
      await node.bus.start({ turn: createTurnHandler(node.context), timer: createTimerHandler(node.context) });
    }
    return { web, worker };
  };

  beforeEach(async () => {
    intake = await openIntake();
    medium = createFakeMedium();
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) {
      node.neighbours.leave();
      await node.bus.stop(1_000);
    }
    await intake.close();
  });

  const chat = { channel: 'stream', address: asAddress('chat-1') };
  const call = { channel: 'phone', address: asAddress('CA-1'), modality: 'voice' as const };
  const seqs = (heard: readonly LiveEvent[]): readonly number[] => heard.flatMap((event) => (event.kind === 'activity' ? [event.activity.seq] : []));

  it('a message taken at one node is turned at the other, and its socket here gets the answer', async () => {
    const { web, worker } = await openBoth();
    const first = await receive(web.context, aMessage('在吗', chat));
    const [here, there]: [LiveEvent[], DeskEvent[]] = [[], []];
    web.context.live.subscribe(first.conversationId, (event) => here.push(event));
    worker.context.live.subscribeDesk((event) => there.push(event));
    await receive(web.context, aMessage('你好', chat));
    await until(async () => here.some((event) => event.kind === 'activity' && event.activity.direction === 'out' && event.activity.seq === 4));
    // Words of this node may overtake those of the other one (sockets mend that by seq); the other's come in order, each once.
    expect(new Set(seqs(here)).size).toBe(here.length);
    const answers = seqs(here.filter((event) => event.kind === 'activity' && event.activity.direction === 'out'));
    expect(answers).toEqual(answers.toSorted((a, b) => a - b));
    expect(here.every((event) => event.kind === 'activity' && event.activity.conversationId === first.conversationId)).toBe(true);
    await until(async () => there.some((event) => event.kind === 'conversation' && event.conversationId === first.conversationId));
  });

  it('a webhook that waits at one node hears of a turn at the other', async () => {
    const { web } = await openBoth();
    const got = await receive(web.context, aMessage('你好', call));
    expect(await awaitTurn(web.context, got.activityId, 15_000)).toBe('done');
    expect((await intake.store.read((repos) => repos.activities.after(got.conversationId, got.seq, 5))).map((activity) => activity.replyToId)).toEqual([got.activityId]);
  });

  it('finds by itself that the turn is over when the news was lost', async () => {
    const [web, worker] = [openNode('web', false), openNode('worker', true)];
    medium.deaf = true;
    const got = await receive(web.context, aMessage('你好', call));
    const waiting = awaitTurn(web.context, got.activityId, 15_000);
    await worker.bus.start({ turn: createTurnHandler(worker.context) });
    expect(await waiting).toBe('done');
    expect(web.neighbours.waiters.waiting(got.activityId)).toBe(false);
  });

  it('says nothing but ids', async () => {
    const { web } = await openBoth();
    const got = await receive(web.context, aMessage('我的电话是13800138000，楼上漏水', { ...call, identity: { externalUserId: 'user-1', phone: '13800138000' } }));
    await until(async () => medium.said.some((text) => text.includes('turned')));
    expect(medium.said.join('\n')).toContain(got.activityId);
    expect(medium.said.join('\n')).not.toMatch(/13800138000|漏水|收到|user-1/);
  });

  it('says that a turn is over where a webhook may be waiting for it, and nowhere else', async () => {
    const { web } = await openBoth();
    await receive(web.context, aMessage('你好', chat));
    await intake.settle();
    const got = await receive(web.context, aMessage('你好', call));
    await until(async () => medium.said.some((text) => text.includes('turned')));
    expect(medium.said.filter((text) => text.includes('turned')).every((text) => text.includes(got.activityId))).toBe(true);
    expect(medium.said.join().split('turned')).toHaveLength(2);
  });

  it('does not say again what it heard, and hears nothing of itself', async () => {
    const { web, worker } = await openBoth();
    const desks: [DeskEvent[], DeskEvent[]] = [[], []];
    web.context.live.subscribeDesk((event) => desks[0].push(event));
    worker.context.live.subscribeDesk((event) => desks[1].push(event));
    web.context.live.publishDesk({ kind: 'emergency', conversationId: 'c1', category: 'fire' });
    web.context.live.publish('c1', { kind: 'typing', role: 'seat' });
    await until(async () => desks[1].length === 2);
    await intake.clock.settle();
    expect(medium.said).toHaveLength(2);
    expect(desks[0]).toEqual(desks[1]);
  });

  it('brings desk events over as they were', async () => {
    const { web, worker } = await openBoth();
    const heard: DeskEvent[] = [];
    worker.context.live.subscribeDesk((event) => heard.push(event));
    const events: DeskEvent[] = [
      { kind: 'conversation', conversationId: 'c1' },
      { kind: 'ticket', ticketId: 't1', conversationId: null },
      { kind: 'receipt', conversationId: 'c1', receipt: { activityId: 'a1', conversationId: 'c1', status: 'retrying', code: 'peer.quota', at: intake.clock.now() } },
      { kind: 'emergency', conversationId: 'c1', category: 'fire' },
      { kind: 'activity', conversationId: 'c1', event: { kind: 'typing', role: 'citizen' } },
    ];
    for (const event of events) web.context.live.publishDesk(event);
    await until(async () => heard.length === events.length);
    expect(heard).toEqual(events);
  });

  it('reads only what somebody here listens to, and all of a moment in one passage', async () => {
    const quiet = await receive(intake.context, aMessage('没有人在听', chat));
    const loud = await receive(intake.context, aMessage('有人在听', { ...chat, address: asAddress('chat-2') }));
    const more = await receive(intake.context, aMessage('再说一句', { ...chat, address: asAddress('chat-2') }));
    let reads = 0;
    const store = { read: ((fn) => { reads += 1; return intake.store.read(fn); }) satisfies typeof intake.store.read };
    const local = createLiveHub((error) => { throw error; });
    let tell: (items: readonly NewsItem[]) => void = () => {};
    const neighbours = createNeighbours({
      live: local, waiters: createTurnWaiters(), store, wake: () => {}, log: intake.context.log,
      news: { publish: () => {}, subscribe: (listener) => { tell = listener; return () => { tell = () => {}; }; } },
    });
    neighbours.listen();
    neighbours.listen();
    const item = (got: { conversationId: string; activityId: string }): NewsItem => ({ kind: 'activity', conversationId: got.conversationId, activityId: got.activityId });
    const watched = new Set<string>();
    const heard: LiveEvent[] = [];
    local.subscribeDesk(() => {}, (conversationId) => watched.has(conversationId));
    tell([item(quiet), item(loud)]);
    await intake.clock.settle();
    expect(reads).toBe(0);

    local.subscribe(loud.conversationId, (event) => heard.push(event));
    // The later one first: another node was faster with its message.
    tell([item(more), item(quiet), item(loud), item(more)]);
    await until(async () => heard.length === 2);
    expect(reads).toBe(1);
    expect(seqs(heard)).toEqual([loud.seq, more.seq]);

    watched.add(quiet.conversationId);
    expect(neighbours.live.listens(quiet.conversationId)).toBe(true);
    tell([item(quiet)]);
    await until(async () => reads === 2);

    neighbours.leave();
    tell([item(loud)]);
    await intake.clock.settle();
    expect(reads).toBe(2);
  });

  it('goes on hearing after the store could not be read', async () => {
    const got = await receive(intake.context, aMessage('你好', chat));
    let broken = true;
    const store = { read: ((fn) => (broken ? Promise.reject(new AppError('store.unreachable', 'away', { retry: 'later' })) : intake.store.read(fn))) satisfies typeof intake.store.read };
    const local = createLiveHub((error) => { throw error; });
    const warned: string[] = [];
    const news = medium.node('here');
    createNeighbours({ live: local, waiters: createTurnWaiters(), store, wake: () => {}, log: { warn: (facts) => void warned.push(JSON.stringify(facts)) }, news }).listen();
    const heard: LiveEvent[] = [];
    local.subscribe(got.conversationId, (event) => heard.push(event));
    const other = medium.node('there');
    other.publish({ kind: 'activity', conversationId: got.conversationId, activityId: got.activityId });
    await until(async () => warned.length === 1);
    expect(warned[0]).toContain('store.unreachable');
    broken = false;
    other.publish({ kind: 'activity', conversationId: got.conversationId, activityId: got.activityId });
    other.publish({ kind: 'activity', conversationId: got.conversationId, activityId: 'unknown' });
    await until(async () => heard.length === 1);
  });

  it('looks for knowledge when some was published, not at every turn of the others', async () => {
    let looks = 0;
    const heard: DeskEvent[] = [];
    const live = createLiveHub((error) => { throw error; });
    live.subscribeDesk((event) => heard.push(event));
    createNeighbours({ live, waiters: createTurnWaiters(), news: medium.node('one'), store: intake.store, wake: () => undefined, onKnowledge: () => void (looks += 1), log: intake.context.log }).listen();
    const other = medium.node('other');
    other.publish({ kind: 'conversation', conversationId: 'c1' });
    await until(async () => heard.length === 1);
    expect(looks).toBe(0);
    other.publish({ kind: 'knowledge' });
    await until(async () => heard.length === 2);
    expect(looks).toBe(1);
  });

  it('tells others of a turn only when nobody waits for it here', async () => {
    const { web } = await openBoth();
    const waiter = web.neighbours.waiters.wait('here', 15_000);
    web.neighbours.waiters.done('here');
    expect(await waiter.outcome).toBe('done');
    web.neighbours.waiters.done('elsewhere');
    expect(medium.said.map((text) => text.includes('elsewhere'))).toEqual([true]);
  });
});
