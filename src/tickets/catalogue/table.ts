import { Value } from 'typebox/value';
import { ItemGroupSchema, ItemSchema, type DeadlineProfile, type Department, type Item, type ItemCatalogue, type ItemGroup } from '../../domain/config-files.ts';
import { checkItems, levelOf, pathOf } from '../../domain/items.ts';
import { foldText } from '../../domain/text.ts';

/** The item tree as rows of a table, and back. What a file is and how its cells are read is the caller's. Pure. */

export type ItemColumn = 'code' | 'name' | 'type' | 'parent' | 'level' | 'field' | 'kinds' | 'department' | 'assist' | 'deadlineClass' | 'evidence' | 'lane' | 'keywords' | 'examples';

export const ITEM_COLUMNS: readonly { readonly key: ItemColumn; readonly label: string; readonly also: readonly string[]; readonly width: number; readonly required?: true }[] = [
  { key: 'code', label: '事项编码', also: ['编码', '事项代码', '代码', 'itemcode'], width: 24, required: true },
  { key: 'name', label: '事项名称', also: ['名称', '事项', 'itemname'], width: 28, required: true },
  { key: 'type', label: '类型', also: ['节点类型'], width: 8 },
  { key: 'parent', label: '上级编码', also: ['上级', '父级编码', '上级事项', 'parentcode'], width: 20 },
  { key: 'level', label: '层级', also: ['级别'], width: 6 },
  { key: 'field', label: '领域', also: ['一级分类', '大类', '所属领域'], width: 14 },
  { key: 'kinds', label: '诉求类型', also: ['适用诉求类型', '件类型'], width: 20 },
  { key: 'department', label: '承办单位', also: ['主办单位', '默认承办单位', '责任单位', 'departmentid'], width: 24 },
  { key: 'assist', label: '协办单位', also: ['配合单位'], width: 24 },
  { key: 'deadlineClass', label: '时限类别', also: ['办理时限类别', 'deadline'], width: 12 },
  { key: 'evidence', label: '办结须附证明', also: ['须附证明', '证明材料'], width: 12 },
  { key: 'lane', label: '通道', also: ['服务通道', '适用通道'], width: 12 },
  { key: 'keywords', label: '关键词', also: ['关键字'], width: 36 },
  { key: 'examples', label: '例句', also: ['示例', '样例', '典型诉求'], width: 60 },
];

/** One row as it was found: texts of a table, or an object of JSONL. */
export type ItemRow = { readonly line: number } & (
  | { readonly kind: 'cells'; readonly cells: Readonly<Partial<Record<ItemColumn, string>>> }
  | { readonly kind: 'object'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly reason: string }
);

/** How lists stand in one cell; readers and writers of knowledge tables have the same. */
export interface CellLists {
  readonly readWords: (cell: string) => readonly string[];
  readonly writeWords: (words: readonly string[]) => string;
  readonly readList: (cell: string) => readonly string[];
  readonly writeList: (elements: readonly string[]) => string;
}

export interface ItemRowReport {
  readonly line: number;
  readonly code: string | null;
  readonly status: 'new' | 'changed' | 'same' | 'refused';
  /** Why it was refused, or what is to be looked at. */
  readonly reasons: readonly string[];
}

export interface ItemImport {
  readonly rows: readonly ItemRowReport[];
  readonly counts: Readonly<Record<ItemRowReport['status'], number>>;
  /** Codes of the catalogue in force that the file has not. */
  readonly gone: readonly string[];
  /** Null when a row was refused. */
  readonly catalogue: ItemCatalogue | null;
}

interface ImportCity {
  readonly departments: readonly Department[];
  readonly deadlines: DeadlineProfile;
  readonly items: readonly Item[];
  readonly itemGroups: readonly ItemGroup[];
  readonly itemScheme: { readonly scheme: string; readonly version: number };
}

type Read = { readonly what: 'item'; readonly value: Item } | { readonly what: 'group'; readonly value: ItemGroup } | { readonly faults: readonly string[] };

/**
 * Reads a whole tree: the file is the new catalogue, what it has not is gone. Names of departments stand for their ids. A row without
 * a department (or of type 类目) is a branch of the tree. An empty 领域 is the name of the topmost branch above.
 * @param scheme name and edition of the scheme; those of the catalogue in force unless told
 */
export async function readItemRows(rows: AsyncIterable<ItemRow>, city: ImportCity, lists: CellLists, scheme: { readonly scheme: string; readonly version: number } = city.itemScheme): Promise<ItemImport> {
  const departments = departmentNames(city.departments);
  const read: { readonly line: number; readonly code: string | null; readonly result: Read }[] = [];
  for await (const row of rows) {
    const result: Read = row.kind === 'fault' ? { faults: [row.reason] } : checkShape(row.kind === 'cells' ? fromCells(row.cells, lists) : row.value, departments);
    read.push({ line: row.line, code: 'value' in result ? result.value.code : codeIn(row), result });
  }
  const groups = read.flatMap(({ result }) => ('what' in result && result.what === 'group' ? [result.value] : []));
  const bare = read.flatMap(({ result }) => ('what' in result && result.what === 'item' ? [result.value] : []));
  const items = bare.map((item) => (item.field === '' ? { ...item, field: topName({ items: bare, groups }, item) } : item));
  const catalogue: ItemCatalogue = { ...scheme, ...(groups.length === 0 ? {} : { groups }), items };
  const faults = checkItems(catalogue, { departments: city.departments, profile: city.deadlines });
  const byPointer = new Map<string, { text: string; severity: string }[]>();
  for (const { pointer, text, severity } of faults) {
    const key = pointer.split('/').slice(1, 3).join('/');
    byPointer.set(key, [...(byPointer.get(key) ?? []), { text, severity }]);
  }
  const before = new Map<string, string>([...city.itemGroups, ...city.items].map((thing) => [thing.code, canonical(thing)]));
  const places = { item: 0, group: 0 };
  const codes = new Set<string>();
  const report = read.map(({ line, code, result }): ItemRowReport => {
    // Also of a row that is refused for something else.
    const twice = code !== null && code !== '' && codes.has(code);
    codes.add(code ?? '');
    if (!('what' in result)) return { line, code, status: 'refused', reasons: twice ? [...result.faults, REPEATED] : result.faults };
    const place = places[result.what];
    places[result.what] += 1;
    const found = [...(byPointer.get(`${result.what}s/${place}`) ?? []), ...(twice ? [{ text: REPEATED, severity: 'error' }] : [])];
    const value = result.what === 'item' ? (items[place] ?? result.value) : result.value;
    const was = before.get(value.code);
    const status = found.some(({ severity }) => severity === 'error') ? 'refused' : was === undefined ? 'new' : was === canonical(value) ? 'same' : 'changed';
    return { line, code: value.code, status, reasons: found.map(({ text }) => text) };
  });
  const counts = { new: 0, changed: 0, same: 0, refused: 0 };
  for (const { status } of report) counts[status] += 1;
  const there = new Set([...items, ...groups].map(({ code }) => code));
  // What a refused row was about is not gone, it is only not read.
  const refused = new Set(read.flatMap(({ code, result }) => ('what' in result || code === null ? [] : [code])));
  return { rows: report, counts, gone: [...before.keys()].filter((code) => !there.has(code) && !refused.has(code)), catalogue: counts.refused > 0 || items.length === 0 ? null : catalogue };
}

/** Rows in the order of the tree's lists, groups first; `readItemRows` reads them back as the same catalogue. */
export function itemCells({ groups = [], items }: ItemCatalogue, departments: readonly Department[], lists: CellLists): readonly (readonly string[])[] {
  const nameOf = (id: string): string => departments.find((department) => department.id === id)?.name ?? id;
  const level = (code: string): string => String(levelOf({ items, groups }, code));
  const row = (cells: Partial<Record<ItemColumn, string>>): readonly string[] => ITEM_COLUMNS.map(({ key }) => cells[key] ?? '');
  return [
    ...groups.map(({ code, name, parent = '' }) => row({ code, name, type: '类目', parent, level: level(code) })),
    ...items.map((item) => row({
      code: item.code, name: item.name, type: '事项', parent: item.parent ?? '', level: level(item.code), field: item.field, kinds: lists.writeWords(item.kinds), department: nameOf(item.department),
      assist: lists.writeWords((item.assist ?? []).map(nameOf)), deadlineClass: item.deadlineClass, evidence: item.evidence === undefined ? '' : item.evidence ? '是' : '否', lane: item.lane === undefined ? '' : LANE,
      keywords: lists.writeWords(item.keywords), examples: lists.writeList(item.examples),
    })),
  ];
}

/** One line of JSONL for each group and item. */
export const itemLines = ({ groups = [], items }: ItemCatalogue): string => [...groups, ...items].map((thing) => `${JSON.stringify(thing)}\n`).join('');

const REPEATED = '事项编码：与前面的行重复';

const key = (text: string): string => foldText(text).replace(/\s+/g, '');

/** Ids by id, name and short name; other names where only one has it. */
function departmentNames(departments: readonly Department[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const shared = new Set<string>();
  for (const { id, aliases = [] } of departments) for (const alias of aliases) {
    const known = names.get(key(alias));
    if (known !== undefined && known !== id) shared.add(key(alias));
    names.set(key(alias), id);
  }
  for (const name of shared) names.delete(name);
  for (const { id, name, short } of departments) for (const own of [short, name, id]) names.set(key(own), id);
  return names;
}

function fromCells(cells: Readonly<Partial<Record<ItemColumn, string>>>, { readWords, readList }: CellLists): unknown {
  const text = (column: ItemColumn): string => (cells[column] ?? '').trim();
  const parent = text('parent') === '' ? {} : { parent: text('parent') };
  const node = { code: text('code'), name: text('name'), ...parent };
  const type = text('type');
  if (type === '类目' || type === '分类' || (type === '' && text('department') === '' && text('kinds') === '')) return node;
  const assist = readWords(cells.assist ?? '');
  const evidence = text('evidence');
  const lane = text('lane');
  return {
    ...node, field: text('field'), kinds: readWords(cells.kinds ?? ''), department: text('department'), ...(assist.length === 0 ? {} : { assist }), deadlineClass: text('deadlineClass') === '' ? 'general' : text('deadlineClass'),
    ...(evidence === '' ? {} : { evidence: YES_NO[evidence] ?? evidence }), ...(lane === '' ? {} : { lane: lane === LANE ? 'enterprise' : lane }), keywords: readWords(cells.keywords ?? ''), examples: readList(cells.examples ?? ''),
  };
}

/** How the only lane is written in a table. */
const LANE = '企业直通车';
const YES_NO: Readonly<Record<string, boolean>> = { 是: true, 否: false, 需要: true, 不需要: false, true: true, false: false };

/** A group where the object has nothing of an item. */
function checkShape(value: unknown, departments: ReadonlyMap<string, string>): Read {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { faults: ['不是一个事项'] };
  const idOf = (name: unknown): unknown => (typeof name === 'string' ? (departments.get(key(name)) ?? name) : name);
  const given: Readonly<Record<string, unknown>> = { ...value };
  const asGroup = !('department' in given) && !('kinds' in given);
  const named: unknown = asGroup ? given : { field: '', ...given, department: idOf(given['department']), ...(Array.isArray(given['assist']) ? { assist: given['assist'].map(idOf) } : {}) };
  if (typeof given['name'] !== 'string' || given['name'].trim() === '') return { faults: ['事项名称：必须填写'] };
  if (asGroup && Value.Check(ItemGroupSchema, named)) return { what: 'group', value: named };
  if (!asGroup && Value.Check(ItemSchema, named)) return { what: 'item', value: named };
  return { faults: shapeFaults(asGroup ? [...Value.Errors(ItemGroupSchema, named)] : [...Value.Errors(ItemSchema, named)], given) };
}

/** Names of departments are told as they stand; they are about nobody. */
function shapeFaults(errors: readonly { readonly keyword: string; readonly instancePath: string; readonly message: string }[], given: Readonly<Record<string, unknown>>): string[] {
  // An unknown field is told twice: by what has it, and by itself.
  const told = new Set(errors.filter(({ keyword }) => keyword !== 'boolean').map(({ instancePath, message }) => {
    const field = instancePath.split('/')[1] ?? '';
    const label = ITEM_COLUMNS.find((column) => column.key === field)?.label;
    const named = field === 'department' && typeof given['department'] === 'string' && given['department'] !== '' ? `（${given['department'].slice(0, 40)}）` : '';
    return label === undefined ? (message.includes('additional') ? '有不认识的字段' : `整行：${message}`) : `${label}：${FIELD_RULES[field] ?? '格式不对'}${named}`;
  }));
  return [...told];
}

const FIELD_RULES: Readonly<Record<string, string>> = {
  code: '只能是小写字母、数字、连字符，用点分级', kinds: '要写咨询、求助、投诉、举报、建议、表扬中的至少一种', department: '找不到这个单位', assist: '找不到这个单位', deadlineClass: '要写 config/deadlines.yaml 里的类别', evidence: '写“是”或“否”', lane: `空着，或者写“${LANE}”`, parent: '格式不对',
};

function codeIn(row: ItemRow): string | null {
  if (row.kind === 'cells') return row.cells.code?.trim() ?? null;
  if (row.kind === 'object' && typeof row.value === 'object' && row.value !== null && 'code' in row.value && typeof row.value.code === 'string') return row.value.code;
  return null;
}

function topName(tree: { readonly items: readonly Item[]; readonly groups: readonly ItemGroup[] }, item: Item): string {
  const top = pathOf(tree, item.code).findLast((code) => tree.groups.some((group) => group.code === code));
  return tree.groups.find(({ code }) => code === top)?.name ?? item.name;
}

const canonical = (thing: object): string => JSON.stringify(Object.entries(thing).toSorted(([a], [b]) => (a < b ? -1 : 1)));
