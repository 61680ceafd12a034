import { describe, expect, it } from 'vitest';
import type { Department, Item, Route } from '../../src/domain/config-files.ts';
import { routeTicket } from '../../src/domain/routing.ts';

const departments: Department[] = [
  { id: 'ecology', name: '市生态环境局', short: '环境局', duties: '环境' },
  { id: 'town-government', name: '属地镇街', short: '镇街', duties: '属地' },
];
const items: Item[] = [{ code: 'env.noise.construction', name: '施工噪声', field: '环境保护', kinds: ['投诉'], department: 'ecology', deadlineClass: 'general', keywords: ['施工'], examples: ['a', 'b'] }];
const routes: Route[] = [
  { id: 'town-noise', when: { items: ['env.noise'], towns: ['shijie'] }, to: 'town', why: '属地' },
  { id: 'gone', when: { kinds: ['表扬'] }, to: 'no-such-department', why: '错' },
  { id: 'default', when: {}, to: 'item', why: '按事项' },
];
const rules = { routes, items, departments };

describe('routing', () => {
  it('takes the first route that matches, item prefixes included', () => {
    expect(routeTicket({ itemCode: 'env.noise.construction', townId: 'shijie', kind: '投诉' }, rules)).toEqual({ departmentId: 'town-government', routeId: 'town-noise', why: '属地' });
    expect(routeTicket({ itemCode: 'env.noise.construction', townId: 'other', kind: '投诉' }, rules).departmentId).toBe('ecology');
  });

  it('passes over a route whose department is gone', () => {
    expect(routeTicket({ itemCode: 'env.noise.construction', townId: null, kind: '表扬' }, rules).routeId).toBe('default');
  });

  it('leaves a ticket without an item to a person', () => {
    expect(routeTicket({ itemCode: null, townId: null, kind: '求助' }, rules)).toMatchObject({ departmentId: null, routeId: null });
  });
});
