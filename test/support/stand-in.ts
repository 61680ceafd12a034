import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/** Somebody else's HTTP API on a free port, for the length of one test: remembers what it is asked, and answers as it is told. */

export interface AskedOfStandIn {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

/** `cut`: the connection breaks without an answer. */
export type StandInAnswer = 'cut' | { readonly status: number; /** JSON; `{}` unless told. */ readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

export interface ApiStandIn {
  readonly url: string;
  /** Oldest first. */
  readonly asked: readonly AskedOfStandIn[];
}

/** @param answers one after the other; the last one goes for all that follow */
export async function standIn(...answers: readonly [StandInAnswer, ...StandInAnswer[]]): Promise<ApiStandIn> {
  const asked: AskedOfStandIn[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => void (body += piece)).on('end', () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? 'cut';
      asked.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization ?? '', body });
      if (answer === 'cut') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body ?? {}));
    });
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}
