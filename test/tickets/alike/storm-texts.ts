import type { Seen } from '../../../src/matcher/alike/bursts.ts';

/** Made-up tickets of a power cut in a typhoon, in many people's words, and of everything else that a city is told. */

export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

export interface Texts {
  readonly title: string;
  readonly content: string;
  readonly place: string;
  readonly townId: string;
  readonly itemCode: string | null;
}

export const CUT_ITEM = 'utility.power';
const TOWNS: readonly (readonly [string, string])[] = [['dongcheng', '东城街道'], ['nancheng', '南城街道'], ['wanjiang', '万江街道'], ['humen', '虎门镇'], ['changan', '长安镇'], ['houjie', '厚街镇'], ['tangxia', '塘厦镇'], ['dalang', '大朗镇']];
export const TOWN_NAMES = TOWNS.flatMap(([, name]) => [name, name.replace(/街道|镇$/, '')]);
const NAMES = '金玉兰桂丽景春江阳光明珠翠湖星河银丰福嘉和盛泰安康宁远';
const KINDS_OF_PLACE = ['花园', '小区', '新村', '大厦', '公寓', '广场'];

const CUT = {
  begin: ['台风过后', '刮台风', '从昨晚开始', '今天早上', '暴雨之后', '刚才', '请问', '你好，', '我们这边', ''],
  what: ['整栋楼停电了', '小区停电到现在还没来电', '一直停电', '停电已经三个小时', '整条街都停电', '家里停电了', '又停电，电还没有恢复', '突然停电了'],
  wish: ['什么时候能恢复供电', '供电局电话打不通', '请尽快抢修恢复供电', '冰箱里的东西都坏了', '家里有老人要用呼吸机，急需供电', '请问几点来电', '麻烦派人抢修', '电梯停了老人下不了楼'],
} as const;

const OTHER: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['env.noise', ['工地夜间打桩噪声', '楼下烧烤店音响太吵', '广场舞音量过大', '工厂机器轰鸣扰民'], ['影响孩子睡觉', '投诉多次没人管', '请环保部门测一下分贝']],
  ['labor.wage', ['老板拖欠工资两个月', '工厂倒闭不发工资', '加班费没有结算', '离职押金不退'], ['请劳动监察介入', '一共十几个工人', '合同也没有签']],
  ['city.parking', ['路边乱停车堵住消防通道', '共享单车占满人行道', '货车违停影响出行', '停车场乱收费'], ['希望交警贴单', '已经好几天了', '请清走']],
  ['market.food', ['外卖吃出异物', '超市卖过期牛奶', '预付卡健身房跑路', '网购手机拒绝退货'], ['要求退款赔偿', '有小票和照片', '请市场监管处理']],
  ['water.leak', ['自来水管爆裂', '水压太低洗不了澡', '水费账单异常偏高', '水质发黄有异味'], ['请水务公司来看', '浪费很多水', '希望核查水表']],
  ['road.light', ['路灯坏了一片漆黑', '井盖破损差点摔倒', '红绿灯时间太短', '人行道地砖松动'], ['晚上走路不安全', '请维修', '骑车摔了一跤']],
  ['edu.school', ['学位申请被退回', '校服收费不合理', '校门口交通混乱', '培训班不退学费'], ['请教育局答复', '家长很着急', '材料已经交齐']],
  ['social.card', ['社保断缴怎么补', '医保异地报销流程', '居住证办理要多久', '公积金提取材料'], ['网上查不到', '窗口说法不一', '请说明需要什么']],
];

export function aCut(random: () => number): Texts {
  const [townId, town] = pick(random, TOWNS);
  const place = placeIn(random);
  const what = pick(random, CUT.what);
  const content = `${pick(random, CUT.begin)}${random() < 0.5 ? `${town}${place}` : place}${what}，${pick(random, CUT.wish)}`;
  // Who takes it down does not always find the item.
  return { title: what, content, place, townId, itemCode: random() < 0.85 ? CUT_ITEM : null };
}

export function anOther(random: () => number): Texts {
  const [itemCode, titles, ends] = pick(random, OTHER);
  const [townId, town] = pick(random, TOWNS);
  const title = pick(random, titles);
  const place = placeIn(random);
  return { title, content: `${town}${place}${title}，${pick(random, ends)}，${nameOf(random)}的${nameOf(random)}可以作证`, place, townId, itemCode: random() < 0.85 ? itemCode : null };
}

export const seenOf = (id: string, at: number, texts: Texts): Seen => ({ id, at, kind: 'ticket', ...texts });

const placeIn = (random: () => number): string => `${nameOf(random)}${pick(random, KINDS_OF_PLACE)}${1 + Math.floor(random() * 30)}栋`;
const nameOf = (random: () => number): string => Array.from({ length: 2 }, () => NAMES[Math.floor(random() * NAMES.length)] ?? '').join('');

export function pick<Each>(random: () => number, from: readonly Each[]): Each {
  const each = from[Math.floor(random() * from.length)];
  if (each === undefined) throw new Error('nothing to pick from');
  return each;
}
