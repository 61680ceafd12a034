import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toMatchEntry } from '../../src/intake/knowledge.ts';
import { createLiveMatcher, openMatcher } from '../../src/matcher/index.ts';
import { indexMaker, keepSeed, matcherWords } from '../../src/wiring/knowledge.ts';
import { growFrom, readSeed, writeSeed } from '../../src/wiring/seed.ts';
import { createFakeClock } from '../fakes/clock.ts';
import { city as demo } from '../support/intake.ts';

const clock = createFakeClock();
const city = { ...demo, knowledge: demo.knowledge.slice(0, 80) };
const words = matcherWords(city);
const QUESTIONS = city.knowledge.flatMap((entry) => [entry.question, ...entry.wordings.slice(0, 1)]).slice(0, 60);
const entriesOf = (knowledge: typeof city.knowledge) => knowledge.map(toMatchEntry).toSorted((a, b) => (a.id < b.id ? -1 : 1));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-seed-'));
  path = join(folder, 'seed');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the seed of an index', () => {
  it('answers as an index that was built', () => {
    keepSeed(path, city, 'v1', clock.now());
    const entries = entriesOf(city.knowledge);
    const grown = indexMaker(words, 'v1', path).create(entries);
    const built = createLiveMatcher(entries, words);
    expect(grown.size).toBe(built.size);
    for (const question of QUESTIONS) expect(grown.match(question)).toEqual(built.match(question));
  });

  it('is brought to what holds now: changed, added and gone', () => {
    const entries = entriesOf(city.knowledge);
    const [first, second, ...rest] = entries;
    if (first === undefined || second === undefined) throw new Error('no entries');
    writeSeed(path, 'f', [first, ...rest], createLiveMatcher([first, ...rest], words).snapshot());
    const changed = { ...first, question: '宠物飞艇怎么登记', variants: [] };
    const now = [changed, second, ...rest.slice(1)];
    const seed = readSeed(path, 'f');
    if (seed === null) throw new Error('no seed');
    let opened = 0;
    const grown = growFrom(seed, now, (bytes) => {
      opened += 1;
      return openMatcher(bytes, words);
    });
    expect([opened, grown?.size, grown?.has(rest[0]?.id ?? ''), grown?.has(second.id)]).toEqual([1, now.length, false, true]);
    expect(grown?.match('宠物飞艇怎么登记').ranked[0]?.id).toBe(first.id);
    expect(grown?.match(second.question).ranked[0]?.id).toBe(second.id);
  });

  it('is left alone when it is of other words, mostly of another time, or broken', () => {
    keepSeed(path, city, 'v1', clock.now());
    const { fingerprint } = indexMaker(words, 'v1');
    const seed = readSeed(path, fingerprint);
    expect(seed).not.toBeNull();
    expect(readSeed(path, indexMaker(words, 'v2').fingerprint)).toBeNull();
    expect(readSeed(path, indexMaker({ ...words, words: [] }, 'v1').fingerprint)).toBeNull();
    expect(readSeed(join(folder, 'nothing'), fingerprint)).toBeNull();
    const entries = entriesOf(city.knowledge);
    if (seed !== null) expect(growFrom(seed, entries.slice(0, 30), (bytes) => openMatcher(bytes, words))).toBeNull();

    const bytes = readFileSync(path);
    bytes.fill(0, bytes.length - 2_000);
    writeFileSync(path, bytes);
    const maker = indexMaker(words, 'v1', path);
    expect(maker.create(entries).match(QUESTIONS[0] ?? '')).toEqual(createLiveMatcher(entries, words).match(QUESTIONS[0] ?? ''));
    writeFileSync(path, 'not a seed');
    expect(readSeed(path, fingerprint)).toBeNull();
  });
});
