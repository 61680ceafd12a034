import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRowTeller, type RowTeller } from '../../src/http/zones/desk/rows.ts';
import type { ConversationViewShape } from '../../src/http/zones/desk/schemas.ts';
import type { Audience } from '../../src/http/zones/desk/sockets.ts';

function row(id: string, over: Partial<ConversationViewShape> = {}): ConversationViewShape {
  return {
    id, channel: 'webchat', modality: 'text', locale: 'zh-CN', owner: 'bot', seatId: null, seatName: null, handoffReason: null, waitingSince: null, emergency: null, understood: null,
    unread: 0, createdAt: 1, lastInboundAt: 1, lastActivityAt: 1, lastSeq: 1, version: 1, citizen: { id: 'c', phoneMasked: null, nameMasked: null }, enterprise: null, groupId: null, groupName: null, offeredTo: null, position: null, participants: [], transferNote: null, preview: '', ...over,
  };
}

describe('which rows of the lists are told', () => {
  const owners = new Map<string, Partial<ConversationViewShape>>();
  const looks: (readonly string[])[] = [];
  const told: string[] = [];
  const built: string[] = [];
  const audiences: Audience[] = [];
  let hearing: (audience: Audience) => boolean = () => true;
  let moves = 0;
  const failures: unknown[] = [];
  let broken = false;
  let teller: RowTeller;

  beforeEach(() => {
    vi.useFakeTimers();
    owners.clear();
    looks.length = 0;
    told.length = 0;
    built.length = 0;
    audiences.length = 0;
    hearing = () => true;
    moves = 0;
    failures.length = 0;
    broken = false;
    teller = createRowTeller({
      look: async (ids) => {
        looks.push(ids);
        if (broken) throw new Error('no store');
        return ids.map((id) => row(id, owners.get(id)));
      },
      views: async (ids) => {
        built.push(...ids);
        return ids.map((id) => row(id, owners.get(id)));
      },
      hears: (audience) => hearing(audience),
      tell: (view, audience) => {
        told.push(`${view.id} ${view.owner}`);
        audiences.push(audience);
      },
      moved: () => void (moves += 1),
      failed: (error) => failures.push(error),
      pauseMs: 100,
    });
  });
  afterEach(() => {
    teller.stop();
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('the first change at once, those of a moment together', async () => {
    teller.changed('a');
    await pass(0);
    expect(told).toEqual(['a bot']);
    for (let n = 0; n < 5; n += 1) teller.changed('b');
    teller.changed('c');
    await pass(99);
    expect(looks).toEqual([['a']]);
    await pass(1);
    expect(looks).toEqual([['a'], ['b', 'c']]);
  });

  it('every row that a seat has to see, but only the newest few of the bot', async () => {
    teller.changed('first');
    for (let n = 0; n < 40; n += 1) {
      if (n % 2 === 0) owners.set(`c${n}`, { owner: 'waiting' });
      teller.changed(`c${n}`);
    }
    await pass(100);
    expect(told.filter((line) => line.endsWith('waiting'))).toHaveLength(20);
    expect(told.filter((line) => line.endsWith('bot'))).toEqual(['first bot', ...[21, 23, 25, 27, 29, 31, 33, 35, 37, 39].map((n) => `c${n} bot`)]);
  });

  it('a row that leaves the lists is told, however many others there are', async () => {
    owners.set('w', { owner: 'waiting' });
    teller.changed('w');
    await pass(0);
    owners.set('w', { owner: 'bot' });
    teller.changed('w');
    for (let n = 0; n < 50; n += 1) teller.changed(`c${n}`);
    await pass(100);
    expect(told).toContain('w bot');
  });

  it('a storm is looked at in portions', async () => {
    for (let n = 0; n < 450; n += 1) teller.changed(`c${n}`);
    await pass(1_000);
    expect(looks.map((ids) => ids.length)).toEqual([1, 200, 200, 49]);
  });

  it('a look that fails is reported and does not end the telling', async () => {
    broken = true;
    teller.changed('a');
    await pass(0);
    expect(failures).toHaveLength(1);
    broken = false;
    teller.changed('b');
    await pass(100);
    expect(told).toEqual(['b bot']);
  });

  it('what a seat has concerns that seat, those who look, and no one else', async () => {
    owners.set('a', { owner: 'human', seatId: 's1' });
    teller.changed('a');
    await pass(0);
    expect(audiences.at(-1)).toEqual({ everybody: false, seatIds: ['s1'], conversationId: 'a', views: ['human', 'bot', 'closed'] });
    teller.changed('a');
    await pass(100);
    expect(audiences.at(-1)).toEqual({ everybody: false, seatIds: ['s1'], conversationId: 'a', views: ['human'] });
    owners.set('a', { owner: 'human', seatId: 's2' });
    teller.changed('a');
    await pass(100);
    expect(audiences.at(-1)?.seatIds).toEqual(['s2', 's1']);
    owners.set('a', { owner: 'closed' });
    teller.changed('a');
    await pass(100);
    expect(audiences.at(-1)).toMatchObject({ everybody: false, seatIds: ['s2'], views: ['closed', 'human'] });
  });

  it('who waits or is in need is everybody’s, and so is its end', async () => {
    owners.set('w', { owner: 'waiting' });
    teller.changed('w');
    await pass(0);
    owners.set('w', { owner: 'human', seatId: 's1' });
    teller.changed('w');
    await pass(100);
    owners.set('w', { owner: 'human', seatId: 's1', emergency: { category: 'fire', words: ['起火'], at: 1 } });
    teller.changed('w');
    await pass(100);
    owners.set('w', { owner: 'human', seatId: 's1' });
    teller.changed('w');
    await pass(100);
    teller.changed('w');
    await pass(100);
    expect(audiences.map(({ everybody }) => everybody)).toEqual([true, true, true, true, false]);
  });

  it('builds nothing that nobody would hear', async () => {
    hearing = () => false;
    teller.changed('a');
    await pass(0);
    expect([looks, built, told]).toEqual([[['a']], [], []]);
  });

  it('says when lists have changed their length', async () => {
    teller.changed('a');
    await pass(0);
    expect(moves).toBe(0);
    owners.set('a', { owner: 'waiting' });
    teller.changed('a');
    await pass(100);
    expect(moves).toBe(1);
    teller.changed('a');
    await pass(100);
    expect(moves).toBe(1);
    owners.delete('a');
    teller.changed('a');
    await pass(100);
    expect(moves).toBe(2);
  });
});
