import { join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { startChild } from './child.ts';
import { DIRECTLINE_SECRET, startGateway } from './gateway.ts';
import { openLoop } from './load.ts';
import { openConversation } from './peers/webchat.ts';
import { cpuMs, ownCpuMs } from './processor.ts';
import { COLLECTING, conversationIds, forEach, makeDesks, openFilesLimit, settledMegabytes, SIDE_BY_SIDE, type Desk } from './sockets-load.ts';
import { SkippedError, type Bench, type BenchContext, type Figure } from './types.ts';
import { createWire, requestText, type Wire } from './wire/http.ts';
import { openLeanSocket, type LeanSocket } from './wire/websocket.ts';

const Refreshed = Compile(Type.Object({ streamUrl: Type.String() }));
const VAULT_KEY = Buffer.alloc(32, 7);
/** Conversations that seats have: 450 seats who write every quarter of a minute. */
const SEAT_RATE = { perSecond: 30, seconds: 20 } as const;
const BOT_RATE = { perSecond: 200, seconds: 10 } as const;
const PUSH_P99_MS = 50;
/** Wires, databases, standard streams. */
const OTHER_FILES = 300;

interface Chat {
  readonly id: string;
  readonly token: string;
  socket: LeanSocket | null;
  /** Whose words are waited for (`"id":"yihu"`), and who waits. */
  awaited: string;
  arrived: (() => void) | null;
}

/** Many open sockets on one process: what one costs, and how fast words reach them while all are open. */
export const sockets: Bench = {
  name: 'sockets',
  about: 'web chats and desks open at once on one process (--chats, --seats): memory of each beside a bare ws server, p99 of a pushed answer',
  long: true,
  run: async (context) => {
    const { chats, seats } = context.sizes;
    const needed = chats + seats + OTHER_FILES;
    const limit = openFilesLimit();
    if (limit < needed) throw new SkippedError(`${needed} open files are needed, ulimit -n allows ${limit}: raise it (ulimit -Hn, limits.conf) or ask for fewer --chats`);
    context.progress(0, 'a bare ws server');
    const bare = await bareKilobytes(chats);
    return [{ what: 'memory a socket, bare ws server', unit: 'kB', rounds: [bare], note: `${chats.toLocaleString('en')} sockets, garbage collected before and after` }, ...(await gatewayFigures(context, bare))];
  },
};

async function bareKilobytes(count: number): Promise<number> {
  const child = await startChild('./sockets-floor-server.ts', [], ['--expose-gc']);
  const url = child.url.replace('http', 'ws');
  const ignore = { text: () => undefined, closed: () => undefined };
  const open = async (many: number): Promise<readonly LeanSocket[]> => {
    const opened: LeanSocket[] = [];
    await forEach(many, async () => void opened.push(await openLeanSocket(url, ignore)));
    return opened;
  };
  try {
    for (const socket of await open(Math.min(count, 500))) socket.close();
    const before = await settledMegabytes(child.pid);
    const opened = await open(count);
    const after = await settledMegabytes(child.pid);
    for (const socket of opened) socket.close();
    return ((after - before) * 1024) / count;
  } finally {
    await child.stop();
  }
}

async function gatewayFigures(context: BenchContext, bare: number): Promise<readonly Figure[]> {
  const { progress, sizes } = context;
  const dataDir = join(context.folder, 'sockets');
  const desks = await makeDesks(dataDir, VAULT_KEY, sizes.seats);
  const server = await startGateway({ dataDir, env: { VAULT_KEY: VAULT_KEY.toString('base64') }, nodeArguments: COLLECTING });
  const wires = Array.from({ length: SIDE_BY_SIDE }, () => createWire(server.url));
  const free = [...wires];
  const host = new URL(server.url).host;
  const chats: Chat[] = [];
  const deskSockets: LeanSocket[] = [];
  let lost = 0;
  const closed = (): void => void (lost += 1);
  /** `forEach` has no more at once than there are wires. */
  const withWire = async <Result>(use: (wire: Wire) => Promise<Result>): Promise<Result> => {
    const wire = free.pop();
    if (wire === undefined) throw new Error('more at once than wires');
    return use(wire).finally(() => free.push(wire));
  };

  try {
    progress(0.15, 'conversations');
    await forEach(sizes.chats, (index) => withWire(async (wire) => {
      const { conversationId, token } = await openConversation(wire, host, DIRECTLINE_SECRET, `dl_bench_${index}`);
      chats.push({ id: conversationId, token, socket: null, awaited: '', arrived: null });
    }));
    const before = await settledMegabytes(server.pid);
    progress(0.35, 'web chats');
    const openedAt = performance.now();
    await forEach(chats.length, (index) => withWire(async (wire) => {
      const chat = chats[index];
      if (chat !== undefined) chat.socket = await openChat(wire, host, chat, closed);
    }));
    const openedIn = performance.now() - openedAt;
    const withChats = await settledMegabytes(server.pid);
    progress(0.6, 'desks');
    await forEach(desks.length, async (index) => {
      const desk = desks[index];
      if (desk !== undefined) deskSockets[index] = await openLeanSocket(`${server.url.replace('http', 'ws')}/api/desk/live`, { text: () => undefined, closed }, `authorization: Bearer ${desk.token}\r\n`);
    });
    const withDesks = await settledMegabytes(server.pid);

    const cpu = { server: cpuMs(server.pid), maker: ownCpuMs() };
    progress(0.7, "the bot's answers");
    const wireOf = (worker: number): Wire => {
      const wire = wires[worker % wires.length];
      if (wire === undefined) throw new Error('no wire');
      return wire;
    };
    // Seats' conversations are the first ones; the bot answers in the others.
    const withSeat = Math.min(desks.length, Math.floor(chats.length / 2));
    const asking = chats.slice(withSeat);
    let asked = 0;
    const bot = await openLoop({ workers: Math.min(SIDE_BY_SIDE, asking.length), ...BOT_RATE, act: async (worker) => {
      const chat = ownOf(asking, worker, asked);
      asked += 1;
      await ask(wireOf(worker), host, chat, asked);
    } });
    const spent = { server: cpuMs(server.pid) - cpu.server, maker: ownCpuMs() - cpu.maker };
    progress(0.85, "seats' words");
    const seat = await seatWords({ desks, chats: chats.slice(0, withSeat), host, wireOf, ids: conversationIds(dataDir), deskSockets });
    return [
      { what: 'memory a web chat', unit: 'kB', rounds: [((withChats - before) * 1024) / chats.length], note: `${(((withChats - before) * 1024) / chats.length / bare).toFixed(1)} × the bare one; opened at ${Math.round(chats.length / (openedIn / 1000))}/s` },
      { what: "memory a seat's desk", unit: 'kB', rounds: [((withDesks - withChats) * 1024) / desks.length], note: `${desks.length} desks` },
      { what: 'resident with all of them', unit: 'MB', rounds: [withDesks] },
      { what: `bot's answer, p50 at ${BOT_RATE.perSecond}/s`, unit: 'ms', rounds: [bot.p50], note: 'message out to answer in' },
      { what: `bot's answer, p99 at ${BOT_RATE.perSecond}/s`, unit: 'ms', rounds: [bot.p99], budget: { limit: PUSH_P99_MS, kind: 'most' } },
      { what: 'processor time of the server an answer', unit: 'ms', rounds: [spent.server / bot.count], note: `load maker ${(spent.maker / bot.count).toFixed(2)} ms; every desk is told of every change` },
      { what: `seat's words, p50 at ${SEAT_RATE.perSecond}/s`, unit: 'ms', rounds: [seat.p50], note: "seat's request out to citizen's frame in" },
      { what: `seat's words, p99 at ${SEAT_RATE.perSecond}/s`, unit: 'ms', rounds: [seat.p99], budget: { limit: PUSH_P99_MS, kind: 'most' } },
      { what: 'sockets that the gateway closed', unit: '', rounds: [lost], budget: { limit: 0, kind: 'most' } },
    ];
  } finally {
    for (const wire of wires) wire.close();
    for (const socket of [...chats.map((chat) => chat.socket), ...deskSockets]) socket?.close();
    await server.kill();
  }
}

/** With a fresh stream address: one is good for a minute only. */
async function openChat(wire: Wire, host: string, chat: Chat, closed: () => void): Promise<LeanSocket> {
  const { status, body } = await wire.exchange(`GET /v3/directline/conversations/${chat.id}?watermark=0 HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${chat.token}\r\n\r\n`);
  const refreshed: unknown = JSON.parse(body.toString('utf8'));
  if (!Refreshed.Check(refreshed)) throw new Error(`HTTP ${status} and no stream`);
  return openLeanSocket(refreshed.streamUrl, {
    text: (payload) => {
      if (chat.arrived !== null && payload.includes(chat.awaited)) chat.arrived();
    },
    closed,
  });
}

/** Resolves when words of this speaker have come to the chat after `request`. */
async function pushed(wire: Wire, chat: Chat, speaker: string, request: string): Promise<void> {
  const arrived = new Promise<void>((resolve) => {
    chat.awaited = `"id":"${speaker}"`;
    chat.arrived = resolve;
  });
  const { status } = await wire.exchange(request);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  await arrived;
  chat.arrived = null;
}

function ask(wire: Wire, host: string, chat: Chat, turn: number): Promise<void> {
  return pushed(wire, chat, 'yihu', requestText(
    `POST /v3/directline/conversations/${chat.id}/activities HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${chat.token}\r\ncontent-type: application/json\r\n`,
    `{"type":"message","text":"居住证怎么办","from":{"id":"me"},"channelData":{"clientActivityID":"${turn}"}}`,
  ));
}

/** Each seat takes a conversation, looks at it, and writes into it. */
async function seatWords(given: { readonly desks: readonly Desk[]; readonly chats: readonly Chat[]; readonly host: string; readonly wireOf: (worker: number) => Wire; readonly ids: ReadonlyMap<string, string>; readonly deskSockets: readonly LeanSocket[] }): Promise<{ readonly p50: number; readonly p99: number }> {
  const pairs = given.desks.slice(0, given.chats.length).flatMap((desk, index) => {
    const chat = given.chats[index];
    const id = given.ids.get(chat?.id ?? '');
    return chat === undefined || id === undefined ? [] : [{ desk, chat, id }];
  });
  const post = (desk: Desk, path: string, body: string): string => requestText(`POST /api/conversations/${path} HTTP/1.1\r\nhost: ${given.host}\r\nauthorization: Bearer ${desk.token}\r\ncontent-type: application/json\r\n`, body);
  for (const [index, { desk, id }] of pairs.entries()) {
    const { status } = await given.wireOf(0).exchange(post(desk, `${id}/take`, '{}'));
    if (status !== 200) throw new Error(`take: HTTP ${status}`);
    given.deskSockets[index]?.send(JSON.stringify({ type: 'watch', conversationId: id }));
  }
  let written = 0;
  const workers = Math.min(SIDE_BY_SIDE, pairs.length);
  return openLoop({ workers, ...SEAT_RATE, act: async (worker) => {
    const { desk, chat, id } = ownOf(pairs, worker, written);
    written += 1;
    await pushed(given.wireOf(worker), chat, 'seat', post(desk, `${id}/reply`, JSON.stringify({ text: `您好，正在为您查询，请稍等。第${written}次`, clientId: `bench-reply-${written}` })));
  } });
}

/** A worker has its own ones, every sixty-fourth, and goes round them: nobody is used by two at once. */
function ownOf<Item>(items: readonly Item[], worker: number, done: number): Item {
  const workers = Math.min(SIDE_BY_SIDE, items.length);
  const own = Math.floor((items.length - 1 - worker) / workers) + 1;
  const item = items[worker + workers * (Math.floor(done / workers) % own)];
  if (item === undefined) throw new Error('nothing to use');
  return item;
}
