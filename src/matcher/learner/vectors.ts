import { BLOCKS, type TermCounts } from './terms.ts';

/** Texts as sparse unit vectors: (1 + ln tf) · idf, each block of terms brought to its own length, so that long texts weigh no more. */

/** Which terms count and how much; terms are numbered across the blocks. */
export interface TermSpace {
  readonly numbers: ReadonlyMap<number, number>;
  readonly idf: Float32Array;
}

/** Rows one after the other: row i is places[offsets[i]] … places[offsets[i + 1] - 1]. */
export interface SparseRows {
  readonly offsets: Uint32Array;
  readonly places: Uint32Array;
  readonly values: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** Lengths of the blocks: characters, words, title. */
const BLOCK_LENGTHS = [1, 1, 0.7] as const;
/** More different terms than this and those of a single text are left out. */
const MOST_TERMS = 250_000;

export function learnSpace(texts: readonly TermCounts[]): TermSpace {
  const seen = new Map<number, number>();
  for (const blocks of texts) for (const block of blocks) for (const term of block.keys()) seen.set(term, (seen.get(term) ?? 0) + 1);
  const least = seen.size > MOST_TERMS ? 2 : 1;
  const numbers = new Map<number, number>();
  const idf: number[] = [];
  for (const [term, documents] of seen) {
    if (documents < least) continue;
    numbers.set(term, numbers.size);
    idf.push(Math.log((1 + texts.length) / (1 + documents)) + 1);
  }
  return { numbers, idf: Float32Array.from(idf) };
}

export function toRows(texts: readonly TermCounts[], space: TermSpace): SparseRows {
  const offsets = new Uint32Array(texts.length + 1);
  let most = 0;
  for (const blocks of texts) for (const block of blocks) most += block.size;
  const places = new Uint32Array(most);
  const values = new Float32Array(most);
  let used = 0;
  texts.forEach((blocks, row) => {
    used = writeRow(blocks, space, places, values, used);
    offsets[row + 1] = used;
  });
  return { offsets, places: places.subarray(0, used), values: values.subarray(0, used), rows: texts.length, width: space.idf.length };
}

/** Writes one text's vector from `from` on; returns where it ends. */
function writeRow(blocks: TermCounts, { numbers, idf }: TermSpace, places: Uint32Array, values: Float32Array, from: number): number {
  let at = from;
  for (let block = 0; block < BLOCKS; block += 1) {
    const begin = at;
    let squares = 0;
    for (const [term, count] of blocks[block] ?? []) {
      const number = numbers.get(term);
      if (number === undefined) continue;
      const value = (1 + Math.log(count)) * (idf[number] ?? 0);
      places[at] = number;
      values[at] = value;
      squares += value * value;
      at += 1;
    }
    const scale = squares === 0 ? 0 : (BLOCK_LENGTHS[block] ?? 1) / Math.sqrt(squares);
    for (let i = begin; i < at; i += 1) values[i] = (values[i] ?? 0) * scale;
  }
  return at;
}
