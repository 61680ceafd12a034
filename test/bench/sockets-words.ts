import { setTimeout as sleep } from 'node:timers/promises';
import { openLoop, type LoadResult } from './load.ts';
import { SIDE_BY_SIDE, type Desk } from './sockets-load.ts';
import { requestText, type Wire } from './wire/http.ts';
import type { LeanSocket } from './wire/websocket.ts';

/** Seats and citizens who talk with each other while everything is open. */

export interface Chat {
  readonly id: string;
  readonly token: string;
  socket: LeanSocket | null;
  /** Whose words are waited for (`"id":"yihu"`), and who waits. */
  awaited: string;
  arrived: (() => void) | null;
}

/** A desk with its socket, and what comes to it. */
export interface OpenDesk extends Desk {
  socket: LeanSocket | null;
  heard: (payload: Buffer) => void;
}

export interface Pair {
  readonly desk: OpenDesk;
  readonly chat: Chat;
  /** The gateway's own id of the conversation. */
  readonly id: string;
}

/** Where requests go. */
export interface Way {
  readonly host: string;
  readonly wireOf: (worker: number) => Wire;
}

/** Seats write in all, each every quarter of a minute. */
export const SEAT_RATE = { perSecond: 30, seconds: 20, warmUpSeconds: 2 } as const;
export const CITIZEN_RATE = { perSecond: 200, seconds: 20, warmUpSeconds: 2 } as const;
/** For what might come twice, or to others. */
const STRAY_MS = 1_500;

export function ask(wire: Wire, host: string, chat: Chat, turn: number): Promise<void> {
  return pushed(wire, chat, 'yihu', citizenPost(host, chat, '居住证怎么办', `${turn}`));
}

/** Each desk takes a conversation and looks at it. */
export async function pairUp(given: { readonly desks: readonly OpenDesk[]; readonly chats: readonly Chat[]; readonly ids: ReadonlyMap<string, string>; readonly way: Way }): Promise<readonly Pair[]> {
  const pairs = given.desks.slice(0, given.chats.length).flatMap((desk, index): Pair[] => {
    const chat = given.chats[index];
    const id = given.ids.get(chat?.id ?? '');
    return chat === undefined || id === undefined ? [] : [{ desk, chat, id }];
  });
  for (const { desk, id } of pairs) {
    const { status } = await given.way.wireOf(0).exchange(deskPost(given.way.host, desk, `${id}/take`, '{}'));
    if (status !== 200) throw new Error(`take: HTTP ${status}`);
    desk.socket?.send(JSON.stringify({ type: 'watch', conversationId: id }));
  }
  return pairs;
}

export function seatWords(pairs: readonly Pair[], { host, wireOf }: Way): Promise<LoadResult> {
  let written = 0;
  return openLoop({ workers: Math.min(SIDE_BY_SIDE, pairs.length), ...SEAT_RATE, act: async (worker) => {
    const { desk, chat, id } = ownOf(pairs, worker, written);
    written += 1;
    await pushed(wireOf(worker), chat, 'seat', deskPost(host, desk, `${id}/reply`, JSON.stringify({ text: `您好，正在为您查询，请稍等。第${written}次`, clientId: `bench-reply-${written}` })));
  } });
}

export interface CitizenWords extends LoadResult {
  /** Those before the measurement with them. */
  readonly written: number;
  /** Never came to the seat that has the conversation. */
  readonly lost: number;
  /** Came to it more than once, or to another desk. */
  readonly doubled: number;
}

/** Citizens write to the seats that have their conversations; each word is marked and counted where it comes out. */
export async function citizenWords(pairs: readonly Pair[], { host, wireOf }: Way): Promise<CitizenWords> {
  const came = new Map<string, number>();
  const strays = { count: 0 };
  const waiting = new Map<string, () => void>();
  for (const { desk, id } of pairs) {
    desk.heard = (payload) => {
      if (!payload.subarray(0, 40).includes('"type":"activity"')) return;
      const text = payload.toString('utf8');
      const mark = /记号([a-z]+)完/.exec(text)?.[1];
      if (mark === undefined) return;
      if (!text.includes(id)) strays.count += 1;
      came.set(mark, (came.get(mark) ?? 0) + 1);
      waiting.get(mark)?.();
    };
  }
  let written = 0;
  const result = await openLoop({ workers: Math.min(SIDE_BY_SIDE, pairs.length), ...CITIZEN_RATE, act: async (worker) => {
    const { chat } = ownOf(pairs, worker, written);
    written += 1;
    const mark = letters(written);
    const arrived = new Promise<void>((resolve) => waiting.set(mark, resolve));
    const { status } = await wireOf(worker).exchange(citizenPost(host, chat, `师傅还在吗，记号${mark}完`, `word-${mark}`));
    if (status !== 200) throw new Error(`HTTP ${status}`);
    await arrived;
    waiting.delete(mark);
  } });
  await sleep(STRAY_MS);
  for (const { desk } of pairs) desk.heard = () => undefined;
  return { ...result, written, lost: written - came.size, doubled: strays.count + [...came.values()].filter((times) => times > 1).length };
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

function citizenPost(host: string, chat: Chat, text: string, key: string): string {
  return requestText(
    `POST /v3/directline/conversations/${chat.id}/activities HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${chat.token}\r\ncontent-type: application/json\r\n`,
    JSON.stringify({ type: 'message', text, from: { id: 'me' }, channelData: { clientActivityID: key } }),
  );
}

function deskPost(host: string, desk: Desk, path: string, body: string): string {
  return requestText(`POST /api/conversations/${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${desk.token}\r\ncontent-type: application/json\r\n`, body);
}

/** A number without digits: those are masked when they look like somebody's. */
function letters(value: number): string {
  return [...String(value)].map((digit) => 'abcdefghij'[Number(digit)] ?? '').join('');
}

/** A worker has its own ones, every sixty-fourth, and goes round them: nobody is used by two at once. */
export function ownOf<Item>(items: readonly Item[], worker: number, done: number): Item {
  const workers = Math.min(SIDE_BY_SIDE, items.length);
  const own = Math.floor((items.length - 1 - worker) / workers) + 1;
  const item = items[worker + workers * (Math.floor(done / workers) % own)];
  if (item === undefined) throw new Error('nothing to use');
  return item;
}
