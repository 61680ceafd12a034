import type { WebSocket } from 'ws';

/** Bytes that may wait in one socket before it is given up: the desk behind it reads everything again. */
const MAX_BUFFERED = 1024 * 1024;

export interface ManagedSocket {
  send(frame: object): void;
}

/** The connected desks and what each of them is looking at. */
export interface SocketSet {
  size(): number;
  add(socket: WebSocket): ManagedSocket;
  remove(managed: ManagedSocket): void;
  /** A desk looks at one conversation at a time. */
  watch(managed: ManagedSocket, conversationId: string): void;
  isWatched(conversationId: string): boolean;
  toAll(frame: object): void;
  toWatchers(conversationId: string, frame: object): void;
  closeAll(): void;
}

export function createSocketSet(): SocketSet {
  const sockets = new Map<ManagedSocket, WebSocket>();
  const watching = new Map<ManagedSocket, string>();
  const watchers = new Map<string, Set<ManagedSocket>>();

  const put = (managed: ManagedSocket, text: string): void => {
    const socket = sockets.get(managed);
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED) {
      socket.close(1013, 'too slow');
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
    add: (socket) => {
      const managed: ManagedSocket = { send: (frame) => put(managed, JSON.stringify(frame)) };
      sockets.set(managed, socket);
      return managed;
    },
    remove: (managed) => {
      unwatch(managed);
      sockets.delete(managed);
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
    closeAll: () => {
      for (const socket of sockets.values()) socket.close(1001, 'going away');
    },
  };
}
