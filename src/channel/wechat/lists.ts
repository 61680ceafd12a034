import { checkMarkup, elements, flat, quoteBigIntegers, textOf, xml, type Fields, type XmlElement } from './wire.ts';

/** The nested part of some pushes, which `readFields` leaves out: records, one below the other. */

/**
 * The records of a push that has some (`<List>` once or more, also below another element; `"List"` as an object or an array). Empty when there
 * is none, or the text is neither format.
 */
export function readLists(text: string): readonly Fields[] {
  const first = text.trimStart()[0];
  if (first === '{') return jsonLists(text);
  if (first !== '<' || checkMarkup(text) !== 'fine') return [];
  try {
    const [root] = elements(xml.parse(text, true));
    return root === undefined ? [] : xmlLists(elements(root.children), LIST_DEPTH);
  } catch {
    return [];
  }
}

const LIST = 'List';
/** A record stands right below the root, or below one element. */
const LIST_DEPTH = 2;

function xmlLists(nodes: readonly XmlElement[], depth: number): readonly Fields[] {
  return nodes.flatMap(({ name, children }) => {
    if (name !== LIST) return depth > 1 ? xmlLists(elements(children), depth - 1) : [];
    return [new Map(elements(children).flatMap((leaf) => {
      const value = textOf(leaf.children);
      return value === null ? [] : [[leaf.name, value] as const];
    }))];
  });
}

function jsonLists(text: string): readonly Fields[] {
  let document: unknown;
  try {
    document = JSON.parse(quoteBigIntegers(text));
  } catch {
    return [];
  }
  const below = isRecord(document) ? [document, ...Object.values(document).filter(isRecord)] : [];
  return below.flatMap((holder) => {
    const list = holder[LIST];
    return (Array.isArray(list) ? list : [list]).filter(isRecord).map(flat);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
