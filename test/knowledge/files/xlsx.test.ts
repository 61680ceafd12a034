import { deflateRawSync } from 'node:zlib';
import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { FILE_LIMITS, type FileLimits } from '../../../src/knowledge/files/limits.ts';
import { openFile } from '../../../src/knowledge/files/open.ts';
import { existingOf } from '../../../src/knowledge/files/plan.ts';
import { aKnowledgeEntry } from '../../factories/index.ts';
import { plan, written } from './support.ts';

const HEADER = ['模块', '标准问法', '其他问法', '答案', '口播', '承办单位', '来源', '生效日期', '费用', '失效日期'];
const ROW = ['常见问题', '路灯坏了找谁', '路灯不亮；街灯坏了', '请提供路灯的位置，由城管局维修。', '请告诉我路灯的位置。', '城管局', '《城市照明管理规定》', '2010-07-01'];

async function book(fill: (book: exceljs.Workbook) => void): Promise<Buffer> {
  const made = new exceljs.Workbook();
  fill(made);
  return Buffer.from(await made.xlsx.writeBuffer());
}

const sheetOf = (rows: readonly (readonly exceljs.CellValue[])[]): Promise<Buffer> => book((made) => made.addWorksheet('知识').addRows(rows.map((row) => [...row])));
const refusal = (bytes: Buffer, limits: FileLimits = FILE_LIMITS) => plan('a.xlsx', bytes, existingOf([]), limits).then(() => null, (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error));

describe('XLSX', () => {
  it('reads dates as dates, serial numbers and text; numbers, rich text, results of formulas, links', async () => {
    const bytes = await sheetOf([
      HEADER,
      [...ROW.with(1, '日期是日期吗'), 5, new Date(Date.UTC(2030, 0, 31))],
      [...ROW.with(1, '日期是序号吗').slice(0, 7), 40360, { richText: [{ text: '工本费' }, { text: ' 20 元', font: { bold: true } }] }, '2030年1月31日'],
      [...ROW.with(1, '日期是文字吗').slice(0, 7), '2010/7/1', { formula: 'CONCATENATE("a","b")', result: '不收费' }, { text: '2030.1.31', hyperlink: 'https://example.org' }],
    ]);
    const rows = await plan('a.xlsx', bytes);
    expect(rows.map(({ report }) => [report.line, report.status, report.faults])).toEqual([[2, 'new', []], [3, 'new', []], [4, 'new', []]]);
    expect(rows.map(({ entry }) => [entry?.effectiveFrom, entry?.fees, entry?.expiresOn])).toEqual([['2010-07-01', '5', '2030-01-31'], ['2010-07-01', '工本费 20 元', '2030-01-31'], ['2010-07-01', '不收费', '2030-01-31']]);
  });

  it('takes the first visible sheet with a header, below a title, and leaves empty rows out', async () => {
    const bytes = await book((made) => {
      made.addWorksheet('说明').addRows([['怎么填写'], ['标准问法要写完整']]);
      made.addWorksheet('旧的', { state: 'hidden' }).addRows([HEADER, ROW.with(1, '隐藏的问题')]);
      made.addWorksheet('知识').addRows([['某市知识库'], [], HEADER, ROW, [], ['  '], ROW.with(1, '垃圾没人收找谁')]);
      made.addWorksheet('后面的').addRows([HEADER, ROW.with(1, '后面的问题')]);
    });
    expect((await openFile({ name: 'a.xlsx', bytes }, FILE_LIMITS)).facts).toMatchObject({ format: 'xlsx', sheet: '知识' });
    expect((await plan('a.xlsx', bytes)).map(({ report, entry }) => [report.row, report.line, entry?.question])).toEqual([[1, 4, '路灯坏了找谁'], [2, 7, '垃圾没人收找谁']]);
  });

  it('refuses a row with an error value or an overlong cell, and says where', async () => {
    const rows = await plan('a.xlsx', await sheetOf([HEADER, ROW.map((cell, index) => (index === 3 ? { error: '#N/A' } : cell)), ROW.with(3, '长'.repeat(2_000))]));
    expect(rows.map(({ report }) => [report.line, report.faults])).toEqual([[2, [{ field: 'answer', rule: 'cell_error' }]], [3, [{ field: 'answer', rule: 'too_long', value: '最多 900' }]]]);
  });

  it('loses no character on the seams of a large sheet, neither in nor out', async () => {
    const rows = Array.from({ length: 600 }, (_unused, index) => ROW.with(1, `第${index}个路灯坏了找谁`).with(3, `${'居住证签注'.repeat(40)}${index}`));
    const read = await plan('a.xlsx', await sheetOf([HEADER, ...rows]));
    const wrong = (planned: typeof read, answers: readonly (string | undefined)[]): readonly number[] => planned.flatMap(({ entry }, index) => (entry?.answer === answers[index] ? [] : [index]));
    expect([read.length, wrong(read, rows.map((row) => row[3]))]).toEqual([600, []]);
    // Characters of two units: those the library's own writer of whole books tears apart, ours not.
    const entries = Array.from({ length: 600 }, (_unused, index) => aKnowledgeEntry({ id: `a.n${index}`, question: `第${index}个问题`, answer: `${'𠮷😀居'.repeat(60)}${index}` }));
    expect(wrong(await plan('a.xlsx', await written('xlsx', entries)), entries.map(({ answer }) => answer))).toEqual([]);
  });
});

/* ---- archives that mean harm --------------------------------------------------------------------------------------- */

interface Part {
  readonly name: string;
  readonly content: Buffer;
  /** What the directory says of its size; the truth unless told. */
  readonly claimed?: number;
  readonly method?: number;
  readonly flags?: number;
}

function zip(parts: readonly Part[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, claimed = content.length, method = 8, flags = 0 } of parts) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(claimed, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(claimed, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    locals.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, list, end]);
}

const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const cell = (ref: string, text: string): string => `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`;
const rowXml = (line: number, cells: readonly string[]): string => `<row r="${line}">${cells.map((text, index) => cell(`${String.fromCharCode(65 + index)}${line}`, text)).join('')}</row>`;
const SHEET = `<worksheet xmlns="${MAIN}"><sheetData>${rowXml(1, HEADER.slice(0, 8))}${rowXml(2, ROW)}</sheetData></worksheet>`;
const parts = (sheet: Partial<Part> = {}, more: readonly Part[] = []): readonly Part[] => [
  { name: 'xl/worksheets/sheet1.xml', content: Buffer.from(SHEET), ...sheet },
  { name: 'xl/workbook.xml', content: Buffer.from(`<workbook xmlns="${MAIN}" xmlns:r="${REL}"><sheets><sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>`) },
  { name: 'xl/_rels/workbook.xml.rels', content: Buffer.from(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`) },
  ...more,
];

describe('an XLSX file is an archive from a stranger', () => {
  it('is read whatever the order of its parts, without a table of strings, stored or packed', async () => {
    for (const method of [0, 8]) expect((await plan('a.xlsx', zip(parts({ method })))).map(({ report }) => report.status)).toEqual(['new']);
  });

  it('unpacks no more than it may', async () => {
    const bomb = Buffer.alloc(20_000_000, 0x20);
    const limits = { ...FILE_LIMITS, sheetBytes: 1_000_000, stringsBytes: 1_000_000 };
    expect(await refusal(zip(parts({ content: bomb })), limits)).toBe('knowledge.file_too_large');
    expect(await refusal(zip(parts({}, [{ name: 'xl/sharedStrings.xml', content: bomb }])), limits)).toBe('knowledge.file_too_large');
    expect(await refusal(zip(parts({}, [2, 3, 4].map((number) => ({ name: `xl/worksheets/sheet${number}.xml`, content: bomb.subarray(0, 900_000) })))), limits)).toBe('knowledge.file_too_large');
    expect(await refusal(zip(parts({}, Array.from({ length: 5_001 }, (_unused, index) => ({ name: `x${index}`, content: Buffer.alloc(0) })))))).toBe('knowledge.file_too_large');
    // What is not read may be large: pictures are.
    expect((await plan('a.xlsx', zip(parts({}, [{ name: 'xl/media/a.png', content: bomb }])), existingOf([]), limits)).map(({ report }) => report.status)).toEqual(['new']);
  });

  it('believes no size that is not so', async () => {
    for (const claimed of [10, SHEET.length + 5_000]) for (const method of [0, 8]) expect(await refusal(zip(parts({ claimed, method })))).toBe('knowledge.bad_xlsx');
  });

  it('gives up on what is broken, and does not wait for an end that never comes', async () => {
    const good = zip(parts());
    for (const cut of [3, 60, good.length - 30, good.length - 1]) expect(await refusal(good.subarray(0, cut))).toBe('knowledge.bad_xlsx');
    const scratched = Buffer.from(good);
    scratched.fill(0xff, 80, 120);
    expect(await refusal(scratched)).toBe('knowledge.bad_xlsx');
    for (const part of [{ flags: 1 }, { method: 12 }, { content: Buffer.from('<worksheet><sheetData><row r="1"><c r=') }, { content: Buffer.from('not xml at all & so on') }]) expect(await refusal(zip(parts(part)))).toMatch(/^knowledge\.(?:bad_xlsx|no_header)$/);
    expect(await refusal(zip(parts().slice(0, 1)))).toBe('knowledge.bad_xlsx');
  });

  it('has readings above its characters that are not its text', async () => {
    const shared = HEADER.slice(0, 8).concat(ROW).map((text) => `<si><t>${text}</t><rPh sb="0" eb="1"><t>pīnyīn -- 拼音</t></rPh><phoneticPr fontId="1"/></si>`).join('');
    const row = (line: number, first: number): string => `<row r="${line}">${ROW.map((_text, index) => `<c r="${String.fromCharCode(65 + index)}${line}" t="s"><v>${first + index}</v></c>`).join('')}</row>`;
    const bytes = zip(parts({ content: Buffer.from(`<worksheet xmlns="${MAIN}"><sheetData>${row(1, 0)}${row(2, 8)}</sheetData></worksheet>`) }, [{ name: 'xl/sharedStrings.xml', content: Buffer.from(`<sst xmlns="${MAIN}">${shared}<si><t>${'长'.repeat(60_000)}</t></si></sst>`) }]));
    expect((await plan('a.xlsx', bytes))[0]).toMatchObject({ report: { status: 'new' }, entry: { question: '路灯坏了找谁', voice: '请告诉我路灯的位置。' } });
  });

  it('expands no entities', async () => {
    const lol = `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(100)}"><!ENTITY b "${'&a;'.repeat(100)}">]>`;
    expect(await refusal(zip(parts({ content: Buffer.from(lol + SHEET.replace('路灯坏了找谁', '&b;')) })))).toBe('knowledge.bad_xlsx');
  });
});
