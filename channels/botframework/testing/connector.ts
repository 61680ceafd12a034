import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { JsonObject } from '../../../src/domain/json.ts';

/**
 * Microsoft's side on a free local port: the keys of its tokens, the login server, and the Bot Connector to which a bot sends.
 * Its own key is made anew each time; the fixtures' tokens are signed by one whose private half nobody has.
 */
export interface Connector {
  readonly base: string;
  /** Settings of a gateway that talks to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Activities that were sent to a conversation, oldest first. */
  readonly sent: readonly Sent[];
  /** How often a token was asked for. */
  readonly logins: () => number;
  /** `Authorization` of the Bot Connector. */
  authorization(change?: { readonly claims?: JsonObject; readonly kid?: string; readonly key?: KeyObject }): string;
  /** The next sends are answered so. */
  answerNext(status: number, headers?: Readonly<Record<string, string>>, body?: string): void;
  /** Called for every activity that is sent. Returns the unsubscribe. */
  onSent(listener: (sent: Sent) => void): () => void;
  close(): Promise<void>;
}

export interface Sent {
  readonly path: string;
  readonly authorization: string;
  readonly activity: JsonObject;
}

export const APP_ID = '00000000-0000-4000-8000-000000000123';
export const SERVICE_URL = 'https://connector.example/teams/';
const ISSUER = 'https://api.botframework.com';
const KID = 'stand-in';

export async function createConnector({ port = 0, serviceUrl = SERVICE_URL }: { readonly port?: number; readonly serviceUrl?: string } = {}): Promise<Connector> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const fixtureKeys: { keys: object[] } = JSON.parse(readFileSync(new URL('../fixtures/keys.json', import.meta.url), 'utf8'));
  const keys = [...fixtureKeys.keys, { ...publicKey.export({ format: 'jwk' }), kid: KID, use: 'sig', endorsements: ['msteams', 'directline', 'telegram', 'webchat'] }];
  const sent: Sent[] = [];
  const listeners = new Set<(sent: Sent) => void>();
  const answers: { status: number; headers: Readonly<Record<string, string>>; body: string }[] = [];
  let logins = 0;
  let base = '';

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const json = (status: number, value: object, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
      const path = request.url ?? '';
      if (path === '/openid') return json(200, { issuer: ISSUER, jwks_uri: `${base}/keys` });
      if (path === '/keys') return json(200, { keys });
      if (path === '/login/v2.0/.well-known/openid-configuration') return json(200, { jwks_uri: `${base}/keys` });
      if (path === '/login/oauth2/v2.0/token') {
        logins += 1;
        const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
        if (form.get('client_id') !== APP_ID || form.get('grant_type') !== 'client_credentials') return json(401, { error: 'invalid_client' });
        return json(200, { access_token: `stand-in-${logins}-${form.get('scope')}`, expires_in: 3600, token_type: 'Bearer' });
      }
      if (!/^\/v3\/conversations\/[^/]+\/activities(\/[^/]+)?$/.test(path)) return json(404, { error: { code: 'NotFound', message: 'no such call' } });
      const answer = answers.shift();
      if (answer !== undefined) return void response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
      const activity: JsonObject = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const one = { path, authorization: request.headers.authorization ?? '', activity };
      sent.push(one);
      for (const listener of listeners) listener(one);
      return json(201, { id: `sent-${sent.length}` });
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    base,
    env: { MICROSOFT_APP_ID: APP_ID, MICROSOFT_APP_PASSWORD: 'stand-in-password', BOTFRAMEWORK_OPENID_URL: `${base}/openid`, BOTFRAMEWORK_LOGIN_URL: `${base}/login`, BOTFRAMEWORK_API_BASE: base },
    sent,
    logins: () => logins,
    authorization: ({ claims = {}, kid = KID, key = privateKey } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const signed = `${part({ alg: 'RS256', typ: 'JWT', kid })}.${part({ iss: ISSUER, aud: APP_ID, serviceurl: serviceUrl, nbf: now - 60, exp: now + 3600, ...claims })}`;
      return `Bearer ${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
    },
    answerNext: (status, headers = {}, body = '{"error":{"code":"ServiceError","message":"stand-in"}}') => void answers.push({ status, headers, body }),
    onSent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
