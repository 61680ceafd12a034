import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../src/channel/contract.ts';
import { startSmsVendor, type SmsVendor } from '../../test/fakes/sms-vendor.ts';
import { readConfig, type AliyunConfig } from './config.ts';
import { buildSend, send } from './send.ts';
import { signAcs3 } from './sign.ts';

/** CommonJS with a default export, which tools take in two ways. */
const dysms: typeof import('@alicloud/dysmsapi20170525') = createRequire(import.meta.url)('@alicloud/dysmsapi20170525');
const { env }: { env: Record<string, string> } = JSON.parse(readFileSync(new URL('fixtures/settings.json', import.meta.url), 'utf8'));
const NOW = Date.UTC(2026, 10, 23, 2);
const notification: Notification = { key: '0193590d-0000-7000-8000-000000000001', template: 'progress', text: '', facts: { number: '202611230000018', title: '路灯不亮，(三天)了!*~', state: '已派给市城管局，等待签收', department: '市城管局', time: '11月23日 10:00' } };
const PHONE = '+8613800138000';
const OK = JSON.stringify({ Code: 'OK', Message: 'OK', BizId: '932702304080415357^0', RequestId: 'r' });

describe('SendSms of Aliyun', () => {
  let vendor: SmsVendor;
  let config: AliyunConfig;
  beforeEach(async () => {
    vendor = await startSmsVendor(OK);
    const read = readConfig({ ...env, SMS_ALIYUN_API_BASE: vendor.base }, false);
    if ('missing' in read) throw new Error('settings');
    config = read;
  });
  afterEach(() => vendor.close());
  const asked = () => vendor.asked.at(-1) ?? expect.fail('nothing was asked');
  const of = (headers: Readonly<Record<string, string | string[] | undefined>>, name: string): string => String(headers[name] ?? '');

  it('is the request of the vendor’s own client, and the same signature for its time and nonce', async () => {
    const client = new dysms.default(new $OpenApiUtil.Config({ accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret, endpoint: new URL(vendor.base).host, protocol: 'HTTP' }));
    const params = new URL(`http://x${buildSend(config, notification, PHONE, NOW)?.target ?? ''}`).searchParams;
    const get = (name: string): string => params.get(name) ?? '';
    await client.sendSms(new dysms.SendSmsRequest({ phoneNumbers: get('PhoneNumbers'), signName: get('SignName'), templateCode: get('TemplateCode'), templateParam: get('TemplateParam'), outId: get('OutId') }));
    const theirs = asked();
    const ours = signAcs3({
      method: 'POST', host: of(theirs.headers, 'host'), action: 'SendSms', version: '2017-05-25', query: Object.fromEntries(params), accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret,
      date: of(theirs.headers, 'x-acs-date'), nonce: of(theirs.headers, 'x-acs-signature-nonce'), body: theirs.body,
      // Where their client has its credentials from, which it signs too.
      headers: { 'x-acs-credentials-provider': of(theirs.headers, 'x-acs-credentials-provider') },
    });
    // Their list of query parameters may stand in another order on the wire; it is signed sorted, as ours is sent.
    expect(Object.fromEntries(new URL(`http://x${theirs.url}`).searchParams)).toEqual(Object.fromEntries(params));
    expect(theirs.method).toBe('POST');
    expect(ours.headers['x-acs-content-sha256']).toBe(of(theirs.headers, 'x-acs-content-sha256'));
    expect(ours.headers['authorization']).toBe(of(theirs.headers, 'authorization'));
  });

  it('is signed as the vendor’s library signs it', async () => {
    expect(await send(config, notification, PHONE, NOW)).toEqual({ status: 'delivered', externalId: '932702304080415357^0' });
    const { url, method, headers, body } = asked();
    const signed = Object.fromEntries(of(headers, 'authorization').replace(/.*SignedHeaders=([^,]+),.*/, '$1').split(';').map((name) => [name, of(headers, name)]));
    const query = Object.fromEntries(new URL(`http://x${url}`).searchParams);
    const request = { method, pathname: '/', query, headers: signed };
    expect(OpenApiUtil.getAuthorization(Object.assign(Object.create(null), request), 'ACS3-HMAC-SHA256', of(headers, 'x-acs-content-sha256'), config.accessKeyId, config.accessKeySecret)).toBe(of(headers, 'authorization'));
    expect(query).toEqual({ PhoneNumbers: '13800138000', SignName: '12345热线', TemplateCode: 'SMS_100000001', OutId: notification.key, TemplateParam: '{"no":"202611230000018","title":"路灯不亮，(三天)了!*~","state":"已派给市城管局，等待签收"}' });
    expect(body).toBe('');
  });

  it.each([
    ['isv.BUSINESS_LIMIT_CONTROL', 'retry', 'sms.flow_control:isv.BUSINESS_LIMIT_CONTROL'], ['Throttling.User', 'retry', 'sms.flow_control:Throttling.User'], ['isp.SYSTEM_ERROR', 'retry', 'sms.busy:isp.SYSTEM_ERROR'],
    ['isv.MOBILE_NUMBER_ILLEGAL', 'failed', 'sms.number:isv.MOBILE_NUMBER_ILLEGAL'], ['isv.SMS_TEMPLATE_ILLEGAL', 'failed', 'sms.template:isv.SMS_TEMPLATE_ILLEGAL'], ['isv.SMS_SIGNATURE_ILLEGAL', 'failed', 'sms.signature:isv.SMS_SIGNATURE_ILLEGAL'],
    ['isv.AMOUNT_NOT_ENOUGH', 'failed', 'sms.account:isv.AMOUNT_NOT_ENOUGH'], ['isv.SOMETHING_NEW', 'failed', 'sms.refused:isv.SOMETHING_NEW'], ['号码13800138000有误', 'failed', 'sms.refused'],
  ])('HTTP 200 with %s is no success', async (code, status, ours) => {
    vendor.answers.push(JSON.stringify({ Code: code, Message: 'x', RequestId: 'r' }));
    expect(await send(config, notification, PHONE, NOW)).toMatchObject({ status, code: ours });
  });

  it('says of what may have been taken that nobody knows, and of what never arrived that it did not', async () => {
    vendor.answers.push('cut', '<html>', '{"hello":1}');
    for (let tries = 0; tries < 3; tries += 1) await expect(send(config, notification, PHONE, NOW)).rejects.toMatchObject({ code: 'sms.no_answer' });
    const { base } = vendor;
    await vendor.close();
    expect(await send({ ...config, base }, notification, PHONE, NOW)).toEqual({ status: 'retry', code: 'sms.unreachable' });
    vendor = await startSmsVendor(OK);
  });

  it('fills variables within their length, and sends nothing that has no template', async () => {
    const long = { ...notification, facts: { ...notification.facts, title: `看http://evil.example/x 【假】\u0000\u202e${'路'.repeat(40)}`, state: ' ' } };
    const values: Record<string, string> = JSON.parse(new URL(`http://x${buildSend(config, long, PHONE, NOW)?.target ?? ''}`).searchParams.get('TemplateParam') ?? '');
    expect([...(values['title'] ?? '')]).toHaveLength(20);
    expect(values['title']).toMatch(/^看 假 路+…$/);
    expect(values['state']).toBe('-');
    expect(await send(config, { ...notification, template: 'callback' }, PHONE, NOW)).toEqual({ status: 'failed', code: 'notification.no_template', fallback: true });
    expect(vendor.asked).toEqual([]);
  });

  it('names wrong settings and no value', () => {
    expect(() => readConfig({ ...env, SMS_ALIYUN_TEMPLATES: '{"progress":{"code":"secret value!"}}', SMS_ALIYUN_HOOK_KEY: 'short', SMS_ALIYUN_API_BASE: 'ftp://x' }, true)).toThrow(/^(?![\s\S]*secret value)[\s\S]*SMS_ALIYUN_HOOK_KEY[\s\S]*SMS_ALIYUN_TEMPLATES[\s\S]*SMS_ALIYUN_API_BASE/);
  });
});
