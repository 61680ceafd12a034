import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCity } from '../../src/config/city.ts';
import { emptyForm, entryOf, faultsOf, formOf, sentencesIn } from '../../src/web/desk/views/knowledge/form.ts';

const city = loadCity(fileURLToPath(new URL('../..', import.meta.url)));

describe("the editor's form", () => {
  it('gives every entry of the demo city back as it was', () => {
    expect(city.knowledge.length).toBeGreaterThan(200);
    for (const entry of city.knowledge) expect(entryOf(formOf(entry))).toEqual(entry);
  });

  it('keeps every field there is', () => {
    const entry = {
      id: 'a.full', module: 'guides' as const, question: '问题', wordings: ['甲', '乙'], answer: '一\n二', voice: '说。', links: [{ title: '网页', url: 'https://example.com' }], card: { title: '卡片', text: '内容' }, conditions: { who: '居民', where: '全市' },
      steps: ['一', '二'], materials: ['身份证'], fees: '不收费', hours: '工作日', places: [{ name: '大厅', address: '一号', phone: '12345', hours: '九点' }], department: 'police', alsoDepartments: ['water'], owner: 'lin',
      source: { title: '办法', article: '第一条', url: 'https://example.com/a' }, effectiveFrom: '2026-01-01', expiresOn: '2027-01-01', reviewOn: '2026-06-01', towns: ['dongcheng'], item: 'x.y', audience: 'desk' as const, related: ['b.c'], keywords: ['词'],
      en: { question: 'Q', wordings: ['W'], answer: 'A', voice: 'V' },
    };
    expect(entryOf(formOf(entry))).toEqual(entry);
  });

  it('leaves empty boxes out and asks for no id', () => {
    expect(entryOf(emptyForm('2026-11-22'))).toEqual({ module: 'faq', question: '', wordings: [], answer: '', voice: '', department: '', source: { title: '' }, effectiveFrom: '2026-11-22' });
    const form = { ...emptyForm('2026-11-22'), keywords: '停水、 没水\n缺水', steps: '一\n\n 二 ', places: [{ name: '', address: '', phone: '', hours: '' }], links: [{ title: ' 网页 ', url: ' https://example.com ' }] };
    expect(entryOf(form)).toMatchObject({ keywords: ['停水', '没水', '缺水'], steps: ['一', '二'], links: [{ title: '网页', url: 'https://example.com' }] });
    expect(entryOf(form)).not.toHaveProperty('places');
  });

  it.each([['', 0], ['一句话', 1], ['一句。两句！三句？', 3], ['一；二。三。四', 4], ['Bring your ID. Call 12345.', 2]])('counts the sentences of %s', (text, count) => {
    expect(sentencesIn(text)).toBe(count);
  });

  it('puts faults at their fields', () => {
    const faults = [{ field: 'places.0.phone', text: 'a' }, { field: 'place', text: 'b' }, { field: 'places', text: 'c' }];
    expect(faultsOf(faults, 'places').map(({ text }) => text)).toEqual(['a', 'c']);
  });
});
