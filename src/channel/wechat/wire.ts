import { isUtf8 } from 'node:buffer';
import { XMLParser } from 'fast-xml-parser';

/**
 * Reads what WeChat puts on the wire, XML or JSON, into flat fields of text. Numbers stay as they were written: a MsgId
 * really exceeds 2^53. Nested fields are left out; who needs them keeps the whole text.
 */

export type Fields = ReadonlyMap<string, string>;

export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: 'malformed' | 'doctype' };

const MALFORMED = { ok: false, reason: 'malformed' } as const;
const DOCTYPE = { ok: false, reason: 'doctype' } as const;

/**
 * Query parameters of a path; null when one is given twice or is not valid percent-encoding. A plus sign stays a plus
 * sign: the encrypted echostr of WeCom is base64.
 */
export function readQuery(url: string): ReadonlyMap<string, string> | null {
  const start = url.indexOf('?');
  const query = new Map<string, string>();
  if (start < 0) return query;
  for (const part of url.slice(start + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = unescapePercent(equals < 0 ? part : part.slice(0, equals));
    const value = unescapePercent(equals < 0 ? '' : part.slice(equals + 1));
    if (name === null || value === null || query.has(name)) return null;
    query.set(name, value);
  }
  return query;
}

function unescapePercent(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Bytes to text; null when they are not UTF-8. A byte order mark is dropped. */
export function readText(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes)) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** Reads an object of either format; the first sign that is not white space tells which it is. */
export function readFields(text: string): Reading<Fields> {
  const first = text.trimStart()[0];
  if (first === '<') return readFlatXml(text) ?? readXml(text);
  return first === '{' ? readJson(text) : MALFORMED;
}

// Entities off (no expansion attacks), nothing trimmed or converted; CDATA is told apart from text.
export const xml = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  trimValues: false,
  parseTagValue: false,
  processEntities: false,
  htmlEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 20,
});

/** The head of a leaf, with the mark of CDATA if its text stands in one. WeChat's names begin with a capital; the parser refuses some others. */
const LEAF = /[ \t\n]*<([A-Z][A-Za-z0-9]*)>(<!\[CDATA\[)?/y;
const END = /^[ \t\n]*<\/xml>[ \t\n]*$/;
/** What clear text may not hold for its reading to be beyond doubt. */
const MARKUP = /[&>\]]/;

/**
 * Reads the document that WeChat really sends, `<xml>` around leaves of clear text or one CDATA section, without building a
 * tree: in a sixth of the time. Null for everything else, however small the difference: then the parser judges. Exported for the
 * test that both read alike.
 */
export function readFlatXml(text: string): Reading<Fields> | null {
  // A parser reads a carriage return as a line feed.
  if (!text.startsWith('<xml>') || text.includes('\r')) return null;
  const fields = new Map<string, string>();
  let at = '<xml>'.length;
  for (let count = 0; count < FLAT_LEAVES; count += 1) {
    LEAF.lastIndex = at;
    const leaf = LEAF.exec(text);
    if (leaf === null) return END.test(text.slice(at)) ? { ok: true, value: fields } : null;
    const name = leaf[1] ?? '';
    const from = LEAF.lastIndex;
    const sealed = leaf[2] !== undefined;
    const end = text.indexOf(sealed ? ']]>' : '<', from);
    if (end < 0) return null;
    const value = text.slice(from, end);
    const tail = sealed ? end + 3 : end;
    if ((!sealed && MARKUP.test(value)) || !text.startsWith(`</${name}>`, tail)) return null;
    if (!fields.has(name)) fields.set(name, value);
    at = tail + name.length + 3;
  }
  return null;
}

/** The longest documented push has some 20 fields. */
const FLAT_LEAVES = 50;

/** By the parser. Exported as the judge of `readFlatXml`. */
export function readXml(text: string): Reading<Fields> {
  const markup = checkMarkup(text);
  if (markup !== 'fine') return markup === 'doctype' ? DOCTYPE : MALFORMED;
  let document: unknown;
  try {
    document = xml.parse(text, true);
  } catch {
    return MALFORMED;
  }
  const roots = elements(document);
  const root = roots[0];
  if (root === undefined || roots.length !== 1 || root.name !== 'xml') return MALFORMED;
  const fields = new Map<string, string>();
  for (const element of elements(root.children)) {
    const value = textOf(element.children);
    if (value !== null && !fields.has(element.name)) fields.set(element.name, value);
  }
  return { ok: true, value: fields };
}

/** Tags, comments and CDATA sections of one document. The longest documented push has some 60; thousands are an attack on the parser. */
const MARKUP_LIMIT = 1000;

/**
 * Looks for markup declarations outside of CDATA and comments (a citizen may well write "<!DOCTYPE" in a message). Walks
 * with indexOf so that a hostile body costs linear time.
 */
export function checkMarkup(text: string): 'fine' | 'doctype' | 'malformed' {
  let count = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    count += 1;
    if (count > MARKUP_LIMIT) return 'malformed';
    let next = at + 1;
    if (text.startsWith('<!', at)) {
      const cdata = text.startsWith('<![CDATA[', at);
      if (!cdata && !text.startsWith('<!--', at)) return 'doctype';
      next = cdata ? text.indexOf(']]>', at + 9) : text.indexOf('-->', at + 4);
      if (next < 0) return 'malformed';
      next += 3;
    }
    at = text.indexOf('<', next);
  }
  return 'fine';
}

export interface XmlElement {
  readonly name: string;
  readonly children: unknown;
}

/** Child elements of a node of the ordered tree: `[{ tag: [children] }, { "#text": "…" }, …]`. */
export function elements(nodes: unknown): readonly XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: unknown) => {
    if (typeof node !== 'object' || node === null) return [];
    const entry = Object.entries(node).find(([name]) => name !== ':@' && !name.startsWith('#'));
    return entry === undefined ? [] : [{ name: entry[0], children: entry[1] }];
  });
}

/** Text and CDATA of a leaf, in order; null when it holds elements. */
export function textOf(nodes: unknown): string | null {
  if (!Array.isArray(nodes) || elements(nodes).length > 0) return null;
  return nodes.map((node: unknown) => {
    if (typeof node !== 'object' || node === null) return '';
    if ('#text' in node && typeof node['#text'] === 'string') return unescapeXml(node['#text']);
    return '#cdata' in node ? (textOfCdata(node['#cdata'])) : '';
  }).join('');
}

function textOfCdata(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return nodes.map((node: unknown) => (typeof node === 'object' && node !== null && '#text' in node && typeof node['#text'] === 'string' ? node['#text'] : '')).join('');
}

const PREDEFINED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" };

/** The five entities that XML itself defines; the parser's own handling stays off. */
function unescapeXml(text: string): string {
  return text.includes('&') ? text.replace(/&(?:lt|gt|amp|quot|apos);/g, (entity) => PREDEFINED[entity] ?? entity) : text;
}

function readJson(text: string): Reading<Fields> {
  let document: unknown;
  try {
    document = JSON.parse(quoteBigIntegers(text));
  } catch {
    return MALFORMED;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return MALFORMED;
  return { ok: true, value: flat(document) };
}

export function flat(document: object): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(document)) {
    if (typeof value === 'string') fields.set(name, value);
    else if (typeof value === 'number' || typeof value === 'boolean') fields.set(name, String(value));
  }
  return fields;
}

/**
 * Puts quotes around integers that a double cannot hold, outside of strings, so that JSON.parse keeps every digit. A
 * hand-written walk: a regular expression over unfinished strings would go quadratic on hostile input.
 */
export function quoteBigIntegers(json: string): string {
  // 2^53 has 16 digits: without that many in a row there is no such integer.
  if (!/\d{16}/.test(json)) return json;
  let out = '';
  let kept = 0;
  let at = 0;
  while (at < json.length) {
    const sign = json.charCodeAt(at);
    if (sign === 0x22) {
      at = endOfString(json, at);
    } else if (sign === 0x2d || isDigit(sign)) {
      const end = endOfNumber(json, at);
      const literal = json.slice(at, end);
      if (/^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal))) {
        out += `${json.slice(kept, at)}"${literal}"`;
        kept = end;
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return out + json.slice(kept);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Index after the closing quote; the text's end when there is none. */
function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (at >= 0) {
    // An odd number of backslashes before it escapes the quote.
    let before = at - 1;
    while (before > start && json.charCodeAt(before) === 0x5c) before -= 1;
    if ((at - before) % 2 === 1) return at + 1;
    at = json.indexOf('"', at + 1);
  }
  return json.length;
}

/** Index after a run of signs that a JSON number may have. */
function endOfNumber(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && (isDigit(json.charCodeAt(at)) || '.eE+-'.includes(json.charAt(at)))) at += 1;
  return at;
}
