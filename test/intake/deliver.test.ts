import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeskEvent } from '../../src/intake/live.ts';
import type { LaneLease } from '../../src/bus/contract.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { createDeliverHandler } from '../../src/intake/deliver.ts';
import { reply, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import type { OutboxRow, Store } from '../../src/store/contract.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { PNG } from '../support/webchat-server.ts';

let intake: IntakeUnderTest;
beforeEach(async () => {
  intake = await openIntake();
});
afterEach(() => intake.close());

const receipts = async (id: string) => (await intake.store.read((repos) => repos.activities.receipts(id))).map(({ status, code }) => (code === null ? status : `${status} ${code}`));
const dead = () => intake.store.read((repos) => repos.outbox.dead(10));
const answered = async () => {
  const got = await receive(intake.context, aMessage('路灯不亮'));
  await intake.startBus();
  await intake.settle();
  return got.conversationId;
};
const later = async (ms: number) => {
  intake.clock.advance(ms);
  await intake.settle();
};

describe('deliver', () => {
  it('delivered: one send, one receipt, told to the desk after the commit', async () => {
    const told: DeskEvent[] = [];
    intake.context.live.subscribeDesk((event) => { if (event.kind === 'receipt') told.push(event); });
    const id = await answered();
    expect(intake.sent).toHaveLength(1);
    expect(await receipts(id)).toEqual(['delivered']);
    expect(told).toMatchObject([{ conversationId: id, receipt: { status: 'delivered', code: null } }]);
  });

  it('retry: backs off, keeps the order of what follows, gives up as a dead letter that can be tried again', async () => {
    for (let n = 0; n < 3; n += 1) intake.receipts.push({ status: 'retry', code: 'peer.busy' });
    const id = await answered();
    await receive(intake.context, aMessage('还有'));
    await intake.settle();
    expect(intake.sent).toHaveLength(1); // the second answer waits behind the first
    await later(1_000);
    await later(1_000);
    expect((await dead()).map((row) => [row.lastError, row.attempts])).toEqual([['peer.busy', 2]]);
    // The same reason again is one receipt, not one for each try.
    expect((await receipts(id)).filter((line) => line === 'retrying peer.busy')).toHaveLength(1);
    expect((await receipts(id)).at(-1)).toBe('delivered');
    const [letter] = await dead();
    await intake.store.write((repos) => repos.outbox.revive(letter?.id ?? '', intake.clock.now()));
    await intake.settle();
    expect(await dead()).toEqual([]);
    expect(intake.sent).toHaveLength(5);
  });

  it('retry after a while burns no attempt and is not asked for sooner', async () => {
    for (let n = 0; n < 6; n += 1) intake.receipts.push({ status: 'retry', code: 'wechat.quota', retryAfterMs: 60_000 });
    const id = await answered();
    await later(59_999);
    expect(intake.sent).toHaveLength(1);
    for (let n = 0; n < 6; n += 1) await later(60_000);
    expect(intake.sent).toHaveLength(7);
    expect(await dead()).toEqual([]);
    expect(await receipts(id)).toEqual(['retrying wechat.quota', 'delivered']);
  });

  it('what waits for the citizen goes out with the next word, before the answer to it', async () => {
    intake.receipts.push({ status: 'retry', code: 'wechat.quota_spent', retryAfterMs: 900_000, awaits: 'citizen' });
    let answers = 0;
    intake.script = () => [{ kind: 'say', text: `答${(answers += 1)}`, inputHint: 'acceptingInput' }];
    const id = await answered();
    await later(60_000);
    expect(intake.sent).toHaveLength(1);
    await receive(intake.context, aMessage('在吗'));
    await intake.settle();
    expect(intake.sent.map((send) => send.message.content.text)).toEqual(['答1', '答1\n\n答2']);
    expect(await receipts(id)).toEqual(['retrying wechat.quota_spent', 'delivered', 'delivered']);
    expect(await dead()).toEqual([]);
  });

  it('what waits is sent together with what comes, in one send', async () => {
    intake.receipts.push({ status: 'retry', code: 'wechat.quota_spent', retryAfterMs: 900_000, awaits: 'citizen' });
    let answers = 0;
    intake.script = () => [{ kind: 'say', text: `答${(answers += 1)}`, inputHint: 'acceptingInput' }];
    const first = await receive(intake.context, aMessage('一'));
    await receive(intake.context, aMessage('二'));
    await intake.startBus();
    await intake.settle();
    await later(900_000);
    expect(intake.sent.map((send) => send.message.content.text)).toEqual(['答1', '答1\n\n答2']);
    expect(await receipts(first.conversationId)).toEqual(['retrying wechat.quota_spent', 'delivered', 'delivered']);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('a seat’s words open the way too, and the send is a seat’s', async () => {
    intake.receipts.push({ status: 'retry', code: 'wechat.quota_kept_for_seats', retryAfterMs: 900_000, awaits: 'citizen' });
    const id = await answered();
    const seat = await intake.seat();
    await takeOver(intake.context, id, seat);
    await reply(intake.context, id, seat, { text: '您好', clientId: 'r1' });
    await intake.settle();
    expect(intake.sent.map((send) => [send.context.role, send.message.content.text])).toEqual([['bot', '收到'], ['seat', '收到\n\n您好']]);
  });

  it('tells the channel of the first send of a message, and of no other', async () => {
    await intake.startBus();
    intake.receipts.push({ status: 'retry', code: 'peer.busy' });
    const { conversationId } = await receive(intake.context, aMessage('路灯不亮'));
    await intake.settle();
    await later(1_000); // the same send once more
    const seat = await intake.seat();
    await takeOver(intake.context, conversationId, seat);
    await reply(intake.context, conversationId, seat, { text: '您好', clientId: 'r1' });
    await intake.settle();
    expect(intake.sent.map(({ context }) => context.first)).toEqual([true, false, false]);
  });

  it('a send that began is not made another one: what comes goes by itself', async () => {
    intake.receipts.push({ status: 'retry', code: 'peer.busy' });
    await answered();
    await receive(intake.context, aMessage('二'));
    await later(1_000);
    expect(intake.sent.map((send) => send.message.content.text)).toEqual(['收到', '收到', '收到']);
  });

  it('another reason to wait is not cut short by a word', async () => {
    intake.receipts.push({ status: 'retry', code: 'peer.maintenance', retryAfterMs: 900_000 });
    await answered();
    await receive(intake.context, aMessage('在吗'));
    await intake.settle();
    expect(intake.sent).toHaveLength(1);
  });

  it.each([
    ['delivered', { status: 'delivered' }],
    ['to be tried again', { status: 'retry', code: 'peer.busy' }],
    ['failed', { status: 'failed', code: 'peer.gone', fallback: true }],
  ] as const)('what the channel counts is kept with the receipt of a send that was %s', async (_how, receipt) => {
    intake.push.send = async (_message, context) => {
      context.keep?.('count', '1', null);
      context.keep?.('count', '2', null);
      return receipt;
    };
    await answered();
    expect(await intake.store.read((repos) => repos.channelState.get('push', 'count', intake.clock.now()))).toBe('2');
  });

  it('it is kept too when the same reason comes again and is no news', async () => {
    let count = 0;
    intake.push.send = async (_message, context) => {
      context.keep?.('count', String((count += 1)), null);
      return { status: 'retry', code: 'peer.busy', retryAfterMs: 5_000 };
    };
    const id = await answered();
    await later(5_000);
    expect(await receipts(id)).toEqual(['retrying peer.busy']);
    expect(await intake.store.read((repos) => repos.channelState.get('push', 'count', intake.clock.now()))).toBe('2');
  });

  it.each([0, -5, Number.NaN, 1])('a peer that says "after %d ms" is not asked in a loop', async (retryAfterMs) => {
    for (let n = 0; n < 3; n += 1) intake.receipts.push({ status: 'retry', code: 'peer.again', retryAfterMs });
    await answered();
    expect(intake.sent).toHaveLength(1);
    await later(999);
    expect(intake.sent).toHaveLength(1);
    await later(1);
    expect(intake.sent).toHaveLength(2);
  });

  it('failed for good: said so, and nothing more happens', async () => {
    intake.receipts.push({ status: 'failed', code: 'wechat.40003', fallback: false });
    const id = await answered();
    await later(3_600_000);
    expect(intake.sent).toHaveLength(1);
    expect(await receipts(id)).toEqual(['failed wechat.40003']);
    expect(await dead()).toEqual([]);
  });

  it('failed where another way is needed: stays as a dead letter, and later words still go out', async () => {
    intake.receipts.push({ status: 'failed', code: 'wechat.45015', fallback: true });
    const id = await answered();
    expect(await receipts(id)).toEqual(['failed wechat.45015']);
    expect(await dead()).toMatchObject([{ kind: 'deliver', lastError: 'wechat.45015', payload: { conversationId: id } }]);
    await receive(intake.context, aMessage('还有'));
    await intake.settle();
    expect(intake.sent).toHaveLength(2);
  });

  it('a channel that throws, at once or later, is a retry by its code and never by its words', async () => {
    const push = intake.push;
    const send = push.send;
    push.send = () => { throw new Error('secret 13800138000'); };
    const id = await answered();
    push.send = async () => { throw new AppError('wechat.unreachable', 'down', { retry: 'later' }); };
    await later(1_000);
    if (send !== undefined) push.send = send;
    await later(1_000);
    expect(await receipts(id)).toEqual(['retrying channel.threw', 'retrying wechat.unreachable', 'delivered']);
    expect(JSON.stringify([await dead(), intake.counted])).not.toContain('13800138000');
  });

  it('a channel that is off keeps what is to be sent until it is on', async () => {
    intake.push.status = { state: 'off', missing: ['X'] };
    const id = await answered();
    expect(intake.sent).toEqual([]);
    expect(await receipts(id)).toEqual(['retrying channel.off']);
    intake.push.status = { state: 'on' };
    await later(1_000);
    expect(intake.sent).toHaveLength(1);
    expect(await receipts(id)).toEqual(['retrying channel.off', 'delivered']);
  });

  it('a crash between the peer\'s yes and our commit repeats that one send and loses nothing', async () => {
    let crashed = false;
    const { write } = intake.store;
    const id = (await receive(intake.context, aMessage('路灯不亮'))).conversationId;
    const send = intake.push.send?.bind(intake.push);
    intake.push.send = async (message, context) => {
      const receipt = await send?.(message, context);
      if (!crashed) {
        crashed = true;
        Object.assign(intake.store, { write: async () => { Object.assign(intake.store, { write }); throw new AppError('store.failed', 'power cut', { retry: 'later', status: 503 }); } });
      }
      return receipt ?? { status: 'delivered' };
    };
    await intake.startBus();
    await intake.settle();
    await later(1_000);
    expect(intake.sent).toHaveLength(2);
    expect(new Set(intake.sent.map((one) => one.message.content.text))).toEqual(new Set(['收到']));
    expect(await receipts(id)).toEqual(['delivered']);
  });

  it('a send right after its turn reads nothing back; one whose lease has ended meanwhile asks whether another node has made it', async () => {
    const deliver = createDeliverHandler(intake.context);
    await intake.startBus();
    const adopted: { readonly lease: LaneLease; readonly row: OutboxRow }[] = [];
    Object.assign(intake.bus, { adopt: (lease: LaneLease, rows: readonly OutboxRow[]) => void adopted.push(...rows.map((row) => ({ lease, row }))) });
    const first = await receive(intake.context, aMessage('一'));
    const second = await receive(intake.context, aMessage('二', { address: asAddress('peer-2'), identity: { externalUserId: 'user-2' } }));
    const [one, two] = adopted;
    if (one === undefined || two === undefined) throw new Error('nothing was adopted');
    let reads = 0;
    const { read } = intake.store;
    Object.assign(intake.store, { read: (fn: Parameters<Store['read']>[0]) => { reads += 1; return read(fn); } });
    expect(await deliver(one.row, one.lease)).toEqual({ kind: 'done', released: true });
    expect(reads).toBe(0);
    expect(intake.sent.map((send) => [send.context.address, send.context.lastMessageAt, send.context.role])).toEqual([['peer-1', intake.clock.now(), 'bot']]);
    expect(await receipts(first.conversationId)).toEqual(['delivered']);
    // Stood still for longer than its lease; another node has taken the lane and sent it.
    intake.clock.advance(10_000);
    await intake.store.write((repos) => repos.outbox.complete(two.row.id));
    expect(await deliver(two.row, two.lease)).toEqual({ kind: 'done' });
    expect(intake.sent).toHaveLength(1);
    expect(await receipts(second.conversationId)).toEqual([]);
  });

  it('words of one turn that go in two sends, and those that go in one', async () => {
    await intake.startBus();
    intake.script = () => [{ kind: 'say', text: '甲'.repeat(3_000), inputHint: 'acceptingInput' }];
    await receive(intake.context, aMessage('一'));
    await intake.settle();
    expect(intake.sent.map((send) => send.message.content.text.length)).toEqual([2_000, 1_000]);
    intake.script = () => [{ kind: 'say', text: '乙', inputHint: 'acceptingInput' }, { kind: 'say', text: '丙', inputHint: 'acceptingInput' }];
    await receive(intake.context, aMessage('二'));
    await intake.settle();
    expect(intake.sent.slice(2).map((send) => send.message.content.text)).toEqual(['乙\n\n丙']);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it.each<JsonObject>([{}, { conversationId: 'c', activityIds: 'x', part: 0 }, { conversationId: 'c', activityIds: [], part: -1 }])('a row that means nothing is buried: %j', async (payload) => {
    await intake.store.write((repos) => repos.outbox.add([{ id: 'odd', lane: 'send:c', kind: 'deliver', payload, availableAt: intake.clock.now(), blocking: true, now: intake.clock.now() }]));
    await intake.startBus();
    await intake.settle();
    expect(await dead()).toMatchObject([{ lastError: 'deliver.bad_payload' }]);
  });

  it('a row for a conversation that is gone is buried, one of an unknown kind too', async () => {
    const row = { lane: 'x', availableAt: intake.clock.now(), blocking: true, now: intake.clock.now() };
    await intake.store.write((repos) => repos.outbox.add([{ ...row, id: 'a', kind: 'deliver', payload: { conversationId: 'gone', activityIds: [], part: 0 } }, { ...row, id: 'b', kind: 'telegram', payload: {} }]));
    await intake.startBus();
    await intake.settle();
    expect((await dead()).map((letter) => letter.lastError).sort()).toEqual(['bus.no_handler', 'conversation.not_found']);
  });
});

describe('fetch of attachments', () => {
  const picture = (over = {}) => aMessage('', { content: { type: 'message', text: '看图', attachments: [{ contentType: 'image/*', url: 'https://peer.test/pic' }] }, ...over });
  const run = async (inbound = picture()) => {
    const got = await receive(intake.context, inbound);
    await intake.startBus();
    await intake.settle();
    return got;
  };
  const saved = async (id: string) => (await intake.store.read((repos) => repos.activities.after(id, 0, 50))).filter((activity) => activity.content.type === 'event' && activity.content.name === 'attachment.saved');

  it('tries again while the peer is unwell, without holding up the answer', async () => {
    let tries = 0;
    intake.push.fetchAttachment = async () => {
      tries += 1;
      if (tries === 1) throw new AppError('wechat.media_unreachable', 'down', { retry: 'later' });
      return { bytes: PNG };
    };
    const got = await run();
    expect(intake.sent).toHaveLength(1);
    expect(await saved(got.conversationId)).toEqual([]);
    await later(1_000);
    expect(await saved(got.conversationId)).toMatchObject([{ content: { value: { contentType: 'image/png', index: 0 } } }]);
    await later(3_600_000);
    expect(tries).toBe(2);
  });

  it.each([
    ['gone at the peer', async () => null, 'fetch.gone'],
    ['of a type we refuse', async () => ({ bytes: Buffer.from('<svg onload=alert(1)>'), name: 'pic.png' }), 'media.type_refused'],
  ])('%s: a dead letter, and the message stands', async (_what, fetchAttachment, code) => {
    intake.push.fetchAttachment = fetchAttachment;
    const got = await run();
    expect(await dead()).toMatchObject([{ kind: 'fetch', lastError: code }]);
    expect(await saved(got.conversationId)).toEqual([]);
    expect(intake.sent).toHaveLength(1);
  });

  it('a link in web chat is left alone: strangers cannot fill the dead letters', async () => {
    await run(picture({ channel: 'stream' }));
    expect(await dead()).toEqual([]);
    expect(await intake.store.read((repos) => repos.outbox.counts(intake.clock.now()))).toMatchObject({ ready: 0 });
  });

  it('a row that means nothing is buried', async () => {
    const row = { lane: 'fetch:c', kind: 'fetch', availableAt: intake.clock.now(), blocking: true, now: intake.clock.now() };
    await intake.store.write((repos) => repos.outbox.add([{ ...row, id: 'a', payload: { conversationId: 'c' } }, { ...row, id: 'b', payload: { conversationId: 'c', activityId: 'gone', index: 0 } }]));
    await intake.startBus();
    await intake.settle();
    expect((await dead()).map((letter) => letter.lastError).sort()).toEqual(['fetch.bad_payload', 'fetch.impossible']);
  });
});
