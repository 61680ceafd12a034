import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * The WeChat API as a load needs it: grants a token, takes every send, keeps nothing. The simulator's stand-in, which knows quota
 * and errors, keeps every call for tests to look at and costs a turn's worth of time.
 */
export interface WechatApi {
  /** WECHAT_API_BASE of the gateway. */
  readonly url: string;
  close(): Promise<void>;
}

const SEND = 'POST /cgi-bin/message/custom/send';
const TOKEN = 'POST /cgi-bin/stable_token';
const TO_USER = '"touser":"';

/** `onSend` hears each send: whom it is for, and its body (a view; copy it to keep it). */
export async function createWechatApi(onSend: (openid: string, body: Buffer) => void): Promise<WechatApi> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    let received: Buffer = Buffer.alloc(0);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      for (;;) {
        const end = received.indexOf('\r\n\r\n');
        if (end === -1) return;
        const head = received.toString('latin1', 0, end);
        const length = Number(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? '0');
        const from = end + 4;
        if (received.length < from + length) return;
        const body = received.subarray(from, from + length);
        received = received.subarray(from + length);
        if (head.startsWith(SEND)) {
          socket.write(answer('{"errcode":0,"errmsg":"ok"}'));
          const at = body.indexOf(TO_USER) + TO_USER.length;
          onSend(body.toString('latin1', at, body.indexOf('"', at)), body);
        } else if (head.startsWith(TOKEN)) socket.write(answer('{"access_token":"bench-token","expires_in":7200}'));
        else socket.write(answer('{"errcode":40066,"errmsg":"invalid url"}'));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json; encoding=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
