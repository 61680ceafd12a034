/**
 * Lists inside one cell. A cell with line breaks holds one element a line, and nothing else parts them; a cell in one line
 * is parted at ；. An element's own line break is written `\n`, its backslash `\\`, and in elements of several parts
 * (办理地点, 链接) a bar is written `\|`.
 */

const escapeText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapePart = (text: string): string => escapeText(text).replace(/[|｜]/g, '\\$&');

function unescape(text: string): string {
  return text.replace(/\\([\\n|｜])/g, (_whole, char: string) => (char === 'n' ? '\n' : char));
}

const LONG = /[；;]/;
/** Ids, names and keywords are parted by commas too. */
const SHORT = /[；;，,、]/;

const written = (elements: readonly string[], separators: RegExp): string => {
  const [only] = elements;
  // The line end says that the separators in a single element are its own.
  return elements.length === 1 && only !== undefined && separators.test(only) ? `${only}\n` : elements.join('\n');
};

const parted = (cell: string, separators: RegExp): string[] =>
  cell.split(/\r\n?|\n/.test(cell) ? /\r\n?|\n/ : separators).map((element) => element.trim()).filter((element) => element !== '');

/** Sentences: wordings, steps, materials. */
export const writeList = (elements: readonly string[]): string => written(elements.map(escapeText), LONG);
export const readList = (cell: string): string[] => parted(cell, LONG).map(unescape);

/** Short words: ids, names, keywords. */
export const writeWords = (elements: readonly string[]): string => written(elements.map(escapeText), SHORT);
export const readWords = (cell: string): string[] => parted(cell, SHORT).map(unescape);

/** Elements of several parts, `一 | 二 | 三`; what is empty at the end is left out. */
export function writeParts(elements: readonly (readonly (string | undefined)[])[]): string {
  return written(elements.map((parts) => parts.slice(0, parts.findLastIndex((part) => part !== undefined) + 1).map((part) => escapePart(part ?? '')).join(' | ')), LONG);
}

/** Parts of each element, at the bars (｜ as well). */
export const readParts = (cell: string): string[][] => parted(cell, LONG).map(partsOf);

function partsOf(element: string): string[] {
  const parts = [''];
  for (const [token] of element.matchAll(/\\.|[^\\|｜]+|[|｜]|\\$/gsu)) {
    if (token === '|' || token === '｜') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts.map((part) => unescape(part.trim()));
}
