import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Notification, Receipt } from '../../src/channel/contract.ts';
import { askVendor, receiptOf } from '../../src/channel/sms/ask.ts';
import { templateFor, valuesOf } from '../../src/channel/sms/templates.ts';
import { asExternalId, type EpochMs } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { TencentConfig } from './config.ts';
import { CONTENT_TYPE, signTc3 } from './sign.ts';

/** SendSms, version 2021-01-11. https://cloud.tencent.com/document/product/382/55981 */

/** Signs in one variable, where the operator names no other number. */
const VARIABLE_CHARS = 12;

/** Either an error of the whole request, or what became of each number. */
const Answer = Compile(
  Type.Object({
    Response: Type.Object({
      Error: Type.Optional(Type.Object({ Code: Type.String() })),
      SendStatusSet: Type.Optional(Type.Array(Type.Object({ Code: Type.String(), SerialNo: Type.Optional(Type.String()) }))),
    }),
  }),
);

/** https://cloud.tencent.com/document/product/382/55981#6.-.E9.94.99.E8.AF.AF.E7.A0.81 */
const CODES = [
  ['LimitExceeded*', 'sms.flow_control', 'retry'], ['RequestLimitExceeded*', 'sms.flow_control', 'retry'],
  ['InternalError*', 'sms.busy', 'retry'], ['FailedOperation.FailResolvePacket', 'sms.busy', 'retry'], ['ResourceUnavailable*', 'sms.busy', 'retry'],
  ['FailedOperation.PhoneNumberInBlacklist', 'sms.blacklist', 'failed'], ['InvalidParameterValue.IncorrectPhoneNumber', 'sms.number', 'failed'], ['UnsupportedOperation*', 'sms.number', 'failed'],
  ['FailedOperation.SignatureIncorrectOrUnapproved', 'sms.signature', 'failed'], ['FailedOperation.MissingSignature*', 'sms.signature', 'failed'], ['MissingParameter.EmptySignature*', 'sms.signature', 'failed'],
  ['FailedOperation.Template*', 'sms.template', 'failed'], ['FailedOperation.MissingTemplate*', 'sms.template', 'failed'], ['InvalidParameterValue.Template*', 'sms.template', 'failed'], ['InvalidParameterValue.ContentLengthLimit', 'sms.template', 'failed'],
  ['FailedOperation.ContainSensitiveWord', 'sms.content', 'failed'], ['InvalidParameterValue.ProhibitedUseUrlInTemplateParameter', 'sms.content', 'failed'],
  ['FailedOperation.InsufficientBalance*', 'sms.account', 'failed'], ['InvalidParameterValue.SdkAppId*', 'sms.account', 'failed'], ['UnauthorizedOperation.*', 'sms.access', 'failed'], ['UnauthorizedOperation', 'sms.access', 'failed'], ['AuthFailure*', 'sms.access', 'failed'],
] as const;

export interface Built {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The very request, for a moment; null: no template carries it. */
export function buildSend(config: TencentConfig, notification: Notification, to: string, now: EpochMs): Built | null {
  const template = templateFor(config.templates, notification.template);
  if (template === null) return null;
  const body = JSON.stringify({
    PhoneNumberSet: [to], SmsSdkAppId: config.sdkAppId, SignName: template.sign ?? config.sign, TemplateId: template.code,
    TemplateParamSet: valuesOf(template, notification, VARIABLE_CHARS).map(({ value }) => value), SessionContext: notification.key,
  });
  const timestamp = Math.floor(now / 1000);
  const { hostname } = new URL(config.base);
  const { authorization } = signTc3({ hostname, service: 'sms', secretId: config.secretId, secretKey: config.secretKey, timestamp, body });
  return { body, headers: { authorization, 'content-type': CONTENT_TYPE, 'x-tc-action': 'SendSms', 'x-tc-version': '2021-01-11', 'x-tc-region': config.region, 'x-tc-timestamp': String(timestamp) } };
}

/** @throws AppError `sms.no_answer` where nobody knows whether it was taken */
export async function send(config: TencentConfig, notification: Notification, to: string, now: EpochMs): Promise<Receipt> {
  const built = buildSend(config, notification, to, now);
  if (built === null) return { status: 'failed', code: 'notification.no_template', fallback: true };
  const answer = await askVendor({ url: `${config.base}/`, method: 'POST', headers: built.headers, body: built.body });
  if ('receipt' in answer) return answer.receipt;
  if (!Answer.Check(answer.json)) throw new AppError('sms.no_answer', 'the answer is not the vendor’s', { retry: 'later', status: 503 });
  const { Error: fault, SendStatusSet } = answer.json.Response;
  if (fault !== undefined) return receiptOf(fault.Code, CODES);
  const [status] = SendStatusSet ?? [];
  if (status === undefined) throw new AppError('sms.no_answer', 'the answer names no number', { retry: 'later', status: 503 });
  // The call succeeded; each number has a code of its own.
  if (status.Code === 'Ok') return { status: 'delivered', ...(status.SerialNo === undefined || status.SerialNo === '' ? {} : { externalId: asExternalId(status.SerialNo) }) };
  return receiptOf(status.Code, CODES);
}
