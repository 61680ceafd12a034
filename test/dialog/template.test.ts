import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { titleOf } from '../../src/dialog/actions.ts';
import { clipSentences, piecesOf, quoteForVoice, sentences, spokenDigits } from '../../src/dialog/template.ts';
import { opened, said, talk } from './support/program.ts';

describe('spoken wording', () => {
  it('counts sentences', () => {
    expect(sentences('您好。请问？好！')).toHaveLength(3);
    expect(sentences('按1，按2，金额3.5元')).toHaveLength(1);
    expect(sentences('Done. Thank you.')).toHaveLength(2);
    expect(sentences('。。。')).toHaveLength(0);
  });

  it('clips to three and never grows', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('好', '吗', '。', '？', '！', 'a', '.', ' ', '\n', '1') }), (text) => {
        expect(sentences(clipSentences(text)).length).toBeLessThanOrEqual(3);
        expect(clipSentences(text).length).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it('quotes a citizen without their full stops, and not at length', () => {
    expect(quoteForVoice('吵死了！怎么没人管？求你们了。')).toBe('吵死了，怎么没人管，求你们了');
    expect(sentences(quoteForVoice('啊。'.repeat(200)))).toHaveLength(1);
    expect(quoteForVoice('长'.repeat(300)).length).toBeLessThan(70);
  });

  it('reads numbers digit by digit in groups of four', () => {
    expect(spokenDigits('20261122000018')).toBe('2 0 2 6，1 1 2 2，0 0 0 0，1 8');
    expect(spokenDigits('尾号80')).toBe('尾号80');
  });

  it('reads everything back on the phone, however long the story was', () => {
    const one = talk({ modality: 'voice' });
    one.say(`我要投诉，东城鸿福路工地昨天晚上施工到三点，${'吵得全家都睡不着觉，小孩天天哭。'.repeat(6)}`);
    const back = one.say('13800138000').filter((effect) => effect.kind === 'say').map((effect) => effect.speak ?? effect.text).join('');
    expect(back).toContain('鸿福路');
    expect(back).toContain('尾号8000');
    expect(sentences(back).length).toBeLessThanOrEqual(3);
  });
});

describe('what is kept of a citizen’s words', () => {
  it('takes phone and name out of the matter', () => {
    const one = talk();
    one.say('我叫陈大文，电话13800138000，东城鸿福路的路灯昨晚坏了');
    const args = opened(one.say('对'));
    expect(args).toMatchObject({ phone: '13800138000', name: '陈大文' });
    expect(args?.content).toContain('路灯');
    expect(args?.content).not.toMatch(/13800138000|陈大文/);
  });

  it('never says a whole phone number', () => {
    const one = talk();
    const all = ['东城鸿福路的路灯昨晚坏了', '13800138000', '不对，电话是13900139000', '对', '人工'].map((text) => said(one.say(text))).join();
    expect(all).not.toMatch(/13800138000(?!；)|13900139000/);
  });

  it.each([
    ['楼下工地半夜两点还在施工吵死了，东城鸿福路', '楼下工地半夜两点还在施工吵死了，东城鸿福路'],
    ['你好。路灯坏了。求修', '路灯坏了'],
    ['这是一个非常非常非常非常非常非常非常非常非常长的标题一直说不完', '这是一个非常非常非常非常非常非常非常非常非常长的标题一直说…'],
    ['啊', '啊'],
  ])('title of %s', (content, title) => {
    expect(titleOf(content)).toBe(title);
  });
});

describe('pieces of a long answer', () => {
  it('lose no sentence, keep their order, and are never longer than three sentences', () => {
    const sentence = fc.tuple(fc.stringMatching(/^[一-龥]{1,60}$/), fc.constantFrom('。', '！', '？')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 14 }), (given) => {
        const pieces = piecesOf(given.join(''));
        expect(pieces.join('')).toBe(given.join(''));
        for (const piece of pieces) expect(sentences(piece).length).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('English sentences keep their blanks, and a short tail is no piece of its own', () => {
    expect(piecesOf('Bring your card. Sign the form. Pay the fee. Wait a week.')).toEqual(['Bring your card. Sign the form. Pay the fee.', 'Wait a week.']);
    expect(piecesOf(`${'长'.repeat(100)}。${'句'.repeat(70)}。完。`)).toEqual([`${'长'.repeat(100)}。`, `${'句'.repeat(70)}。完。`]);
  });
});
