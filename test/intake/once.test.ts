import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receive } from '../../src/intake/receive.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('a message has one effect', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  const transcript = async (conversationId: string) => (await intake.store.read((repos) => repos.activities.after(conversationId, 0, 100))).map((activity) => `${activity.role}:${activity.content.type === 'message' ? activity.content.text : activity.content.type}`);

  it('is stored before anything answers, and answered once', async () => {
    const got = await receive(intake.context, aMessage('路灯不亮'));
    expect(got.status).toBe('accepted');
    expect(await transcript(got.conversationId)).toEqual(['citizen:路灯不亮']);
    await intake.startBus();
    await intake.settle();
    expect(await transcript(got.conversationId)).toEqual(['citizen:路灯不亮', 'bot:收到']);
    expect(intake.sent.map((send) => send.message.content.text)).toEqual(['收到']);
  });

  it('resent before, during or after its turn changes nothing and gives the same ids', async () => {
    const first = await receive(intake.context, aMessage('停水了', { id: 'same' }));
    const again = await receive(intake.context, aMessage('停水了', { id: 'same' }));
    expect(again).toEqual({ ...first, status: 'duplicate' });
    await intake.startBus();
    await intake.settle();
    expect(await receive(intake.context, aMessage('停水了', { id: 'same' }))).toEqual({ ...first, status: 'duplicate' });
    await intake.settle();
    expect(await transcript(first.conversationId)).toEqual(['citizen:停水了', 'bot:收到']);
    expect(intake.sent).toHaveLength(1);
  });

  it('resent ten times at the same moment is still one', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => receive(intake.context, aMessage('垃圾没人收', { id: 'storm' }))));
    expect(results.filter((result) => result.status === 'accepted')).toHaveLength(1);
    expect(new Set(results.map((result) => result.activityId)).size).toBe(1);
    await intake.startBus();
    await intake.settle();
    expect(intake.sent).toHaveLength(1);
  });

  it('the same id at another account is another message', async () => {
    await receive(intake.context, aMessage('甲', { id: 'x', channel: 'push' }));
    const other = await receive(intake.context, aMessage('乙', { id: 'x', channel: 'stream' }));
    expect(other.status).toBe('accepted');
  });

  it('keeps the order of one conversation and does not mix two', async () => {
    await intake.startBus();
    intake.script = (event) => [{ kind: 'say', text: `答${event.type === 'message' ? event.text : ''}`, inputHint: 'acceptingInput' }];
    const sends = [];
    for (let n = 1; n <= 12; n += 1) sends.push(receive(intake.context, aMessage(String(n), { address: asAddress(`peer-${n % 2}`) })));
    const results = await Promise.all(sends);
    await intake.settle();
    for (const conversationId of new Set(results.map((result) => result.conversationId))) {
      const answers = (await transcript(conversationId)).filter((line) => line.startsWith('bot:')).map((line) => Number(line.slice(5)));
      const questions = (await transcript(conversationId)).filter((line) => line.startsWith('citizen:')).map((line) => Number(line.slice(8)));
      expect(answers).toEqual(questions);
      expect(answers).toHaveLength(6);
    }
  });

  it('a turn that fails leaves nothing behind and is done again', async () => {
    let tries = 0;
    intake.script = () => {
      tries += 1;
      if (tries === 1) throw new Error('broken in the middle');
      return [{ kind: 'say', text: '好了', inputHint: 'acceptingInput' }];
    };
    const got = await receive(intake.context, aMessage('试一下'));
    await intake.startBus();
    await intake.settle();
    expect(await transcript(got.conversationId)).toEqual(['citizen:试一下']);
    intake.clock.advance(1_000);
    await intake.settle();
    expect(await transcript(got.conversationId)).toEqual(['citizen:试一下', 'bot:好了']);
  });

  it('a number in the text is masked in the row and whole in the turn', async () => {
    let heard = '';
    intake.script = (event) => {
      heard = event.type === 'message' ? event.text : '';
      return [{ kind: 'say', text: '已登记 13800138000', inputHint: 'acceptingInput' }];
    };
    const got = await receive(intake.context, aMessage('我的电话是13800138000'));
    await intake.startBus();
    await intake.settle();
    expect(heard).toBe('我的电话是13800138000');
    expect((await transcript(got.conversationId)).join('\n')).not.toContain('13800138000');
    expect((await transcript(got.conversationId)).join('\n')).toContain('138****8000');
    expect(JSON.stringify(intake.sent)).not.toContain('13800138000');
  });

  it('an unknown kind of message is kept and makes no turn', async () => {
    const got = await receive(intake.context, aMessage('', { content: { type: 'unsupported', kind: 'location' }, raw: '<xml/>' }));
    await intake.startBus();
    await intake.settle();
    expect(await transcript(got.conversationId)).toEqual(['citizen:unsupported']);
    expect(await intake.store.read((repos) => repos.activities.unsealed(got.activityId))).toBe('<xml/>');
  });

  it('copies a peer\'s attachment into our own store', async () => {
    const got = await receive(intake.context, aMessage('看图', { content: { type: 'message', text: '看图', attachments: [{ contentType: 'image/*', url: 'https://peer.test/pic' }] } }));
    await intake.startBus();
    await intake.settle();
    const saved = (await intake.store.read((repos) => repos.activities.after(got.conversationId, 0, 10))).find((activity) => activity.content.type === 'event');
    expect(saved?.content).toMatchObject({ type: 'event', name: 'attachment.saved', value: { activityId: got.activityId, index: 0, contentType: 'text/plain' } });
  });
});
