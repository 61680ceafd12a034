import { join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { startChild } from './child.ts';
import { DIRECTLINE_SECRET, startGateway } from './gateway.ts';
import { openLoop } from './load.ts';
import { openConversation } from './peers/webchat.ts';
import { cpuMs, ownCpuMs, residentMegabytes } from './processor.ts';
import { COLLECTING, conversationIds, forEach, makeDesks, openFilesLimit, settledMegabytes, SIDE_BY_SIDE } from './sockets-load.ts';
import { ask, CITIZEN_RATE, citizenWords, ownOf, pairUp, SEAT_RATE, seatWords, type Chat, type OpenDesk } from './sockets-words.ts';
import { SkippedError, type Bench, type BenchContext, type Figure } from './types.ts';
import { createWire, type Wire } from './wire/http.ts';
import { openLeanSocket, type LeanSocket } from './wire/websocket.ts';

const Refreshed = Compile(Type.Object({ streamUrl: Type.String() }));
const VAULT_KEY = Buffer.alloc(32, 7);
const BOT_RATE = { perSecond: 200, seconds: 20, warmUpSeconds: 3 } as const;
const PUSH_P99_MS = 50;
const CITIZEN_P99_MS = 100;
/** Wires, databases, standard streams. */
const OTHER_FILES = 300;

/** Many open sockets on one process: what one costs, and how fast words reach them while all are open. */
export const sockets: Bench = {
  name: 'sockets',
  about: 'web chats and desks open at once on one process (--chats, --seats): memory of each beside a bare ws server, p99 of a pushed answer and from citizen to seat',
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
  const desks = (await makeDesks(dataDir, VAULT_KEY, sizes.seats)).map((desk): OpenDesk => ({ ...desk, socket: null, heard: () => undefined }));
  const server = await startGateway({ dataDir, env: { VAULT_KEY: VAULT_KEY.toString('base64') }, nodeArguments: COLLECTING });
  const wires = Array.from({ length: SIDE_BY_SIDE }, () => createWire(server.url));
  const free = [...wires];
  const host = new URL(server.url).host;
  const chats: Chat[] = [];
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
      if (desk !== undefined) desk.socket = await openLeanSocket(`${server.url.replace('http', 'ws')}/api/desk/live`, { text: (payload) => desk.heard(payload), closed }, `authorization: Bearer ${desk.token}\r\n`);
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
    progress(0.8, "seats' words");
    const way = { host, wireOf };
    const pairs = await pairUp({ desks, chats: chats.slice(0, withSeat), ids: conversationIds(dataDir), way });
    const seat = await seatWords(pairs, way);
    progress(0.9, "citizens' words");
    const cpuBefore = cpuMs(server.pid);
    const words = await citizenWords(pairs, way);
    const wordCpu = (cpuMs(server.pid) - cpuBefore) / words.written;
    return [
      { what: 'memory a web chat', unit: 'kB', rounds: [((withChats - before) * 1024) / chats.length], note: `${(((withChats - before) * 1024) / chats.length / bare).toFixed(1)} × the bare one; opened at ${Math.round(chats.length / (openedIn / 1000))}/s` },
      { what: "memory a seat's desk", unit: 'kB', rounds: [((withDesks - withChats) * 1024) / desks.length], note: `${desks.length} desks` },
      { what: 'resident with all of them', unit: 'MB', rounds: [withDesks] },
      { what: `bot's answer, p50 at ${BOT_RATE.perSecond}/s`, unit: 'ms', rounds: [bot.p50], note: 'message out to answer in' },
      { what: `bot's answer, p99 at ${BOT_RATE.perSecond}/s`, unit: 'ms', rounds: [bot.p99], budget: { limit: PUSH_P99_MS, kind: 'most' } },
      { what: 'processor time of the server an answer', unit: 'ms', rounds: [spent.server / asked], note: `load maker ${(spent.maker / asked).toFixed(2)} ms` },
      { what: `seat's words, p50 at ${SEAT_RATE.perSecond}/s`, unit: 'ms', rounds: [seat.p50], note: "seat's request out to citizen's frame in" },
      { what: `seat's words, p99 at ${SEAT_RATE.perSecond}/s`, unit: 'ms', rounds: [seat.p99], budget: { limit: PUSH_P99_MS, kind: 'most' } },
      { what: `citizen to seat, p50 at ${CITIZEN_RATE.perSecond}/s`, unit: 'ms', rounds: [words.p50], note: `${words.count.toLocaleString('en')} words to ${pairs.length} seats` },
      { what: `citizen to seat, p99 at ${CITIZEN_RATE.perSecond}/s`, unit: 'ms', rounds: [words.p99], budget: { limit: CITIZEN_P99_MS, kind: 'most' }, note: 'request out to frame at the desk that has the conversation' },
      { what: 'processor time of the server a word', unit: 'ms', rounds: [wordCpu] },
      { what: 'words lost', unit: '', rounds: [words.lost], budget: { limit: 0, kind: 'most' } },
      { what: 'words doubled, or at another desk', unit: '', rounds: [words.doubled], budget: { limit: 0, kind: 'most' } },
      { what: 'resident at the end', unit: 'MB', rounds: [residentMegabytes(server.pid)] },
      { what: 'sockets that the gateway closed', unit: '', rounds: [lost], budget: { limit: 0, kind: 'most' } },
    ];
  } finally {
    for (const wire of wires) wire.close();
    for (const { socket } of [...chats, ...desks]) socket?.close();
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
