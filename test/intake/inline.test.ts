import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEvent } from '../../src/dialog/types.ts';
import { asAddress, type InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import { close, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** A message that finds its conversation idle is turned in the transaction that takes it (ADR 14). */
describe('a turn in the transaction that takes its message', () => {
  let intake: IntakeUnderTest;
  const heard: DialogEvent[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    heard.length = 0;
    intake.script = (event) => {
      heard.push(event);
      return [{ kind: 'say', text: '收到', inputHint: 'acceptingInput' }];
    };
    await intake.startBus();
  });
  afterEach(() => intake.close());

  const STREAM: Partial<InboundActivity> = { channel: 'stream', address: asAddress('stream-1') };
  const CALL: Partial<InboundActivity> = { channel: 'phone', modality: 'voice', address: asAddress('call-1') };
  const transcript = async (conversationId: string) => (await intake.store.read((repos) => repos.activities.after(conversationId, 0, 100))).map((activity) => `${activity.role}:${activity.content.type === 'message' ? activity.content.text : activity.content.type}`);

  it('is over when the message is taken, and leaves nothing queued', async () => {
    const taken = await receive(intake.context, aMessage('你好', STREAM));
    expect(taken).toMatchObject({ status: 'accepted', turned: true, seq: 1 });
    expect(await transcript(taken.conversationId)).toEqual(['citizen:你好', 'bot:收到']);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('hears the whole words although the row is masked', async () => {
    const taken = await receive(intake.context, aMessage('电话13800138000', STREAM));
    expect(heard).toMatchObject([{ type: 'message', text: '电话13800138000' }]);
    expect((await transcript(taken.conversationId)).join(' ')).not.toContain('13800138000');
  });

  it('announces message and answer in order, after the commit', async () => {
    const told: string[] = [];
    const first = await receive(intake.context, aMessage('一', STREAM));
    intake.context.live.subscribe(first.conversationId, (event) => {
      if (event.kind === 'activity') told.push(`${event.activity.seq} ${event.activity.role}`);
    });
    await receive(intake.context, aMessage('二', STREAM));
    expect(told).toEqual(['3 citizen', '4 bot']);
  });

  it('gives a waiting webhook its answer, and the same to a repeat', async () => {
    const taken = await receive(intake.context, aMessage('你好', { ...CALL, id: 'hook-1' }), { answer: true });
    expect(taken.answer).toMatchObject({ turn: 'done', conversation: 'bot', messages: [{ content: { text: '收到' } }] });
    const again = await receive(intake.context, aMessage('你好', { ...CALL, id: 'hook-1' }), { answer: true });
    expect(again).toMatchObject({ status: 'duplicate', turned: false, answer: null, activityId: taken.activityId });
    expect(await intake.store.write((repos) => repos.replies.collect({ channel: 'phone', externalId: aMessage('', { id: 'hook-1' }).externalId ?? (() => { throw new Error('no id'); })(), conversationId: taken.conversationId, now: 0 }))).toMatchObject({ repeated: true, toSeq: 2 });
  });

  it('what a seat said meanwhile is in the answer too', async () => {
    const first = await receive(intake.context, aMessage('你好', { ...CALL, id: 'hook-1' }), { answer: true });
    const seat = await intake.seat();
    await takeOver(intake.context, first.conversationId, seat);
    const next = await receive(intake.context, aMessage('喂', { ...CALL, id: 'hook-2' }), { answer: true });
    expect(next.answer?.messages.map((message) => message.content.text)).toEqual(['人工坐席已接入，请讲。']);
    expect(next.answer?.conversation).toBe('human');
  });

  it('is sent by the same process at once; while the bus is full it is queued', async () => {
    await receive(intake.context, aMessage('你好'));
    await intake.settle();
    expect(intake.sent).toHaveLength(1);
    const { bus } = intake.context;
    await receive({ ...intake.context, bus: { ...bus, wake: bus.wake, adopt: bus.adopt, hasRoom: () => false } }, aMessage('再问'));
    await intake.settle();
    expect(intake.sent).toHaveLength(2);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('waits its turn behind what is queued', async () => {
    const before = await receive({ ...intake.context, turnsHere: () => false, bus: { ...intake.context.bus, wake: () => undefined } }, aMessage('先来', STREAM));
    const after = await receive(intake.context, aMessage('后到', STREAM));
    expect([before.turned, after.turned]).toEqual([false, false]);
    await intake.settle();
    expect(heard.map((event) => (event.type === 'message' ? event.text : event.type))).toEqual(['先来', '后到']);
  });

  it('a turn that breaks costs the message nothing: it is kept and tried again by the bus', async () => {
    let tries = 0;
    intake.script = () => {
      tries += 1;
      if (tries === 1) throw new AppError('dialog.broken', 'a flow of ours is broken', { status: 500 });
      return [{ kind: 'say', text: '好了', inputHint: 'acceptingInput' }];
    };
    const taken = await receive(intake.context, aMessage('试一下', STREAM));
    expect(taken).toMatchObject({ status: 'accepted', turned: false });
    await intake.settle();
    expect(await transcript(taken.conversationId)).toEqual(['citizen:试一下', 'bot:好了']);
  });

  it('the same message ten times at once has one turn', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => receive(intake.context, aMessage('同一条', { ...STREAM, id: 'once' }))));
    expect(results.filter((result) => result.status === 'accepted')).toHaveLength(1);
    expect(new Set(results.map((result) => result.activityId)).size).toBe(1);
    expect(await transcript(results[0]?.conversationId ?? '')).toEqual(['citizen:同一条', 'bot:收到']);
  });

  it('begins a closed chat again with a fresh dialog', async () => {
    const first = await receive(intake.context, aMessage('你好', STREAM));
    await close(intake.context, first.conversationId, await intake.seat());
    const again = await receive(intake.context, aMessage('还有事', STREAM));
    expect(again.turned).toBe(true);
    expect((await intake.store.read((repos) => repos.conversations.get(first.conversationId)))?.owner).toBe('bot');
    expect((await transcript(first.conversationId)).slice(-2)).toEqual(['citizen:还有事', 'bot:收到']);
  });

  it('a full store refuses the message: nothing is kept half', async () => {
    const store = { ...intake.store, write: async () => Promise.reject(new AppError('store.failed', 'the database failed', { retry: 'later', status: 503 })) };
    await expect(receive({ ...intake.context, store }, aMessage('你好', STREAM))).rejects.toMatchObject({ code: 'store.failed' });
    expect((await intake.rows())['activities']).toBe(0);
  });
});
