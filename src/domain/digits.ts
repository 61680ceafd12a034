import { toHalfWidth } from './text.ts';

/** Chinese and spoken digits. Pure; offsets are UTF-16. */

const DIGIT: Readonly<Record<string, number>> = {
  零: 0, 〇: 0, '○': 0, 洞: 0, 一: 1, 壹: 1, 幺: 1, 二: 2, 贰: 2, 两: 2, 三: 3, 叁: 3, 四: 4, 肆: 4, 五: 5, 伍: 5,
  六: 6, 陆: 6, 七: 7, 柒: 7, 拐: 7, 八: 8, 捌: 8, 九: 9, 玖: 9, 勾: 9,
};

/** A character class body of everything that may stand for one digit when a number is read out digit by digit. */
export const SPOKEN_DIGIT = '0-9零〇○洞一壹幺二贰两三叁四肆五伍六陆七柒拐八捌九玖勾';

/** Value of one digit character (ASCII, Chinese or telephone speech), or null. */
export function digitOf(char: string): number | null {
  if (char >= '0' && char <= '9') return char.charCodeAt(0) - 48;
  return DIGIT[char] ?? null;
}

/** Units that `digitView` shows as digits: ASCII, full width and spoken ones. */
const IS_DIGIT = new Uint8Array(0x1_0000);
for (const char of [...'0123456789０１２３４５６７８９', ...Object.keys(DIGIT)]) IS_DIGIT[char.charCodeAt(0)] = 1;

/**
 * Are there at least so many digits in it, of any kind? Most texts hold no number, and need not be searched for one.
 * @param apart other units between a digit and the next, at most: an answer names days, steps and keys to press, but not so many digits on end
 */
export function hasDigits(text: string, least: number, apart = Infinity): boolean {
  let count = 0;
  let before = -1;
  for (let i = 0; i < text.length; i += 1) {
    if (IS_DIGIT[text.charCodeAt(i)] !== 1) continue;
    count = i - before - 1 > apart ? 1 : count + 1;
    before = i;
    if (count >= least) return true;
  }
  return false;
}

/** Every digit character of the run as ASCII digits, everything else dropped. */
export function toDigits(run: string): string {
  let out = '';
  for (const char of run) {
    const value = digitOf(char);
    if (value !== null) out += String(value);
  }
  return out;
}

const SPOKEN = new RegExp(`[${SPOKEN_DIGIT}]`, 'g');

// A whole number in figures: the 三 of 张三13800138000 and the 一 of 13800138000一号楼 are words beside it, not its digits.
const BESIDE = new RegExp(`[${SPOKEN_DIGIT.slice(3)}]+(?=\\d(?:[ -]?\\d){10})|(?<=\\d(?:[ -]?\\d){10})[${SPOKEN_DIGIT.slice(3)}]+`, 'g');
/** Any character that no number contains; one UTF-16 unit. */
const WORD = '字';

/** The text with every digit, full width or spoken, as an ASCII digit; same length. For searching only. */
export function digitView(text: string): string {
  return toHalfWidth(text)
    .replace(BESIDE, (words) => WORD.repeat(words.length))
    .replace(SPOKEN, (char) => String(digitOf(char) ?? char));
}

const UNIT: Readonly<Record<string, number>> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000 };

/**
 * Reads a whole number: `23`, `二十三`, `两百零五`, `一万二` (12000), `廿五`, `二〇二六`. Null when it is not one.
 * Numbers beyond 10^12 are refused: nobody says them to a hotline.
 */
export function parseChineseNumber(text: string): number | null {
  if (text === '') return null;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  if (/^\d+(?:\.\d+)?万$/.test(text)) return Math.round(Number(text.slice(0, -1)) * 10_000);
  if (/^[零〇○一二三四五六七八九两]{2,}$/.test(text)) return Number(toDigits(text));
  const source = text.replace(/^廿/, '二十').replace(/^卅/, '三十');
  let total = 0;
  let section = 0;
  let digit: number | null = null;
  let lastUnit = 0;
  for (const char of source) {
    if (char === '零' || char === '〇') {
      lastUnit = 0;
      continue;
    }
    if (char === '万' || char === '亿') {
      section += digit ?? 0;
      if (section === 0) return null;
      total = (total + section) * (char === '万' ? 10_000 : 100_000_000);
      section = 0;
      digit = null;
      lastUnit = char === '万' ? 10_000 : 100_000_000;
      continue;
    }
    const unit = UNIT[char];
    if (unit !== undefined) {
      section += (digit ?? 1) * unit;
      digit = null;
      lastUnit = unit;
      continue;
    }
    const value = digitOf(char);
    if (value === null || digit !== null) return null;
    digit = value;
  }
  // 一百二 is 120, 一万二 is 12000: a trailing digit counts in tenths of the unit before it.
  if (digit !== null) section += digit * (lastUnit >= 100 ? lastUnit / 10 : 1);
  const result = total + section;
  return result <= 1e12 ? result : null;
}

// Between the digits of one number people write a blank, a dash or a dot.
const RUN = new RegExp(`[${SPOKEN_DIGIT}](?:[ \\t.·-]?[${SPOKEN_DIGIT}])+`, 'g');

/**
 * Telephone speech → digits, only inside a number: a run of at least three digit words with 幺/洞/拐/勾 in it
 * (幺幺零), or of at least seven digit words (一三八零零…). 拐两个弯 and 一二三 stay as they are.
 */
export function spokenDigitsToAscii(text: string): string {
  return !hasDigits(text, 3) ? text : text.replace(RUN, (run) => {
    const digits = toDigits(run);
    const telephone = /[幺洞拐勾]/.test(run) && digits.length >= 3;
    const long = digits.length >= 7 && /[零〇○一二两三四五六七八九]/.test(run);
    if (!telephone && !long) return run;
    return run.replace(SPOKEN, (char) => String(digitOf(char) ?? char));
  });
}
