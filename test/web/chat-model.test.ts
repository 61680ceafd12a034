import { describe, expect, it } from 'vitest';
import { EMPTY_CHAT, reduce, type Chat, type ChatEvent, type MessageEntry } from '../../src/web/widget/chat/model.ts';
import { readActivitySet, type WireActivity } from '../../src/web/widget/direct-line/wire.ts';

const NOW = Date.parse('2026-11-22T02:00:00Z');

function wire(activity: Record<string, unknown>): WireActivity {
  const set = readActivitySet({ activities: [{ id: `c|${Math.abs(JSON.stringify(activity).length)}`, timestamp: '2026-11-22T01:59:00Z', ...activity }] });
  const [first] = set?.activities ?? [];
  if (first === undefined) throw new Error('the sample is no activity');
  return first;
}

const bot = (activity: Record<string, unknown>): WireActivity => wire({ type: 'message', from: { id: 'yihu', role: 'bot' }, ...activity });
const arrived = (activity: WireActivity, own = false, seen = true): ChatEvent => ({ type: 'arrived', activity, own, now: NOW, seen });
const after = (...events: readonly ChatEvent[]): Chat => events.reduce((chat, event) => reduce(chat, event, 'https://city.example'), EMPTY_CHAT);

function onlyMessage(chat: Chat): MessageEntry {
  const [entry] = chat.entries;
  if (entry?.kind !== 'message') throw new Error('no message');
  return entry;
}

describe('messages', () => {
  it('shows the pages of a card as links that stay, and no other file; an address of another kind is left out', () => {
    const buttons = [{ type: 'openUrl', title: '网上申领', value: 'https://city.example/apply' }, { type: 'openUrl', title: '坏的', value: 'javascript:alert(1)' }];
    const entry = onlyMessage(after(arrived(bot({ text: '可以网上办。', attachments: [{ contentType: 'application/vnd.microsoft.card.hero', content: { buttons } }, { contentType: 'application/vnd.microsoft.card.hero', content: 'odd' }] }))));
    expect(entry.actions).toEqual([{ kind: 'link', title: '网上申领', href: 'https://city.example/apply' }]);
    expect(entry.media).toEqual([]);
  });

  it('takes the source from channelData and not a second time from the text', () => {
    const source = { title: '居住证暂行条例', department: '市公安局', effectiveFrom: '2016-01-01', url: 'https://city.example/law' };
    const entry = onlyMessage(after(arrived(bot({ text: '带身份证到派出所办理。\n\n来源：《居住证暂行条例》，市公安局，2016-01-01 起施行\nhttps://city.example/law', channelData: { source } }))));
    expect(entry.text).toBe('带身份证到派出所办理。');
    expect(entry.source).toEqual({ title: '居住证暂行条例', department: '市公安局', effectiveFrom: '2016-01-01', href: 'https://city.example/law' });
  });

  it('keeps a last paragraph that only looks like a source', () => {
    expect(onlyMessage(after(arrived(bot({ text: '答复。\n\n来源：别处', channelData: { source: { title: '条例' } } })))).text).toBe('答复。\n\n来源：别处');
    expect(onlyMessage(after(arrived(bot({ text: '答复。\n\n来源：《条例》' })))).text).toBe('答复。\n\n来源：《条例》');
  });

  it('tells seat and system from the bot by the id of the speaker', () => {
    const chat = after(arrived(bot({ text: 'a' })), arrived(bot({ text: 'bb', from: { id: 'seat', name: '坐席', role: 'bot' } })), arrived(bot({ text: 'ccc', from: { id: 'system', role: 'bot' } })));
    expect(chat.entries.map((entry) => (entry.kind === 'message' ? entry.from : ''))).toEqual(['bot', 'seat', 'system']);
    expect(chat.mode).toBe('human');
  });

  it('offers only buttons that are safe', () => {
    const actions = [
      { type: 'imBack', title: '办理', value: '居住证办理' },
      { type: 'postBack', title: '确认', value: { yes: true } },
      { type: 'openUrl', title: '网上办', value: 'https://city.example/do' },
      { type: 'openUrl', title: '坏', value: 'javascript:alert(1)' },
      { type: 'call', title: '火警', value: '119' },
      { type: 'signin', title: '登录', value: 'https://city.example' },
      { type: 'imBack' },
    ];
    expect(onlyMessage(after(arrived(bot({ text: '请选择', suggestedActions: { actions } })))).actions).toEqual([
      { kind: 'say', title: '办理', text: '居住证办理' },
      { kind: 'post', title: '确认', text: '确认', value: { yes: true } },
      { kind: 'link', title: '网上办', href: 'https://city.example/do' },
      { kind: 'link', title: '火警', href: 'tel:119' },
    ]);
  });

  it('shows pictures by type and address, resolves relative addresses, and nothing that could run', () => {
    const attachments = [
      { contentType: 'image/png', contentUrl: '/media/t/1.png', name: '1.png' },
      { contentType: 'image/svg+xml', contentUrl: '/media/t/2.svg', name: '2.svg' },
      { contentType: 'image/png', contentUrl: 'data:text/html,x', name: '3.png' },
      { contentType: 'application/pdf', contentUrl: 'https://city.example/4.pdf' },
      'broken',
    ];
    expect(onlyMessage(after(arrived(bot({ text: '', attachments })))).media).toEqual([
      { name: '1.png', href: 'https://city.example/media/t/1.png', image: true },
      { name: '2.svg', href: 'https://city.example/media/t/2.svg', image: false },
      { name: '3.png', href: null, image: false },
      { name: '', href: 'https://city.example/4.pdf', image: false },
    ]);
  });

  it('ignores what has nothing to show', () => {
    expect(after(arrived(bot({ text: '' })), arrived(wire({ type: 'conversationUpdate', from: { id: 'yihu' } })), arrived(wire({ type: 'event', name: 'other', from: { id: 'yihu' } }))).entries).toEqual([]);
  });

  it('counts as unread what arrives while nobody looks, own words never', () => {
    const chat = after(arrived(bot({ text: 'a' }), false, false), arrived(bot({ text: 'bb' }), false, false), arrived(bot({ text: 'ccc' }), true, false));
    expect(chat.unread).toBe(2);
    expect(reduce(chat, { type: 'seen' }, '').unread).toBe(0);
  });
});

describe('own messages', () => {
  const pending = { clientId: 'k1', draft: { text: '确认' }, at: NOW };
  const written: ChatEvent = { type: 'written', pending, preview: null };

  it('wait below the others until the echo takes their place under the same key', () => {
    const before = after(written, { type: 'progress', clientId: 'k1', state: 'sending', status: 0 }, arrived(bot({ text: '先到的' })));
    expect(before.outgoing).toMatchObject([{ key: 'k1', delivery: 'sending' }]);
    const echoed = reduce(before, arrived(wire({ type: 'message', from: { id: 'dl_1', role: 'user' }, channelData: { clientActivityID: 'k1', postBack: true }, value: 1 }), true), '');
    expect(echoed.outgoing).toEqual([]);
    // A postBack comes back without words: those on the button stay.
    expect(echoed.entries.at(-1)).toMatchObject({ key: 'k1', text: '确认', delivery: 'sent', from: 'citizen' });
  });

  it('say how far they got', () => {
    const chat = after(written, { type: 'progress', clientId: 'k1', state: 'rejected', status: 413 }, { type: 'progress', clientId: 'other', state: 'sent', status: 0 });
    expect(chat.outgoing).toMatchObject([{ delivery: 'rejected', refusal: 413 }]);
  });
});

describe('typing and hand-over', () => {
  const typing = (id: string): ChatEvent => arrived(wire({ type: 'typing', from: { id } }));
  const status = (value: unknown): ChatEvent => arrived(wire({ type: 'event', name: 'handoff.status', value, from: { id: 'system' } }));

  it('shows who types until something is said or the sign runs out', () => {
    expect(after(typing('seat')).typing).toBe('seat');
    expect(after(typing('yihu'), arrived(bot({ text: '好' }))).typing).toBeNull();
    expect(after(typing('yihu'), { type: 'typingEnded' }).typing).toBeNull();
    expect(after(arrived(wire({ type: 'typing', from: { id: 'dl_1', role: 'user' } }), true)).typing).toBeNull();
  });

  it('follows the hand-over through its states', () => {
    expect(after(status({ state: 'accepted' }))).toMatchObject({ mode: 'human', entries: [{ kind: 'notice', code: 'handoff.accepted' }] });
    expect(after(status({ state: 'accepted' }), status({ state: 'completed' })).mode).toBe('bot');
    expect(after(status({ state: 'failed', message: '现在是下班时间' }))).toMatchObject({ mode: 'bot', entries: [{ text: '现在是下班时间' }] });
    expect(after(status({ state: 'invented' })).entries).toEqual([]);
    expect(after(status('text')).entries).toEqual([]);
  });

  it('says the same thing once', () => {
    expect(after(arrived(wire({ type: 'event', name: 'handoff.initiate', value: {}, from: { id: 'yihu' } })), status({ state: 'waiting' })).entries).toHaveLength(1);
  });

  it('marks where a new conversation begins, but not on an empty page', () => {
    expect(after({ type: 'restarted', now: NOW }).entries).toEqual([]);
    expect(after(arrived(bot({ text: 'a' })), { type: 'restarted', now: NOW }).entries.at(-1)).toMatchObject({ code: 'restarted' });
  });
});
