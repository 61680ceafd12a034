import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultsError, readYaml, yamlFiles } from '../../src/config/files.ts';

const Shape = Type.Object({ list: Type.Array(Type.Object({ 'a/b': Type.Integer(), name: Type.Optional(Type.String()) }, { additionalProperties: false })) }, { additionalProperties: false });

describe('reading YAML', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yihu-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, 'x.yaml'), text);
    return readYaml(folder, join(folder, 'x.yaml'), Shape);
  };

  it('gives the value, and places for checks that come later', () => {
    const file = read('# a comment\nlist:\n  - a/b: 1\n  - a/b: 2\n    name: 东城\n');
    expect(file.value).toEqual({ list: [{ 'a/b': 1 }, { 'a/b': 2, name: '东城' }] });
    expect(file.fault('/list/1/name', 'm')).toEqual({ file: 'x.yaml', line: 5, column: 5, message: 'm' });
    expect(file.fault('/list/1/a~1b', 'm')).toMatchObject({ line: 4, column: 5 });
    expect(file.fault('/list/7/name', 'm')).toMatchObject({ line: 2 }); // the nearest thing that is there
    expect(file.fault('', 'm')).toMatchObject({ line: 2, column: 1 });
  });

  it('points at keys, in block and in flow style, through aliases and Windows line ends', () => {
    expect(read('list: [{ a/b: 1 }, { a/b: x }]').faults).toMatchObject([{ line: 1, column: 22 }]);
    expect(read('list:\r\n  - a/b: 1\r\n  - a/b: x\r\n').faults).toMatchObject([{ line: 3, column: 5 }]);
    expect(read('list:\n  - &one { a/b: x }\n  - *one\n').faults.map(({ line }) => line)).toEqual([2, 2]);
    expect(read('list:\n  - a/b: 1\n    nmae:\n      deep: 1\n').faults).toMatchObject([{ line: 3, column: 5, message: '/list/0 has the unknown key nmae' }]);
  });

  it('lists more faults than the checker would by itself', () => {
    expect(read(`list:\n${'  - a/b: x\n'.repeat(40)}`).faults.map(({ line }) => line)).toEqual(Array.from({ length: 40 }, (_, index) => index + 2));
  });

  it('says all of it in one error that an editor can follow', () => {
    expect(faultsError(read('list: 7\n').faults)).toMatchObject({ code: 'config.invalid', message: expect.stringMatching(/^the data files have faults:\n {2}x\.yaml:1:1 \/list /) });
  });

  it('finds the files of a folder in a steady order, and none in a folder that is not there', () => {
    for (const name of ['b.yaml', 'a.yaml', 'c.yml', 'd.yaml.bak']) writeFileSync(join(folder, name), '');
    expect(yamlFiles(folder)).toEqual([join(folder, 'a.yaml'), join(folder, 'b.yaml')]);
    expect(yamlFiles(join(folder, 'nowhere'))).toEqual([]);
  });
});
