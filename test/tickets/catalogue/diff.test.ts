import { describe, expect, it } from 'vitest';
import { diffCatalogues } from '../../../src/tickets/catalogue/diff.ts';
import { anItem, aRoute, dispatchBody, itemsBody } from './support.ts';

describe('what differs between two versions', () => {
  it('is nothing for the same, whatever the order of keys', () => {
    const { code, name, ...rest } = anItem('a');
    expect(diffCatalogues('items', itemsBody(anItem('a')), itemsBody({ ...rest, name, code }))).toEqual([]);
  });

  it('is told by item and field', () => {
    const before = { ...itemsBody(anItem('a'), anItem('b')), groups: [{ code: 'g', name: '组' }] };
    const after = { ...itemsBody(anItem('a', { department: 'police', assist: ['ecology'] }), anItem('c')), version: 8 };
    expect(diffCatalogues('items', before, after)).toEqual([
      { what: 'scheme', id: 'test', how: 'changed', fields: [{ field: 'version', before: 7, after: 8 }] },
      { what: 'group', id: 'g', how: 'removed', fields: [] },
      { what: 'item', id: 'a', how: 'changed', fields: [{ field: 'department', before: 'ecology', after: 'police' }, { field: 'assist', before: null, after: ['ecology'] }] },
      { what: 'item', id: 'c', how: 'added', fields: [] },
      { what: 'item', id: 'b', how: 'removed', fields: [] },
    ]);
  });

  it('tells when rules only change places: the first match wins', () => {
    const [a, b, c] = [aRoute('a', { when: { kinds: ['投诉'] } }), aRoute('b', { when: { kinds: ['表扬'] } }), aRoute('c')];
    expect(diffCatalogues('dispatch', dispatchBody(a, b, c), dispatchBody(b, a, c))).toEqual([{ what: 'order', id: '', how: 'changed', fields: [{ field: 'order', before: ['a', 'b', 'c'], after: ['b', 'a', 'c'] }] }]);
    expect(diffCatalogues('dispatch', dispatchBody(a, c), dispatchBody(a, b, c)).map(({ what, id, how }) => [what, id, how])).toEqual([['rule', 'b', 'added']]);
  });
});
