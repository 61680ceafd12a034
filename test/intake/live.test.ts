import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/channel/contract.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { createLiveHub, type DeskEvent } from '../../src/intake/live.ts';
import { receive } from '../../src/intake/receive.ts';
import { AppError } from '../../src/domain/errors.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('live hub', () => {
  it('tells a conversation\'s own listeners and every desk', () => {
    const hub = createLiveHub((error) => { throw error; });
    const heard: LiveEvent[] = [];
    const desk: DeskEvent[] = [];
    const leave = hub.subscribe('c1', (event) => heard.push(event));
    hub.subscribeDesk((event) => desk.push(event));
    hub.publish('c1', { kind: 'typing', role: 'seat' });
    hub.publish('c2', { kind: 'typing', role: 'bot' });
    leave();
    leave();
    hub.publish('c1', { kind: 'typing', role: 'seat' });
    expect(heard).toEqual([{ kind: 'typing', role: 'seat' }]);
    expect(desk.map((event) => (event.kind === 'activity' ? event.conversationId : null))).toEqual(['c1', 'c2', 'c1']);
  });

  it('one broken listener does not keep the news from the others', () => {
    const errors: unknown[] = [];
    const hub = createLiveHub((error) => errors.push(error));
    const heard: string[] = [];
    hub.subscribe('c', () => { throw new Error('socket is gone'); });
    hub.subscribe('c', () => heard.push('second'));
    hub.subscribeDesk(() => { throw new Error('desk is gone'); });
    hub.subscribeDesk(() => heard.push('desk'));
    hub.publish('c', { kind: 'typing', role: 'bot' });
    expect(heard).toEqual(['second', 'desk']);
    expect(errors).toHaveLength(2);
  });

  it('a listener that leaves while it is told leaves only for itself', () => {
    const hub = createLiveHub((error) => { throw error; });
    const heard: string[] = [];
    const leave = hub.subscribe('c', () => { heard.push('first'); leave(); });
    hub.subscribe('c', () => heard.push('second'));
    hub.publish('c', { kind: 'typing', role: 'bot' });
    hub.publish('c', { kind: 'typing', role: 'bot' });
    expect(heard).toEqual(['first', 'second', 'second']);
  });
});

describe('announcements', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  it('come after the commit: whoever is told can read it', async () => {
    const seen: Promise<boolean>[] = [];
    intake.context.live.subscribeDesk((event) => {
      if (event.kind === 'activity' && event.event.kind === 'activity') {
        const { id } = event.event.activity;
        seen.push(intake.store.read(async (repos) => (await repos.activities.get(id)) !== null));
      }
    });
    await receive(intake.context, aMessage('路灯不亮'));
    expect(await Promise.all(seen)).toEqual([true]);
  });

  it('do not happen when the transaction is rolled back', async () => {
    const told: DeskEvent[] = [];
    intake.context.live.subscribeDesk((event) => told.push(event));
    const failing = writeUnit(intake.context, async (unit) => {
      unit.after.push({ kind: 'emergency', conversationId: 'c', category: 'fire' }, { kind: 'count', name: 'emergency', labels: { category: 'fire' } });
      throw new AppError('test.rolled_back', 'no');
    });
    await expect(failing).rejects.toMatchObject({ code: 'test.rolled_back' });
    expect(told).toEqual([]);
    expect(intake.counted).toEqual([]);
  });

  it('that fail do not make a committed message look refused', async () => {
    const context = { ...intake.context, meter: { count: () => { throw new Error('label'); }, time: () => {} }, live: createLiveHub(() => { throw new Error('the error handler itself'); }) };
    context.live.subscribeDesk(() => { throw new Error('socket'); });
    const done = await writeUnit(context, async (unit) => {
      unit.after.push({ kind: 'emergency', conversationId: 'c', category: 'fire' }, { kind: 'count', name: 'emergency', labels: {} }, { kind: 'wake', rows: [] });
      return 'committed';
    });
    expect(done).toBe('committed');
  });

  it('a unit that lost a race for its conversation is run again, and announces once', async () => {
    let tries = 0;
    const result = await writeUnit(intake.context, async (unit) => {
      tries += 1;
      unit.after.push({ kind: 'count', name: 'received', labels: { channel: 'push' } });
      if (tries < 3) throw new AppError('conversation.conflict', 'somebody else', { retry: 'conflict', status: 409 });
      return tries;
    });
    expect(result).toBe(3);
    expect(intake.counted).toHaveLength(1);
  });

  it('other conflicts are the caller\'s to judge', async () => {
    let tries = 0;
    await expect(writeUnit(intake.context, async () => { tries += 1; throw new AppError('ticket.conflict', 'stale', { retry: 'conflict', status: 409 }); })).rejects.toMatchObject({ code: 'ticket.conflict' });
    expect(tries).toBe(1);
  });
});
