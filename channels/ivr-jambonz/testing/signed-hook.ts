import { createHmac } from 'node:crypto';
import type { Hook, RawRequest } from '../../../src/channel/contract.ts';
import { createFakePorts } from '../../../test/fakes/ports.ts';
import { channel } from '../index.ts';

/** Hooks as jambonz sends them. That they are signed as jambonz signs is held by the vendor's own verifiers (verify.test.ts). */

export const SECRET = 'wh_secret_not_real_00000001';
export const CALL_SID = '8f0c0000-0000-4000-8000-000000000001';
export const NOW = 1_795_330_800_000;

export function signatureOf(body: string, seconds: number, secret: string = SECRET): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

export function signedHook(url: string, more: Readonly<Record<string, unknown>> = {}, now: number = NOW): RawRequest {
  const body = JSON.stringify({ call_sid: CALL_SID, account_sid: 'made-up', direction: 'inbound', from: '13800138000', to: '12345', call_status: 'in-progress', ...more });
  return { method: 'POST', url, headers: { 'content-type': 'application/json', 'jambonz-signature': signatureOf(body, Math.floor(now / 1000)) }, body: Buffer.from(body) };
}

export async function openHook(which: 'voice' | 'status' = 'voice', env: Readonly<Record<string, string | undefined>> = {}, publicUrl = 'https://gw.example.cn'): Promise<Hook> {
  const opened = await channel.create({ env: { JAMBONZ_WEBHOOK_SECRET: SECRET, ...env }, publicUrl, production: false, ports: createFakePorts({ now: () => NOW }) });
  const hook = opened.hooks?.find(({ path }) => path.endsWith('/status') === (which === 'status'));
  if (hook === undefined) throw new Error(`no ${which} hook`);
  return hook;
}
