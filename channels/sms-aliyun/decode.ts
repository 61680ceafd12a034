import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DeliveryReport, HookReading, RawRequest } from '../../src/channel/contract.ts';
import { activityOf, badShape, beijingTime, jsonReply, openPush, phoneOf, wordOf } from '../../src/channel/sms/hear.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import type { AliyunConfig } from './config.ts';

/**
 * What Aliyun pushes by HTTP: SmsReport and SmsUp, JSON arrays; resent after 1, 5 and 10 minutes unless the answer is 200 with `code` 0, a number.
 * https://help.aliyun.com/zh/sms/developer-reference/configure-delivery-receipts-1
 */

export const CHANNEL_NAME = 'sms-aliyun';
export const REPLY = jsonReply({ code: 0, msg: '接收成功' });
/** Entries of one push. */
const MOST = 1_000;

const List = Compile(Type.Array(Type.Object({}), { minItems: 1, maxItems: MOST }));
const Report = Type.Object({
  success: Type.Boolean(),
  biz_id: Type.String({ minLength: 1, maxLength: 128 }),
  out_id: Type.Optional(Type.String({ maxLength: 256 })),
  err_code: Type.Optional(Type.String({ maxLength: 128 })),
  report_time: Type.Optional(Type.String({ maxLength: 32 })),
});
const report = Compile(Report);
const Up = Type.Object({
  phone_number: Type.String({ maxLength: 32 }),
  content: Type.String({ maxLength: 20_000 }),
  send_time: Type.Optional(Type.String({ maxLength: 32 })),
  sequence_id: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Number()])),
});
const up = Compile(Up);

/** Entries that are no reports (other receipts, such as those of template checks) are acknowledged. */
export function readReports(config: AliyunConfig, request: RawRequest): HookReading {
  const opened = openPush(config.guard, request);
  if ('refused' in opened) return opened.refused;
  if (!List.Check(opened.json)) return badShape();
  const reports = opened.json.flatMap((one: unknown) => (report.Check(one) ? [reportOf(one)] : []));
  return reports.length === 0 ? { kind: 'reply', reply: REPLY } : { kind: 'told', told: { reports, consents: [] }, reply: REPLY };
}

function reportOf({ success, biz_id, out_id, err_code, report_time }: Static<typeof Report>): DeliveryReport {
  const word = wordOf(err_code ?? '');
  return {
    of: 'notification', key: out_id === undefined || out_id === '' ? null : out_id, externalId: asExternalId(biz_id), state: success ? 'delivered' : 'failed',
    code: success ? null : `sms.undelivered${word === null ? '' : `:${word}`}`, at: beijingTime(report_time ?? ''),
  };
}

export function readReplies(config: AliyunConfig, request: RawRequest): HookReading {
  const opened = openPush(config.guard, request);
  if ('refused' in opened) return opened.refused;
  if (!List.Check(opened.json)) return badShape();
  const activities = opened.json.flatMap((one: unknown) => {
    const phone = up.Check(one) ? phoneOf(one.phone_number) : null;
    if (!up.Check(one) || phone === null || one.content.trim() === '') return [];
    const { content, send_time = '', sequence_id } = one;
    return [activityOf({ channel: CHANNEL_NAME, key: config.hookKey, phone, text: content, id: sequence_id === undefined || sequence_id === '' ? null : String(sequence_id), time: send_time })];
  });
  return activities.length === 0 ? { kind: 'reply', reply: REPLY } : { kind: 'inbound', activities, answerWhen: 'stored' };
}
