import type { RawData } from 'ws';
import type { Activity, Role } from '../../src/domain/activity.ts';
import type { ChannelPorts } from '../../src/channel/contract.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { createRota } from '../../src/channel/rota.ts';
import { encodeSet, encodeTyping, type EncodeContext } from './encode.ts';

/**
 * The WebSocket side: everything after the watermark first, then what is committed, in order and once. The store is
 * the truth: a live activity is sent at once only if it is the next one, else the socket reads on from where it is. What is committed
 * together goes in one frame: each is a write to the network.
 */

/** Close codes; 4xxx are ours (RFC 6455, 7.4.2). Clients may reconnect after any but `collision`. */
export const CLOSE = {
  goingAway: 1001,
  tooBig: 1009,
  internal: 1011,
  collision: 4409,
} as const;

/** Activities read from the store, and sent, at a time. */
const PAGE = 100;
/** Bytes that may wait in a socket before we stop feeding it. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Clients send nothing but empty frames. */
const CLIENT_FRAME_LIMIT = 1024;

export interface StreamOptions {
  readonly ports: ChannelPorts;
  /** Milliseconds between keep-alives; a peer that missed one answer is cut at the next. */
  readonly keepAliveMs: number;
}

/** What the hub needs of a `ws` socket. */
export interface StreamSocket {
  readonly OPEN: number;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string, done?: () => void): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: RawData) => void): unknown;
  on(event: 'pong' | 'error' | 'close', listener: () => void): unknown;
}

export interface StreamHub {
  /** Feeds a socket from `afterSeq` until it closes. An older socket of the same conversation is closed as `collision`. */
  attach(socket: StreamSocket, conversationId: string, afterSeq: number, context: EncodeContext): void;
  /** Gives the sender of a typing sign its echo. */
  echoTyping(conversation: string, channelData: JsonValue | undefined): string;
  /** Open sockets of this process. */
  size(): number;
  stop(): void;
}

interface Session {
  readonly socket: StreamSocket;
  readonly sendTyping: (role: Role, channelData?: JsonValue) => void;
  readonly close: (code: number, reason: string) => void;
  alive: boolean;
}

export function createStreamHub(options: StreamOptions): StreamHub {
  const { ports } = options;
  const sessions = new Map<string, Session>();
  let typingNumber = 0;

  const keptAlive = createRota<Session>(options.keepAliveMs, (members) => {
    for (const session of members) {
      if (!session.alive) {
        session.socket.terminate();
        continue;
      }
      session.alive = false;
      session.socket.ping();
      // Browsers cannot see pings; the empty frame is the protocol's own sign of life.
      if (session.socket.bufferedAmount === 0) session.socket.send('');
    }
  });

  const forget = (conversation: string, session: Session): void => {
    if (sessions.get(conversation) === session) sessions.delete(conversation);
    keptAlive.remove(session);
  };

  return {
    attach: (socket, conversationId, afterSeq, context) => {
      const feeder = createFeeder(socket, conversationId, afterSeq, context, ports);
      const session: Session = {
        socket,
        alive: true,
        sendTyping: (role, channelData) => feeder.frame((watermark) => ({ activities: [encodeTyping(role, (typingNumber += 1), ports.now(), context, channelData)], watermark })),
        close: (code, reason) => {
          feeder.stop();
          socket.close(code, reason);
        },
      };
      sessions.get(context.conversation)?.close(CLOSE.collision, 'collision');
      sessions.set(context.conversation, session);
      keptAlive.add(session);

      const unsubscribe = ports.subscribe(conversationId, (event) => {
        if (event.kind === 'activity') feeder.offer(event.activity);
        else if (event.role !== 'citizen') session.sendTyping(event.role);
      });
      socket.on('pong', () => {
        session.alive = true;
      });
      socket.on('message', (data) => {
        session.alive = true;
        const bytes = Array.isArray(data) ? data.reduce((sum, part) => sum + part.length, 0) : data.byteLength;
        if (bytes > CLIENT_FRAME_LIMIT) session.close(CLOSE.tooBig, 'only empty frames are read here');
      });
      // A broken connection is the client's to mend; `close` follows.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        unsubscribe();
        feeder.stop();
        forget(context.conversation, session);
      });
      feeder.pump();
    },
    echoTyping: (conversation, channelData) => {
      const session = sessions.get(conversation);
      if (session === undefined) typingNumber += 1;
      else session.sendTyping('citizen', channelData);
      return `${conversation}|typing-${typingNumber}`;
    },
    size: () => sessions.size,
    stop: () => {
      for (const session of sessions.values()) session.close(CLOSE.goingAway, 'server stops');
      sessions.clear();
      keptAlive.stop();
    },
  };
}

interface Feeder {
  offer(activity: Activity): void;
  /** Sends a frame that stands outside the order; it is made with the place that the activities have reached. */
  frame(make: (watermark: string) => object): void;
  pump(): void;
  stop(): void;
}

function createFeeder(socket: StreamSocket, conversationId: string, afterSeq: number, context: EncodeContext, ports: ChannelPorts): Feeder {
  let sent = afterSeq;
  /** Offered in this moment, the next ones in order: what a commit tells, it tells in one go. */
  let gathered: Activity[] = [];
  let pumping = false;
  let again = false;
  let stopped = false;

  const canWrite = (): boolean => !stopped && socket.readyState === socket.OPEN;
  const congested = (): boolean => socket.bufferedAmount > HIGH_WATER_BYTES;

  const write = (frame: object): void => {
    // The callback comes when the bytes have left: a socket that was too full goes on from there.
    socket.send(JSON.stringify(frame), () => {
      if (again && canWrite() && !congested()) pump();
    });
  };

  const sendSet = (activities: readonly Activity[]): void => {
    const set = encodeSet(activities, sent, context);
    sent = activities.at(-1)?.seq ?? sent;
    if (set.activities.length > 0) write(set);
  };

  const sendGathered = (): void => {
    const activities = gathered;
    gathered = [];
    if (activities.length > 0 && canWrite()) sendSet(activities);
  };

  const drain = async (): Promise<void> => {
    do {
      again = false;
      for (;;) {
        if (!canWrite()) return;
        if (congested()) {
          again = true;
          return;
        }
        const activities = await ports.history(conversationId, sent, PAGE);
        if (!canWrite()) return;
        if (activities.length > 0) sendSet(activities);
        if (activities.length < PAGE) break;
      }
    } while (again);
  };

  const pump = (): void => {
    if (stopped) return;
    if (pumping) {
      again = true;
      return;
    }
    sendGathered();
    pumping = true;
    drain()
      .catch(() => {
        ports.log.warn({ channel: 'webchat' }, 'stream could not be read');
        stopped = true;
        socket.close(CLOSE.internal, 'try again');
      })
      .finally(() => {
        pumping = false;
        if (again && canWrite() && !congested()) pump();
      });
  };

  return {
    offer: (activity) => {
      const reached = gathered.at(-1)?.seq ?? sent;
      if (activity.seq <= reached) return;
      if (pumping || activity.seq !== reached + 1 || !canWrite() || congested()) return pump();
      gathered.push(activity);
      if (gathered.length === 1) queueMicrotask(sendGathered);
    },
    frame: (make) => {
      sendGathered();
      if (canWrite() && !congested()) write(make(String(sent)));
    },
    pump,
    stop: () => {
      stopped = true;
    },
  };
}
