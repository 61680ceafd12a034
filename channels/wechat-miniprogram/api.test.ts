import { describe, expect, it } from 'vitest';
import type { Receipt, SendContext } from '../../src/channel/contract.ts';
import { ERRCODES, delayMs, rowOf } from '../../src/channel/wechat/errcodes.ts';
import { ADDRESS, callsTo, house, OPENID, PNG, T0, type House } from '../../test/support/wechat-house.ts';

describe('every row of the table', () => {
  const receiptOf = (errcode: number): Receipt => {
    const { code, reaction } = rowOf(errcode);
    switch (reaction.kind) {
      case 'delivered':
        return { status: 'delivered' };
      case 'delay':
        return { status: 'retry', code, retryAfterMs: delayMs(reaction.ms, T0) };
      case 'failed':
        return { status: 'failed', code, fallback: reaction.fallback };
      case 'wait':
        return { status: 'retry', code, retryAfterMs: 5_000, awaits: 'citizen' };
      case 'split':
      case 'link-instead':
        return { status: 'failed', code, fallback: true };
      default:
        return { status: 'retry', code };
    }
  };

  it('has each errcode once', () => {
    expect(new Set(ERRCODES.map((row) => row.errcode)).size).toBe(ERRCODES.length);
    // What the brief table of the vendor's documentation lists must be there.
    for (const errcode of [-1, 0, 40001, 40014, 42001, 40003, 40029, 40163, 40033, 45002, 45009, 45011, 45015, 45047, 48001, 45072, 45080, 45081]) expect(ERRCODES.some((row) => row.errcode === errcode), String(errcode)).toBe(true);
  });

  it.each(ERRCODES.map((row) => [row.errcode, row.code] as const))('%i → %s', async (errcode, code) => {
    const h = await house();
    const { reaction } = rowOf(errcode);
    if (errcode !== 0) h.standIn.failNext(errcode, { times: reaction.kind === 'token' ? 2 : 1 });
    expect(await h.send({ text: '您好' })).toEqual(receiptOf(errcode));
    const line = h.ports.logged.map((entry) => JSON.stringify(entry)).join('\n');
    if (errcode !== 0 && reaction.kind !== 'ignore') expect(line).toContain(code);
    expect(line, 'the text of the error is not logged').not.toContain('refused rid');
    expect(line).not.toMatch(/您好|access_token|stand-in-|not-a-real/);
    expect(line).not.toContain(OPENID);
    // Nothing was sent, so nothing was spent, unless the peer closed the window.
    const again = await h.send({ text: '再来' }, { id: 'again' });
    if (reaction.kind === 'failed' && reaction.closes === true) expect(again).toEqual({ status: 'failed', code: 'wechat.window_closed', fallback: true });
    else if (reaction.kind === 'wait') expect(again).toEqual({ status: 'retry', code, retryAfterMs: 5_000, awaits: 'citizen' });
    else expect(again).toEqual({ status: 'delivered' });
  });

  it('takes an unknown errcode for a passing fault', async () => {
    const h = await house();
    h.standIn.failNext(99_999);
    expect(await h.send({ text: '您好' })).toEqual({ status: 'retry', code: 'wechat.errcode_99999' });
  });

  it('waits for midnight in Beijing when the day is used up, unless the window closes before', async () => {
    const h = await house();
    expect(delayMs('next-day', Date.parse('2026-11-22T15:59:00Z'))).toBe(60_000);
    expect(delayMs('next-day', Date.parse('2026-11-22T16:00:00Z'))).toBe(24 * 3_600_000);
    h.standIn.failNext(45009);
    const late = T0 + 47 * 3_600_000;
    h.now = late;
    expect(await h.send({ text: '您好' })).toEqual({ status: 'failed', code: 'wechat.daily_limit', fallback: true });
  });
});

describe('the network', () => {
  it.each([
    ['hang-up', 'wechat.unreachable'],
    ['status-500', 'wechat.http_error'],
    ['nonsense', 'wechat.nonsense'],
    ['stall', 'wechat.timeout'],
  ] as const)('%s is a retry, and its place is kept for it', async (how, code) => {
    const h = await house({ WECHAT_TIMEOUT_MS: '300' });
    await h.send({ text: '探路' });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      h.standIn.breakNext(how);
      expect(await h.send({ text: '您好' }, { id: 'same' })).toEqual({ status: 'retry', code });
    }
    expect(await h.send({ text: '二' })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '三' })).toEqual({ status: 'delivered' });
    expect(await h.send({ text: '四' })).toMatchObject({ status: 'retry', code: 'wechat.quota_kept_for_seats' });
    expect(await h.send({ text: '您好' }, { id: 'same' })).toEqual({ status: 'delivered' });
  });

  it('nobody listening is a retry', async () => {
    const h = await house();
    await h.standIn.close();
    expect(await h.send({ text: '您好' })).toMatchObject({ status: 'retry', code: 'wechat.unreachable' });
  });
});

describe('the token', () => {
  it('is fetched once for many sends at once, kept in the state, without force', async () => {
    const h = await house();
    await Promise.all(['一', '二', '三'].map((text) => h.send({ text })));
    expect(callsTo(h, 'stable_token')).toHaveLength(1);
    expect(callsTo(h, 'stable_token')[0]?.raw).toContain('"force_refresh":false');
    expect(await h.ports.state.get('token:wx0000000000000000')).toContain('stand-in-');
  });

  it('is renewed five minutes before its end', async () => {
    const h = await house();
    await h.send({ text: '一' });
    h.now = T0 + 6_899_000;
    await h.send({ text: '二' });
    expect(callsTo(h, 'stable_token')).toHaveLength(1);
    h.now = T0 + 6_900_000;
    await h.send({ text: '三' });
    expect(callsTo(h, 'stable_token')).toHaveLength(2);
  });

  it.each([40001, 40014, 42001])('refused with %i is fetched once and the send made once more', async (errcode) => {
    const h = await house();
    await h.send({ text: '一' });
    h.standIn.failNext(errcode);
    expect(await h.send({ text: '二' })).toEqual({ status: 'delivered' });
    expect(callsTo(h, 'stable_token')).toHaveLength(2);
    h.standIn.failNext(errcode, { times: 2 });
    expect(await h.send({ text: '三' })).toEqual({ status: 'retry', code: 'wechat.token_rejected' });
    expect(callsTo(h, 'custom/send')).toHaveLength(5);
  });

  it('revoked elsewhere is replaced by a really new one', async () => {
    const h = await house();
    await h.send({ text: '一' });
    h.standIn.revokeTokens();
    expect(await Promise.all([h.send({ text: '二' }), h.send({ text: '三' })])).toEqual([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(callsTo(h, 'stable_token')).toHaveLength(2);
  });

  it('that cannot be had is a retry that costs no send', async () => {
    const h = await house({ WECHAT_SECRET: 'another-secret' });
    for (let attempt = 0; attempt < 6; attempt += 1) expect(await h.send({ text: '您好' })).toEqual({ status: 'retry', code: 'wechat.settings_secret' });
    expect(callsTo(h, 'custom/send')).toEqual([]);
    expect(h.ports.logged.map((entry) => JSON.stringify(entry)).join()).not.toContain('another-secret');
  });
});

describe('typing', () => {
  it('is shown within 30 s of the citizen’s message, and trouble is of no importance', async () => {
    const h = await house();
    const context: SendContext = { address: ADDRESS, lastInboundAt: T0, now: T0 + 1000 };
    await h.channel.sendTyping?.(context);
    expect(h.standIn.typed).toEqual([{ openid: OPENID, command: 'Typing' }]);
    h.standIn.failNext(45081, { path: 'custom/typing' });
    await h.channel.sendTyping?.(context);
    await h.channel.sendTyping?.({ ...context, now: T0 + 30_001 });
    await h.channel.sendTyping?.({ ...context, lastMessageAt: null, lastInboundAt: null });
    expect(callsTo(h, 'custom/typing')).toHaveLength(2);
    expect((await house({ WECHAT_TYPING: 'false' })).channel.sendTyping).toBeUndefined();
  });
});

describe('a citizen’s picture', () => {
  const attachmentOf = (h: House, mediaId: string, picUrl?: string) => ({ contentType: 'image/jpeg', url: `${h.standIn.url}/cgi-bin/media/get?${new URLSearchParams({ media_id: mediaId, ...(picUrl === undefined ? {} : { pic_url: picUrl }) }).toString()}` });

  it('comes by media id, else from its address, else it is gone', async () => {
    const h = await house();
    const { mediaId, picUrl } = h.standIn.addPicture(PNG, 'image/png');
    expect((await h.channel.fetchAttachment?.(attachmentOf(h, mediaId)))?.bytes.equals(PNG)).toBe(true);
    expect((await h.channel.fetchAttachment?.(attachmentOf(h, 'expired', picUrl)))?.bytes.equals(PNG)).toBe(true);
    expect(await h.channel.fetchAttachment?.(attachmentOf(h, 'expired'))).toBeNull();
    expect(await h.channel.fetchAttachment?.(attachmentOf(h, 'expired', `${h.standIn.url}/pic/none`))).toBeNull();
    expect(await h.channel.fetchAttachment?.({ contentType: 'image/png', url: 'media:ours' })).toBeNull();
  });

  it('is not fetched from hosts that are not WeChat’s', async () => {
    const h = await house();
    const other = await house();
    const { picUrl } = other.standIn.addPicture(PNG, 'image/png');
    expect(await h.channel.fetchAttachment?.(attachmentOf(h, 'expired', picUrl))).toBeNull();
    expect(other.standIn.calls).toEqual([]);
  });

  it('above the limit is refused, trouble is worth another try', async () => {
    const h = await house({ WECHAT_MEDIA_MAX_BYTES: '1024' });
    const { mediaId } = h.standIn.addPicture(Buffer.concat([PNG, Buffer.alloc(2000)]), 'image/png');
    await expect(h.channel.fetchAttachment?.(attachmentOf(h, mediaId))).rejects.toMatchObject({ code: 'media.too_large' });
    h.standIn.breakNext('status-500', { path: 'media/get' });
    await expect(h.channel.fetchAttachment?.(attachmentOf(h, mediaId))).rejects.toMatchObject({ code: 'wechat.media_unreachable', retry: 'later' });
    h.standIn.failNext(40001, { path: 'media/get' });
    const small = h.standIn.addPicture(PNG, 'image/png');
    expect((await h.channel.fetchAttachment?.(attachmentOf(h, small.mediaId)))?.bytes.length).toBe(PNG.length);
  });
});
