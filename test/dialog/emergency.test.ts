import { describe, expect, it } from 'vitest';
import { findEmergency } from '../../src/dialog/index.ts';
import { kinds, realProgram, said, talk } from './support/program.ts';

const rules = realProgram().dialog;

const DANGER: readonly (readonly [string, string])[] = [
  ['我家厨房着火了', 'fire'], ['家里起火', 'fire'], ['隔壁楼冒浓烟', 'fire'], ['国防路的仓库着火啦', 'fire'], ['别墅着火了', 'fire'], ['煤气没关着火了', 'fire'],
  ['楼上火很大烧起来了', 'fire'], ['消防栓漏水，而且家里着火了', 'fire'], ['my house is on fire', 'fire'],
  ['煤气泄漏', 'gas'], ['闻到好大的煤气味', 'gas'], ['可能煤气泄漏了', 'gas'], ['厨房燃气管漏气', 'gas'], ['gas leak in my kitchen', 'gas'],
  ['有人晕倒', 'injury'], ['我爸突然昏倒不省人事', 'injury'], ['他没有呼吸了', 'injury'], ['老婆快要生了', 'injury'], ['工人从脚手架上摔下来了', 'injury'], ['救命啊', 'injury'], ['heart attack please help', 'injury'],
  ['有人落水', 'drowning'], ['小孩掉进河里了', 'drowning'], ['有人溺水', 'drowning'],
  ['有人触电了', 'electric'], ['高压线掉在地上', 'electric'],
  ['我不想活了', 'suicide'], ['有人要跳楼', 'suicide'], ['活着没意思', 'suicide'], ['他割腕了', 'suicide'], ['I want to kill myself', 'suicide'], ['真的好想死', 'suicide'],
  ['打架动刀', 'crime'], ['楼下有人打架', 'crime'], ['有人持刀抢劫', 'crime'], ['有小偷在撬门', 'crime'], ['我被人打了', 'crime'],
  ['老公打我', 'violence'], ['我被家暴了', 'violence'], ['隔壁在打老婆', 'violence'],
  ['路口车祸有人受伤', 'traffic'], ['老人被车撞了', 'traffic'], ['撞到人了', 'traffic'],
  ['孩子走丢了', 'lost'], ['奶奶不见了', 'lost'],
  ['有人困在电梯里', 'trapped'], ['房子塌了有人被埋', 'trapped'],
];

const HARMLESS: readonly string[] = [
  '着火的新闻', '消防栓漏水', '火大', '气死我了', '吓死人', '想死你了', '累得要死', '灭火器年检去哪里办', '消防通道被占用', '没着火', '不会爆炸吧', '担心着火', '着火了怎么逃生',
  '一起火锅吧', '煤气费怎么交', '燃气报警器哪里买', '防溺水宣传', '落水管漏水', '落水管堵了', '手机掉进河里了', '跳楼价甩卖扰民', '打架子鼓太吵', '反家暴法讲座', '打折被打了折', '车祸现场视频',
  '电脑中毒了', '心脏病人医保怎么报销', '吵得要死', '热死了', '忙死了', '笑死我了', '水枪玩具', '孩子社保卡丢了', '身份证丢了', '交通事故认定书怎么开', '滑坡隐患点', '火车站怎么走', '居住证怎么办', '防火门坏了',
  '死亡证明怎么开', '邻居上个月起火已经扑灭', '电动车棚容易着火', '人工呼吸怎么学', '我要表扬消防队员', '自杀的新闻', '油烟很大冒黑烟的车', '工地噪音太大吵死了', '冒黑烟',
];

describe('danger to life', () => {
  it.each(DANGER)('%s → %s', (text, category) => {
    expect(findEmergency(text, rules)?.category).toBe(category);
  });

  it.each(HARMLESS)('%s is harmless', (text) => {
    expect(findEmergency(text, rules)).toBeNull();
  });

  it.each(DANGER.filter(([text]) => !/[a-z]/i.test(text)))('%s: the first sentence says whom to call', (text) => {
    const effects = talk().say(text);
    expect(kinds(effects)[0]).toBe('emergency');
    expect(said(effects).split('。')[0]).toMatch(/110|119|120|122|12356|通风处/);
  });

  it('is heard before a form, a menu, a queue and a language switch', () => {
    for (const before of [['我要投诉'], ['我要投诉', '路灯坏了很久了'], ['查进度'], ['人工'], ['english']]) {
      const one = talk({ seatsOnline: 1 });
      before.forEach((text) => one.say(text));
      expect(kinds(one.say('着火了救命'))[0], before.join()).toBe('emergency');
    }
  });

  it('never loses the form that it interrupted', () => {
    const one = talk();
    one.say('东城鸿福路的路灯昨晚坏了');
    one.say('有人晕倒了');
    expect(said(one.say('已经打了'))).toContain('手机号');
  });
});
