import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSecrets } from '../../src/config/secrets.ts';
import { readSettings } from '../../src/config/settings.ts';

describe('secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yihu-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (env: Record<string, string> = {}, dir = folder) => loadSecrets(readSettings({ DATA_DIR: dir, ...env }));
  const path = () => join(folder, 'secrets.json');
  const mode = (file: string): number => statSync(file).mode & 0o777;

  it('are made on the first start and the same ever after', () => {
    const first = load();
    expect(first.vaultKey).toHaveLength(32);
    expect(first.directlineSecret.length).toBeGreaterThanOrEqual(40);
    expect(first.adminPasswordIsNew).toBe(true);
    expect(load()).toEqual({ ...first, adminPasswordIsNew: false });
    expect(readdirSync(folder)).toEqual(['secrets.json']);
  });

  it('are different in every house', () => {
    const other = load({}, join(folder, 'other'));
    expect(other.vaultKey.equals(load().vaultKey)).toBe(false);
  });

  it('are for their owner\'s eyes only, the folder too, whatever the umask is', () => {
    const before = process.umask(0);
    try {
      load({}, join(folder, 'deep', 'data'));
    } finally {
      process.umask(before);
    }
    expect(mode(join(folder, 'deep', 'data', 'secrets.json'))).toBe(0o600);
    expect(mode(join(folder, 'deep', 'data'))).toBe(0o700);
  });

  it('restored from a backup that everybody could read are closed again', () => {
    load();
    chmodSync(path(), 0o644);
    load();
    expect(mode(path())).toBe(0o600);
  });

  it('from the environment win over the file', () => {
    load();
    const vaultKey = Buffer.alloc(32, 9).toString('base64');
    const given = load({ VAULT_KEY: vaultKey, DIRECTLINE_SECRET: 'from-the-environment', ADMIN_PASSWORD: 'from-outside' });
    expect(given).toMatchObject({ directlineSecret: 'from-the-environment', adminPassword: 'from-outside', adminPasswordIsNew: false });
    expect(given.vaultKey.toString('base64')).toBe(vaultKey);
  });

  it.each([
    ['cut off by a full disk', (text: string) => text.slice(0, 60)],
    ['without a key', () => '{"directlineSecret":"hidden-words","adminPassword":"hidden-words"}'],
    ['with a key of another length', (text: string) => text.replace(/"vaultKey": "[^"]+"/, '"vaultKey": "aGlkZGVuLXdvcmRz"')],
    ['empty', () => ''],
  ])('in a file that is broken (%s) stop the start instead of making a key that opens nothing, and none is shown', (_what, change) => {
    load();
    const text = readFileSync(path(), 'utf8');
    writeFileSync(path(), change(text));
    let message = '';
    try {
      load();
    } catch (error) {
      message = error instanceof Error ? `${error.message} ${String(error.cause)}` : '';
      expect(error).toMatchObject({ code: 'secrets.broken' });
    }
    expect(message).toContain('secrets.json');
    for (const secret of text.match(/"[\w+/=-]{10,}"/g) ?? []) expect(message).not.toContain(secret.slice(1, 11));
    expect(message).not.toContain('hidden-words');
  });

  it('of the process that was fastest on an empty folder count for all that start with it', async () => {
    const module = new URL('../../src/config/', import.meta.url).href;
    const program = `const { loadSecrets } = await import('${module}secrets.ts'); const { readSettings } = await import('${module}settings.ts');
      process.stdout.write(loadSecrets(readSettings({ DATA_DIR: process.argv[1] })).vaultKey.toString('base64'));`;
    const run = promisify(execFile);
    const keys = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, folder])));
    expect(new Set(keys.map(({ stdout }) => stdout))).toEqual(new Set([load().vaultKey.toString('base64')]));
    expect(readdirSync(folder)).toEqual(['secrets.json']);
  });
});
