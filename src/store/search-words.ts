import { storableText } from './text.ts';

/**
 * What tickets are found by: every two neighbouring characters of their texts, because Chinese words of two characters are the most
 * common ones and nothing marks where a word ends. A character before white space or at an end stands alone, so that every
 * character begins a word and a single one is found as the beginning of a word. ASCII letters are told apart by no case. Words are parted
 * by a space. The migration that added the search made the same words in SQL.
 */

const SPACE = /[ \t\n\v\f\r]+/;

const lowered = (text: string): string => storableText(text).replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Distinct words of these texts, parted by spaces; empty for texts of white space. */
export function searchWords(texts: readonly (string | null)[]): string {
  const words = new Set<string>();
  for (const text of texts) {
    if (text === null) continue;
    for (const run of lowered(text).split(SPACE)) {
      let last = '';
      for (const character of run) {
        if (last !== '') words.add(last + character);
        last = character;
      }
      if (last !== '') words.add(last);
    }
  }
  return [...words].join(' ');
}

/** Words that a text holds when it holds `text`; `begins` when a word needs only to begin so. Empty when there is nothing but white space. */
export function wantedWords(text: string): readonly { readonly word: string; readonly begins: boolean }[] {
  const wanted = new Map<string, boolean>();
  for (const run of lowered(text).split(SPACE)) {
    const characters = [...run];
    // What stands behind a part's last character is not known.
    if (characters.length === 1) wanted.set(run, true);
    for (const [index, character] of characters.slice(0, -1).entries()) wanted.set(character + (characters[index + 1] ?? ''), false);
  }
  return [...wanted].map(([word, begins]) => ({ word, begins }));
}

/** As SQLite's FTS5 reads it. */
export function ftsQuery(text: string): string {
  return wantedWords(text).map(({ word, begins }) => `"${word.replaceAll('"', '""')}"${begins ? '*' : ''}`).join(' AND ');
}

/** As PostgreSQL's tsquery reads it. */
export function tsQuery(text: string): string {
  return wantedWords(text).map(({ word, begins }) => `'${word.replaceAll(/['\\]/g, '$&$&')}'${begins ? ':*' : ''}`).join(' & ');
}
