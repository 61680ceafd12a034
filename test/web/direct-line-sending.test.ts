import { describe, expect, it } from 'vitest';
import { aWorld, conversationOf, count } from './support/direct-line-world.ts';

describe('sending', () => {
  it('keeps the order although the first tries fail, and stores each once', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 502, body: { error: { code: 'BotRejectedActivity' } } }, 2);
    const first = client.send({ text: '第一' });
    client.send({ text: '第二' });
    client.send({ text: '第三' });
    await clock.advance(30_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['第一', '第二', '第三']);
    expect(sending.get(first.clientId)?.at(-1)).toBe('sent');
    client.stop();
  });

  it('gives up visibly after a few tries, those behind it included, and a retry sends them in order', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 500, body: {} }, 4);
    const first = client.send({ text: '第一' });
    const second = client.send({ text: '第二' });
    await clock.advance(60_000);
    expect([first, second].map(({ clientId }) => sending.get(clientId)?.at(-1))).toEqual(['failed', 'failed']);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual([]);
    client.retryFailed();
    await clock.advance(5_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['第一', '第二']);
    client.stop();
  });

  it('does not call failed what came back on the stream, although no answer ever did', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts, sending } = page();
    client.start();
    await clock.settle();
    fake.failAfter(/POST .*activities/, { status: 504, body: {} }, 10);
    const pending = client.send({ text: '回执丢了' });
    await clock.advance(60_000);
    expect(texts).toEqual(['回执丢了']);
    expect(sending.get(pending.clientId)).not.toContain('failed');
    expect(count(fake, /POST .*activities/)).toBe(2); // with the one that says that somebody has come
    client.stop();
  });

  it('says at once what the server will never take, and goes on with the next', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 413, body: { error: { code: 'MessageSizeTooBig' } } });
    const big = client.send({ text: '太大' });
    client.send({ text: '刚好' });
    await clock.settle();
    expect(sending.get(big.clientId)?.at(-1)).toBe('rejected');
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['刚好']);
    client.stop();
  });

  it('does not burn its tries on a quota', async () => {
    const { clock, fake, page } = aWorld();
    const { client } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 429, body: {}, headers: { 'retry-after': '2' } }, 6);
    client.send({ text: '慢慢来' });
    await clock.advance(20_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['慢慢来']);
    client.stop();
  });

  it('goes on trying for minutes while the service is away, says so, and then sends all in order, once', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 503, body: { error: { code: 'ServiceError' } }, headers: { 'retry-after': '3' } }, 1000);
    const first = client.send({ text: '第一' });
    await clock.advance(60_000);
    const second = client.send({ text: '第二' });
    await clock.advance(400_000);
    expect([first, second].map(({ clientId }) => sending.get(clientId)?.at(-1))).toEqual(['retrying', 'queued']);
    // The words do not flicker, and a service that is ill is not stormed.
    expect(new Set(sending.get(first.clientId)?.slice(2))).toEqual(new Set(['retrying']));
    expect(count(fake, /POST .*activities/)).toBeLessThan(60);
    fake.heal();
    await clock.advance(21_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['第一', '第二']);
    expect([first, second].map(({ clientId }) => sending.get(clientId)?.at(-1))).toEqual(['sent', 'sent']);
    client.stop();
  });

  it('does not try earlier than the service asks', async () => {
    const { clock, fake, page } = aWorld();
    const { client } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 503, body: {}, headers: { 'retry-after': '40' } }, 1);
    client.send({ text: '稍后' });
    const before = count(fake, /POST .*activities/);
    await clock.advance(39_000);
    expect(count(fake, /POST .*activities/)).toBe(before + 1);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual([]);
    await clock.advance(2_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['稍后']);
    client.stop();
  });

  it('shows as failed, in the end, what a service that stays away never took', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 503, body: {} }, 10_000);
    const first = client.send({ text: '第一' });
    const second = client.send({ text: '第二' });
    await clock.advance(640_000);
    expect([first, second].map(({ clientId }) => sending.get(clientId)?.at(-1))).toEqual(['failed', 'failed']);
    fake.heal();
    client.retryFailed();
    await clock.advance(5_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['第一', '第二']);
    client.stop();
  });

  it('ends as failed when the token is refused again and again', async () => {
    const { clock, fake, page } = aWorld();
    const { client, sending } = page();
    client.start();
    await clock.settle();
    fake.fail(/POST .*activities/, { status: 403, body: {} }, 1000);
    const pending = client.send({ text: '进不去' });
    await clock.advance(600_000);
    expect(sending.get(pending.clientId)?.at(-1)).toBe('failed');
    client.stop();
  });

  it('carries a pressed button as value with postBack, a typed text as plain text', async () => {
    const { clock, fake, page } = aWorld();
    const { client } = page();
    client.start();
    await clock.settle();
    client.send({ text: '确认', value: { yes: true }, postBack: true });
    await clock.settle();
    const body = fake.requests.findLast((request) => request.path.endsWith('/activities') && request.method === 'POST')?.body;
    expect(body).toMatchObject({ type: 'message', text: '确认', value: { yes: true }, locale: 'zh-CN', channelData: { postBack: true } });
    client.stop();
  });

  it('uploads a file as multipart with a described activity and without storing the bytes in the tab', async () => {
    const { clock, fake, page } = aWorld();
    const { client, ports } = page();
    client.start();
    await clock.settle();
    client.send({ text: '', file: new File(['png'], '照片.png', { type: 'image/png' }) });
    expect(ports.stored).not.toContain('照片');
    await clock.settle();
    const upload = fake.requests.find((request) => request.path.includes('/upload?userId=dl_'));
    expect(upload?.body['attachments']).toEqual([{ contentType: 'image/png', name: '照片.png' }]);
    client.stop();
  });
});
