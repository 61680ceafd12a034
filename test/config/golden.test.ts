import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadGolden } from '../../src/config/golden.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'yihu-golden-'));
  mkdirSync(join(root, 'config'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(join(root, 'config', 'knowledge-golden.yaml'), text);

describe('the evaluation set', () => {
  it('reads questions with their entries, and those that must not be answered', () => {
    write("questions:\n  - { q: 居住证怎么办, entry: residence.apply }\n  - { q: 今天股票会涨吗, entry: null }\n");
    expect(loadGolden(root)).toEqual([{ q: '居住证怎么办', entry: 'residence.apply' }, { q: '今天股票会涨吗', entry: null }]);
  });

  it('is empty when a city has none', () => {
    expect(loadGolden(root)).toEqual([]);
  });

  it('names the place of what is wrong, and a question that stands twice', () => {
    write('questions:\n  - { q: 居住证怎么办 }\n');
    expect(() => loadGolden(root)).toThrow(/config\/knowledge-golden\.yaml:2:/);
    write("questions:\n  - { q: 居住证怎么办, entry: a.b }\n  - { q: 居住证怎么办, entry: null }\n");
    expect(() => loadGolden(root)).toThrow(/knowledge-golden\.yaml:3:.*stands twice/);
  });
});
