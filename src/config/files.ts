import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { AppError } from '../domain/errors.ts';
import { allErrors, type Fault } from './all-errors.ts';
import { MAX_ALIASES, readParsed } from './parsed.ts';

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

/** What was read, and where things stand in it. */
export interface YamlFile<Value> {
  /** Null when there are faults. */
  readonly value: Value | null;
  readonly faults: FileFault[];
  /** A fault of this file at a place (`/items/3/department`), for checks across files. */
  fault(pointer: string, message: string): FileFault;
}

/**
 * Reads a YAML file and checks it against a TypeBox schema.
 * @returns the typed value, or every fault with line and column (1-based)
 */
export function readYaml<Schema extends TSchema>(root: string, path: string, schema: Schema): YamlFile<Static<Schema>> {
  const file = relative(root, path).replaceAll('\\', '/');
  const nowhere = (message: string): FileFault => ({ file, line: 1, column: 1, message });
  const broken = (faults: FileFault[]): YamlFile<Static<Schema>> => ({ value: null, faults, fault: (_pointer, message) => nowhere(message) });
  if (!existsSync(path)) return broken([nowhere('the file is missing')]);
  const text = decode(readFileSync(path));
  if (text === null) return broken([nowhere('the file is not UTF-8')]);
  const validator = validatorOf(schema);
  const parsed = readParsed(root, text);
  if (parsed !== undefined && validator.Check(parsed)) return { value: parsed, faults: [], fault: (pointer, message) => ({ file, ...locateIn(text, pointer), message }) };
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  if (document.errors.length > 0) return broken(document.errors.map((error) => ({ file, ...position(counter, error.pos[0]), message: error.message })));
  const fault = (pointer: string, message: string): FileFault => ({ file, ...locate(document, counter, pointer), message });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return broken([nowhere('aliases (*name) that stand for too much or for nothing')]);
  }
  if (validator.Check(value)) return { value, faults: [], fault };
  const faults = allErrors(validator, value).flatMap(({ keyword, instancePath, message, params }) => {
    // An unknown key is reported where it stands, once, and not at the thing that it does not belong to.
    if (keyword === 'boolean') return [];
    const unknown = 'additionalProperties' in params && Array.isArray(params.additionalProperties) ? params.additionalProperties : null;
    if (keyword === 'additionalProperties' && unknown !== null) return unknown.map((key) => fault(`${instancePath}/${escape(String(key))}`, `${instancePath || '/'} has the unknown key ${String(key)}`));
    return [fault(instancePath, `${instancePath || '/'} ${message}`)];
  });
  return { value: null, faults, fault };
}

interface FileCheck<Value> {
  Check(value: unknown): value is Value;
  Errors(value: unknown): Iterable<Fault>;
}

const compiled = new WeakMap<TSchema, Pick<FileCheck<unknown>, 'Errors'> & { Check(value: unknown): boolean }>();

/** Many files have one schema, and compiling it takes longer than checking a file. */
function validatorOf<Schema extends TSchema>(schema: Schema): FileCheck<Static<Schema>> {
  const validator = compiled.get(schema) ?? Compile(schema);
  compiled.set(schema, validator);
  return { Check: (value): value is Static<Schema> => validator.Check(value), Errors: (value) => validator.Errors(value) };
}

/** For a file that was not parsed at this start: only a fault asks where things stand in it. */
function locateIn(text: string, pointer: string): { line: number; column: number } {
  const counter = new LineCounter();
  return locate(parseDocument(text, { lineCounter: counter, prettyErrors: false }), counter, pointer);
}

/** Null when it is not UTF-8; a GBK file would otherwise become a city of question marks. */
function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
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

/** The key or element of a JSON pointer, else the nearest thing above it: a missing property is reported at its parent. */
function locate(document: Document, counter: LineCounter, pointer: string): { line: number; column: number } {
  const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else break;
    if (isAlias(node)) node = node.resolve(document);
  }
  return position(counter, offset);
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
