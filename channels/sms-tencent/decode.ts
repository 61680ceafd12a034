import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DeliveryReport, HookReading, RawRequest } from '../../src/channel/contract.ts';
import { activityOf, badShape, beijingTime, jsonReply, openPush, phoneOf, wordOf } from '../../src/channel/sms/hear.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import type { TencentConfig } from './config.ts';

/**
 * What Tencent Cloud pushes by HTTP: delivery status (a JSON array) and replies (one object).
 * https://cloud.tencent.com/document/product/382/59178 https://cloud.tencent.com/document/product/382/59179
 */

export const CHANNEL_NAME = 'sms-tencent';
export const REPLY = jsonReply({ result: 0, errmsg: 'OK' });
const MOST = 1_000;

const List = Compile(Type.Array(Type.Object({}), { minItems: 1, maxItems: MOST }));
const Report = Type.Object({
  sid: Type.String({ minLength: 1, maxLength: 128 }),
  report_status: Type.Union([Type.Literal('SUCCESS'), Type.Literal('FAIL')]),
  errmsg: Type.Optional(Type.String({ maxLength: 256 })),
  user_receive_time: Type.Optional(Type.String({ maxLength: 32 })),
});
const report = Compile(Report);
const Up = Type.Object({
  mobile: Type.String({ maxLength: 32 }),
  text: Type.String({ maxLength: 20_000 }),
  nationcode: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
  time: Type.Optional(Type.Union([Type.Number(), Type.String({ maxLength: 32 })])),
});
const up = Compile(Up);
const AnObject = Compile(Type.Object({}));

export function readReports(config: TencentConfig, request: RawRequest): HookReading {
  const opened = openPush(config.guard, request);
  if ('refused' in opened) return opened.refused;
  if (!List.Check(opened.json)) return badShape();
  const reports = opened.json.flatMap((one: unknown) => (report.Check(one) ? [reportOf(one)] : []));
  return reports.length === 0 ? { kind: 'reply', reply: REPLY } : { kind: 'told', told: { reports, consents: [] }, reply: REPLY };
}

function reportOf({ sid, report_status, errmsg, user_receive_time }: Static<typeof Report>): DeliveryReport {
  const word = wordOf(errmsg ?? '');
  const failed = report_status === 'FAIL';
  return { of: 'notification', key: null, externalId: asExternalId(sid), state: failed ? 'failed' : 'delivered', code: failed ? `sms.undelivered${word === null ? '' : `:${word}`}` : null, at: beijingTime(user_receive_time ?? '') };
}

/** A reply; some accounts get several in one array. What is no reply is acknowledged. */
export function readReplies(config: TencentConfig, request: RawRequest): HookReading {
  const opened = openPush(config.guard, request);
  if ('refused' in opened) return opened.refused;
  const list: readonly unknown[] | null = List.Check(opened.json) ? opened.json : AnObject.Check(opened.json) && !Array.isArray(opened.json) ? [opened.json] : null;
  if (list === null) return badShape();
  const activities = list.flatMap((one) => {
    const phone = up.Check(one) ? phoneOf(one.mobile, one.nationcode) : null;
    if (!up.Check(one) || phone === null || one.text.trim() === '') return [];
    // No id comes with it: the moment and the words tell two apart, and a resent one is the same.
    return [activityOf({ channel: CHANNEL_NAME, key: config.hookKey, phone, text: one.text, id: null, time: String(one.time ?? '') })];
  });
  return activities.length === 0 ? { kind: 'reply', reply: REPLY } : { kind: 'inbound', activities, answerWhen: 'stored' };
}
