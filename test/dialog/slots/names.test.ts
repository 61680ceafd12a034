import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNames } from '../../../src/dialog/slots/index.ts';
import { context } from './context.ts';

const read = (text: string, asked?: 'name') => findNames(text, context(asked)).map(({ value }) => value);

describe('findNames', () => {
  it.each([
    ['我叫张三', '张三'], ['我姓李', '李'], ['免贵姓王', '王'], ['叫我陈先生', '陈先生'], ['您可以叫我刘女士', '刘女士'], ['我叫欧阳娜娜，电话13800138000', '欧阳娜娜'], ['我叫张伟想投诉', '张伟'],
    ['我姓李叫李明', '李明'], ['姓名：王小明', '王小明'], ['我叫买买提·艾力', '买买提·艾力'], ['my name is John Smith', 'John Smith'], ['我叫陈大文住在东城', '陈大文'], ['我係叫陳大文', '陳大文'], ['我姓黄，黄河的黄', '黄'],
  ])('reads “%s”', (text, name) => {
    expect(read(text)).toEqual([name]);
  });

  it.each(['我是东城的', '我是业主', '我要投诉', '陈大文', '叫我怎么办', '这是什么单位', ''])('finds no name in “%s” when nobody asked', (text) => {
    expect(read(text)).toEqual([]);
  });

  it.each([['陈大文', '陈大文'], ['陈大文。', '陈大文'], ['好的，李四', '李四'], ['我是王小明', '王小明'], ['陈先生', '陈先生'], ['司马相如', '司马相如'], ['老王', '老王'], ['Mary Chan', 'Mary Chan']])('takes the bare answer “%s”', (text, name) => {
    expect(read(text, 'name')).toEqual([name]);
  });

  it.each(['不方便', '方便', '不想说', '可以', '没有', '匿名', '唔想讲', '应该可以', '路上说吧'])('takes “%s” for no name', (text) => {
    expect(read(text, 'name')).toEqual([]);
  });

  it('is less sure of a surname alone', () => {
    const sure = (text: string): number => findNames(text, context('name'))[0]?.confidence ?? 0;
    expect(sure('张')).toBeLessThan(sure('张三丰'));
  });

  it('never throws and gives what stands in the text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('我叫', '张', '欧阳', '三', '先生', '是', '，', 'Tom', '姓', '·', '想'), { maxLength: 8 }), fc.constantFrom(undefined, 'name' as const), (parts, asked) => {
        const text = parts.join('');
        for (const { value, start, end } of findNames(text, context(asked))) expect(text.slice(start, end)).toBe(value);
      }),
    );
  });
});
