import { describe, expect, it } from 'vitest';
import type { DeadlineProfile, Item, ItemGroup } from '../../src/domain/config-files.ts';
import { checkCodes, checkItems, levelOf, pathOf } from '../../src/domain/items.ts';

const item = (code: string, over: Partial<Item> = {}): Item => ({ code, name: code, field: '环境', kinds: ['投诉'], department: 'ecology', deadlineClass: 'general', keywords: ['k'], examples: [], ...over });
const group = (code: string, parent?: string): ItemGroup => ({ code, name: code, ...(parent === undefined ? {} : { parent }) });
const profile: DeadlineProfile = { id: 'p', name: 'p', source: 's', stages: { handle: { general: { amount: 5, unit: 'workdays' } } } };
const city = { departments: [{ id: 'ecology' }, { id: 'police' }], profile };
const check = (items: Item[], groups: ItemGroup[] = []) => checkItems({ items, groups }, city).map(({ pointer, severity }) => `${severity} ${pointer}`);

describe('the item tree', () => {
  it('goes up by parents and by dots', () => {
    const tree = { items: [item('010203', { parent: '0102' }), item('a.b.c')], groups: [group('01'), group('0102', '01'), group('a')] };
    expect(pathOf(tree, '010203')).toEqual(['010203', '0102', '01']);
    expect(pathOf(tree, 'a.b.c')).toEqual(['a.b.c', 'a.b', 'a']);
    expect(pathOf(tree, 'unknown')).toEqual(['unknown']);
    expect([levelOf(tree, '010203'), levelOf(tree, 'a.b.c'), levelOf(tree, '01')]).toEqual([3, 2, 1]);
  });

  it('ends in a cycle and tells it', () => {
    const groups = [group('x', 'y'), group('y', 'x')];
    expect(pathOf({ items: [], groups }, 'x')).toEqual(['x', 'y']);
    expect(check([item('a', { parent: 'x' })], groups)).toEqual(['error /groups/0/parent', 'error /groups/1/parent']);
    expect(check([item('a', { parent: 'a' })])).toEqual(['error /items/0/parent']);
  });

  it('tells what is unknown, and what only makes less of the item', () => {
    expect(check([item('a', { department: 'none', assist: ['none', 'police'], deadlineClass: 'none', parent: 'none' })])).toEqual(['error /items/0/department', 'error /items/0/assist/0', 'error /items/0/deadlineClass', 'error /items/0/parent']);
    expect(check([item('a', { assist: ['ecology'] })])).toEqual(['error /items/0/assist/0']);
    expect(check([item('a', { keywords: [] })])).toEqual(['warning /items/0/keywords']);
    expect(check([])).toEqual(['error /items']);
    expect(checkItems({ items: [item('a', { deadlineClass: 'none' })] }, { ...city, profile: { ...profile, stages: { handle: { default: { amount: 1, unit: 'days' } } } } })).toEqual([]);
  });

  it('tells codes that stand twice, groups and items together', () => {
    expect(checkCodes({ items: [item('a'), item('b'), item('a')], groups: [group('b')] }).map(({ pointer }) => pointer)).toEqual(['/items/1/code', '/items/2/code']);
  });
});
