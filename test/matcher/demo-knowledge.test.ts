import { describe, expect, it } from 'vitest';
import { pinyin } from 'pinyin-pro';
import { createMatcher } from '../../src/matcher/index.ts';
import { knowledge, lexicon, words } from './demo-config.ts';

/**
 * The demo knowledge answered as a citizen asks: other wordings, typos, dialect, traditional characters. Floors, not
 * exact results, so that the knowledge may grow.
 */

const QUESTIONS: readonly (readonly [string, ...string[]])[] = [
  ['居住证应该怎么办理呀', 'residence-permit.apply'],
  ['我想申请一张居住證，去哪里弄', 'residence-permit.apply'],
  ['暂住证不见了怎么补一张', 'residence-permit.lost'],
  ['居住证快到期了要不要续签', 'residence-permit.endorse'],
  ['办个居住证收不收费', 'residence-permit.fee'],
  ['居住证交了材料几天可以下来', 'residence-permit.time'],
  ['拿着居住证有啥福利', 'residence-permit.benefits'],
  ['小孩刚出生怎么给他报户口', 'household.newborn'],
  ['户口簿弄丢了要怎么补办', 'household.booklet-lost'],
  ['老人过世了户口怎么注销', 'household.death-cancel'],
  ['身份证过期了去哪里换新的', 'idcard.renew'],
  ['我身份證唔見咗點補', 'idcard.lost'],
  ['着急用身份证可不可以先办个临时的', 'idcard.temporary'],
  ['第一次办护照需要什么手续', 'exit.passport'],
  ['港澳通行證點樣辦', 'exit.hk-macao'],
  ['去香港的签注用完了在哪续签', 'exit.endorsement'],
  ['老板三个月没发工资了我该找谁', 'labour.wage-arrears', 'duties.wage'],
  ['在工地做了半年包工头不给钱', 'labour.migrant-wage'],
  ['申请劳动仲裁要怎么弄', 'labour.arbitration'],
  ['公司突然把我开除了能赔多少', 'labour.dismissal'],
  ['上班半年了公司都不跟我签合同', 'labour.no-contract'],
  ['周末加班的加班费怎么计算', 'labour.overtime'],
  ['生小孩产假能休多少天', 'labour.maternity-leave'],
  ['我想辞职需要提前几天跟公司讲', 'labour.resign'],
  ['试用期最多能定几个月', 'labour.probation'],
  ['在网上怎么查自己的社保交了多少', 'social.query'],
  ['参保证明可以在哪里打出来', 'social.certificate'],
  ['社保中间断了几个月还可以补交吗', 'social.arrears-topup'],
  ['没有工作单位自己怎么买社保', 'social.flexible'],
  ['失业了怎么申请领失业保险金', 'social.unemployment-benefit'],
  ['自己主动离职还能不能拿失业金', 'social.unemployment-quit'],
  ['单位一直不给我缴社保怎么投诉', 'social.employer-unpaid'],
  ['上班路上摔伤了怎么认定工伤', 'social.injury-recognition'],
  ['社保卡丢了怎么重新补一张', 'social.card'],
  ['医保在外省看病怎么备案报销', 'medical.cross-province'],
  ['看病忘了带社保卡怎么办', 'medical.code'],
  ['医保断交以后还报不报得了', 'medical.break'],
  ['我的医保可以给爸妈用吗', 'medical.family-account'],
  ['生育津贴去哪里申领', 'medical.maternity-allowance'],
  ['孩子的疫苗怎样预约接种', 'health.vaccine'],
  ['被别人家的狗咬到了怎么处理', 'health.dog-bite'],
  ['公积金怎么才能提出来', 'fund.withdraw'],
  ['我租房子住可以提取住房公积金吗', 'fund.withdraw-rent'],
  ['辞职之后公积金可不可以全部取出', 'fund.withdraw-leave'],
  ['用公积金贷款买房怎么申请', 'fund.loan'],
  ['公积金还剩多少钱哪里能查', 'fund.query'],
  ['退房了房东扣着押金不还', 'housing.deposit'],
  ['楼上漏水把我家天花板泡了', 'housing.leak'],
  ['小区电梯老是坏物业不修', 'housing.elevator', 'duties.elevator'],
  ['有人从楼上往下扔垃圾', 'housing.falling-object', 'duties.falling-object'],
  ['公租房现在怎么申请啊', 'housing.public-rental'],
  ['外来工的孩子想读公立学校怎么申请学位', 'education.points-enrolment'],
  ['小朋友几岁能读一年级', 'education.age'],
  ['补习机构跑路了不给退学费', 'education.training-refund', 'duties.training'],
  ['幼儿园什么时候报名，怎么报', 'education.kindergarten'],
  ['学校饭堂的饭菜太难吃了', 'education.canteen'],
  ['旁边工地半夜还在施工吵死了', 'noise.construction'],
  ['跳广场舞的音响声音太大了', 'noise.square-dance'],
  ['楼下餐厅的油烟都飘到我家来了', 'pollution.fumes', 'duties.fumes'],
  ['附近的厂排黑烟好臭', 'pollution.smoke'],
  ['门口那条河涌又黑又臭', 'pollution.river'],
  ['小区门口的路灯全部不亮', 'city.lamp'],
  ['家里突然停水了，什么时候来水', 'water.outage'],
  ['突然停電了點算', 'power.outage'],
  ['厨房好像有煤气味怎么办', 'gas.leak'],
  ['路上的井盖没了很危险', 'city.manhole'],
  ['别人的车堵住我车库门口出不去', 'traffic.blocked-car'],
  ['驾照到期了要怎么换', 'traffic.licence-renew'],
  ['电动车上牌去哪里上', 'traffic.ebike-plate'],
  ['打车手机落在出租车上了怎么找回来', 'traffic.taxi-lost'],
  ['刚刚被骗子骗走了钱，已经转账了', 'fraud.transferred'],
  ['96110打给我的电话能不能接', 'fraud.96110'],
  ['有人把电瓶车推上楼充电', 'safety.ebike-charging'],
  ['消防通道被车占了怎么举报', 'safety.fire-lane'],
  ['健身房关门了卡里的钱怎么退', 'market.prepaid'],
  ['买到假货找谁维权', 'market.fake'],
  ['开小店的营业执照怎么办理', 'market.licence'],
  ['在超市买到过期的牛奶怎么投诉', 'market.food'],
  ['领结婚证要准备啥', 'civil.marriage'],
  ['协议离婚去哪里办，要什么', 'civil.divorce'],
  ['低保怎样申请', 'civil.low-income'],
  ['八十岁老人的高龄津贴怎么领取', 'civil.elder-allowance'],
  ['没钱请律师，法律援助怎么申请', 'law.legal-aid'],
  ['个税退税怎么操作', 'tax.annual'],
  ['我要找人工', 'hotline.human'],
  ['之前的工单现在处理到哪一步了', 'hotline.progress'],
  ['12345都管什么事情', 'hotline.scope'],
];

const STRANGE: readonly string[] = [
  '今天天气怎么样', '帮我写首诗', '你喜欢吃什么', '明早会不会下大雨', '给我唱支歌', '讲一个鬼故事', '世界上最高的山是哪座', '番茄炒鸡蛋怎么做才好吃', '股票明天会涨吗',
  '推荐几部好看的电影', '周杰伦的新歌叫什么', '怎么哄女朋友开心', '一百二十乘以三等于多少', '地球到月亮有多远', '恐龙为什么灭绝', '帮我把这句话翻译成法语',
  '苹果手机怎么截屏', '电脑蓝屏了怎么修', '王者荣耀怎么上王者', '减肥晚餐吃什么好', '猫不吃东西怎么回事', '什么牌子的口红好看', '今晚吃火锅还是烧烤', '双鱼座这个月运势',
  '昨晚球赛谁赢了', '去三亚旅游要多少钱', '吉他怎么自学', 'what time is it in london', 'tell me a funny joke', 'qwertyuiop', '哈哈哈哈哈', '啊啊啊', '。。。', '12 34 56', '你是男的还是女的', '人活着是为了什么',
];

const known = new Set(knowledge.flatMap((entry) => [entry.question, ...entry.wordings]));
const matcher = createMatcher(
  knowledge.filter((entry) => entry.audience !== 'desk').map((entry) => ({ id: entry.id, question: entry.question, variants: entry.wordings, answer: entry.answer, keywords: entry.keywords ?? [] })),
  { words, synonyms: lexicon.synonyms, dialect: lexicon.dialect, stopWords: lexicon.stopWords },
);
const results = QUESTIONS.map(([question, ...right]) => ({ question, right, result: matcher.match(question) }));
const isRight = ({ right, result }: (typeof results)[number]): boolean => right.includes(result.ranked[0]?.id ?? '');

describe('the demo knowledge', () => {
  it('is asked in words that are not stored', () => {
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(60);
    expect(QUESTIONS.filter(([question]) => known.has(question))).toEqual([]);
    const ids = new Set(knowledge.map((entry) => entry.id));
    expect(QUESTIONS.flatMap(([, ...right]) => right).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('finds the right entry first for at least nine in ten', () => {
    const wrong = results.filter((each) => !isRight(each)).map(({ question, result }) => `${question} → ${result.ranked[0]?.id ?? '-'}`);
    expect(wrong.length / results.length, wrong.join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('answers at least half, and at most 3 % of its answers are wrong', () => {
    const answered = results.filter(({ result }) => result.decision.kind === 'answer');
    const wrong = answered.filter((each) => !isRight(each));
    expect(answered.length / results.length).toBeGreaterThanOrEqual(0.5);
    expect(wrong.length / answered.length, wrong.map(({ question }) => question).join('\n')).toBeLessThanOrEqual(0.03);
  });

  it('has the right entry among what it answers or offers for at least 85 %', () => {
    const helped = results.filter(({ right, result: { decision } }) => {
      const ids = decision.kind === 'answer' ? [decision.hit.id] : decision.kind === 'choices' ? decision.hits.map((hit) => hit.id) : [];
      return ids.some((id) => right.includes(id));
    });
    expect(helped.length / results.length).toBeGreaterThanOrEqual(0.85);
  });

  it('answers every stored question with its own entry', () => {
    const lost = knowledge.filter((entry) => entry.audience !== 'desk').filter((entry) => {
      const { decision } = matcher.match(entry.question);
      return decision.kind !== 'answer' || decision.hit.id !== entry.id;
    });
    expect(lost.map((entry) => entry.id)).toEqual([]);
  });

  it.each(STRANGE)('abstains from “%s”', (text) => {
    expect(matcher.match(text).decision).toEqual({ kind: 'abstain' });
  });

  it('loses at most three points when a tenth of the characters is replaced by ones of the same sound', () => {
    const bySound = new Map<string, string[]>();
    const soundOf = (char: string): string => pinyin(char, { toneType: 'num' });
    for (const char of new Set(knowledge.flatMap((entry) => [...entry.question, ...entry.answer]).filter((each) => /\p{Script=Han}/u.test(each)))) bySound.set(soundOf(char), [...(bySound.get(soundOf(char)) ?? []), char]);
    let state = 20_261_122;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    let [asked, lost, replaced] = [0, 0, 0];
    for (let round = 0; round < 5; round += 1) {
      for (const each of results) {
        const noisy = [...each.question].map((char) => {
          const others = (bySound.get(soundOf(char)) ?? []).filter((other) => other !== char);
          if (others.length === 0 || random() >= 0.1) return char;
          replaced += 1;
          return others[Math.floor(random() * others.length)] ?? char;
        });
        asked += 1;
        if (isRight(each) && !each.right.includes(matcher.match(noisy.join('')).ranked[0]?.id ?? '')) lost += 1;
      }
    }
    expect(replaced).toBeGreaterThan(200);
    expect(lost / asked).toBeLessThanOrEqual(0.03);
  });

  it('offers choices for a bare topic', () => {
    const { decision } = matcher.match('居住证');
    expect(decision.kind).toBe('choices');
  });
});
