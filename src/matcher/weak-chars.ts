/**
 * Characters that build questions rather than name their matter (怎么, 请问, 要带什么 …). In a small knowledge base a pair such
 * as 要带 is rare and would count as much as 护照; these count less. A closed class of the language, so it lives in code.
 */
const WEAK = '的了是我你您他她它们这那个不没有无在要想能会可以请问怎么样什吗呢吧啊呀嘛哪里谁找几多少去来到给把被让对从和与跟或及就都也还又再很好太着过得地上下里外一人家说看叫做用自己点些时候现应该帮需知道为因所如果但是然后其实咨询麻烦谢办拿带做弄搞申';

const WEAK_WEIGHT = 0.2;
/** By UTF-16 code: a table, because every pair of every question asks twice. */
const weak = new Uint8Array(0x10000);
for (const char of WEAK) weak[char.charCodeAt(0)] = 1;
const one = (code: number): number => (weak[code] === 1 ? WEAK_WEIGHT : 1);

/** Weight of a character key (a code, or first << 16 | second): 0.2 to 1. */
export function charWeight(key: number): number {
  return key < 0x10000 ? one(key) : (one(key >>> 16) + one(key & 0xffff)) / 2;
}

/** The same for a word: the mean over its characters. */
export function wordWeight(word: string): number {
  let sum = 0;
  for (let i = 0; i < word.length; i += 1) sum += one(word.charCodeAt(i));
  return word.length === 0 ? 0 : sum / word.length;
}

export function isWeak(code: number): boolean {
  return weak[code] === 1;
}
