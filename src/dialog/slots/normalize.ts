import { spokenDigitsToAscii } from '../../domain/digits.ts';
import { dropInvisible, toSimplified } from '../../domain/text.ts';

// Sentence marks that stay full width: the text is shown and stored after this.
const KEEP_WIDE = /[，。！？；：（）、“”‘’…—～]/;

/** Nothing to tidy: ideographs, digits, letters and sentence marks without blanks at the ends or in a row. */
const TIDY = /^(?! )(?:[\x21-\x7e\u4e00-\u9fff，。！？；：（）、“”‘’…—～]| (?=[^ \n]))*$/;

/**
 * What the engine gives to every reader: invisible characters gone, full-width letters and digits half width (NFKC a
 * character at a time, Chinese sentence marks kept), traditional → simplified, telephone digits (幺洞拐两勾) → digits inside
 * numbers, blanks trimmed and single. Length may change: findings refer to the text given to the reader.
 */
export function normalizeText(text: string): string {
  if (TIDY.test(text)) return spokenDigitsToAscii(toSimplified(text));
  let out = '';
  for (const char of dropInvisible(text).replace(/\p{Surrogate}/gu, '')) {
    out += KEEP_WIDE.test(char) ? char : char.normalize('NFKC');
  }
  const tidy = out.replace(/[ \t\u00a0]+/g, ' ').replace(/ *\r?\n */g, '\n').trim();
  return spokenDigitsToAscii(toSimplified(tidy));
}
