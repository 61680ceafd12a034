import { describe, expect, it } from 'vitest';
import { createBoard, type SocketEars } from '../../src/web/board/state.ts';
import { createWords, lasted, percent, rounded } from '../../src/web/board/strings.ts';
import type { BoardPicture } from '../../src/web/shared/board-types.ts';

const PICTURE: BoardPicture = {
  at: 1_000_000,
  storm: null,
  counts: null,
  states: { conversations: { bot: 1, waiting: 2, human: 3 }, groups: [], seats: { online: 1, busy: 0, 'wrap-up': 0, break: 0, away: 0, offline: 0 }, tickets: { byState: { 办理中: 4 }, overdue: 1 } },
};

function aWorld(refused = false) {
  let at = 0;
  const sockets: { readonly ears: SocketEars; closed: boolean }[] = [];
  let calls: { readonly due: number; readonly run: () => void }[] = [];
  const world = { refused };
  const board = createBoard({
    open: (ears) => {
      const socket = { ears, closed: false };
      sockets.push(socket);
      return { close: () => void (socket.closed = true) };
    },
    isRefused: async () => world.refused,
    monotonic: () => at,
    after: (ms, run) => {
      const call = { due: at + ms, run };
      calls.push(call);
      return () => void (calls = calls.filter((other) => other !== call));
    },
    backoff: { next: () => 500, reset: () => {}, attempts: 0 },
  });
  const pass = async (ms: number): Promise<void> => {
    // What was answered meanwhile is thought over first.
    for (let round = 0; round < 5; round += 1) await Promise.resolve();
    const end = at + ms;
    for (;;) {
      const next = calls.filter(({ due }) => due <= end).toSorted((left, right) => left.due - right.due)[0];
      if (next === undefined) break;
      at = Math.max(at, next.due);
      calls = calls.filter((call) => call !== next);
      next.run();
      await Promise.resolve();
      await Promise.resolve();
    }
    at = end;
  };
  const hear = (frame: unknown): void => sockets.at(-1)?.ears.message(JSON.stringify(frame));
  return { board, sockets, pass, hear, world };
}

describe("the wall's connection", () => {
  it('shows what it hears, and lets the time go on in between', async () => {
    const { board, hear, pass } = aWorld();
    board.start();
    expect([board.connection.value, board.picture.value, board.serverNow.value]).toEqual(['connecting', null, null]);
    hear({ type: 'picture', picture: PICTURE });
    expect([board.connection.value, board.picture.value?.states.conversations.waiting, board.serverNow.value]).toEqual(['live', 2, 1_000_000]);
    await pass(3_000);
    expect(board.serverNow.value).toBe(1_003_000);
    hear({ type: 'same', at: 1_004_000 });
    expect(board.serverNow.value).toBe(1_004_000);
    expect(board.picture.value?.at).toBe(1_000_000);
    board.stop();
  });

  it('takes nothing that is no picture', () => {
    const { board, hear } = aWorld();
    board.start();
    for (const frame of [{ type: 'picture' }, { type: 'picture', picture: { ...PICTURE, states: {} } }, { type: 'same' }, 'picture', null]) hear(frame);
    expect([board.connection.value, board.picture.value]).toEqual(['connecting', null]);
    board.stop();
  });

  it('keeps the last picture while the line is cut, says so, and comes back by itself', async () => {
    const { board, sockets, hear, pass } = aWorld();
    board.start();
    hear({ type: 'picture', picture: PICTURE });
    sockets[0]?.ears.closed(1006);
    expect([board.connection.value, board.picture.value?.at]).toEqual(['lost', 1_000_000]);
    await pass(600);
    expect(sockets).toHaveLength(2);
    expect(board.connection.value).toBe('lost');
    hear({ type: 'picture', picture: { ...PICTURE, at: 1_009_000 } });
    expect([board.connection.value, board.serverNow.value]).toEqual(['live', 1_009_000]);
    board.stop();
  });

  it('does not trust a socket that says nothing', async () => {
    const { board, sockets, hear, pass } = aWorld();
    board.start();
    hear({ type: 'picture', picture: PICTURE });
    await pass(15_000);
    expect(board.connection.value).toBe('live');
    await pass(1_600);
    expect(board.connection.value).toBe('lost');
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
    board.stop();
  });

  it('tells a refusal from a server that is away, and asks again', async () => {
    const { board, sockets, pass, hear, world } = aWorld(true);
    board.start();
    sockets[0]?.ears.closed(1006);
    await pass(0);
    await Promise.resolve();
    expect(board.connection.value).toBe('refused');
    world.refused = false;
    await pass(600);
    hear({ type: 'picture', picture: PICTURE });
    expect(board.connection.value).toBe('live');
    sockets.at(-1)?.ears.closed(4401);
    await Promise.resolve();
    expect(board.connection.value).toBe('refused');
    board.stop();
  });

  it('stops for good', async () => {
    const { board, sockets, pass } = aWorld();
    board.start();
    board.stop();
    await pass(60_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]?.closed).toBe(true);
  });
});

describe("the wall's words", () => {
  it('never round a rate up to its target', () => {
    expect([percent(0.9499), percent(0.95), percent(1), rounded(0.95), rounded(0.925)]).toEqual(['94.9%', '95.0%', '100.0%', '95%', '92.5%']);
  });

  it('tell how long somebody waits, in both languages', () => {
    expect([lasted(45_000, 'zh-CN'), lasted(185_000, 'zh-CN'), lasted(3_720_000, 'zh-CN'), lasted(-5, 'zh-CN')]).toEqual(['45秒', '3分05秒', '1小时02分', '0秒']);
    expect([lasted(45_000, 'en'), lasted(185_000, 'en'), lasted(3_720_000, 'en')]).toEqual(['45 s', '3 m 05 s', '1 h 02 m']);
    expect(createWords('en')('target', { value: '95%' })).toBe('target 95%');
  });
});
