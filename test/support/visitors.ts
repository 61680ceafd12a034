import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { WebSocket } from 'ws';
import { ask, CITY } from './nodes.ts';
import type { RunningServer } from './server.ts';

/** Citizens at web chat and seats at the desk who may hang on any node, and change it. */

const Frame = Type.Object({
  activities: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), text: Type.Optional(Type.String()), from: Type.Object({ id: Type.String() }) })),
});
export type Heard = Static<typeof Frame>['activities'][number];

export interface Visitor {
  /** Address of the conversation. */
  readonly address: string;
  /** Everything that sockets brought, in the order it came, but typing signs. */
  readonly heard: readonly Heard[];
  /** Texts of what others said. */
  answers(): readonly string[];
  /** Hangs on this node from now on, from where it heard last. */
  listen(node: RunningServer): Promise<void>;
  /** Close code of the current socket. */
  readonly closed: Promise<number>;
  say(node: RunningServer, text: string): Promise<void>;
  /** What a client without a socket reads, from the first word. */
  read(node: RunningServer): Promise<readonly Heard[]>;
  leave(): void;
}

const string = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('not a text');
  return value;
};

const MOST_TRIES = 10;

/** Place of an activity in its conversation, from its id. */
export const placeOf = ({ id }: { readonly id: string }): number => Number(id.slice(id.lastIndexOf('|') + 1));

/** Opens a conversation at a node. Hears nothing yet. */
export async function visit(node: RunningServer): Promise<Visitor> {
  const { token } = await ask(`${node.url}/widget/token`, { method: 'POST' });
  const headers = { authorization: `Bearer ${string(token)}`, 'content-type': 'application/json' };
  const { conversationId } = await ask(`${node.url}/v3/directline/conversations`, { method: 'POST', headers, body: '{"locale":"zh-CN"}' });
  const address = string(conversationId);
  const at = (on: RunningServer): string => `${on.url}/v3/directline/conversations/${address}`;
  const heard: Heard[] = [];
  let socket: WebSocket | null = null;
  let closed: Promise<number> = Promise.resolve(0);
  let posts = 0;
  return {
    address, heard,
    get closed() {
      return closed;
    },
    answers: () => heard.filter(({ type, from }) => type === 'message' && from.id !== 'citizen' && !from.id.startsWith('dl_')).map(({ text }) => text ?? ''),
    listen: async (on) => {
      socket?.terminate();
      const { streamUrl } = await ask(`${at(on)}?watermark=${Math.max(0, ...heard.map(placeOf))}`, { headers });
      const { pathname, search } = new URL(string(streamUrl));
      const current = new WebSocket(`${on.url.replace('http', 'ws')}${pathname}${search}`);
      socket = current;
      current.on('error', () => current.terminate());
      current.on('message', (data) => {
        const frame: unknown = String(data) === '' ? null : JSON.parse(String(data));
        if (current === socket && Value.Check(Frame, frame)) heard.push(...frame.activities.filter(({ type }) => type !== 'typing'));
      });
      closed = new Promise((resolve) => void current.once('close', resolve));
      await once(current, 'open');
    },
    say: async (on, text) => {
      posts += 1;
      const init = { method: 'POST', headers, body: JSON.stringify({ type: 'message', text, from: { id: 'citizen' }, channelData: { clientActivityID: `said-${posts}` } }) };
      for (let tries = 1; ; tries += 1) {
        try {
          await ask(`${at(on)}/activities`, init);
          return;
        } catch (error) {
          // A connection that broke: a page sends the same again.
          if (!(error instanceof TypeError) || tries === MOST_TRIES) throw error;
          await sleep(tries * 10);
        }
      }
    },
    read: async (on) => {
      const set = await ask(`${at(on)}/activities?watermark=`, { headers });
      if (!Value.Check(Frame, set)) throw new Error('no set of activities');
      return set.activities;
    },
    leave: () => socket?.terminate(),
  };
}

const DeskFrame = Type.Object({ type: Type.String() });
const Row = Type.Object({ id: Type.String(), channel: Type.String(), owner: Type.String(), preview: Type.String() });
const RowFrame = Type.Object({ conversation: Row });

export interface SeatOnNodes {
  /** Frames of its socket. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Rows of conversations that the socket brought, oldest first. */
  rows(): readonly Static<typeof Row>[];
  waiting(node: RunningServer): Promise<readonly Static<typeof Row>[]>;
  post(node: RunningServer, path: string, body?: object): Promise<void>;
  /** Has the socket bring the words of this conversation; resolves when the node knows. */
  watch(conversationId: string): Promise<void>;
  leave(): void;
}

/** Signs in at one node and hangs the desk's socket on another. Its session counts everywhere. */
export async function sitDown(signIn: RunningServer, listenAt: RunningServer): Promise<SeatOnNodes> {
  const json = { 'content-type': 'application/json' };
  const response = await fetch(`${signIn.url}/api/session`, { method: 'POST', headers: json, body: JSON.stringify({ username: 'admin', password: CITY.adminPassword }) });
  const session: unknown = await response.json();
  if (!Value.Check(Type.Object({ csrf: Type.String() }), session)) throw new Error(`sign-in answered ${response.status}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const headers = { ...json, cookie, 'x-csrf-token': session.csrf };
  const frames: Readonly<Record<string, unknown>>[] = [];
  const socket = new WebSocket(`${listenAt.url.replace('http', 'ws')}/api/desk/live`, { headers: { cookie } });
  socket.on('error', () => socket.terminate());
  socket.on('message', (data) => {
    const frame: unknown = JSON.parse(String(data));
    if (Value.Check(DeskFrame, frame)) frames.push({ ...frame });
  });
  await once(socket, 'open');
  // The list of the bot's conversations: its rows are told to who looks at it.
  socket.send(JSON.stringify({ type: 'view', view: 'bot' }));
  return {
    frames,
    rows: () => frames.flatMap((frame) => (Value.Check(RowFrame, frame) ? [frame.conversation] : [])),
    waiting: async (node) => {
      const { conversations } = await ask(`${node.url}/api/conversations?view=waiting`, { headers });
      if (!Value.Check(Type.Array(Row), conversations)) throw new Error('no rows');
      return conversations;
    },
    post: async (node, path, body = {}) => void (await ask(`${node.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })),
    watch: async (conversationId) => {
      socket.send(JSON.stringify({ type: 'watch', conversationId }));
      // Frames are heard in order.
      socket.ping();
      await once(socket, 'pong');
    },
    leave: () => socket.terminate(),
  };
}
