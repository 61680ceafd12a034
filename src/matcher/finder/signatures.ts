/**
 * Which slots may hold a feature: a table of bits, one row a feature (hashed, so rows are shared), one column a slot, kept
 * in blocks of 1,024 slots. A question is a few ANDs and ORs of rows; taking an entry out clears its column, so nothing
 * grows stale. May say yes wrongly, never no: whoever asks looks at the text itself.
 */
export const BLOCK_SLOTS = 1024;
export const BLOCK_WORDS = BLOCK_SLOTS / 32;

export interface Signatures {
  set(slot: number, row: number): void;
  /** Takes the slot out of all rows. */
  clear(slot: number): void;
  /** The 32 words of a row begin at `row * BLOCK_WORDS`. */
  block(number: number): Int32Array;
}

export function createSignatures(rows: number): Signatures {
  const blocks: Int32Array<ArrayBuffer>[] = [];
  const blockOf = (number: number): Int32Array => {
    while (blocks.length <= number) blocks.push(new Int32Array(rows * BLOCK_WORDS));
    return blocks[number] ?? NOTHING;
  };
  return {
    set: (slot, row) => {
      const block = blockOf(Math.floor(slot / BLOCK_SLOTS));
      const at = row * BLOCK_WORDS + ((slot % BLOCK_SLOTS) >>> 5);
      block[at] = (block[at] ?? 0) | (1 << (slot & 31));
    },
    clear: (slot) => {
      const block = blockOf(Math.floor(slot / BLOCK_SLOTS));
      const mask = ~(1 << (slot & 31));
      for (let at = (slot % BLOCK_SLOTS) >>> 5; at < block.length; at += BLOCK_WORDS) block[at] = (block[at] ?? 0) & mask;
    },
    block: blockOf,
  };
}

const NOTHING = new Int32Array(0);

/** A feature's number between 0 and `below`, well spread. */
export function hashed(kind: number, a: number, b: number, below: number): number {
  let hash = Math.imul(a ^ Math.imul(kind + 1, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(b + 0x27d4eb2f, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % below;
}
