import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';

/**
 * YAML files as the build has parsed them, so that a start need not: reading a city's files with line numbers takes longer than
 * anything else in it. Each lies under the hash of the text that it was made of. A file that was edited since has
 * another hash and is parsed; what is found is checked against its schema like what is parsed.
 */

/** What the YAML parser may resolve `*name` to, so that a few lines do not stand for gigabytes. */
export const MAX_ALIASES = 100;

/** Undefined: not known, to be parsed. */
export function readParsed(root: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(parsedPath(root, text), 'utf8'));
    return value;
  } catch {
    return undefined;
  }
}

/** Keeps the value of a YAML text. Leaves out what is broken, so that the start says where, and what JSON cannot carry. */
export function keepParsed(root: string, text: string): void {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return;
  }
  const json = JSON.stringify(value);
  if (json === undefined || !isDeepStrictEqual(JSON.parse(json), value)) return;
  mkdirSync(folderOf(root), { recursive: true });
  writeFileSync(parsedPath(root, text), json);
}

function folderOf(root: string): string {
  return join(root, 'dist', 'server', 'parsed');
}

function parsedPath(root: string, text: string): string {
  return join(folderOf(root), `${createHash('sha256').update(text, 'utf8').digest('hex')}.json`);
}
