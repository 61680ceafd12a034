import { describe, expect, it } from 'vitest';
import type { HookOutcome, OutgoingMessage } from '../../../src/channel/contract.ts';
import { nextQuery, readCallState } from '../../../src/channel/voice/call-state.ts';
import { PHRASES } from '../../../src/channel/voice/phrases.ts';
import { planVoice, type VoicePlan, type VoiceStep } from '../../../src/channel/voice/plan.ts';
import type { MessageContent } from '../../../src/domain/activity.ts';

const message = (text: string, more: Partial<MessageContent> = {}): OutgoingMessage => ({ activityIds: ['a'], content: { type: 'message', text, ...more } });
const outcome = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'bot', ...over });
const plan = (query: string, given: HookOutcome, more: { readonly keys?: string; readonly speech?: string } = {}): VoicePlan =>
  planVoice({ state: readCallState(`/x${query}`), over: false, seatTalked: false, seatFailed: false, keys: '', speech: '', ...more }, given, null);
const listens = ({ steps }: VoicePlan): Extract<VoiceStep, { kind: 'listen' }> => {
  const [found] = steps.filter((step) => step.kind === 'listen');
  if (found?.kind !== 'listen') throw new Error('nobody listens');
  return found;
};

describe('the language of a call', () => {
  it('is Cantonese for every Chinese line of a Cantonese conversation, and English for English ones', () => {
    const given = plan('?step=1&for=gather', outcome({ locale: 'zh-HK', messages: [message('请带身份证。'), message('Thank you.'), message('仲有冇其他事？')] }));
    expect(listens(given).lines.map(({ locale }) => locale)).toEqual(['zh-HK', 'en', 'zh-HK']);
    expect(listens(given).locale).toBe('zh-HK');
    expect(nextQuery(given.state, { purpose: 'gather', locale: 'zh-HK' })).toContain('l=hk');
  });

  it('goes back to Mandarin when the conversation does, and stays where nobody can be asked', () => {
    expect(listens(plan('?step=1&for=gather&l=hk', outcome({ locale: 'zh-CN', messages: [message('好的，我们用中文。')] }))).locale).toBe('zh-CN');
    const away = plan('?step=1&for=gather&l=hk', outcome({ turn: 'spooled' }));
    expect(listens(away).lines[0]?.text).toBe(PHRASES['zh-HK'].outage);
  });

  it('asks for keys by what is said in traditional characters too', () => {
    expect(listens(plan('?step=1&for=gather', outcome({ locale: 'zh-HK', messages: [message('請喺電話上面輸入手機號碼，再按井號鍵。')] }))).keys.mode).toBe('number');
    expect(listens(plan('?step=1&for=gather', outcome({ locale: 'zh-HK', messages: [message('啱嘅話按1，唔啱請按2。')] }))).keys.mode).toBe('single');
  });

  it('has every phrase in every language', () => {
    const names = Object.keys(PHRASES['zh-CN']);
    for (const phrases of Object.values(PHRASES)) expect(Object.entries(phrases).filter(([, text]) => text.trim() !== '').map(([name]) => name)).toEqual(names);
  });
});

describe('the pace of a call', () => {
  it('is slow from where it was asked for until it was taken back', () => {
    const asked = plan('?step=1&for=gather', outcome({ messages: [message('好的，我说慢一点。', { pace: 'slow' })] }));
    expect(asked.state.slow).toBe(true);
    expect(nextQuery(asked.state, { purpose: 'wait' })).toContain('p=1');
    expect(plan('?step=2&for=wait&p=1', outcome({ conversation: 'waiting' })).state.slow).toBe(true);
    expect(plan('?step=3&for=gather&p=1', outcome({ messages: [message('好的。', { pace: 'normal' })] })).state.slow).toBe(false);
  });
});

describe('the star', () => {
  it('has a seat’s last words collected once more', () => {
    const again = plan('?step=4&for=gather&h=5', outcome({ conversation: 'human', upTo: 8 }), { keys: '*' });
    expect(again.steps).toEqual([{ kind: 'go', next: { purpose: 'wait', waits: 1, locale: 'zh-CN' } }]);
    expect(nextQuery(again.state, { purpose: 'wait' })).toContain('h=6');
  });

  it('says everything again while the database is away, and is not taken down as a message', () => {
    const again = plan('?step=4&for=gather&o=2', outcome({ turn: 'spooled' }), { keys: '*' });
    expect(listens(again).lines.map(({ text }) => text)).toEqual([PHRASES['zh-CN'].outage]);
    const said = plan('?step=4&for=gather&o=2', outcome({ turn: 'spooled' }), { speech: '路灯坏了' });
    expect(listens(said).lines.map(({ text }) => text)).toEqual([PHRASES['zh-CN'].outageNoted]);
  });
});
