import { pinyin } from 'pinyin-pro';

let last: { readonly text: string; readonly syllables: readonly string[] } = { text: '', syllables: [] };

/** Syllables of a text without tones, one a character. The last text is kept: what a citizen says is listened to for phrases, and then for the choices on offer. */
export function syllablesOf(text: string): readonly string[] {
  if (last.text !== text) last = { text, syllables: pinyin(text, { toneType: 'none', type: 'array' }) };
  return last.syllables;
}
