import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEffect, DialogEvent } from '../../src/dialog/types.ts';
import { asAddress, type InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { close, reply, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const say = (text: string): DialogEffect => ({ kind: 'say', text, inputHint: 'acceptingInput' });
const HANDOFF: DialogEffect = { kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } };
const CALL = { channel: 'phone', address: asAddress('CA-pipeline'), modality: 'voice' as const, identity: { externalUserId: null, phone: '13800138000' } };
const HANG_UP = { ...CALL, content: { type: 'endOfConversation' as const, code: 'userCancelled' } };

let intake: IntakeUnderTest;
beforeEach(async () => {
  intake = await openIntake();
});
afterEach(() => intake.close());

const conversation = async (id: string) => {
  const found = await intake.store.read((repos) => repos.conversations.get(id));
  if (found === null) throw new Error('gone');
  return found;
};
const activities = (id: string) => intake.store.read((repos) => repos.activities.after(id, 0, 200));
const said = async (id: string) => (await activities(id)).flatMap((activity) => (activity.direction === 'out' && activity.content.type === 'message' ? [activity.content.text] : []));
const take = async (inbound: InboundActivity) => {
  const got = await receive(intake.context, inbound);
  await intake.startBus();
  await intake.settle();
  return got.conversationId;
};
const tickets = (id: string) => intake.store.read((repos) => repos.tickets.byConversation(id));

describe('races for a conversation', () => {
  it('what was said before hanging up is understood before the call ends: the callback is not lost', async () => {
    intake.script = () => [say('正在转人工'), HANDOFF];
    const got = await receive(intake.context, aMessage('转人工', CALL));
    await receive(intake.context, aMessage('', HANG_UP)); // overtakes the turn, which the bus has not run yet
    await intake.startBus();
    await intake.settle();
    expect(await conversation(got.conversationId)).toMatchObject({ owner: 'closed' });
    expect(await tickets(got.conversationId)).toMatchObject([{ callback: true, channel: 'phone' }]);
  });

  it('a cry for help just before hanging up reaches the desk', async () => {
    intake.script = (event) => (event.type === 'message' ? [{ kind: 'emergency', category: 'fire', words: ['着火'] }] : []);
    const told: string[] = [];
    intake.context.live.subscribeDesk((event) => { if (event.kind === 'emergency') told.push(event.category); });
    const got = await receive(intake.context, aMessage('着火了', CALL));
    await receive(intake.context, aMessage('', HANG_UP));
    await intake.startBus();
    await intake.settle();
    expect(told).toEqual(['fire']);
    expect((await conversation(got.conversationId)).emergency).toMatchObject({ category: 'fire' });
  });

  it('the same hang-up twice, by both hooks of a phone, ends it once', async () => {
    intake.script = () => [HANDOFF];
    const id = await take(aMessage('人工', CALL));
    await Promise.all([receive(intake.context, aMessage('', { ...HANG_UP, id: 'voice' })), receive(intake.context, aMessage('', { ...HANG_UP, id: 'status' }))]);
    await intake.settle();
    expect(await tickets(id)).toHaveLength(1);
  });

  it('words that wait for their turn while a seat closes the chat are answered, not dropped', async () => {
    intake.script = () => [HANDOFF];
    const id = await take(aMessage('人工'));
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    await intake.settle(); // what follows a taking must not look at the words below while the seat still has the chat
    intake.script = () => [say('还在')];
    // As at a node without the role worker, whose news got lost: nobody has looked at the words yet.
    await receive({ ...intake.context, turnsHere: () => false, bus: { ...intake.context.bus, wake: () => undefined } }, aMessage('还有一件事'));
    await close(intake.context, id, seat);
    await intake.settle();
    expect((await said(id)).at(-1)).toBe('还在');
    expect(await conversation(id)).toMatchObject({ owner: 'bot', seatId: null });
  });

  it('a seat that takes over before the turn silences the bot; after it, the bot has spoken first', async () => {
    const first = await receive(intake.context, aMessage('你好'));
    const seat = await intake.seat();
    await takeOver(intake.context, first.conversationId, seat);
    await intake.startBus();
    await intake.settle();
    expect(await said(first.conversationId)).toEqual([]);
    const second = await receive(intake.context, aMessage('你好', { address: asAddress('peer-2') }));
    await intake.settle();
    await takeOver(intake.context, second.conversationId, seat);
    expect(await said(second.conversationId)).toEqual(['收到']);
  });

  it('nobody joins a call that is over: the words would reach no one', async () => {
    const id = await take(aMessage('你好', CALL));
    await receive(intake.context, aMessage('', HANG_UP));
    await intake.settle();
    await expect(takeOver(intake.context, id, await intake.seat())).rejects.toMatchObject({ code: 'conversation.ended', status: 409 });
  });

  it('a timer that a take-over made pointless is silent, and one that a newer one replaced does not run', async () => {
    const tokens: string[] = [];
    intake.script = (event) => {
      if (event.type === 'timeout') tokens.push(event.token);
      return event.type === 'message' ? [{ kind: 'timer', token: event.text, afterMs: 60_000 }] : [say('还在吗')];
    };
    const id = await take(aMessage('one'));
    await receive(intake.context, aMessage('two'));
    await intake.settle();
    intake.clock.advance(60_000);
    await intake.settle();
    expect(tokens).toEqual(['two']);
    await receive(intake.context, aMessage('three'));
    await intake.settle();
    await takeOver(intake.context, id, await intake.seat());
    intake.clock.advance(60_000);
    await intake.settle();
    expect(tokens).toEqual(['two']);
    expect(await intake.store.read((repos) => repos.outbox.counts(intake.clock.now()))).toMatchObject({ ready: 1, dead: 0 }); // the look whether the seat still lives
  });

  it('asking for a person again keeps the place in the queue and is counted once', async () => {
    intake.script = () => [HANDOFF];
    const id = await take(aMessage('人工'));
    const since = (await conversation(id)).waitingSince;
    intake.clock.advance(120_000);
    await receive(intake.context, aMessage('人工！'));
    await intake.settle();
    expect((await conversation(id)).waitingSince).toBe(since);
    expect(intake.counted.filter(({ name }) => name === 'handoff')).toHaveLength(1);
  });
});

describe('a turn that breaks', () => {
  it('for good asks for a person instead of holding up the citizen for hours', async () => {
    let tries = 0;
    intake.script = (event) => {
      if (event.type === 'message' && event.text === '坏') {
        tries += 1;
        throw new TypeError('a flow nobody tested');
      }
      return [say('好')];
    };
    const first = await receive(intake.context, aMessage('坏'));
    await receive(intake.context, aMessage('人工'));
    await intake.startBus();
    for (let n = 0; n < 3; n += 1) {
      await intake.settle();
      intake.clock.advance(1_000);
    }
    await intake.settle();
    expect(tries).toBe(3);
    expect(await conversation(first.conversationId)).toMatchObject({ owner: 'waiting' });
    expect(await said(first.conversationId)).toEqual([expect.stringContaining('人工'), '好']);
    expect(await intake.store.read((repos) => repos.outbox.counts(intake.clock.now()))).toMatchObject({ ready: 1, dead: 0 }); // the queue's next look
  });

  it('by a fault that cannot pass asks at once', async () => {
    let tries = 0;
    intake.script = () => {
      tries += 1;
      throw new AppError('dialog.action_loop', 'loop', { status: 500 });
    };
    const id = await take(aMessage('你好'));
    expect(tries).toBe(1);
    expect(await conversation(id)).toMatchObject({ owner: 'waiting' });
  });

  it('because the database is unwell waits for it, as often as it takes', async () => {
    let tries = 0;
    intake.script = () => {
      tries += 1;
      if (tries < 3) throw new AppError('store.busy', 'busy', { retry: 'after', retryAfterMs: 1_000, status: 503 });
      return [say('好了')];
    };
    const id = await take(aMessage('你好'));
    for (let n = 0; n < 3; n += 1) {
      intake.clock.advance(1_000);
      await intake.settle();
    }
    expect(await said(id)).toEqual(['好了']);
  });

  it.each<JsonObject>([{}, { conversationId: 'c' }, { conversationId: 1, activityId: 'a' }, { conversationId: 'c', event: 'opened' }])('rows that mean nothing are buried: %j', async (payload) => {
    await intake.store.write((repos) => repos.outbox.add([{ id: 'odd', lane: 'turn:c', kind: 'turn', payload, availableAt: intake.clock.now(), blocking: true, now: intake.clock.now() }]));
    await intake.startBus();
    await intake.settle();
    expect(await intake.store.read((repos) => repos.outbox.dead(5))).toMatchObject([{ id: 'odd', lastError: 'turn.bad_payload' }]);
  });
});

describe('what must not stand in a row', () => {
  const everything = async (id: string) => JSON.stringify([await conversation(id), await activities(id), await tickets(id)]);

  it('numbers in text, keys, button values, event values and file names', async () => {
    const heard: DialogEvent[] = [];
    intake.script = (event) => {
      heard.push(event);
      return [];
    };
    const value = { phone: '13800138000', list: [13800138000, '身份证440106199001011234'], 13800138000: true };
    const id = await take(aMessage('13800138000', { content: { type: 'message', text: '号码13800138000', keys: '13800138000', value, attachments: [{ contentType: 'image/png', url: 'media:x/y', name: '13800138000.png' }] } }));
    await receive(intake.context, aMessage('', { content: { type: 'event', name: 'webchat/form', value } }));
    await receive(intake.context, aMessage('', { content: { type: 'unsupported', kind: 'contact 13800138000' }, raw: '13800138000' }));
    await intake.settle();
    expect(await everything(id)).not.toMatch(/13800138000|440106199001011234/);
    // The turn itself works on what was really said.
    expect(heard[0]).toMatchObject({ type: 'message', text: '号码13800138000', keys: '13800138000', value });
  });

  it('the citizen\'s own number, whoever repeats it; an office\'s landline stays', async () => {
    intake.script = (event) => (event.type === 'message' && event.text === '人工' ? [HANDOFF] : [
      say('您的电话是076922345678，社保局的电话是0769-22837333'),
      { kind: 'identity', phone: '076922345678' },
    ]);
    const id = await take(aMessage('你好', { identity: { externalUserId: 'u' } }));
    const [text] = await said(id);
    expect(text).not.toContain('076922345678');
    expect(text).toContain('0769-22837333');
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    const { activity } = await reply(intake.context, id, seat, { text: '请核对13800138000或076922345678，也可打0769-22837333', clientId: 'client-0001' });
    expect(activity.content).toMatchObject({ text: expect.stringContaining('0769-22837333') });
    expect(await everything(id)).not.toMatch(/13800138000|076922345678/);
    await intake.settle();
    expect(JSON.stringify(intake.sent)).not.toMatch(/13800138000|076922345678/);
  });

  it('and labels of measures hold none of it', async () => {
    intake.script = () => [HANDOFF, { kind: 'emergency', category: 'fire', words: [] }, { kind: 'action', action: 'ticket.mine', args: {} }];
    let asked = false;
    const once = intake.script;
    intake.script = (event, facts) => {
      if (event.type === 'result' || asked) return [];
      asked = true;
      return once(event, facts);
    };
    await take(aMessage('13800138000', { identity: { externalUserId: 'openid-13800138000', phone: '13800138000', displayName: '王小明' } }));
    expect(intake.counted.length).toBeGreaterThan(3);
    expect(JSON.stringify(intake.counted)).not.toMatch(/13800138000|王小明|peer-1|id-0/);
  });
});

describe('the knowledge base in a turn', () => {
  it('is asked with the day, and what the dialog says the conversation is about; pages of an answer are kept with it', async () => {
    const asked: unknown[] = [];
    const links = [{ title: '网上申领', url: 'https://city.example/apply' }];
    const { matcher } = intake.context.knowledge;
    const knowledge = { ...intake.context.knowledge, matcher: { ...matcher, match: (...given: Parameters<typeof matcher.match>) => { asked.push(given); return matcher.match(...given); } } };
    intake.script = (_event, facts) => {
      facts.match('居住证怎么办', { limit: 20, context: { town: 'humen', lastId: 'a.one' } });
      facts.match('居住证');
      return [{ kind: 'say', text: '可以网上办。', links, inputHint: 'acceptingInput' }];
    };
    await intake.startBus();
    const { conversationId } = await receive({ ...intake.context, knowledge }, aMessage('居住证怎么办'));
    await intake.settle();
    expect(asked).toEqual([['居住证怎么办', { limit: 20, context: { town: 'humen', lastId: 'a.one', today: '2026-11-23' } }], ['居住证', { context: { today: '2026-11-23' } }]]);
    expect((await activities(conversationId)).at(-1)?.content).toMatchObject({ text: '可以网上办。', links });
  });
});
