import type { TLocalizedValidationError } from 'typebox/error';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { JsonObject, JsonValue } from '../domain/json.ts';

/** A file's text with the path that error messages show. Reading files is the caller's work. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** What a text says, when the caller has parsed just this text before; undefined when not. */
export type KnownTexts = (text: string) => unknown;

export interface Position {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

/** A finding of the compiler or the lint. `error` keeps a program from being built or published; `warning` does not. */
export interface Issue extends Position {
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case: `unknown-step`. */
  readonly rule: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** `file:line:column severity message [rule]`, the form editors can jump to. */
export function formatIssue(issue: Issue): string {
  return `${issue.file}:${issue.line}:${issue.column} ${issue.severity === 'error' ? '错误' : '提醒'} ${issue.message} [${issue.rule}]`;
}

/** A parsed YAML file that still knows where everything stands. */
export interface Located {
  readonly path: string;
  /** Null when the text is not YAML. */
  readonly data: JsonValue;
  readonly issues: readonly Issue[];
  /** Position of a value (or of the key that holds it); the nearest parent when the path ends early. */
  at(path: Path): Position;
}

/** A file whose value is known already: it is parsed only when somebody asks where a thing stands. */
export function locateKnown(source: SourceText, value: unknown): Located {
  let placed: Placed | null = null;
  return {
    path: source.path,
    data: toJson(value),
    issues: [],
    at: (path) => {
      placed ??= parse(source);
      return placed.place(offsetOf(placed.document, path));
    },
  };
}

/** Parses one YAML file. Syntax faults and duplicate keys come back as issues; nothing is thrown. */
export function locate(source: SourceText): Located {
  const { document, place } = parse(source);
  // One slip makes the parser stumble over everything after it: the first error is the one to mend.
  const issues: Issue[] = document.errors.slice(0, 1).map((error) => ({
    ...place(error.pos[0]),
    severity: 'error',
    rule: 'yaml',
    message: `YAML 格式有误：${error.message}`,
  }));
  const data = issues.length > 0 ? null : toJson(document.toJS({ maxAliasCount: 50 }));
  return { path: source.path, data, issues, at: (path) => place(offsetOf(document, path)) };
}

interface Placed {
  readonly document: Document;
  readonly place: (offset: number) => Position;
}

function parse(source: SourceText): Placed {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  return { document, place: (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file: source.path, line, column: col };
  } };
}

/** Dates and other YAML specials become plain JSON, so that nothing but JSON reaches a program. */
function toJson(value: unknown): JsonValue {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);
}

function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)];
      if (!isNode(item)) return offset;
      if (item.range) offset = item.range[0];
      node = item;
    } else return offset;
  }
  return offset;
}

/** Turns schema errors into plain sentences at their places. Of the branches of a union only the nearest miss is told. */
export function schemaIssues(located: Located, errors: readonly TLocalizedValidationError[]): Issue[] {
  const wanted = errors.filter((error) => error.keyword !== 'additionalProperties' && error.keyword !== 'anyOf');
  const deepest = wanted.filter(
    (error) => !(error.schemaPath.includes('/anyOf/') && wanted.some((other) => other !== error && other.instancePath.startsWith(`${error.instancePath}/`))),
  );
  const seen = new Set<string>();
  const issues: Issue[] = [];
  for (const error of deepest) {
    const path = error.instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const where = path.length === 0 ? '文件' : `“${path.join('.')}”`;
    const message = describe(error, where, path.at(-1) ?? '');
    if (seen.has(error.instancePath + error.keyword)) continue;
    seen.add(error.instancePath + error.keyword);
    issues.push({ ...located.at(path), severity: 'error', rule: 'schema', message });
  }
  return issues;
}

function describe(error: TLocalizedValidationError, where: string, last: string): string {
  if (error.keyword === 'boolean') return `不认识的设置“${last}”（${where}）`;
  if (error.keyword === 'required') {
    const names = (error.params as { requiredProperties?: readonly string[] }).requiredProperties ?? [];
    return `${where} 缺少 ${names.join('、')}`;
  }
  return `${where} 的值不对：${error.message}`;
}

export const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
