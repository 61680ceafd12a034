import type { WebSocket } from 'ws';

/** Bytes that may wait in one socket before it is given up: the desk behind it reads everything again. */
const MAX_BUFFERED = 1024 * 1024;

export interface ManagedSocket {
  send(frame: object): void;
}

/** The connected desks and what each of them is looking at. */
export interface SocketSet {
  size(): number;
  add(socket: WebSocket, session: SocketSession): ManagedSocket;
  remove(managed: ManagedSocket): void;
  /** A desk looks at one conversation at a time. */
  watch(managed: ManagedSocket, conversationId: string): void;
  isWatched(conversationId: string): boolean;
  toAll(frame: object): void;
  toWatchers(conversationId: string, frame: object): void;
  /** Closes those of ended sessions. */
  closeWhere(ended: (session: SocketSession) => boolean): void;
  /** Token hashes of the open sockets. */
  sessions(): readonly string[];
  /** Asks every peer for a sign of life and gives up those that gave none since the last time (a laptop that fell asleep). */
  beat(): void;
  closeAll(): void;
}

export interface SocketSession {
  readonly seatId: string;
  readonly tokenHash: string;
}

export function createSocketSet(): SocketSet {
  const sockets = new Map<ManagedSocket, WebSocket>();
  const owners = new Map<ManagedSocket, SocketSession>();
  const silent = new Set<ManagedSocket>();
  const watching = new Map<ManagedSocket, string>();
  const watchers = new Map<string, Set<ManagedSocket>>();

  const put = (managed: ManagedSocket, text: string): void => {
    const socket = sockets.get(managed);
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED) {
      socket.terminate(); // a closing frame would wait behind everything that it does not read
      return;
    }
    socket.send(text);
  };

  const unwatch = (managed: ManagedSocket): void => {
    const current = watching.get(managed);
    if (current === undefined) return;
    watching.delete(managed);
    const set = watchers.get(current);
    set?.delete(managed);
    if (set?.size === 0) watchers.delete(current);
  };

  return {
    size: () => sockets.size,
    add: (socket, session) => {
      const managed: ManagedSocket = { send: (frame) => put(managed, JSON.stringify(frame)) };
      sockets.set(managed, socket);
      owners.set(managed, session);
      socket.on('pong', () => silent.delete(managed));
      socket.on('message', () => silent.delete(managed));
      return managed;
    },
    remove: (managed) => {
      unwatch(managed);
      sockets.delete(managed);
      owners.delete(managed);
      silent.delete(managed);
    },
    watch: (managed, conversationId) => {
      unwatch(managed);
      watching.set(managed, conversationId);
      const set = watchers.get(conversationId) ?? new Set();
      set.add(managed);
      watchers.set(conversationId, set);
    },
    isWatched: (conversationId) => watchers.has(conversationId),
    toAll: (frame) => {
      const text = JSON.stringify(frame);
      for (const managed of sockets.keys()) put(managed, text);
    },
    toWatchers: (conversationId, frame) => {
      const text = JSON.stringify(frame);
      for (const managed of watchers.get(conversationId) ?? []) put(managed, text);
    },
    closeWhere: (ended) => {
      for (const [managed, session] of owners) if (ended(session)) sockets.get(managed)?.close(4401, 'signed out');
    },
    sessions: () => [...new Set([...owners.values()].map((session) => session.tokenHash))],
    beat: () => {
      for (const [managed, socket] of sockets) {
        if (silent.has(managed)) socket.terminate();
        else if (socket.readyState === socket.OPEN) {
          silent.add(managed);
          socket.ping();
        }
      }
    },
    closeAll: () => {
      for (const socket of sockets.values()) socket.close(1001, 'going away');
    },
  };
}
