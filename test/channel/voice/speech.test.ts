import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localeOf, namesKey, speakable, spellNumbers, spokenMessage, splitForSay } from '../../../src/channel/voice/speech.ts';

describe('numbers that are names', () => {
  it.each([
    ['您的工单编号是20261122000187。', '您的工单编号是2 0 2 6，1 1 2 2，0 0 0 1 8，7。'],
    ['您的工单编号是20261122 00018 7。', '您的工单编号是2 0 2 6，1 1 2 2，0 0 0 1 8，7。'],
    ['手机号13800138000', '手机号1 3 8，0 0 1 3，8 0 0 0'],
    ['尾号8000的手机', '尾号8 0 0 0的手机'],
    ['尾号 8000', '尾号 8 0 0 0'],
    ['后四位是8000', '后四位是8 0 0 0'],
    ['138****8000', '尾号8 0 0 0'],
    ['手机尾号****8000', '手机尾号8 0 0 0'],
    ['座机0769-22831234', '座机0 7 6 9，2 2 8 3，1 2 3 4'],
    ['客服400-812-3123', '客服4 0 0，8 1 2，3 1 2 3'],
    ['这里是12345热线', '这里是1 2 3 4 5热线'],
    ['请拨打110或119报警', '请拨打1 1 0或1 1 9报警'],
    ['危险请先打120急救', '危险请先打1 2 0急救'],
    ['供电服务95598', '供电服务9 5 5 9 8'],
    ['共３个，电话１３８００１３８０００', '共3个，电话1 3 8，0 0 1 3，8 0 0 0'],
  ])('%s', (text, spoken) => {
    expect(speakable(text, 'zh-CN')).toBe(spoken);
  });

  it.each(['2026年11月22日', '补贴10000元', '收入15000.5元', '约12345人', '5个工作日', '7天内', '3米', '20000平方米', '第12条', '费用120元', '尾号8 0 0 0'])('leaves %s alone', (text) => {
    expect(speakable(text, 'zh-CN')).toBe(text);
  });

  it('spells in English with English pauses', () => {
    expect(speakable('Your ticket number is 20261122000187.', 'en')).toBe('Your ticket number is 2 0 2 6, 1 1 2 2, 0 0 0 1 8, 7.');
    expect(speakable('The phone ending in 8000.', 'en')).toBe('The phone ending in 8 0 0 0.');
    expect(speakable('138****8000', 'en')).toBe('number ending in 8 0 0 0');
    expect(speakable('It costs 10000 yuan.', 'en')).toBe('It costs 10000 yuan.');
  });

  it('loses and adds no digit, and a second time changes nothing', () => {
    const part = fc.oneof(fc.constantFrom('工单编号', '尾号', '请拨打', '，', '元', ' ', '是', '-', '.'), fc.nat().map(String), fc.stringMatching(/^\d{1,20}$/));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')), (text) => {
        const once = spellNumbers(text, 'zh-CN');
        expect(once.replace(/\D/g, '')).toBe(text.replace(/\D/g, ''));
        expect(spellNumbers(once, 'zh-CN').replace(/\D/g, '')).toBe(text.replace(/\D/g, ''));
      }),
    );
  });

  it('never says a long number as an amount', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '您的编号', '请拨打', '：'), fc.stringMatching(/^\d{8,18}$/), fc.constantFrom('', '。', '元', '号'), (before, digits, after) => {
        expect(spellNumbers(before + digits + after, 'zh-CN')).not.toMatch(/\d\d/);
      }),
    );
  });
});

describe('what a voice cannot say', () => {
  it('leaves out emoji, joiners, control characters, lone surrogates', () => {
    expect(speakable('好的👍🏽，谢谢👨‍👩‍👧🇨🇳1️⃣\u0000\u0008\u200b\ud800\uffff。', 'zh-CN')).toBe('好的，谢谢1。');
  });

  it('keeps rare Han characters', () => {
    expect(speakable('住在𠮷祥路', 'zh-CN')).toBe('住在𠮷祥路');
  });

  it('pauses where a line ends', () => {
    expect(speakable('第一条\n第二条。\r\n\r\n第三条\n', 'zh-CN')).toBe('第一条。第二条。 第三条');
    expect(speakable('First\nSecond', 'en')).toBe('First. Second');
  });
});

describe('ordinary sentences', () => {
  it('are spoken as they would be beside something that is left out', () => {
    const said = fc.string({ unit: fc.constantFrom('请', '按', '尾', '号', '1', '0', '8', ' ', '，', '。', '“', '*', '-', '.', '〰', '８', '\n', 'a', '™'), maxLength: 30 });
    fc.assert(fc.property(said, fc.constantFrom('zh-CN' as const, 'en' as const), (text, locale) => {
      expect(speakable(text, locale)).toBe(speakable(`${text}\u200b`, locale));
    }));
  });
});

describe('choices', () => {
  const choices = [
    { title: '报修路灯', value: '报修路灯', key: '1' },
    { title: '查进度', value: '查进度', key: '2' },
  ];

  it('are told with their keys', () => {
    expect(spokenMessage({ type: 'message', text: '请问您要办什么', choices }, 'zh-CN')).toBe('请问您要办什么。报修路灯请按1。查进度请按2。');
    expect(spokenMessage({ type: 'message', text: 'What do you need?', choices: [{ title: 'progress', value: 'p', key: '2' }, { title: 'more', value: 'm', key: '#' }] }, 'en')).toBe(
      'What do you need? For progress, press 2. For more, press pound.',
    );
  });

  it('are not told twice', () => {
    expect(spokenMessage({ type: 'message', text: '', speak: '报修请按1，其他请说。', choices }, 'zh-CN')).toBe('报修请按1，其他请说。查进度请按2。');
    expect(spokenMessage({ type: 'message', text: '报修请按一，查进度请按数字2。', choices }, 'zh-CN')).toBe('报修请按一，查进度请按数字2。');
  });

  it('without keys can be said', () => {
    expect(spokenMessage({ type: 'message', text: '满意吗？', choices: [{ title: '满意', value: '满意' }, { title: '一般', value: '一般' }] }, 'zh-CN')).toBe('满意吗？您可以说：一般。');
  });

  it('key names are not part of longer numbers', () => {
    expect(namesKey('请按10', '1')).toBe(false);
    expect(namesKey('请按1。', '1')).toBe(true);
    expect(namesKey('按井号键结束', '#')).toBe(true);
    expect(namesKey('按星号键返回', '*')).toBe(true);
    expect(namesKey('Press 0 for help', '0')).toBe(true);
  });
});

describe('what is spoken of a message', () => {
  it('prefers the voice wording', () => {
    expect(spokenMessage({ type: 'message', text: '长长的文字', speak: '短句。' }, 'zh-CN')).toBe('短句。');
  });

  it('is honest about an attachment without words', () => {
    expect(spokenMessage({ type: 'message', text: '', attachments: [{ contentType: 'image/png', url: 'media:1' }] }, 'zh-CN')).toContain('附件');
    expect(spokenMessage({ type: 'message', text: '' }, 'zh-CN')).toBe('');
  });
});

describe('language', () => {
  it.each([['您好', 'zh-CN'], ['您好 hello', 'zh-CN'], ['Hello', 'en'], ['12345', null], ['', null], ['A1', null]])('%s is %s', (text, locale) => {
    expect(localeOf(text)).toBe(locale);
  });
});

describe('splitForSay', () => {
  it('cuts after sentences, and short texts not at all', () => {
    expect(splitForSay('一句。')).toEqual(['一句。']);
    expect(splitForSay('')).toEqual([]);
    expect(splitForSay('第一句话。第二句话，有逗号。', 24)).toEqual(['第一句话。', '第二句话，', '有逗号。']);
  });

  it('loses nothing but blanks, keeps the limit, never cuts a character', () => {
    const text = fc.string({ unit: fc.constantFrom('路', '灯', '。', '，', ' ', 'a', '.', '𠮷', '😀', '1'), maxLength: 300 });
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 60 }), (whole, limit) => {
        const pieces = splitForSay(whole, limit);
        expect(pieces.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
        for (const piece of pieces) {
          expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(limit);
          expect(piece).not.toMatch(/\p{Cs}/u);
        }
      }),
    );
  });
});
