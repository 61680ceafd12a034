import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileOrThrow } from '../../src/dialog/compile.ts';
import { readFlowTexts } from '../../src/config/flows.ts';
import { createDialog } from '../../src/intake/dialog.ts';
import { readMood } from '../../src/assist/mood.ts';
import { MOODS } from '../../src/assist/rules-schema.ts';
import { FRESH, SENTENCES, type Labelled } from './mood-sentences.ts';
import { city, root, rules, talk } from './support.ts';

const { emergency } = createDialog(compileOrThrow({ ...readFlowTexts(root), towns: city.towns, lexicon: city.lexicon }));
const mood = (...said: readonly string[]) => readMood(talk(...said), rules, emergency);

interface Counted {
  readonly precision: number;
  readonly recall: number;
  readonly named: readonly string[];
}

/** Of those that were found, how many are right; of those that are right, how many were found. */
function count(set: readonly Labelled[], wanted: (each: Labelled) => boolean, found: (each: ReturnType<typeof readMood>) => boolean): Counted {
  let [right, foundAll, wantedAll] = [0, 0, 0];
  const named: string[] = [];
  for (const each of set) {
    const [is, was] = [wanted(each), found(mood(...each.said.split('|')))];
    if (is) wantedAll += 1;
    if (was) foundAll += 1;
    if (is && was) right += 1;
    if (is !== was) named.push(each.said);
  }
  return { precision: right / foundAll, recall: right / wantedAll, named };
}

describe('mood and urgency', () => {
  it('has enough sentences of every kind', () => {
    expect(SENTENCES.length + FRESH.length).toBeGreaterThanOrEqual(120);
    for (const level of MOODS) expect(SENTENCES.filter((each) => each.level === level).length).toBeGreaterThanOrEqual(15);
    for (const urgency of ['urgent', 'emergency']) expect(SENTENCES.filter((each) => each.urgency === urgency).length).toBeGreaterThanOrEqual(10);
  });

  it.each([
    ['upset or worse', (each: Labelled) => each.level !== 'calm', (found: ReturnType<typeof mood>) => found.level !== 'calm', 0.95, 0.95],
    ['angry', (each: Labelled) => each.level === 'angry', (found: ReturnType<typeof mood>) => found.level === 'angry', 0.95, 0.95],
    ['distress', (each: Labelled) => each.level === 'distress', (found: ReturnType<typeof mood>) => found.level === 'distress', 0.95, 0.95],
    ['urgent or worse', (each: Labelled) => each.urgency !== 'normal', (found: ReturnType<typeof mood>) => found.urgency !== 'normal', 0.9, 0.95],
    ['emergency', (each: Labelled) => each.urgency === 'emergency', (found: ReturnType<typeof mood>) => found.urgency === 'emergency', 0.9, 0.95],
  ])('finds who is %s', (_name, wanted, found, precision, recall) => {
    const counted = count(SENTENCES, wanted, found);
    expect(counted.precision, counted.named.join('\n')).toBeGreaterThanOrEqual(precision);
    expect(counted.recall, counted.named.join('\n')).toBeGreaterThanOrEqual(recall);
  });

  it('holds for sentences that were written after the rules', () => {
    const level = FRESH.filter((each) => mood(...each.said.split('|')).level === each.level).length / FRESH.length;
    const urgency = FRESH.filter((each) => mood(...each.said.split('|')).urgency === each.urgency).length / FRESH.length;
    expect(level).toBeGreaterThanOrEqual(0.9);
    expect(urgency).toBeGreaterThanOrEqual(0.9);
  });

  it('shows the very words, by message and place', () => {
    const { signs, why } = mood('你好', 'b: 您好', '家里老人没水喝，打了三次电话没人管！！');
    expect(signs.map(({ id }) => id)).toEqual(expect.arrayContaining(['vulnerable', 'hardship', 'repeat', 'blame', 'shouting']));
    for (const { seq, start, end, text } of signs) {
      expect(seq).toBe(3);
      expect('家里老人没水喝，打了三次电话没人管！！'.slice(start, end)).toBe(text);
    }
    expect(why).toContain('“没人管”');
  });

  it('does not count what is denied, and counts what is denied twice', () => {
    expect(mood('我没有生气').level).toBe('calm');
    expect(mood('我不是不生气').level).toBe('upset');
    expect(mood('再不处理我就曝光').level).toBe('upset');
    expect(mood('我不会去曝光的').level).toBe('calm');
  });

  it('reads only the citizen: a bot or a seat is nobody’s mood', () => {
    expect(readMood(talk('b: 您是说气死我了吗', 's: 垃圾没人管是吧', 'c: 嗯'), rules, emergency)).toMatchObject({ level: 'calm', urgency: 'normal', signs: [] });
  });

  it('forgets anger that is long past, never a thought of death', () => {
    const calm = Array.from({ length: 9 }, (_, n) => `第${n}个问题是社保怎么转`);
    expect(mood('气死我了', ...calm).level).toBe('calm');
    expect(mood('我不想活了', ...calm)).toMatchObject({ level: 'distress', urgency: 'emergency' });
  });

  it('never throws, and every span lies in its message', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom(...SENTENCES.map(({ said }) => said))), { maxLength: 6 }), (said) => {
        const lines = talk(...said.map((each) => `c: ${each}`));
        for (const { seq, start, end, text } of readMood(lines, rules, emergency).signs) expect(lines[seq - 1]?.text.slice(start, end)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});
