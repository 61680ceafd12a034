import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { loadCity } from '../../../src/config/city.ts';
import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { personalData } from '../../../src/knowledge/lint/personal.ts';
import { FILE_LIMITS, type FileLimits } from '../../../src/knowledge/files/limits.ts';
import { createNames } from '../../../src/knowledge/files/names.ts';
import { openFile } from '../../../src/knowledge/files/open.ts';
import { existingOf, planRows, type Existing, type PlannedRow } from '../../../src/knowledge/files/plan.ts';
import type { FileFormat } from '../../../src/knowledge/files/raw.ts';
import { writeEntries } from '../../../src/knowledge/files/write.ts';

export const city = loadCity(fileURLToPath(new URL('../../..', import.meta.url)));
export const names = createNames(city);

/** The rows of a file against a knowledge base. */
export async function plan(name: string, bytes: Buffer, existing: Existing = existingOf([]), limits: FileLimits = FILE_LIMITS): Promise<PlannedRow[]> {
  const rows: PlannedRow[] = [];
  for await (const row of planRows(await openFile({ name, bytes }, limits), { names, existing, limits })) rows.push(row);
  return rows;
}

/** A CSV or JSONL text as a file. */
export const planText = (name: string, text: string, existing?: Existing): Promise<PlannedRow[]> => plan(name, Buffer.from(text), existing);

export async function written(format: FileFormat, entries: readonly KnowledgeEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const pages = (async function* () {
    for (let at = 0; at < entries.length; at += 50) yield entries.slice(at, at + 50);
  })();
  for await (const chunk of writeEntries(format, pages, names)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/* ---- any entry that the schema and the rules on personal data allow ---------------------------------------------- */

const PIECES = ['居住证', '怎么办', '问', 'a', 'Z', ' ', '，', ',', '；', ';', '"', "'", '“', '|', '｜', '\\', '\\n', '\n', '\t', '=', '+', '-', '@', '＝', '&', '<', '&lt;', ']]>', '_x000D_', '_x0041_', '😀', '👨‍👩‍👧', '𠮷', 'é', '\u00a0', '1', '0', '#N/A', 'https://', '、', '：', '（', '）'];

/** Texts of the given lengths that begin and end with something visible, made of what tables have trouble with. */
function text(minimum: number, maximum: number): fc.Arbitrary<string> {
  const inner = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) }), { maxLength: 12 }).map((pieces) => pieces.join(''));
  const edge = fc.constantFrom('=', '+', '-', '@', "'=", "'", '|', '\\', '；', ';', '"', '答', 'x', '😀', '_x000D_', '、');
  return fc.tuple(edge, inner, edge)
    .map(([first, middle, last]) => tidied(`${first}${'字'.repeat(maximum > minimum * 2 ? minimum : 0)}${middle}${last}`.slice(0, maximum)))
    .filter((made) => lengthOf(made) >= minimum && made.length <= maximum && personalData(made).length === 0);
}

/** As the schema counts: what a person takes for one character is one. */
const graphemes = new Intl.Segmenter();
const lengthOf = (made: string): number => [...graphemes.segment(made)].length;

// As every text is that has been imported once: the halves of a cut character and marks at the ends are gone.
const tidied = (made: string): string => made.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/g, '').replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '').trim();

const some = <Value>(values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(arbitrary, { nil: undefined });
const day = fc.date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2098-12-31T00:00:00Z'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));
const slug = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const id = fc.tuple(slug, slug).map((parts) => parts.join('.'));
const url = fc.tuple(some(['https://www.example.gov.cn/', 'http://example.org/']), fc.stringMatching(/^[a-z0-9/?=&%|;,_-]{0,20}$/)).map((parts) => parts.join(''));
const list = (element: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string[]> => fc.array(element, { minLength: 1, maxLength });

function without(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

const optional = <Shape extends object>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }): fc.Arbitrary<object> => fc.record(shape).map((made) => without({ ...made }));

const departments = city.departments.map((department) => department.id);

/** Every field may be there. Typed loosely on purpose: tests check it against the schema first. */
export const anyEntry: fc.Arbitrary<object> = optional({
  id, module: some(['duties', 'desk', 'faq', 'terms', 'guides']), question: text(2, 80), wordings: fc.array(text(2, 80), { maxLength: 4 }), answer: text(10, 900), voice: text(5, 160),
  links: maybe(fc.array(fc.record({ title: text(2, 60), url }), { minLength: 1, maxLength: 3 })), card: maybe(fc.record({ title: text(2, 40), text: text(2, 200) })),
  conditions: maybe(fc.oneof(fc.record({ who: text(1, 120) }), fc.record({ where: text(1, 120) }), fc.record({ who: text(1, 120), where: text(1, 120) }))),
  steps: maybe(list(text(2, 200), 12)), materials: maybe(list(text(2, 120), 20)), fees: maybe(text(1, 200)), hours: maybe(text(1, 120)),
  places: maybe(fc.array(optional({ name: text(2, 60), address: maybe(text(1, 120)), phone: maybe(some(['12345', '0769-22222222', '400-812-3123'])), hours: maybe(text(1, 80)) }), { minLength: 1, maxLength: 4 })),
  department: some(departments), alsoDepartments: maybe(list(some(departments), 3)), owner: maybe(fc.stringMatching(/^[a-z]{3,10}$/)),
  source: optional({ title: text(2, 120), article: maybe(text(1, 60)), url: maybe(url) }), effectiveFrom: fc.constant('1990-01-01'), expiresOn: maybe(day), reviewOn: maybe(day),
  towns: maybe(list(some(city.towns.map((town) => town.id)), 4)), item: maybe(some(city.items.map(({ code }) => code))), audience: maybe(some(['public', 'desk'])),
  related: maybe(list(id, 3)), keywords: maybe(list(text(1, 20), 5)),
  en: maybe(optional({ question: text(2, 160), wordings: fc.array(text(2, 160), { maxLength: 3 }), answer: text(10, 1500), voice: maybe(text(5, 320)) })),
});
