import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/reports/document.ts';
import { fileName, writeFileHere } from '../../src/reports/render/file.ts';

const AT = Date.parse('2026-11-02T08:00:00+08:00');
const ROWS = 120;

/** Long enough to go over pages, with every kind of cell, and with what trips files up. */
const REPORT: Report = {
  format: 1, title: '2026年10月热线运行月报', kind: 'month', period: { key: '2026-10', label: '2026年10月', from: AT - 32, to: AT - 1 }, previous: { label: '2026年9月', from: 0, to: 1 }, scope: { kind: 'city', id: null, name: '全市' },
  madeAt: AT, until: AT, whole: true, basis: ['统计时段：十月'], summary: ['全市热线登记工单 400 件。', '<script>alert(1)</script>'],
  sections: [
    {
      id: 'matters', title: '诉求分布与变化', text: ['各镇街如下。'], notes: ['说明一句'],
      figures: [
        { id: 'a', name: '登记工单', unit: 'count', value: 1203, previous: 1100, part: null, whole: null, movement: 'up', change: '比上月多 103 件', goal: null, goalMet: null, formula: '登记的工单数', source: '工单' },
        { id: 'b', name: '接通率', unit: 'share', value: 0.9525, previous: null, part: 381, whole: 400, movement: 'unknown', change: '与上月无法比较', goal: '≥95%', goalMet: true, formula: '接通 ÷ 呼入', source: '人工服务记录' },
        { id: 'c', name: '满意率', unit: 'share', value: null, previous: null, part: null, whole: null, movement: 'unknown', change: '与上月无法比较', goal: null, goalMet: null, formula: '满意 ÷ 评分', source: '工单' },
      ],
      charts: [
        { id: 'flow', title: '每日登记', kind: 'lines', unit: 'count', labels: ['10月1日', '10月2日', '10月3日'], series: [{ name: '登记', values: [3, null, 5] }, { name: '上月', values: [2, 2, 2] }], said: '共 8 件' },
        { id: 'bars', title: '渠道', kind: 'bars', unit: 'count', labels: ['电话', '网页'], series: [{ name: '件数', values: [9, 1] }], said: '电话 9 件' },
      ],
      tables: [{
        id: 'towns', title: '各镇街', note: '共 120 个',
        columns: [{ id: 'n', label: '名称', kind: 'text', width: 20 }, { id: 'c', label: '本期', kind: 'count', width: 8 }, { id: 's', label: '占比', kind: 'share', width: 8 }, { id: 'd', label: '增减', kind: 'signed-share', width: 8 }, { id: 't', label: '时间', kind: 'time', width: 16 }, { id: 'k', label: '工单', kind: 'ticket', width: 16 }],
        rows: Array.from({ length: ROWS }, (_none, at) => [at === 0 ? '=1+1_x000D_' : `镇街${at}`, at, at / ROWS, at === 1 ? null : -0.031, AT, `id-${at} 2026100100${at}`]),
      }],
      topics: [{ title: '丽景花园：搅拌站', place: '丽景花园', words: ['搅拌站'], count: 12, closeness: 0.8, firstAt: AT, lastAt: AT, towns: [{ id: 'a', name: '东城', count: 12 }], departments: [], items: [], trend: [1, 2, 9], said: '集中在10月3日', voices: [{ ticketId: 't', number: '20261001', at: AT, town: '东城', text: '搅拌站半夜轰鸣' }], tickets: [{ id: 't', number: '20261001', title: '搅拌站扰民' }] }],
    },
  ],
};

describe('files of a report', () => {
  it('are named after kind and period', () => {
    expect(fileName(REPORT, 'pdf')).toBe('月报-2026-10.pdf');
    expect(fileName({ ...REPORT, kind: 'special', period: { ...REPORT.period, key: '2026-10-01..2026-10-09' }, scope: { kind: 'storm', id: 's', name: '小区/停电 “大面积”' } }, 'xlsx')).toBe('专报-小区停电大面积-2026-10-01至2026-10-09.xlsx');
  });

  it('as Excel hold numbers as numbers, with their formats, and never a formula', async () => {
    const book = new exceljs.Workbook();
    const bytes = await writeFileHere(REPORT, 'xlsx');
    await book.xlsx.load(Uint8Array.from(bytes).buffer);
    expect(book.worksheets.map(({ name }) => name)).toEqual(['概要', '指标', '镇街', '趋势与分布', '热点话题', '话题工单']);
    const towns = book.getWorksheet('镇街');
    const row = towns?.getRow(4);
    expect([row?.getCell(2).value, row?.getCell(3).value, row?.getCell(3).numFmt, row?.getCell(6).value]).toEqual([2, 2 / ROWS, '0.0%', '20261001002']);
    expect(row?.getCell(5).value).toEqual(new Date('2026-11-02T08:00:00Z'));
    expect(towns?.getRow(3).getCell(4).value).toBeNull();
    expect(towns?.getRow(2).getCell(1).type).toBe(exceljs.ValueType.String);
    expect(towns?.getRow(2).getCell(1).value).toBe('=1+1_x000D_');
    expect(towns?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    const figures = book.getWorksheet('指标');
    expect(figures?.getRow(3).values).toContain(0.9525);
    expect(figures?.getRow(4).getCell(3).value).toBe('暂无数据');
  });

  it('as a web page carry no script', async () => {
    const html = (await writeFileHere(REPORT, 'html')).toString();
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).not.toContain('<script');
    expect(html.match(/<svg role="img"/g)?.length).toBe(2);
  });

  it('as JSON are the document', async () => {
    expect(JSON.parse((await writeFileHere(REPORT, 'json')).toString())).toEqual(REPORT);
  });

  const pdftotext = ((): boolean => {
    try {
      execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();

  it('as PDF have numbered A4 pages, embedded fonts and a map back to text', async () => {
    const bytes = await writeFileHere(REPORT, 'pdf');
    const plain = bytes.toString('latin1');
    expect(plain.startsWith('%PDF-1.')).toBe(true);
    const pages = plain.match(/\/Type \/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(3);
    expect(plain).toContain('/MediaBox [0 0 595.28 841.89]');
    expect(plain).toMatch(/FontFile3/);
    // The fonts are cut to what is used: two whole ones would be 8 MB.
    expect(bytes.length).toBeLessThan(600_000);
    const streams = [...plain.matchAll(/stream\n([\s\S]*?)\nendstream/g)].flatMap(([, stream = '']) => {
      try {
        return [inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')];
      } catch {
        return [];
      }
    });
    // 报 is U+62A5: in the map that readers and searches use.
    expect(streams.some((stream) => stream.includes('beginbfrange') && /62a5/i.test(stream))).toBe(true);
  });

  it.runIf(pdftotext)('as PDF can be read by pdftotext, each page with its table head', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-pdf-'));
    try {
      writeFileSync(join(folder, 'report.pdf'), await writeFileHere(REPORT, 'pdf'));
      const text = execFileSync('pdftotext', ['-layout', join(folder, 'report.pdf'), '-'], { encoding: 'utf8' });
      const pages = text.split('\f').filter((page) => page.trim() !== '');
      expect(text).toContain('2026年10月热线运行月报');
      expect(text).toContain('搅拌站半夜轰鸣');
      expect(text).toContain(`镇街${ROWS - 1}`);
      for (const [at, page] of pages.entries()) expect(page).toContain(`第 ${at + 1} 页，共 ${pages.length} 页`);
      const withRows = pages.filter((page) => /镇街\d/.test(page));
      expect(withRows.length).toBeGreaterThan(1);
      for (const page of withRows) expect(page).toMatch(/名称\s+本期\s+占比/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
