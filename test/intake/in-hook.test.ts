import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HookOutcome } from '../../src/channel/contract.ts';
import { asAddress, asExternalId, type InboundActivity } from '../../src/domain/activity.ts';
import { answered, fitsInHook, HOLD_MS, noteAnswered } from '../../src/intake/in-hook.ts';
import { reply, takeOver } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { storeSpooled } from '../../src/intake/spool/store.ts';
import { takeWebhook } from '../../src/intake/take.ts';
import { putTables } from '../support/sqlite-template.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** A push channel whose webhooks carry the first text of a turn: said once, whatever breaks, and never lost. */

let intake: IntakeUnderTest;
const open = async (options: Parameters<typeof openIntake>[0] = {}): Promise<void> => {
  intake = await openIntake(options);
  intake.push.capabilities = { ...intake.push.capabilities, answersInHook: true };
  intake.script = (event) => [{ kind: 'say', text: event.type === 'message' ? `答：${event.text}` : '您好', inputHint: 'acceptingInput' }];
};
beforeEach(() => open());
afterEach(() => intake.close());

const ask = (message: InboundActivity, patienceMs = 2_000): Promise<HookOutcome> => takeWebhook(intake.context, intake.push, { kind: 'inbound', activities: [message], answerWhen: 'turn' }, { patienceMs, trace: null });
const said = (outcome: HookOutcome): string[] => outcome.messages.map(({ content }) => content.text);
const sent = (): string[] => intake.sent.map(({ message }) => message.content.text);
const goesOut = (outcome: HookOutcome): Promise<void> => answered(intake.context, outcome.inPlaceOf ?? 'none');
const later = async (ms: number): Promise<void> => {
  intake.clock.advance(ms);
  await intake.settle();
};
const statuses = async (id: string): Promise<string[]> => (await intake.store.read((repos) => repos.activities.receipts(id))).map(({ status }) => status);
const conversationOf = async (message: InboundActivity): Promise<string> => (await intake.store.read((repos) => repos.conversations.findByAddress('push', message.address)))?.id ?? '';

describe('an answer in the hook', () => {
  it('carries the turn’s words, is noted when it went out, and nothing is sent besides', async () => {
    await intake.startBus();
    const message = aMessage('路灯不亮');
    const outcome = await ask(message);
    expect(said(outcome)).toEqual(['答：路灯不亮']);
    expect(outcome.turn).toBe('done');
    expect((await intake.rows())['outbox']).toBe(1);
    await goesOut(outcome);
    expect((await intake.rows())['outbox']).toBe(0);
    expect(await statuses(await conversationOf(message))).toEqual(['delivered']);
    await later(HOLD_MS);
    expect(sent()).toEqual([]);
  });

  it('is the same when the peer asks again, before and after it was noted', async () => {
    await intake.startBus();
    const message = aMessage('停水了');
    const first = await ask(message);
    expect(said(await ask(message))).toEqual(said(first));
    await goesOut(first);
    await goesOut(first);
    expect(said(await ask(message))).toEqual(said(first));
    await later(HOLD_MS);
    expect(sent()).toEqual([]);
    expect(await statuses(await conversationOf(message))).toEqual(['delivered']);
  });

  it('goes by send when the peer asks again and can only be spooled: noted before, noted afterwards, or never, and once', async () => {
    await intake.startBus();
    const spooled = async (message: InboundActivity): Promise<void> => {
      await storeSpooled(intake.context, message, intake.clock.now());
      await storeSpooled(intake.context, message, intake.clock.now());
      await intake.settle();
    };
    const before = aMessage('先记后问');
    await goesOut(await ask(before));
    await spooled(before);
    expect(sent()).toEqual(['答：先记后问']);

    const after = aMessage('先问后记', { address: asAddress('u2') });
    const first = await ask(after);
    await storeSpooled(intake.context, after, intake.clock.now());
    await goesOut(first);
    await spooled(after);
    expect(sent()).toEqual(['答：先记后问', '答：先问后记']);

    expect(said(await ask(after))).toEqual([]);
    await later(HOLD_MS);
    expect(sent()).toHaveLength(2);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('goes by send when it never went out and nobody asks again; who asks later is told nothing new', async () => {
    await intake.startBus();
    const message = aMessage('噪音');
    await ask(message);
    await later(HOLD_MS - 1);
    expect(sent()).toEqual([]);
    await later(1);
    expect(sent()).toEqual(['答：噪音']);
    const again = await ask(message);
    expect(said(again)).toEqual([]);
    // Too late to take back what was sent: the note of a lost answer changes nothing.
    await goesOut({ ...again, inPlaceOf: 'deliver:none' });
    await later(HOLD_MS);
    expect(sent()).toEqual(['答：噪音']);
  });

  it('is held for as long as the peer asks again', async () => {
    await intake.startBus();
    const message = aMessage('井盖');
    await ask(message);
    await later(HOLD_MS - 5_000);
    const again = await ask(message);
    await later(HOLD_MS - 5_000);
    expect(sent()).toEqual([]);
    await goesOut(again);
    await later(HOLD_MS);
    expect(sent()).toEqual([]);
  });

  it('is not given to a hook while it is being sent', async () => {
    await intake.startBus();
    const message = aMessage('树倒了');
    await ask(message);
    let during: HookOutcome | null = null;
    const send = intake.push.send;
    intake.push.send = async (...given) => {
      during = await ask(message);
      return send?.(...given) ?? { status: 'delivered' };
    };
    await later(HOLD_MS);
    expect(during).toMatchObject({ messages: [] });
    expect(sent()).toEqual(['答：树倒了']);
  });

  it('a crash before it went out loses nothing', async () => {
    await intake.close();
    const folder = mkdtempSync(join(tmpdir(), 'yihu-in-hook-'));
    try {
      await putTables(folder);
      await open({ folder });
      await intake.startBus();
      const message = aMessage('漏电');
      expect(said(await ask(message))).toEqual(['答：漏电']);
      await intake.close();
      await open({ folder });
      await intake.startBus();
      expect(said(await ask(message))).toEqual(['答：漏电']);
      await later(HOLD_MS);
      expect(sent()).toEqual(['答：漏电']);
    } finally {
      await intake.close();
      rmSync(folder, { recursive: true, force: true });
      await open();
    }
  });

  it('is followed by what did not fit, in order, and not before it', async () => {
    intake.push.capabilities = { ...intake.push.capabilities, textLimit: 20 };
    intake.script = () => [{ kind: 'say', text: '第一段话说完了。第二段话也说完了。第三段话说完了。', inputHint: 'acceptingInput' }];
    await intake.startBus();
    const outcome = await ask(aMessage('长的'));
    await intake.settle();
    expect(outcome.messages).toHaveLength(1);
    expect(sent()).toEqual([]);
    await goesOut(outcome);
    await intake.settle();
    expect([...said(outcome), ...sent()].join('')).toBe('第一段话说完了。第二段话也说完了。第三段话说完了。');
  });

  it('goes by send behind what still waits there', async () => {
    await intake.startBus();
    intake.receipts.push({ status: 'retry', code: 'peer.busy', retryAfterMs: 60_000 });
    const seat = await intake.seat();
    const first = await ask(aMessage('人工'));
    await goesOut(first);
    const id = await conversationOf(aMessage('x'));
    await takeOver(intake.context, id, seat);
    await reply(intake.context, id, seat, { text: '我是坐席', clientId: 'c1' });
    await intake.settle();
    await intake.store.write(async (repos) => {
      const conversation = await repos.conversations.get(id);
      if (conversation !== null) await repos.conversations.update(id, conversation.version, { owner: 'bot', seatId: null });
    });
    expect(said(await ask(aMessage('还有一件事')))).toEqual([]);
    await later(60_000);
    expect(sent().slice(-2).join('|')).toMatch(/我是坐席.*答：还有一件事/s);
  });

  it('with a picture everything goes by send', async () => {
    intake.push.capabilities = { ...intake.push.capabilities, attachmentsOut: true };
    const text = { type: 'message' as const, text: '看图' };
    expect(fitsInHook(intake.push, { activityIds: ['a'], content: text })).toBe(true);
    expect(fitsInHook(intake.push, { activityIds: ['a'], content: { ...text, attachments: [{ contentType: 'image/png', url: 'media:x/y' }] } })).toBe(false);
    expect(fitsInHook(intake.push, { activityIds: ['a'], content: { ...text, value: { kind: 'link' } } })).toBe(false);
    expect(fitsInHook(intake.push, { activityIds: ['a'], content: { type: 'message', text: '' } })).toBe(false);
    expect(fitsInHook({ ...intake.push, capabilities: { ...intake.push.capabilities, delivery: 'push' } }, undefined)).toBe(false);
  });

  it('notes what went out as soon as the database is back', async () => {
    await intake.startBus();
    const outcome = await ask(aMessage('断电'));
    let broken = 2;
    const { store } = intake;
    const context = { ...intake.context, store: { ...store, write: ((fn) => (broken-- > 0 ? Promise.reject(new Error('away')) : store.write(fn))) as typeof store.write } };
    const paused: number[] = [];
    await noteAnswered(context, outcome.inPlaceOf ?? '', async (ms) => void paused.push(ms));
    expect(paused).toHaveLength(2);
    expect((await intake.rows())['outbox']).toBe(0);
  });
});

describe('an answer in the hook, its turn done by the bus', () => {
  beforeEach(async () => {
    await intake.close();
    await open({ turnsHere: false });
  });

  it('is waited for', async () => {
    await intake.startBus();
    const outcome = await ask(aMessage('积水'));
    expect(said(outcome)).toEqual(['答：积水']);
    await goesOut(outcome);
    await later(HOLD_MS);
    expect(sent()).toEqual([]);
  });

  it('late: the peer is told nothing, and the words are sent', async () => {
    const message = aMessage('慢');
    const outcome = await ask(message, 30);
    expect(outcome).toMatchObject({ messages: [], turn: 'late' });
    intake.clock.advance(5_000);
    await intake.startBus();
    await intake.settle();
    expect(sent()).toEqual(['答：慢']);
    expect(said(await ask(message, 30))).toEqual([]);
  });

  it('just too late: sent a moment after the hook gave up', async () => {
    const outcome = await ask(aMessage('差一点'), 30);
    expect(said(outcome)).toEqual([]);
    await intake.startBus();
    await intake.settle();
    expect(sent()).toEqual([]);
    await later(2_000);
    expect(sent()).toEqual(['答：差一点']);
  });

  it('a channel that answers no hook is left as it was', async () => {
    const { answersInHook: _none, ...plain } = intake.push.capabilities;
    intake.push.capabilities = plain;
    await intake.startBus();
    const { conversationId } = await receive(intake.context, aMessage('你好', { externalId: asExternalId('plain-1') }));
    await intake.settle();
    expect(sent()).toEqual(['答：你好']);
    expect(await statuses(conversationId)).toEqual(['delivered']);
  });
});
