import { describe, expect, it } from 'vitest';
import { CITY_CHANNELS, createMix, MATTERS, ticketNumberIn, type Talk } from './mix.ts';
import { phoneOf } from './peers/peer.ts';
import { createRandom } from './statistics.ts';

const QUESTIONS = ['居住证怎么办', '公积金怎么提取', '社保卡丢了怎么补办'];

function play(talks: number, seed = 1): readonly Talk[] {
  const mix = createMix({ random: createRandom(seed), questions: QUESTIONS });
  return Array.from({ length: talks }, (_, index) => {
    const talk = mix.next();
    if (talk.opensTicket) mix.opened({ number: String(20_261_122_000_000 + index), caller: talk.caller });
    return talk;
  });
}

const count = (talks: readonly Talk[]): number => talks.reduce((sum, { lines }) => sum + lines.length, 0);

describe('the mix of a year', () => {
  const talks = play(6000);

  it('keeps the shares of messages, by matter and by channel', () => {
    for (const [matter, share] of Object.entries(MATTERS)) expect(count(talks.filter((talk) => talk.matter === matter)) / count(talks), matter).toBeCloseTo(share, 2);
    for (const [channel, share] of Object.entries(CITY_CHANNELS)) expect(count(talks.filter((talk) => talk.channel === channel)) / count(talks), channel).toBeCloseTo(share, 2);
  });

  it('has shares that are a whole', () => {
    for (const shares of [MATTERS, CITY_CHANNELS]) expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
  });

  it('is the same in every run, and another with another seed', () => {
    expect(play(200)).toEqual(play(200));
    expect(play(200, 2)).not.toEqual(play(200));
  });

  it('asks for a ticket only after it was opened, by whom it belongs to, and once', () => {
    const opened = new Map<string, number>();
    for (const [index, talk] of talks.entries()) {
      if (talk.matter === 'progress') {
        const number = /\d{14}/.exec(talk.lines[0] ?? '')?.[0] ?? '';
        expect(opened.get(number)).toBe(talk.caller.number);
        expect(talk.lines[0]).toContain(phoneOf(talk.caller).slice(-4));
        opened.delete(number);
      }
      if (talk.opensTicket) opened.set(String(20_261_122_000_000 + index), talk.caller.number);
    }
  });

  it('lets nobody else call twice', () => {
    const callers = talks.filter(({ matter }) => matter !== 'progress').map(({ caller }) => caller.number);
    expect(new Set(callers).size).toBe(callers.length);
  });

  it('gives a number in writing, not on the phone', () => {
    for (const talk of talks.filter(({ matter }) => matter === 'form')) expect(talk.lines.includes(phoneOf(talk.caller))).toBe(talk.channel !== 'phone');
  });
});

describe('a ticket number in an answer', () => {
  it('is found as written and as spoken', () => {
    expect(ticketNumberIn('已经登记好了。工单号 20261123000030，由市生态环境局办理，预计在2026年11月30日 17:30前办结。')).toBe('20261123000030');
    expect(ticketNumberIn('工单号是2 0 2 6 1 1 2 3，0 0 0 0 1，3，由市生态环境局办理')).toBe('20261123000013');
  });

  it('is not made of anything else', () => {
    expect(ticketNumberIn('请留个手机号，怎么称呼您也可以一起说。')).toBeNull();
    expect(ticketNumberIn('电话 14200000002，预计在2026年11月30日 17:30前')).toBeNull();
    expect(ticketNumberIn('"touser":"oBench0000000000000002881970"')).toBeNull();
  });
});
