import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKbEval } from '../../src/cli/kb-eval.ts';
import { runKbTrain } from '../../src/cli/kb-train.ts';
import { listenToCommands } from './told.ts';

let folder = '';
const told = listenToCommands();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-kb-train-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const THINGS = ['居住证', '护照', '驾驶证', '社保卡'];
const ACTS = ['补办', '注销', '延期'];

function base(name: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  const entries = THINGS.flatMap((thing) => ACTS.map((act) => ({ id: `${thing}${act}`, question: `${thing}${act}`, variants: [`${act}${thing}`], answer: `${thing}到窗口${act}。` })));
  writeFileSync(join(place, 'entries.jsonl'), entries.map((entry) => JSON.stringify(entry)).join('\n'));
  writeFileSync(join(place, 'queries.jsonl'), entries.map(({ id }, at) => JSON.stringify({ id: `q${at}`, query: `我要把${id}一下`, entryIds: [id] })).join('\n'));
  return place;
}

describe('yihu kb train', () => {
  it('learns, tells cross-validated figures, and writes a model that kb eval takes', async () => {
    const place = base('one');
    const [first, second, out] = [join(folder, 'm1.json'), join(folder, 'm2.json'), join(folder, 'out.jsonl')];
    const order = ['--data', place, '--folds', '2', '--iterations', '5', '--json', '--out'];
    expect(await runKbTrain([...order, first])).toBe(0);
    expect(JSON.parse(told.out)).toMatchObject({ ok: true, figures: [{ questions: 12 }] });
    expect(await runKbTrain([...order, second])).toBe(0);
    expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
    expect(await runKbEval(['--entries', join(place, 'entries.jsonl'), '--queries', join(place, 'queries.jsonl'), '--model', first, '--out', out])).toBe(0);
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(12);
  });

  it('takes the own wordings of a knowledge base, its stored questions in a courtesy, and some of either in a hurry, as questions', async () => {
    expect(await runKbTrain(['--own', base('two'), '--folds', '2', '--iterations', '3', '--json', '--out', join(folder, 'm.json')])).toBe(0);
    expect(JSON.parse(told.out)).toMatchObject({ figures: [{ questions: 48 }] });
  });

  it('asks stored questions in a hurry beside the real ones, and writes the source that ships', async () => {
    const out = join(folder, 'shipped.ts');
    expect(await runKbTrain(['--data', base('three'), '--hurried', '5', '--folds', '2', '--iterations', '3', '--json', '--out', out])).toBe(0);
    expect(JSON.parse(told.out)).toMatchObject({ figures: [{ questions: 12 }, { questions: 5 }] });
    expect(readFileSync(out, 'utf8')).toMatch(/^\/\*\*[^]*export const SHIPPED = \{\n {2}sieve: \[[^]*\n\};\n$/);
  });

  it('says what is wrong with how it was called', async () => {
    expect(await runKbTrain([])).toBe(2);
    expect(await runKbTrain(['--data', folder, '--out', 'x', '--folds', '1'])).toBe(2);
    expect(await runKbTrain(['--data', join(folder, 'none'), '--out', 'x'])).toBe(1);
    expect(await runKbTrain(['--help'])).toBe(0);
  });
});
