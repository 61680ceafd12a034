import { describe, expect, it } from 'vitest';
import { aWorld, conversationOf, count } from './support/direct-line-world.ts';

describe('connecting', () => {
  it('asks for a token, opens the conversation and hears the bot on the stream', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts, statuses } = page();
    client.start();
    await clock.settle();
    expect(statuses).toEqual(['connecting', 'online']);
    fake.say(conversationOf(fake), 'yihu', { text: '您好' });
    expect(texts).toEqual(['您好']);
    client.stop();
    expect(clock.pending()).toBe(0);
  });

  it('tells a new conversation that somebody has come, once and before anything is said', async () => {
    const { clock, fake, page } = aWorld();
    const joined: string[] = [];
    fake.onJoin = (id) => {
      joined.push(id);
      fake.say(id, 'yihu', { text: '欢迎' });
    };
    const first = page();
    fake.failAfter(/POST .*activities/, { status: 504, body: {} });
    first.client.send({ text: '问' });
    await clock.advance(5_000);
    first.client.stop();
    const second = page(first.ports.stored);
    second.client.start();
    await clock.advance(5_000);
    expect(joined).toEqual([conversationOf(fake)]);
    expect(second.texts).toEqual(['欢迎', '问']);
    expect(second.client.restored).toEqual([]);
    second.client.stop();
  });

  it('keeps trying with growing pauses while the server is away, and stops at once when told', async () => {
    const { clock, fake, page } = aWorld();
    const { client, ports, statuses } = page();
    ports.online = false;
    client.start();
    await clock.advance(60_000);
    expect(statuses.filter((status) => status === 'connecting').length).toBeGreaterThan(3);
    expect(statuses.filter((status) => status === 'connecting').length).toBeLessThan(10);
    ports.online = true;
    await clock.advance(60_000);
    expect(statuses.at(-1)).toBe('online');
    client.stop();
    expect(clock.pending()).toBe(0);
    expect(fake.conversations.size).toBe(1);
  });

  it('waits as long as the server asks when it is told to slow down', async () => {
    const { clock, fake, page } = aWorld();
    const { client, statuses } = page();
    fake.fail(/widget\/token/, { status: 429, body: { error: { code: 'TooManyRequests' } }, headers: { 'retry-after': '30' } });
    client.start();
    await clock.advance(29_000);
    expect(statuses.at(-1)).toBe('waiting');
    await clock.advance(2_000);
    expect(statuses.at(-1)).toBe('online');
    client.stop();
  });

  it('reconnects after a drop from its watermark: nothing lost, nothing twice', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts, statuses } = page();
    client.start();
    await clock.settle();
    const id = conversationOf(fake);
    fake.say(id, 'yihu', { text: '一' });
    fake.cut(id);
    fake.say(id, 'yihu', { text: '二' });
    expect(statuses.at(-1)).toBe('waiting');
    await clock.advance(5_000);
    fake.say(id, 'yihu', { text: '三' });
    expect(statuses.at(-1)).toBe('online');
    expect(texts).toEqual(['一', '二', '三']);
    client.stop();
  });

  it('falls back to polling when no stream can be had, and returns to the stream later', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts, statuses } = page();
    fake.blockStreams(true);
    client.start();
    await clock.advance(20_000);
    expect(statuses.at(-1)).toBe('polling');
    const id = conversationOf(fake);
    fake.say(id, 'yihu', { text: '轮询也能收到' });
    client.send({ text: '也能发送' });
    await clock.advance(12_000);
    expect(texts).toContain('轮询也能收到');
    expect(fake.citizenTexts(id)).toEqual(['也能发送']);
    fake.blockStreams(false);
    await clock.advance(90_000);
    expect(statuses.at(-1)).toBe('online');
    expect(new Set(texts).size).toBe(texts.length);
    client.stop();
  });

  it('does not fight with another tab for the stream: it polls', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    const second = page(first.ports.stored);
    second.client.start();
    await clock.advance(8_000);
    expect(second.statuses.at(-1)).toBe('online');
    expect(first.statuses.at(-1)).toBe('polling');
    fake.say(conversationOf(fake), 'yihu', { text: '两边都有' });
    await clock.advance(12_000);
    expect(first.texts).toEqual(['两边都有']);
    expect(second.texts).toEqual(['两边都有']);
    first.client.stop();
    second.client.stop();
  });

  it('notices a dead connection by the echo that does not come', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts } = page();
    client.start();
    await clock.settle();
    const id = conversationOf(fake);
    fake.cut(id, { silently: true });
    client.send({ text: '在吗' });
    await clock.settle();
    fake.say(id, 'yihu', { text: '在的' });
    expect(texts).toEqual([]);
    await clock.advance(10_000);
    expect(texts).toEqual(['在吗', '在的']);
    fake.say(id, 'yihu', { text: '新的连接' });
    expect(texts.at(-1)).toBe('新的连接');
    client.stop();
  });

  it('pauses while the device is offline and connects at once when it is back', async () => {
    const { clock, fake, page } = aWorld();
    const { client, ports, statuses } = page();
    client.start();
    await clock.settle();
    ports.online = false;
    client.network(false);
    client.send({ text: '断网时写的' });
    await clock.advance(120_000);
    expect(statuses.at(-1)).toBe('offline');
    ports.online = true;
    client.network(true);
    await clock.settle();
    expect(statuses.at(-1)).toBe('online');
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['断网时写的']);
    client.stop();
  });
});

describe('token', () => {
  it('is refreshed before it ends', async () => {
    const { clock, fake, page } = aWorld();
    const { client, statuses } = page();
    client.start();
    await clock.advance(3 * 3600_000);
    expect(count(fake, /tokens\/refresh/)).toBeGreaterThan(9);
    expect(count(fake, /widget\/token/)).toBe(1);
    expect(statuses).toEqual(['connecting', 'online']);
    client.send({ text: '三小时后' });
    await clock.settle();
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['三小时后']);
    client.stop();
  });

  it('that was refused is replaced by one for the same citizen, and the message arrives once', async () => {
    const { clock, fake, page } = aWorld();
    const { client, texts } = page();
    client.start();
    await clock.settle();
    const id = conversationOf(fake);
    fake.fail(/POST .*activities/, { status: 403, body: { error: { code: 'TokenExpired' } } });
    client.send({ text: '一次' });
    await clock.advance(5_000);
    expect(conversationOf(fake)).toBe(id);
    expect(fake.citizenTexts(id)).toEqual(['一次']);
    expect(texts).toEqual(['一次']);
    expect(count(fake, /widget\/token/)).toBe(2);
    client.stop();
  });

  it('that the server does not know at all starts a new visitor', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    first.client.stop();
    fake.forgetTokens();
    const second = page(first.ports.stored);
    second.client.start();
    await clock.advance(10_000);
    expect(second.statuses.at(-1)).toBe('online');
    expect(fake.conversations.size).toBe(2);
    second.client.stop();
  });
});

describe('after a reload', () => {
  it('shows the whole conversation again and goes on with it', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    const id = conversationOf(fake);
    first.client.send({ text: '问题' });
    await clock.settle();
    fake.say(id, 'yihu', { text: '回答' });
    first.client.stop();
    const second = page(first.ports.stored);
    expect(second.client.resumable).toBe(true);
    second.client.start();
    await clock.settle();
    fake.say(id, 'seat', { text: '后来' });
    expect(second.texts).toEqual(['问题', '回答', '后来']);
    expect(fake.conversations.size).toBe(1);
    second.client.stop();
  });

  it('sends what the earlier page could not send, before what is new, once', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    first.ports.online = false;
    first.client.send({ text: '甲' });
    first.client.send({ text: '乙' });
    await clock.settle();
    first.client.stop();
    const second = page(first.ports.stored);
    expect(second.client.restored.map((pending) => pending.draft.text)).toEqual(['甲', '乙']);
    second.client.send({ text: '丙' });
    await clock.advance(3_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['甲', '乙', '丙']);
    second.client.stop();
  });

  it('does not send again what the server already has', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    const stored = first.ports.stored ?? '';
    const sent = first.client.send({ text: '已到' });
    await clock.settle();
    first.client.stop();
    // The page died after the server took it and before its answer was noted.
    const half = JSON.stringify({ ...(JSON.parse(stored) as object), unsent: [sent] });
    const second = page(half);
    second.client.start();
    await clock.advance(3_000);
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['已到']);
    expect(second.texts).toEqual(['已到']);
    second.client.stop();
  });

  it('ignores a damaged store', async () => {
    const { clock, page } = aWorld();
    const { client, statuses } = page('{"session":5');
    client.start();
    await clock.settle();
    expect(statuses.at(-1)).toBe('online');
    client.stop();
  });

  it('begins anew when the server has lost the conversation', async () => {
    const { clock, fake, page } = aWorld();
    const first = page();
    first.client.start();
    await clock.settle();
    first.client.stop();
    fake.forgetConversations();
    const second = page(first.ports.stored);
    second.client.start();
    await clock.advance(10_000);
    expect(second.restarts).toBe(1);
    expect(second.statuses.at(-1)).toBe('online');
    second.client.send({ text: '新会话' });
    await clock.settle();
    expect(fake.citizenTexts(conversationOf(fake))).toEqual(['新会话']);
    second.client.stop();
  });
});
