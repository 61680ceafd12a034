import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ItemCatalogue } from '../../../src/domain/config-files.ts';
import { readList, readWords, writeList, writeWords } from '../../../src/knowledge/files/lists.ts';
import { ITEM_COLUMNS, itemCells, itemLines, readItemRows, type ItemColumn, type ItemRow } from '../../../src/tickets/catalogue/table.ts';
import { anItem, demo } from './support.ts';

const lists = { readWords, writeWords, readList, writeList };
const city = { departments: demo.departments, deadlines: demo.deadlines, items: demo.items, itemGroups: [], itemScheme: { scheme: 'test', version: 1 } };
async function* rows(list: readonly ItemRow[]): AsyncGenerator<ItemRow> {
  yield* list;
}
const cellRows = (table: readonly (readonly string[])[]): ItemRow[] =>
  table.map((row, at) => {
    const cells: Partial<Record<ItemColumn, string>> = {};
    for (const [place, { key }] of ITEM_COLUMNS.entries()) cells[key] = row[place] ?? '';
    return { line: at + 2, kind: 'cells', cells };
  });
const objectRows = (lines: string): ItemRow[] => lines.trim().split('\n').map((line, at) => ({ line: at + 1, kind: 'object', value: JSON.parse(line) }));

describe('the item tree as a table', () => {
  it('reads back what it writes, as cells and as lines', async () => {
    const word = fc.stringMatching(/^[一-龥a-z]{1,6}$/);
    const text = fc.stringMatching(/^[一-龥a-z，；;|\\]{0,8}[一-龥]$/);
    const items = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{2,6}$/), { minLength: 1, maxLength: 5 }).chain((codes) =>
      fc.tuple(...codes.map((code) =>
        fc.record({ name: word, kinds: fc.subarray(['投诉', '咨询', '求助'] as const, { minLength: 1 }), keywords: fc.uniqueArray(word, { maxLength: 3 }), examples: fc.array(text, { maxLength: 3 }), evidence: fc.constantFrom(undefined, true, false), assist: fc.constantFrom<string[] | undefined>(undefined, ['ps']), parent: fc.constantFrom(undefined, 'g-1'), lane: fc.constantFrom(undefined, 'enterprise' as const) })
          .map(({ evidence, assist, parent, lane, ...rest }) => anItem(code, { ...rest, ...(evidence === undefined ? {} : { evidence }), ...(assist === undefined ? {} : { assist }), ...(parent === undefined ? {} : { parent }), ...(lane === undefined ? {} : { lane }) })))));
    await fc.assert(fc.asyncProperty(items, async (list) => {
      const catalogue: ItemCatalogue = { scheme: 'test', version: 1, groups: [{ code: 'g-0', name: '上级' }, { code: 'g-1', name: '组', parent: 'g-0' }], items: list };
      const byCells = await readItemRows(rows(cellRows(itemCells(catalogue, demo.departments, lists))), city, lists);
      expect(byCells.catalogue).toEqual(catalogue);
      expect((await readItemRows(rows(objectRows(itemLines(catalogue))), city, lists)).catalogue).toEqual(catalogue);
    }), { numRuns: 40 });
  });

  it('compares with the tree in force, row by row', async () => {
    const [first, second] = demo.items;
    if (first === undefined || second === undefined) throw new Error('the demo city has no items');
    const report = await readItemRows(rows([{ line: 1, kind: 'object', value: first }, { line: 2, kind: 'object', value: { ...second, name: '别的名字' } }, { line: 4, kind: 'object', value: anItem('new.one') }]), city, lists);
    expect(report.rows.map(({ line, status }) => [line, status])).toEqual([[1, 'same'], [2, 'changed'], [4, 'new']]);
    expect(report.gone).toHaveLength(demo.items.length - 2);
  });

  it('takes 通道 in words and refuses another one', async () => {
    const cells = { code: 'a', name: '甲', kinds: '咨询', department: 'ecology', field: '企业服务', keywords: '词', examples: '例句' };
    const taken = await readItemRows(rows([{ line: 2, kind: 'cells', cells: { ...cells, lane: ' 企业直通车 ' } }, { line: 3, kind: 'cells', cells: { ...cells, code: 'b', name: '乙', lane: '' } }]), city, lists);
    expect(taken.catalogue?.items.map(({ lane }) => lane)).toEqual(['enterprise', undefined]);
    const refused = await readItemRows(rows([{ line: 2, kind: 'cells', cells: { ...cells, lane: '贵宾' } }]), city, lists);
    expect(refused.rows[0]).toMatchObject({ status: 'refused', reasons: ['通道：空着，或者写“企业直通车”'] });
  });

  it('gives a reason for each refused row, and no catalogue then', async () => {
    const report = await readItemRows(rows([
      { line: 1, kind: 'object', value: anItem('a', { department: '没有的单位' }) },
      { line: 2, kind: 'object', value: anItem('b', { deadlineClass: 'none' }) },
      { line: 3, kind: 'object', value: anItem('c', { parent: 'c' }) },
      { line: 4, kind: 'object', value: anItem('a') },
      { line: 5, kind: 'object', value: { ...anItem('e'), colour: 'red' } },
      { line: 6, kind: 'object', value: 7 },
      { line: 7, kind: 'fault', reason: '整行：不是 JSON' },
      { line: 8, kind: 'cells', cells: { code: 'h', name: '' } },
    ]), city, lists);
    expect(report.catalogue).toBeNull();
    expect(report.counts).toEqual({ new: 0, changed: 0, same: 0, refused: 8 });
    expect(report.rows.map(({ reasons }) => reasons.join())).toEqual([
      '承办单位：找不到这个单位（没有的单位）', expect.stringContaining('没有类别 none'), 'c：上级关系成环', '事项编码：与前面的行重复', '有不认识的字段', '不是一个事项', '整行：不是 JSON', '事项名称：必须填写',
    ]);
  });
});
