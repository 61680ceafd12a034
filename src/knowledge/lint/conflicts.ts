import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { parseChineseNumber } from '../../domain/digits.ts';
import { foldText } from '../../domain/text.ts';
import { questionKey } from '../files/tidy.ts';
import type { Finding } from './types.ts';

/**
 * Two entries that answer the same question. Pure. Wordings are compared through an index of their character pairs, each
 * through its rarest pairs only, so the work grows with the number of wordings and not with its square.
 */

/** Words that a question can do without: they make wordings longer and not different. */
const FILLER = /请问|请教|你好|您好|一下|咨询|我想问|我想|想问|吗|呢|啊|呀|吧|的|了|是不是|怎么样|可以/g;

/** Characters that turn a question's shape and not its matter. */
const SHAPE = new Set('怎么样如何办理要能可以吗呢哪里去到的了是多少几什有在我你您请问下个那这谁找申请需得被给让和与');
/** Weighted share of common pairs from which two wordings ask the same, tried on the demo knowledge. */
const ALIKE = 0.75;
/** Rarest pairs of a wording that look for partners, and wordings that one pair may lead to. */
const PROBES = 4;
const MOST_PARTNERS = 60;
/** Findings of one pair of entries are told once, and of one entry so many: ten thousand equal entries stay readable. */
const MOST_OF_ENTRY = 5;

interface Wording {
  readonly entry: number;
  readonly field: string;
  readonly text: string;
  readonly key: string;
}

export function* conflicts(entries: readonly KnowledgeEntry[]): Generator<Finding | null> {
  const wordings: Wording[] = [];
  for (const [entry, { question, wordings: others }] of entries.entries()) {
    const seen = new Set<string>();
    for (const [index, text] of [question, ...others].entries()) {
      const key = questionKey(text);
      if (key === '' || seen.has(key)) continue;
      seen.add(key);
      wordings.push({ entry, field: index === 0 ? 'question' : `wordings.${index - 1}`, text, key });
    }
  }
  const told = new Set<string>();
  const toldOf = new Map<number, number>();
  const tell = (a: Wording, b: Wording): Finding | null => {
    const [one, other] = [entries[a.entry], entries[b.entry]];
    const pair = a.entry < b.entry ? `${a.entry} ${b.entry}` : `${b.entry} ${a.entry}`;
    if (one === undefined || other === undefined || told.has(pair) || (toldOf.get(a.entry) ?? 0) >= MOST_OF_ENTRY || !meet(one, other)) return null;
    const found = compare(one, other, a, b);
    if (found === null) return null;
    told.add(pair);
    toldOf.set(a.entry, (toldOf.get(a.entry) ?? 0) + 1);
    return found;
  };
  yield* equalOnes(wordings, tell);
  yield* alikeOnes(wordings, tell, (entry) => (toldOf.get(entry) ?? 0) >= MOST_OF_ENTRY);
}

/** Wordings that are the same but for marks and blanks. */
function* equalOnes(wordings: readonly Wording[], tell: (a: Wording, b: Wording) => Finding | null): Generator<Finding | null> {
  const byKey = new Map<string, Wording[]>();
  for (const wording of wordings) {
    const others = byKey.get(wording.key);
    if (others === undefined) byKey.set(wording.key, [wording]);
    else {
      for (const other of others.slice(0, MOST_OF_ENTRY)) yield tell(wording, other);
      others.push(wording);
    }
  }
}

/** @param full enough has been told of this entry */
function* alikeOnes(wordings: readonly Wording[], tell: (a: Wording, b: Wording) => Finding | null, full: (entry: number) => boolean): Generator<Finding | null> {
  const numbers = new Map<string, number>();
  const pairsOf = wordings.map(({ key }) => [...pairs(strip(key))].map((pair) => numbers.get(pair) ?? (numbers.set(pair, numbers.size), numbers.size - 1)));
  const amounts = new Uint32Array(numbers.size);
  for (const list of pairsOf) for (const pair of list) amounts[pair] = (amounts[pair] ?? 0) + 1;
  const rarity = Float64Array.from(amounts, (amount) => Math.log(1 + wordings.length / amount));
  const weight = (pair: number): number => rarity[pair] ?? 0;
  const weights = pairsOf.map((list) => list.reduce((sum, pair) => sum + weight(pair), 0));
  const postings = new Map<number, number[]>();
  for (const [index, list] of pairsOf.entries()) {
    const mine = new Set(list);
    const rarest = list.toSorted((a, b) => (amounts[a] ?? 0) - (amounts[b] ?? 0)).slice(0, PROBES);
    const partners = full(wordings[index]?.entry ?? -1) ? [] : new Set(rarest.flatMap((pair) => postings.get(pair) ?? []));
    for (const partner of partners) {
      const [a, b] = [wordings[index], wordings[partner]];
      if (a === undefined || b === undefined || a.entry === b.entry) continue;
      const common = (pairsOf[partner] ?? []).reduce((sum, pair) => (mine.has(pair) ? sum + weight(pair) : sum), 0);
      if ((2 * common) / ((weights[index] ?? 0) + (weights[partner] ?? 0)) >= ALIKE && !apart(a.key, b.key)) yield tell(a, b);
    }
    // Every pair of a wording can be looked up, only as many wordings as are worth a look are kept behind it.
    for (const pair of list) {
      const known = postings.get(pair);
      if (known === undefined) postings.set(pair, [index]);
      else if (known.length < MOST_PARTNERS) known.push(index);
    }
    yield null;
  }
}

const strip = (key: string): string => {
  const short = key.replace(FILLER, '');
  return short.length >= 4 ? short : key;
};

/** Each names something that the other does not: 买房提取公积金 and 租房提取公积金, 居住证丢了 and 身份证丢了. */
function apart(a: string, b: string): boolean {
  const own = (text: string, other: string): boolean => [...text].some((char) => !SHAPE.has(char) && !other.includes(char));
  return own(a, b) && own(b, a);
}

function pairs(text: string): Set<string> {
  const found = new Set<string>();
  for (let i = 0; i + 2 <= text.length; i += 1) found.add(text.slice(i, i + 2));
  return found;
}

/** Can somebody get both of them? Not when their towns or their times are apart. */
function meet(a: KnowledgeEntry, b: KnowledgeEntry): boolean {
  if (a.towns !== undefined && b.towns !== undefined && !a.towns.some((town) => b.towns?.includes(town) === true)) return false;
  return !(a.expiresOn !== undefined && a.expiresOn < b.effectiveFrom) && !(b.expiresOn !== undefined && b.expiresOn < a.effectiveFrom);
}

function compare(one: KnowledgeEntry, other: KnowledgeEntry, a: Wording, b: Wording): Finding | null {
  const equal = a.key === b.key;
  const sameAnswer = foldText(one.answer).replace(/\s+/g, '') === foldText(other.answer).replace(/\s+/g, '');
  const kinds = sameAnswer ? [] : disagreements(one, other);
  const base = { entryIds: [one.id, other.id] as const, field: a.field };
  const asked = equal ? `“${a.text}”` : `“${a.text}”与“${b.text}”`;
  if (kinds.length > 0) return { ...base, rule: 'conflict.facts', severity: equal ? 'error' : 'warning', text: `${asked}问的是一件事，两条答案里的${kinds.join('、')}不同`, mend: '核对哪一条对，改正另一条；若各有适用条件，写进问法和答案' };
  // What seats and citizens read may ask alike: they never stand side by side for a citizen.
  const readers = (one.audience ?? 'public') !== (other.audience ?? 'public') || (one.module === 'desk') !== (other.module === 'desk');
  if (equal) return { ...base, rule: 'wording.twice', severity: readers ? 'hint' : 'error', text: `问法${asked}在两条知识里都有`, mend: sameAnswer ? '合并成一条' : '问法只留在该答的那一条，或写出两条的区别' };
  if (a.field !== 'question' || b.field !== 'question' || readers) return null;
  return { ...base, rule: 'wording.same_question', severity: 'warning', text: `标准问法${asked}几乎一样`, mend: '合并成一条，或把区别写进问法' };
}

const CHINESE = '零〇一二三四五六七八九十百千万两';
const AMOUNT = new RegExp(`((?:\\d+(?:\\.\\d+)?|[${CHINESE}]+)(?:万|千|百)?)\\s*(元|块钱|个?工作日|个?月|小时|分钟|日内?|天|年|周岁|%|％|倍)`, 'g');
const UNITS: Readonly<Record<string, readonly [string, number]>> = { 元: ['金额', 1], 块钱: ['金额', 1], 工作日: ['工作日数', 1], 个工作日: ['工作日数', 1], 日: ['天数', 1], 日内: ['天数', 1], 天: ['天数', 1], 月: ['月数', 1], 个月: ['月数', 1], 小时: ['时长', 60], 分钟: ['时长', 1], 年: ['年数', 1], 周岁: ['年龄', 1], '%': ['比例', 1], '％': ['比例', 1], 倍: ['倍数', 1] };

/** Kinds of figures that both answers name and none of which they share. */
function disagreements(one: KnowledgeEntry, other: KnowledgeEntry): string[] {
  const [mine, theirs] = [figures(one.answer), figures(other.answer)];
  return [...mine].flatMap(([kind, values]) => {
    const others = theirs.get(kind);
    return others === undefined || [...values].some((value) => others.has(value)) ? [] : [kind];
  });
}

function figures(answer: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (kind: string, value: string): void => void found.set(kind, (found.get(kind) ?? new Set()).add(value));
  const text = foldText(answer).replace(/\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|每年|当年|上年|每月|当月|每天/g, ' ');
  for (const [, amount = '', unit = ''] of text.matchAll(AMOUNT)) {
    const [kind, factor] = UNITS[unit] ?? ['', 1];
    const plain = /^(\d+\.\d+)(万|千|百)?$/.exec(amount);
    const value = plain === null ? parseChineseNumber(amount) : Number(plain[1]) * ({ 万: 10_000, 千: 1_000, 百: 100 }[plain[2] ?? ''] ?? 1);
    if (kind !== '' && value !== null) add(kind, String(value * factor));
  }
  for (const [phone] of text.matchAll(/(?<!\d)(?:12[0-9]{3}|1[12][0-9]|[48]00[- ]?\d{3}[- ]?\d{4}|0\d{2,3}[- ]?[2-9]\d{6,7})(?!\d)/g)) if (!/^12345$/.test(phone)) add('电话', phone.replace(/\D/g, ''));
  return found;
}
