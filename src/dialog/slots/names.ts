import { foldText } from '../../domain/text.ts';
import type { Finding, SlotContext } from '../slots-types.ts';

/**
 * People's names. Only what is said as a name counts: after 我叫, 姓, 称呼我 …, or bare when the bot has just asked for it.
 * The value is the name as said; with a surname alone it is the surname, with a title surname and title (陈先生).
 */

const HAN = '[\\u3400-\\u9fff]';
const TITLE = '先生|女士|小姐|太太|同志|老师|师傅|阿姨|大叔|大妈|老板|经理|医生|生|太';
/** What may follow a name in one breath. */
const FOLLOW =
  /^(?:$|(?:名?叫)|[\s,.;:!?、。"'”’()]|是|的|住|在|想|要|电话|手机|联系|号码|打|反映|投诉|咨询|举报|请|有|来自|来|今年|这|那|家住|家在|就|男|女|你好|您好|谢谢|我|吧|啊|呀|哦|啦|嘞|呢)/;
const INTRO = /(?:我系叫|我的?名字(?:是|叫)?|我姓名是?|姓名是?|名字是|我叫做?|本人叫?|名叫|叫我|称呼我|可以叫我|联系人是?|登记人是?|我?系叫|我系|(?<=姓.{1,2})(?:名)?叫|my name is|call me|i am|i'm)[\s:]*/g;
const SURNAME_INTRO = /(?:免贵姓|我姓|本人姓|姓)[\s:]*/g;
const ENGLISH = /^[a-z][a-z'.-]*(?: [a-z][a-z'.-]*){0,2}/;
/** Words that begin like a surname and are none. */
const NOT_NAMES = /^(?:方便|都可以|都行|那好|那行|那个|和你|高兴|安全|平安|马上|成功|明天|白天|时候|时间|温馨|万一|于是|应该|可以|能不能|能否|经常|公司|国家|东城|南城|东莞|石龙|石排|黄江|沙田|洪梅|高埗|师傅|老板|路上|车主|车库|房东|商户|居民|水电|花园|华为|包工头|施工|管理|农民|高中生|家长|文明|利用|充电|通知|别人|连续|关于|相关|向你|都不|边度|司机|匿名|经理|双方|解决|任何|毕竟|单位|万江|常平|白云|万达|强烈|严重|干嘛|干什么|暂时|能说|江边|田里|金额|钱|从来|从小)/;
const SKIP_NAME = /不(?:用|想|要|方便|愿|说|便|告诉|留|需)|没有|匿名|保密|唔/;

interface Taken {
  readonly length: number;
  readonly confidence: number;
  readonly kind: 'full' | 'titled' | 'surname';
}

/** Surnames as a set, and whether a compound one stands at this place. */
function surnameAt(text: string, at: number, surnames: ReadonlySet<string>): string | null {
  const two = text.slice(at, at + 2);
  if (two.length === 2 && surnames.has(two)) return two;
  const one = text.charAt(at);
  return surnames.has(one) ? one : null;
}

/** Longest sensible name that begins here. */
function takeName(text: string, at: number, surnames: ReadonlySet<string>): Taken | null {
  const minority = /^[\u3400-\u9fff]{2,6}·[\u3400-\u9fff]{2,8}/u.exec(text.slice(at));
  if (minority !== null) return { length: minority[0].length, confidence: 0.9, kind: 'full' };
  const nick = new RegExp(`^(?:老|小|阿)([\\u3400-\\u9fff])(?=$|[\\s,.;!])`, 'u').exec(text.slice(at));
  if (nick !== null && surnames.has(nick[1] ?? '')) return { length: 2, confidence: 0.8, kind: 'titled' };
  const surname = surnameAt(text, at, surnames);
  if (surname === null) return null;
  const from = at + surname.length;
  const title = new RegExp(`^(?:${TITLE})`).exec(text.slice(from));
  if (title !== null && (title[0].length > 1 || FOLLOW.test(text.slice(from + 1)))) return { length: surname.length + title[0].length, confidence: 0.9, kind: 'titled' };
  const han = (count: number): boolean => new RegExp(`^${HAN}{${count}}`, 'u').test(text.slice(from));
  // Two given characters that end cleanly, then one, then two with anything behind.
  const openers = /^(?:想|要|来|打|住|说|反映|投诉|在|有|是|家住|今年|现在)/;
  if (han(1) && openers.test(text.slice(from + 1)) && FOLLOW.test(text.slice(from + 1)) && text.slice(from + 1).length > 2) return { length: surname.length + 1, confidence: 0.85, kind: 'full' };
  for (const count of [2, 1]) if (han(count) && FOLLOW.test(text.slice(from + count))) return { length: surname.length + count, confidence: count === 2 && /^(?:[是住在想要打有来我的就吧啊呀])/.test(text.slice(from + 1)) ? 0.7 : 0.92, kind: 'full' };
  if (FOLLOW.test(text.slice(from))) return { length: surname.length, confidence: 0.6, kind: 'surname' };
  return han(2) ? { length: surname.length + 2, confidence: 0.55, kind: 'full' } : null;
}

const cache = new WeakMap<readonly string[], ReadonlySet<string>>();

function surnameSet(list: readonly string[]): ReadonlySet<string> {
  const known = cache.get(list);
  if (known !== undefined) return known;
  const made = new Set(list);
  cache.set(list, made);
  return made;
}

/** Finds names; at most one a place, best way of saying first. A full name beats the surname said before it. */
export function findNames(text: string, ctx: Pick<SlotContext, 'lexicon' | 'asked'>): Finding<string>[] {
  const folded = foldText(text);
  const surnames = surnameSet(ctx.lexicon.surnames);
  const found: Finding<string>[] = [];
  const add = (start: number, taken: Taken | null, top: number): void => {
    if (taken === null || NOT_NAMES.test(folded.slice(start))) return;
    if (found.some((each) => start < each.end && start + taken.length > each.start)) return;
    found.push({ value: text.slice(start, start + taken.length), start, end: start + taken.length, confidence: Math.min(top, taken.confidence) });
  };
  for (const match of folded.matchAll(INTRO)) {
    const start = match.index + match[0].length;
    if (/^[a-z]/.test(match[0])) {
      const english = ENGLISH.exec(folded.slice(start));
      if (english !== null && (/name|call/.test(match[0]) || ctx.asked === 'name')) add(start, { length: english[0].length, confidence: 0.8, kind: 'full' }, 0.8);
      continue;
    }
    if (!SKIP_NAME.test(folded.slice(start, start + 3))) add(start, takeName(folded, start, surnames), 0.95);
  }
  for (const match of folded.matchAll(SURNAME_INTRO)) {
    const start = match.index + match[0].length;
    const surname = surnameAt(folded, start, surnames);
    if (surname === null) continue;
    const from = start + surname.length;
    const title = new RegExp(`^(?:${TITLE})`).exec(folded.slice(from));
    const titled = title !== null && (title[0].length > 1 || FOLLOW.test(folded.slice(from + 1)));
    if (titled || FOLLOW.test(folded.slice(from))) add(start, { length: surname.length + (titled ? title[0].length : 0), confidence: 0.9, kind: 'surname' }, 0.9);
    else add(start, takeName(folded, start, surnames), 0.7);
  }
  if (found.length === 0 && ctx.asked === 'name') bare(text, folded, surnames, add);
  const full = found.filter((each) => each.value.length >= 2);
  return (full.length > 0 ? full : found).sort((a, b) => a.start - b.start);
}

/** The whole answer is a name: 陈大文, 陈大文。, 我是陈大文, 陈先生. */
function bare(text: string, folded: string, surnames: ReadonlySet<string>, add: (start: number, taken: Taken | null, top: number) => void): void {
  const head = /^[\s,.:!]*(?:你好|您好|好的?|嗯|哦)?[\s,.:!]*(?:我是|是|叫|就叫|系)?\s*/.exec(folded)?.[0].length ?? 0;
  const body = folded.slice(head).replace(/[\s,.;!、。]*(?:吧|啊|呀|哦|谢谢)?[\s,.;!、。]*$/, '');
  if (SKIP_NAME.test(body)) return;
  const english = /^[a-z][a-z'.-]*(?: [a-z][a-z'.-]*){1,2}$/.exec(body);
  if (english !== null) {
    add(head, { length: english[0].length, confidence: 0.7, kind: 'full' }, 0.7);
    return;
  }
  const taken = takeName(folded, head, surnames);
  if (taken !== null && (taken.length === body.length || /^[\s,.;、。]/.test(body.slice(taken.length))) && body.length <= 12 && text.length > 0) add(head, taken, taken.kind === 'surname' ? 0.6 : 0.88);
}
