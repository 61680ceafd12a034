import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A text message vendor on this machine: remembers what it was asked and answers what it is told. */
export interface SmsVendor {
  readonly base: string;
  readonly asked: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** Next answers; `cut` breaks the connection without one. */
  readonly answers: (string | 'cut')[];
  close(): Promise<void>;
}

export async function startSmsVendor(usual: string): Promise<SmsVendor> {
  const asked: SmsVendor['asked'] = [];
  const answers: SmsVendor['answers'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const answer = answers.shift() ?? usual;
      if (answer === 'cut') response.destroy();
      else response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, asked, answers, close: () => new Promise((resolve) => void server.close(() => resolve())) };
}
