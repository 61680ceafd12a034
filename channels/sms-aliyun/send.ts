import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Notification, Receipt } from '../../src/channel/contract.ts';
import { askVendor, receiptOf } from '../../src/channel/sms/ask.ts';
import { templateFor, valuesOf } from '../../src/channel/sms/templates.ts';
import { asExternalId, type EpochMs } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { AliyunConfig } from './config.ts';
import { signAcs3, type Signed } from './sign.ts';

/** SendSms, version 2017-05-25. https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms */

/** Signs in one variable, where the operator names no other number. */
const VARIABLE_CHARS = 20;

const Answer = Compile(Type.Object({ Code: Type.String(), BizId: Type.Optional(Type.String()) }));

/** https://help.aliyun.com/zh/sms/developer-reference/error-codes-1 */
const CODES = [
  ['isv.BUSINESS_LIMIT_CONTROL', 'sms.flow_control', 'retry'], ['isv.DAY_LIMIT_CONTROL', 'sms.flow_control', 'retry'], ['isv.MONTH_LIMIT_CONTROL', 'sms.flow_control', 'retry'], ['Throttling*', 'sms.flow_control', 'retry'],
  ['isp.SYSTEM_ERROR', 'sms.busy', 'retry'], ['isp.GATEWAY_ERROR', 'sms.busy', 'retry'], ['ServiceUnavailable*', 'sms.busy', 'retry'], ['InternalError*', 'sms.busy', 'retry'],
  ['isv.MOBILE_NUMBER_ILLEGAL', 'sms.number', 'failed'], ['isv.MOBILE_COUNT_OVER_LIMIT', 'sms.number', 'failed'], ['isv.UNSUPPORTED_CONTENT', 'sms.content', 'failed'], ['isv.BLACK_KEY_CONTROL_LIMIT', 'sms.content', 'failed'], ['isv.SMS_CONTENT*', 'sms.content', 'failed'],
  ['isv.SMS_TEMPLATE*', 'sms.template', 'failed'], ['isv.TEMPLATE*', 'sms.template', 'failed'], ['isv.INVALID_JSON_PARAM', 'sms.template', 'failed'], ['isv.PARAM*', 'sms.template', 'failed'],
  ['isv.SMS_SIGN*', 'sms.signature', 'failed'], ['isv.SIGN*', 'sms.signature', 'failed'],
  ['isv.AMOUNT_NOT_ENOUGH', 'sms.account', 'failed'], ['isv.OUT_OF_SERVICE', 'sms.account', 'failed'], ['isv.ACCOUNT*', 'sms.account', 'failed'], ['isv.PRODUCT*', 'sms.account', 'failed'],
  ['isp.RAM_PERMISSION_DENY', 'sms.access', 'failed'], ['isv.RAM*', 'sms.access', 'failed'], ['InvalidAccessKeyId*', 'sms.access', 'failed'], ['SignatureDoesNotMatch', 'sms.access', 'failed'], ['Forbidden*', 'sms.access', 'failed'], ['NoPermission', 'sms.access', 'failed'],
] as const;

/** The very request, for a moment; null: no template carries it. The nonce is the key's and the moment's own: a copy of this request is refused by the peer. */
export function buildSend(config: AliyunConfig, notification: Notification, to: string, now: EpochMs): Signed | null {
  const template = templateFor(config.templates, notification.template);
  if (template === null) return null;
  const values = Object.fromEntries(valuesOf(template, notification, VARIABLE_CHARS).map(({ name, value }) => [name, value]));
  return signAcs3({
    method: 'POST',
    host: new URL(config.base).host,
    action: 'SendSms',
    version: '2017-05-25',
    // The key comes back as `out_id` of the report.
    query: { PhoneNumbers: to.replace(/^\+86/, '').replace(/^\+/, ''), SignName: template.sign ?? config.sign, TemplateCode: template.code, TemplateParam: JSON.stringify(values), OutId: notification.key },
    accessKeyId: config.accessKeyId,
    accessKeySecret: config.accessKeySecret,
    date: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    nonce: createHash('sha256').update(`${notification.key} ${now}`).digest('hex').slice(0, 32),
  });
}

/** @throws AppError `sms.no_answer` where nobody knows whether it was taken */
export async function send(config: AliyunConfig, notification: Notification, to: string, now: EpochMs): Promise<Receipt> {
  const signed = buildSend(config, notification, to, now);
  if (signed === null) return { status: 'failed', code: 'notification.no_template', fallback: true };
  const { host: _host, ...headers } = signed.headers;
  const answer = await askVendor({ url: `${config.base}${signed.target}`, method: 'POST', headers: { ...headers, accept: 'application/json' }, body: '' });
  if ('receipt' in answer) return answer.receipt;
  // HTTP 200 says nothing: the code does.
  if (!Answer.Check(answer.json)) throw new AppError('sms.no_answer', 'the answer is not the vendor’s', { retry: 'later', status: 503 });
  if (answer.json.Code === 'OK') return { status: 'delivered', ...(answer.json.BizId === undefined ? {} : { externalId: asExternalId(answer.json.BizId) }) };
  return receiptOf(answer.json.Code, CODES);
}
