import type { Analyzer } from '../segment.ts';
import { bestTwo, type Calibration, type Opinion, opinionOf, softmax, winnerScore } from './calibrate.ts';
import { createIntMap } from '../int-map.ts';
import { BLOCKS, readTerms, wordHash } from './terms.ts';
import type { Trained } from './trained.ts';
import { BLOCK_LENGTHS, toLength, valueOf } from './vectors.ts';

/**
 * A trained model: sparse weights of each term for each label, 16 bit, and how margins become probabilities.
 *
 *   terms    hash of each term
 *   offsets  [0, 3, 4 …] one more than terms: its weights are labels[offsets[t]] … of worth[offsets[t]] …
 */
export interface ItemModelData {
  readonly labels: readonly string[];
  readonly terms: Uint32Array;
  /** What a term counts in a text, before its weights. */
  readonly worth: Float32Array;
  readonly offsets: Uint32Array;
  readonly weightLabels: Uint16Array;
  readonly weights: Int16Array;
  /** What one unit of weight is worth. */
  readonly scale: number;
  readonly biases: Float32Array;
  readonly calibration: Calibration;
  /** Absent in models that were made before it was kept. */
  readonly trained?: Trained;
}

export interface LabelSuggestion {
  readonly label: string;
  /** Probability that it is right. */
  readonly score: number;
  /** Words of the text that spoke most for it, in the text's order. */
  readonly matched: readonly string[];
}

export interface LearnedSuggester {
  /** Best first. */
  suggest(text: string, limit?: number): readonly LabelSuggestion[];
  /** A first suggestion with this score or more may be filled in without a person; above 1: none may. */
  readonly sure: number;
  readonly labels: readonly string[];
}

const SHOWN = 3;
const DECIDING = 5;

export function createLearnedSuggester(model: ItemModelData, analyzer: Analyzer): LearnedSuggester {
  const numbers = createIntMap(model.terms.length);
  for (const term of model.terms) numbers.intern(term);

  const judge = (text: string): Opinion => {
    const { terms, counts, ends } = readTerms(text, analyzer);
    let from = 0;
    return opinionOf(ends.map((to, block) => {
      const margins = Float64Array.from(model.biases, (bias) => bias / BLOCKS);
      const places = new Int32Array(to - from);
      const values = new Float32Array(to - from);
      for (let at = 0; at < places.length; at += 1) {
        const place = numbers.get(terms[from + at] ?? 0);
        places[at] = place;
        if (place >= 0) values[at] = valueOf(counts[from + at] ?? 0, model.worth[place] ?? 0);
      }
      from = to;
      toLength(values, 0, values.length, BLOCK_LENGTHS[block] ?? 1);
      places.forEach((place, at) => {
        if (place < 0) return;
        const value = (values[at] ?? 0) * model.scale;
        for (let i = model.offsets[place] ?? 0, end = model.offsets[place + 1] ?? 0; i < end; i += 1) {
          const label = model.weightLabels[i] ?? 0;
          margins[label] = (margins[label] ?? 0) + value * (model.weights[i] ?? 0);
        }
      });
      return margins;
    }));
  };

  /** What a word of the text weighs for a label. */
  const worth = (term: string, label: number): number => {
    const place = numbers.get(wordHash(term));
    if (place < 0) return 0;
    for (let i = model.offsets[place] ?? 0, to = model.offsets[place + 1] ?? 0; i < to; i += 1) if (model.weightLabels[i] === label) return (model.weights[i] ?? 0) * (model.worth[place] ?? 0);
    return 0;
  };

  const deciding = (text: string, label: number): readonly string[] => {
    const { words } = analyzer.recall(text);
    const said = new Map<string, { readonly start: number; readonly worth: number }>();
    for (const { term, start, end } of words) {
      const word = text.slice(start, end);
      const value = worth(term, label);
      if (value > 0 && !said.has(word)) said.set(word, { start, worth: value });
    }
    return [...said].sort(([, a], [, b]) => b.worth - a.worth).slice(0, DECIDING).sort(([, a], [, b]) => a.start - b.start).map(([word]) => word);
  };

  return {
    labels: model.labels,
    sure: model.calibration.sure,
    suggest: (text, limit = SHOWN) => {
      if (model.labels.length === 0) return [];
      const opinion = judge(text);
      const { margins } = opinion;
      const shares = softmax(margins, model.calibration.sharpness);
      const [first] = bestTwo(margins);
      const winner = winnerScore(opinion, model.calibration);
      // Not one minus the winner's: hardly anything would be left of a tiny rest's digits.
      const rest = shares.reduce((sum, share, label) => (label === first ? sum : sum + share), 0);
      const order = [...shares.keys()].sort((a, b) => (margins[b] ?? 0) - (margins[a] ?? 0)).slice(0, limit);
      return order.map((label, place) => {
        // What the winner does not have is shared among the others; none of them may overtake it.
        const score = place === 0 ? winner : Math.min(winner, rest === 0 ? 0 : ((shares[label] ?? 0) / rest) * (1 - winner));
        return { label: model.labels[label] ?? '', score, matched: deciding(text, label) };
      });
    },
  };
}

const MAGIC = 'yihu-items 2\n';
const ARRAYS = ['terms', 'worth', 'offsets', 'weightLabels', 'weights', 'biases'] as const;

/** The model as a file: a line that names the format, a line of JSON, then the arrays, each at a multiple of eight bytes. */
export function writeModel(model: ItemModelData): Uint8Array {
  const head = { blocks: BLOCKS, labels: model.labels, scale: model.scale, calibration: model.calibration, ...(model.trained === undefined ? {} : { trained: model.trained }), lengths: ARRAYS.map((name) => model[name].length) };
  const text = new TextEncoder().encode(`${MAGIC}${JSON.stringify(head)}\n`);
  const parts: Uint8Array[] = [text];
  for (const name of ARRAYS) parts.push(new Uint8Array(model[name].buffer, model[name].byteOffset, model[name].byteLength));
  const sizes = parts.map(({ length }) => Math.ceil(length / 8) * 8);
  const file = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  parts.forEach((part, index) => {
    file.set(part, at);
    at += sizes[index] ?? 0;
  });
  return file;
}

/** @throws RangeError when the bytes are no model of this version, or were cut off */
export function readModel(file: Uint8Array): ItemModelData {
  const magic = new TextEncoder().encode(MAGIC);
  if (file.length < magic.length || magic.some((byte, at) => file[at] !== byte)) throw new RangeError('not an item model of this version');
  const lineEnd = file.indexOf(10, magic.length);
  if (lineEnd < 0) throw new RangeError('the item model is cut off');
  const head = readHead(new TextDecoder().decode(file.subarray(magic.length, lineEnd)));
  let at = Math.ceil((lineEnd + 1) / 8) * 8;
  const take = <View>(index: number, bytes: number, view: (buffer: ArrayBuffer) => View): View => {
    const size = (head.lengths[index] ?? 0) * bytes;
    if (at + size > file.length) throw new RangeError('the item model is cut off');
    const copy = new Uint8Array(file.subarray(at, at + size)).buffer;
    at += Math.ceil(size / 8) * 8;
    return view(copy);
  };
  return {
    labels: head.labels, scale: head.scale, calibration: head.calibration, ...(head.trained === null ? {} : { trained: head.trained }),
    terms: take(0, 4, (buffer) => new Uint32Array(buffer)),
    worth: take(1, 4, (buffer) => new Float32Array(buffer)),
    offsets: take(2, 4, (buffer) => new Uint32Array(buffer)),
    weightLabels: take(3, 2, (buffer) => new Uint16Array(buffer)),
    weights: take(4, 2, (buffer) => new Int16Array(buffer)),
    biases: take(5, 4, (buffer) => new Float32Array(buffer)),
  };
}

interface Head {
  readonly labels: readonly string[];
  readonly scale: number;
  readonly calibration: Calibration;
  readonly lengths: readonly number[];
  readonly trained: Trained | null;
}

function readHead(text: string): Head {
  const head: unknown = JSON.parse(text);
  if (!isRecord(head) || head['blocks'] !== BLOCKS || !isList(head['labels'], isText) || !isNumber(head['scale']) || !isList(head['lengths'], isNumber)) throw new RangeError('the head of the item model is broken');
  const { calibration } = head;
  if (!isRecord(calibration) || !isNumber(calibration['sharpness']) || !isNumber(calibration['sure']) || !isList(calibration['winner'], isNumber)) throw new RangeError('the head of the item model is broken');
  return { labels: head['labels'], scale: head['scale'], lengths: head['lengths'], calibration: { sharpness: calibration['sharpness'], sure: calibration['sure'], winner: calibration['winner'] }, trained: readTrained(head['trained']) };
}

function readTrained(value: unknown): Trained | null {
  if (!isRecord(value)) return null;
  const { texts, labels, accuracy, covered, base, baseAccuracy } = value;
  return isNumber(texts) && isNumber(labels) && isNumber(accuracy) && isNumber(covered) && isNumber(base) && isNumber(baseAccuracy) ? { texts, labels, accuracy, covered, base, baseAccuracy } : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const isList = <Member>(value: unknown, is: (member: unknown) => member is Member): value is Member[] => Array.isArray(value) && value.every(is);
