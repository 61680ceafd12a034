import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCity } from '../../../src/config/city.ts';
import { GIVEN_UP, givenUpAt } from '../../../src/domain/storm.ts';
import { loadStorm } from '../../../src/intake/storm/settings.ts';
import { isNearly, standardAnswer } from '../../../src/intake/storm/words.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The shipped file with some places changed; what is wrong with it. */
function faultsOf(...changes: readonly (readonly [from: string, to: string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-storm-'));
  try {
    mkdirSync(join(folder, 'config'));
    cpSync(join(ROOT, 'config', 'storm.yaml'), join(folder, 'config', 'storm.yaml'));
    const path = join(folder, 'config', 'storm.yaml');
    let text = readFileSync(path, 'utf8');
    for (const [from, to] of changes) {
      expect(text).toContain(from);
      text = text.replace(from, to);
    }
    writeFileSync(path, text);
    loadStorm(folder);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('config/storm.yaml', () => {
  it('gives up everything that can be given up, in the named order, and knows its items', () => {
    const { rules, groups, standardAnswers } = loadStorm(ROOT);
    expect(givenUpAt(rules, rules.levels.length)).toEqual(GIVEN_UP);
    const codes = new Set(loadCity(ROOT).items.map(({ code }) => code));
    for (const item of [...groups.areaItems, ...standardAnswers.flatMap(({ items = [] }) => items)]) expect(codes.has(item), item).toBe(true);
  });

  it('is refused with file, line and column: levels that do not rise, things given up twice, holes that nobody fills', () => {
    expect(faultsOf(['load: 5,', 'load: 3,'])).toMatch(/config\/storm\.yaml:\d+:\d+ load must be more than 3.5/);
    expect(faultsOf(['[rollups]', '[rollups, typing]'])).toMatch(/storm\.yaml:\d+:\d+ typing is given up already/);
    expect(faultsOf(['约是平时的{load}倍', '约是平时的{laod}倍'])).toMatch(/storm\.yaml:\d+:\d+ \{laod\} is not known here/);
    expect(faultsOf(["zh-CN: '已转{department}处理。'", "items: [a.b], zh-CN: '已转{department}处理。'"])).toMatch(/the last answer is for all items/);
    expect(faultsOf(['[typing]', '[emergencies]'])).toMatch(/storm\.yaml:\d+:\d+/);
    // Two faults, both told.
    expect(faultsOf(['from: 1,', 'from: 9,'], ['load: 6.5,', 'load: 4,']).match(/storm\.yaml:/g)).toHaveLength(2);
  });
});

describe('words of a storm', () => {
  it('answer an item by what is known of it, and everything else by where it lies', () => {
    const settings = loadStorm(ROOT);
    expect(standardAnswer(settings, 'utility.power.outage', 'zh-CN', '市供电局')).toBe('已转市供电局处理，停复电信息也可拨打 95598 查询。');
    expect(standardAnswer(settings, null, 'zh-HK', '承办单位')).toBe('已转承办单位处理。');
  });

  it('are heard when a message is hardly more than one of them', () => {
    expect(isNearly('不是这件事。', ['不是这件事'])).toBe(true);
    expect(isNearly('不是这件事，我说的是路灯坏了好几天没人管', ['不是这件事'])).toBe(false);
    expect(isNearly('Different matter!', ['different matter'])).toBe(true);
  });
});
