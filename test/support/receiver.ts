import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a partner's own server does with webhooks: a real one, on a free port. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly got: { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string }[];
  /** How to answer next; 204 when it runs out. A function may do as it likes with the answer. */
  readonly answers: (number | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer } | ((response: ServerResponse) => void))[];
  close(): Promise<void>;
}

export async function openReceiver(port = 0): Promise<Receiver> {
  const got: Receiver['got'] = [];
  const answers: Receiver['answers'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => void (body += text)).on('end', () => {
      got.push({ headers: request.headers, body, path: request.url ?? '' });
      const answer = answers.shift() ?? 204;
      if (typeof answer === 'function') answer(response);
      else if (typeof answer === 'number') response.writeHead(answer).end();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/hook`, port: taken, got, answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
