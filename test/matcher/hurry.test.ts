import { describe, expect, it } from 'vitest';
import { createDealer, crowded, hurried, inAHurry, ownQuestions, shortened } from '../../src/matcher/hurry.ts';

const ENTRIES = [
  { id: 'a', question: '居住证怎么办理', variants: ['申请居住证要什么材料', '暂住证在哪里办', '外地人办证'] },
  { id: 'b', question: '路灯不亮', variants: [] },
  { id: 'c', question: '停水', variants: [] },
];

describe('questions made from wordings', () => {
  it('miss one or two characters, and have the others', () => {
    const deal = createDealer(7);
    const wording = '申请居住证要带什么材料';
    for (let round = 0; round < 200; round += 1) {
      const said = hurried(wording, deal);
      expect(wording.length - said.length).toBeGreaterThanOrEqual(1);
      expect(wording.length - said.length).toBeLessThanOrEqual(2);
      expect([...said].every((char) => wording.includes(char))).toBe(true);
    }
    expect(hurried('停水了', deal)).toBe('停水了');
  });

  it('are the beginning or the end of one', () => {
    const deal = createDealer(1);
    const halves = new Set(Array.from({ length: 50 }, () => shortened('一二三四五六七八九十', deal)));
    expect([...halves].sort()).toEqual(['一二三四五六', '五六七八九十']);
    expect(shortened('一二三', deal)).toBe('一二三');
  });

  it('are the same for the same seed, and take their wording out of the index', () => {
    const made = ownQuestions(ENTRIES, 3);
    expect(ownQuestions(ENTRIES, 3)).toEqual(made);
    expect(ownQuestions(ENTRIES, 4)).not.toEqual(made);
    expect(made.flatMap(({ without }) => (without === undefined ? [] : [without]))).toEqual(ENTRIES[0]?.variants);
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
    expect(made.every(({ id, entryIds }) => entryIds.length === 1 && id.startsWith(`${entryIds[0]}#`))).toBe(true);
  });

  it('are asked of a crowd whose wordings share their halves', () => {
    const crowd = crowded(ENTRIES, 40, 5);
    expect(crowded(ENTRIES, 40, 5)).toEqual(crowd);
    expect(new Set(crowd.map(({ id }) => id)).size).toBe(40);
    const beginnings = ENTRIES.map(({ question }) => question.slice(0, 1));
    expect(crowd.every(({ question }) => beginnings.includes(question.slice(0, 1)))).toBe(true);
    expect(new Set(crowd.map(({ question }) => question)).size).toBeGreaterThan(3);
    expect(crowded([], 5, 1)).toEqual([]);
  });

  it('leave out what is too short to be typed in a hurry', () => {
    expect(inAHurry(ENTRIES, createDealer(2)).map(({ entryIds }) => entryIds[0])).toEqual(['a', 'b']);
  });
});
