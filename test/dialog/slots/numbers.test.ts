import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNumbers, findPhones, findTicketNumbers, normalizeText } from '../../../src/dialog/slots/index.ts';
import { parseChineseNumber, spokenDigitsToAscii } from '../../../src/domain/digits.ts';
import { makeTicketNumber } from '../../../src/domain/ticket-number.ts';

const phones = (text: string) => findPhones(text).map(({ value }) => value);
const TICKET = makeTicketNumber('20261122', 18);

describe('findPhones', () => {
  it.each([
    ['13800138000', '13800138000'], ['138 0013 8000', '13800138000'], ['+86 138-0013-8000', '13800138000'], ['008613800138000', '13800138000'], ['幺三八零零幺三八零零零', '13800138000'], ['一三八 零零一三 八零零零', '13800138000'],
    ['１３８００１３８０００', '13800138000'], ['0769-22222222', '076922222222'], ['(0769) 2222 2222', '076922222222'], ['010 66666666', '01066666666'], ['400-888-8888', '4008888888'], ['+852 9123 4567', '+85291234567'],
    ['我的电话是13800138000谢谢', '13800138000'],
  ])('reads “%s”', (text, phone) => {
    expect(phones(text)).toEqual([phone]);
  });

  it.each([TICKET, '20261122 00018 7', '440106199001011234', '12345', '110', '1380013800', '138001380001', '3月15号', ''])('finds none in “%s”', (text) => {
    expect(phones(text)).toEqual([]);
  });

  it('finds each of several', () => {
    expect(phones(`工单${TICKET}，打13800138000或者0769-22222222`)).toEqual(['13800138000', '076922222222']);
  });
});

describe('findTicketNumbers', () => {
  it('reads ours, spaced, spoken or full width, with a sound check digit', () => {
    const spaced = `${TICKET.slice(0, 8)} ${TICKET.slice(8, 13)} ${TICKET.slice(13)}`;
    const spoken = [...TICKET].map((digit) => '零幺二三四五六拐八九'.charAt(Number(digit))).join('');
    const wide = [...TICKET].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('');
    for (const text of [TICKET, spaced, spoken, wide, `工单号${TICKET}办到哪了`]) expect(findTicketNumbers(text), text).toMatchObject([{ value: TICKET, confidence: 1 }]);
  });

  it('is unsure when the check digit fails, and silent on other numbers', () => {
    const wrong = TICKET.slice(0, 13) + String((Number(TICKET.slice(13)) + 1) % 10);
    expect(findTicketNumbers(wrong)).toMatchObject([{ value: wrong, confidence: 0.4 }]);
    for (const text of ['13800138000', '20261399000181', '440106199001011234', '202611']) expect(findTicketNumbers(text), text).toEqual([]);
  });

  it('finds every number that is made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), (sequence, month, day) => {
        const number = makeTicketNumber(`2026${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`, sequence);
        expect(findTicketNumbers(`我的工单 ${number}。`)).toMatchObject([{ value: number, confidence: 1 }]);
        expect(findPhones(number)).toEqual([]);
      }),
    );
  });
});

describe('findNumbers', () => {
  it.each([['3', [3]], ['三个人', [3]], ['欠了3万', [30_000]], ['两百零五块', [205]], ['1.5公里', [1.5]], ['十二', [12]], ['一直', []], ['有2只狗和三只猫', [2, 3]], ['三', [3]]])('reads “%s”', (text, values) => {
    expect(findNumbers(text).map(({ value }) => value)).toEqual(values);
  });
});

describe('parseChineseNumber', () => {
  it.each([['十', 10], ['十五', 15], ['二十', 20], ['两百零五', 205], ['一百二', 120], ['一千零一', 1001], ['一万二', 12_000], ['三万五千', 35_000], ['二〇二六', 2026], ['廿五', 25], ['一亿', 100_000_000], ['1.5万', 15_000]])('reads %s', (text, value) => {
    expect(parseChineseNumber(text)).toBe(value);
  });

  it('refuses what is no number', () => {
    for (const text of ['', '人', '三人', '万', '9999999999999']) expect(parseChineseNumber(text), text).toBeNull();
  });

  it('reads back every number up to a million', () => {
    const digits = '零一二三四五六七八九';
    const section = (n: number): string => {
      let out = '';
      let gap = false;
      for (const [unit, name] of [[1000, '千'], [100, '百'], [10, '十'], [1, '']] as const) {
        const digit = Math.floor(n / unit) % 10;
        if (digit === 0) {
          gap = out !== '';
          continue;
        }
        out += (gap ? '零' : '') + digits.charAt(digit) + name;
        gap = false;
      }
      return out;
    };
    const write = (n: number): string => (n < 10_000 ? section(n) : `${section(Math.floor(n / 10_000))}万${n % 10_000 === 0 ? '' : (n % 10_000 < 1000 ? '零' : '') + section(n % 10_000)}`);
    fc.assert(fc.property(fc.integer({ min: 1, max: 999_999 }), (n) => {
      expect(parseChineseNumber(write(n)), write(n)).toBe(n);
    }));
  });
});

describe('normalizeText', () => {
  it('folds width, script, blanks and control characters', () => {
    expect(normalizeText('  我住喺Ｔｅｓｔ１２３號，\u200b電話　 ok\u0007 ')).toBe('我住喺Test123号，电话 ok');
  });

  it('turns telephone digits into digits, only inside numbers', () => {
    expect(normalizeText('打幺幺零')).toBe('打110');
    expect(normalizeText('幺三八零零幺三八零零零')).toBe('13800138000');
    expect(normalizeText('拐两个弯，一二三')).toBe('拐两个弯，一二三');
    expect(spokenDigitsToAscii('两千两百二十二')).toBe('两千两百二十二');
  });

  it('changes nothing the second time and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const once = normalizeText(text);
        expect(normalizeText(once)).toBe(once);
      }),
    );
  });
});
