import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';

/** What the stand-ins of call platforms have in common: an API on a local port, what goes on after its answers, and hooks that are signed as the platform does. */

export interface Asked {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  /** JSON. */
  answer(status: number, value: unknown): void;
  /** Breaks the connection instead. */
  cut(): void;
}

export interface CallApi {
  readonly url: string;
  /** What went wrong, in words. */
  readonly faults: readonly string[];
  /** Goes on by itself; a fault of it is kept. */
  begin(name: string, work: () => Promise<void>): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** @param port 0: any that is free */
export async function openCallApi(port: number, serve: (asked: Asked) => void): Promise<CallApi> {
  const faults: string[] = [];
  const running = new Set<Promise<void>>();
  const note = (name: string, error: unknown): void => void faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  const server = createServer((request, response) => {
    read(request)
      .then((body) =>
        serve({
          method: request.method ?? '', path: (request.url ?? '').split('?')[0] ?? '', authorization: request.headers.authorization ?? '', body,
          answer: (status, value) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
          cut: () => void request.socket.destroy(),
        }),
      )
      .catch((error: unknown) => {
        note('api', error);
        response.destroy();
      });
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new TypeError('the stand-in has no port');
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    url: `http://127.0.0.1:${at.port}`,
    faults,
    begin: (name, work) => {
      const run = work().catch((error: unknown) => note(name, error));
      running.add(run);
      void run.finally(() => running.delete(run));
    },
    idle,
    close: async () => {
      await idle();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece)));
  return Buffer.concat(pieces).toString('utf8');
}

export interface SignedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param url the public address of the hook, which the signature covers */
export function twilioForm(token: string, url: string, given: Readonly<Record<string, string | number>>): SignedBody {
  const params = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  return { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'x-twilio-signature': getExpectedTwilioSignature(token, url, params) }, body: new URLSearchParams(params).toString() };
}

export function jambonzJson(secret: string, now: number, given: Readonly<Record<string, string | number>>): SignedBody {
  const body = JSON.stringify(given);
  const time = Math.floor(now / 1000);
  return { headers: { 'content-type': 'application/json', 'jambonz-signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}` }, body };
}

/** Tells a hook of the gateway. @throws Error it did not take it */
export async function tellHook(url: string, { baseUrl, publicUrl }: { readonly baseUrl: string; readonly publicUrl: string }, { headers, body }: SignedBody): Promise<string> {
  const response = await fetch(url.replace(publicUrl, baseUrl), { method: 'POST', headers, body });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`the gateway answered HTTP ${response.status}`);
  return text;
}

/** What an API of that platform is shown. */
export const keyOfApi = (platform: 'twilio' | 'jambonz', { account, secret, apiKey }: { readonly account: string; readonly secret: string; readonly apiKey: string }): string =>
  platform === 'twilio' ? `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}` : `Bearer ${apiKey}`;
