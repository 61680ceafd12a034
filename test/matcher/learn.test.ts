import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimise } from '../../src/matcher/minimise.ts';
import { readModel, shippedModel, writeModel } from '../../src/matcher/model.ts';
import { areaOf, figuresOf, learn, listsOf } from '../../src/matcher/practice.ts';
import { createScanner } from '../../src/matcher/scan.ts';
import { createAnalyzer } from '../../src/matcher/segment.ts';
import { createMatcher } from '../../src/matcher/index.ts';

const THINGS = ['居住证', '身份证', '护照', '驾驶证', '结婚证', '房产证', '社保卡', '公交卡'];
const ACTS = ['补办', '注销', '换领', '延期', '查询'];
const entries = THINGS.flatMap((thing) => ACTS.map((act) => ({ id: `${thing}-${act}`, question: `${thing}${act}`, answer: `办理${thing}的${act}，到政务大厅窗口。` })));
const questions = entries.map(({ id, question }, at) => ({ id: `q${at}`, query: at % 2 === 0 ? `我的${question.slice(0, -2)}想要${question.slice(-2)}怎么弄` : `请问${question.slice(-2)}${question.slice(0, -2)}去哪里`, entryIds: [id] }));
const strength = { common: 1e-3, moved: 1e-3, iterations: 15 };
const options = { folds: 2, rank: strength, relevance: strength, absent: 0.5 };

describe('minimise', () => {
  it('finds the least of a bowl and of a curved valley', () => {
    const bowl = minimise(3, (x, gradient) => {
      let sum = 0;
      x.forEach((each, at) => {
        sum += (at + 1) * (each - at) ** 2;
        gradient[at] = 2 * (at + 1) * (each - at);
      });
      return sum;
    });
    [0, 1, 2].forEach((least, at) => expect(bowl[at]).toBeCloseTo(least, 3));
    const valley = minimise(2, (v, gradient) => {
      const [x, y] = [v[0] ?? 0, v[1] ?? 0];
      gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
      gradient[1] = 200 * (y - x * x);
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    }, { iterations: 400, tolerance: 1e-14 });
    expect(valley[0]).toBeCloseTo(1, 2);
  });
});

describe('the scanner', () => {
  const weights = new Float32Array(0x10000).fill(1);
  it('counts what stands in common runs like the naive search', () => {
    const text = fc.string({ unit: fc.constantFrom('甲', '乙', '丙', '丁'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (question, other) => {
        const scanner = createScanner();
        scanner.begin(question, weights);
        const seen = { ...scanner.read(Uint16Array.from(other, (_, at) => other.charCodeAt(at)), 0, other.length, 100) };
        scanner.end();
        let run = 0;
        const inTwo = new Set<number>();
        for (let i = 0; i < question.length; i += 1) {
          for (let j = i + 1; j <= question.length; j += 1) {
            if (!other.includes(question.slice(i, j))) continue;
            run = Math.max(run, j - i);
            if (j - i === 2) inTwo.add(i).add(i + 1);
          }
        }
        expect(seen.run).toBe(run);
        expect(seen.two).toBeCloseTo(question.length === 0 ? 0 : inTwo.size / question.length, 6);
        expect(seen.four).toBeLessThanOrEqual(seen.three + 1e-9);
        expect(seen.narrow).toBeLessThanOrEqual(seen.two + 1e-9);
      }),
    );
  });
});

describe('learning', () => {
  const analyzer = createAnalyzer({ stopWords: ['怎么', '我', '的'] });
  const lists = listsOf({ name: 'small', entries, questions }, 0, analyzer);

  it('asks every question twice, the second time without its right entry', () => {
    expect(lists.filter(({ answerable }) => answerable)).toHaveLength(questions.length);
    expect(lists.filter(({ answerable, right }) => !answerable && right.includes(1))).toEqual([]);
  });

  it('learns the same from the same, and judges questions it has not seen', () => {
    const [first, second] = [learn(lists, options), learn(lists, options)];
    expect(second).toEqual(first);
    const figures = figuresOf(first.predictions);
    expect(figures.questions).toBe(questions.length);
    expect(figures.first).toBeGreaterThanOrEqual(0.9);
    expect(figures.area).toBeGreaterThan(0.8);
  });

  it('writes a model that the matcher reads, and refuses another version', () => {
    const learned = learn(lists, options);
    const file: unknown = JSON.parse(JSON.stringify(writeModel(learned)));
    const matcher = createMatcher(entries, { model: readModel(file) });
    expect(matcher.match('护照延期').ranked[0]?.id).toBe('护照-延期');
    expect(() => readModel({ ...writeModel(learned), features: ['other'] })).toThrow(/另一个版本/);
    expect(() => readModel({ version: 2 })).toThrow(/不是模型/);
    expect(shippedModel().rank).toHaveLength(6);
  });
});

describe('figures', () => {
  it('areaOf equals the count of pairs', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(scores, scores, (positive, negative) => {
        let wins = 0;
        for (const a of positive) for (const b of negative) wins += a > b ? 1 : a === b ? 0.5 : 0;
        expect(areaOf(positive, negative)).toBeCloseTo(wins / positive.length / negative.length, 9);
      }),
    );
  });
});
