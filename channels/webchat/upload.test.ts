import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PNG, PREFIX, startConversation, startWebchat, type Started, type WebchatServer } from '../../test/support/webchat-server.ts';
import { FILE_LIMIT_BYTES } from './upload.ts';

let on: WebchatServer;
let conversation: Started;
beforeEach(async () => {
  on = await startWebchat();
  conversation = await startConversation(on);
});
afterEach(() => on.close());

interface Part {
  readonly name: string;
  /** Raw bytes of the name, as browsers send it. */
  readonly filename?: string;
  readonly type?: string;
  readonly body: Buffer | string;
}

function multipart(parts: readonly Part[]): { body: Buffer; type: string } {
  const pieces: Buffer[] = [];
  for (const part of parts) {
    const filename = part.filename === undefined ? '' : `; filename="${part.filename}"`;
    const type = part.type === undefined ? '' : `Content-Type: ${part.type}\r\n`;
    pieces.push(Buffer.from(`--yihu\r\nContent-Disposition: form-data; name="${part.name}"${filename}\r\n${type}\r\n`, 'utf8'), Buffer.from(part.body), Buffer.from('\r\n'));
  }
  pieces.push(Buffer.from('--yihu--\r\n'));
  return { body: Buffer.concat(pieces), type: 'multipart/form-data; boundary=yihu' };
}

async function upload(body: Buffer, type: string, headers: Record<string, string> = {}, query = '?userId=page-1') {
  const answer = await on.app.inject({
    method: 'POST',
    url: `${PREFIX}/conversations/${conversation.id}/upload${query}`,
    headers: { authorization: `Bearer ${conversation.token}`, 'content-type': type, ...headers },
    payload: body,
  });
  const json: unknown = answer.json();
  return { status: answer.statusCode, body: json };
}

const activityPart = (over: object = {}): Part => ({
  name: 'activity',
  filename: 'blob',
  type: 'application/vnd.microsoft.activity',
  body: JSON.stringify({ type: 'message', text: '现场', from: { id: 'page-1' }, attachments: [{ contentType: 'image/png', name: '照片.png' }], channelData: { clientActivityID: 'u1', attachmentSizes: [70] }, ...over }),
});
const send = (parts: readonly Part[]) => {
  const { body, type } = multipart(parts);
  return upload(body, type);
};

describe('upload', () => {
  it('keeps a Chinese file name and what the bytes are, and echoes both', async () => {
    const answer = await send([activityPart(), { name: 'file', filename: '照片.png', type: 'text/plain', body: PNG }]);
    expect(answer).toEqual({ status: 200, body: { id: `${conversation.id}|0000001` } });
    expect(on.ports.received[0]?.content).toEqual({ type: 'message', text: '现场', attachments: [{ contentType: 'image/png', name: '照片.png', url: 'media:t1', sizeBytes: PNG.length }] });
    const set = await on.app.inject({ method: 'GET', url: `${PREFIX}/conversations/${conversation.id}/activities?watermark=`, headers: { authorization: `Bearer ${conversation.token}` } });
    expect(set.json()).toMatchObject({
      activities: [{ text: '现场', channelData: { clientActivityID: 'u1', attachmentSizes: [70] }, attachments: [{ contentType: 'image/png', name: '照片.png', contentUrl: `${on.origin}/media/t1/${encodeURIComponent('照片.png')}` }] }],
    });
  });

  it('takes the activity as a plain field too, and does without it', async () => {
    expect((await send([{ name: 'activity', body: String(activityPart().body) }, { name: 'file', filename: 'a.png', body: PNG }])).status).toBe(200);
    expect((await send([{ name: 'file', filename: 'b.png', body: PNG }])).status).toBe(200);
    expect(on.ports.received.map((activity) => activity.content)).toMatchObject([{ text: '现场' }, { text: '', attachments: [{ name: 'b.png' }] }]);
  });

  it('takes several files in order, up to five', async () => {
    const file = (name: string): Part => ({ name: 'file', filename: name, body: PNG });
    await send([activityPart(), file('1.png'), file('2.png'), file('3.png')]);
    expect(on.ports.received[0]?.content).toMatchObject({ attachments: [{ name: '1.png' }, { name: '2.png' }, { name: '3.png' }] });
    expect(await send([activityPart({ channelData: {} }), ...['1', '2', '3', '4', '5', '6'].map((name) => file(`${name}.png`))])).toMatchObject({ status: 413, body: { error: { code: 'MessageSizeTooBig' } } });
    expect(await send([activityPart({ channelData: {} }), ...Array.from({ length: 30 }, (_, index) => file(`${index}.png`))])).toMatchObject({ status: 413 });
    expect(on.ports.received).toHaveLength(1);
  });

  it('takes one file as the whole body, its name in either form', async () => {
    expect((await upload(PNG, 'image/png', { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('照片.png')}` })).status).toBe(200);
    expect((await upload(PNG, 'application/json', { 'content-disposition': `attachment; filename="${Buffer.from('现场.png', 'utf8').toString('latin1')}"` })).status).toBe(200);
    expect((await upload(PNG, 'image/png')).status).toBe(200);
    expect(on.ports.received.map(({ content }) => (content.type === 'message' ? content.attachments?.[0]?.name : null))).toEqual(['照片.png', '现场.png', undefined]);
  });

  it('strips paths and marks from names', async () => {
    await send([{ name: 'file', filename: '../../etc/我的 照片?.png', body: PNG }]);
    expect(on.ports.received[0]?.content).toMatchObject({ attachments: [{ name: '我的 照片.png' }] });
  });

  it('judges by the bytes, not by what is said: a program, a page and a drawing with script are refused', async () => {
    const bad: readonly Buffer[] = [Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), Buffer.from('<!DOCTYPE html><script>alert(1)</script>'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'), Buffer.from('plain words')];
    for (const body of bad) expect(await send([activityPart(), { name: 'file', filename: 'a.png', type: 'image/png', body }])).toMatchObject({ status: 415, body: { error: { code: 'BadArgument' } } });
    expect(on.ports.received).toEqual([]);
  });

  it('keeps nothing of a message with one refused file', async () => {
    expect((await send([activityPart(), { name: 'file', filename: 'a.png', body: PNG }, { name: 'file', filename: 'b.txt', body: 'x' }])).status).toBe(415);
    expect(await on.ports.media.open('t1')).toBeNull();
  });

  it('refuses more than 10 MB, an empty file and a form without a file', async () => {
    const big = Buffer.concat([PNG, Buffer.alloc(FILE_LIMIT_BYTES)]);
    expect(await send([activityPart(), { name: 'file', filename: 'big.png', body: big }])).toMatchObject({ status: 413, body: { error: { code: 'MessageSizeTooBig' } } });
    expect(await upload(big, 'image/png')).toMatchObject({ status: 413, body: { error: { code: 'MessageSizeTooBig' } } });
    expect(await send([activityPart(), { name: 'file', filename: 'a.png', body: '' }])).toMatchObject({ status: 400 });
    expect(await send([activityPart()])).toMatchObject({ status: 400, body: { error: { code: 'MissingProperty' } } });
  });

  it('saves a data: URL of a posted activity', async () => {
    const answer = await on.app.inject({
      method: 'POST',
      url: `${PREFIX}/conversations/${conversation.id}/activities`,
      headers: { authorization: `Bearer ${conversation.token}` },
      payload: { type: 'message', from: { id: 'p' }, attachments: [{ contentType: 'image/png', name: 'a.png', contentUrl: `data:image/png;base64,${PNG.toString('base64')}` }, { contentType: 'image/png', contentUrl: 'https://city.example/b.png' }] },
    });
    expect(answer.statusCode).toBe(200);
    expect(on.ports.received[0]?.content).toMatchObject({ attachments: [{ contentType: 'image/png', url: 'https://city.example/b.png' }, { contentType: 'image/png', url: 'media:t1', name: 'a.png' }] });
  });

  it('reads no body of somebody who may not send', async () => {
    const { body, type } = multipart([activityPart(), { name: 'file', filename: 'a.png', body: PNG }]);
    const answer = await on.app.inject({ method: 'POST', url: `${PREFIX}/conversations/${conversation.id}/upload`, headers: { 'content-type': type }, payload: body });
    expect(answer.statusCode).toBe(401);
  });
});
