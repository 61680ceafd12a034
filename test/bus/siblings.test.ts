import { describe, expect, it } from 'vitest';
import { createSiblingNews } from '../../src/bus/news/siblings.ts';
import { createMetrics, type Metrics } from '../../src/meter.ts';
import { newsContract } from '../contracts/news.contract.ts';
import { createFamily, type Family, type Member } from '../support/siblings.ts';
import { until } from '../support/until.ts';

const family = createFamily(8);
newsContract({
  name: 'siblings',
  makeNode: (nodeId, onTrouble) => createSiblingNews({ line: family.join().line, nodeId, onTrouble }),
  makeLostNode: (onTrouble) => {
    const orphan = createFamily(2).join();
    orphan.leave();
    return createSiblingNews({ line: orphan.line, nodeId: 'lost', onTrouble });
  },
  say: async (text) => family.join().say({ yihu: 'news', text }),
  outage: null,
});

describe('processes of one machine', () => {
  it('know how many of them listen', async () => {
    const few = createFamily(3);
    const [one, other] = [few.join(), few.join()];
    await until(async () => one.line.family().up === 2);
    expect([one.line.family(), other.line.number]).toEqual([{ up: 2, of: 3 }, 2]);
    const news = createSiblingNews({ line: one.line, nodeId: 'one', onTrouble: () => undefined });
    await news.start();
    expect(news.connected()).toBe(true);
    other.leave();
    await until(async () => one.line.family().up === 1);
    // What it had not told any more is looked for in the store.
    expect(news.connected()).toBe(false);
    await news.stop();
  });

  it('take nothing that is no message of theirs', async () => {
    const few = createFamily(2);
    const [one, other] = [few.join(), few.join()];
    const heard: string[] = [];
    other.line.hear((text) => heard.push(text));
    for (const message of [null, 'news', {}, { yihu: 'news' }, { yihu: 'ask', id: -1, measures: [] }, { yihu: 'answer', id: 0, measures: 'x' }, { yihu: 'family', up: 9, of: 9 }, { aheadMs: 5 }]) one.say(message);
    one.line.tell('known');
    await until(async () => heard.length > 0);
    expect([heard, other.line.family().up]).toEqual([['known'], 2]);
  });
});

describe('measures of a whole machine', () => {
  const house = (few: Family, given?: { readonly mute: boolean }): { readonly member: Member; readonly metrics: Metrics; readonly read: () => Promise<string> } => {
    const [member, metrics] = [few.join(given), createMetrics()];
    member.line.answerWith(metrics.own);
    return {
      member, metrics,
      read: async () => {
        const { measures, silent } = await member.line.gather(await metrics.own());
        metrics.gauges.processes.set({ state: 'silent' }, silent);
        return (await metrics.gathered(measures)).metrics();
      },
    };
  };

  it('adds up what each has counted, tells once what all read in the same database, and a part as away that one cannot reach', async () => {
    const few = createFamily(2);
    const [one, other] = [house(few), house(few)];
    one.metrics.meter.count('received', { channel: 'webchat' });
    other.metrics.meter.count('received', { channel: 'webchat' });
    other.metrics.meter.count('received', { channel: 'ivr-twilio' });
    for (const { gauges, meter } of [one.metrics, other.metrics]) {
      gauges.outboxReady.set(7);
      gauges.lanesRunning.set(2);
      meter.time('turn', 0.004);
    }
    one.metrics.gauges.up.set({ part: 'store' }, 1);
    other.metrics.gauges.up.set({ part: 'store' }, 0);
    // Seen there long ago, and by nobody since.
    other.metrics.gauges.queueWaiting.set({ group: 'gone' }, 9);
    const text = await one.read();
    for (const line of ['yihu_received_total{channel="webchat"} 2', 'yihu_received_total{channel="ivr-twilio"} 1', 'yihu_outbox_ready 7', 'yihu_lanes_running 4', 'yihu_stage_seconds_count{stage="turn"} 2', 'yihu_stage_seconds_bucket{le="0.005",stage="turn"} 2', 'yihu_up{part="store"} 0', 'yihu_processes{state="silent"} 0']) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('gone');
  });

  it('goes without a process that is silent, says so, and keeps what it had counted', async () => {
    const few = createFamily(2);
    const [one, silent] = [house(few), house(few, { mute: true })];
    silent.metrics.meter.count('received', { channel: 'webchat' });
    silent.metrics.gauges.lanesRunning.set(5);
    // It answered once, before it fell silent.
    silent.member.say({ yihu: 'answer', id: 999, measures: JSON.parse(JSON.stringify(await silent.metrics.own())) });
    const reading = one.read();
    let text: string | null = null;
    void reading.then((read) => (text = read));
    await until(async () => {
      few.passTime();
      return text !== null;
    });
    for (const line of ['yihu_processes{state="silent"} 1', 'yihu_received_total{channel="webchat"} 1', 'yihu_lanes_running 0']) expect((await reading).split('\n')).toContain(line);
  });

  it('counts on when a process has ended and another took its place: a sum never shrinks', async () => {
    const few = createFamily(2);
    const [one, mortal] = [house(few), house(few)];
    mortal.metrics.meter.count('sent', { channel: 'webchat', status: 'delivered' });
    mortal.metrics.meter.time('turn', 1);
    mortal.metrics.gauges.lanesRunning.set(3);
    await one.read();
    mortal.member.leave();
    const heir = house(few);
    heir.metrics.meter.count('sent', { channel: 'webchat', status: 'delivered' });
    for (let time = 0; time < 2; time += 1) {
      const lines = (await one.read()).split('\n');
      for (const line of ['yihu_sent_total{channel="webchat",status="delivered"} 2', 'yihu_stage_seconds_sum{stage="turn"} 1', 'yihu_lanes_running 0']) expect(lines).toContain(line);
    }
  });
});
