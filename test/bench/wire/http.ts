import { connect, type Socket } from 'node:net';

/**
 * HTTP/1.1 by hand, for load: the load maker shares the machine with what it measures, so it must cost little. One
 * keep-alive connection, one request at a time; of an answer only status, length and body are read.
 */

export interface Answer {
  readonly status: number;
  /** A view of what was received; copy it to keep it. */
  readonly body: Buffer;
}

export interface Wire {
  /** Writes one request (head and body as one text) and resolves with its answer. */
  exchange(request: string): Promise<Answer>;
  close(): void;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** Head and body of a request as one text. `head`: request line and headers, each line ended, without Content-Length and the empty line. */
export function requestText(head: string, body: string): string {
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

interface Waiting {
  readonly request: string;
  /** The connection had carried answers before: it may have been closed for being idle while this was written. */
  readonly reused: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Connects at the first exchange, and again after the other side has closed an idle connection, also when it does so at the moment of a request. */
export function createWire(url: string): Wire {
  const { hostname, port } = new URL(url);
  let socket: Socket | null = null;
  let waiting: Waiting | null = null;
  let received: Buffer = NOTHING;

  const fail = (error: Error): void => {
    const pending = waiting;
    const unheard = received.length === 0;
    socket?.destroy();
    socket = null;
    received = NOTHING;
    waiting = null;
    if (pending?.reused === true && unheard) write({ ...pending, reused: false });
    else pending?.reject(error);
  };

  const open = (): Socket => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true });
    opened.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      let read;
      try {
        read = readAnswer(received);
      } catch (error) {
        return fail(error instanceof Error ? error : new Error(String(error)));
      }
      if (read === null || waiting === null) return;
      received = read.rest;
      const { resolve } = waiting;
      waiting = null;
      if (read.last) {
        opened.destroy();
        socket = null;
      }
      resolve(read.answer);
    });
    opened.on('error', (error) => {
      if (socket === opened) fail(error);
    });
    opened.on('close', () => {
      if (socket === opened) fail(new Error('the connection was closed before its answer'));
    });
    return opened;
  };

  const write = (pending: Waiting): void => {
    waiting = pending;
    socket ??= open();
    socket.write(pending.request, 'utf8');
  };

  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        if (waiting !== null) return reject(new Error('one request at a time'));
        write({ request, reused: socket !== null, resolve, reject });
      }),
    close: () => {
      const closing = socket;
      socket = null;
      closing?.destroy();
    },
  };
}

/** The first whole answer of these bytes; null when some are still missing. @throws Error when they are no answer */
export function readAnswer(bytes: Buffer): { readonly answer: Answer; readonly rest: Buffer; readonly last: boolean } | null {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 ')) throw new Error('not an HTTP answer');
  const status = Number(head.slice(9, 12));
  const start = end + END_OF_HEAD.length;
  const last = /\r\nconnection: close/i.test(head);
  const length = contentLength(head, status);
  if (length === null) {
    const chunked = readChunks(bytes, start);
    return chunked === null ? null : { answer: { status, body: chunked.body }, rest: bytes.subarray(chunked.end), last };
  }
  if (bytes.length < start + length) return null;
  return { answer: { status, body: bytes.subarray(start, start + length) }, rest: bytes.length === start + length ? NOTHING : bytes.subarray(start + length), last };
}

/** Null: it comes in chunks. */
function contentLength(head: string, status: number): number | null {
  // Written so by Fastify; other spellings are looked for the slow way.
  const at = head.indexOf('\r\ncontent-length: ');
  if (at !== -1) return Number.parseInt(head.slice(at + 18, at + 30), 10);
  const found = /\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1];
  if (found !== undefined) return Number(found);
  return status === 204 || status === 304 || !/\r\ntransfer-encoding:\s*chunked/i.test(head) ? 0 : null;
}

function readChunks(bytes: Buffer, from: number): { readonly body: Buffer; readonly end: number } | null {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const next = line + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error('a chunk without its size');
    if (bytes.length < next) return null;
    if (size === 0) return { body: Buffer.concat(parts), end: next };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
