import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createItemSuggester } from '../../src/matcher/index.ts';
import { items, lexicon, words } from './demo-config.ts';

const COMPLAINTS: readonly (readonly [string, ...string[]])[] = [
  ['我家旁边那个盖楼的，半夜一点多还在浇水泥，吵得人没法睡', 'env.noise.construction'],
  ['后面五金厂的冲压机从早响到晚，震得玻璃都抖', 'env.noise.industry'],
  ['一楼开了家湘菜馆，炒菜的烟全往我们阳台冒', 'env.air.fumes'],
  ['那边厂子烟囱天天冒黑烟，味道很刺鼻', 'env.air.smoke'],
  ['渣土车跑来跑去，整条路都是灰，窗户不敢开', 'env.air.dust'],
  ['村口的河涌水是黑的，还有死鱼漂着，特别臭', 'env.water.pollution'],
  ['有人晚上偷偷往山边倒化工废料', 'env.waste.hazardous'],
  ['我们这条巷子路灯黑了半个月了', 'city.street-lamp'],
  ['楼下垃圾桶满出来好几天没有人收，苍蝇到处飞', 'city.garbage'],
  ['学校门口全是推车卖吃的，把人行道占满了', 'city.street-vendor'],
  ['邻居在天台上偷偷加盖了一层铁皮房', 'city.illegal-building'],
  ['台风过后有棵大树歪了，快要压到电线', 'city.tree', 'utility.power.danger'],
  ['马路中间的窨井盖不见了，差点摔进去', 'city.manhole'],
  ['电线杆上墙上贴满了小广告', 'city.posters'],
  ['公园里的公厕又脏又臭没人打扫', 'city.public-toilet'],
  ['家里从早上开始就一直没有水，也没有通知', 'utility.water.outage'],
  ['路边地下水管爆了，水喷得好高', 'utility.water.burst'],
  ['自来水放出来是黄色的还有沙子', 'utility.water.quality'],
  ['一下大雨我们小区门口就水浸，下水道堵了', 'utility.drainage'],
  ['整栋楼突然停电两个小时了', 'utility.power.outage'],
  ['有根电线断了掉在路上，怕电到人', 'utility.power.danger'],
  ['厨房有很大的煤气味，不知道是不是漏气', 'utility.gas.leak'],
  ['宽带老是断网，客服一直推脱', 'utility.telecom'],
  ['快递显示签收了但是我根本没有收到', 'utility.post'],
  ['办事窗口的工作人员态度很差，让我跑了三趟', 'gov.service'],
  ['买的衣服有质量问题，店家就是不肯退钱', 'market.refund'],
  ['健身房突然关门，我卡里还有三千多块', 'market.prepaid'],
  ['外卖里吃出了蟑螂，吃完还拉肚子', 'market.food'],
  ['停车场没有明码标价，乱收我五十块', 'market.price'],
  ['网上买的手机是翻新机，商家说是全新的', 'market.fake'],
  ['电梯把人困在里面半个小时，经常出故障', 'market.elevator'],
  ['干了三个月活老板不给工钱', 'labor.wage'],
  ['公司无缘无故把我辞退，一分钱补偿都没有', 'labor.contract'],
  ['在车间被机器压到手，公司不给报工伤', 'labor.injury'],
  ['入职一年了单位从来没给我买过社保', 'labor.social-insurance'],
  ['中介说介绍工作收了五百块钱结果是骗人的', 'labor.agency'],
  ['退休金这个月没有到账', 'social.pension'],
  ['在外地住院的钱医保不给报', 'social.medical-insurance'],
  ['公积金提取申请一直不通过', 'social.fund'],
  ['楼下大妈每晚跳广场舞，喇叭开得震天响', 'ps.noise.social'],
  ['接到自称客服的电话，被骗转了两万块', 'ps.fraud'],
  ['邻居养的大狗不拴绳，吓到小孩', 'ps.dog'],
  ['怀疑隔壁出租屋有人聚众赌博', 'ps.security'],
  ['小区门口两边停满了车，消防车都进不来', 'traffic.parking', 'fire.hazard'],
  ['这个路口的红绿灯坏了，车乱成一团', 'traffic.signal'],
  ['等了一个小时公交车都不来，来了也不停站', 'traffic.bus'],
  ['打网约车司机绕路还多收钱', 'traffic.taxi'],
  ['门前的路坑坑洼洼，电动车经过都摔跤', 'traffic.road'],
  ['驾校交了钱一直不给安排练车，也不退学费', 'traffic.school'],
  ['物业收了钱不做事，小区保洁一塌糊涂', 'housing.property'],
  ['搬走了二房东不肯退押金', 'housing.rental'],
  ['开发商拖了一年还不交房', 'housing.newhome'],
  ['楼上卫生间漏水，我家天花板都发霉了', 'housing.leak'],
  ['楼上周末一大早就装修，电钻响个不停', 'housing.decoration', 'env.noise.construction'],
  ['孩子积分够了却没有分到公办学位', 'edu.enrollment'],
  ['学校强制收资料费还要买平板', 'edu.school'],
  ['培训班老板跑了，剩下的课时费不退', 'edu.training'],
  ['医院乱开检查，医生态度恶劣', 'health.hospital'],
  ['美容院没有资质给人打针', 'health.illegal'],
  ['楼道里堆满杂物，消防通道都堵死了', 'fire.hazard'],
  ['好多人把电动车推进电梯拿到家里充电', 'fire.ebike'],
  ['村里征地的补偿款一直没有发下来', 'agri.land'],
];

const suggester = createItemSuggester(items, { words });
const stored = new Set(items.flatMap((item) => item.examples));

describe('the item suggester on the demo items', () => {
  const results = COMPLAINTS.map(([text, ...right]) => ({ text, right, found: suggester.suggest(text) }));

  it('knows every item of the test and is asked in words that are not stored', () => {
    const codes = new Set(items.map((item) => item.code));
    expect(COMPLAINTS.length).toBeGreaterThanOrEqual(40);
    expect(COMPLAINTS.flatMap(([, ...right]) => right).filter((code) => !codes.has(code))).toEqual([]);
    expect(COMPLAINTS.filter(([text]) => stored.has(text))).toEqual([]);
  });

  it('has the right item among the three best for at least 90 %', () => {
    const wrong = results.filter(({ right, found }) => !found.some((item) => right.includes(item.code)));
    expect(wrong.length / results.length, wrong.map(({ text, found }) => `${text} → ${found.map((item) => item.code).join(' ')}`).join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('has the right item first for at least 75 %', () => {
    const wrong = results.filter(({ right, found }) => !right.includes(found[0]?.code ?? ''));
    expect(wrong.length / results.length, wrong.map(({ text, found }) => `${text} → ${found.map((item) => item.code).join(' ')}`).join('\n')).toBeLessThanOrEqual(0.25);
  });

  it('is surer where it is right', () => {
    const mean = (list: typeof results): number => list.reduce((sum, { found }) => sum + (found[0]?.score ?? 0), 0) / Math.max(1, list.length);
    const right = results.filter(({ right: codes, found }) => codes.includes(found[0]?.code ?? ''));
    expect(mean(right)).toBeGreaterThan(0.5);
    expect(mean(right)).toBeGreaterThan(mean(results.filter((each) => !right.includes(each))));
  });

  it('finds an item by its own example', () => {
    const lost = items.flatMap((item) => item.examples.filter((example) => suggester.suggest(example)[0]?.code !== item.code));
    expect(lost).toEqual([]);
  });

  it('says which words decided, as they stand in the text', () => {
    const [first] = suggester.suggest('樓下燒烤檔油煙很大');
    expect(first?.code).toBe('env.air.fumes');
    expect(first?.matched).toContain('油煙');
  });

  it('is unsure about chat', () => {
    for (const text of ['你好', '今天天气不错', '哈哈哈', '讲个笑话']) expect(suggester.suggest(text)[0]?.score ?? 0, text).toBeLessThan(0.5);
    expect(suggester.suggest('')).toEqual([]);
    expect(suggester.suggest('!!!')).toEqual([]);
  });

  it('answers the same to the same, at most three, ordered, with scores that sum to at most one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lexicon.words, ...items.flatMap((item) => item.keywords), '，', 'x'), { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const found = suggester.suggest(text);
        expect(suggester.suggest(text)).toEqual(found);
        expect(found.length).toBeLessThanOrEqual(3);
        expect(found.map((item) => item.score)).toEqual(found.map((item) => item.score).sort((a, b) => b - a));
        expect(found.reduce((sum, item) => sum + item.score, 0)).toBeLessThanOrEqual(1 + 1e-9);
        for (const item of found) for (const word of item.matched) expect(text).toContain(word);
      }),
      { numRuns: 60 },
    );
  });
});
