import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlaces } from '../../../src/dialog/slots/index.ts';
import { context, lexicon } from './context.ts';

const read = (text: string) => findPlaces(text, context()).map(({ value }) => [value.townId, value.place]);

const ROWS: readonly (readonly [string, string | null, string])[] = [
  ['东城鸿福路万达广场旁边', 'dongcheng', '鸿福路万达广场旁边'],
  ['我要投诉东城鸿福路万达广场旁边有人占道经营', 'dongcheng', '鸿福路万达广场旁边'],
  ['昨晚十一点在南城西平社区宏图路工地施工', 'nancheng', '西平社区宏图路'],
  ['我住在虎门镇金洲社区第三工业区8栋2单元501', 'humen', '金洲社区第三工业区8栋2单元501'],
  ['东城街道温塘社区皂三村45号', 'dongcheng', '温塘社区皂三村45号'],
  ['广东省东莞市横沥镇中山东路88号', 'hengli', '中山东路88号'],
  ['東莞市長安鎮沙頭社區靖海西路18號', 'changan', '沙頭社區靖海西路18號'],
  ['企石镇江南大道与宝华路交叉口', 'qishi', '江南大道与宝华路交叉口'],
  ['位置是塘厦镇宏业北路金域华府一期3栋1单元2001', 'tangxia', '宏业北路金域华府一期3栋1单元2001'],
  ['就是在万江那个华南MALL旁边有个烧烤档', 'wanjiang', '华南MALL旁边'],
  ['南城体育路2号', 'nancheng', '体育路2号'],
  ['石竹路，东城的', 'dongcheng', '石竹路'],
  ['虎门公园跳广场舞太吵', 'humen', '虎门公园'],
  ['我在常平', 'changping', ''],
  ['松湖那边', 'songshanhu', ''],
  ['东城中路有人摆摊', null, '东城中路'],
  ['鸿福路路灯坏了', null, '鸿福路'],
  ['高埗大道北', null, '高埗大道北'],
  ['就在那个东泰花园门口的马路上', null, '东泰花园门口'],
  ['万科城市花园3栋楼下的烧烤档', null, '万科城市花园3栋楼下'],
  ['西平地铁站A出口', null, '西平地铁站A出口'],
  ['鸿福路地铁站B2口', null, '鸿福路地铁站B2口'],
  ['清溪镇三中村的工厂半夜排废气', 'qingxi', '三中村'],
  ['从上周五开始黄江镇环城路就没水', 'huangjiang', '环城路'],
  ['道滘大罗沙村，早上八点', 'daojiao', '大罗沙村'],
];

describe('findPlaces', () => {
  it.each(ROWS)('reads “%s”', (text, townId, place) => {
    expect(read(text)).toEqual([[townId, place]]);
  });

  it.each([
    '小区路灯不亮', '门口的路灯坏了', '在我们小区门口', '修路', '马路上全是垃圾', '希望在公园里多放垃圾桶', '附近工厂排废气', '我想问问学校怎么报名', '楼上漏水', '走在路上', '老板跑路了', '跳广场舞',
    '地铁站', '道路坑洼', '我在东莞', '20261122000187', '',
  ])('finds no place in “%s”', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('covers town and place by the span', () => {
    const text = '我要投诉东城鸿福路口，很吵';
    const [found] = findPlaces(text, context());
    expect(text.slice(found?.start, found?.end)).toBe('东城鸿福路口');
  });

  it('believes an everyday word as a town only with 镇, or when asked', () => {
    expect(read('桥头那里有人')).toEqual([]);
    expect(read('桥头镇')).toEqual([['qiaotou', '']]);
    expect(findPlaces('桥头', context('place')).map(({ value }) => value.townId)).toEqual(['qiaotou']);
  });

  it('takes an answer that it does not know as it is, weakly, only when asked', () => {
    expect(read('嗯，就在大润发那边')).toEqual([]);
    expect(findPlaces('嗯，就在大润发那边', context('place'))).toMatchObject([{ value: { townId: null, place: '大润发' }, confidence: 0.4 }]);
    expect(findPlaces('不知道', context('place'))).toEqual([]);
  });

  it('is surer with a town in front', () => {
    const sure = (text: string): number => findPlaces(text, context())[0]?.confidence ?? 0;
    expect(sure('东城鸿福路')).toBeGreaterThan(sure('鸿福路'));
  });

  it('never throws; spans stay inside the text and hold the place', () => {
    const parts = fc.array(fc.constantFrom('东城', '虎门镇', '鸿福', '路', '街道', '万达', '广场', '旁边', '在', '的', '，', '8', '栋', '3单元', '和', '交叉口', '昨晚', '十点', '小区', '东莞市', 'A', ' ', '桥头'), { maxLength: 12 }).map((list) => list.join(''));
    fc.assert(
      fc.property(fc.oneof(parts, fc.string({ unit: 'grapheme', maxLength: 40 })), fc.constantFrom(undefined, 'place' as const), (text, asked) => {
        for (const { value, start, end, confidence } of findPlaces(text, context(asked))) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end)).toContain(value.place);
          expect(value.place === '' && value.townId === null).toBe(false);
          expect(confidence).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads a road with any of the suffixes of the lexicon', () => {
    for (const suffix of lexicon.placeSuffixes.filter((word) => word.length > 1)) {
      expect(findPlaces(`在东城紫荆${suffix}`, context())[0]?.value.place, suffix).toBe(`紫荆${suffix}`);
    }
  });
});
