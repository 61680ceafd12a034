import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { createCatchUp, type CatchUp } from '../../src/intake/catch-up.ts';
import { createLiveHub, type DeskEvent, type LiveHub } from '../../src/intake/live.ts';
import { receive } from '../../src/intake/receive.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('a node that hears no news of the others', () => {
  let intake: IntakeUnderTest;
  let live: LiveHub;
  let catchUp: CatchUp;
  let connected: boolean;
  let reads: number;
  let broken: boolean;
  const warned: string[] = [];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    intake = await openIntake();
    live = createLiveHub((error) => { throw error; });
    [connected, reads, broken] = [true, 0, false];
    warned.length = 0;
    catchUp = createCatchUp({
      live,
      store: { read: (fn) => { reads += 1; return broken ? Promise.reject(new TypeError('away')) : intake.store.read(fn); } },
      news: { connected: () => connected },
      now: intake.clock.now,
      log: { warn: (facts) => void warned.push(JSON.stringify(facts)) },
    });
    catchUp.start();
  });
  afterEach(async () => {
    await catchUp.stop();
    vi.useRealTimers();
    await intake.close();
  });

  /** One second later, by both clocks, with what that second's look brings. */
  const second = async (): Promise<void> => {
    vi.advanceTimersByTime(1_000);
    await catchUp.stop();
    catchUp.start();
  };
  /** Taken at another node: nobody here is told. */
  const elsewhere = (text: string, address = 'chat-1') => receive(intake.context, aMessage(text, { channel: 'stream', address: asAddress(address) }));

  it('asks nothing while news comes, and nothing when nobody listens', async () => {
    await elsewhere('你好');
    live.subscribeDesk(() => {})();
    connected = false;
    await second();
    expect(reads).toBe(0);
    connected = true;
    live.subscribeDesk(() => {});
    for (let time = 0; time < 6; time += 1) await second();
    reads = 0;
    await second();
    expect(reads).toBe(0);
  });

  it('finds what was said, once, for the sockets and the desk that want it, and a little beyond the outage', async () => {
    const { conversationId } = await elsewhere('第一句');
    const here: LiveEvent[] = [];
    const desk: DeskEvent[] = [];
    live.subscribe(conversationId, (event) => here.push(event));
    live.subscribeDesk((event) => desk.push(event), () => false);
    const said = (): readonly string[] => here.flatMap((event) => (event.kind === 'activity' && event.activity.content.type === 'message' ? [event.activity.content.text] : []));
    connected = false;
    await second();
    await second();
    expect(said()).toEqual(['第一句']);
    const other = await elsewhere('没有人在听', 'chat-2');
    await elsewhere('第二句');
    await elsewhere('第三句');
    await second();
    expect(said()).toEqual(['第一句', '第二句', '第三句']);
    connected = true;
    await elsewhere('刚刚连上');
    await second();
    await second();
    expect(said()).toEqual(['第一句', '第二句', '第三句', '刚刚连上']);
    expect(desk.flatMap((event) => (event.kind === 'conversation' && event.conversationId === other.conversationId ? [event] : []))).toHaveLength(1);
    for (let time = 0; time < 6; time += 1) await second();
    await elsewhere('别处会告诉');
    await second();
    expect(said()).toHaveLength(4);
  });

  it('tells the desk of an emergency, not again at every look', async () => {
    const desk: DeskEvent[] = [];
    live.subscribeDesk((event) => desk.push(event));
    connected = false;
    await second();
    const { conversationId } = await elsewhere('你好');
    await second();
    await intake.store.write(async (repos) => {
      const conversation = await repos.conversations.get(conversationId);
      await repos.conversations.update(conversationId, conversation?.version ?? 0, { emergency: { category: 'fire', words: ['着火'], at: intake.clock.now() } });
    });
    await second();
    await elsewhere('快来');
    await second();
    expect(desk.filter(({ kind }) => kind === 'emergency')).toEqual([{ kind: 'emergency', conversationId, category: 'fire' }]);
  });

  it('says that the store cannot be read, and looks again', async () => {
    const { conversationId } = await elsewhere('你好');
    const here: LiveEvent[] = [];
    live.subscribe(conversationId, (event) => here.push(event));
    [connected, broken] = [false, true];
    await second();
    expect([here.length, warned]).toEqual([0, ['{"code":"TypeError"}']]);
    broken = false;
    await second();
    expect(here).toHaveLength(1);
  });
});
