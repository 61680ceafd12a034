import { describe, expect, it } from 'vitest';
import { createLearnedSuggester, readModel, writeModel } from '../../../src/matcher/learner/model.ts';
import { learnerAnalyzer } from '../../../src/matcher/learner/terms.ts';
import { trainItems, type LabelledText } from '../../../src/matcher/learner/train.ts';
import { isNoWorse, type Trained } from '../../../src/matcher/learner/trained.ts';

const analyzer = learnerAnalyzer({});
const WORDS: Readonly<Record<string, readonly string[]>> = { 'lamp.street': ['路灯', '灯杆'], 'lamp.park': ['公园', '景观灯'], 'wage.late': ['工资', '拖欠'], 'noise.site': ['打桩', '噪音'] };
/** “照明” is only ever said of the two lamps. */
const texts = (amount: number): LabelledText[] => Array.from({ length: amount }, (_, at) => {
  const item = Object.keys(WORDS)[at % 4] ?? '';
  return { item, text: `${WORDS[item]?.[at % 2] ?? ''}第${at}次反映${item.startsWith('lamp') ? '照明' : ''}` };
});
const trained = (over: Partial<Trained> = {}): Trained => ({ texts: 10, labels: 2, accuracy: 0.9, covered: 0.5, base: 8, baseAccuracy: 0.9, ...over });

describe('labels under the same parent', () => {
  it('learn together what is said of both', () => {
    const suggester = createLearnedSuggester(trainItems(texts(80), analyzer).model, analyzer);
    expect(suggester.suggest('照明', 4).slice(0, 2).map(({ label }) => label).toSorted()).toEqual(['lamp.park', 'lamp.street']);
  });

  it('are found by the parents that are given, before their names', () => {
    const parents = new Map([['lamp.street', 'light'], ['wage.late', 'light']]);
    /** How much likelier than noise a late wage is, where only a street lamp is named. */
    const ratio = (given: ReadonlyMap<string, string> | undefined): number => {
      const { model } = trainItems(texts(80), analyzer, given === undefined ? {} : { parents: given });
      const scores = new Map(createLearnedSuggester(model, analyzer).suggest('路灯 灯杆', 4).map(({ label, score }) => [label, score]));
      return (scores.get('wage.late') ?? 0) / (scores.get('noise.site') ?? 1);
    };
    expect(ratio(parents)).toBeGreaterThan(1.05 * ratio(undefined));
  });
});

describe('what a model says of its training', () => {
  it('is kept in its file, the base apart', () => {
    const { model, report } = trainItems(texts(80), analyzer, { base: 40 });
    const read = readModel(writeModel(model));
    expect(read.trained).toEqual(model.trained);
    expect(read.trained).toMatchObject({ texts: 80, labels: 4, base: 40, accuracy: report.accuracy });
    const { trained: _left, ...older } = model;
    expect(readModel(writeModel(older)).trained).toBeUndefined();
  });

  it('decides whether the next one is taken: over the same base, else over all', () => {
    expect(isNoWorse(null, trained({ accuracy: 0.1 }))).toBe(true);
    expect(isNoWorse(trained(), trained({ accuracy: 0.5, baseAccuracy: 0.9 }))).toBe(true);
    expect(isNoWorse(trained(), trained({ accuracy: 0.99, baseAccuracy: 0.89 }))).toBe(false);
    expect(isNoWorse(trained(), trained({ base: 9, accuracy: 0.89, baseAccuracy: 1 }))).toBe(false);
    expect(isNoWorse(trained({ base: 0 }), trained({ base: 0, accuracy: 0.9 }))).toBe(true);
  });

  it('has the same folds for the same texts, whatever is added', () => {
    const base = Array.from({ length: 60 }, () => texts(4)).flat().map(({ item, text }, at) => ({ item, text: `${text}，编号${at}` }));
    const [alone, more] = [trainItems(base, analyzer, { base: base.length }), trainItems([...base, ...texts(8)], analyzer, { base: base.length })];
    expect(Math.abs(alone.report.baseAccuracy - more.report.baseAccuracy)).toBeLessThan(0.02);
  });
});
