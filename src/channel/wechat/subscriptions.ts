import { asExternalId, type ExternalId } from '../../domain/activity.ts';
import type { ConsentChange, DeliveryReport, Told } from '../contract.ts';
import { formatAddress, joinParts } from './address.ts';
import { readLists } from './lists.ts';
import { fieldsOf } from './push.ts';
import { templatesOfId, type WechatTemplates } from './templates.ts';
import type { VerifiedPush } from './verify.ts';
import type { Fields } from './wire.ts';

/**
 * What WeChat tells of messages by template: who allowed or refused one, and what became of it. Null for every other push, and for templates that
 * are none of ours (an account may serve other things too).
 * Source: developers.weixin.qq.com, "subscription message events", "template message: push of the result".
 */
export function readTold(push: VerifiedPush, templates: WechatTemplates): Told | null {
  const field = fieldsOf(push);
  if (field('MsgType') !== 'event') return null;
  switch (field('Event')) {
    case 'subscribe_msg_popup_event':
    case 'subscribe_msg_change_event':
      return some({ reports: [], consents: readLists(push.text).flatMap((record, index) => consentsOf(push, record, index, templates)) });
    case 'subscribe_msg_sent_event':
      return some({ reports: readLists(push.text).flatMap((record) => reportOf(push, record, templates)), consents: [] });
    case 'TEMPLATESENDJOBFINISH':
      return some({ reports: jobReport(push), consents: [] });
    default:
      return null;
  }
}

const some = (told: Told): Told | null => (told.reports.length + told.consents.length === 0 ? null : told);

/** A tap on 允许 gives one send, or all of a long-term template; 拒绝, there or in WeChat's settings, takes back what was given. */
function consentsOf(push: VerifiedPush, record: Fields, index: number, templates: WechatTemplates): readonly ConsentChange[] {
  const id = record.get('TemplateId') ?? '';
  const said = record.get('SubscribeStatusString') ?? '';
  if (said !== 'accept' && said !== 'reject') return [];
  return templatesOfId(templates, id).map(({ name, lasting }) => ({
    ...citizenOf(push),
    template: name,
    grant: said === 'reject' ? 'never' : lasting ? 'always' : 1,
    externalId: changeName(push, `${id}/${name}/${index}`),
  }));
}

/** Following an official account allows its template messages; leaving it ends them. */
export function followChange(push: VerifiedPush, grant: 'always' | 'never'): ConsentChange {
  return { ...citizenOf(push), template: 'all', grant, externalId: changeName(push, grant) };
}

/** Whoever allows us to write has often never written. */
function citizenOf(push: VerifiedPush): Pick<ConsentChange, 'address' | 'externalUserId'> {
  const field = fieldsOf(push);
  const openid = field('FromUserName');
  return { address: formatAddress({ account: field('ToUserName'), openid }), externalUserId: openid };
}

/** The events have no id: account, citizen, time, name and what it is about. */
function changeName(push: VerifiedPush, about: string): ExternalId {
  const field = fieldsOf(push);
  return asExternalId(joinParts(['consent', field('ToUserName'), field('FromUserName'), field('CreateTime'), field('Event'), about]));
}

function reportOf(push: VerifiedPush, record: Fields, templates: WechatTemplates): readonly DeliveryReport[] {
  const id = record.get('MsgID') ?? '';
  if (id === '' || templatesOfId(templates, record.get('TemplateId') ?? '').length === 0) return [];
  return [report(push, id, record.get('ErrorCode') === '0', record.get('ErrorStatus') ?? '')];
}

function jobReport(push: VerifiedPush): readonly DeliveryReport[] {
  const field = fieldsOf(push);
  const id = field('MsgID');
  return id === '' ? [] : [report(push, id, field('Status') === 'success', field('Status').replace(/^failed:\s*/, ''))];
}

function report(push: VerifiedPush, messageId: string, shown: boolean, why: string): DeliveryReport {
  const seconds = Number(fieldsOf(push)('CreateTime'));
  return {
    of: 'notification',
    key: null,
    externalId: asExternalId(messageId),
    state: shown ? 'delivered' : 'failed',
    code: shown ? null : `wechat.${why.toLowerCase().replace(/[^a-z]+/g, '_').slice(0, 40) || 'not_shown'}`,
    at: Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}
