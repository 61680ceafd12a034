import { afterEach, describe, expect, it } from 'vitest';
import type { News, NewsItem } from '../../src/bus/news.ts';
import { until } from '../support/until.ts';

/** What every way of telling the other nodes must keep. A driver's own test says how to make a node and how to disturb it. */
export interface NewsUnderTest {
  readonly name: string;
  /** A node on the medium that all nodes of one test share. */
  readonly makeNode: (nodeId: string, onTrouble: (code: string) => void) => News;
  /** A node whose server is not there. */
  readonly makeLostNode: (onTrouble: (code: string) => void) => News;
  /** Puts a raw message on the medium, as a stranger could. */
  readonly say: (text: string) => Promise<void>;
  /** A private server may be ended and started again; null where it is shared. */
  readonly outage: { readonly end: () => Promise<void>; readonly start: () => Promise<void> } | null;
}

export function newsContract(driver: NewsUnderTest): void {
  describe(`news contract: ${driver.name}`, () => {
    const nodes: News[] = [];
    const troubles: string[] = [];
    afterEach(async () => {
      for (const node of nodes.splice(0)) await node.stop();
      troubles.length = 0;
    });

    const node = async (id: string): Promise<{ readonly news: News; readonly heard: NewsItem[] }> => {
      const news = driver.makeNode(id, (code) => troubles.push(code));
      nodes.push(news);
      const heard: NewsItem[] = [];
      news.subscribe((items) => heard.push(...items));
      await news.start();
      await until(async () => news.connected());
      return { news, heard };
    };
    const activity = (index: number): NewsItem => ({ kind: 'activity', conversationId: 'c1', activityId: `0192f3a0-0000-7000-8000-${String(index).padStart(12, '0')}` });

    it('tells every other node, in order, and not itself', async () => {
      const [a, b, c] = [await node('a'), await node('b'), await node('c')];
      const items: NewsItem[] = [
        activity(1),
        { kind: 'typing', conversationId: 'c1', role: 'seat' },
        { kind: 'conversation', conversationId: 'c1' },
        { kind: 'ticket', ticketId: 't1', conversationId: null },
        { kind: 'receipt', conversationId: 'c1', activityId: 'a1', status: 'failed', code: 'peer.gone', at: 1_764_000_000_000 },
        { kind: 'emergency', conversationId: 'c1', category: 'fire' },
        { kind: 'turned', activityId: 'a1' },
        { kind: 'work' },
      ];
      for (const item of items) a.news.publish(item);
      await until(async () => b.heard.length === items.length && c.heard.length === items.length);
      expect(b.heard).toEqual(items);
      expect(c.heard).toEqual(items);
      b.news.publish({ kind: 'work' });
      await until(async () => a.heard.length === 1);
      expect(b.heard).toHaveLength(items.length);
    });

    it('carries more than fits one message, all of it and in order', async () => {
      const [a, b] = [await node('a'), await node('b')];
      for (let index = 0; index < 1_000; index += 1) a.news.publish(activity(index));
      await until(async () => b.heard.length === 1_000);
      expect(b.heard).toEqual(Array.from({ length: 1_000 }, (_, index) => activity(index)));
    });

    it('says the same thing of one moment once', async () => {
      const [a, b] = [await node('a'), await node('b')];
      for (let time = 0; time < 50; time += 1) a.news.publish({ kind: 'work' });
      a.news.publish(activity(1));
      await until(async () => b.heard.some((item) => item.kind === 'activity'));
      expect(b.heard).toEqual([{ kind: 'work' }, activity(1)]);
    });

    it('takes nothing from strangers, and of a newer version what it knows', async () => {
      const { heard } = await node('a');
      for (const text of ['', 'no JSON', '[]', '{"from":"x"}', '{"from":"x","items":"y"}', '{"from":1,"items":[{"kind":"work"}]}']) await driver.say(text);
      await driver.say(JSON.stringify({ from: 'newer', items: [{ kind: 'tomorrow' }, { kind: 'activity', conversationId: 7 }, { kind: 'turned', activityId: 'known' }, null] }));
      await until(async () => heard.length > 0);
      expect(heard).toEqual([{ kind: 'turned', activityId: 'known' }]);
    });

    it('one listener that throws takes nothing from the others; one that left hears nothing', async () => {
      const a = await node('a');
      const news = driver.makeNode('b', (code) => troubles.push(code));
      nodes.push(news);
      const [first, last]: [NewsItem[], NewsItem[]] = [[], []];
      const leave = news.subscribe((items) => first.push(...items));
      news.subscribe(() => {
        throw new Error('a broken listener');
      });
      news.subscribe((items) => last.push(...items));
      await news.start();
      await until(async () => news.connected());
      a.news.publish(activity(1));
      await until(async () => last.length === 1);
      expect(first).toHaveLength(1);
      leave();
      a.news.publish(activity(2));
      await until(async () => last.length === 2);
      expect(first).toHaveLength(1);
    });

    it('says what it was told last before it stops', async () => {
      const [a, b] = [await node('a'), await node('b')];
      a.news.publish({ kind: 'turned', activityId: 'last' });
      await a.news.stop();
      a.news.publish({ kind: 'turned', activityId: 'too late' });
      await until(async () => b.heard.length > 0);
      expect(b.heard).toEqual([{ kind: 'turned', activityId: 'last' }]);
    });

    it('starts without its server, takes what it is told and drops it', async () => {
      const lost = driver.makeLostNode((code) => troubles.push(code));
      nodes.push(lost);
      lost.publish({ kind: 'work' });
      await lost.start();
      expect(lost.connected()).toBe(false);
      lost.publish({ kind: 'work' });
      await until(async () => troubles.length > 0);
      await lost.stop();
      lost.publish({ kind: 'work' });
      expect(lost.connected()).toBe(false);
      expect(troubles.length).toBeLessThan(4);
    });

    it.skipIf(driver.outage === null)('hears again when its server is back', async () => {
      const { outage } = driver;
      if (outage === null) return;
      const [a, b] = [await node('a'), await node('b')];
      await outage.end();
      await until(async () => !a.news.connected() && !b.news.connected());
      a.news.publish(activity(1)); // lost, and that is allowed
      await outage.start();
      await until(async () => a.news.connected() && b.news.connected());
      a.news.publish(activity(2));
      await until(async () => b.heard.length > 0);
      expect(b.heard.at(-1)).toEqual(activity(2));
      expect(troubles.length).toBeLessThan(10);
    });
  });
}
