import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardCell, unguardCell } from '../../../src/knowledge/files/csv.ts';
import { readHeader } from '../../../src/knowledge/files/columns.ts';
import { FILE_LIMITS, UPLOAD_LIMITS } from '../../../src/knowledge/files/limits.ts';
import { openFile } from '../../../src/knowledge/files/open.ts';
import { existingOf } from '../../../src/knowledge/files/plan.ts';
import { city, plan, planText } from './support.ts';

const HEADER = ['模块', '标准问法', '其他问法', '答案', '口播', '承办单位', '来源', '生效日期'];
const ROW = ['常见问题', '路灯坏了找谁', '路灯不亮；街灯坏了', '请提供路灯的位置，由城管局维修。', '请告诉我路灯的位置。', '城管局', '《城市照明管理规定》', '2010-07-01'];
const line = (cells: readonly string[], delimiter = ','): string => cells.map((cell) => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter);

/** The text in GB18030 for the characters used here, from the decoder itself: Node has no encoder for it. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030');
  const bytes = new Map<string, readonly number[]>();
  for (let high = 0x81; high <= 0xfe; high += 1) for (let low = 0x40; low <= 0xfe; low += 1) if (low !== 0x7f) bytes.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
  return Buffer.from([...text].flatMap((char) => (char.charCodeAt(0) < 0x80 ? [char.charCodeAt(0)] : (bytes.get(char) ?? []))));
}

describe('CSV', () => {
  it.each([
    ['UTF-8', Buffer.from(`${line(HEADER)}\n${line(ROW)}`), 'utf-8', ','],
    ['UTF-8 with its mark, as Excel writes it', Buffer.from(`\ufeff${line(HEADER)}\r\n${line(ROW)}\r\n`), 'utf-8', ','],
    ['GB18030', gb18030(`${line(HEADER)}\r\n${line(ROW)}\r\n`), 'gb18030', ','],
    ['UTF-16, Excel\'s “Unicode text”', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${line(HEADER, '\t')}\r\n${line(ROW, '\t')}\r\n`, 'utf16le')]), 'utf-16le', '\t'],
    ['semicolons', Buffer.from(`${line(HEADER, ';')}\n${line(ROW, ';')}`), 'utf-8', ';'],
    ['tabs', Buffer.from(`${line(HEADER, '\t')}\n${line(ROW, '\t')}`), 'utf-8', '\t'],
  ])('is read in %s', async (_name, bytes, encoding, delimiter) => {
    const { facts } = await openFile({ name: 'a.csv', bytes }, FILE_LIMITS);
    expect(facts).toMatchObject({ format: 'csv', encoding, delimiter, ignored: [] });
    const [row, ...more] = await plan('a.csv', bytes);
    expect(more).toEqual([]);
    expect(row?.report).toMatchObject({ row: 1, line: 2, status: 'new', faults: [] });
    expect(row?.entry).toMatchObject({ module: 'faq', question: '路灯坏了找谁', wordings: ['路灯不亮', '街灯坏了'], department: 'city-management', effectiveFrom: '2010-07-01' });
  });

  it('finds the header below a title, in other words, with stars and remarks; says which columns it did not read', async () => {
    const header = ['模块*', '标准问题（必填）', '相似问', '标准答案', '语音答案', '主办单位', '依据', '生效时间', '浏览次数', '答案'];
    const text = ['城市知识库导出,,', '', line(header), line([...ROW, '17', '第二个答案'])].join('\n');
    const opened = await openFile({ name: 'a.csv', bytes: Buffer.from(text) }, FILE_LIMITS);
    expect(opened.facts.ignored).toEqual(['浏览次数', '答案']);
    expect((await planText('a.csv', text))[0]).toMatchObject({ report: { row: 1, line: 4, status: 'new' }, entry: { answer: '请提供路灯的位置，由城管局维修。' } });
  });

  it('knows the keys and English headers too', () => {
    expect(readHeader(['module', 'Question', 'Other wordings', 'Answer', 'Voice', 'Department', 'Source', 'Effective date'])?.places).toEqual(['module', 'question', 'wordings', 'answer', 'voice', 'department', 'sourceTitle', 'effectiveFrom']);
    expect(readHeader(['甲', '乙', '标准问法'])).toBeNull();
  });

  it('tells lines as an editor counts them: line breaks in cells and empty lines count', async () => {
    const text = [line(HEADER), line(ROW.with(3, '第一段说明。\n第二段说明。')), '', ',,,', line(ROW.with(1, '另一个问题怎么办').with(7, '明天'))].join('\r\n');
    expect((await planText('a.csv', text)).map(({ report }) => [report.row, report.line, report.status])).toEqual([[1, 2, 'new'], [2, 6, 'refused']]);
  });

  it('refuses what is no table with words for it', async () => {
    const refusal = async (bytes: Buffer, name = 'a.csv', limits = FILE_LIMITS) => plan(name, bytes, existingOf([]), limits).then(() => null, (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error));
    expect(await refusal(Buffer.from('甲,乙\n1,2'))).toBe('knowledge.no_header');
    expect(await refusal(Buffer.from([0x81, 0x20, 0xff, 0xff]))).toBe('knowledge.bad_encoding');
    expect(await refusal(Buffer.from(`${line(HEADER)}\n常见问题,"没有成对的引号,\n`))).toBe('knowledge.bad_csv');
    expect(await refusal(Buffer.alloc(0))).toBe('knowledge.empty_file');
    expect(await refusal(Buffer.alloc(UPLOAD_LIMITS.fileBytes + 1, 0x61), 'a.csv', UPLOAD_LIMITS)).toBe('knowledge.file_too_large');
    expect(await refusal(Buffer.from([line(HEADER), line(ROW), line(ROW.with(1, '另一个问题怎么办'))].join('\n')), 'a.csv', { ...FILE_LIMITS, rows: 1 })).toBe('knowledge.file_too_large');
    expect(await refusal(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0]), 'a.xls')).toBe('knowledge.old_excel');
    expect(await refusal(Buffer.from('[\n{}\n]'), 'a.jsonl')).toBe('knowledge.not_jsonl');
  });

  it('keeps what looks like a formula a text, and gives it back unchanged', () => {
    for (const text of ['=1+1', '+86', '-1', '@a', "'=1", '\t=1', '＝1']) expect(guardCell(text)).toBe(`'${text}`);
    for (const text of ['答案', "'引号", '1=1', '']) expect(guardCell(text)).toBe(text);
    fc.assert(fc.property(fc.array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '＝', 'a', '字', ' '), { maxLength: 6 }), (chars) => {
      const text = chars.join('');
      expect(unguardCell(guardCell(text))).toBe(text);
      expect(guardCell(text)).not.toMatch(/^[=+\-@＝＋－＠\t\r]/);
    }));
  });
});

describe('JSONL', () => {
  const entry = city.knowledge[0];
  it('has an entry a line; a broken, a strange and an overlong line are faults of that line', async () => {
    const text = ['', JSON.stringify(entry), '{"id": ', '[1]', `{"a":"${'x'.repeat(FILE_LIMITS.recordChars)}"}`, JSON.stringify({ ...entry, id: 'a.other', surprise: 1 })].join('\n');
    expect((await planText('a.jsonl', text)).map(({ report: { line: at, status, faults } }) => [at, status, faults[0]?.rule ?? null])).toEqual([
      [2, 'new', null], [3, 'refused', 'not_json'], [4, 'refused', 'not_an_object'], [5, 'refused', 'row_too_long'], [6, 'refused', 'unknown_field'],
    ]);
  });

  it('never crashes on any lines', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string(), fc.constant('{"__proto__":{"id":"a.b"},"source":{"title":1}}')), { minLength: 1, maxLength: 5 }), async (lines) => {
      const rows = await planText('a.jsonl', lines.map((text) => text.replaceAll('\n', ' ')).join('\n')).catch((error: unknown) => error);
      if (Array.isArray(rows)) for (const row of rows) expect(row).toMatchObject({ report: { status: 'refused' } });
      else expect(rows).toMatchObject({ code: expect.stringMatching(/^knowledge\./) });
    }), { numRuns: 200 });
  });
});
