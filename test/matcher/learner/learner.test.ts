import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, opinionOf, softmax, winnerScore } from '../../../src/matcher/learner/calibrate.ts';
import { createLearnedSuggester, readModel, writeModel } from '../../../src/matcher/learner/model.ts';
import { generator, trainMachine } from '../../../src/matcher/learner/svm.ts';
import { learnerAnalyzer, readTerms } from '../../../src/matcher/learner/terms.ts';
import { type LabelledText, trainItems } from '../../../src/matcher/learner/train.ts';
import { createCorpus, learnSpace, toRows } from '../../../src/matcher/learner/vectors.ts';

const analyzer = learnerAnalyzer({});

/** Three items with their own words, and words that all of them share. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  noise: ['噪音', '打桩', '喇叭', '施工', '半夜', '太吵', '机器轰鸣', '音响'],
  wage: ['工资', '拖欠', '老板', '加班费', '工钱', '包工头', '欠薪', '仲裁'],
  road: ['路面', '坑洼', '井盖', '路灯', '塌陷', '人行道', '修路', '积水'],
};
const SHARED = ['请问', '我们这里', '已经很久了', '没有人管', '希望尽快', '反映一下'];

function texts(amount: number, seed: number): LabelledText[] {
  const random = generator(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const items = Object.keys(OWN);
  return Array.from({ length: amount }, (_, at) => {
    const item = items[at % items.length] ?? 'noise';
    return { item, text: `${pick(SHARED)}${pick(OWN[item] ?? [])}，${pick(OWN[item] ?? [])}${pick(SHARED)}` };
  });
}

const { model, report } = trainItems(texts(120, 1), analyzer);

describe('the item learner', () => {
  it('tells items apart by their words, on texts it has not seen', () => {
    const suggester = createLearnedSuggester(model, analyzer);
    const unseen = texts(60, 2);
    const right = unseen.filter(({ text, item }) => suggester.suggest(text)[0]?.label === item).length;
    expect(right / unseen.length).toBeGreaterThan(0.95);
    expect(report.accuracy).toBeGreaterThan(0.9);
  });

  it('says which words decided, in the text\'s order', () => {
    const [first] = createLearnedSuggester(model, analyzer).suggest('请问老板一直拖欠我们的工资怎么办');
    expect(first?.label).toBe('wage');
    expect(first?.matched).toEqual(expect.arrayContaining(['老板', '拖欠', '工资']));
    expect([...(first?.matched ?? [])].sort((a, b) => '请问老板一直拖欠我们的工资怎么办'.indexOf(a) - '请问老板一直拖欠我们的工资怎么办'.indexOf(b))).toEqual(first?.matched);
  });

  it('gives scores that fall, lie between 0 and 1 and never sum to more than 1', () => {
    const suggester = createLearnedSuggester(model, analyzer);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'噪音工资路面的是了，。a1 😀\n') }), (text) => {
        const scores = suggester.suggest(text, 3).map(({ score }) => score);
        expect(scores).toHaveLength(3);
        for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('is the same for the same texts', () => {
    expect(writeModel(trainItems(texts(60, 3), analyzer).model)).toEqual(writeModel(trainItems(texts(60, 3), analyzer).model));
  });

  it('needs two items, and learns from very little', () => {
    expect(() => trainItems([{ text: '噪音', item: 'noise' }], analyzer)).toThrow(RangeError);
    const small = trainItems([{ text: '半夜施工噪音', item: 'noise' }, { text: '老板拖欠工资', item: 'wage' }], analyzer);
    expect(createLearnedSuggester(small.model, analyzer).suggest('拖欠工资')[0]?.label).toBe('wage');
    expect(createLearnedSuggester(small.model, analyzer).sure).toBeGreaterThan(1);
  });

  it('reports its progress to the end', () => {
    const seen: [number, number][] = [];
    trainItems(texts(30, 4), analyzer, { folds: 2, onProgress: (done, of) => seen.push([done, of]) });
    expect(seen.at(-1)).toEqual([9, 9]);
    expect(seen).toHaveLength(9);
  });
});

describe('a model file', () => {
  it('says the same when it is read back', () => {
    const file = writeModel(model);
    const read = createLearnedSuggester(readModel(file), analyzer);
    for (const { text } of texts(20, 5)) expect(read.suggest(text)).toEqual(createLearnedSuggester(model, analyzer).suggest(text));
    // At any place of a larger buffer too.
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    expect(readModel(larger.subarray(3)).terms).toEqual(model.terms);
  });

  it('is refused when it is cut off, of another kind or broken', () => {
    const file = writeModel(model);
    expect(() => readModel(file.subarray(0, file.length - 64))).toThrow('cut off');
    expect(() => readModel(new TextEncoder().encode('yihu-items 0\n{}\n'))).toThrow('not an item model');
    expect(() => readModel(new Uint8Array())).toThrow(RangeError);
    expect(() => readModel(new TextEncoder().encode('yihu-items 2\n{"labels":3}\n'))).toThrow('broken');
  });
});

describe('the machines', () => {
  it('separates what can be separated', () => {
    const rows = texts(90, 6);
    const corpus = createCorpus(rows.map(({ text }) => readTerms(text, analyzer)));
    const truth = rows.map(({ item }) => (item === 'road' ? 1 : 0));
    const sparse = toRows(corpus, [...rows.keys()], learnSpace(corpus, [...rows.keys()], truth, 2));
    const weights = trainMachine(sparse, Uint8Array.from(rows, ({ item }) => (item === 'road' ? 1 : 0)));
    rows.forEach(({ item }, row) => {
      let margin = weights[sparse.width] ?? 0;
      for (let at = sparse.offsets[row] ?? 0; at < (sparse.offsets[row + 1] ?? 0); at += 1) margin += (weights[sparse.places[at] ?? 0] ?? 0) * (sparse.values[at] ?? 0);
      expect(margin > 0).toBe(item === 'road');
    });
  });

  it('brings every block of a text to its own length, however long the text is', () => {
    const corpus = createCorpus([readTerms('噪音', analyzer), readTerms('噪音太吵，'.repeat(50), analyzer), readTerms('', analyzer)]);
    const { offsets, values } = toRows(corpus, [0, 1, 2], learnSpace(corpus, [0, 1, 2], [0, 1, 1], 2));
    const squares = [0, 1, 2].map((row) => values.subarray(offsets[row], offsets[row + 1]).reduce((sum, value) => sum + value * value, 0));
    expect(squares[0]).toBeCloseTo(2.49, 4);
    expect(squares[1]).toBeCloseTo(2.49, 4);
    expect(squares[2]).toBe(0);
  });
});

describe('the calibration', () => {
  it('learns that a wide gap is right more often, and where it is sure', () => {
    const random = generator(9);
    const margins = Array.from({ length: 2_000 }, () => {
      const gap = random() * 2;
      return Float64Array.from([gap / 2, -gap / 2, -1]);
    });
    // Right with a chance that grows with the gap.
    const truth = margins.map((row) => (random() < 0.5 + 0.5 * Math.min(1, ((row[0] ?? 0) - (row[1] ?? 0)) / 1.2) ? 0 : 1));
    const calibration = calibrate(margins.map((row, at) => ({ ...opinionOf([row]), truth: truth[at] ?? 0 })), 0.005);
    const near = winnerScore(opinionOf([Float64Array.from([0.05, -0.05, -1])]), calibration);
    const far = winnerScore(opinionOf([Float64Array.from([1, -1, -1])]), calibration);
    expect(near).toBeLessThan(0.75);
    expect(far).toBeGreaterThan(0.95);
    const sure = margins.map((row, at) => ({ score: winnerScore(opinionOf([row]), calibration), right: truth[at] === 0 })).filter(({ score }) => score >= calibration.sure);
    expect(sure.length).toBeGreaterThan(100);
    expect(sure.filter(({ right }) => !right).length / sure.length).toBeLessThanOrEqual(0.005);
  });

  it('adds the blocks up, and says how the block that agrees least sees the winner', () => {
    const agreed = opinionOf([Float64Array.from([1, -0.5, -1]), Float64Array.from([0.5, 0.25, -1])]);
    expect([...agreed.margins]).toEqual([1.5, -0.25, -2]);
    expect(agreed.leastLead).toBe(0.25);
    expect(opinionOf([Float64Array.from([1, -1]), Float64Array.from([-0.25, 0.25])]).leastLead).toBe(-0.5);
    expect(opinionOf([Float64Array.from([1])]).leastLead).toBe(0);
  });

  it('shares one among all', () => {
    expect([...softmax(Float64Array.from([1, 1, 1, 1]), 3)]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});
