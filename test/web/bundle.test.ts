import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtPages, ROOT } from './support/site.ts';

describe('the built pages', () => {
  let folder: string;
  beforeAll(() => {
    folder = builtPages();
  });
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

  it('keep the widget within 20 KB gzipped, as one classic script without imports', () => {
    const script = read('widget.js');
    expect(gzipSync(script).length).toBeLessThanOrEqual(20 * 1024);
    expect(script).not.toMatch(/\bimport\s*[({'"`]|\bexport\s*[{*]/);
  });

  it('need neither eval nor inline scripts nor inline styles', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((name) => name.endsWith('.js'));
    expect(scripts.filter((name) => /\beval\s*\(|\bnew Function\b|insertAdjacentHTML|document\.write/.test(read(name)))).toEqual([]);
    const documents = files.filter((name) => name.endsWith('.html'));
    expect(documents.filter((name) => /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:/i.test(read(name)))).toEqual([]);
    expect(documents.filter((name) => !read(name).includes('charset="utf-8"'))).toEqual([]);
  });

  it('never make HTML out of text', () => {
    expect(/\.innerHTML|outerHTML/.test(read('widget.js'))).toBe(false);
    // The desk's framework has a door for it, which our sources must not use.
    const sources = readdirSync(join(ROOT, 'src/web'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.filter((name) => /innerHTML|outerHTML|insertAdjacentHTML|DOMParser/i.test(readFileSync(join(ROOT, 'src/web', name), 'utf8')))).toEqual([]);
  });

  it('say on the demo page that it is one, and embed the widget by one tag', () => {
    const page = read('index.html');
    expect(page).toContain('演示页面');
    expect(page.match(/<script[^>]*widget\.js[^>]*><\/script>/g)).toHaveLength(1);
  });

  it('put every hashed file under the one prefix that may be cached for ever', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|svg)$/.test(name) && name !== 'widget.js');
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(file).toMatch(/^desk\/assets\/[\w.-]+-[\w-]{8,}\.(js|css|svg)$/);
  });
});
