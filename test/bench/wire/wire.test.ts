import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createWire, readAnswer, requestText } from './http.ts';
import { openLeanSocket, readFrames } from './websocket.ts';

const answer = (text: string): ReturnType<typeof readAnswer> => readAnswer(Buffer.from(text.replaceAll('\n', '\r\n')));

describe('answers of HTTP', () => {
  it('reads one with a length, whatever the spelling, and leaves the next', () => {
    const read = answer('HTTP/1.1 201 Created\nContent-Length: 5\n\nhelloHTTP/1.1');
    expect([read?.answer.status, read?.answer.body.toString(), read?.rest.toString()]).toEqual([201, 'hello', 'HTTP/1.1']);
  });

  it('waits for what is missing', () => {
    expect(answer('HTTP/1.1 200 OK\ncontent-length: 5\n\nhell')).toBeNull();
    expect(answer('HTTP/1.1 200 OK\ncontent-len')).toBeNull();
    expect(answer('HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n5\nhello\n')).toBeNull();
  });

  it('reads chunks, and answers without a body', () => {
    expect(answer('HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n5\nhello\n4\n you\n0\n\n')?.answer.body.toString()).toBe('hello you');
    expect(answer('HTTP/1.1 204 No Content\n\n')?.answer).toMatchObject({ status: 204 });
  });

  it('refuses what is no answer', () => {
    expect(() => answer('SSH-2.0\n\n')).toThrow('not an HTTP answer');
  });

  it('asks a real server again and again, Chinese included, and comes back after it was cut off', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/last') response.setHeader('connection', 'close');
      request.setEncoding('utf8').on('data', (text: string) => response.end(`${request.method}${request.url}${text}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const wire = createWire(url);
    try {
      for (const path of ['/a', '/last', '/b']) {
        const { status, body } = await wire.exchange(requestText(`POST ${path} HTTP/1.1\r\nhost: x\r\n`, '居住证'));
        expect([status, body.toString()]).toEqual([200, `POST${path}居住证`]);
      }
    } finally {
      wire.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('a connection that is closed at the moment of a request', () => {
  it('is made anew once where it was used before; a new one that breaks is an error', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const again = asked.filter((path) => path === request.url).length > 1;
      if (request.url === '/gone' || (request.url === '/idle' && !again)) request.socket.destroy();
      else response.end('heard');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const wire = createWire(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    try {
      for (const path of ['/first', '/idle']) expect((await wire.exchange(requestText(`GET ${path} HTTP/1.1\r\nhost: x\r\n`, ''))).status).toBe(200);
      await expect(wire.exchange(requestText('GET /gone HTTP/1.1\r\nhost: x\r\n', ''))).rejects.toThrow();
      expect(asked).toEqual(['/first', '/idle', '/idle', '/gone', '/gone']);
    } finally {
      wire.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('frames of a WebSocket', () => {
  const frame = (text: string): Buffer => {
    const payload = Buffer.from(text);
    const head = payload.length < 126 ? Buffer.from([0x81, payload.length]) : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
    return Buffer.concat([head, payload]);
  };

  it('is cut anywhere and read whole', () => {
    const texts = ['', 'short', '居'.repeat(200)];
    const bytes = Buffer.concat(texts.map(frame));
    for (let cut = 0; cut <= bytes.length; cut += 7) {
      const seen: string[] = [];
      const take = (opcode: number, payload: Buffer): void => void (opcode === 1 && seen.push(payload.toString()));
      const rest = readFrames(bytes.subarray(0, cut), take);
      readFrames(Buffer.concat([rest, bytes.subarray(cut)]), take);
      expect(seen).toEqual(texts);
    }
  });

  it('talks to a real server: words both ways, pongs, the end', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const address = server.address();
    const heard: string[] = [];
    const events: string[] = [];
    server.on('connection', (socket, request) => {
      events.push(String(request.headers['authorization']));
      socket.on('message', (data) => socket.send(`heard ${data.toString()} ${'长'.repeat(30_000)}`));
      socket.on('pong', (data) => {
        events.push(`pong ${data.toString()}`);
        socket.close(1001);
      });
    });
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (closed = resolve));
    const socket = await openLeanSocket(`ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/path?x=1`, {
      text: (payload) => {
        heard.push(payload.toString().slice(0, 10));
        for (const client of server.clients) client.ping('alive');
      },
      closed: () => closed(),
    }, 'authorization: Bearer x\r\n');
    socket.send('hello');
    await ended;
    expect([heard, events, socket.open]).toEqual([['heard hell'], ['Bearer x', 'pong alive'], false]);
    server.close();
  });

  it('refuses a server that does not upgrade', async () => {
    const server = createServer((_request, response) => void response.writeHead(403).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    await expect(openLeanSocket(`ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`, { text: () => undefined, closed: () => undefined })).rejects.toThrow('403');
    server.close();
  });
});
