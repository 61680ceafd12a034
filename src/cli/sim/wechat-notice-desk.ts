import Type from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * WeChat's side of messages to somebody who is not writing: which templates there are, who allowed how many, and what each field may
 * hold. Written from the vendor's description on its own, not with the channel's code, so that one checks the other.
 * Source: developers.weixin.qq.com, "sending subscription messages", "limits of the parameters of a template".
 */

export const SUBSCRIBE_SEND = '/cgi-bin/message/subscribe/send';
export const SUBSCRIBE_BIZSEND = '/cgi-bin/message/subscribe/bizsend';
export const TEMPLATE_SEND = '/cgi-bin/message/template/send';
export const NOTICE_PATHS: readonly string[] = [SUBSCRIBE_SEND, SUBSCRIBE_BIZSEND, TEMPLATE_SEND];

export interface SentNotice {
  readonly path: string;
  readonly openid: string;
  readonly templateId: string;
  readonly values: Readonly<Record<string, string>>;
  readonly msgid: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface NoticeDesk {
  readonly sent: readonly SentNotice[];
  /** An approved template and its fields (`thing2`, `time4` …). `lasting`: one consent is for always. */
  addTemplate(id: string, keys: readonly string[], options?: { readonly lasting?: boolean }): void;
  /** A citizen taps 允许 so many times. */
  allow(openid: string, templateId: string, times?: number): void;
  /** Withdrawn in the settings of WeChat. */
  withdraw(openid: string, templateId: string): void;
  follow(openid: string): void;
  leave(openid: string): void;
  send(path: string, body: unknown, official: boolean): { readonly errcode: number; readonly msgid?: bigint };
}

const Request = Compile(Type.Object({
  touser: Type.String(),
  template_id: Type.String(),
  page: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  client_msg_id: Type.Optional(Type.String()),
  data: Type.Record(Type.String(), Type.Object({ value: Type.String() })),
}));

/** What a field of each kind may hold, as published. */
const RULES: readonly (readonly [kind: string, rule: RegExp])[] = [
  ['thing', /^[^\n]{1,20}$/u],
  ['character_string', /^[\x20-\x7e]{1,32}$/],
  ['phrase', /^[\u4e00-\u9fff]{1,5}$/],
  ['number', /^-?\d{1,32}(\.\d+)?$/],
  ['letter', /^[A-Za-z]{1,32}$/],
  ['time', /^(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d{2}$/],
  ['date', /^\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2})?$/],
  ['name', /^([\u4e00-\u9fff]{1,10}|[A-Za-z ]{1,20})$/],
];

export function createNoticeDesk(): NoticeDesk {
  const templates = new Map<string, { readonly keys: readonly string[]; readonly lasting: boolean }>();
  const allowed = new Map<string, number>();
  const followers = new Set<string>();
  const sent: SentNotice[] = [];
  const byClient = new Map<string, string>();
  let serial = 1_864_323_726_461_255_680n;

  const mayReach = (path: string, openid: string, templateId: string, lasting: boolean): 0 | 43004 | 43101 => {
    if (path === TEMPLATE_SEND) return followers.has(openid) ? 0 : 43004;
    const left = allowed.get(`${openid} ${templateId}`) ?? 0;
    if (left === 0) return 43101;
    if (!lasting) allowed.set(`${openid} ${templateId}`, left - 1);
    return 0;
  };

  return {
    sent,
    addTemplate: (id, keys, { lasting = false } = {}) => void templates.set(id, { keys, lasting }),
    allow: (openid, templateId, times = 1) => void allowed.set(`${openid} ${templateId}`, (allowed.get(`${openid} ${templateId}`) ?? 0) + times),
    withdraw: (openid, templateId) => void allowed.delete(`${openid} ${templateId}`),
    follow: (openid) => void followers.add(openid),
    leave: (openid) => void followers.delete(openid),
    send: (path, body, official) => {
      if ((path === SUBSCRIBE_SEND) === official) return { errcode: 48001 };
      if (!Request.Check(body)) return { errcode: 47001 };
      const template = templates.get(body.template_id);
      if (!body.touser.startsWith('o')) return { errcode: 40003 };
      if (template === undefined) return { errcode: 40037 };
      const values = Object.fromEntries(Object.entries(body.data).map(([key, { value }]) => [key, value]));
      for (const key of template.keys) {
        const rule = RULES.find(([kind]) => key.replace(/\d+$/, '') === kind)?.[1];
        if (values[key] === undefined || (rule !== undefined && !rule.test(values[key]))) return { errcode: 47003 };
      }
      const name = body.client_msg_id === undefined ? null : `${body.touser} ${body.client_msg_id}`;
      const before = name === null ? undefined : byClient.get(name);
      if (before !== undefined) return { errcode: 0, msgid: BigInt(before) };
      const refused = mayReach(path, body.touser, body.template_id, template.lasting);
      if (refused !== 0) return { errcode: refused };
      serial += 1n;
      if (name !== null) byClient.set(name, String(serial));
      sent.push({ path, openid: body.touser, templateId: body.template_id, values, msgid: String(serial), body: { ...body } });
      return { errcode: 0, msgid: serial };
    },
  };
}
