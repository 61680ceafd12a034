import type { WebSocket } from 'ws';

/** Bytes that may wait in one socket before it is given up: the desk behind it reads everything again. */
const MAX_BUFFERED = 1024 * 1024;

export interface ManagedSocket {
  send(frame: object): void;
}

/** A list that a desk shows only while its seat looks at it; waiting conversations and one's own are told without asking. */
export type ListView = 'bot' | 'human' | 'closed';

/** Who has to hear of a conversation's row. */
export interface Audience {
  readonly everybody: boolean;
  readonly seatIds: readonly string[];
  /** Those who look at it. */
  readonly conversationId: string;
  /** Those who look at one of these lists. */
  readonly views: readonly ListView[];
}

/** The connected desks and what each of them is looking at. */
export interface SocketSet {
  size(): number;
  add(socket: WebSocket, session: SocketSession): ManagedSocket;
  remove(managed: ManagedSocket): void;
  /** A desk looks at one conversation at a time. */
  watch(managed: ManagedSocket, conversationId: string): void;
  isWatched(conversationId: string): boolean;
  /** Conversations that anybody looks at. */
  watched(): Iterable<string>;
  /** Which list the desk shows; null: none but its own. */
  show(managed: ManagedSocket, view: ListView | null): void;
  toAll(frame: object): void;
  /** Is anybody there who would hear it? */
  hears(audience: Audience): boolean;
  toAudience(audience: Audience, frame: object): void;
  toWatchers(conversationId: string, frame: object): void;
  /** Closes those of ended sessions. */
  closeWhere(ended: (session: SocketSession) => boolean): void;
  /** Token hashes of these sockets. */
  sessions(members: readonly ManagedSocket[]): readonly string[];
  /** Asks these peers for a sign of life and gives up those that gave none since the last time (a laptop that fell asleep). */
  beat(members: readonly ManagedSocket[]): void;
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
  const seats = new Map<string, Set<ManagedSocket>>();
  const viewers: Readonly<Record<ListView, Set<ManagedSocket>>> = { bot: new Set(), human: new Set(), closed: new Set() };

  const groupsOf = (audience: Audience): ReadonlySet<ManagedSocket>[] => {
    const groups = [watchers.get(audience.conversationId), ...audience.seatIds.map((id) => seats.get(id)), ...audience.views.map((view) => viewers[view])];
    return groups.filter((group) => group !== undefined);
  };

  const show = (managed: ManagedSocket, view: ListView | null): void => {
    for (const set of Object.values(viewers)) set.delete(managed);
    if (view !== null) viewers[view].add(managed);
  };

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
      seats.set(session.seatId, (seats.get(session.seatId) ?? new Set<ManagedSocket>()).add(managed));
      socket.on('pong', () => silent.delete(managed));
      socket.on('message', () => silent.delete(managed));
      return managed;
    },
    remove: (managed) => {
      unwatch(managed);
      show(managed, null);
      sockets.delete(managed);
      const seatId = owners.get(managed)?.seatId ?? '';
      const own = seats.get(seatId);
      own?.delete(managed);
      if (own?.size === 0) seats.delete(seatId);
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
    watched: () => watchers.keys(),
    show,
    hears: (audience) => (audience.everybody ? sockets.size > 0 : groupsOf(audience).some((group) => group.size > 0)),
    toAudience: (audience, frame) => {
      const text = JSON.stringify(frame);
      if (audience.everybody) for (const managed of sockets.keys()) put(managed, text);
      else for (const managed of new Set(groupsOf(audience).flatMap((group) => [...group]))) put(managed, text);
    },
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
    sessions: (members) => [...new Set(members.flatMap((managed) => owners.get(managed)?.tokenHash ?? []))],
    beat: (members) => {
      for (const managed of members) {
        const socket = sockets.get(managed);
        if (socket === undefined) continue;
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
