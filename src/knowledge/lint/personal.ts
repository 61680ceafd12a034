import { digitView, hasDigits } from '../../domain/digits.ts';
import { maskText, scanPhones } from '../../domain/masking.ts';

/**
 * Personal data in a text that everybody will read. Pure. Says what kind it is and never what it is. Lines of public
 * service (12345, 110, 400 and 800 numbers) and fixed lines of offices are no personal data.
 */

export type PersonalKind = 'mobile' | 'identity' | 'number' | 'email' | 'name';

const IDENTITY = /(?<!\d)[1-9]\d{16}[\dXx](?!\d)/g;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11643-1999: the last character is a check digit over the first 17 (ISO 7064, MOD 11-2). */
export function isIdentityNumber(text: string): boolean {
  if (!/^[1-9]\d{16}[\dXx]$/.test(text)) return false;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(text[index]), 0);
  return '10X98765432'[sum % 11] === text[17]?.toUpperCase();
}

/** The surnames of nine in ten people; a character that begins many other words (高峰, 时间, 方便) is only one before another sign of a name. */
const SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝';
const TITLE = '(?:先生|女士|小姐|同志|科长|主任|局长|所长|处长|队长|警官|老师|经理|医生|书记|干事|专员)';
const NAME = `[${SURNAMES}][\\u4e00-\\u9fff]{1,2}`;
const BREAK = '(?<=^|[\\s，。；、：:（(,;.!?！？“”|｜])';
/** 联系人：王小明; the mark is needed, for 负责人应当 is no name. */
const CONTACT = new RegExp(`(?:联系人|经办人|负责人|经手人|咨询人)(?:[：:]\\s*|为\\s*)${NAME}(?=$|[\\s，。；、（(,;.|｜]|${TITLE}|电话|手机)`, 'mu');
/** 王小明 电话0769…, 王小明（手机138…）: a name that stands by itself before a number. */
const BEFORE_PHONE = new RegExp(`${BREAK}${NAME}${TITLE}?[\\s，、（(,：:]*(?:联系)?(?:电话|手机|座机|微信)(?:号码?)?[\\s：:是为]*[\\d+（(]`, 'mu');
/** 王小明 138…, 王小明：0769… */
const BEFORE_NUMBER = new RegExp(`${BREAK}${NAME}${TITLE}?[\\s：:]+(?:\\+?86[- ]?)?(?:1[3-9]\\d{9}|0\\d{2,3}[- ]?\\d{7,8})(?!\\d)`, 'mu');
const TITLED = new RegExp(`${BREAK}[${SURNAMES}](?:先生|女士|科长|主任|警官|所长)[\\s，、（(,：:]*(?:电话|手机)[\\s：:]*\\d`, 'mu');

const EMAIL = /[\w.+%-]{1,64}@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})/gi;
const OFFICE_MAIL = /(?:^|\.)(?:gov|edu|org)\.cn$/i;

/** A name is told from other words by a number behind it or by one of these before it. */
const NAMES = /联系人|经办人|负责人|经手人|咨询人/;
/** Digits of the shortest number that is looked for: a fixed line without its area code. */
const LEAST = 7;

/** Kinds of personal data in a text, each once. */
export function personalData(text: string): readonly PersonalKind[] {
  const numbers = hasDigits(text, LEAST);
  // Most texts hold neither a number nor an address, and need not be searched.
  if (!numbers && !text.includes('@') && !text.includes('＠')) return NAMES.test(text) && CONTACT.test(text) ? ['name'] : /电话|手机|座机|微信/.test(text) && /\d/.test(text) && (BEFORE_PHONE.test(text) || TITLED.test(text)) ? ['name'] : [];
  const kinds = new Set<PersonalKind>();
  const view = digitView(text);
  const spared: { readonly start: number; readonly end: number }[] = [];
  for (const match of view.matchAll(IDENTITY)) {
    if (!isIdentityNumber(match[0])) continue;
    kinds.add('identity');
    spared.push({ start: match.index, end: match.index + match[0].length });
  }
  for (const phone of scanPhones(text)) {
    if (phone.kind !== 'landline') kinds.add('mobile');
    spared.push(phone);
  }
  for (const match of text.matchAll(EMAIL)) {
    if (!OFFICE_MAIL.test(match[1] ?? '')) kinds.add('email');
    spared.push({ start: match.index, end: match.index + match[0].length });
  }
  // Fixed lines without their area code are the offices' too.
  for (const match of view.matchAll(/(?<!\d)[2-8]\d{3}[ -]?\d{3,4}(?!\d)/g)) spared.push({ start: match.index, end: match.index + match[0].length });
  // What the mask would hide beside that: bank cards, old identity numbers, numbers run together.
  if (maskText(without(text, spared)).found) kinds.add('number');
  if (CONTACT.test(text) || BEFORE_PHONE.test(text) || BEFORE_NUMBER.test(text) || TITLED.test(text)) kinds.add('name');
  return [...kinds];
}

function without(text: string, spans: readonly { readonly start: number; readonly end: number }[]): string {
  const units = text.split('');
  for (const { start, end } of spans) units.fill('字', start, end);
  return units.join('');
}
