import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compileFlows } from '../../../src/dialog/compile.ts';
import { lintProgram } from '../../../src/dialog/lint.ts';
import type { Issue } from '../../../src/dialog/source.ts';
import { realSources, root } from './program.ts';

/** The real report flow with one line changed: a seeded fault and the line where it stands. */
export function seed(flow: string, from: string, to: string): { readonly issues: readonly Issue[]; readonly line: number; readonly file: string } {
  const file = `flows/${flow}/flow.yaml`;
  const text = readFileSync(join(root, file), 'utf8');
  const at = text.indexOf(from);
  if (at < 0) throw new Error(`${file} has no “${from}”`);
  const sources = realSources();
  const flows = sources.flows.map((source) => (source.path === file ? { path: file, text: text.replace(from, to) } : source));
  return { file, line: text.slice(0, at).split('\n').length, issues: check({ ...sources, flows }) };
}

/** The same for config/dialog.yaml. */
export function seedDialog(from: string, to: string): { readonly issues: readonly Issue[]; readonly line: number } {
  const sources = realSources();
  const { text, path } = sources.dialog;
  const at = text.indexOf(from);
  if (at < 0) throw new Error(`dialog.yaml has no “${from}”`);
  return { line: text.slice(0, at).split('\n').length, issues: check({ ...sources, dialog: { path, text: text.replace(from, to) } }) };
}

/** What the files say that are as they are: one is read anew, not twenty-five. A fault is never in them. */
const unchanged = new Map<string, unknown>([...realSources().flows, realSources().dialog].map(({ text }) => [text, parse(text)]));

function check(sources: ReturnType<typeof realSources>): readonly Issue[] {
  const { program, issues } = compileFlows({ ...sources, known: (text) => unchanged.get(text) });
  return program === null ? issues : [...issues, ...lintProgram(program)];
}
