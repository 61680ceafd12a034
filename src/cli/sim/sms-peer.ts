import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { BEIJING_OFFSET } from '../../domain/clock.ts';

/** A vendor of text messages on this machine, with the telephones behind it: Aliyun's API and Tencent Cloud's at one address, and their pushes to the gateway. */

export type SmsVendorName = 'aliyun' | 'tencent';

export interface SentText {
  readonly vendor: SmsVendorName;
  /** As the gateway named it: 11 digits, or with `+86`. */
  readonly to: string;
  readonly sign: string;
  readonly template: string;
  readonly values: readonly string[];
  /** Our key, as far as the vendor is told it. */
  readonly key: string;
  readonly id: string;
}

export interface SmsPeerOptions {
  /** Where the gateway listens. */
  readonly baseUrl: string;
  /** Secret in the hooks' addresses. */
  readonly hookKey: string;
  /** 0: any free one. */
  readonly port: number;
  readonly now: () => number;
}

export interface SmsPeer {
  readonly url: string;
  readonly sent: readonly SentText[];
  /** Codes that the next sends are answered with; `cut` takes the message and breaks the connection. */
  readonly codes: string[];
  onSent(listener: (sent: SentText) => void): void;
  /** The network's word on a message; the status of the gateway's answer. */
  report(sent: SentText, delivered: boolean): Promise<number>;
  /** A citizen answers by text message. The same `id` is the same message, pushed again. */
  reply(vendor: SmsVendorName, phone: string, text: string, id: string): Promise<number>;
  close(): Promise<void>;
}

export async function createSmsPeer({ baseUrl, hookKey, port, now }: SmsPeerOptions): Promise<SmsPeer> {
  const sent: SentText[] = [];
  const codes: string[] = [];
  const listeners: ((one: SentText) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const vendor: SmsVendorName = request.headers['x-tc-action'] === undefined ? 'aliyun' : 'tencent';
      const code = codes.shift() ?? (vendor === 'aliyun' ? 'OK' : 'Ok');
      const id = `${vendor}-${sent.length + 1}`;
      const taken = code === 'OK' || code === 'Ok' || code === 'cut';
      if (taken) {
        const one = vendor === 'aliyun' ? readAliyun(request.url ?? '/', id) : readTencent(Buffer.concat(chunks).toString('utf8'), id);
        sent.push(one);
        for (const listener of listeners) listener(one);
      }
      if (code === 'cut') return void response.destroy();
      const answer = vendor === 'aliyun' ? { Code: code, Message: code, RequestId: id, ...(taken ? { BizId: id } : {}) } : { Response: { SendStatusSet: [{ SerialNo: taken ? id : '', PhoneNumber: '', Fee: 1, SessionContext: '', Code: code, Message: code, IsoCode: 'CN' }], RequestId: id } };
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  const push = async (vendor: SmsVendorName, what: 'report' | 'reply', body: object): Promise<number> => {
    const answer = await fetch(`${baseUrl}/hooks/sms/${vendor}/${what}?key=${encodeURIComponent(hookKey)}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    await answer.arrayBuffer();
    return answer.status;
  };
  const time = (): string => new Date(now() + BEIJING_OFFSET).toISOString().slice(0, 19).replace('T', ' ');
  return {
    url, sent, codes,
    onSent: (listener) => void listeners.push(listener),
    report: (one, delivered) =>
      one.vendor === 'aliyun'
        ? push('aliyun', 'report', [{ phone_number: one.to, send_time: time(), report_time: time(), success: delivered, err_code: delivered ? 'DELIVERED' : 'UNDELIV', err_msg: '', sms_size: '1', biz_id: one.id, out_id: one.key }])
        : push('tencent', 'report', [{ user_receive_time: time(), nationcode: '86', mobile: one.to.replace(/^\+86/, ''), report_status: delivered ? 'SUCCESS' : 'FAIL', errmsg: delivered ? 'DELIVRD' : 'UNDELIV', description: '', sid: one.id }]),
    reply: (vendor, phone, text, id) =>
      vendor === 'aliyun'
        ? push('aliyun', 'reply', [{ phone_number: phone, send_time: time(), content: text, sign_name: '', dest_code: '1069', sequence_id: id }])
        : push('tencent', 'reply', { extend: '', mobile: phone, nationcode: '86', sign: '', text, time: createHmac('sha256', 'sim').update(id).digest().readUInt32BE(0) }),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function readAliyun(url: string, id: string): SentText {
  const query = new URL(url, 'http://vendor.invalid').searchParams;
  const get = (name: string): string => query.get(name) ?? '';
  return { vendor: 'aliyun', to: get('PhoneNumbers'), sign: get('SignName'), template: get('TemplateCode'), values: valuesOf(get('TemplateParam')), key: get('OutId'), id };
}

function readTencent(body: string, id: string): SentText {
  const given: unknown = JSON.parse(body);
  const field = (name: string): unknown => (typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);
  return { vendor: 'tencent', to: list(field('PhoneNumberSet'))[0] ?? '', sign: text(field('SignName')), template: text(field('TemplateId')), values: list(field('TemplateParamSet')), key: text(field('SessionContext')), id };
}

function valuesOf(json: string): readonly string[] {
  const value: unknown = JSON.parse(json === '' ? '{}' : json);
  return typeof value === 'object' && value !== null ? Object.values(value).map(String) : [];
}
