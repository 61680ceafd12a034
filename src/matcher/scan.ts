/**
 * Reads candidate texts against one question, character by character, and tells how much of the question's weight stands
 * in them, and how closely together: in common runs of two, three and four characters, in the best sentence, in the best
 * windows, at the beginning. Only equal characters are looked at: the question's are chained by their code, so a
 * character that the question has not costs one look.
 */
export interface Scan {
  /** Longest common run, in characters. */
  run: number;
  /** Shares of the question's weight that stand in common runs of at least two, three and four characters. */
  two: number;
  three: number;
  four: number;
  /** Shares of the text's weight that stand in common runs of at least two and three characters. */
  textTwo: number;
  textThree: number;
  /** Shares of the question's weight in the best sentence, the best two neighbours, and the best windows. */
  sentence: number;
  neighbours: number;
  narrow: number;
  wide: number;
  /** Share of the question's weight in the text's beginning. */
  lead: number;
  /** Share of the beginning's characters that stand in common runs. */
  leadText: number;
}

export interface Scanner {
  /** Sets the question and the weight of each character code; `end` must follow before the next one. */
  begin(question: string, weightOf: Float32Array): void;
  /** Reads the units from `from` to `to`, sentences parted by line ends, at most `limit` of them; the result is overwritten by the next read. */
  read(units: Uint16Array, from: number, to: number, limit: number): Readonly<Scan>;
  end(): void;
}

/** Characters of a question that are looked at: the cost may be the product of both lengths. */
export const QUESTION_KEPT = 240;
const NARROW = 24;
const WIDE = 80;
/** Characters of a text that are its beginning. */
const LEAD = 48;
const LINE_END = 10;
const MOST_EVENTS = 4096;

export function createScanner(): Scanner {
  /** Last place of a code in the question plus one; 0: not in it. By place plus one: the place before it with the same code, plus one. */
  const lastPlace = new Uint16Array(0x10000);
  const before = new Uint16Array(QUESTION_KEPT + 1);
  const codes = new Uint16Array(QUESTION_KEPT + 1);
  const weights = new Float64Array(QUESTION_KEPT + 1);
  /** By place plus one: length of the run that ends there, and in which row (a row is one character of a text) that was. */
  const lengths = new Uint16Array(QUESTION_KEPT + 1);
  const rows = new Float64Array(QUESTION_KEPT + 1);
  /** By place plus one: the text in which it stood in a run of two, three, four; the sentence and the beginning in which it stood. */
  const [inTwo, inThree, inFour, inSentence, inLead] = [stamps(), stamps(), stamps(), stamps(), stamps()];
  /** Where in the text which place of the question stood in a run: for the windows. */
  const eventAt = new Uint16Array(MOST_EVENTS);
  const eventPlace = new Uint16Array(MOST_EVENTS);
  const inWindow = new Uint16Array(QUESTION_KEPT + 1);
  let weightOf: Float32Array = new Float32Array(0x10000);
  let length = 0;
  let mass = 0;
  let row = 0;
  let stamp = 0;
  let events = 0;
  const result: Scan = { run: 0, two: 0, three: 0, four: 0, textTwo: 0, textThree: 0, sentence: 0, neighbours: 0, narrow: 0, wide: 0, lead: 0, leadText: 0 };

  const bestWindow = (size: number): number => {
    let best = 0;
    let sum = 0;
    let tail = 0;
    for (let head = 0; head < events; head += 1) {
      const place = eventPlace[head] ?? 0;
      const had = inWindow[place] ?? 0;
      inWindow[place] = had + 1;
      if (had === 0) sum += weights[place] ?? 0;
      const from = (eventAt[head] ?? 0) - size;
      while ((eventAt[tail] ?? 0) < from) {
        const left = eventPlace[tail] ?? 0;
        const now = (inWindow[left] ?? 1) - 1;
        inWindow[left] = now;
        if (now === 0) sum -= weights[left] ?? 0;
        tail += 1;
      }
      if (sum > best) best = sum;
    }
    for (; tail < events; tail += 1) inWindow[eventPlace[tail] ?? 0] = 0;
    return best;
  };

  return {
    begin: (question, given) => {
      weightOf = given;
      length = Math.min(question.length, QUESTION_KEPT);
      mass = 0;
      for (let place = 1; place <= length; place += 1) {
        const code = question.charCodeAt(place - 1);
        codes[place] = code;
        weights[place] = weightOf[code] ?? 0;
        mass += weights[place] ?? 0;
        before[place] = lastPlace[code] ?? 0;
        lastPlace[code] = place;
      }
    },
    read: (units, from, to, limit) => {
      const end = Math.min(to, from + limit);
      let [run, two, three, four, textMass, textTwo, textThree, leadHits] = [0, 0, 0, 0, 0, 0, 0, 0];
      let [sentence, last, best, bestTwo, lead] = [0, 0, 0, 0, 0];
      events = 0;
      stamp += 1;
      const text = stamp;
      // A row apart from the last text's: its runs must not go on.
      row += 1;
      for (let at = from; at < end; at += 1) {
        const code = units[at] ?? 0;
        row += 1;
        if (code === LINE_END) {
          if (sentence > best) best = sentence;
          if (sentence + last > bestTwo) bestTwo = sentence + last;
          last = sentence;
          sentence = 0;
          stamp += 1;
          continue;
        }
        const own = weightOf[code] ?? 0;
        textMass += own;
        let longest = 0;
        // Later places first, so that a place still has the row above when the next one reads it.
        for (let place = lastPlace[code] ?? 0; place !== 0; place = before[place] ?? 0) {
          const here = place > 1 && rows[place - 1] === row - 1 ? (lengths[place - 1] ?? 0) + 1 : 1;
          lengths[place] = here;
          rows[place] = row;
          if (here > longest) longest = here;
          if (here < 2) continue;
          // Both characters of a run of two count; in a longer one the first of them has counted already.
          for (let each = here === 2 ? place - 1 : place; each <= place; each += 1) {
            const weight = weights[each] ?? 0;
            if (inTwo[each] !== text) {
              inTwo[each] = text;
              two += weight;
            }
            if (inSentence[each] !== stamp) {
              inSentence[each] = stamp;
              sentence += weight;
            }
            if (at - from < LEAD && inLead[each] !== text) {
              inLead[each] = text;
              lead += weight;
            }
            if (events < MOST_EVENTS) {
              eventAt[events] = at - from;
              eventPlace[events] = each;
              events += 1;
            }
          }
          if (here < 3) continue;
          for (let each = here === 3 ? place - 2 : place; each <= place; each += 1) {
            if (inThree[each] === text) continue;
            inThree[each] = text;
            three += weights[each] ?? 0;
          }
          if (here < 4) continue;
          for (let each = here === 4 ? place - 3 : place; each <= place; each += 1) {
            if (inFour[each] === text) continue;
            inFour[each] = text;
            four += weights[each] ?? 0;
          }
        }
        if (longest > run) run = longest;
        if (longest === 2) {
          textTwo += own + (weightOf[units[at - 1] ?? 0] ?? 0);
        } else if (longest > 2) {
          textTwo += own;
          textThree += longest === 3 ? own + (weightOf[units[at - 1] ?? 0] ?? 0) + (weightOf[units[at - 2] ?? 0] ?? 0) : own;
        }
        if (longest > 1 && at - from < LEAD) leadHits += longest === 2 ? 2 : 1;
      }
      if (sentence > best) best = sentence;
      if (sentence + last > bestTwo) bestTwo = sentence + last;
      const share = mass === 0 ? 0 : 1 / mass;
      const ownShare = textMass === 0 ? 0 : 1 / textMass;
      result.run = run;
      result.two = two * share;
      result.three = three * share;
      result.four = four * share;
      // Runs that touch may count a character twice.
      result.textTwo = Math.min(1, textTwo * ownShare);
      result.textThree = Math.min(1, textThree * ownShare);
      result.sentence = best * share;
      result.neighbours = Math.min(1, bestTwo * share);
      result.narrow = bestWindow(NARROW) * share;
      result.wide = bestWindow(WIDE) * share;
      result.lead = lead * share;
      result.leadText = end === from ? 0 : Math.min(1, leadHits / Math.min(LEAD, end - from));
      return result;
    },
    end: () => {
      for (let place = 1; place <= length; place += 1) lastPlace[codes[place] ?? 0] = 0;
      length = 0;
    },
  };
}

function stamps(): Float64Array {
  return new Float64Array(QUESTION_KEPT + 1);
}
