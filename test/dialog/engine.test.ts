import { describe, expect, it } from 'vitest';
import { advance } from '../../src/dialog/index.ts';
import { facts, kinds, opened, realProgram, said, talk } from './support/program.ts';

describe('small things that decide whether people like it', () => {
  it('low confidence is asked again, unknown confidence (0 or none) is not', () => {
    const ask = (confidence: number | undefined): string => said(talk({ modality: 'voice' }).send({ type: 'message', text: '居住证怎么办理', attachments: 0, ...(confidence === undefined ? {} : { confidence }) }));
    expect(ask(0.1)).toContain('没有听明白');
    expect(ask(0)).toContain('居住');
    expect(ask(undefined)).toContain('居住');
  });

  it('人工 is heard at any confidence', () => {
    expect(kinds(talk({ seatsOnline: 1 }).send({ type: 'message', text: '人工', attachments: 0, confidence: 0.05 }))).toContain('handoff');
  });

  it('a picture is kept and the question repeated', () => {
    const one = talk();
    one.say('我要投诉');
    expect(said(one.send({ type: 'message', text: '', attachments: 2 }))).toMatch(/已经一并保存[\s\S]*登记/);
  });

  it('a pressed button’s value counts as what was said', () => {
    expect(kinds(talk({ seatsOnline: 1 }).send({ type: 'message', text: '', value: '转人工', attachments: 0 }))).toContain('handoff');
  });

  it('the phone number goes to the vault as an effect, and is not asked for again', () => {
    const one = talk();
    one.say('东城鸿福路的路灯昨晚坏了');
    expect(one.say('13800138000')).toContainEqual({ kind: 'identity', phone: '13800138000' });
    one.say('对');
    expect(said(one.say('厚街镇汽车站门口昨晚又堵车'))).toContain('核对');
  });

  it('the desk is told what was understood, once for each change', () => {
    const one = talk();
    const first = one.say('东城鸿福路的路灯昨晚坏了').filter((effect) => effect.kind === 'understood');
    expect(first).toHaveLength(1);
    expect(first[0]?.kind === 'understood' ? first[0].understood.slots.map((slot) => slot.label) : []).toEqual(expect.arrayContaining(['内容', '地点', '时间']));
    expect(kinds(one.say('谢谢'))).not.toContain('understood');
  });

  it('a timer of an earlier question is ignored', () => {
    const one = talk();
    const timer = one.say('我要投诉').find((effect) => effect.kind === 'timer');
    one.say('路灯坏了很久没人修');
    expect(one.send({ type: 'timeout', token: timer?.kind === 'timer' ? timer.token : '' })).toEqual([]);
  });

  it('on the phone no reminder timer is set', () => {
    expect(kinds(talk({ modality: 'voice' }).say('我要投诉'))).not.toContain('timer');
  });

  it('a result that nobody waits for changes nothing', () => {
    const one = talk();
    one.say('我要投诉');
    expect(one.send({ type: 'result', action: 'ticket.open', ok: true, data: {} }).filter((effect) => effect.kind === 'say')).toEqual([]);
  });

  it('a ticket that could not be filed leads to a person', () => {
    const known = facts({ seatsOnline: 1 });
    const one = talk({ seatsOnline: 1 });
    ['东城鸿福路的路灯昨晚坏了', '13800138000'].forEach((text) => one.say(text));
    const step = advance(realProgram(), one.state, { type: 'message', text: '对', attachments: 0 }, known);
    expect(kinds(step.effects)).toContain('action');
    const after = advance(realProgram(), step.state, { type: 'result', action: 'ticket.open', ok: false, data: { code: 'store.down' } }, known);
    expect(kinds(after.effects)).toContain('handoff');
  });

  it('danger in the matter makes the ticket urgent', () => {
    const one = talk();
    one.say('有人晕倒了');
    one.say('在东城鸿福路15号');
    one.say('登记下来');
    const effects = ['刚才', '13800138000', '对', '对'].flatMap((text) => one.say(text));
    expect(opened(effects)?.urgency).toBe('emergency');
  });

  it('somebody who waits keeps one conversation: seats are asked for once', () => {
    const one = talk({ seatsOnline: 1 });
    const all = ['人工', '人工', '转人工！', '还有多久'].flatMap((text) => one.say(text));
    expect(kinds(all).filter((kind) => kind === 'handoff')).toHaveLength(1);
    expect(kinds(one.send({ type: 'silence' }))).toEqual([]);
  });
});
