import { maskText } from '../../domain/masking.ts';

/** Sample voices: a citizen's own words, made fit for a report that many read. */

/** Characters of a voice. */
const LONGEST = 90;
const SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温詹欧';
/** 姓名：某某, 我叫某某, 联系人某某. */
const TOLD_NAME = /(姓名|联系人|我叫|名叫|本人叫|当事人)([：:是为]?\s{0,2})([\u4e00-\u9fff])([\u4e00-\u9fff·]{1,3})(?=[\s，,。；;、（(]|$)/g;
const TITLED_NAME = new RegExp(`([${SURNAMES}])([\\u4e00-\\u9fff]{0,2}?)(先生|女士|小姐|阿姨|大爷|伯|医生|老师|律师)`, 'g');
/** The door, not the house: 3栋502房, 12号楼2单元301. */
const DOOR = /(\d{1,3}\s?(?:栋|幢|座|号楼|单元)[\d一二三四五六七八九十]{0,2}\s?(?:单元)?)\s?(\d{3,4})(?=\s?(?:房|室|号房|户)?)/g;
const ROOM = /\d{3,4}(?=\s?(?:房|室|号房|住户))/g;
/** A plate keeps the town that gave it out. */
const PLATE = /([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[\s·]?[A-Z0-9]{5,6}/g;

/** Numbers, names that are told as such, doors and plates are taken out. What a citizen wrote otherwise is not known to be a name. */
export function maskVoice(text: string): string {
  return maskText(text).text
    .replace(TOLD_NAME, (_whole, word: string, link: string, first: string) => `${word}${link}${first}**`)
    .replace(TITLED_NAME, (_whole, first: string, _rest: string, title: string) => `${first}${title}`)
    .replace(DOOR, (_whole, house: string) => `${house}***`)
    .replace(ROOM, '***')
    .replace(PLATE, (_whole, head: string) => `${head}·*****`);
}

/** Masked, in one line, cut at the end of a sentence or a clause where there is one near the limit. */
export function voiceOf(content: string): string {
  const line = maskVoice(content).replaceAll(/\s+/g, ' ').trim();
  const letters = [...line];
  if (letters.length <= LONGEST) return line;
  const cut = letters.slice(0, LONGEST).join('');
  const end = Math.max(cut.lastIndexOf('。'), cut.lastIndexOf('！'), cut.lastIndexOf('？'));
  if (end >= LONGEST / 2) return cut.slice(0, end + 1);
  const clause = Math.max(cut.lastIndexOf('，'), cut.lastIndexOf('；'), cut.lastIndexOf(','));
  return `${clause >= LONGEST / 2 ? cut.slice(0, clause) : cut}……`;
}
