import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/files.ts';
import { keepParsed, readParsed } from '../../src/config/parsed.ts';

const Shape = Type.Object({ entries: Type.Array(Type.Object({ id: Type.String(), days: Type.Integer() }, { additionalProperties: false })) }, { additionalProperties: false });
const TEXT = 'entries:\n  - id: 甲\n    days: 3\n  - id: 乙\n    days: 5\n';
const VALUE = { entries: [{ id: '甲', days: 3 }, { id: '乙', days: 5 }] };

describe('files that the build has parsed', () => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'yihu-parsed-'));
    path = join(root, 'entries.yaml');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const folder = () => join(root, 'dist', 'server', 'parsed');
  const read = (text: string) => {
    writeFileSync(path, text);
    return readYaml(root, path, Shape);
  };

  it('are read instead of being parsed, and faults are still found where they stand', () => {
    keepParsed(root, TEXT);
    const [name = ''] = readdirSync(folder());
    // Another value under the same hash shows which of the two was read.
    writeFileSync(join(folder(), name), JSON.stringify({ entries: [{ id: '丙', days: 1 }] }));
    const file = read(TEXT);
    expect(file.value).toEqual({ entries: [{ id: '丙', days: 1 }] });
    expect(file.fault('/entries/1/days', 'too long')).toEqual({ file: 'entries.yaml', line: 5, column: 5, message: 'too long' });
  });

  it('are parsed when they were edited since', () => {
    keepParsed(root, TEXT);
    expect(readParsed(root, TEXT)).toEqual(VALUE);
    expect(read(TEXT).value).toEqual(VALUE);
    expect(read(TEXT.replace('3', '4')).value?.entries[0]?.days).toBe(4);
    expect(read(`${TEXT}  - id: 丁\n`).faults).toEqual([{ file: 'entries.yaml', line: 6, column: 5, message: expect.stringContaining('days') as unknown }]);
  });

  it('are parsed when what was kept is damaged, or fits the schema no more', () => {
    keepParsed(root, TEXT);
    const [name = ''] = readdirSync(folder());
    for (const damaged of ['', '{"entries":', '{"entries":[{"id":7}]}', 'null']) {
      writeFileSync(join(folder(), name), damaged);
      expect(read(TEXT).value).toEqual(VALUE);
    }
  });

  it('are not kept when they are broken, or say what JSON cannot', () => {
    mkdirSync(folder(), { recursive: true });
    for (const text of ['entries: [', 'days: .nan\n', 'days: .inf\n', 'a: *nothing\n', '']) keepParsed(root, text);
    expect(readParsed(root, 'entries: [')).toBeUndefined();
    expect(readParsed(root, 'days: .nan\n')).toBeUndefined();
    expect(readParsed(root, 'a: *nothing\n')).toBeUndefined();
  });
});
