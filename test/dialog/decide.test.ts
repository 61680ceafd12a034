import { describe, expect, it } from 'vitest';
import { decide } from '../../src/dialog/decide.ts';
import { asksForPerson, hear } from '../../src/dialog/listen.ts';
import { facts, kinds, realProgram, said, talk } from './support/program.ts';

const program = realProgram();
const heard = (text: string) => hear({ type: 'message', text, attachments: 0 }, program.dialog, program.dialect);
const kindOf = (text: string): string => decide(heard(text), program, facts()).kind;

describe('a statement of trouble or a question', () => {
  it.each([
    '楼下工地半夜两点还在施工吵死了，东城鸿福路', '怎么又停水了', '冇水两日了，虎门镇口', '老板拖欠工资三个月了', '有没有人管啊楼上天天装修', '小区门口路灯坏了', '我要投诉物业乱收费',
    '垃圾堆成山臭死了', '楼上漏水漏到我家了没人管', '能不能派人来管管烧烤摊油烟', '城管什么态度', '我们厂里不发工资', '隔壁好吵', 'The garbage in our street smells terrible', '还让不让人睡觉了，打桩打到三点',
  ])('%s → trouble', (text) => {
    expect(kindOf(text)).toBe('trouble');
  });

  it.each(['工地噪音几点以后不能施工', '居住证怎么办', '公积金贷款能贷多少', '请问停水什么时候通知', '孩子入学需要什么材料', '去哪里投诉快递', '劳动仲裁怎么申请', '12345是什么', '垃圾分类有什么规定吗', '边度可以办社保', 'How do I apply for a residence permit?', '我要办居住证', '我要找社保局的电话', '想领高龄津贴'])('%s → question', (text) => {
    expect(kindOf(text)).toBe('question');
  });

  it.each(['你好', '好的', '居住证', '公积金', '嗯'])('%s → unclear', (text) => {
    expect(kindOf(text)).toBe('unclear');
  });

  it.each([['我要举报有人偷排', '举报'], ['表扬公交司机', '表扬'], ['我建议增加路灯', '建议'], ['家里停水了', '求助'], ['噪音太大', '投诉'], ['莫名其妙', '投诉']])('%s → %s', (text, kind) => {
    expect(decide(heard(text), program, facts()).ticketKind).toBe(kind);
  });
});

describe('asking for a person', () => {
  it.each(['人工', '转人工', '我要人工！', '人 工', '找个人跟我说', '要真人', '麻烦转接一下', '請轉人工', '人工服务', '0', 'talk to a human please'])('%s', (text) => {
    expect(asksForPerson(heard(text), program.dialog)).toBe(true);
  });

  it.each(['人工智能产业园在哪', '人工湖边路灯坏了', '装修人工费太贵', '你是真人吗', '人工授精能报销吗', '10', '0769'])('not: %s', (text) => {
    expect(asksForPerson(heard(text), program.dialog)).toBe(false);
  });

  it('key 0 works where digits are typed', () => {
    const one = talk({ modality: 'voice', seatsOnline: 1 });
    one.say('查进度');
    expect(kinds(one.send({ type: 'message', text: '', keys: '0', attachments: 0 }))).toContain('handoff');
  });
});

describe('routing', () => {
  it('a question stays a question although it says 投诉', () => {
    expect(said(talk().say('登记投诉后多久能回复'))).toContain('5个工作日');
  });

  it('a complaint never starts with “I do not know”', () => {
    const effects = talk().say('楼下烧烤摊天天油烟熏死人');
    expect(kinds(effects)).not.toContain('gap');
    expect(said(effects)).toMatch(/地方|哪/);
  });

  it('what nobody knows becomes a gap and an offer, never a made-up answer', () => {
    const effects = talk().say('火星移民补贴怎么领');
    expect(kinds(effects)).toContain('gap');
    expect(said(effects)).toContain('登记');
  });
});
