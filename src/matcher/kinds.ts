/**
 * Which kind of thing a question asks for (a number to call, a sum of money, how long, where, yes or no …), and whether an
 * answer holds such a thing. Closed classes of the language, like the weak characters.
 */

const PHONE = 1;
const MONEY = 2;
const TIME = 4;
const PLACE = 8;
const WHETHER = 16;
const COUNT = 32;

const ASKED: readonly (readonly [number, RegExp])[] = [
  [PHONE, /电话|热线|号码|联系方式|怎么联系|如何联系/],
  [MONEY, /多少钱|费用|收费|价格|几块|几元|金额|工资|薪资|租金|罚款|补贴标准|规费|费率|缴多少|交多少/],
  [TIME, /多久|多长|期限|时间|几天|几年|几个月|几岁|何时|什么时候|年限|日期|几点/],
  [PLACE, /哪里|哪儿|何处|地址|地点|在哪|去哪/],
  [WHETHER, /是否|可否|能否|可不可以|能不能|可以.{0,24}吗|吗$|是不是|有没有|需不需要|有无|会不会/],
  [COUNT, /多少|几个|几次|几家|几人|比例|百分之几|几成/],
];

/** Kinds asked for, as bits; 0: none that is known. */
export function asksFor(plain: string): number {
  const said = plain.slice(0, 400);
  let bits = 0;
  for (const [bit, pattern] of ASKED) if (pattern.test(said)) bits |= bit;
  return bits;
}

const OPENS_WHETHER = codes('可能否是不得应无未需有依如须');
const TIMES = codes('日天年月时周岁点');
const SUMS = codes('元万亿币');
const PLACES = codes('路号楼街道室窗口厅局');
const NUMERALS = codes('0123456789一二三四五六七八九十百千两半');

function codes(chars: string): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}

export interface KindReader {
  /** Share of the kinds asked for that an answer holds. */
  read(asked: number, units: Uint16Array, from: number, to: number): number;
}

const WHERE_READ = 1200;

export function createKindReader(): KindReader {
  return {
    read: (asked, units, from, to) => {
      let held = (OPENS_WHETHER[units[from] ?? 0] ?? 0) === 1 && to > from ? WHETHER : 0;
      let digits = 0;
      let numeral = false;
      let places = 0;
      for (let at = from, end = Math.min(to, from + WHERE_READ); at < end; at += 1) {
        const code = units[at] ?? 0;
        if (code >= 48 && code <= 57) {
          digits += 1;
          if (digits === 7) held |= PHONE;
        } else {
          digits = 0;
        }
        if (numeral && (TIMES[code] ?? 0) === 1) held |= TIME;
        if (numeral && (SUMS[code] ?? 0) === 1) held |= MONEY;
        if ((PLACES[code] ?? 0) === 1) places += 1;
        numeral = (NUMERALS[code] ?? 0) === 1;
        if (numeral) held |= COUNT;
      }
      if (places >= 3) held |= PLACE;
      let [wanted, got] = [0, 0];
      for (let bit = 1; bit <= COUNT; bit *= 2) {
        if ((asked & bit) === 0) continue;
        wanted += 1;
        if ((held & bit) !== 0) got += 1;
      }
      return wanted === 0 ? 0 : got / wanted;
    },
  };
}
