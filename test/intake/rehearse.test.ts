import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEvent } from '../../src/dialog/types.ts';
import { asAddress, type InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { close, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { rehearse } from '../../src/intake/rehearse.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** A turn is thought out before its transaction, so that another process may write meanwhile (ADR 44). */
describe('a turn that is thought out ahead', () => {
  let intake: IntakeUnderTest;
  let ahead: IntakeContext;
  const heard: DialogEvent[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    heard.length = 0;
    intake.script = (event) => {
      heard.push(event);
      return [{ kind: 'say', text: `${heard.length}`, inputHint: 'acceptingInput' }];
    };
    await intake.startBus();
    ahead = { ...intake.context, thinksAhead: true };
  });
  afterEach(() => intake.close());

  const STREAM: Partial<InboundActivity> = { channel: 'stream', address: asAddress('stream-1') };
  const event = (text: string): DialogEvent => ({ type: 'message', text, attachments: 0 });
  const transcript = async (conversationId: string) => (await intake.store.read((repos) => repos.activities.after(conversationId, 0, 100))).map((activity) => `${activity.role}:${activity.content.type === 'message' ? activity.content.text : activity.content.type}`);
  /** The same store, but something else happens between the thinking and the write. */
  const between = (happens: () => Promise<unknown>): IntakeContext => {
    let due = true;
    return {
      ...ahead,
      store: {
        ...intake.store,
        write: async (fn) => {
          if (due) {
            due = false;
            await happens();
          }
          return intake.store.write(fn);
        },
      },
    };
  };

  it('thinks once, and says what it has thought', async () => {
    const first = await receive(ahead, aMessage('一', STREAM));
    expect(heard).toHaveLength(1);
    const second = await receive(ahead, aMessage('二', STREAM));
    expect(heard).toHaveLength(2);
    expect(second).toMatchObject({ conversationId: first.conversationId, turned: true });
    expect(await transcript(first.conversationId)).toEqual(['citizen:一', 'bot:1', 'citizen:二', 'bot:2']);
  });

  it('thinks in the transaction where nothing can be thought ahead: first words, a closed conversation, no message', async () => {
    expect(await rehearse(ahead, aMessage('一', STREAM), event('一'))).toBeNull();
    const { conversationId } = await receive(ahead, aMessage('一', STREAM));
    expect(await rehearse(ahead, aMessage('', STREAM), { type: 'enter' })).toBeNull();
    const seat = await intake.seat();
    await takeOver(intake.context, conversationId, seat);
    expect(await rehearse(ahead, aMessage('在吗', STREAM), event('在吗'))).toBeNull();
    await close(intake.context, conversationId, seat);
    expect(await rehearse(ahead, aMessage('又来了', STREAM), event('又来了'))).toBeNull();
    expect(await receive(ahead, aMessage('又来了', STREAM))).toMatchObject({ turned: true });
  });

  it('is thought anew when the conversation has moved on meanwhile: in order, nothing from before', async () => {
    const { conversationId } = await receive(ahead, aMessage('一', STREAM));
    await receive(between(() => receive(ahead, aMessage('二', STREAM))), aMessage('三', STREAM));
    // 三 was thought of first, and again after 二 had been heard.
    expect(heard.map((one) => (one.type === 'message' ? one.text : one.type))).toEqual(['一', '三', '二', '三']);
    expect(await transcript(conversationId)).toEqual(['citizen:一', 'bot:1', 'citizen:二', 'bot:3', 'citizen:三', 'bot:4']);
  });

  it('keeps silent when a seat has taken over meanwhile', async () => {
    const { conversationId } = await receive(ahead, aMessage('一', STREAM));
    const seat = await intake.seat();
    await receive(between(() => takeOver(intake.context, conversationId, seat)), aMessage('二', STREAM));
    expect((await transcript(conversationId)).at(-1)).toBe('citizen:二');
  });

  it('keeps the message when the dialog breaks while thinking, and says no word twice', async () => {
    const { conversationId } = await receive(ahead, aMessage('一', STREAM));
    let broken = true;
    intake.script = (one) => {
      heard.push(one);
      if (broken) throw new AppError('flow.broken', 'a flow broke', { status: 500 });
      return [{ kind: 'say', text: '好了', inputHint: 'acceptingInput' }];
    };
    const taken = await receive({ ...ahead, bus: { ...ahead.bus, wake: () => undefined } }, aMessage('二', STREAM));
    expect(taken).toMatchObject({ status: 'accepted', turned: false });
    broken = false;
    intake.context.bus.wake();
    await intake.settle();
    expect(await transcript(conversationId)).toEqual(['citizen:一', 'bot:1', 'citizen:二', 'bot:好了']);
  });

  it('refuses as the store does when it is away', async () => {
    await receive(ahead, aMessage('一', STREAM));
    const away = new AppError('store.unreachable', 'away', { retry: 'later', status: 503 });
    await expect(receive({ ...ahead, store: { ...intake.store, read: async () => Promise.reject(away) } }, aMessage('二', STREAM))).rejects.toMatchObject({ code: 'store.unreachable', retry: 'later' });
  });

  it('a repeat changes nothing', async () => {
    await receive(ahead, aMessage('一', STREAM));
    const taken = await receive(ahead, aMessage('二', { ...STREAM, id: 'again' }));
    expect(await receive(ahead, aMessage('二', { ...STREAM, id: 'again' }))).toMatchObject({ status: 'duplicate', activityId: taken.activityId });
    expect((await transcript(taken.conversationId)).filter((line) => line.startsWith('bot:'))).toHaveLength(2);
  });
});
