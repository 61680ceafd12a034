import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRules } from '../../src/quality/rules.ts';
import { findAll, phrases, plain, sentences, unquoted } from '../../src/quality/text.ts';
import type { Transcript } from '../../src/quality/transcript.ts';
import { found, INSPECTOR, RULES, talk } from './support.ts';

const GOOD = ['坐席：您好，请问有什么可以帮您？', '市民：路灯坏了', '坐席：好的，我帮您登记。', '!工单', '坐席：感谢您的反映，再见。', '!结束'];

describe('checks', () => {
  it('find nothing in a good service', () => {
    expect(INSPECTOR.inspect(talk(GOOD))).toEqual({ score: 100, findings: [] });
  });

  it('tell banned words from quoted, reported and denied ones', () => {
    const say = (text: string) => found(['坐席：您好', `坐席：${text}`, '坐席：再见', '!结束']).includes('banned');
    expect([say('你有没有脑子'), say('喊什么喊'), say('您别着急'), say('他骂您“神经病”是吗'), say('您说对方神经病，我记下了'), say('我们不是嫌您烦人')]).toEqual([true, true, false, false, false, false]);
  });

  it('leave a refusal with a way on alone', () => {
    const say = (...texts: string[]) => found(['坐席：您好', '市民：查一下余额', ...texts.map((text) => `坐席：${text}`), '坐席：再见', '!结束']).includes('curt');
    expect([say('这个查不了'), say('这个查不了，您可以拨打12329'), say('不归我们管', '我帮您转给城管')]).toEqual([true, false, false]);
  });

  it('ask for a ticket or a transfer after a promise, not after an offer', () => {
    const promise = '坐席：我帮您登记转给城管。';
    expect(found(['坐席：您好', promise, '坐席：再见', '!结束'])).toEqual(['promise']);
    expect(found(['坐席：您好', promise, '!工单', '坐席：再见', '!结束'])).toEqual([]);
    expect(found(['坐席：您好', promise, '!转接', '坐席：再见', '!结束'])).toEqual([]);
    expect(found(['坐席：您好', '坐席：需要的话我可以帮您登记。', '坐席：再见', '!结束'])).toEqual([]);
  });

  it('want a farewell only of who ends the service', () => {
    const lines = ['坐席：您好', '市民：喂', '坐席：请讲'];
    expect([found([...lines, '!结束']), found([...lines, '!离开']), found(lines)]).toEqual([['closing'], [], []]);
  });

  it('let a phone number be asked for where none is known, and nothing else', () => {
    const ask = (text: string, knowsPhone: boolean) => found(['坐席：您好', `坐席：${text}`, '坐席：再见', '!结束'], { knowsPhone }).includes('privacy');
    expect([ask('请留一下手机号', false), ask('请留一下手机号', true), ask('请报身份证号', false), ask('请不要发送身份证号', false), ask('带身份证到窗口', true)]).toEqual([false, true, true, false, false]);
  });

  it('hold a question open until it is taken up', () => {
    const answer = (text: string) => found(['坐席：您好', '市民：补办要多少钱？', `坐席：${text}`, '坐席：再见', '!结束']).includes('unanswered');
    expect([answer('去银行就行'), answer('工本费20元'), answer('我帮您查一下')]).toEqual([true, false, false]);
    expect(found(['坐席：您好', '市民：谢谢你啊', '坐席：再见', '!结束'])).toEqual([]);
  });

  it('count seconds by how one speaks', () => {
    const wait = (ms: number, modality: Transcript['modality']) => {
      const said = [{ seq: 1, at: ms, who: 'seat' as const, seatId: 'seat-1', text: '您好' }, { seq: 2, at: ms + 1, who: 'seat' as const, seatId: 'seat-1', text: '再见' }];
      return INSPECTOR.inspect({ channel: 'x', modality, said, happened: [{ kind: 'accepted', at: 0 }], knowsPhone: true }).findings.map(({ rule }) => rule);
    };
    expect([wait(12_000, 'voice'), wait(13_000, 'voice'), wait(60_000, 'text'), wait(61_000, 'text')]).toEqual([[], ['late'], [], ['late']]);
  });
});

describe('scores and evidence', () => {
  it('never leave 0 to 100, fall with each finding, and are bounded by a fatal one', () => {
    const worst = INSPECTOR.inspect(talk(['坐席：说', '坐席：你有没有脑子', '坐席：烦不烦', '坐席：请报身份证号', '坐席：不知道', '!结束']));
    expect(worst.score).toBeGreaterThanOrEqual(0);
    expect(worst.score).toBeLessThanOrEqual(RULES.fatalAtMost);
  });

  it('hold for whatever is said: spans lie in their line, and masking changes no length', () => {
    const words = fc.constantFrom('您好', '不知道', '我帮您登记', '请报身份证号码', '你有没有脑子', '，', '。', '？', '13800138000', '能不能', '多少钱', '再见', '“', '”', '嗯', '保证明天修好', '法院判决我受理', 'é', '𠮷');
    const line = fc.tuple(fc.constantFrom('市民', '坐席'), fc.array(words, { maxLength: 8 })).map(([who, parts]) => `${who}：${parts.join('')}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.constantFrom('!工单', '!结束', '!离开')), { maxLength: 14 }), (lines) => {
        const transcript = talk(lines);
        const { score, findings } = INSPECTOR.inspect(transcript);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(findings.length === 0 ? 100 : 99);
        for (const finding of findings) {
          const text = transcript.said.find(({ seq }) => seq === finding.seq)?.text ?? '';
          expect(finding.sentence.length).toBe(text.length);
          expect(finding.start).toBeGreaterThanOrEqual(0);
          expect(finding.end).toBeLessThanOrEqual(text.length);
          expect(`${finding.sentence}${finding.why}`).not.toContain('13800138000');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are the same for the same words', () => {
    const transcript = talk(['坐席：说', '市民：怎么办？', '坐席：不知道', '!结束']);
    expect(INSPECTOR.inspect(transcript)).toEqual(INSPECTOR.inspect(transcript));
  });
});

describe('reading', () => {
  it('keeps the length of every text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(plain(text).length).toBe(text.length);
      expect(unquoted(text).length).toBe(text.length);
      expect(sentences(text).every(({ start, end, text: part }) => text.slice(start, end) === part)).toBe(true);
    }));
  });

  it('takes a phrase as words, with gaps inside a clause', () => {
    expect(findAll('给你重新登记', phrases(['给您…登记']))).toEqual([{ start: 0, end: 6 }]);
    expect(findAll(plain('给您，登记'), phrases(['给您…登记']))).toEqual([]);
    expect(findAll('a.b', phrases(['a.b']))).toEqual([{ start: 0, end: 3 }]);
    expect(findAll('axb', phrases(['a.b']))).toEqual([]);
  });

  it('refuses rules with unknown or missing parameters, and ids that stand twice', () => {
    const { rules, ...rest } = RULES;
    const [first] = rules;
    if (first === undefined) throw new Error('no rules');
    const plainRules = rules.map((rule) => ({ ...rule, with: { ...rule.with } }));
    expect(readRules({ ...rest, rules: plainRules }).faults).toEqual([]);
    const faults = readRules({ ...rest, rules: [{ ...first, with: {} }, { ...first, with: { ...first.with } }] }).faults;
    expect(faults.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/rules/0/with', '/rules/1/id']));
  });
});
