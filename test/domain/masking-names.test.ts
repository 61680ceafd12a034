import { describe, expect, it } from 'vitest';
import { maskName, maskText, scanPhones } from '../../src/domain/masking.ts';

describe('a number beside words that are digits too', () => {
  it.each([
    ['我叫张三13800138000', '我叫张三138****8000'],
    ['李四13800138000.png', '李四138****8000.png'],
    ['13800138000一号楼', '138****8000一号楼'],
    ['我是王五138 0013 8000', '我是王五138 **** 8000'],
  ])('%s', (text, masked) => {
    expect(maskText(text)).toEqual({ text: masked, found: true });
    expect(scanPhones(text).map((span) => span.phone)).toEqual(['13800138000']);
  });

  it('a name\'s stars do not tell its length', () => {
    expect([maskName('李雷'), maskName('欧阳娜娜'), maskName(' 张 '), maskName('')]).toEqual(['李**', '欧**', '张**', '']);
  });
});
