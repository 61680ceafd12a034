import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFlow } from '../../src/cli/flow.ts';
import { ran, type Ran } from '../cli/told.ts';
import { root } from './support/program.ts';

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'yihu-flow-'));
  for (const folder of ['flows', 'config']) cpSync(join(root, folder), join(copy, folder), { recursive: true });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (...argv: string[]): Promise<Ran> => ran(() => runFlow(argv));

/** Changes one file of the copy while `then` runs. */
async function broken(path: string, change: (text: string) => string, then: () => Promise<void>): Promise<void> {
  const file = join(copy, path);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, change(before));
  try {
    await then();
  } finally {
    writeFileSync(file, before);
  }
}

describe('npm run flow', () => {
  it('lint passes on the project and says so', async () => {
    expect(await run('lint', '--strict')).toMatchObject({ code: 0, out: '流程检查通过\n' });
    expect(JSON.parse((await run('lint', '--json')).out)).toEqual([]);
  });

  it('test replays everything, or one flow', async () => {
    const all = await run('test');
    expect(all.code).toBe(0);
    expect(Number(/重放了 (\d+) 段/.exec(all.out)?.[1])).toBeGreaterThan(80);
    const one = await run('test', 'goodbye');
    expect(one).toMatchObject({ code: 0 });
    expect(Number(/重放了 (\d+) 段/.exec(one.out)?.[1])).toBeLessThan(10);
  });

  it('lint answers 1 and file:line:column for a fault, also as JSON', async () => {
    await broken('flows/urge/flow.yaml', (text) => text.replace('ticket.conflict: person', 'ticket.conflict: snt'), async () => {
      const { code, out } = await run('lint', '--dir', copy);
      expect(code).toBe(1);
      expect(out).toMatch(/^flows\/urge\/flow\.yaml:\d+:\d+ 错误 .*snt.* \[unknown-step\]/m);
      const json: unknown = JSON.parse((await run('lint', '--dir', copy, '--json')).out);
      expect(json).toMatchObject([{ file: 'flows/urge/flow.yaml', severity: 'error', rule: 'unknown-step' }]);
    });
  });

  it('lint asks for three recorded conversations', async () => {
    await broken('flows/outofhours/flow.yaml', (text) => text, async () => {
      rmSync(join(copy, 'flows/outofhours/transcripts/hours-at-night.yaml'));
      const { code, out } = await run('lint', '--dir', copy);
      cpSync(join(root, 'flows/outofhours/transcripts/hours-at-night.yaml'), join(copy, 'flows/outofhours/transcripts/hours-at-night.yaml'));
      expect(code).toBe(1);
      expect(out).toContain('few-transcripts');
    });
  });

  it('test answers 1 when a conversation goes another way', async () => {
    await broken('flows/smalltalk/flow.yaml', (text) => text.replace('不客气', '没关系'), async () => {
      const { code, out } = await run('test', 'smalltalk', '--dir', copy);
      expect(code).toBe(1);
      expect(out).toMatch(/flows\/smalltalk\/transcripts\/[a-z-]+\.yaml:\d+:\d+ 错误 .*不客气/);
    });
  });

  it('a data file with a fault is told, not thrown', async () => {
    await broken('config/towns.yaml', (text) => text.replace('kind: 街道', 'kind: 街'), async () => {
      const { code, err } = await run('lint', '--dir', copy);
      expect(code).toBe(1);
      expect(err).toContain('config/towns.yaml');
    });
  });

  it('try speaks the language it is told', async () => {
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');
    Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from(['唔该，搵人工\n']) });
    try {
      const { code, out } = await run('try', '--voice', '--language', 'zh-HK');
      expect([code, out]).toEqual([0, expect.stringMatching(/機|你好，呢度係12345[\s\S]*幫你轉接/)]);
    } finally {
      if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin);
    }
  });

  it('wrong usage answers 2, help answers 0', async () => {
    expect((await run()).code).toBe(2);
    expect((await run('nothing')).code).toBe(2);
    expect((await run('lint', '--wrong')).code).toBe(2);
    expect((await run('try', '--flow', 'nothing')).code).toBe(2);
    expect((await run('try', '--seats', 'many')).code).toBe(2);
    expect((await run('try', '--language', 'yue')).code).toBe(2);
    const help = await run('--help');
    expect(help.code).toBe(0);
    expect(help.out).toContain('退出码');
  });
});
