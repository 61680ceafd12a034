import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { last4, maskName, maskPhone, maskText, normalizePhone, scanPhones } from '../../src/domain/masking.ts';
import { makeTicketNumber } from '../../src/domain/ticket-number.ts';

const TICKET = makeTicketNumber('20261122', 18);

/** Random digits, but never a real number: fixed, obviously fake network prefixes. */
const digits = (length: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''));
const mobile = fc.tuple(fc.constantFrom('130', '138', '159', '177', '199'), digits(8)).map((parts) => parts.join(''));
const landline = fc.tuple(fc.constantFrom('010', '020', '0769', '0755'), fc.constantFrom('2', '8'), digits(7)).map((parts) => parts.join(''));
const spell = (phone: string): fc.Arbitrary<string> =>
  fc.constantFrom(phone, `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`, `${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`, [...phone].join(' '), [...phone].map((digit) => '零幺二三四五六拐八九'.charAt(Number(digit))).join(''), [...phone].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join(''));

/** Does the text still hold this many digits of the number in a row, whatever stands between them? */
function leaks(masked: string, phone: string, run: number): boolean {
  const seen = masked.replace(/[０-９]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0)).replace(/[零幺二三四五六拐八九]/g, (char) => String('零幺二三四五六拐八九'.indexOf(char))).replace(/[\s-]/g, '');
  for (let at = 0; at + run <= phone.length; at += 1) if (seen.includes(phone.slice(at, at + run))) return true;
  return false;
}

describe('maskText', () => {
  it.each([
    ['我的电话是13800138000', '我的电话是138****8000'],
    ['打 138 0013 8000 找我', '打 138 **** 8000 找我'],
    ['+86 138-0013-8000', '+86 138-****-8000'],
    ['幺三八零零幺三八零零零', '幺三八****八零零零'],
    ['座机0769-22222222', '座机0769-******22'],
    ['身份证440106199001011234', '身份证440*************34'],
    ['身份证44010619900101123X', '身份证440*************3X'],
    ['卡号6222021234567890128', '卡号***************0128'],
    ['银行卡4111 1111 1111 1111', '银行卡**** **** **** 1111'],
    ['写信到somebody@example.com', '写信到s*******@example.com'],
    ['香港+852 9123 4567', '香港+*** **** 4567'],
    ['电话22222222', '电话******22'],
    ['1380013800013900139000', '********************00'],
  ])('masks “%s”', (text, masked) => {
    expect(maskText(text)).toEqual({ text: masked, found: true });
  });

  it.each([
    `工单${TICKET}`, `工单${TICKET.slice(0, 8)} ${TICKET.slice(8, 13)} ${TICKET.slice(13)}`, '2026-11-22 15:30', '2026年11月22日', '打12345或者96110、110', '车牌粤S12345', '欠了12000元', '400-888-8888', '8栋2单元501', '三百五十六块', '', '20261122', '一二三四五',
  ])('leaves “%s” alone', (text) => {
    expect(maskText(text)).toEqual({ text, found: false });
  });

  it('finds a number whatever stands between its digits', () => {
    const between = fc.array(fc.constantFrom(' ', '\t', '-', '.', '·', '•', '(', ')', '（', '）', '_', '—', '\u00a0'), { maxLength: 2 }).map((list) => list.join(''));
    const spaced = fc.oneof(mobile, landline).chain((phone) => fc.array(between, { minLength: phone.length, maxLength: phone.length }).map((gaps) => [...phone].map((digit, at) => `${digit}${gaps[at] ?? ''}`).join('')));
    fc.assert(
      fc.property(spaced, (said) => {
        const { text, found } = maskText(`我的电话是${said}，谢谢`);
        expect(found).toBe(true);
        expect(text).toContain('*');
      }),
    );
  });

  it('never leaks seven digits of a phone in a row, keeps the length, and says so', () => {
    const around = fc.array(fc.constantFrom('我的', '电话', '，', ' ', '是', '3栋', '\n', 'A', '2026-11-22', '12345', TICKET, '。'), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(mobile, landline).chain((phone) => fc.tuple(fc.constant(phone), spell(phone))), around, around, ([phone, said], before, after) => {
        const text = `${before.join('')}，${said}，${after.join('')}`;
        const masked = maskText(text);
        expect(masked.found).toBe(true);
        expect(masked.text).toHaveLength(text.length);
        expect(leaks(masked.text, phone, 7), masked.text).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing the second time', () => {
    const piece = fc.oneof(mobile, landline, digits(4), digits(8), digits(15), digits(18), fc.constantFrom('，', ' ', '-', '一', '电话', '卡', 'x', '@a.cn', '+', TICKET, '*'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const once = maskText(pieces.join('')).text;
        expect(maskText(once)).toEqual({ text: once, found: false });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, keeps the length, and only writes stars', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const { text: masked } = maskText(text);
        expect(masked).toHaveLength(text.length);
        for (let i = 0; i < text.length; i += 1) if (masked.charAt(i) !== text.charAt(i)) expect(masked.charAt(i)).toBe('*');
      }),
    );
  });

  it('never touches a ticket number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), fc.constantFrom('', '工单', '电话', '卡号'), (sequence, month, day, before) => {
        const text = before + makeTicketNumber(`2026${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`, sequence);
        expect(maskText(text)).toEqual({ text, found: false });
      }),
    );
  });
});

describe('normalizePhone', () => {
  it.each([
    ['13800138000', '13800138000', 'mobile'], ['+8613800138000', '13800138000', 'mobile'], ['0086 138 0013 8000', '13800138000', 'mobile'], ['8613800138000', '13800138000', 'mobile'], ['tel:138-0013-8000', '13800138000', 'mobile'],
    ['0769 22222222', '076922222222', 'landline'], ['+86 769 22222222', '076922222222', 'landline'], ['(010)66666666', '01066666666', 'landline'], ['4008888888', '4008888888', 'landline'],
    ['+852 9123 4567', '+85291234567', 'international'], ['0085291234567', '+85291234567', 'international'], ['+15005550006', '+15005550006', 'international'], ['１３８００１３８０００', '13800138000', 'mobile'],
  ])('reads %s', (raw, phone, kind) => {
    expect(normalizePhone(raw)).toEqual({ phone, kind });
  });

  it.each(['', 'anonymous', '+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253', '12345', '110', '1380013800', '12800138000', '+86', 'client:seat-7', TICKET])('refuses “%s”', (raw) => {
    expect(normalizePhone(raw)).toBeNull();
  });

  it('reads its own result as the same', () => {
    fc.assert(
      fc.property(fc.oneof(mobile, landline, fc.constantFrom('+85291234567', '+15005550006')), (raw) => {
        const once = normalizePhone(raw);
        expect(once).not.toBeNull();
        expect(normalizePhone(once?.phone ?? '')).toEqual(once);
      }),
    );
  });
});

describe('small masks', () => {
  it('keeps three and four digits of a phone', () => {
    expect(maskPhone('13800138000')).toBe('138****8000');
    expect(maskPhone('+8613800138000')).toBe('+861******8000');
    expect(maskPhone('22222222')).toBe('****2222');
    expect(maskPhone('12345')).toBe('****5');
    expect(maskPhone('')).toBe('');
  });

  it('keeps the first character of a name, and not its length', () => {
    expect([maskName('张三'), maskName('欧阳娜娜'), maskName('李'), maskName(' 王小明 '), maskName('')]).toEqual(['张**', '欧**', '李**', '王**', '']);
  });

  it('tells the last four', () => {
    expect([last4('138 0013 8000'), last4('123'), last4('')]).toEqual(['8000', '', '']);
  });

  it('finds every phone with its place', () => {
    const text = `工单${TICKET}，手机138 0013 8000，家里0769-22222222`;
    expect(scanPhones(text).map(({ phone, start, end }) => [phone, text.slice(start, end)])).toEqual([['13800138000', '138 0013 8000'], ['076922222222', '0769-22222222']]);
  });
});
