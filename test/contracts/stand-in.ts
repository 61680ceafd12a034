import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A peer's API on a free local port that answers in one way whatever is asked, and keeps what it was sent. */
export interface StandIn {
  readonly base: string;
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

export type StandInManner = 'well' | 'nonsense' | 'error-500' | 'hangs-up';

const WELL = JSON.stringify({ errcode: 0, errmsg: 'ok', access_token: 'stand-in-token', expires_in: 7200, msgid: 1, status: 'ok' });

export async function startStandIn(manner: StandInManner): Promise<StandIn> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('utf8'));
      if (manner === 'hangs-up') return void request.socket.destroy();
      if (manner === 'error-500') return void response.writeHead(500, { 'content-type': 'text/plain' }).end('no');
      if (manner === 'nonsense') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>]]>{');
      response.writeHead(200, { 'content-type': 'application/json' }).end(WELL);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
