import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signedHeaders } from '../../src/partners/signature.ts';

/** A linked platform's own server on a free port: it keeps each record once by number and version, and answers as it is told to. */
export type Manner = 'accept' | 'refuse' | 'later' | 'down' | 'unwell' | 'lost';

export interface Peer {
  readonly url: string;
  /** Every record as it came, repetitions too. */
  readonly came: { readonly number: string; readonly version: number; readonly kind: string; readonly body: Record<string, unknown>; readonly signed: boolean }[];
  /** How the next posts are answered; `accept` when it runs out. `lost`: it is kept, and the answer never arrives. */
  readonly manners: Manner[];
  close(): Promise<void>;
}

export async function openPeer(isSigned: (headers: NodeJS.Dict<string | string[]>, body: string) => boolean): Promise<Peer> {
  const came: Peer['came'] = [];
  const manners: Manner[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => void (text += part)).on('end', () => {
      const manner = manners.shift() ?? 'accept';
      if (manner === 'down') return void request.socket.destroy();
      if (manner === 'unwell') return void response.writeHead(503).end();
      const body = JSON.parse(text) as { readonly identity: { readonly ticketNo: string }; readonly version: number; readonly kind: string };
      const before = came.some((one) => one.number === body.identity.ticketNo && one.version === body.version);
      came.push({ number: body.identity.ticketNo, version: body.version, kind: body.kind, body: { ...body }, signed: isSigned(request.headers, text) });
      if (manner === 'lost') return void request.socket.destroy();
      if (manner === 'later') return void response.writeHead(202).end();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(manner === 'refuse' ? { code: '1', message: '字段不全，电话13800138000' } : { code: '0', message: before ? '重复' : '已收' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/exchange`, came, manners,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a peer signs its posts with. */
export const signedBy = (secret: string, body: string, nowMs: number): Readonly<Record<string, string>> => signedHeaders([Buffer.from(secret).toString('base64')], `peer-${nowMs}`, Math.floor(nowMs / 1_000), body);
