import type { Item, Route } from '../../../src/domain/config-files.ts';
import { city as demo } from '../../support/intake.ts';

/** Small catalogues over the demo city's departments and towns. */
export const anItem = (code: string, over: Partial<Item> = {}): Item => ({ code, name: `事项${code}`, field: '测试', kinds: ['投诉'], department: 'ecology', deadlineClass: 'general', keywords: ['词'], examples: ['例句一', '例句二'], ...over });
export const aRoute = (id: string, over: Partial<Route> = {}): Route => ({ id, when: {}, to: 'item', why: '测试', ...over });
export const itemsBody = (...items: Item[]) => ({ scheme: 'test', version: 7, items });
export const dispatchBody = (...routes: Route[]) => ({ routes });
export { demo };
