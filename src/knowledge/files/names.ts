import type { CityData } from '../../config/city.ts';
import type { KnowledgeEntry, KnowledgeModule } from '../../domain/knowledge.ts';
import { foldText } from '../../domain/text.ts';

/** Names that people write for what the house knows by id: departments, towns, items, modules. */

export const MODULE_NAMES: Readonly<Record<KnowledgeModule, string>> = { duties: '问政清单', desk: '业务指引', faq: '常见问题', terms: '专业名词', guides: '办事指南' };
export const AUDIENCE_NAMES: Readonly<Record<NonNullable<KnowledgeEntry['audience']>, string>> = { public: '公开', desk: '仅坐席' };

/** What of a city a file is read against. */
export type CityNames = Pick<CityData, 'departments' | 'towns' | 'items'>;

/** One kind of thing, by id and by every name that means one of them only. */
export interface NameBook {
  /** The id; `unknown`, or `ambiguous` when the name stands for several. */
  find(text: string): { readonly id: string } | { readonly rule: 'unknown' | 'ambiguous' };
  /** The name to write for an id: one that reads back as it, else the id. */
  nameOf(id: string): string;
}

export interface Names {
  readonly departments: NameBook;
  readonly towns: NameBook;
  readonly items: NameBook;
  readonly modules: NameBook;
  readonly audiences: NameBook;
}

export function createNames({ departments, towns, items }: CityNames): Names {
  return {
    departments: nameBook(departments.map(({ id, name, short, aliases = [] }) => ({ id, names: [name, short], also: aliases }))),
    towns: nameBook(towns.map(({ id, name, short, aliases = [] }) => ({ id, names: [name, short], also: aliases }))),
    items: nameBook(items.map(({ code, name }) => ({ id: code, names: [name], also: [] }))),
    modules: nameBook(Object.entries(MODULE_NAMES).map(([id, name]) => ({ id, names: [name], also: MODULE_ALIASES[id] ?? [] }))),
    audiences: nameBook(Object.entries(AUDIENCE_NAMES).map(([id, name]) => ({ id, names: [name], also: id === 'desk' ? ['内部', '坐席', '不公开'] : ['市民', '对外公开'] }))),
  };
}

const MODULE_ALIASES: Readonly<Record<string, readonly string[]>> = { faq: ['常见问答', '常见问题解答'], terms: ['名词解释', '专业术语'], guides: ['办事指引'], duties: ['职责清单', '责任清单'] };

const key = (text: string): string => foldText(text).replace(/\s+/g, '');

/** Ids count before names, names before other names: an alias of one that is the name of another means the other. */
function nameBook(things: readonly { readonly id: string; readonly names: readonly string[]; readonly also: readonly string[] }[]): NameBook {
  const ids = new Set(things.map(({ id }) => id));
  const levels = [(thing: (typeof things)[number]) => thing.names, (thing: (typeof things)[number]) => thing.also].map((pick) => {
    const found = new Map<string, Set<string>>();
    for (const thing of things) for (const name of pick(thing)) found.set(key(name), (found.get(key(name)) ?? new Set()).add(thing.id));
    return found;
  });
  const find: NameBook['find'] = (text) => {
    const trimmed = text.trim();
    if (ids.has(trimmed)) return { id: trimmed };
    for (const level of levels) {
      const meant = level.get(key(trimmed));
      if (meant === undefined) continue;
      const [id, ...others] = meant;
      return id === undefined || others.length > 0 ? { rule: 'ambiguous' } : { id };
    }
    return { rule: 'unknown' };
  };
  const names = new Map(things.map(({ id, names: [name] }) => [id, name]));
  return {
    find,
    nameOf: (id) => {
      const name = names.get(id);
      if (name === undefined) return id;
      const back = find(name);
      return 'id' in back && back.id === id ? name : id;
    },
  };
}
