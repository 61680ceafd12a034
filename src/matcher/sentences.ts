/**
 * Which share of a question's pairs of characters (by idf) stands in the best sentence of an answer, and in the best two
 * neighbours. The pairs are set once, then many answers are read.
 */
export interface SentenceReader {
  /** Sets the question's pairs (first << 16 | second) with their idf; `reset` must follow before the next one. */
  begin(): void;
  addPair(key: number, idf: number): void;
  /** Sum of all idf set. */
  mass(): number;
  /** Reads the units from `from` to `to`, sentences parted by line ends; the result stands in `one` and `two`. */
  read(units: Uint16Array, from: number, to: number): void;
  one(): number;
  two(): number;
  reset(): void;
}

const OPENS = 1;
const CLOSES = 2;
const LINE_END = 10;

export function createSentenceReader(): SentenceReader {
  /** What a character does in the question's pairs: most characters of an answer do nothing and cost one look. */
  const roles = new Uint8Array(0x10000);
  /** First pair of an opening character plus one, and the next pair with the same opening. */
  const firstPair = new Uint16Array(0x10000);
  const nextPair: number[] = [];
  const seconds: number[] = [];
  const openings: number[] = [];
  const idfs: number[] = [];
  /** Number of the sentence in which a pair was seen last. */
  const seen: number[] = [];
  let sentence = 0;
  let mass = 0;
  let one = 0;
  let two = 0;

  return {
    begin: () => {
      mass = 0;
    },
    addPair: (key, idf) => {
      const opening = key >>> 16;
      const second = key & 0xffff;
      roles[opening] = (roles[opening] ?? 0) | OPENS;
      roles[second] = (roles[second] ?? 0) | CLOSES;
      openings.push(opening);
      seconds.push(second);
      idfs.push(idf);
      seen.push(0);
      nextPair.push(firstPair[opening] ?? 0);
      firstPair[opening] = openings.length;
      mass += idf;
    },
    mass: () => mass,
    read: (units, from, to) => {
      one = 0;
      two = 0;
      if (mass === 0 || from === to) return;
      let before = 0;
      let here = 0;
      let previous = 0;
      let opened = false;
      sentence += 1;
      for (let at = from; at <= to; at += 1) {
        const code = at < to ? (units[at] ?? 0) : LINE_END;
        if (code === LINE_END) {
          if (here > one) one = here;
          if (here + before > two) two = here + before;
          before = here;
          here = 0;
          opened = false;
          sentence += 1;
          continue;
        }
        const role = roles[code] ?? 0;
        if (opened && (role & CLOSES) !== 0) {
          for (let pair = firstPair[previous] ?? 0; pair !== 0; pair = nextPair[pair - 1] ?? 0) {
            if (seconds[pair - 1] !== code) continue;
            if (seen[pair - 1] !== sentence) {
              seen[pair - 1] = sentence;
              here += idfs[pair - 1] ?? 0;
            }
            break;
          }
        }
        opened = (role & OPENS) !== 0;
        previous = code;
      }
      one /= mass;
      two = Math.min(1, two / mass);
    },
    one: () => one,
    two: () => two,
    reset: () => {
      for (let pair = 0; pair < openings.length; pair += 1) {
        const opening = openings[pair] ?? 0;
        roles[opening] = 0;
        roles[seconds[pair] ?? 0] = 0;
        firstPair[opening] = 0;
      }
      for (const list of [nextPair, seconds, openings, idfs, seen]) list.length = 0;
    },
  };
}
