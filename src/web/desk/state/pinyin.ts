/**
 * Initials of Chinese words (会话 → hh), so that a palette or a folder of answers can be searched without an input method. Nothing is
 * shipped for it: the browser's own pinyin collation says between which two letters a character stands. Rare readings may be
 * wrong (a character with several has one here); a search by the characters themselves always works.
 */

/** The first character of each letter in pinyin order; no word begins with i, u or v. */
const FIRSTS: readonly (readonly [string, string])[] = [
  ['a', '阿'], ['b', '八'], ['c', '嚓'], ['d', '哒'], ['e', '妸'], ['f', '发'], ['g', '旮'], ['h', '哈'], ['j', '讥'], ['k', '咔'], ['l', '垃'], ['m', '痳'],
  ['n', '拏'], ['o', '噢'], ['p', '妑'], ['q', '七'], ['r', '呥'], ['s', '扨'], ['t', '它'], ['w', '穵'], ['x', '夕'], ['y', '丫'], ['z', '帀'],
];
const HAN = /\p{Script=Han}/u;

let collator: Intl.Collator | null = null;
const known = new Map<string, string>();

function initial(character: string): string {
  if (!HAN.test(character)) return /[a-z0-9]/i.test(character) ? character.toLowerCase() : '';
  const before = known.get(character);
  if (before !== undefined) return before;
  collator ??= new Intl.Collator('zh-Hans-CN-u-co-pinyin');
  let found = '';
  for (const [letter, first] of FIRSTS) {
    if (collator.compare(character, first) < 0) break;
    found = letter;
  }
  known.set(character, found);
  return found;
}

/** 转接会话 → zjhh; Latin letters and digits stay. */
export function initials(text: string): string {
  return [...text].map(initial).join('');
}

/** Does `text` begin with the words or their initials? What does stands before what only holds them. */
export function begins(query: string, text: string): boolean {
  const wanted = query.trim().toLowerCase();
  return text.toLowerCase().startsWith(wanted) || initials(text).startsWith(wanted);
}

/** Does `text` hold the words, or their initials? An empty query finds everything. */
export function finds(query: string, text: string): boolean {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return true;
  if (text.toLowerCase().includes(wanted)) return true;
  return /^[a-z0-9]+$/.test(wanted) && initials(text).includes(wanted);
}
