/**
 * Longest common run of characters of one question with many short texts. Only pairs of equal characters are looked at:
 * a question's characters are chained by their code, so a text that shares nothing costs one look a character.
 */
export interface RunFinder {
  /** Sets the question; `reset` must follow before the next one. */
  begin(question: string): void;
  /** Length of the longest run shared with the units from `from` to `to`. */
  longest(units: Uint16Array, from: number, to: number): number;
  reset(): void;
}

/** Characters of a long message, and of a text, that are looked at: the cost may be the product of both lengths. */
const RUN_LIMIT = 160;

export function createRunFinder(): RunFinder {
  /** Last place of a code in the question plus one; 0: not in it. */
  const lastPlace = new Uint8Array(0x10000);
  /** By place plus one: the place before it that has the same code, plus one. */
  const before = new Uint8Array(RUN_LIMIT + 1);
  /** By place plus one: length of the run that ends there, and in which row (a row is one character of a text) that was. */
  const lengths = new Uint8Array(RUN_LIMIT + 1);
  const rows = new Float64Array(RUN_LIMIT + 1);
  let row = 0;
  let text = '';

  return {
    begin: (question) => {
      text = question.slice(0, RUN_LIMIT);
      for (let place = 0; place < text.length; place += 1) {
        const code = text.charCodeAt(place);
        before[place + 1] = lastPlace[code] ?? 0;
        lastPlace[code] = place + 1;
      }
    },
    longest: (units, from, to) => {
      const end = Math.min(to, from + RUN_LIMIT);
      let best = 0;
      // A row apart from the last text's: its runs must not go on.
      row += 1;
      for (let at = from; at < end; at += 1) {
        row += 1;
        // Later places first, so that a place still has the row above when the next one reads it.
        for (let place = lastPlace[units[at] ?? 0] ?? 0; place !== 0; place = before[place] ?? 0) {
          const length = place > 1 && rows[place - 1] === row - 1 ? (lengths[place - 1] ?? 0) + 1 : 1;
          lengths[place] = length;
          rows[place] = row;
          if (length > best) best = length;
        }
      }
      return best;
    },
    reset: () => {
      for (let place = 0; place < text.length; place += 1) lastPlace[text.charCodeAt(place)] = 0;
      text = '';
    },
  };
}

const finder = createRunFinder();

/** Length of the longest common substring of two texts. */
export function longestRun(a: string, b: string): number {
  finder.begin(a);
  const length = finder.longest(Uint16Array.from(b, (_, at) => b.charCodeAt(at)), 0, b.length);
  finder.reset();
  return length;
}
