import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { openAssist } from '../../src/wiring/assist.ts';
import { city, root } from '../assist/support.ts';

describe('assist in the house', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const open = (env: Record<string, string>, over: { readonly root?: string; readonly city?: typeof city } = {}) => openAssist({ root: over.root ?? root, settings: readSettings(env), files: over.city ?? city, city, log: { warn: () => {} } });

  it('offers drafts only where an endpoint is set', () => {
    expect(open({}).draft).toBeNull();
    expect(open({ ASSIST_LLM_URL: 'https://llm.example/v1', ASSIST_LLM_MODEL: 'small' }).draft?.model).toBe('small');
  });

  it('lets rules name the items of the file or of the published catalogue', () => {
    expect(() => open({}, { city: { ...city, items: [], itemGroups: [] } })).not.toThrow();
    expect(() => openAssist({ root, settings: readSettings({}), files: { items: [], itemGroups: [] }, city: { items: [], itemGroups: [] }, log: { warn: () => {} } })).toThrow(/config\/assist\.yaml:\d+:\d+ no item is or stands under/);
  });

  it('tells every fault of the file with its place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-assist-'));
    folders.push(folder);
    cpSync(join(root, 'config', 'assist.yaml'), join(folder, 'config', 'assist.yaml'));
    const path = join(folder, 'config', 'assist.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('fact: plate, order: 4', 'fact: number-plate, order: 400').replace("question: '[?？]|", "question: '(a+)+|"));
    expect(() => open({}, { root: folder })).toThrow(/config\/assist\.yaml:\d+:\d+ \/questions\/\d+\/order must be <= 99/);
    writeFileSync(path, readFileSync(path, 'utf8').replace('order: 400', 'order: 4'));
    expect(() => open({}, { root: folder })).toThrow(/config\/assist\.yaml:\d+:\d+ no fact number-plate/);
    expect(() => open({}, { root: folder })).toThrow(/config\/assist\.yaml:\d+:\d+ 回溯可能过多/);
  });
});
