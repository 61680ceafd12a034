import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellDay, cellText } from '../../../src/knowledge/files/cells.ts';
import { checkEntry } from '../../../src/knowledge/files/check.ts';
import { faultText } from '../../../src/knowledge/files/faults.ts';
import { idFor } from '../../../src/knowledge/files/ids.ts';
import { readList, readParts, readWords, writeList, writeParts, writeWords } from '../../../src/knowledge/files/lists.ts';
import { createNames } from '../../../src/knowledge/files/names.ts';
import { existingOf } from '../../../src/knowledge/files/plan.ts';
import { fingerprint, tidyText } from '../../../src/knowledge/files/tidy.ts';
import { aKnowledgeEntry } from '../../factories/index.ts';
import { city, names, planText } from './support.ts';

const given = (over: object = {}): object => ({ ...aKnowledgeEntry({ id: 'a.one' }), ...over });
const faults = (over: object): readonly string[] => checkEntry(given(over), names).faults.map(({ field, rule, value }) => [field, rule, value].filter((part) => part !== undefined).join(' '));

describe('a row becomes an entry', () => {
  it('knows departments, towns, items, modules and the audience by id and by name', () => {
    const checked = checkEntry(given({ module: '办事指南', department: '人社局', alsoDepartments: ['市公安局', 'edu'], towns: ['虎门镇', '南城', 'houjie'], item: '建筑施工噪声扰民', audience: '仅坐席' }), names);
    expect(checked.entry).toMatchObject({ module: 'guides', department: 'hrss', alsoDepartments: ['ps', 'edu'], towns: ['humen', 'nancheng', 'houjie'], item: 'env.noise.construction', audience: 'desk' });
  });

  it('says of a name that is unknown or means several', () => {
    expect(faults({ department: '外星局', towns: ['虎门', '月亮镇'], module: '闲聊', item: 'no.such' })).toEqual(['module unknown 闲聊', 'department unknown 外星局', 'item unknown no.such', 'towns.1 unknown 月亮镇']);
    const twins = createNames({ departments: [{ id: 'one', name: '甲局', short: '服务中心', duties: '' }, { id: 'two', name: '乙局', short: '服务中心', duties: '' }], towns: [], items: [] });
    expect(twins.departments.find('服务中心')).toEqual({ rule: 'ambiguous' });
    expect(twins.departments.find('乙局')).toEqual({ id: 'two' });
  });

  it('writes of every thing a name that reads back as it', () => {
    for (const [book, ids] of [[names.departments, city.departments.map(({ id }) => id)], [names.towns, city.towns.map(({ id }) => id)], [names.items, city.items.map(({ code }) => code)]] as const) {
      for (const id of ids) expect(book.find(book.nameOf(id))).toEqual({ id });
    }
  });

  it('names every fault of a row with field and rule, and repeats no text of it', () => {
    expect(faults({ question: '？', answer: '短', voice: undefined, source: { title: '依', url: 'ftp://x' }, steps: Array.from({ length: 13 }, () => '一步一步'), id: '编号', surprise: 1 })).toEqual([
      'voice required', 'surprise unknown_field', 'id pattern 编号', 'question too_short 至少 2', 'answer too_short 至少 10', 'steps too_many 最多 12', 'source.title too_short 至少 2', 'source.url pattern',
    ]);
    expect(faults({ effectiveFrom: '昨天', expiresOn: '2026-02-30' })).toEqual(['effectiveFrom not_a_day 昨天', 'expiresOn not_a_day 2026-02-30']);
    expect(faults({ effectiveFrom: '2026-05-01', expiresOn: '2026-04-30' })).toEqual(['expiresOn days_reversed']);
    for (const value of [null, 'text', 7, []]) expect(checkEntry(value, names).faults).toEqual([{ field: 'row', rule: 'not_an_object' }]);
    expect(faultText({ field: 'places.0.phone', rule: 'personal_mobile' })).toBe('办理地点 第 1 项 phone：含手机号码');
  });

  it('refuses personal data, and says what kind it is without saying it', () => {
    expect(faults({ answer: '请打 138 0013 8000 联系处理一下。' })).toEqual(['answer personal_mobile']);
    expect(faults({ materials: ['样本：11010519491231002X'] })).toEqual(['materials.0 personal_identity']);
    expect(faults({ places: [{ name: '办事大厅', phone: '13800138000' }] })).toEqual(['places.0.phone personal_mobile']);
    expect(faults({ answer: '请打 12345、110、400-812-3123 或者大厅 0769-22222222 咨询。' })).toEqual([]);
    const checked = checkEntry(given({ department: '13800138000' }), names);
    expect(JSON.stringify(checked.faults)).not.toContain('13800138000');
  });

  it('gives a row without an id the same one every time, or the one that its question has', async () => {
    const id = idFor('guides', '居住证怎么办？');
    expect(id).toMatch(/^guides\.ju-zhu-zheng-zen-me-ban-[0-9a-f]{8}$/);
    for (const same of ['居住证怎么办', ' 居住证 怎么办?', '居住證怎麼辦']) expect(idFor('guides', same).slice(-8)).toBe(id.slice(-8));
    expect(idFor('faq', '居住证怎么办').slice(-8)).not.toBe(id.slice(-8));
    expect(idFor('faq', '？！')).toMatch(/^faq\.[0-9a-f]{8}$/);
    const known = aKnowledgeEntry({ id: 'residence.apply', question: '居住证怎么办' });
    const { id: _id, ...without } = known;
    const [row] = await planText('a.jsonl', JSON.stringify({ ...without, question: '居住证，怎么办？' }), existingOf([known]));
    expect(row?.report).toMatchObject({ id: 'residence.apply', status: 'changed' });
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (question) => {
      expect(idFor('duties', question)).toMatch(/^(?=.{1,100}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }));
  });

  it('tells new, changed, same, waiting and twice apart', async () => {
    const [one, two, three] = ['a.one', 'a.two', 'a.three'].map((id) => aKnowledgeEntry({ id, question: `${id} 怎么办` }));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three entries');
    const draft = { ...two, answer: '这是正在审核的另一种说法。' };
    const text = [one, { ...one, id: 'a.new', question: '新的问题' }, draft, { ...two }, { ...three, answer: '答案已经改成另一种说法。' }, one].map((entry) => JSON.stringify(entry)).join('\n');
    const rows = await planText('a.jsonl', text, existingOf([one, two, three], [draft]));
    expect(rows.map(({ report: { id, status, faults: [fault] } }) => [id, status, fault?.rule ?? null])).toEqual([
      ['a.one', 'same', null], ['a.new', 'new', null], ['a.two', 'same', null], ['a.two', 'refused', 'duplicate'], ['a.three', 'changed', null], ['a.one', 'refused', 'duplicate'],
    ]);
    const [late] = await planText('a.jsonl', JSON.stringify({ ...two, answer: '与草稿和线上都不同的说法。' }), existingOf([two], [draft]));
    expect(late?.report).toMatchObject({ status: 'refused', faults: [{ rule: 'draft_open' }] });
  });
});

describe('cells', () => {
  it.each([
    ['2026-01-05', '2026-01-05'], ['2026/1/5', '2026-01-05'], ['2026.1.5', '2026-01-05'], ['2026年1月5日', '2026-01-05'], ['20260105', '2026-01-05'], ['２０２６-０１-０５', '2026-01-05'],
    ['2026-01-05 00:00:00', '2026-01-05'], ['2026-01-05T08:30:00Z', '2026-01-05'], [46027, '2026-01-05'], [46027.75, '2026-01-05'], ['46027', '2026-01-05'], [new Date('2026-01-05T00:00:00Z'), '2026-01-05'],
    ['2026-02-29', null], ['2024-02-29', '2024-02-29'], ['2026-13-01', null], ['2026-00-10', null], ['01/05/2026', null], ['长期', null], ['', null], [12, null], [Number.NaN, null], [1e9, null], [new Date(Number.NaN), null], [null, null], [true, null],
  ])('%s is the day %s', (cell, day) => {
    expect(cellDay(cell)).toBe(day);
  });

  it('shows numbers as Excel does', () => {
    expect([0.1 + 0.2, 20, 1e21, -0.5, true, null].map(cellText)).toEqual(['0.3', '20', '1e+21', '-0.5', '是', '']);
  });

  it('holds lists: one a line, or parted by ；, and any list reads back', () => {
    expect(readList('甲；乙; 丙')).toEqual(['甲', '乙', '丙']);
    expect(readList('身份证；户口本\r\n照片')).toEqual(['身份证；户口本', '照片']);
    expect(readWords('居住证、签注，流动人口')).toEqual(['居住证', '签注', '流动人口']);
    expect(readParts('市民中心 ｜ 鸿福路 | 12345')).toEqual([['市民中心', '鸿福路', '12345']]);
    const element = fc.array(fc.constantFrom('甲', 'a', '；', ';', '，', '、', '|', '｜', '\\', '\n', ' ', 'n'), { minLength: 1, maxLength: 8 }).map((chars) => tidyText(chars.join(''))).filter((text) => text !== '');
    fc.assert(fc.property(fc.array(element, { maxLength: 4 }), (list) => {
      expect(readList(writeList(list))).toEqual(list);
      expect(readWords(writeWords(list))).toEqual(list);
      expect(readParts(writeParts(list.map((text) => [text, text])))).toEqual(list.map((text) => [text, text]));
    }));
  });

  it('keeps the joiners of emoji, drops what databases refuse, and finds equal what is equal', () => {
    expect(tidyText('\ufeff 第一行\r\n第二行\u2028第三行\u0000\ud800👨‍👩‍👧 ')).toBe('第一行\n第二行\n第三行👨‍👩‍👧');
    expect(fingerprint({ b: ' x ', a: [], audience: 'public' })).toBe(fingerprint({ a: undefined, b: 'x' }));
    expect(fingerprint({ b: 'x' })).not.toBe(fingerprint({ b: 'y' }));
  });
});
