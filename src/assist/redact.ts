import type { Lexicon } from '../domain/lexicon.ts';
import { maskText } from '../domain/masking.ts';
import { findNames } from '../dialog/slots/index.ts';
import { askedBefore } from './lines.ts';
import type { AssistRules } from './rules.ts';
import type { Line } from './types.ts';

/**
 * Takes out of a conversation what a stranger must not read: every number of three digits and more in any spelling, plates, mail
 * addresses, names and the address on the door. Rows are masked already; what leaves the house is masked once more and harder. Pure.
 */

export interface RedactGiven {
  readonly rules: AssistRules;
  readonly lexicon: Lexicon;
  /** Names that the house knows: of seats, of the bot's form. */
  readonly names: readonly string[];
}

const HAN_DIGIT = '零〇一二三四五六七八九幺两';
/** ASCII, full width and other scripts' digits, stars of earlier masking, with what people write between them. */
const DIGITS = /[\p{Nd}*＊](?:[\s.·•_\-‐-―—,，/:：]{0,2}[\p{Nd}*＊]){2,}/gu;
/** Spoken: 幺三八…; three of them in a row are no amount of things. */
const SPOKEN = new RegExp(`[${HAN_DIGIT}](?:[\\s、，,]?[${HAN_DIGIT}]){2,}`, 'gu');
const MIXED = new RegExp(`[\\p{Nd}${HAN_DIGIT}](?:\\s?[\\p{Nd}${HAN_DIGIT}]){2,}`, 'gu');
const EMAIL = /[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*/g;
const URL = /https?:\/\/\S+/gi;
const PLATE = /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•\- ]?[A-Z0-9]{4,6}/giu;
const ACCOUNT = /[A-Z0-9_-]*\d[A-Z0-9_-]{4,}/gi;
const DOOR = /[\p{Nd}一二三四五六七八九十百]{1,4}(?:号楼|栋|座|幢|单元|室|房|号(?!线|召|称|码))/gu;
const TITLES = '先生|女士|小姐|太太|老师|师傅|阿姨|经理|医生|主任|同志|警官|老板';
const MASK = '＊＊';

/** The conversation as lines `市民：…`, masked. */
export function redactLines(lines: readonly Line[], { rules, lexicon, names }: RedactGiven): readonly { readonly role: Line['role']; readonly text: string }[] {
  const known = new Set<string>(names.filter((name) => [...name].length >= 2));
  lines.forEach((line, index) => {
    const asked = line.role === 'citizen' && askedBefore(lines, index, rules) === 'name' ? { asked: 'name' as const } : {};
    for (const { value } of findNames(line.text, { lexicon, ...asked })) if ([...value].length >= 2) known.add(value);
  });
  const surnames = [...lexicon.surnames].sort((a, b) => b.length - a.length).map(escape).join('|');
  const withTitle = new RegExp(`(?:老|小)?(?:${surnames})[\\u3400-\\u9fff]{0,2}?(?=${TITLES})`, 'gu');
  // 陈大文 is also 大文 and 陈先生.
  const acting = new RegExp(`(?:${surnames})[\\u3400-\\u9fff]{1,2}(?=欠|骗|打了|打我|说|收了|拿了|这个人|威胁|跟我|和我|告诉|联系)`, 'gu');
  const list = [...known].flatMap((name) => {
    const bare = name.replace(new RegExp(`(?:${TITLES})$`, 'u'), '');
    const given = [...name].length === 3 ? [...name].slice(1).join('') : '';
    return [name, bare, given].filter((each) => [...each].length >= 2);
  });
  const spoken = [...new Set(list)].sort((a, b) => b.length - a.length);
  return lines.map(({ role, text }) => ({ role, text: redactText(spoken.reduce((out, name) => out.replaceAll(name, MASK), text).replace(withTitle, MASK).replace(acting, MASK).replace(SURNAME, (_all, head: string) => `${head}${MASK}`)) }));
}

const SURNAME = /((?:免贵姓|我姓|姓|我叫|名叫|我是|叫)\s?)[\u3400-\u9fff](?=[\s,，。.!！；;]|$)/gu;

/** Numbers, plates, mail addresses and doors of one text. */
export function redactText(text: string): string {
  let out = maskText(text).text.normalize('NFKC');
  for (const pattern of [URL, EMAIL, PLATE, DIGITS, SPOKEN, MIXED, DOOR, ACCOUNT]) out = out.replace(pattern, MASK);
  return out;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
