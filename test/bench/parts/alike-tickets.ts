import { loadCity } from '../../../src/config/city.ts';
import type { AlikeTicket } from '../../../src/matcher/alike/types.ts';

/** Made-up tickets for measuring: sentences of the demo city put together anew, places of made-up names, no two alike but by chance. */

const NAME_CHARS = '东西南北中长安石龙塘凤岗步茶樟木清溪黄江梅麻望牛沙田高横沥桥头平金玉兰桂丽景春阳光明珠海翠湖星河银丰福新世纪嘉和盛泰';
const PLACES = ['路', '小区', '花园', '村', '大道', '市场'];

export function createTicketMaker(root: string, seed = 42): (at: number) => AlikeTicket {
  const city = loadCity(root);
  const sentences = [...city.items.flatMap((item) => [...item.examples]), ...city.knowledge.flatMap(({ question, wordings, answer }) => [question, ...wordings, ...answer.split(/[。；\n]/)])].filter((sentence) => sentence.length > 4);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const pick = <Each>(from: readonly Each[]): Each => {
    const each = from[Math.floor(random() * from.length)];
    if (each === undefined) throw new Error('nothing to pick from');
    return each;
  };
  const name = (): string => Array.from({ length: 2 + Math.floor(random() * 2) }, () => NAME_CHARS[Math.floor(random() * NAME_CHARS.length)] ?? '').join('');
  return (at) => {
    const item = pick(city.items);
    const place = `${name()}${pick(PLACES)}${1 + Math.floor(random() * 200)}号`;
    return {
      id: `01900000-0000-7000-8000-${String(at).padStart(12, '0')}`,
      title: pick(item.examples),
      content: `${place}${Array.from({ length: 2 + Math.floor(random() * 5) }, () => pick(sentences)).join('，')}，${name()}`,
      townId: pick(city.towns).id,
      place,
      itemCode: item.code,
      citizenId: `citizen ${Math.floor(random() * 500_000)}`,
      at: 1_760_000_000_000 + at * 60_000,
    };
  };
}
