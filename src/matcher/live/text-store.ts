import { type Column, copyRun, createColumn, createRuns, longs, partOf, placeOf, push, reserve, type Runs, shorts } from './columns.ts';

/** Many short texts as UTF-16 units, each after its length: no header and no object each, and read without making a string. */
export interface TextStore {
  readonly units: Runs<Uint16Array>;
  /** Address of each text: where its length stands. */
  readonly addresses: Column;
}

/** Longest text: its length takes one unit. */
export const LONGEST_TEXT = 0xffff;

export function createTextStore(): TextStore {
  return { units: createRuns(shorts), addresses: createColumn(longs) };
}

/** Adds the next text, cut to `limit` units. */
export function addText({ units, addresses }: TextStore, text: string, limit = LONGEST_TEXT): void {
  const length = Math.min(text.length, limit);
  const address = reserve(units, length + 1);
  const part = partOf(units, address);
  const place = placeOf(address);
  part[place] = length;
  for (let i = 0; i < length; i += 1) part[place + 1 + i] = text.charCodeAt(i);
  units.used += length + 1;
  push(addresses, address);
}

/** A text as it lies in the store. */
export interface TextSpan {
  units: Uint16Array;
  from: number;
  to: number;
}

const NO_UNITS = new Uint16Array(0);

/** @param number of a text; -1: none, an empty span */
export function spanOf({ units, addresses }: TextStore, number: number): TextSpan {
  if (number < 0 || number >= addresses.used) return { units: NO_UNITS, from: 0, to: 0 };
  const address = addresses.values[number] ?? 0;
  const part = partOf(units, address);
  const from = placeOf(address) + 1;
  return { units: part, from, to: from + (part[from - 1] ?? 0) };
}

export function textOf(store: TextStore, number: number): string {
  const { units, from, to } = spanOf(store, number);
  let text = '';
  // In pieces: every unit becomes an argument.
  for (let at = from; at < to; at += 4096) text += String.fromCharCode(...units.subarray(at, Math.min(to, at + 4096)));
  return text;
}

/** Takes over a text of another store. */
export function copyText(to: TextStore, from: TextStore, number: number): void {
  const span = spanOf(from, number);
  push(to.addresses, copyRun(to.units, span.units, span.from - 1, span.to - span.from + 1));
}
