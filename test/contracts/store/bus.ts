import { describe, expect, it } from 'vitest';
import type { OutboxDraft } from '../../../src/store/contract.ts';
import { anOutboxDraft } from '../../factories/index.ts';
import { NOW, type Subject } from './support.ts';

export function busContract(subject: Subject): void {
  const add = (...drafts: readonly Partial<OutboxDraft>[]) => subject().store.write((repos) => repos.outbox.add(drafts.map((draft) => anOutboxDraft(draft))));
  const due = async (lane: string, now: number, limit = 10): Promise<string> => (await subject().store.read((repos) => repos.outbox.due(lane, now, limit))).map((row) => row.id).join(' ');
  const lanes = async (now: number, limit = 10): Promise<string> => (await subject().store.read((repos) => repos.outbox.dueLanes(now, limit))).join(' ');

  describe('outbox', () => {
    it('gives a row back whole', async () => {
      const draft = anOutboxDraft({ id: 'r1', lane: 'send:v1', kind: 'send', payload: { ids: ['a', 'b'], deep: { n: 1.5, none: null } }, availableAt: NOW - 1, blocking: false, now: NOW - 2 });
      await add(draft);
      const [row] = await subject().store.read((repos) => repos.outbox.due('send:v1', NOW, 10));
      const { now, ...rest } = draft;
      expect(row).toEqual({ ...rest, position: row?.position, attempts: 0, state: 'ready', lastError: null, createdAt: now });
      expect(row?.position).toBeGreaterThan(0);
    });

    it('carries a lane in the order of adding', async () => {
      await add({ id: 'r1', lane: 'L' }, { id: 'r2', lane: 'M' }, { id: 'r3', lane: 'L' });
      await add({ id: 'r4', lane: 'L' });
      expect(await due('L', NOW)).toBe('r1 r3 r4');
      expect(await due('L', NOW, 2)).toBe('r1 r3');
      expect(await due('M', NOW)).toBe('r2');
      expect(await due('N', NOW)).toBe('');
      const positions = (await subject().store.read((repos) => repos.outbox.due('L', NOW, 10))).map((row) => row.position);
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    });

    it('stops at a blocking row that is not due, and passes over a timer that is not', async () => {
      await add({ id: 'r1', lane: 'L' }, { id: 'timer', lane: 'L', availableAt: NOW + 100, blocking: false }, { id: 'r2', lane: 'L' }, { id: 'retry', lane: 'L', availableAt: NOW + 50 }, { id: 'r3', lane: 'L' });
      expect(await due('L', NOW)).toBe('r1 r2');
      expect(await due('L', NOW + 50)).toBe('r1 r2 retry r3');
      expect(await due('L', NOW + 100)).toBe('r1 timer r2 retry r3');
    });

    it('names lanes whose head is due, oldest first', async () => {
      await add({ id: 'b1', lane: 'B', availableAt: NOW - 5 }, { id: 'a1', lane: 'A', availableAt: NOW - 9 }, { id: 'a2', lane: 'A' });
      await add({ id: 'c1', lane: 'C', availableAt: NOW + 1 }, { id: 'c2', lane: 'C', availableAt: NOW - 100 });
      await add({ id: 'd1', lane: 'D', availableAt: NOW + 1, blocking: false }, { id: 'd2', lane: 'D', availableAt: NOW });
      expect(await lanes(NOW)).toBe('A B D');
      expect(await lanes(NOW, 2)).toBe('A B');
      // A lane is as old as its head, not as the rows behind it.
      expect(await lanes(NOW + 1)).toBe('A B C D');
      expect(await lanes(NOW - 10)).toBe('');
    });

    it('gives back what it added, as it is stored', async () => {
      const rows = await add({ id: 'r1', lane: 'L', payload: { a: 1 } }, { id: 'r2', lane: 'L' });
      expect(rows).toEqual(await subject().store.read((repos) => repos.outbox.due('L', NOW, 10)));
    });

    it('puts a timer once: the newest time and payload count', async () => {
      const { store } = subject();
      const put = (availableAt: number, token: string) => store.write((repos) => repos.outbox.put(anOutboxDraft({ id: 'timer:c', lane: 'L', kind: 'timer', blocking: false, availableAt, payload: { token } })));
      await put(NOW + 10, 'old');
      await add({ id: 'r1', lane: 'L' });
      await put(NOW + 50, 'new');
      expect(await due('L', NOW + 49)).toBe('r1');
      const rows = await store.read((repos) => repos.outbox.due('L', NOW + 50, 10));
      expect(rows.map((row) => [row.id, row.payload])).toEqual([['timer:c', { token: 'new' }], ['r1', expect.anything()]]);
      await store.write(async (repos) => {
        expect(await repos.outbox.complete('timer:c')).toBe(true);
        await repos.outbox.put(anOutboxDraft({ id: 'timer:c', lane: 'L', blocking: false, availableAt: NOW + 90, payload: { token: 'newer' } }));
      });
      expect(await due('L', NOW + 89)).toBe('r1');
      expect(await due('L', NOW + 90)).toBe('r1 timer:c');
    });

    it('does not name a lane that somebody holds', async () => {
      const { store } = subject();
      await add({ lane: 'A', availableAt: NOW - 1 }, { lane: 'B' });
      const fence = await store.write((repos) => repos.lanes.acquire('A', 'me', NOW, 1000));
      expect(await lanes(NOW)).toBe('B');
      expect(await lanes(NOW + 999)).toBe('B');
      expect(await lanes(NOW + 1000)).toBe('A B');
      await store.write((repos) => repos.lanes.release('A', fence ?? 0));
      expect(await lanes(NOW)).toBe('A B');
    });

    it('says when the next row falls due', async () => {
      const { store } = subject();
      const next = (now: number) => store.read((repos) => repos.outbox.nextDueAt(now));
      expect(await next(NOW)).toBeNull();
      await add({ availableAt: NOW }, { availableAt: NOW + 70, blocking: false }, { availableAt: NOW + 30 });
      expect(await next(NOW - 1)).toBe(NOW);
      expect(await next(NOW)).toBe(NOW + 30);
      expect(await next(NOW + 30)).toBe(NOW + 70);
      expect(await next(NOW + 70)).toBeNull();
    });

    it('completes a row once', async () => {
      const { store } = subject();
      await add({ id: 'r1', lane: 'L' });
      expect(await store.read((repos) => repos.outbox.pending('r1'))).toBe(true);
      const done = await Promise.all([store.write((repos) => repos.outbox.complete('r1')), store.write((repos) => repos.outbox.complete('r1'))]);
      expect(done.toSorted()).toEqual([false, true]);
      expect(await store.read((repos) => repos.outbox.pending('r1'))).toBe(false);
      expect(await due('L', NOW)).toBe('');
    });

    it('keeps a completed row when the write is rolled back', async () => {
      const { store } = subject();
      await add({ id: 'r1', lane: 'L' });
      await expect(
        store.write(async (repos) => {
          expect(await repos.outbox.complete('r1')).toBe(true);
          throw new Error('the effect failed');
        }),
      ).rejects.toThrow('the effect failed');
      expect(await due('L', NOW)).toBe('r1');
    });

    it('reschedules in place: a blocking row holds up those behind it', async () => {
      const { store } = subject();
      await add({ id: 'r1', lane: 'L' }, { id: 'r2', lane: 'L' });
      await store.write((repos) => repos.outbox.reschedule('r1', { attempts: 2, availableAt: NOW + 10, error: 'peer.busy' }));
      expect(await due('L', NOW)).toBe('');
      expect(await lanes(NOW)).toBe('');
      const [row] = await store.read((repos) => repos.outbox.due('L', NOW + 10, 10));
      expect(row).toMatchObject({ id: 'r1', attempts: 2, lastError: 'peer.busy', availableAt: NOW + 10 });
      expect(await due('L', NOW + 10)).toBe('r1 r2');
    });

    it('buries a row that cannot be done, which lets the lane go on, and revives it', async () => {
      const { store } = subject();
      await add({ id: 'r1', lane: 'L' }, { id: 'r2', lane: 'L' }, { id: 'r3', lane: 'L' });
      await store.write((repos) => repos.outbox.bury('r1', 'peer.gone', NOW));
      await store.write((repos) => repos.outbox.bury('r3', 'peer.gone', NOW + 5));
      expect(await due('L', NOW)).toBe('r2');
      expect(await store.read((repos) => repos.outbox.pending('r1'))).toBe(true);
      const dead = await store.read((repos) => repos.outbox.dead(10));
      expect(dead.map((row) => [row.id, row.state, row.lastError])).toEqual([['r3', 'dead', 'peer.gone'], ['r1', 'dead', 'peer.gone']]);
      expect(await store.read((repos) => repos.outbox.dead(1))).toHaveLength(1);
      expect(await store.write((repos) => repos.outbox.revive('r1', NOW + 9))).toBe(true);
      expect(await store.write((repos) => repos.outbox.revive('r1', NOW + 9))).toBe(false);
      expect(await store.write((repos) => repos.outbox.revive('r2', NOW + 9))).toBe(false);
      const [row] = await store.read((repos) => repos.outbox.due('L', NOW + 9, 1));
      expect(row).toMatchObject({ id: 'r1', attempts: 0, state: 'ready', lastError: null, availableAt: NOW + 9 });
    });

    it('cancels the rows of one kind in one lane', async () => {
      const { store } = subject();
      await add({ id: 't1', lane: 'L', kind: 'timer', blocking: false, availableAt: NOW + 9 }, { id: 't2', lane: 'L', kind: 'timer' }, { id: 'x', lane: 'L' }, { id: 't3', lane: 'M', kind: 'timer' }, { id: 't4', lane: 'L', kind: 'timer' });
      await store.write((repos) => repos.outbox.bury('t4', 'dead', NOW));
      expect(await store.write((repos) => repos.outbox.cancel('L', 'timer'))).toBe(2);
      expect(await store.write((repos) => repos.outbox.cancel('L', 'timer'))).toBe(0);
      expect(await due('L', NOW + 9)).toBe('x');
      expect(await due('M', NOW)).toBe('t3');
      expect(await store.read((repos) => repos.outbox.pending('t4'))).toBe(true);
    });

    it('counts', async () => {
      const { store } = subject();
      expect(await store.read((repos) => repos.outbox.counts(NOW))).toEqual({ ready: 0, dead: 0, oldestDueAgeMs: 0, dueLanes: 0, deepestLane: 0 });
      await add({ lane: 'A', availableAt: NOW - 40 }, { lane: 'A', availableAt: NOW - 10 }, { lane: 'B', availableAt: NOW + 10 }, { lane: 'C', availableAt: NOW }, { id: 'gone', lane: 'D', availableAt: NOW - 99 });
      await store.write((repos) => repos.outbox.bury('gone', 'x', NOW));
      expect(await store.read((repos) => repos.outbox.counts(NOW))).toEqual({ ready: 4, dead: 1, oldestDueAgeMs: 40, dueLanes: 2, deepestLane: 2 });
    });

    it('hastens rows of a lane that wait with a mark, and no others', async () => {
      const { store } = subject();
      await add({ id: 'marked', lane: 'L', availableAt: NOW + 100 }, { id: 'other', lane: 'L', availableAt: NOW + 100 }, { id: 'elsewhere', lane: 'M', availableAt: NOW + 100 });
      await store.write(async (repos) => {
        await repos.outbox.reschedule('marked', { attempts: 1, availableAt: NOW + 500, error: 'quota awaits' });
        await repos.outbox.reschedule('other', { attempts: 1, availableAt: NOW + 500, error: 'busy' });
        await repos.outbox.reschedule('elsewhere', { attempts: 1, availableAt: NOW + 500, error: 'quota awaits' });
      });
      expect(await store.write((repos) => repos.outbox.hasten('L', ' awaits', NOW + 7))).toEqual(['marked']);
      expect(await due('L', NOW + 7)).toBe('marked');
      expect(await due('M', NOW + 7)).toBe('');
    });

    it('knows the newest time of what waits and of what is held', async () => {
      const { store } = subject();
      const newest = () => store.read(async (repos) => [await repos.outbox.newestAt(), await repos.lanes.newestTaken()]);
      expect(await newest()).toEqual([null, null]);
      await add({ id: 'r1', now: NOW + 5 }, { id: 'r2', now: NOW + 3 });
      const fence = await store.write((repos) => repos.lanes.acquire('L', 'me', NOW + 7, 1000));
      expect(await newest()).toEqual([NOW + 5, NOW + 7]);
      await store.write(async (repos) => {
        await repos.outbox.complete('r1');
        await repos.outbox.bury('r2', 'x', NOW);
        await repos.lanes.release('L', fence ?? 0);
      });
      expect(await newest()).toEqual([null, null]);
    });

    it('refuses the same row twice', async () => {
      await add({ id: 'r1' });
      await expect(add({ id: 'r1' })).rejects.toMatchObject({ code: 'store.constraint' });
    });

    it('finds heads among a long backlog', async () => {
      await add(...Array.from({ length: 300 }, (_, index) => ({ lane: `L${index % 7}`, availableAt: NOW - 300 + index })));
      expect(await lanes(NOW, 10)).toBe('L0 L1 L2 L3 L4 L5 L6');
    });
  });

  describe('passing a lane', () => {
    /** Both ways to ask say the same, and who took it lets go again. */
    const passable = (lane: string, now = NOW) =>
      subject().store.write(async (repos) => {
        const free = await repos.lanes.passable(lane, now);
        const fence = await repos.lanes.acquirePassable(lane, 'passer', now, 1000);
        expect(fence !== null).toBe(free);
        if (fence !== null) {
          await repos.lanes.assertFence(lane, fence);
          await repos.lanes.release(lane, fence);
        }
        return free;
      });

    it('is free when nobody holds it and nothing waits in it', async () => {
      expect(await passable('L')).toBe(true);
      await add({ id: 'other', lane: 'M' });
      expect(await passable('L')).toBe(true);
    });

    it('is not while a row is due, or blocks until it is', async () => {
      await add({ id: 'r1', lane: 'L', availableAt: NOW + 500 });
      expect(await passable('L')).toBe(false);
      await subject().store.write((repos) => repos.outbox.complete('r1'));
      expect(await passable('L')).toBe(true);
      await add({ id: 'timer', lane: 'L', availableAt: NOW + 10, blocking: false });
      expect(await passable('L', NOW + 9)).toBe(true);
      expect(await passable('L', NOW + 10)).toBe(false);
    });

    it('is again once what waited is a dead letter', async () => {
      await add({ id: 'r1', lane: 'L' });
      await subject().store.write((repos) => repos.outbox.bury('r1', 'x', NOW));
      expect(await passable('L')).toBe(true);
    });

    it('is not while somebody holds it, and is when the lease is over', async () => {
      const { store } = subject();
      const fence = await store.write((repos) => repos.lanes.acquire('L', 'me', NOW, 1000));
      expect(await passable('L', NOW + 999)).toBe(false);
      expect(await passable('L', NOW + 1000)).toBe(true);
      await store.write((repos) => repos.lanes.release('L', fence ?? 0));
      expect(await passable('L')).toBe(true);
    });

    it('taking it is taking: a fence that grows, and nobody else until the lease is over', async () => {
      const { store } = subject();
      const take = (now: number) => store.write((repos) => repos.lanes.acquirePassable('L', 'me', now, 1000));
      const first = (await take(NOW)) ?? 0;
      expect(await take(NOW + 999)).toBeNull();
      expect(await store.write((repos) => repos.lanes.acquire('L', 'other', NOW + 999, 1000))).toBeNull();
      expect(await take(NOW + 1000)).toBeGreaterThan(first);
    });

    it('nobody takes or fills it before the passing transaction ends', async () => {
      const { store } = subject();
      const order: string[] = [];
      let looked = (): void => {};
      const hasLooked = new Promise<void>((resolve) => (looked = resolve));
      const first = store.write(async (repos) => {
        const free = await repos.lanes.passable('L', NOW);
        looked();
        await repos.gaps.latest(1);
        order.push(`passed ${free}`);
        await repos.outbox.add([anOutboxDraft({ id: 'mine', lane: 'L' })]);
      });
      await hasLooked;
      const second = store.write(async (repos) => {
        order.push(`passed ${await repos.lanes.passable('L', NOW)}`);
      });
      await Promise.all([first, second]);
      expect(order).toEqual(['passed true', 'passed false']);
    });
  });

  describe('lanes', () => {
    const acquire = (lane: string, holder: string, now: number, leaseMs = 100) => subject().store.write((repos) => repos.lanes.acquire(lane, holder, now, leaseMs));

    it('has one holder, and a fence that grows with every taking', async () => {
      const { store } = subject();
      const first = await acquire('L', 'a', NOW);
      expect(first).not.toBeNull();
      expect(await acquire('L', 'b', NOW)).toBeNull();
      expect(await acquire('L', 'a', NOW + 99)).toBeNull();
      const second = await acquire('L', 'b', NOW + 100);
      expect(second).toBeGreaterThan(first ?? 0);
      await store.write((repos) => repos.lanes.release('L', second ?? 0));
      const third = await acquire('L', 'a', NOW + 100);
      expect(third).toBeGreaterThan(second ?? 0);
      // A clock that was set back does not bring an old fence again.
      await store.write((repos) => repos.lanes.release('L', third ?? 0));
      expect(await acquire('L', 'a', NOW - 5000)).toBeGreaterThan(third ?? 0);
    });

    it('gives a lane to one of many', async () => {
      const taken = await Promise.all(Array.from({ length: 10 }, (_, index) => acquire('L', `h${index}`, NOW)));
      expect(taken.filter((fence) => fence !== null)).toHaveLength(1);
    });

    it('claims the due lanes that nobody holds, oldest head first, each once', async () => {
      const { store } = subject();
      const claim = (holder: string, now: number, limit: number) => store.write((repos) => repos.lanes.claimDue(holder, now, 100, limit));
      expect(await claim('a', NOW, 10)).toEqual([]);
      await add(
        { lane: 'third', availableAt: NOW - 1 },
        { lane: 'first', availableAt: NOW - 30 },
        { lane: 'second', availableAt: NOW - 20 },
        { lane: 'later', availableAt: NOW + 50 },
        { lane: 'blocked', availableAt: NOW + 50 },
        { lane: 'blocked', availableAt: NOW - 99 },
        { lane: 'held', availableAt: NOW - 99 },
        { id: 'buried', lane: 'dead', availableAt: NOW - 99 },
      );
      await store.write((repos) => repos.outbox.bury('buried', 'x', NOW));
      expect(await acquire('held', 'b', NOW)).not.toBeNull();
      const older = (await acquire('first', 'b', NOW - 500)) ?? 0;
      const two = await claim('a', NOW, 2);
      expect(two.map(({ lane }) => lane)).toEqual(['first', 'second']);
      expect(two[0]?.fence).toBeGreaterThan(older);
      expect(await claim('b', NOW, 10)).toMatchObject([{ lane: 'third' }]);
      expect(await claim('b', NOW, 10)).toEqual([]);
      // A claim is a lease like any other.
      await store.write((repos) => repos.lanes.assertFence('first', two[0]?.fence ?? 0));
      expect(await acquire('first', 'b', NOW + 99)).toBeNull();
      expect(await store.write((repos) => repos.lanes.renew('second', two[1]?.fence ?? 0, NOW, 100))).toBe(true);
      const again = await claim('b', NOW + 100, 10);
      expect(again.map(({ lane }) => lane).toSorted()).toEqual(['blocked', 'first', 'held', 'later', 'second', 'third']);
      expect(again.find(({ lane }) => lane === 'first')?.fence).toBeGreaterThan(two[0]?.fence ?? 0);
      await expect(store.write((repos) => repos.lanes.assertFence('first', two[0]?.fence ?? 0))).rejects.toMatchObject({ code: 'lane.fenced' });
    });

    it('shares due lanes out among many who ask at once', async () => {
      const { store } = subject();
      await add(...Array.from({ length: 40 }, (_, index) => ({ lane: `L${index}`, availableAt: NOW - index })));
      const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => store.write((repos) => repos.lanes.claimDue(`h${index}`, NOW, 100, 10))));
      const claimed = claims.flat().map(({ lane }) => lane);
      expect(new Set(claimed).size).toBe(claimed.length);
      // Whatever was skipped because somebody looked at it is there for the next who asks.
      const rest = await store.write((repos) => repos.lanes.claimDue('last', NOW, 100, 100));
      expect(new Set([...claimed, ...rest.map(({ lane }) => lane)]).size).toBe(40);
      expect(claimed.length + rest.length).toBe(40);
    });

    it('renews while the fence holds', async () => {
      const { store } = subject();
      const fence = (await acquire('L', 'a', NOW)) ?? 0;
      expect(await store.write((repos) => repos.lanes.renew('L', fence, NOW + 50, 100))).toBe(true);
      expect(await acquire('L', 'b', NOW + 149)).toBeNull();
      const taken = (await acquire('L', 'b', NOW + 150)) ?? 0;
      expect(await store.write((repos) => repos.lanes.renew('L', fence, NOW + 160, 100))).toBe(false);
      await store.write((repos) => repos.lanes.release('L', fence)); // somebody else's by now: nothing happens
      expect(await acquire('L', 'c', NOW + 160)).toBeNull();
      await store.write((repos) => repos.lanes.release('L', taken));
      expect(await store.write((repos) => repos.lanes.renew('L', taken, NOW + 160, 100))).toBe(false);
      expect(await store.write((repos) => repos.lanes.renew('M', 1, NOW, 100))).toBe(false);
    });

    it('does a row under its fence, once, and for nobody else', async () => {
      const { store } = subject();
      await add({ id: 'r1', lane: 'L' });
      const fence = (await acquire('L', 'a', NOW)) ?? 0;
      const done = (given: number, lane = 'L') => store.write((repos) => repos.outbox.completeUnder('r1', lane, given));
      expect(await done(fence - 1)).toBe(false);
      expect(await done(fence, 'M')).toBe(false);
      expect(await store.read((repos) => repos.outbox.pending('r1'))).toBe(true);
      expect(await done(fence)).toBe(true);
      expect(await done(fence)).toBe(false);
      expect(await store.read((repos) => repos.outbox.pending('r1'))).toBe(false);
    });

    it('lets go of a lane in which nothing is due, and only of its own', async () => {
      const { store } = subject();
      const fence = (await acquire('L', 'a', NOW)) ?? 0;
      const free = (given: number, now = NOW) => store.write((repos) => repos.lanes.releaseIdle('L', given, now));
      await add({ id: 'other', lane: 'M' }, { id: 'later', lane: 'L', availableAt: NOW + 10 });
      expect(await free(fence, NOW + 10)).toBe(false);
      expect(await acquire('L', 'b', NOW + 10)).toBeNull();
      expect(await free(fence - 1)).toBe(false);
      expect(await free(fence, NOW + 9)).toBe(true);
      expect(await acquire('L', 'b', NOW + 9)).not.toBeNull();
    });

    it('fences a late writer: nothing of its write remains', async () => {
      const { store } = subject();
      await add({ id: 'row', lane: 'L' });
      const fence = (await acquire('L', 'a', NOW)) ?? 0;
      const effect = (mine: number) =>
        store.write(async (repos) => {
          expect(await repos.outbox.complete('row')).toBe(true);
          await repos.lanes.assertFence('L', mine);
        });
      const next = (await acquire('L', 'b', NOW + 100)) ?? 0;
      await expect(effect(fence)).rejects.toMatchObject({ code: 'lane.fenced', retry: 'conflict' });
      expect(await store.read((repos) => repos.outbox.pending('row'))).toBe(true);
      await effect(next);
      expect(await store.read((repos) => repos.outbox.pending('row'))).toBe(false);
      await expect(store.write((repos) => repos.lanes.assertFence('nobody holds this', 1))).rejects.toMatchObject({ code: 'lane.fenced' });
    });

    it('forgets idle lanes, and still fences who slept through it', async () => {
      const { store } = subject();
      const old = (await acquire('old', 'a', NOW)) ?? 0;
      await acquire('live', 'a', NOW + 900);
      expect(await store.write((repos) => repos.lanes.removeIdle(NOW + 500, 10))).toBe(1);
      const later = (await acquire('old', 'b', NOW + 1000)) ?? 0;
      expect(later).toBeGreaterThan(old);
      await expect(store.write((repos) => repos.lanes.assertFence('old', old))).rejects.toMatchObject({ code: 'lane.fenced' });
      for (const lane of ['x', 'y', 'z']) await acquire(lane, 'a', NOW - 5000);
      expect(await store.write((repos) => repos.lanes.removeIdle(NOW, 2))).toBe(2);
      expect(await store.write((repos) => repos.lanes.removeIdle(NOW, 2))).toBe(1);
    });
  });
}
