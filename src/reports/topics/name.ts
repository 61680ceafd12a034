import { foldText } from '../../domain/text.ts';
import { placeWordsOf } from '../../matcher/alike/place-words.ts';
import { maskVoice } from './voices.ts';
import type { TopicTicket } from './types.ts';

/** What a matter is called: words that most of its tickets have and few others, and the place that many name. */
export interface Namer {
  /** Each ticket once: what words are common. */
  learn(ticket: TopicTicket): void;
  name(members: readonly TopicTicket[]): { readonly words: readonly string[]; readonly place: string | null };
}

const WORDS = 4;
/** Of the members: a word and a place that name them all. */
const COMMON_WORD = 0.3;
const COMMON_PLACE = 0.4;
/** The title and the beginning say what it is about. */
const CONTENT_READ = 80;
/** What every request is written with. */
const EMPTY_WORDS = new Set(
  ('反映 希望 咨询 请问 问题 投诉 市民 关于 建议 请求 要求 尽快 处理 解决 情况 相关 部门 有关 没有 多次 影响 严重 举报 求助 来电 我们 你好 您好 领导 政府 现在 已经 今天 昨天 晚上 一直 可以 什么 为什么 怎么 如何 是否 不能 为何 何时 无法 进行 出现 存在 不到 目前 附近 这个 那个 一个 他们 大家 自己 因为 所以 但是 而且 ' +
    '居民 小区 业主 社区 街道 村民 广大 本人 时候 时间 每天 至今 请 麻烦 帮忙 尊敬 谢谢 多年 很多 导致 造成 对于 以及 通过 按照 不是 就是 还是 作为 之后 以后 之前 今年 去年 本市 我市 是不是 好像 总是').split(' '),
);

export function createNamer({ wordsOf, placeNames }: { readonly wordsOf: (text: string) => readonly string[]; readonly placeNames: readonly string[] }): Namer {
  const seen = new Map<string, number>();
  let tickets = 0;
  const names = [...placeNames].map((name) => foldText(name).toLowerCase()).filter((name) => name.length > 1);
  const isTelling = (word: string): boolean => !/^[一二三四五六七八九十百千两几]+$/.test(word) && /[\u4e00-\u9fff]{2}|[a-z]{3}/.test(word) && !/(?:先生|女士|小姐|阿姨|书记|市长|县长|局长|医生|老师)$/.test(word) && !EMPTY_WORDS.has(word) && !names.some((name) => name.includes(word) || word.includes(name));
  // Masked first: nobody's name becomes a word that stands over a report.
  const read = ({ title, content }: TopicTicket): string => maskVoice(`${title}。${content.slice(0, CONTENT_READ)}`);
  const wordsIn = (ticket: TopicTicket): readonly string[] => [...new Set(wordsOf(read(ticket)))].filter(isTelling);

  return {
    learn: (ticket) => {
      tickets += 1;
      for (const word of wordsIn(ticket)) seen.set(word, (seen.get(word) ?? 0) + 1);
    },
    name: (members) => {
      const place = commonPlace(members);
      const counts = new Map<string, number>();
      const positions = new Map<string, number>();
      for (const member of members) {
        const text = read(member);
        for (const word of wordsIn(member)) {
          if (place?.includes(word) === true) continue;
          counts.set(word, (counts.get(word) ?? 0) + 1);
          positions.set(word, (positions.get(word) ?? 0) + Math.max(0, text.indexOf(word)));
        }
      }
      const scored = [...counts]
        .filter(([, count]) => count >= Math.max(2, members.length * COMMON_WORD))
        .map(([word, count]) => ({ word, worth: (count / members.length) * Math.log((tickets + 2) / ((seen.get(word) ?? 0) + 1)) * Math.min(3, word.length), at: (positions.get(word) ?? 0) / count }))
        .sort((a, b) => b.worth - a.worth || (a.word < b.word ? -1 : 1));
      const chosen: typeof scored = [];
      for (const each of scored) {
        if (chosen.length === WORDS) break;
        // The search cut gives 施工 beside 夜间施工.
        if (!chosen.some(({ word }) => word.includes(each.word) || each.word.includes(word))) chosen.push(each);
      }
      return { words: chosen.sort((a, b) => a.at - b.at).map(({ word }) => word), place };
    },
  };
}

function commonPlace(members: readonly TopicTicket[]): string | null {
  const counts = new Map<number, { count: number; readonly words: Map<string, number> }>();
  for (const { title, content, place } of members) {
    for (const { key, word } of placeWordsOf(foldText(`${place ?? ''} ${title} ${content.slice(0, 200)}`))) {
      const found = counts.get(key) ?? { count: 0, words: new Map<string, number>() };
      found.count += 1;
      found.words.set(word, (found.words.get(word) ?? 0) + 1);
      counts.set(key, found);
    }
  }
  const best = [...counts.values()].sort((a, b) => b.count - a.count)[0];
  if (best === undefined || best.count < Math.max(2, members.length * COMMON_PLACE)) return null;
  const [word = ''] = [...best.words].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  // What is left of 某市某区 before the name.
  const name = word.replace(/^(?:[a-z\d]{0,3}(?:市|区|县|镇|街道))+(?=.{2})/, '');
  return name === '' ? null : name;
}
