import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/channel/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { callsTo, house, OPENID, PNG, T0, texts } from '../../test/support/wechat-house.ts';

describe('text', () => {
  it('arrives, Chinese not escaped', async () => {
    const h = await house();
    expect(await h.send({ text: '您好，路灯已派人维修。😀' })).toEqual({ status: 'delivered' });
    expect(h.standIn.sent).toMatchObject([{ openid: OPENID, type: 'text', text: '您好，路灯已派人维修。😀' }]);
    expect(callsTo(h, 'custom/send')[0]?.raw).toBe(`{"touser":"${OPENID}","msgtype":"text","text":{"content":"您好，路灯已派人维修。😀"}}`);
  });

  it('loses control characters and half characters, which JSON would escape', async () => {
    const h = await house();
    expect(await h.send({ text: 'a\u0000b\u0008c\ud800d\nｅ' })).toEqual({ status: 'delivered' });
    expect(texts(h)).toEqual(['abc�d\nｅ']);
    expect(callsTo(h, 'custom/send')[0]?.raw).not.toMatch(/\\u/);
  });

  it('longer than the limit goes in several sends, at sentence ends, nothing lost', async () => {
    const h = await house({ WECHAT_TEXT_LIMIT_BYTES: '300' });
    expect(h.channel.capabilities.textLimit).toBe(300);
    const text = '请带身份证到窗口办理，周末也上班。'.repeat(12);
    expect(await h.send({ text })).toEqual({ status: 'delivered' });
    expect(texts(h).join('')).toBe(text);
    expect(texts(h).every((piece) => Buffer.byteLength(piece) <= 300 && piece.endsWith('。'))).toBe(true);
  });

  it('that WeChat calls too long is cut smaller and goes on', async () => {
    const h = await house();
    h.standIn.failNext(45002);
    const text = '材料齐全的当场办结，窗口在一楼。'.repeat(20);
    expect(await h.send({ text })).toEqual({ status: 'delivered' });
    expect(texts(h).join('')).toBe(text);
    expect(h.standIn.sent.length).toBeGreaterThan(1);
    // What cannot be cut any more is given up.
    h.standIn.failNext(45002);
    expect(await h.send({ text: '短' }, { role: 'seat' })).toEqual({ status: 'failed', code: 'wechat.text_too_long', fallback: true });
  });

  it('of nothing is not sent', async () => {
    const h = await house();
    expect(await h.send({ text: '\u0001 ' })).toEqual({ status: 'failed', code: 'wechat.nothing_to_send', fallback: false });
    expect(h.standIn.calls).toEqual([]);
  });

  it('to an address of another channel is refused', async () => {
    const h = await house();
    expect(await h.send({ text: '你好' }, { address: asAddress('not ours') })).toEqual({ status: 'failed', code: 'wechat.bad_address', fallback: true });
  });
});

describe('a message in several sends', () => {
  const text = '第一部分的内容比较长，需要分开发送。'.repeat(12);

  it('goes on behind what was delivered when it is tried again', async () => {
    const h = await house({ WECHAT_TEXT_LIMIT_BYTES: '300' });
    await h.send({ text: '探路' });
    h.standIn.citizenWrote(OPENID);
    const later = { lastInboundAt: T0 + 5, lastMessageAt: T0 + 5, now: T0 + 6, id: 'long' };
    const whole = h.send({ text }, later);
    h.standIn.onSent(() => h.standIn.failNext(-1));
    expect(await whole).toEqual({ status: 'retry', code: 'wechat.busy' });
    const before = h.standIn.sent.length;
    let receipt: Receipt = { status: 'retry', code: '' };
    for (let attempt = 0; attempt < 10 && receipt.status !== 'delivered'; attempt += 1) receipt = await h.send({ text }, later);
    expect(receipt).toEqual({ status: 'delivered' });
    expect(before).toBeGreaterThan(0);
    expect(texts(h).slice(1).join('')).toBe(text);
  });

  it('goes on behind what was delivered when its count is kept with the receipt', async () => {
    const h = await house({ WECHAT_TEXT_LIMIT_BYTES: '300' });
    const kept = new Map<string, string>();
    const context = { id: 'long', keep: (name: string, value: string) => void kept.set(name, value) };
    const commit = async (): Promise<void> => {
      for (const [name, value] of kept) await h.ports.state.put(name, value, null);
    };
    const stop = h.standIn.onSent(() => {
      h.standIn.failNext(-1);
      stop();
    });
    expect(await h.send({ text }, context)).toEqual({ status: 'retry', code: 'wechat.busy' });
    await commit();
    expect(h.standIn.sent).toHaveLength(1);
    expect(await h.send({ text }, context)).toEqual({ status: 'delivered' });
    await commit();
    expect(texts(h).join('')).toBe(text);
    expect(h.standIn.left(OPENID)).toBe(5 - h.standIn.sent.length);
    for (let left = h.standIn.left(OPENID); left > 1; left -= 1) expect(await h.send({ text: '还有' })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '还有' })).toMatchObject({ code: 'wechat.quota_kept_for_seats' });
  });

  it('is not begun when the quota does not carry all of it, and goes as a whole after the citizen’s next word', async () => {
    const h = await house({ WECHAT_TEXT_LIMIT_BYTES: '300' });
    await h.send({ text: '一' });
    await h.send({ text: '二' });
    expect(await h.send({ text }, { id: 'long' })).toEqual({ status: 'retry', code: 'wechat.quota_kept_for_seats', retryAfterMs: 5_000, awaits: 'citizen' });
    expect(h.standIn.sent).toHaveLength(2);
    h.standIn.citizenWrote(OPENID);
    expect(await h.send({ text }, { id: 'long', lastInboundAt: T0 + 1, lastMessageAt: T0 + 1, now: T0 + 2 })).toEqual({ status: 'delivered' });
    expect(texts(h).slice(2).join('')).toBe(text);
  });

  it('that no word of a citizen would ever pay for is given up at once', async () => {
    const h = await house({ WECHAT_TEXT_LIMIT_BYTES: '300' });
    expect(await h.send({ text: text.repeat(4) })).toEqual({ status: 'failed', code: 'wechat.quota_kept_for_seats', fallback: true });
    expect(h.standIn.sent).toEqual([]);
  });
});

describe('pictures, links and cards', () => {
  it('uploads our picture and sends it; a second send uses the same upload', async () => {
    const h = await house();
    const attachment = await h.ports.media.save(PNG, '现场.png');
    expect(await h.send({ text: '现场照片', attachments: [attachment] })).toEqual({ status: 'delivered' });
    expect(await h.send({ attachments: [attachment] })).toEqual({ status: 'delivered' });
    expect(h.standIn.sent.map((sent) => sent.type)).toEqual(['text', 'image', 'image']);
    expect(callsTo(h, 'media/upload')).toHaveLength(1);
  });

  it('uploads anew when WeChat no longer knows the picture', async () => {
    const h = await house();
    const attachment = await h.ports.media.save(PNG, 'a.png');
    h.standIn.failNext(40007);
    expect(await h.send({ attachments: [attachment] }, { id: 'p' })).toEqual({ status: 'retry', code: 'wechat.media_gone' });
    expect(await h.send({ attachments: [attachment] }, { id: 'p' })).toEqual({ status: 'delivered' });
    expect(callsTo(h, 'media/upload')).toHaveLength(2);
  });

  it.each([40004, 40005, 40006, 40009, 45001])('sends a link instead when the upload says %i', async (errcode) => {
    const h = await house();
    const attachment = await h.ports.media.save(PNG, '现场.png');
    h.standIn.failNext(errcode, { path: 'media/upload' });
    expect(await h.send({ attachments: [attachment] })).toEqual({ status: 'delivered' });
    const address = `https://hotline.example/yihu${h.ports.media.publicUrl(attachment.url)}`;
    expect(h.standIn.sent).toMatchObject([{ type: 'link', body: { link: { title: '现场.png', url: address, thumb_url: address } } }]);
  });

  it('tries again when the upload fails otherwise, and gives the place back', async () => {
    const h = await house();
    const attachment = await h.ports.media.save(PNG, 'a.png');
    h.standIn.breakNext('status-500', { path: 'media/upload' });
    expect(await h.send({ attachments: [attachment] })).toEqual({ status: 'retry', code: 'wechat.http_error' });
    for (let time = 0; time < 4; time += 1) expect(await h.send({ text: String(time) })).toEqual({ status: 'delivered' });
  });

  it('puts other files into the text, which costs no send', async () => {
    const h = await house();
    expect(await h.send({ text: '请看办事指南', attachments: [{ contentType: 'application/pdf', name: '指南.pdf', url: 'https://hotline.example/guide.pdf' }] })).toEqual({ status: 'delivered' });
    expect(texts(h)).toEqual(['请看办事指南\n附件 指南.pdf：https://hotline.example/guide.pdf']);
  });

  it('shows values of cards and links', async () => {
    const h = await house();
    const cover = await h.ports.media.save(PNG, 'cover.png');
    expect(await h.send({ value: { kind: 'miniprogrampage', title: '查进度', pagePath: 'pages/progress/index' }, attachments: [cover] })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '指南在此', value: { kind: 'link', title: '居住证指南', description: '办事指南', url: 'https://city.example/guide', thumbUrl: 'https://city.example/g.png' } })).toEqual({ status: 'delivered' });
    expect(await h.send({ value: { kind: 'miniprogrampage', title: '没有封面的卡片', pagePath: 'pages/a' } })).toEqual({ status: 'delivered' });
    expect(h.standIn.sent.map((sent) => [sent.type, sent.text])).toEqual([['miniprogrampage', '查进度'], ['text', '指南在此'], ['link', '居住证指南'], ['text', '没有封面的卡片']]);
  });
});

describe('quota', () => {
  const waits = (code: string, retryAfterMs = 5_000): Receipt => ({ status: 'retry', code, retryAfterMs, awaits: 'citizen' });

  it('gives the bot four and a seat the fifth, then both wait for the citizen', async () => {
    const h = await house();
    for (let time = 0; time < 4; time += 1) expect(await h.send({ text: `机器人 ${time}` })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '机器人' })).toEqual(waits('wechat.quota_kept_for_seats'));
    expect(await h.send({ text: '坐席' }, { role: 'seat' })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '坐席' }, { role: 'seat' })).toEqual(waits('wechat.quota_spent'));
    expect(callsTo(h, 'custom/send'), 'what our count refuses is not asked').toHaveLength(5);
    expect(h.standIn.calls.every((call) => call.errcode === 0)).toBe(true);
  });

  it('is looked at ever more rarely, and the message is given up when the window closes', async () => {
    const h = await house();
    for (let time = 0; time < 5; time += 1) await h.send({ text: String(time) }, { role: 'seat' });
    const after = async (ms: number) => {
      h.now = T0 + ms;
      return h.send({ text: '坐席' }, { role: 'seat', id: 'late' });
    };
    expect(await after(10_000)).toEqual(waits('wechat.quota_spent', 5_000));
    expect(await after(60_000)).toEqual(waits('wechat.quota_spent', 15_000));
    expect(await after(3_600_000)).toEqual(waits('wechat.quota_spent', 900_000));
    expect(await after(48 * 3_600_000 - 7_000)).toEqual(waits('wechat.quota_spent', 7_000));
    expect(await after(48 * 3_600_000)).toEqual({ status: 'failed', code: 'wechat.window_closed', fallback: true });
    expect(callsTo(h, 'custom/send')).toHaveLength(5);
  });

  it('costs a look and one change a send; where the core keeps it, a look; the first send of a message, nothing', async () => {
    const h = await house();
    await h.send({ text: '探路' });
    const passages: string[] = [];
    const { get, put, update } = h.ports.state;
    h.ports.state.get = (key) => (passages.push('get'), get(key));
    h.ports.state.put = (key, value, expiresAt) => (passages.push('put'), put(key, value, expiresAt));
    h.ports.state.update = (key, change) => (passages.push('update'), update(key, change));
    expect(await h.send({ text: '一' })).toEqual({ status: 'delivered' });
    expect(passages.splice(0)).toEqual(['get', 'get', 'update']);
    const kept: (readonly [string, string, number | null])[] = [];
    expect(await h.send({ text: '二' }, { keep: (...given) => void kept.push(given) })).toEqual({ status: 'delivered' });
    expect(passages.splice(0)).toEqual(['get', 'get']);
    const [name, value, expiresAt] = kept.at(-1) ?? ['', '', null];
    expect(name).not.toContain(OPENID);
    expect(expiresAt).toBe(T0 + 49 * 3_600_000);
    await put(name, value, expiresAt);
    expect(await h.send({ text: '三' })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '四' })).toMatchObject({ code: 'wechat.quota_kept_for_seats' });
    passages.length = 0;
    expect(await h.send({ text: '五' }, { keep: (...given) => void kept.push(given), first: true })).toEqual({ status: 'delivered' });
    expect(passages).toEqual([]);
  });

  it('lets a greeting through after entering, and nothing a minute later', async () => {
    const h = await house();
    h.standIn.citizenEntered(OPENID);
    const entered = { lastInboundAt: T0, lastMessageAt: null };
    expect(await h.send({ text: '欢迎使用 12345' }, entered)).toEqual({ status: 'delivered' });
    h.now = T0 + 60_000;
    expect(await h.send({ text: '还在吗' }, { ...entered, role: 'seat' })).toEqual({ status: 'failed', code: 'wechat.window_closed', fallback: true });
  });

  it('obeys WeChat’s count when ours is behind, until the citizen writes', async () => {
    const h = await house();
    h.standIn.failNext(45047);
    expect(await h.send({ text: '一' })).toEqual(waits('wechat.quota_spent'));
    expect(await h.send({ text: '二' }, { role: 'seat' })).toEqual(waits('wechat.quota_spent'));
    expect(callsTo(h, 'custom/send')).toHaveLength(1);
    expect(await h.send({ text: '三' }, { lastInboundAt: T0 + 1, lastMessageAt: T0 + 1 })).toEqual({ status: 'delivered' });
  });
});
