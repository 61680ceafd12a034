import { copyRun, partOf, placeOf } from './columns.ts';
import type { Documents } from './documents.ts';
import { KINDS } from './vocabulary.ts';

/**
 * Writing and reading the terms of one entry, numbers of 16 bits (format: documents.ts). A number below 65,535 is itself;
 * 65,535 says that the next two hold one of 32 bits.
 */
export const LONG = 0xffff;

export interface EntryWriter {
  begin(): void;
  /**
   * Adds a section.
   * @param terms of all kinds, with repeats; sorted here
   * @param lengths number of terms by kind
   */
  section(terms: Uint32Array, lengths: readonly number[]): void;
  /** Writes the entry down; its address. */
  end(documents: Documents): number;
}

export function createEntryWriter(): EntryWriter {
  let out = new Uint16Array(1 << 12);
  let at = 0;

  const write = (value: number): void => {
    if (value < LONG) {
      out[at] = value;
      at += 1;
    } else {
      out[at] = LONG;
      out[at + 1] = value & 0xffff;
      out[at + 2] = value >>> 16;
      at += 3;
    }
  };
  const writeLong = (place: number, value: number): void => {
    out[place] = value & 0xffff;
    out[place + 1] = value >>> 16;
  };

  return {
    begin: () => {
      at = 2;
    },
    section: (terms, lengths) => {
      // A term takes three numbers at most, and its count one.
      const most = at + 4 * terms.length + 3 * lengths.length + 2;
      if (most > out.length) {
        const next = new Uint16Array(most * 2);
        next.set(out.subarray(0, at));
        out = next;
      }
      const begin = at;
      at += 2;
      for (const length of lengths) write(length);
      terms.sort();
      let last = 0;
      for (let i = 0; i < terms.length; ) {
        const term = terms[i] ?? 0;
        let count = 1;
        while (i + count < terms.length && terms[i + count] === term) count += 1;
        i += count;
        write((term - last) * 2 + (count > 1 ? 1 : 0));
        if (count > 1) {
          out[at] = Math.min(count, 0xffff);
          at += 1;
        }
        last = term;
      }
      writeLong(begin, at - begin - 2);
    },
    end: ({ forward }) => {
      writeLong(0, at - 2);
      return copyRun(forward, out, 0, at);
    },
  };
}

/** The number of 32 bits at a place. */
export function longAt(part: Uint16Array, place: number): number {
  return ((part[place] ?? 0) | ((part[place + 1] ?? 0) << 16)) >>> 0;
}

/** One entry read: sections one after the other, `ends` where each ends. Written anew by each `readEntry`. */
export interface ReadEntry {
  terms: Uint32Array;
  counts: Uint16Array;
  /** Sections: its wordings, and the rest as the last one. */
  sections: number;
  ends: Uint32Array;
  /** By section × kinds + kind. */
  lengths: Uint32Array;
}

export function createReadEntry(): ReadEntry {
  return { terms: new Uint32Array(1024), counts: new Uint16Array(1024), sections: 0, ends: new Uint32Array(32), lengths: new Uint32Array(32 * KINDS.length) };
}

/** Reads an entry's terms. */
export function readEntry({ forward, forwardAt }: Documents, entry: number, into: ReadEntry): void {
  const address = forwardAt.values[entry] ?? 0;
  const part = partOf(forward, address);
  let at = placeOf(address);
  const end = at + 2 + longAt(part, at);
  at += 2;
  // A term takes a number at least.
  if (into.terms.length < end - at) {
    into.terms = new Uint32Array((end - at) * 2);
    into.counts = new Uint16Array((end - at) * 2);
  }
  const { terms, counts } = into;
  let used = 0;
  let section = 0;
  while (at < end) {
    if (section === into.ends.length) {
      into.ends = widened(into.ends);
      into.lengths = widened(into.lengths);
    }
    const stop = at + 2 + longAt(part, at);
    at += 2;
    for (let kind = 0; kind < KINDS.length; kind += 1) {
      const length = part[at] ?? 0;
      into.lengths[section * KINDS.length + kind] = length === LONG ? longAt(part, at + 1) : length;
      at += length === LONG ? 3 : 1;
    }
    let term = 0;
    while (at < stop) {
      let value = part[at] ?? 0;
      at += 1;
      if (value === LONG) {
        value = longAt(part, at);
        at += 2;
      }
      term += value >>> 1;
      terms[used] = term;
      counts[used] = 1;
      if ((value & 1) === 1) {
        counts[used] = part[at] ?? 0;
        at += 1;
      }
      used += 1;
    }
    into.ends[section] = used;
    section += 1;
  }
  into.sections = section;
}

function widened(array: Uint32Array): Uint32Array {
  const next = new Uint32Array(array.length * 2);
  next.set(array);
  return next;
}
