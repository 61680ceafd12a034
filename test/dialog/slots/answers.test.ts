import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCorrection, readChoice, readYesNo, splitCorrection } from '../../../src/dialog/slots/index.ts';
import { context, lexicon } from './context.ts';

const ctx = context();
const CHOICES = [{ title: '居住证怎么办理', value: 'kb:apply' }, { title: '居住证签注续期', value: 'kb:endorse' }, { title: '积分入户条件', value: 'kb:points' }];
const KEYED = [{ title: '转人工', value: '人工', key: '0' }, { title: '查进度', value: '查进度', key: '1' }, { title: '我要投诉', value: '投诉', key: '2' }];

describe('readYesNo', () => {
  it.each(['是的', '对', '对对对', '没错', '嗯', '嗯嗯', '好', '好的谢谢', '可以', '系', '系啊', '要得', '冇问题', '没问题', '行', '确认提交', '是的，没错', '对，就是鸿福路那里', '對', 'yes', 'OK!', '可以的，没问题的'])('takes “%s” for yes', (text) => {
    expect(readYesNo(text, ctx)).toBe(true);
  });

  it.each(['不是', '不对', '不用', '不用了谢谢', '唔系', '没有', '没有了', '好的不用了', '不，我要人工', '有点不对', '唔使啦', 'no', '不可以', '算了', '不需要', '冇'])('takes “%s” for no', (text) => {
    expect(readYesNo(text, ctx)).toBe(false);
  });

  it.each(['不是不行', '是不是', '不知道', '不一定', '可能吧', '对吗？', '看情况', '我想投诉不是很好的服务', 'I know', '', '。', '鸿福路', '你说呢', '系咪'])('leaves “%s” open', (text) => {
    expect(readYesNo(text, ctx)).toBeNull();
  });

  it('reads every word of the lists as what it stands for, unless it is both or doubtful', () => {
    const both = new Set(lexicon.yes.filter((word) => lexicon.no.includes(word)));
    expect([...both]).toEqual([]);
    for (const word of lexicon.yes) expect(readYesNo(word, ctx), word).toBe(true);
    for (const word of lexicon.no) expect(readYesNo(word, ctx), word).toBe(false);
  });
});

describe('readChoice', () => {
  it.each([
    ['第一个', 0], ['2', 1], ['第二个吧', 1], ['最后一个', 2], ['积分入户', 2], ['签注', 1], ['入沪条件', 2], ['3吧', 2], ['选三', 2], ['居住证怎么办理', 0], ['居住證簽注續期', 1], ['kb:points', 2], ['我要第1个', 0], ['上面那个', 0],
  ])('reads “%s”', (text, index) => {
    expect(readChoice(text, CHOICES)?.index).toBe(index);
  });

  it.each(['居住证', '都不是', '第五个', '随便说说别的', '', '你好'])('leaves “%s” open', (text) => {
    expect(readChoice(text, CHOICES)).toBeNull();
  });

  it('reads keys, and spoken keys before places in the list', () => {
    expect(readChoice('', KEYED, '2')).toEqual({ ...KEYED[2], index: 2, confidence: 1 });
    expect(readChoice('', KEYED, '2#')?.index).toBe(2);
    expect(readChoice('', KEYED, '9')).toBeNull();
    expect(readChoice('按2', KEYED)?.index).toBe(2);
    expect(readChoice('第2个', KEYED)?.index).toBe(1);
    expect(readChoice('', CHOICES, '3')?.index).toBe(2);
  });

  it('is sure of the exact and less of the similar', () => {
    expect(readChoice('积分入户条件', CHOICES)?.confidence).toBe(1);
    expect(readChoice('入沪条件', CHOICES)?.confidence).toBeLessThan(0.9);
  });

  it('never throws and only picks what is there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.array(fc.record({ title: fc.string({ minLength: 1, maxLength: 8 }), value: fc.string({ minLength: 1, maxLength: 8 }) }), { maxLength: 4 }), (text, choices) => {
        const read = readChoice(text, choices);
        if (read === null) return;
        expect(read).toMatchObject(choices[read.index] ?? { title: 'none' });
      }),
    );
  });
});

describe('splitCorrection', () => {
  it.each([
    ['不对，是大朗', '', '大朗'], ['应该是16号', '', '16号'], ['不是15号是16号', '', '16号'], ['可能是东城，不对，是南城', '可能是东城', '南城'], ['说错了，13900139000', '', '13900139000'], ['不对', '', ''], ['改成明天上午', '', '明天上午'],
    ['唔系，系南城', '', '南城'], ['不是，我说的是厚街', '', '厚街'], ['呃，錯了，應該是虎門', '', '虎門'],
  ])('splits “%s”', (text, before, rest) => {
    expect(splitCorrection(text, ctx)).toEqual({ before, rest });
    expect(isCorrection(text, ctx)).toBe(true);
  });

  it.each(['不是本地人', '东城鸿福路', '我要投诉', '对', '', '这个不是很清楚'])('sees no correction in “%s”', (text) => {
    expect(splitCorrection(text, ctx)).toBeNull();
    expect(isCorrection(text, ctx)).toBe(false);
  });
});
