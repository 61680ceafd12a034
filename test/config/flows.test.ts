import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFlowTexts } from '../../src/config/flows.ts';

describe('reading flows', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'yihu-flows-'));
    mkdirSync(join(root, 'config'));
    writeFileSync(join(root, 'config', 'dialog.yaml'), 'dialog');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const flow = (id: string, name = 'flow.yaml') => {
    mkdirSync(join(root, 'flows', id), { recursive: true });
    writeFileSync(join(root, 'flows', id, name), id);
  };

  it('in a steady order, with the paths that their faults are reported under', () => {
    for (const id of ['urge', 'ask', 'report']) flow(id);
    mkdirSync(join(root, 'flows', '.cache'));
    writeFileSync(join(root, 'flows', 'README.md'), '');
    expect(readFlowTexts(root)).toEqual({
      flows: [{ path: 'flows/ask/flow.yaml', text: 'ask' }, { path: 'flows/report/flow.yaml', text: 'report' }, { path: 'flows/urge/flow.yaml', text: 'urge' }],
      dialog: { path: 'config/dialog.yaml', text: 'dialog' },
    });
  });

  it('misses none silently: a misspelt file and a missing dialog are faults', () => {
    flow('ask');
    flow('report', 'flow.yml');
    rmSync(join(root, 'config', 'dialog.yaml'));
    expect(() => readFlowTexts(root)).toThrow('flows/report/flow.yaml:1:1 the file is missing\n  config/dialog.yaml:1:1 the file is missing');
  });

  it('needs no flows folder', () => expect(readFlowTexts(root).flows).toEqual([]));
});
