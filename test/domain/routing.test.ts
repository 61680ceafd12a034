import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Department, Item, ItemGroup, Route } from '../../src/domain/config-files.ts';
import { checkRoutes, dispatchData, explainRoutes, routeTicket, type DispatchFacts } from '../../src/domain/routing.ts';

const departments: Department[] = [
  { id: 'ecology', name: '市生态环境局', short: '环境局', duties: '环境' },
  { id: 'police', name: '市公安局', short: '公安局', duties: '治安' },
  { id: 'town-government', name: '属地镇街', short: '镇街', duties: '属地' },
];
const item = (code: string, over: Partial<Item> = {}): Item => ({ code, name: code, field: '环境保护', kinds: ['投诉'], department: 'ecology', deadlineClass: 'general', keywords: ['施工'], examples: ['a', 'b'], ...over });
const items = [item('env.noise.construction', { name: '施工噪声', assist: ['police'] }), item('010203', { parent: '0102' })];
const itemGroups: ItemGroup[] = [{ code: '01', name: '城乡建设' }, { code: '0102', name: '环境', parent: '01' }];
const routes: Route[] = [
  { id: 'town-noise', when: { items: ['env.noise'], towns: ['shijie'] }, to: 'town', why: '属地' },
  { id: 'gone', when: { kinds: ['表扬'] }, to: 'no-such-department', why: '错' },
  { id: 'default', when: {}, to: 'item', why: '按事项' },
];
const rules = { routes, items, itemGroups, departments, towns: [{ id: 'shijie', name: '石碣镇' }] };
/** Monday 2026-11-23, 10:00 in Beijing. */
const MONDAY = Date.UTC(2026, 10, 23, 2);
const facts = (over: Partial<DispatchFacts> = {}): DispatchFacts => ({ itemCode: 'env.noise.construction', townId: null, kind: '投诉', urgency: 'normal', place: null, enterprise: false, at: MONDAY, inOffice: true, ...over });
/** Does a rule with these conditions take the ticket? */
const fits = (when: Route['when'], over: Partial<DispatchFacts> = {}): boolean => routeTicket(facts(over), { ...rules, routes: [{ id: 'one', when, to: 'police', why: 'w' }] }).routeId === 'one';

describe('routing', () => {
  it('takes the first route that matches, item prefixes included', () => {
    expect(routeTicket(facts({ townId: 'shijie' }), rules)).toMatchObject({ departmentId: 'town-government', routeId: 'town-noise', why: '属地', because: ['事项属于env.noise', '镇街为石碣镇'] });
    expect(routeTicket(facts({ townId: 'other' }), rules).departmentId).toBe('ecology');
  });

  it('passes over a route whose department is gone', () => {
    expect(routeTicket(facts({ kind: '表扬' }), rules).routeId).toBe('default');
  });

  it('leaves a ticket without an item to a person', () => {
    expect(routeTicket(facts({ itemCode: null, kind: '求助' }), rules)).toMatchObject({ departmentId: null, routeId: null, assistIds: [] });
  });

  it('knows what stands above an item by its parents where the code has no dots', () => {
    expect(fits({ items: ['01'] }, { itemCode: '010203' })).toBe(true);
    expect(fits({ items: ['0102'] }, { itemCode: '010203' })).toBe(true);
    expect(fits({ items: ['02'] }, { itemCode: '010203' })).toBe(false);
    expect(fits({ items: ['env'] })).toBe(true);
    expect(fits({ items: ['env.noi'] })).toBe(false);
  });

  it('asks for urgency, place, lane and time', () => {
    expect([fits({ urgencies: ['urgent', 'emergency'] }), fits({ urgencies: ['urgent'] }, { urgency: 'urgent' })]).toEqual([false, true]);
    expect([fits({ places: ['高速', '火车站'] }), fits({ places: ['高速', '火车站'] }, { place: '莞深高速出口' })]).toEqual([false, true]);
    expect([fits({ enterprise: true }), fits({ enterprise: false }), fits({ enterprise: true }, { enterprise: true })]).toEqual([false, true, true]);
    expect([fits({ office: false }), fits({ office: false }, { inOffice: false }), fits({ office: true })]).toEqual([false, true, true]);
    expect([fits({ weekdays: [1] }), fits({ weekdays: [7] }), fits({ weekdays: [7] }, { at: MONDAY - 86_400_000 })]).toEqual([true, false, true]);
    expect([fits({ days: { from: '2026-11-23', to: '2026-11-23' } }), fits({ days: { from: '2026-11-24' } }), fits({ days: { to: '2026-11-22' } })]).toEqual([true, false, false]);
    // 23:30 in London is the next morning in Beijing.
    expect(fits({ days: { from: '2026-11-24' } }, { at: Date.UTC(2026, 10, 23, 16, 30) })).toBe(true);
  });

  it('has the item’s departments assist unless the rule names others; nobody assists itself', () => {
    const to = (over: Partial<Route>) => routeTicket(facts({ townId: 'shijie' }), { ...rules, routes: [{ id: 'one', when: {}, to: 'item', why: 'w', ...over }] }).assistIds;
    expect(to({})).toEqual(['police']);
    expect(to({ assist: [] })).toEqual([]);
    expect(to({ assist: ['town', 'item', 'ecology', 'town', 'nobody'] })).toEqual(['town-government']);
    expect(to({ to: 'police' })).toEqual([]);
  });

  it('explains why the rules before did not apply', () => {
    const verdicts = explainRoutes(facts({ townId: 'other', kind: '表扬' }), rules);
    expect(verdicts.map(({ routeId, fits: ok, problem }) => [routeId, ok, problem])).toEqual([['town-noise', false, null], ['gone', false, 'unknown_department'], ['default', true, null]]);
    expect(verdicts[0]?.conditions.map(({ name, met }) => [name, met])).toEqual([['items', true], ['towns', false]]);
    expect(explainRoutes(facts({ itemCode: null }), rules).at(-1)).toMatchObject({ routeId: 'default', fits: false, problem: 'no_item' });
  });

  it('keeps the explanation for the ticket’s event', () => {
    expect(dispatchData(routeTicket(facts(), rules), 3)).toEqual({ departmentId: 'ecology', assistIds: ['police'], why: '按事项', rule: 'default', version: 3, because: [] });
  });

  it('the explanation always agrees with the decision', () => {
    const when = fc.record({ items: fc.subarray(['env', '01', 'x']), towns: fc.subarray(['shijie', 'other']), kinds: fc.subarray(['投诉', '表扬'] as const), office: fc.boolean() }, { requiredKeys: [] });
    const someRoutes = fc.array(fc.record({ when, to: fc.constantFrom('item', 'town', 'police', 'nobody') }), { maxLength: 5 }).map((list) => list.map((route, at) => ({ ...route, id: `r${at}`, why: 'w' })));
    const someFacts = fc.record({ itemCode: fc.constantFrom('env.noise.construction', '010203', 'unknown', null), townId: fc.constantFrom('shijie', null), kind: fc.constantFrom('投诉' as const, '表扬' as const), inOffice: fc.boolean() });
    fc.assert(fc.property(someRoutes, someFacts, (list, over) => {
      const given = { ...rules, routes: list };
      const { routeId, departmentId, assistIds } = routeTicket(facts(over), given);
      const verdicts = explainRoutes(facts(over), given);
      expect(verdicts.find((verdict) => verdict.fits)?.routeId ?? null).toBe(routeId);
      expect(verdicts.map((verdict) => verdict.routeId)).toEqual(list.slice(0, verdicts.length).map(({ id }) => id));
      expect(routeId === null).toBe(departmentId === null);
      expect(assistIds).not.toContain(departmentId);
    }));
  });

  it('finds what a dispatch catalogue cannot mean', () => {
    const check = (route: Partial<Route>, ...more: Route[]) => checkRoutes([{ id: 'one', when: { kinds: ['投诉'] }, to: 'item', why: 'w', ...route }, ...more], rules).map(({ pointer }) => pointer);
    expect(check({})).toEqual([]);
    expect(check({ to: 'nobody', assist: ['item', 'nobody'] })).toEqual(['/routes/0/to', '/routes/0/assist/1']);
    expect(check({ when: { items: ['env', '0102', 'env.x'], towns: ['shijie', 'atlantis'] } })).toEqual(['/routes/0/when/items/2', '/routes/0/when/towns/1']);
    expect(check({ when: { days: { from: '2026-02-30', to: '2026-01-01' } } })).toEqual(['/routes/0/when/days/from', '/routes/0/when/days']);
    expect(check({ when: {} }, { id: 'two', when: {}, to: 'item', why: 'w' })).toEqual(['/routes/0/when']);
  });
});
