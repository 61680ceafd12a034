import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { WebSocket } from 'ws';
import type { Chance } from '../random.ts';
import type { Talk } from '../words.ts';
import { ask, BrokenWord, HASTE, REPEAT, untilAnswered, untilSeen, type FinishedTalk, type World } from '../world.ts';

/**
 * A Direct Line client as the published one is: posts with an id of its own and posts again under the same one, hears by
 * WebSocket, comes back at its watermark when the socket breaks and hears what it missed, polls while it has none.
 */

const TokenShape = Type.Object({ conversationId: Type.String(), token: Type.String() });
const OpenShape = Type.Object({ conversationId: Type.String(), streamUrl: Type.String() });
const IdShape = Type.Object({ id: Type.String() });
const SetShape = Type.Object({
  activities: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), text: Type.Optional(Type.String()), from: Type.Object({ id: Type.String() }) })),
  watermark: Type.Optional(Type.String()),
});
const frames = Compile(SetShape);

/** Longest wait for the socket to bring the rest, ms; then it is read by GET, as a client does that gets no socket. */
const SOCKET_PATIENCE_MS = 3_000;
const RECONNECT_MS = 20;

const placeOf = (id: string): number => Number(id.slice(id.lastIndexOf('|') + 1));

export async function webChat(world: World, talk: Talk, chance: Chance): Promise<FinishedTalk> {
  const { conversationId, token } = await untilAnswered(world, () => ask(`${world.url}/widget/token`, { method: 'POST' }, TokenShape));
  const base = `${world.url}/v3/directline/conversations`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await untilAnswered(world, () => ask(base, { method: 'POST', headers }, TokenShape));
  const here = `${base}/${conversationId}`;
  const read = (watermark: string) => untilAnswered(world, () => ask(`${here}/activities?watermark=${watermark}`, { headers }, SetShape));
  const listener = listen(world, () => untilAnswered(world, () => ask(`${here}?watermark=${listener.watermark()}`, { headers }, OpenShape)));

  let last = '';
  const answered = async (): Promise<boolean> => listener.answeredUpTo() > placeOf(last) || (await read(String(placeOf(last)))).activities.some(({ from }) => from.id === 'yihu');
  for (const text of talk.lines) {
    await world.breathe();
    const body = JSON.stringify({ type: 'message', text, from: { id: 'me' }, channelData: { clientActivityID: randomUUID() } });
    const post = () => untilAnswered(world, () => ask(`${here}/activities`, { method: 'POST', headers, body }, IdShape));
    last = (await post()).id;
    world.count('accepted');
    if (chance.next() < REPEAT) {
      world.count('resent');
      if ((await post()).id !== last) throw new BrokenWord('a repeated web chat message got another id');
      world.count('refused');
    }
    if (chance.next() >= HASTE) await untilSeen(world, answered);
  }
  // The page stays open until the last answer has come, and the socket has the time to bring it.
  await untilSeen(world, answered);
  const end = Math.max(0, ...(await read('')).activities.map(({ id }) => placeOf(id)));
  const limit = performance.now() + SOCKET_PATIENCE_MS;
  while (listener.place() < end && performance.now() < limit) await sleep(5);
  listener.close();
  return {
    ...talk,
    channel: 'webchat',
    address: conversationId,
    heard: async () => {
      // The page is opened again, as the widget does it: a new token for the same conversation, and on from the watermark.
      const resumed = await untilAnswered(world, () => ask(`${world.url}/widget/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) }, TokenShape));
      if (resumed.conversationId !== conversationId) throw new BrokenWord('the page did not find its conversation again');
      headers.authorization = `Bearer ${resumed.token}`;
      listener.take((await read(listener.watermark())).activities);
      return listener.texts;
    },
  };
}

interface Listener {
  /** What the bot said, in the order it came. */
  readonly texts: readonly string[];
  watermark(): string;
  /** Place of the last activity that came, and of the last one of the bot. */
  place(): number;
  answeredUpTo(): number;
  take(activities: readonly { readonly id: string; readonly type: string; readonly text?: string; readonly from: { readonly id: string } }[]): void;
  close(): void;
}

/** Keeps a socket open until told otherwise. Whatever comes twice or out of order is a broken word, told at the next look. */
function listen(world: World, open: () => Promise<{ readonly streamUrl: string }>): Listener {
  const texts: string[] = [];
  let place = 0;
  let answered = 0;
  let watermark = '0';
  let closed = false;
  let broken: BrokenWord | null = null;
  let socket: WebSocket | null = null;
  let connections = 0;

  const take: Listener['take'] = (activities) => {
    for (const { id, type, text, from } of activities) {
      if (type === 'typing') continue;
      const at = placeOf(id);
      if (at <= place) broken = new BrokenWord(`a socket heard place ${at} after place ${place}`);
      place = Math.max(place, at);
      if (from.id !== 'yihu') continue;
      answered = at;
      texts.push(text ?? '');
    }
    watermark = String(place);
    if (broken !== null) throw broken;
  };

  const connect = async (): Promise<void> => {
    const { streamUrl } = await open();
    if (closed) return;
    const current = new WebSocket(streamUrl);
    socket = current;
    await new Promise<void>((resolve) => {
      current.on('open', () => {
        connections += 1;
        if (connections > 1) world.count('reconnected');
      });
      current.on('message', (data) => {
        const frame: unknown = data.toString() === '' ? { activities: [] } : JSON.parse(data.toString());
        // What is still in the pipe of a socket that was given up does not count: the next one starts at the watermark.
        if (current !== socket || closed || !frames.Check(frame)) return;
        try {
          take(frame.activities);
        } catch {
          current.terminate();
        }
      });
      current.on('error', () => current.terminate());
      current.on('close', () => resolve());
    });
  };
  const keep = async (): Promise<void> => {
    while (!closed && broken === null) {
      await connect().catch((error: unknown) => {
        // The run is over, or the token is: then the citizen goes on by polling, and whatever is wrong is seen there.
        closed = true;
        if (error instanceof BrokenWord) broken = error;
      });
      await sleep(RECONNECT_MS);
    }
  };
  void keep();

  return {
    texts,
    watermark: () => watermark,
    place: () => {
      if (broken !== null) throw broken;
      return place;
    },
    answeredUpTo: () => {
      if (broken !== null) throw broken;
      return answered;
    },
    take,
    close: () => {
      closed = true;
      socket?.terminate();
    },
  };
}
