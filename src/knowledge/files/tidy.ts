import { foldText } from '../../domain/text.ts';

/** What is the same text for the knowledge base, however a spreadsheet, a system or a keyboard wrote it. Pure. */

// C0 and C1 controls but tab and line feed, byte order mark, noncharacters: XML and databases refuse them. Joiners stay: emoji are made with them.
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/g;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Line ends as `\n`, no controls, no halves of characters, nothing blank at either end. */
export function tidyText(text: string): string {
  return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(UNWANTED, '').replace(LONE, '').trim();
}

/**
 * A value as it is kept: every text tidied; empty texts, lists and objects left out. `undefined` when nothing is left. Only
 * plain data (of JSON or of a row) is expected.
 */
export function tidy(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = tidyText(value);
    return text === '' ? undefined : text;
  }
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value.map(tidy).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value === 'object') {
    const parts = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      const kept = tidy(part);
      return kept === undefined ? [] : [[key, kept]];
    });
    // Entries define own properties; an assignment to `__proto__` would not.
    return parts.length === 0 ? undefined : Object.fromEntries(parts);
  }
  return value;
}

/** A text that is equal for equal entries: tidied, keys in order, `audience: public` as if it were not there. */
export function fingerprint(entry: object): string {
  return JSON.stringify(ordered(tidy(entry)));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => !(key === 'audience' && part === 'public'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, ordered(part)]),
  );
}

/** A question without what does not make it another one: blanks, marks, width, script, case. */
export function questionKey(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '');
}
