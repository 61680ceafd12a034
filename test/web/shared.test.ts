import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../src/web/shared/backoff.ts';
import { dayHeading, fileSize, listTime, waited } from '../../src/web/shared/format.ts';
import { arrayOf, isNumber, isString, keepValid, nullable, object, oneOf, optional, parseJson } from '../../src/web/shared/guards.ts';
import { linkify, safeAction, safeHref } from '../../src/web/shared/linkify.ts';
import { inkOn, readConfig } from '../../src/web/widget/config.ts';
import { checkFile, MAX_FILE_BYTES } from '../../src/web/widget/files.ts';

describe('linkify', () => {
  it('finds addresses in Chinese prose and leaves its punctuation outside', () => {
    expect(linkify('请访问https://gov.example/a?b=1，或（http://x.example/y）。')).toEqual([
      { text: '请访问' },
      { text: 'https://gov.example/a?b=1', href: 'https://gov.example/a?b=1' },
      { text: '，或（' },
      { text: 'http://x.example/y', href: 'http://x.example/y' },
      { text: '）。' },
    ]);
    expect(linkify('see https://x.example/wiki/Foo_(bar). Next')[1]?.text).toBe('https://x.example/wiki/Foo_(bar)');
    expect(linkify('javascript:alert(1) ftp://x data:text/html,1')).toHaveLength(1);
    expect(linkify('')).toEqual([]);
  });

  it('loses no character and never links anything but http(s)', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('https://a.example/', 'http://', 'javascript:x', '。', ')', '(', ' '))), (parts) => {
        const text = parts.join('');
        const pieces = linkify(text);
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
        for (const { href } of pieces) if (href !== undefined) expect(href).toMatch(/^https?:\/\//);
      }),
    );
  });

  it('lets buttons dial and write, and nothing else', () => {
    expect(safeAction('tel:110')).toBe('tel:110');
    expect(safeAction('mailto:a@b.example')).toBe('mailto:a@b.example');
    for (const bad of ['javascript:alert(1)', 'JAVASCRIPT:x', 'data:text/html,x', 'vbscript:x', 'tel:1;alert', ' \tjavascript:x', '//', 'blob:x']) expect(safeAction(bad)).toBeNull();
    expect(safeHref('/m/1', 'https://city.example/')).toBe('https://city.example/m/1');
  });
});

describe('formatters', () => {
  it('tell how long somebody waits', () => {
    expect([-5, 0, 59_999, 60_000, 185_000, 3_599_000, 3_720_000, 90_000_000].map((ms) => waited(ms))).toEqual(['0秒', '0秒', '59秒', '1分00秒', '3分05秒', '59分59秒', '1小时02分', '1天1小时']);
    expect([45_000, 185_000, 3_720_000, 90_000_000].map((ms) => waited(ms, 'en'))).toEqual(['45 s', '3 min 05 s', '1 h 02 min', '1 d 1 h']);
  });

  it('name days as people do', () => {
    // 09:05 in Shanghai, whatever the zone of the machine.
    const now = Date.UTC(2026, 10, 22, 1, 5);
    const day = (years: number, months: number, days: number): number => Date.UTC(years, months, days, 15, 59);
    expect([day(2026, 10, 22), day(2026, 10, 21), day(2026, 10, 20), day(2025, 11, 31)].map((at) => dayHeading(at, now, 'zh-CN'))).toEqual(['今天', '昨天', '11月20日', '2025年12月31日']);
    expect(dayHeading(day(2026, 10, 1), now, 'en')).toBe('2026-11-01');
    expect([listTime(now, now), listTime(day(2026, 10, 2), now)]).toEqual(['09:05', '11-02']);
    const newYear = Date.UTC(2026, 11, 31, 16, 1);
    expect(dayHeading(day(2026, 11, 31), newYear, 'zh-CN')).toBe('昨天');
  });

  it('give sizes', () => {
    expect([0, 1023, 1024, 10 * 1024 * 1024].map(fileSize)).toEqual(['0 B', '1023 B', '1 KB', '10.0 MB']);
  });
});

describe('backoff', () => {
  it('grows to its cap, never below half of it, and starts again after a success', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (random) => {
        const backoff = createBackoff({ baseMs: 1000, capMs: 30_000, random: () => random });
        const waits = Array.from({ length: 40 }, () => backoff.next());
        waits.forEach((wait, attempt) => {
          const ceiling = Math.min(30_000, 1000 * 2 ** attempt);
          expect(wait).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
          expect(wait).toBeLessThanOrEqual(ceiling);
        });
        backoff.reset();
        expect(backoff.next()).toBeLessThanOrEqual(1000);
      }),
    );
  });
});

describe('guards', () => {
  const guard = object({ id: isString, at: nullable(isNumber), kind: optional(oneOf('a', 'b')), tags: arrayOf(isString) });

  it('accept what fits, with fields they do not know, and nothing else', () => {
    expect(guard({ id: 'x', at: null, tags: [], more: 1 })).toBe(true);
    for (const bad of [null, [], 'x', {}, { id: 1, at: null, tags: [] }, { id: 'x', tags: [] }, { id: 'x', at: Number.NaN, tags: [] }, { id: 'x', at: 1, kind: 'c', tags: [] }, { id: 'x', at: 1, tags: [1] }]) expect(guard(bad)).toBe(false);
  });

  it('keep the valid ones of a list, and read JSON without throwing', () => {
    expect(keepValid([1, 'a', null, 'b'], isString)).toEqual(['a', 'b']);
    expect(parseJson('{')).toBeUndefined();
    expect(parseJson('[1]')).toEqual([1]);
  });
});

describe('script tag settings', () => {
  const read = (data: Record<string, string>, script = 'https://hotline.example/widget.js') => readConfig(data, script, 'https://city.example/page/index.html');

  it('default to where the script came from', () => {
    expect(read({})).toEqual({ endpoint: 'https://hotline.example', lang: 'zh-CN', title: null, color: null, open: false });
    expect(read({}, 'https://hotline.example/yihu/widget.js?v=2').endpoint).toBe('https://hotline.example/yihu');
    expect(read({}, '').endpoint).toBe('https://city.example/page');
  });

  it('are taken, and a malformed one falls back', () => {
    expect(read({ endpoint: 'https://api.example/x/', lang: 'EN-us', title: ' 客服 ', color: '#0A5', open: '' })).toEqual({ endpoint: 'https://api.example/x', lang: 'en', title: '客服', color: '#00aa55', open: true });
    expect(read({ endpoint: 'javascript:alert(1)', color: 'red;}', open: 'false', title: ' ' })).toEqual({ endpoint: 'https://city.example', lang: 'zh-CN', title: null, color: null, open: false });
  });

  it('choose an ink that can be read on the colour', () => {
    expect([inkOn('#1a5fb4'), inkOn('#000000'), inkOn('#ffd76b'), inkOn('#ffffff')]).toEqual(['#ffffff', '#ffffff', '#111111', '#111111']);
  });
});

describe('files', () => {
  it('are checked before they are sent', () => {
    expect(checkFile({ type: 'image/png', size: 10 })).toBeNull();
    expect(checkFile({ type: 'image/svg+xml', size: 10 })).toBe('type');
    expect(checkFile({ type: '', size: 10 })).toBe('type');
    expect(checkFile({ type: 'application/pdf', size: MAX_FILE_BYTES + 1 })).toBe('size');
    expect(checkFile({ type: 'application/pdf', size: 0 })).toBe('size');
  });
});
