import { readFileSync } from 'node:fs';
import { sms } from 'tencentcloud-sdk-nodejs-sms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../src/channel/contract.ts';
import { startSmsVendor, type SmsVendor } from '../../test/fakes/sms-vendor.ts';
import { readConfig, type TencentConfig } from './config.ts';
import { buildSend, send } from './send.ts';
import { signTc3 } from './sign.ts';

const { env }: { env: Record<string, string> } = JSON.parse(readFileSync(new URL('fixtures/settings.json', import.meta.url), 'utf8'));
const NOW = Date.UTC(2026, 10, 23, 20, 30);
const notification: Notification = { key: '0193590d-0000-7000-8000-000000000001', template: 'progress', text: '', facts: { number: '202611230000018', title: '路灯不亮，已经三天没有人来修了', state: '', department: '', time: '' } };
const PHONE = '+8613800138000';
const sent = (code: string): string => JSON.stringify({ Response: { SendStatusSet: [{ SerialNo: code === 'Ok' ? '2640:1' : '', PhoneNumber: PHONE, Fee: 1, SessionContext: '', Code: code, Message: 'x', IsoCode: 'CN' }], RequestId: 'r' } });

describe('SendSms of Tencent Cloud', () => {
  let vendor: SmsVendor;
  let config: TencentConfig;
  beforeEach(async () => {
    vendor = await startSmsVendor(sent('Ok'));
    const read = readConfig({ ...env, SMS_TENCENT_API_BASE: vendor.base }, false);
    if ('missing' in read) throw new Error('settings');
    config = read;
  });
  afterEach(() => vendor.close());
  const asked = () => vendor.asked.at(-1) ?? expect.fail('nothing was asked');

  it('is the request of the vendor’s own client, and the same signature for its time', async () => {
    const { host } = new URL(vendor.base);
    const client = new sms.v20210111.Client({ credential: { secretId: config.secretId, secretKey: config.secretKey }, region: config.region, profile: { signMethod: 'TC3-HMAC-SHA256', httpProfile: { endpoint: host, protocol: 'http://' } } });
    const ours = buildSend(config, notification, PHONE, NOW) ?? expect.fail('no request');
    await client.SendSms(JSON.parse(ours.body));
    const theirs = asked();
    expect({ method: theirs.method, url: theirs.url, body: JSON.parse(theirs.body) }).toEqual({ method: 'POST', url: '/', body: JSON.parse(ours.body) });
    for (const name of ['x-tc-action', 'x-tc-version', 'x-tc-region', 'content-type']) expect(ours.headers[name], name).toBe(theirs.headers[name]);
    const timestamp = Number(theirs.headers['x-tc-timestamp']);
    expect(signTc3({ hostname: '127.0.0.1', service: '127', secretId: config.secretId, secretKey: config.secretKey, timestamp, body: theirs.body }).authorization).toBe(theirs.headers['authorization']);
  });

  it('dates its signature by UTC and names the key in the session', async () => {
    expect(await send(config, notification, PHONE, NOW)).toEqual({ status: 'delivered', externalId: '2640:1' });
    const { headers, body } = asked();
    expect(headers['authorization']).toMatch(/^TC3-HMAC-SHA256 Credential=testSecretId\/2026-11-23\/sms\/tc3_request, SignedHeaders=content-type;host, Signature=[0-9a-f]{64}$/);
    expect(JSON.parse(body)).toEqual({ PhoneNumberSet: [PHONE], SmsSdkAppId: '1400000000', SignName: '12345热线', TemplateId: '100001', TemplateParamSet: ['202611230000018', '路灯不亮，已经三天没有…'], SessionContext: notification.key });
  });

  it.each([
    ['LimitExceeded.PhoneNumberThirtySecondLimit', 'retry', 'sms.flow_control'], ['InternalError.Timeout', 'retry', 'sms.busy'], ['FailedOperation.PhoneNumberInBlacklist', 'failed', 'sms.blacklist'],
    ['FailedOperation.TemplateIncorrectOrUnapproved', 'failed', 'sms.template'], ['FailedOperation.SignatureIncorrectOrUnapproved', 'failed', 'sms.signature'], ['InvalidParameterValue.IncorrectPhoneNumber', 'failed', 'sms.number'],
  ])('a call that succeeded can fail for its number: %s', async (code, status, ours) => {
    vendor.answers.push(sent(code));
    expect(await send(config, notification, PHONE, NOW)).toMatchObject({ status, code: `${ours}:${code}` });
  });

  it('tells an error of the whole request, and what nobody knows', async () => {
    vendor.answers.push(JSON.stringify({ Response: { Error: { Code: 'AuthFailure.SignatureFailure', Message: 'x' }, RequestId: 'r' } }), '{"Response":{"SendStatusSet":[],"RequestId":"r"}}', 'cut');
    expect(await send(config, notification, PHONE, NOW)).toEqual({ status: 'failed', code: 'sms.access:AuthFailure.SignatureFailure', fallback: true });
    for (let tries = 0; tries < 2; tries += 1) await expect(send(config, notification, PHONE, NOW)).rejects.toMatchObject({ code: 'sms.no_answer' });
  });
});
