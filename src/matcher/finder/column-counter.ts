/** Counts, for 32 slots at a time, how many words of bits say yes: the count's binary digits lie one above the other. Up to 31. */
export interface ColumnCounter {
  reset(): void;
  /** Counts the set bits of one word at place i. */
  add(i: number, bits: number): void;
  /** Writes the slots that were counted at least so often. */
  atLeast(least: number, into: Int32Array): void;
}

const DIGITS = 5;

export function createColumnCounter(words: number): ColumnCounter {
  const digits = Array.from({ length: DIGITS }, () => new Int32Array(words));
  return {
    reset: () => {
      for (const digit of digits) digit.fill(0);
    },
    add: (i, bits) => {
      let carry = bits;
      for (const digit of digits) {
        if (carry === 0) return;
        const old = digit[i] ?? 0;
        digit[i] = old ^ carry;
        carry &= old;
      }
    },
    atLeast: (least, into) => {
      for (let i = 0; i < words; i += 1) {
        // Compared digit by digit from the highest: greater for certain, and still equal.
        let greater = 0;
        let equal = -1;
        for (let d = DIGITS - 1; d >= 0; d -= 1) {
          const counted = digits[d]?.[i] ?? 0;
          if (((least >> d) & 1) === 0) greater |= equal & counted;
          equal &= ((least >> d) & 1) === 0 ? ~counted : counted;
        }
        into[i] = greater | equal;
      }
    },
  };
}
