/**
 * What an index is kept in: typed arrays that grow. Both kinds can begin as views of a snapshot's bytes; nothing is copied
 * before the first value is added.
 */

export type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** One number a place. `values` is replaced when it grows: read it anew for each use, and up to `used` only. */
export interface Column<Values extends Numbers = Uint32Array> {
  values: Values;
  used: number;
  readonly make: (length: number) => Values;
}

export type Maker<Values extends Numbers> = (length: number) => Values;
export const bytes: Maker<Uint8Array> = (length) => new Uint8Array(length);
export const shorts: Maker<Uint16Array> = (length) => new Uint16Array(length);
export const longs: Maker<Uint32Array> = (length) => new Uint32Array(length);
export const floats: Maker<Float32Array> = (length) => new Float32Array(length);

export function createColumn<Values extends Numbers>(make: Maker<Values>): Column<Values> {
  return { values: make(0), used: 0, make };
}

/** Room for `length` values at least, an eighth more than asked when it has to grow. */
export function widen(column: Column<Numbers>, length: number): void {
  if (length <= column.values.length) return;
  const next = column.make(Math.max(64, length + (length >>> 3)));
  next.set(column.values.subarray(0, column.used));
  column.values = next;
}

/** Adds a value; its place. */
export function push(column: Column<Numbers>, value: number): number {
  if (column.used === column.values.length) widen(column, column.used + 1);
  column.values[column.used] = value;
  column.used += 1;
  return column.used - 1;
}

/**
 * Many short runs of numbers. They lie in parts of at most `PART`, no run across two parts: appending never copies more
 * than one part, and an address (part × PART + place) fits 32 bits.
 */
export interface Runs<Values extends Uint8Array | Uint16Array = Uint8Array> {
  readonly parts: Values[];
  /** Used of the last part. */
  used: number;
  readonly make: Maker<Values>;
}

const PART_BITS = 22;
/** Longest run. */
export const PART = 1 << PART_BITS;

export function createRuns<Values extends Uint8Array | Uint16Array>(make: Maker<Values>): Runs<Values> {
  return { parts: [], used: 0, make };
}

/** Makes room for a run of up to `length` (at most `PART`) and gives its address; `used` is moved by the one who writes it. */
export function reserve(runs: Runs<Uint8Array | Uint16Array>, length: number): number {
  let last = runs.parts[runs.parts.length - 1];
  if (last === undefined || runs.used + length > PART) {
    last = runs.make(Math.min(PART, Math.max(256, length)));
    runs.parts.push(last);
    runs.used = 0;
  } else if (runs.used + length > last.length) {
    const next = runs.make(Math.min(PART, Math.max(last.length * 2, runs.used + length)));
    next.set(last.subarray(0, runs.used));
    runs.parts[runs.parts.length - 1] = next;
  }
  return (runs.parts.length - 1) * PART + runs.used;
}

/** The part in which an address lies. */
export function partOf<Values extends Uint8Array | Uint16Array>(runs: Runs<Values>, address: number): Values {
  const part = runs.parts[address >>> PART_BITS];
  if (part === undefined) throw new RangeError('no such run');
  return part;
}

/** The place of an address in its part. */
export function placeOf(address: number): number {
  return address & (PART - 1);
}

/** Copies a run from elsewhere; its new address. */
export function copyRun<Values extends Uint8Array | Uint16Array>(runs: Runs<Values>, from: Values, place: number, length: number): number {
  const address = reserve(runs, length);
  partOf(runs, address).set(from.subarray(place, place + length), placeOf(address));
  runs.used += length;
  return address;
}
