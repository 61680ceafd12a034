import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asExternalId } from '../../src/domain/activity.ts';
import { awaitTurn, collectReplies } from '../../src/intake/collect.ts';
import { receive } from '../../src/intake/receive.ts';
import { createTurnWaiters } from '../../src/intake/waiters.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('turn waiters', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells everybody who waits for a turn, and only them', async () => {
    const waiters = createTurnWaiters();
    const [a, again, other] = [waiters.wait('a', 1_000), waiters.wait('a', 1_000), waiters.wait('b', 1_000)];
    waiters.done('a');
    expect(await Promise.all([a.outcome, again.outcome])).toEqual(['done', 'done']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await other.outcome).toBe('late');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up after its patience and hears nothing afterwards', async () => {
    const waiters = createTurnWaiters();
    const waiter = waiters.wait('a', 4_000);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await waiter.outcome).toBe('late');
    waiters.done('a');
    expect(await waiter.outcome).toBe('late');
  });

  it('looks for itself now and then, and takes a store that does not answer for a turn that is not over', async () => {
    const waiters = createTurnWaiters();
    const answers: (boolean | Error)[] = [true, new Error('away'), true, false];
    let asked = 0;
    const waiter = waiters.wait('a', 10_000, async () => {
      const answer = answers[asked++];
      if (answer instanceof Error) throw answer;
      return answer ?? false;
    });
    expect(waiters.waiting('a')).toBe(true);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toBe(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiter.outcome).toBe('done');
    expect([asked, waiters.waiting('a'), vi.getTimerCount()]).toEqual([4, false, 0]);
  });

  it('looks no more once it was told or its patience is over', async () => {
    const waiters = createTurnWaiters();
    let asked = 0;
    const pending = async (): Promise<boolean> => (asked += 1) > 0;
    const told = waiters.wait('a', 10_000, pending);
    waiters.done('a');
    expect(await told.outcome).toBe('done');
    const late = waiters.wait('b', 600, pending);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await late.outcome).toBe('late');
    expect([asked, vi.getTimerCount()]).toEqual([2, 0]);
  });

  it('leaves no timer behind when it is cancelled', async () => {
    const waiters = createTurnWaiters();
    waiters.wait('a', 4_000).cancel();
    waiters.done('nobody');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('waiting for a turn in the request', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());
  const call = { channel: 'phone', address: asAddress('CA-wait'), modality: 'voice' as const };

  it('a turn that is over already is not waited for', async () => {
    const got = await receive(intake.context, aMessage('你好', call));
    await intake.startBus();
    await intake.settle();
    expect(await awaitTurn(intake.context, got.activityId, 60_000)).toBe('done');
  });

  it('a turn that ends while somebody waits wakes the waiter', async () => {
    const got = await receive(intake.context, aMessage('你好', call));
    const waiting = awaitTurn(intake.context, got.activityId, 60_000);
    await intake.startBus();
    expect(await waiting).toBe('done');
  });

  it('a late answer is heard once, by the next request, and a repeat of the first is late again', async () => {
    const phone = intake.context.channel('phone');
    if (phone === null) throw new Error('no phone');
    const got = await receive(intake.context, aMessage('你好', { ...call, id: 'step-1' }));
    expect(await awaitTurn(intake.context, got.activityId, 1)).toBe('late');
    const given = { conversationId: got.conversationId, activityId: got.activityId };
    expect(await collectReplies(intake.context, phone, { ...given, externalId: asExternalId('step-1'), turn: 'late' })).toMatchObject({ messages: [], turn: 'late' });
    await intake.startBus();
    await intake.settle();
    // The peer resends the first request after its time-out: the same answer, and the words are not lost on it.
    expect(await collectReplies(intake.context, phone, { ...given, externalId: asExternalId('step-1'), turn: 'done' })).toMatchObject({ messages: [], turn: 'late' });
    const next = await collectReplies(intake.context, phone, { conversationId: got.conversationId, externalId: asExternalId('step-2'), turn: 'not-awaited' });
    expect(next.messages.map((message) => message.content.text)).toEqual(['收到']);
    expect((await collectReplies(intake.context, phone, { conversationId: got.conversationId, externalId: asExternalId('step-3'), turn: 'not-awaited' })).messages).toEqual([]);
  });
});
