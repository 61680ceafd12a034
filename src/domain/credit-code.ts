/**
 * 统一社会信用代码, GB 32100-2015: 18 characters, the last one a check character over the first 17 with the weights 3^i mod 31.
 * The alphabet leaves out I, O, S, V and Z.
 */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = Array.from({ length: 17 }, (_, index) => 3 ** index % 31);

/** As it is written down: capitals, no blanks, half width. */
export function normalizeCreditCode(text: string): string {
  return text.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();
}

/** The check character of the first 17; null when one of them is not of the alphabet or some are missing. */
export function creditCheck(body: string): string | null {
  if (body.length !== 17) return null;
  let sum = 0;
  for (const [index, weight] of WEIGHTS.entries()) {
    const value = ALPHABET.indexOf(body.charAt(index));
    if (value < 0) return null;
    sum += value * weight;
  }
  return ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/** Is this a code that can have been given out? Takes the normal form. */
export function isCreditCode(code: string): boolean {
  return code.length === 18 && creditCheck(code.slice(0, 17)) === code.charAt(17);
}
