import { createHash } from 'node:crypto';
import { parse as parseCsv } from 'csv-parse/sync';
import { stringify as writeCsv } from 'csv-stringify/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AppError, isAppError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json.ts';
import { fromGcj02, toGcj02 } from '../partners/position.ts';
import { flatten, grow, isObject, LEAVES, type Leaves, readLeaf } from './leaves.ts';
import type { Profile } from './profile.ts';
import { type ExchangeRecord, readRecord, RECORD_FORMAT } from './record.ts';

/**
 * The canonical record in a profile's own words (names of fields, codes, datum) and form (JSON, XML, CSV), and back. Pure. What a profile's
 * `fields` do not list does not travel; everything else comes back as it went.
 */

export type WireFormat = Profile['transport']['format'];
type WireProfile = Pick<Profile, 'id' | 'fields' | 'codes' | 'datum' | 'transport'>;

export const CONTENT_TYPES: Readonly<Record<WireFormat, string>> = { json: 'application/json; charset=utf-8', xml: 'application/xml; charset=utf-8', csv: 'text/csv; charset=utf-8' };

/** Decimals of a position: 0.1 m. */
const DECIMALS = 6;
const OWN = ['format', 'profile'] as const;

/** @throws AppError `linkage.no_code`: a value has no code in the profile's list; names the field */
export function encodeRecord(profile: WireProfile, record: ExchangeRecord): string {
  const leaves = toWire(profile, record);
  switch (profile.transport.format) {
    case 'json':
      return `${JSON.stringify(grow(leaves))}\n`;
    case 'xml':
      return `<?xml version="1.0" encoding="UTF-8"?>\n<record>${xmlOf(grow(leaves))}</record>\n`;
    case 'csv':
      return writeCsv([columnsOf(profile), columnsOf(profile).map((name) => cellOf(leaves.get(name)))], { record_delimiter: '\r\n', bom: true });
  }
}

export type Decoded = { readonly record: ExchangeRecord } | { readonly error: AppError; /** Number and version as far as they can be told, for the acknowledgement. */ readonly number: string | null; readonly version: number | null };

/**
 * Every record of a file or a body, in its order.
 * @throws AppError `linkage.unreadable`: it is not of this form at all
 */
export function decodeRecords(profile: WireProfile, text: string): readonly Decoded[] {
  return treesOf(profile.transport.format, text).map((tree) => {
    const named = theirs(profile);
    const given = collect(tree);
    try {
      return { record: fromWire(profile, given) };
    } catch (error) {
      if (!isAppError(error)) throw error;
      const number = given.get(named.get('identity.externalNo') ?? '');
      const version = Number(given.get(named.get('version') ?? ''));
      return { error, number: typeof number === 'string' || typeof number === 'number' ? String(number).slice(0, 64) : null, version: Number.isSafeInteger(version) ? version : null };
    }
  });
}

/** Our path → theirs, of everything that travels. */
function theirs({ fields }: WireProfile): ReadonlyMap<string, string> {
  if (fields !== undefined) return new Map(Object.entries(fields));
  return new Map([...LEAVES.keys()].map((path) => [path, path]));
}

function columnsOf(profile: WireProfile): readonly string[] {
  return [...theirs(profile).values()];
}

export function toWire(profile: WireProfile, record: ExchangeRecord): Leaves {
  const leaves = flatten(JSON.parse(JSON.stringify(inDatum(record, profile.datum))));
  const wire = new Map<string, JsonValue>();
  for (const [ours, name] of theirs(profile)) {
    const value = leaves.get(ours);
    if (value === undefined) continue;
    const list = Object.hasOwn(profile.codes ?? {}, ours) ? profile.codes?.[ours] : undefined;
    if (list === undefined) {
      wire.set(name, value);
      continue;
    }
    const code = typeof value === 'string' && Object.hasOwn(list, value) ? list[value] : undefined;
    if (code === undefined) throw new AppError('linkage.no_code', `${ours}: the value has no code in profile ${profile.id}`, { status: 500, citizenText: `字段 ${ours} 的取值在对照表里没有代码，请在 config/linkage.yaml 补上。` });
    wire.set(name, code);
  }
  return wire;
}

/** @throws AppError `linkage.invalid`, `linkage.unknown_code` */
export function fromWire(profile: WireProfile, wire: Leaves): ExchangeRecord {
  const names = theirs(profile);
  const leaves = new Map<string, JsonValue>();
  for (const [ours, name] of names) {
    const given = wire.get(name);
    if (given === undefined || given === '') continue;
    leaves.set(ours, readCode(profile, ours, readTyped(ours, name, given)));
  }
  if (profile.fields === undefined) {
    const unknown = [...wire.keys()].filter((name) => !LEAVES.has(name));
    if (unknown.length > 0) throw new AppError('linkage.invalid', `${unknown.length} unknown fields`, { status: 400, citizenText: `记录有误：不认识的字段 ${unknown.slice(0, 5).map((name) => name.slice(0, 60)).join('、')}` });
    const format = leaves.get('format');
    if (format !== undefined && format !== RECORD_FORMAT) throw new AppError('linkage.invalid', 'another format', { status: 400, citizenText: `记录有误：format 须为 ${RECORD_FORMAT}` });
    const id = leaves.get('profile');
    if (id !== undefined && id !== profile.id) throw new AppError('linkage.invalid', 'another profile', { status: 400, citizenText: `记录有误：profile 须为 ${profile.id}` });
  }
  leaves.set('format', RECORD_FORMAT);
  leaves.set('profile', profile.id);
  if (leaves.has('demand.position.longitude') && !leaves.has('demand.position.datum')) leaves.set('demand.position.datum', profile.datum);
  return readRecord(grow(leaves));
}

function readTyped(ours: string, name: string, given: JsonValue): JsonValue {
  const kind = LEAVES.get(ours) ?? 'text';
  const read = typeof given === 'string' ? readLeaf(kind, given) : kind === 'text' && (typeof given === 'number' || typeof given === 'boolean') ? String(given) : given;
  if (read === undefined) throw new AppError('linkage.invalid', `${name}: not a ${kind}`, { status: 400, citizenText: `记录有误：${name} 的取值不对` });
  return read;
}

function readCode(profile: WireProfile, ours: string, value: JsonValue): JsonValue {
  const list = Object.hasOwn(profile.codes ?? {}, ours) ? profile.codes?.[ours] : undefined;
  if (list === undefined) return value;
  const found = Object.entries(list).find(([, code]) => code === value);
  if (found === undefined) throw new AppError('linkage.unknown_code', `${ours}: a code that profile ${profile.id} does not list`, { status: 400, citizenText: `记录有误：${profile.fields?.[ours] ?? ours} 的代码不在对照表里` });
  return found[0];
}

/** A record with its position in this datum. */
export function inDatum(record: ExchangeRecord, datum: Profile['datum']): ExchangeRecord {
  const position = record.demand?.position;
  if (position === undefined || position.datum === datum) return record;
  const given = { lat: position.latitude, long: position.longitude };
  const { lat, long } = datum === 'GCJ-02' ? toGcj02(given) : fromGcj02(given);
  return { ...record, demand: { ...record.demand, position: { longitude: round(long), latitude: round(lat), datum } } };
}

const round = (degrees: number): number => Number(degrees.toFixed(DECIMALS));

/** SHA-256 over the record with its keys in order: the same record has the same digest, however it was written. */
export function digestOf(record: ExchangeRecord): string {
  const leaves = [...flatten(JSON.parse(JSON.stringify(record)))].filter(([path]) => path !== 'sentAt' && !OWN.some((own) => own === path));
  return createHash('sha256').update(JSON.stringify(leaves.map(([path, value]) => JSON.stringify([path, value])).toSorted())).digest('hex');
}

/* ---- the three forms ---------------------------------------------------------------------------------------------- */

type Tree = { readonly kind: 'tree'; readonly value: JsonValue } | { readonly kind: 'flat'; readonly value: Leaves };

function collect(tree: Tree): Leaves {
  return tree.kind === 'flat' ? tree.value : flatten(tree.value);
}

function treesOf(format: WireFormat, text: string): readonly Tree[] {
  const plain = text.replace(/^\uFEFF/, '');
  switch (format) {
    case 'json':
      return jsonTrees(plain);
    case 'xml':
      return xmlTrees(plain);
    case 'csv':
      return csvTrees(plain);
  }
}

function jsonTrees(text: string): readonly Tree[] {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('不是 JSON');
  }
  const inner = isObject(value) && Array.isArray(value['records']) ? value['records'] : value;
  const all: JsonValue[] = Array.isArray(inner) ? inner : [inner];
  if (!all.every((one) => isObject(one))) throw unreadable('须为一条记录、记录的数组，或 {"records": […]}');
  return all.map((one) => ({ kind: 'tree', value: one }));
}

const xml = new XMLParser({ ignoreAttributes: true, ignoreDeclaration: true, ignorePiTags: true, parseTagValue: false, trimValues: false, processEntities: false, htmlEntities: false, maxNestedTags: 12 });

function xmlTrees(text: string): readonly Tree[] {
  // No document type: nothing that entities could grow from.
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) throw unreadable('不是 XML，或带有 DOCTYPE');
  const document: unknown = xml.parse(text);
  if (!isObject(document)) throw unreadable('没有记录');
  const [root] = Object.entries(document).filter(([name]) => name !== '#text').map(([, value]) => value);
  const inner = isObject(root) && root['record'] !== undefined ? root['record'] : root;
  const all: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  if (all.length === 0 || !all.every((one) => isObject(one))) throw unreadable('没有记录');
  return all.map((one) => ({ kind: 'tree', value: xmlValue(one) }));
}

function xmlValue(value: unknown): JsonValue {
  if (typeof value === 'string') return unescape(value);
  if (!isObject(value)) throw unreadable('一个元素写了两次');
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '#text').map(([name, inner]) => [name, xmlValue(inner)]));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g, (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
  });
}

function xmlOf(value: JsonValue): string {
  if (isObject(value)) return Object.entries(value).map(([name, inner]) => `<${name}>${xmlOf(asJson(inner))}</${name}>`).join('');
  return escape(cellOf(value));
}

const asJson = (value: unknown): JsonValue => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** What XML 1.0 cannot carry (production 2, Char) is dropped. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>\r]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : '&#13;'));
}

function csvTrees(text: string): readonly Tree[] {
  let rows: readonly (readonly string[])[];
  try {
    rows = parseCsv(text, { relax_column_count: false, skip_empty_lines: true });
  } catch {
    throw unreadable('不是 CSV，或各行列数不同');
  }
  const [head, ...body] = rows;
  if (head === undefined || body.length === 0 || new Set(head).size !== head.length) throw unreadable('须有表头（列名不重复）和至少一行');
  return body.map((row) => ({ kind: 'flat', value: new Map(head.map((name, at): [string, JsonValue] => [name, row[at] ?? '']).filter(([, cell]) => cell !== '')) }));
}

/** Lists as JSON, in a cell as in an element. */
function cellOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function unreadable(why: string): AppError {
  return new AppError('linkage.unreadable', 'cannot be read', { status: 400, citizenText: `无法读取：${why}` });
}
