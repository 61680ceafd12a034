import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type WebSocket } from 'ws';
import { removeAtEnd } from '../../support/at-end.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { createFakeDirectLine, type FakeDirectLine, type Reply } from './fake-direct-line.ts';

/** The built pages with both fake servers behind them, on a free port, under a policy without any `unsafe-…`. */

export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'";
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const DIST = join(ROOT, 'dist', 'web');
let built: string | null = null;

/**
 * The folder with the pages: dist/web when nothing was written since `npm run build`, else built by the first who asks in this
 * process and removed when it ends. Nobody writes into it.
 */
export function builtPages(): string {
  if (built !== null) return built;
  if (existsSync(join(DIST, 'index.html')) && !changedSince(statSync(join(DIST, 'index.html')).mtimeMs)) return (built = DIST);
  const folder = mkdtempSync(join(tmpdir(), 'yihu-web-'));
  removeAtEnd(folder);
  // A process of its own: the test runner's NODE_ENV would make it a development build.
  const { NODE_ENV: _ignored, ...env } = process.env;
  execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'src/web/build.ts'), folder], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  built = folder;
  return folder;
}

/** Anything that goes into the pages, or that says how they are made. */
function changedSince(at: number): boolean {
  const newer = (path: string): boolean => statSync(path).mtimeMs > at;
  const within = (folder: string): boolean => readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => newer(join(entry.parentPath, entry.name)));
  return newer(join(ROOT, 'package-lock.json')) || ['web', 'domain'].some((room) => within(join(ROOT, 'src', room)));
}

export interface Site {
  readonly origin: string;
  readonly directLine: FakeDirectLine;
  readonly desk: FakeDesk;
  /** No new connections and no answers, as if the server were gone. */
  goAway(away: boolean): void;
  close(): Promise<void>;
}

export async function openSite(folder: string, desk: FakeDesk = createFakeDesk('administrator', Date.now)): Promise<Site> {
  let directLine: FakeDirectLine | null = null;
  let away = false;
  const sockets = new Set<WebSocket>();

  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const streams = new WebSocketServer({ noServer: true });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (away) {
      request.socket.destroy();
      return;
    }
    const bytes = await bodyOf(request);
    if (path.startsWith('/api/')) {
      const cookie = (request.headers.cookie ?? '').includes('yihu_session=1');
      const reply = desk.handle({ method: request.method ?? 'GET', path, csrf: header(request, 'x-csrf-token'), cookie, body: header(request, 'content-type')?.startsWith('multipart/') === true ? { uploaded: bytes } : jsonOf(bytes) });
      if (path === '/api/session' && request.method === 'POST' && reply.status === 200) response.setHeader('set-cookie', 'yihu_session=1; Path=/; HttpOnly; SameSite=Strict');
      send(response, reply);
    } else if (path.startsWith('/v3/') || path.startsWith('/widget/')) {
      const token = header(request, 'authorization')?.replace(/^Bearer /, '');
      const body = header(request, 'content-type')?.startsWith('multipart/') === true ? uploadOf(bytes) : jsonOf(bytes);
      send(response, directLine?.handle({ method: request.method ?? 'GET', path, token, body }) ?? { status: 503, body: {} });
    } else sendFile(response, path);
  }

  function sendFile(response: ServerResponse, path: string): void {
    const name = path.split('?')[0] ?? '/';
    const file = join(folder, name === '/' ? 'index.html' : name === '/desk' ? 'desk/index.html' : name);
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(readFileSync(file));
  }

  server.on('upgrade', (request, socket, head) => {
    if (away) {
      socket.destroy();
      return;
    }
    streams.handleUpgrade(request, socket, head, (client) => {
      sockets.add(client);
      client.on('close', () => sockets.delete(client));
      const path = request.url ?? '';
      if (path.startsWith('/api/desk/live')) {
        const connection = desk.connect({ message: (text) => client.send(text) });
        client.on('message', (data) => connection.receive(String(data)));
        client.on('close', () => connection.disconnect());
        return;
      }
      const stream = directLine?.openStream(`ws://fake${path}`, { opened: () => undefined, message: (text) => client.send(text), closed: (reason) => client.close(4409, reason) });
      client.on('close', () => stream?.close());
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  directLine = createFakeDirectLine({ now: Date.now, wsOrigin: origin.replace('http', 'ws') });
  return {
    origin,
    directLine,
    desk,
    goAway(now) {
      away = now;
      if (now) for (const socket of sockets) socket.terminate();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      streams.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): Record<string, unknown> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The activity part of an upload, which is one line of JSON. */
function uploadOf(text: string): Record<string, unknown> {
  return jsonOf(/\r\n\r\n(\{.*\})\r\n/.exec(text)?.[1] ?? '');
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(reply.status === 204 ? undefined : JSON.stringify(reply.body));
}
