import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import type { TSchema, Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DepartmentSchema, ItemSchema, RouteSchema, TownSchema } from '../../src/domain/config-files.ts';
import { KnowledgeEntrySchema } from '../../src/domain/knowledge.ts';

/**
 * Holds the demo data of config/ to its shapes and to the house rules for content: references resolve, no wording is
 * claimed by two entries, spoken answers stay short, and no telephone number slips in.
 */

const configDir = new URL('../../config/', import.meta.url).pathname;
const knowledgeDir = join(configDir, 'knowledge');

const strict = { additionalProperties: false };
const DepartmentsFile = Type.Object({ departments: Type.Array(DepartmentSchema) }, strict);
const TownsFile = Type.Object({ towns: Type.Array(TownSchema) }, strict);
const ItemsFile = Type.Object({ scheme: Type.String(), version: Type.Integer({ minimum: 1 }), items: Type.Array(ItemSchema) }, strict);
const RoutingFile = Type.Object({ routes: Type.Array(RouteSchema) }, strict);
const KnowledgeFile = Type.Object({ entries: Type.Array(KnowledgeEntrySchema) }, strict);

/** Parses one YAML file and checks it; the error names the file and the path of each fault. */
function load<T extends TSchema>(file: string, schema: T): Static<T> {
  const value: unknown = parse(readFileSync(join(configDir, file), 'utf8'));
  const check = Compile(schema);
  if (!check.Check(value)) {
    const faults = check.Errors(value).slice(0, 5).map((e) => `${e.instancePath} ${e.message}`);
    throw new Error(`${file}: ${faults.join('; ')}`);
  }
  return value;
}

const { departments } = load('departments.yaml', DepartmentsFile);
const { towns } = load('towns.yaml', TownsFile);
const { scheme, version, items } = load('items.yaml', ItemsFile);
const { routes } = load('routing.yaml', RoutingFile);
const knowledgeFiles = readdirSync(knowledgeDir).filter((f) => f.endsWith('.yaml')).sort();
const entries = knowledgeFiles.flatMap((f) => load(join('knowledge', f), KnowledgeFile).entries);

const departmentIds = new Set(departments.map((d) => d.id));
const townIds = new Set(towns.map((t) => t.id));
const itemCodes = new Set(items.map((i) => i.code));
const entryIds = new Set(entries.map((e) => e.id));

/** What remains the same for a matcher: spaces, punctuation and letter case do not tell two wordings apart. */
const bare = (text: string): string => text.replace(/[\s\p{P}]/gu, '').toLowerCase();

/** Values that occur more than once, each with the owners that claim it. */
function claimedTwice(pairs: readonly (readonly [string, string])[]): string[] {
  const owners = new Map<string, string[]>();
  for (const [value, owner] of pairs) owners.set(value, [...(owners.get(value) ?? []), owner]);
  return [...owners].filter(([, by]) => by.length > 1).map(([value, by]) => `${value}: ${by.join(', ')}`);
}

const sentences = (text: string): number => text.split(/[。！？!?]/).filter((part) => part.trim() !== '').length;

/** Runs of seven digits and more, also when split by spaces or hyphens, and the area code of the city. */
function phoneLike(text: string): string[] {
  const joined = text.replace(/(?<=\d)[\s\-‐–—](?=\d)/g, '');
  return [...(joined.match(/\d{7,}/g) ?? []), ...(text.match(/0769/g) ?? [])];
}

describe('departments and towns', () => {
  it('has unique department ids and names, and the town government', () => {
    expect(claimedTwice(departments.map((d) => [d.id, d.id]))).toEqual([]);
    expect(claimedTwice(departments.flatMap((d) => [d.name, d.short].map((n) => [n, d.id] as const)))).toEqual([]);
    expect(departmentIds).toContain('town-government');
    expect(departments.length).toBeGreaterThanOrEqual(30);
  });

  it('gives no name or alias to two departments', () => {
    const named = departments.flatMap((d) => [...new Set([d.name, d.short, ...(d.aliases ?? [])])].map((n) => [n, d.id] as const));
    expect(claimedTwice(named)).toEqual([]);
  });

  it('has 4 streets, 28 towns and 4 zones under one city code', () => {
    const count = (kind: string): number => towns.filter((t) => t.kind === kind).length;
    expect([count('街道'), count('镇'), count('园区')]).toEqual([4, 28, 4]);
    expect(towns.filter((t) => !t.code.startsWith('4419')).map((t) => t.id)).toEqual([]);
    expect(claimedTwice(towns.map((t) => [t.code, t.id]))).toEqual([]);
    expect(townIds.size).toBe(towns.length);
  });

  it('gives no name or alias to two towns', () => {
    const named = towns.flatMap((t) => [...new Set([t.name, t.short, ...(t.aliases ?? [])])].map((n) => [n, t.id] as const));
    expect(claimedTwice(named)).toEqual([]);
  });
});

describe('items and routing', () => {
  const deadlineClasses = new Set(['life', 'utility', 'general', 'complex', 'consult']);

  it('has a named scheme and unique codes and names', () => {
    expect([scheme, version]).toEqual(['demo', 1]);
    expect(items.length).toBeGreaterThanOrEqual(70);
    expect(claimedTwice(items.map((i) => [i.code, i.code]))).toEqual([]);
    expect(claimedTwice(items.map((i) => [i.name, i.code]))).toEqual([]);
  });

  it('names existing departments and known deadline classes', () => {
    expect(items.filter((i) => !departmentIds.has(i.department)).map((i) => `${i.code} → ${i.department}`)).toEqual([]);
    expect(items.filter((i) => !deadlineClasses.has(i.deadlineClass)).map((i) => `${i.code} → ${i.deadlineClass}`)).toEqual([]);
  });

  it('carries enough keywords and examples, no example twice', () => {
    expect(items.filter((i) => i.keywords.length < 4 || i.keywords.length > 12).map((i) => i.code)).toEqual([]);
    expect(items.filter((i) => new Set(i.keywords).size !== i.keywords.length).map((i) => i.code)).toEqual([]);
    expect(items.filter((i) => i.examples.length < 3).map((i) => i.code)).toEqual([]);
    expect(claimedTwice(items.flatMap((i) => i.examples.map((e) => [bare(e), i.code] as const)))).toEqual([]);
  });

  it('routes only what exists', () => {
    const faults = routes.flatMap((r) => [
      ...(r.when.items ?? []).filter((code) => !itemCodes.has(code)).map((code) => `${r.id}: item ${code}`),
      ...(r.when.towns ?? []).filter((id) => !townIds.has(id)).map((id) => `${r.id}: town ${id}`),
      ...(['item', 'town'].includes(r.to) || departmentIds.has(r.to) ? [] : [`${r.id}: to ${r.to}`]),
    ]);
    expect(faults).toEqual([]);
    expect(claimedTwice(routes.map((r) => [r.id, r.id]))).toEqual([]);
  });

  it('ends with one unconditional default to the item', () => {
    const unconditional = routes.filter((r) => Object.keys(r.when).length === 0).map((r) => r.id);
    expect(unconditional).toEqual(['default']);
    expect(routes.at(-1)).toMatchObject({ id: 'default', to: 'item' });
  });
});

describe('knowledge', () => {
  it('has at least 550 entries over all five modules', () => {
    const count = (module: string): number => entries.filter((e) => e.module === module).length;
    expect(entries.length).toBeGreaterThanOrEqual(550);
    expect(count('duties')).toBeGreaterThanOrEqual(30);
    expect(count('desk')).toBeGreaterThanOrEqual(30);
    expect(count('faq')).toBeGreaterThanOrEqual(250);
    expect(count('terms')).toBeGreaterThanOrEqual(35);
    expect(count('guides')).toBeGreaterThanOrEqual(120);
  });

  it('keeps every file short, since all are parsed at start', () => {
    const lines = knowledgeFiles.map((f) => [f, readFileSync(join(knowledgeDir, f), 'utf8').split('\n').length] as const);
    expect(lines.filter(([, n]) => n > 400)).toEqual([]);
  });

  it('guides with steps and materials, and says by when to look at each guide again', () => {
    const guides = entries.filter((e) => e.module === 'guides');
    expect(guides.filter((e) => (e.steps?.length ?? 0) >= 2 && (e.materials?.length ?? 0) >= 1).length).toBeGreaterThanOrEqual(120);
    expect(guides.filter((e) => !(e.reviewOn ?? '').startsWith('2027-')).map((e) => e.id)).toEqual([]);
    // No month may be given more than a fifth of the guides, or their owners drown.
    const months = new Map<string, number>();
    for (const { reviewOn = '' } of guides) months.set(reviewOn.slice(0, 7), (months.get(reviewOn.slice(0, 7)) ?? 0) + 1);
    expect([...months].filter(([, count]) => count > guides.length / 5)).toEqual([]);
  });

  it('answers in English what foreigners ask, in three to five wordings of its own', () => {
    const english = entries.flatMap((e) => (e.en === undefined ? [] : [{ id: e.id, ...e.en }]));
    expect(english.length).toBeGreaterThanOrEqual(80);
    expect(english.filter((e) => e.wordings.length < 3 || e.wordings.length > 5).map((e) => e.id)).toEqual([]);
    expect(claimedTwice(english.flatMap((e) => [e.question, ...e.wordings].map((w) => [bare(w), e.id] as const)))).toEqual([]);
    expect(english.filter((e) => [e.question, e.answer, e.voice ?? '', ...e.wordings].some((text) => /\p{Script=Han}/u.test(text))).map((e) => e.id)).toEqual([]);
    expect(english.filter((e) => (e.voice ?? '').split(/[.!?](?:\s|$)/).filter((part) => part.trim() !== '').length > 3).map((e) => e.id)).toEqual([]);
    expect(english.filter((e) => entries.some((other) => other.id === e.id && other.audience === 'desk')).map((e) => e.id)).toEqual([]);
  });

  it('has unique ids', () => {
    expect(claimedTwice(entries.map((e) => [e.id, e.id]))).toEqual([]);
  });

  it('refers only to departments, items, towns and entries that exist', () => {
    const faults = entries.flatMap((e) => [
      ...(departmentIds.has(e.department) ? [] : [`${e.id}: department ${e.department}`]),
      ...(e.alsoDepartments ?? []).filter((id) => id === e.department || !departmentIds.has(id)).map((id) => `${e.id}: also department ${id}`),
      ...(e.item === undefined || itemCodes.has(e.item) ? [] : [`${e.id}: item ${e.item}`]),
      ...(e.towns ?? []).filter((id) => !townIds.has(id)).map((id) => `${e.id}: town ${id}`),
      ...(e.related ?? []).filter((id) => id === e.id || !entryIds.has(id)).map((id) => `${e.id}: related ${id}`),
    ]);
    expect(faults).toEqual([]);
  });

  it('gives no question or wording to two entries, nor twice to one', () => {
    expect(claimedTwice(entries.flatMap((e) => [e.question, ...e.wordings].map((w) => [bare(w), e.id] as const)))).toEqual([]);
  });

  it('has three to eight wordings an entry', () => {
    expect(entries.filter((e) => e.wordings.length < 3 || e.wordings.length > 8).map((e) => e.id)).toEqual([]);
  });

  it('answers in 60 to 300 characters, and aloud in at most three sentences without links or lists', () => {
    const length = (e: { answer: string }): number => e.answer.replace(/\s/g, '').length;
    expect(entries.filter((e) => length(e) < 60 || length(e) > 300).map((e) => `${e.id}: ${length(e)}`)).toEqual([]);
    expect(entries.filter((e) => sentences(e.voice) > 3).map((e) => e.id)).toEqual([]);
    expect(entries.filter((e) => /https?:|www\.|\n|[一二三]、/.test(e.voice)).map((e) => e.id)).toEqual([]);
  });

  it('keeps guidance of the desk from citizens', () => {
    expect(entries.filter((e) => (e.module === 'desk') !== (e.audience === 'desk')).map((e) => e.id)).toEqual([]);
    // A public entry must not lead a citizen to a desk entry.
    const desk = new Set(entries.filter((e) => e.audience === 'desk').map((e) => e.id));
    expect(entries.filter((e) => e.audience !== 'desk' && (e.related ?? []).some((id) => desk.has(id))).map((e) => e.id)).toEqual([]);
  });

  it('names real dates, in order', () => {
    const real = (date: string): boolean => {
      const time = Date.parse(`${date}T00:00:00Z`);
      return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
    };
    expect(entries.filter((e) => !real(e.effectiveFrom) || (e.expiresOn !== undefined && (!real(e.expiresOn) || e.expiresOn <= e.effectiveFrom))).map((e) => e.id)).toEqual([]);
  });

  it('carries no telephone number but the short public ones', () => {
    const shown = entries.flatMap((e) =>
      [
        e.question, e.answer, e.voice, ...e.wordings, ...(e.keywords ?? []), ...(e.steps ?? []), ...(e.materials ?? []), ...Object.values(e.conditions ?? {}), ...Object.values(e.card ?? {}),
        e.fees ?? '', e.hours ?? '', ...(e.places ?? []).flatMap((place) => Object.values(place)), ...(e.en === undefined ? [] : [e.en.question, e.en.answer, e.en.voice ?? '', ...e.en.wordings]),
      ].map((text) => [e.id, text] as const),
    );
    expect(shown.flatMap(([id, text]) => phoneLike(text).map((found) => `${id}: ${found}`))).toEqual([]);
    const known = new Set([
      '12345', '110', '119', '120', '122', '12315', '12333', '12366', '12329', '12348', '96110', '12123', '12306',
      // Public lines of the whole country: medical insurance, immigration, courts, discipline, procurators, mental health, youth, finance, securities, central bank, internet, spam, state security, forest fire, police by SMS, power.
      '12393', '12367', '12368', '12388', '12309', '12356', '12355', '12378', '12386', '12363', '12377', '12321', '12339', '12119', '12110', '95598',
    ]);
    // 12123 and 12306 are names of apps; years and standard numbers have four digits or follow GB.
    const shortNumbers = shown.flatMap(([id, text]) =>
      [...text.matchAll(/(?<![\d.])(?:1[12]\d|[19]\d{4})(?!\d)/g)].filter((m) => !/(?:GB[/T ]*|令第|〔\d{4}〕)$/.test(text.slice(0, m.index))).map((m) => [id, m[0]] as const),
    );
    expect(shortNumbers.length).toBeGreaterThan(0);
    expect(shortNumbers.filter(([, number]) => !known.has(number)).map(([id, number]) => `${id}: ${number}`)).toEqual([]);
  });

  it('knows the questions that citizens ask first, in their own words', () => {
    const owner = new Map(entries.filter((e) => e.audience !== 'desk').flatMap((e) => [e.question, ...e.wordings].map((w) => [bare(w), e.id] as const)));
    const asked = ['居住证怎么办', '社保怎么查', '公积金怎么提取', '半夜工地施工噪音找谁', '路灯不亮', '停水了怎么办'];
    expect(asked.map((q) => owner.get(bare(q)))).toEqual([
      'residence-permit.apply', 'social.query', 'fund.withdraw', 'noise.construction', 'city.lamp', 'water.outage',
    ]);
  });
});

describe('the checks themselves', () => {
  it('see a number split by hyphens or spaces, and leave years alone', () => {
    expect(phoneLike('请拨0769-2222 3333')).not.toEqual([]);
    expect(phoneLike('电话 138 0013 8000')).not.toEqual([]);
    expect(phoneLike('2025年1月1日起，拨12345')).toEqual([]);
  });

  it('count sentences and see a wording claimed twice', () => {
    expect(sentences('一。二！三？四。')).toBe(4);
    expect(claimedTwice([[bare('社保，怎么查？'), 'a'], [bare('社保怎么查'), 'b']])).toEqual(['社保怎么查: a, b']);
  });
});
