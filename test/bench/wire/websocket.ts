import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/**
 * The client's side of a WebSocket by hand (RFC 6455), as cheap as ten thousand of them on half a machine need it: the
 * handshake, frames in, pongs out. Nothing is compressed, and nothing but pongs and empty texts is ever sent.
 */

export interface Listener {
  /** A whole text; a view of what was received. */
  text(payload: Buffer): void;
  /** The other side, or the network, has ended it. */
  closed(): void;
}

export interface LeanSocket {
  /** True until either side closes. */
  readonly open: boolean;
  /** A text of at most 125 bytes. */
  send(text: string): void;
  close(): void;
}

const KEY = Buffer.from('yihu bench nonce').toString('base64');
const ACCEPTED = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const NOTHING = Buffer.alloc(0);
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Opens a socket; rejects when the other side does not upgrade. `headers`: whole lines, each ended. */
export function openLeanSocket(url: string, listener: Listener, headers = ''): Promise<LeanSocket> {
  const { hostname, port, host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    let upgraded = false;
    let received: Buffer = NOTHING;
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const lean: LeanSocket = {
      get open() {
        return upgraded && !socket.destroyed;
      },
      send: (text) => void socket.write(clientFrame(TEXT, Buffer.from(text))),
      close: () => {
        upgraded = false;
        socket.destroy();
      },
    };
    const refuse = (why: string): void => {
      socket.destroy();
      reject(new Error(`no WebSocket: ${why}`));
    };
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: ${KEY}\r\nsec-websocket-version: 13\r\n${headers}\r\n`);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (!upgraded) {
        const end = received.indexOf('\r\n\r\n');
        if (end === -1) return;
        const head = received.toString('latin1', 0, end);
        if (!head.startsWith('HTTP/1.1 101') || !head.includes(ACCEPTED)) return refuse(head.slice(0, head.indexOf('\r\n')));
        upgraded = true;
        received = received.subarray(end + 4);
        resolve(lean);
      }
      received = readFrames(received, (opcode, payload) => {
        if (opcode === TEXT) listener.text(payload);
        else if (opcode === PING) socket.write(clientFrame(PONG, payload));
        else if (opcode === CLOSE) socket.end();
      });
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!upgraded) return reject(new Error('no WebSocket: the connection was closed'));
      upgraded = false;
      listener.closed();
    });
  });
}

/** Hands over the whole frames at the beginning of `bytes`, and returns what is left. A server neither masks nor, here, fragments. */
export function readFrames(bytes: Buffer, take: (opcode: number, payload: Buffer) => void): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length - at < head) break;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    if (bytes.length - at < head + length) break;
    take((bytes[at] ?? 0) & 0x0f, bytes.subarray(at + head, at + head + length));
    at += head + length;
  }
  return at === bytes.length ? NOTHING : bytes.subarray(at);
}

/** A client must mask; by zeros the payload stays as it is. */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(6 + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | payload.length;
  payload.copy(frame, 6);
  return frame;
}
