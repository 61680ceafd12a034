import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffEntries, diffTexts, type Mark } from '../../src/knowledge/index.ts';
import { anEntry } from './support.ts';

const without = (marks: readonly Mark[], op: Mark['op']): string => marks.filter((mark) => mark.op !== op).map(({ text }) => text).join('');

describe('the difference of two texts', () => {
  it('marks what was taken out and what was put in', () => {
    expect(diffTexts('夜间十点后不得施工。', '夜间十二点后不得施工。')).toEqual([{ op: 'same', text: '夜间十' }, { op: 'added', text: '二' }, { op: 'same', text: '点后不得施工。' }]);
    expect(diffTexts('', '新的')).toEqual([{ op: 'added', text: '新的' }]);
    expect(diffTexts('旧的', '')).toEqual([{ op: 'removed', text: '旧的' }]);
    expect(diffTexts('一样', '一样')).toEqual([{ op: 'same', text: '一样' }]);
  });

  it('takes numbers and Latin words as wholes', () => {
    expect(diffTexts('拨打12345咨询', '拨打12380咨询')).toEqual([{ op: 'same', text: '拨打' }, { op: 'removed', text: '12345' }, { op: 'added', text: '12380' }, { op: 'same', text: '咨询' }]);
    expect(diffTexts('the permit', 'the permits')).toEqual([{ op: 'same', text: 'the ' }, { op: 'removed', text: 'permit' }, { op: 'added', text: 'permits' }]);
  });

  it('gives both texts back, never splits a character, and marks nothing in equal texts', () => {
    const text = fc.string({ unit: fc.constantFrom('市', '民', '𠮷', '😀', 'a', 'b', '1', ' ', '\n', '。'), maxLength: 60 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const marks = diffTexts(before, after);
        expect(without(marks, 'added')).toBe(before);
        expect(without(marks, 'removed')).toBe(after);
        expect(marks.every((mark) => mark.text !== '' && !/(^[\udc00-\udfff])|([\ud800-\udbff]$)/.test(mark.text))).toBe(true);
        expect(marks.some((mark, index) => mark.op === marks[index + 1]?.op)).toBe(false);
        expect(marks.some((mark) => mark.op !== 'same')).toBe(before !== after);
      }),
    );
  });

  it('keeps as much as can be kept', () => {
    // The length of the longest common subsequence, by the definition.
    const longest = (a: string, b: string): number => (a === '' || b === '' ? 0 : a[0] === b[0] ? 1 + longest(a.slice(1), b.slice(1)) : Math.max(longest(a.slice(1), b), longest(a, b.slice(1))));
    const text = fc.string({ unit: fc.constantFrom('甲', '乙', '丙'), maxLength: 7 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const kept = diffTexts(before, after).filter(({ op }) => op === 'same').map((mark) => mark.text).join('');
        expect(kept).toHaveLength(longest(before, after));
      }),
    );
  });
});

describe('the difference of two entries', () => {
  const before = anEntry({ wordings: ['晚上施工太吵找谁', '半夜施工'], materials: ['身份证'], places: [{ name: '东城大厅', phone: '0769-12345678' }], fees: '不收费' });

  it('is nothing between equal entries', () => {
    expect(diffEntries(before, structuredClone(before))).toEqual([]);
  });

  it('names each field, its kind of change and its marks', () => {
    const { materials: _gone, ...rest } = before;
    const after = {
      ...rest, answer: `${before.answer}夜间指22时至6时。`, wordings: ['晚上施工太吵找谁', '凌晨施工', '半夜施工'], hours: '工作日 9:00–17:00', source: { title: '示例办事指引', article: '第六条' },
      places: [{ name: '东城大厅', phone: '0769-87654321' }],
    };
    const found = new Map(diffEntries(before, after).map((diff) => [diff.field, diff]));
    expect([...found.keys()].toSorted()).toEqual(['answer', 'hours', 'materials', 'places', 'source.article', 'wordings']);
    expect(found.get('answer')).toMatchObject({ label: '答案', change: 'changed', shape: 'text', marks: [{ op: 'same' }, { op: 'added', text: '夜间指22时至6时。' }] });
    expect(found.get('wordings')).toMatchObject({ shape: 'list', change: 'changed', marks: [{ op: 'same', text: '晚上施工太吵找谁' }, { op: 'added', text: '凌晨施工' }, { op: 'same', text: '半夜施工' }] });
    expect(found.get('hours')).toMatchObject({ change: 'added', marks: [{ op: 'added', text: '工作日 9:00–17:00' }] });
    expect(found.get('materials')).toMatchObject({ change: 'removed', shape: 'list', marks: [{ op: 'removed', text: '身份证' }] });
    expect(found.get('places')).toMatchObject({ marks: [{ op: 'removed', text: '东城大厅 0769-12345678' }, { op: 'added', text: '东城大厅 0769-87654321' }] });
  });

  it('shows a new entry as added, field by field', () => {
    const diffs = diffEntries(null, before);
    expect(diffs.every((diff) => diff.change === 'added' && diff.marks.every((mark) => mark.op === 'added'))).toBe(true);
    expect(diffs.map((diff) => diff.field)).toContain('source.title');
  });
});
