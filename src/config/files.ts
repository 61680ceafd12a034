import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { AppError } from '../domain/errors.ts';

/** One fault in a data file, with the place an operator can open. */
export interface FileFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** All faults of all files in one error, so that an operator mends them in one go. */
export function faultsError(faults: readonly FileFault[]): AppError {
  const lines = faults.map((fault) => `${fault.file}:${fault.line}:${fault.column} ${fault.message}`);
  return new AppError('config.invalid', `the data files have faults:\n  ${lines.join('\n  ')}`, { status: 500 });
}

/**
 * Reads a YAML file and checks it against a TypeBox schema.
 * @returns the typed value, or the faults with line and column (1-based)
 */
export function readYaml<Schema extends TSchema>(root: string, path: string, schema: Schema): { value: Static<Schema> | null; faults: FileFault[] } {
  const file = relative(root, path);
  if (!existsSync(path)) return { value: null, faults: [{ file, line: 1, column: 1, message: 'the file is missing' }] };
  const counter = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: counter, prettyErrors: false });
  if (document.errors.length > 0) {
    return { value: null, faults: document.errors.map((error) => ({ file, ...position(counter, error.pos[0]), message: error.message })) };
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const validator = Compile(schema);
  if (validator.Check(value)) return { value, faults: [] };
  const faults = [...validator.Errors(value)].map((error) => ({ file, ...locate(document, counter, error.instancePath), message: `${error.instancePath || '/'} ${error.message}` }));
  return { value: null, faults };
}

/** Every *.yaml of a folder, sorted by name so that a start is repeatable. */
export function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

function position(counter: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Nearest existing node of a JSON pointer: a missing property is reported at its parent. */
function locate(document: Document, counter: LineCounter, pointer: string): { line: number; column: number } {
  const path = pointer.split('/').slice(1).map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range)) {
      const offset: unknown = node.range[0];
      if (typeof offset === 'number') return position(counter, offset);
    }
  }
  return { line: 1, column: 1 };
}
