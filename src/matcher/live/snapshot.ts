import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../../domain/errors.ts';
import { openIntMap } from '../int-map.ts';
import type { Column, Numbers, Runs } from './columns.ts';
import { createDocuments } from './documents.ts';
import { indexOf, type LiveIndex, type LiveParams } from './entries.ts';
import { hangRest } from './keeper.ts';
import { createTail } from './postings.ts';
import type { StringTable } from './string-table.ts';
import { createVocabulary } from './vocabulary.ts';

/**
 * A whole index as bytes. What it is made of are typed arrays, so opening makes views of the bytes and builds nothing:
 *
 *   magic (8) · length of the head (4) · its checksum (4) · head, JSON · arrays one after the other, each from a multiple of 8 on
 *
 * Numbers are little-endian, as in memory on every machine that Node runs on; another order fails the magic number.
 */
const MAGIC: readonly number[] = [0x5548_4959, 0x0001_424b];
const VERSION = 1;
const HEAD_AT = 16;

const HeadSchema = Type.Object({
  version: Type.Integer(),
  /** What the terms depend on: another lexicon or analyzer cannot read this index. */
  fingerprint: Type.String(),
  units: Type.Integer(), live: Type.Integer(), tailFirst: Type.Integer(),
  unitLengths: Type.Array(Type.Integer()), wholeLengths: Type.Array(Type.Integer()),
  integers: Type.Array(Type.Integer()),
  blocks: Type.Array(Type.Object({ first: Type.Integer(), entries: Type.Integer() })),
  /** Parts and used of the last one, by name. */
  runs: Type.Record(Type.String(), Type.Object({ parts: Type.Integer(), used: Type.Integer() })),
  arrays: Type.Array(Type.Object({ name: Type.String(), size: Type.Integer(), sum: Type.Integer() })),
});
type Head = Static<typeof HeadSchema>;

/** Arrays by name, in a fixed order. */
type Arrays = Map<string, Numbers>;

export function writeSnapshot(index: LiveIndex, fingerprint: string): Uint8Array {
  const arrays: Arrays = new Map();
  const runs: Head['runs'] = {};
  const { documents, vocabulary, blocks, tail } = index;
  const column = (name: string, { values, used }: Column<Numbers>): void => void arrays.set(name, values.subarray(0, used));
  const run = (name: string, { parts, used }: Runs<Uint16Array>): void => {
    runs[name] = { parts: parts.length, used };
    parts.forEach((part, i) => arrays.set(`${name}.${i}`, i === parts.length - 1 ? part.subarray(0, used) : part));
  };
  const table = (name: string, { texts, hashes, slots }: StringTable): void => {
    run(`${name}.units`, texts.units);
    column(`${name}.addresses`, texts.addresses);
    column(`${name}.hashes`, hashes);
    arrays.set(`${name}.slots`, slots);
  };
  vocabulary.tables.forEach(({ strings, terms, integers }, kind) => {
    table(`kind.${kind}`, strings);
    column(`kind.${kind}.terms`, terms);
    const { keys, values } = integers.tables();
    arrays.set(`kind.${kind}.keys`, keys);
    arrays.set(`kind.${kind}.values`, values);
  });
  for (const name of ['kinds', 'weights', 'inUnits', 'inWholes'] as const) column(name, vocabulary[name]);
  for (const name of COLUMNS) column(name, documents[name]);
  for (const name of TABLES) table(name, documents[name]);
  run('forward', documents.forward);
  for (const name of ['texts', 'answers'] as const) {
    run(`${name}.units`, documents[name].units);
    column(`${name}.addresses`, documents[name].addresses);
  }
  blocks.forEach((block, i) => {
    for (const name of BLOCK_ARRAYS) arrays.set(`block.${i}.${name}`, block[name]);
  });
  return pack(
    {
      version: VERSION, fingerprint, units: documents.units, live: documents.live, tailFirst: tail.first, unitLengths: [...documents.unitLengths], wholeLengths: [...documents.wholeLengths],
      integers: vocabulary.tables.map(({ integers }) => integers.size()), blocks: blocks.map(({ first, entries }) => ({ first, entries })), runs, arrays: [],
    },
    arrays,
  );
}

const COLUMNS = ['forwardAt', 'unitsFrom', 'idOf', 'entryOf', 'scopeOf', 'categories', 'departments', 'gone'] as const;
const TABLES = ['ids', 'scopes', 'names'] as const;
const BLOCK_ARRAYS = ['offsets', 'docs', 'marks', 'highest'] as const;

const upTo8 = (size: number): number => (size + 7) & ~7;

function pack(head: Head, arrays: Arrays): Uint8Array {
  const list = Array.from(arrays, ([name, array]) => ({ name, array: bytesOf(array) }));
  const text = new TextEncoder().encode(JSON.stringify({ ...head, arrays: list.map(({ name, array }) => ({ name, size: array.length, sum: sumOf(array) })) }));
  let size = HEAD_AT + upTo8(text.length);
  for (const { array } of list) size += upTo8(array.length);
  const out = new Uint8Array(size);
  new Uint32Array(out.buffer, 0, 4).set([...MAGIC, text.length, sumOf(text)]);
  out.set(text, HEAD_AT);
  let at = HEAD_AT + upTo8(text.length);
  for (const { array } of list) {
    out.set(array, at);
    at += upTo8(array.length);
  }
  return out;
}

function bytesOf(array: Numbers): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A checksum of four lanes over words of 32 bits: some GB/s, against torn and rotten files, not against malice. */
function sumOf(given: Uint8Array): number {
  const array = given.byteOffset % 4 === 0 ? given : given.slice();
  const words = new Uint32Array(array.buffer, array.byteOffset, array.length >> 2);
  let [a, b, c, d] = [array.length | 0, 0x9e37_79b9 | 0, 0x85eb_ca6b | 0, 0xc2b2_ae35 | 0];
  let at = 0;
  for (; at + 3 < words.length; at += 4) {
    a = Math.imul(a ^ (words[at] ?? 0), 0x0100_0193);
    b = Math.imul(b ^ (words[at + 1] ?? 0), 0x0100_0193);
    c = Math.imul(c ^ (words[at + 2] ?? 0), 0x0100_0193);
    d = Math.imul(d ^ (words[at + 3] ?? 0), 0x0100_0193);
  }
  for (; at < words.length; at += 1) a = Math.imul(a ^ (words[at] ?? 0), 0x0100_0193);
  for (let i = words.length * 4; i < array.length; i += 1) b = Math.imul(b ^ (array[i] ?? 0), 0x0100_0193);
  return (a ^ Math.imul(b, 3) ^ Math.imul(c, 5) ^ Math.imul(d, 7)) >>> 0;
}

function unusable(reason: string): AppError {
  return new AppError('matcher.snapshot_unusable', `the index snapshot cannot be used: ${reason}`, { details: { reason } });
}

/**
 * Opens a snapshot. The bytes belong to the index from now on and must not be written to. Throws an AppError
 * `matcher.snapshot_unusable` for bytes that are broken, of another format, or made with another lexicon or analyzer.
 */
export function readSnapshot(given: Uint8Array, fingerprint: string, params: LiveParams): LiveIndex {
  const file = given.byteOffset % 8 === 0 ? given : given.slice();
  if (file.length < HEAD_AT) throw unusable('too short');
  const [one, two, headSize = 0, headSum] = new Uint32Array(file.buffer, file.byteOffset, 4);
  if (one !== MAGIC[0] || two !== MAGIC[1]) throw unusable('not a snapshot of this format');
  if (HEAD_AT + upTo8(headSize) > file.length) throw unusable('cut off');
  const text = file.subarray(HEAD_AT, HEAD_AT + headSize);
  if (sumOf(text) !== headSum) throw unusable('its head is broken');
  const head: unknown = JSON.parse(new TextDecoder().decode(text));
  if (!Value.Check(HeadSchema, head) || head.version !== VERSION) throw unusable('another version');
  if (head.fingerprint !== fingerprint) throw unusable('made with another lexicon or analyzer');
  const found = new Map<string, Uint8Array>();
  let at = HEAD_AT + upTo8(headSize);
  for (const { name, size, sum } of head.arrays) {
    const array = file.subarray(at, at + size);
    if (array.length !== size) throw unusable('cut off');
    if (sumOf(array) !== sum) throw unusable(`${name} is broken`);
    found.set(name, array);
    at += upTo8(size);
  }
  if (at !== file.length) throw unusable('too long');
  return assemble(head, found, params);
}

function assemble(head: Head, found: ReadonlyMap<string, Uint8Array>, params: LiveParams): LiveIndex {
  const raw = (name: string): Uint8Array => {
    const array = found.get(name);
    if (array === undefined) throw unusable(`${name} is missing`);
    return array;
  };
  const u32 = (name: string): Uint32Array => new Uint32Array(raw(name).buffer, raw(name).byteOffset, raw(name).length >> 2);
  const u16 = (name: string): Uint16Array => new Uint16Array(raw(name).buffer, raw(name).byteOffset, raw(name).length >> 1);
  const fill = <Values extends Numbers>(column: Column<Values>, values: Values): void => {
    column.values = values;
    column.used = values.length;
  };
  const fillRun = (name: string, runs: Runs<Uint16Array>): void => {
    const { parts, used } = head.runs[name] ?? { parts: 0, used: 0 };
    for (let i = 0; i < parts; i += 1) runs.parts.push(u16(`${name}.${i}`));
    runs.used = used;
  };
  const fillTable = (name: string, table: StringTable): void => {
    fillRun(`${name}.units`, table.texts.units);
    fill(table.texts.addresses, u32(`${name}.addresses`));
    fill(table.hashes, u32(`${name}.hashes`));
    table.slots = u32(`${name}.slots`);
  };
  const vocabulary = createVocabulary();
  vocabulary.tables.forEach((table, kind) => {
    fillTable(`kind.${kind}`, table.strings);
    fill(table.terms, u32(`kind.${kind}.terms`));
    table.integers = openIntMap(u32(`kind.${kind}.keys`), u32(`kind.${kind}.values`), head.integers[kind] ?? 0);
  });
  fill(vocabulary.kinds, raw('kinds'));
  fill(vocabulary.weights, new Float32Array(raw('weights').buffer, raw('weights').byteOffset, raw('weights').length >> 2));
  fill(vocabulary.inUnits, u32('inUnits'));
  fill(vocabulary.inWholes, u32('inWholes'));
  const documents = createDocuments();
  for (const name of COLUMNS) fill(documents[name], u32(name));
  for (const name of TABLES) fillTable(name, documents[name]);
  fillRun('forward', documents.forward);
  for (const name of ['texts', 'answers'] as const) {
    fillRun(`${name}.units`, documents[name].units);
    fill(documents[name].addresses, u32(`${name}.addresses`));
  }
  documents.units = head.units;
  documents.live = head.live;
  head.unitLengths.forEach((length, kind) => (documents.unitLengths[kind] = length));
  head.wholeLengths.forEach((length, kind) => (documents.wholeLengths[kind] = length));
  const blocks = head.blocks.map(({ first, entries }, i) => ({ first, entries, offsets: u32(`block.${i}.offsets`), docs: u16(`block.${i}.docs`), marks: u16(`block.${i}.marks`), highest: u16(`block.${i}.highest`) }));
  const index = indexOf(params, vocabulary, documents, blocks, createTail(head.tailFirst));
  hangRest(index, head.tailFirst);
  return index;
}
