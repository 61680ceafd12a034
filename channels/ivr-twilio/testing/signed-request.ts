import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { Channel, Hook, RawRequest } from '../../../src/channel/contract.ts';
import { createFakePorts } from '../../../test/fakes/ports.ts';
import { channel } from '../index.ts';

/** Requests as Twilio sends them, signed by the vendor's own code, so that our verifier never checks itself. */

export const AUTH_TOKEN = 'not-a-real-auth-token-0000000000';
export const ACCOUNT_SID = `AC${'0'.repeat(32)}`;
export const CALL_SID = `CA${'0'.repeat(31)}1`;
export const PUBLIC_URL = 'https://gw.example.cn';

export function formBody(params: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(new URLSearchParams(params).toString());
}

export interface SignOptions {
  readonly publicUrl?: string;
  readonly authToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function signedRequest(url: string, params: Readonly<Record<string, string>>, options: SignOptions = {}): RawRequest {
  const signature = getExpectedTwilioSignature(options.authToken ?? AUTH_TOKEN, (options.publicUrl ?? PUBLIC_URL) + url, { ...params });
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'x-twilio-signature': signature, ...options.headers },
    body: formBody(params),
  };
}

export const callParams = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  AccountSid: ACCOUNT_SID,
  ApiVersion: '2010-04-01',
  CallSid: CALL_SID,
  CallStatus: 'in-progress',
  Direction: 'inbound',
  From: '+8613800138000',
  To: '+8676900012345',
  ...more,
});

export async function openChannel(env: Readonly<Record<string, string | undefined>> = {}, publicUrl: string = PUBLIC_URL): Promise<Channel> {
  return channel.create({
    env: { TWILIO_AUTH_TOKEN: AUTH_TOKEN, ...env },
    publicUrl,
    production: false,
    ports: createFakePorts({ now: () => 0 }),
  });
}

export async function openHook(which: 'voice' | 'status', env: Readonly<Record<string, string | undefined>> = {}, publicUrl: string = PUBLIC_URL): Promise<Hook> {
  const opened = await openChannel(env, publicUrl);
  const hook = opened.hooks?.find(({ path }) => path.endsWith(`/${which}`));
  if (hook === undefined) throw new Error(`no ${which} hook`);
  return hook;
}
