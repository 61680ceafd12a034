import { pinyin } from 'pinyin-pro';
import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import type { FoundIn } from '../../../src/matcher/finder/index.ts';

/** What the finder promises, written as one would say it: every place is tried, nothing is indexed. */

const isSkipped = (char: string): boolean => !/[\p{L}\p{N}\p{M}]/u.test(char);
const isLatin = (char: string): boolean => /[a-z0-9]/.test(char);
const sounds = new Map<string, readonly string[]>();
function soundsOf(char: string): readonly string[] {
  let found = sounds.get(char);
  if (found === undefined) {
    found = /\p{Script=Han}/u.test(char) ? pinyin(char, { toneType: 'none', type: 'array', v: true, multiple: true }) : [];
    sounds.set(char, found);
  }
  return found;
}

/** Does the word, from its place i on, stand in the text from a place on? */
function goesOn(word: string, i: number, text: string, at: number): boolean {
  if (i === word.length) return true;
  const char = text[at];
  if (char === undefined) return false;
  if (isSkipped(char)) return goesOn(word, i, text, at + 1);
  if (char === word[i] && goesOn(word, i + 1, text, at + 1)) return true;
  for (const sound of soundsOf(char)) {
    for (let length = 1; length <= sound.length; length += 1) {
      if (sound.slice(0, length) === word.slice(i, i + length) && goesOn(word, i + length, text, at + 1)) return true;
    }
  }
  return false;
}

function holds(word: string, text: string): boolean {
  const folded = text.toLowerCase();
  for (let at = 0; at < folded.length; at += 1) {
    const char = folded[at] ?? '';
    if (isSkipped(char) || (isLatin(char) && at > 0 && isLatin(folded[at - 1] ?? ''))) continue;
    if (goesOn(word, 0, folded, at)) return true;
  }
  return false;
}

function literally(word: string, text: string): boolean {
  const folded = text.toLowerCase();
  for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) if (!isLatin(word[0] ?? '') || at === 0 || !isLatin(folded[at - 1] ?? '')) return true;
  return false;
}

export function naiveWords(query: string): readonly string[] {
  return [...new Set(query.toLowerCase().split(/\s+/).map((word) => [...word].filter((char) => !isSkipped(char)).join('')).filter((word) => word !== ''))];
}

/** Best place of a word in the entry. */
export function naivePlace(word: string, entry: KnowledgeEntry): FoundIn | null {
  if (holds(word, entry.question)) return 'question';
  if (entry.wordings.some((wording) => holds(word, wording))) return 'wording';
  if ((entry.keywords ?? []).some((keyword) => holds(word, keyword))) return 'keyword';
  return word.length > 1 && literally(word, entry.answer) ? 'answer' : null;
}
