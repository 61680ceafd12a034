import { describe, expect, it } from 'vitest';
import { freshnessOf, whyText } from '../../src/assist/knowledge.ts';
import { checkRules } from '../../src/assist/rules.ts';
import type { AssistRuleFile } from '../../src/assist/rules-schema.ts';
import { thinkOf, thoughtKey } from '../../src/assist/think.ts';
import { city, mind, rules, talk, thoughtsOn, told } from './support.ts';

describe('knowledge for what was just said', () => {
  it('finds it, says why and how fresh it is, and where it is from', () => {
    const { knowledge } = thoughtsOn('c: 你好', 'c: 居住证怎么办理');
    expect(knowledge.asked).toEqual({ seq: 2, start: 0, end: 7, text: '居住证怎么办理' });
    const [hint] = knowledge.hints;
    expect(hint?.question).toContain('居住证');
    expect(hint?.why).toMatch(/^命中：.*居住证/);
    expect(hint?.fresh.text).toMatch(/^\d{4}-\d{2}-\d{2} 起生效/);
    expect(hint?.source).not.toBe('');
    expect(hint?.voice).not.toBe('');
  });

  it('goes on with the topic when the last words alone say little', () => {
    const { knowledge } = thoughtsOn('c: 请问居住证怎么办理', 'b: 带身份证到派出所', 'c: 那要多久');
    expect(knowledge.topic).toContain('居住证');
    expect(knowledge.hints[0]?.question).toContain('居住证');
  });

  it('asks nothing of greetings, phone numbers and answers to a question', () => {
    const { knowledge } = thoughtsOn('c: 东城鸿福路停水了', 'b: 请问怎么称呼？', 'c: 我姓陈，电话138****8000', 'c: 谢谢');
    expect(knowledge.asked?.text).toContain('停水');
  });

  it('shows entries for the desk too, marked', () => {
    const entry = city.knowledge.find(({ audience }) => audience === 'desk');
    expect(entry).toBeDefined();
    const { knowledge } = thinkOf(talk(`c: ${entry?.question ?? ''}`), told(), mind);
    expect(knowledge.hints.find(({ id }) => id === entry?.id)?.audience).toBe('desk');
  });

  it('tells the days until an entry runs out, and that a review is due', () => {
    const entry = { effectiveFrom: '2026-01-01' };
    expect(freshnessOf(entry, '2026-11-23', 30)).toEqual({ state: 'valid', text: '2026-01-01 起生效' });
    expect(freshnessOf({ ...entry, expiresOn: '2026-12-01' }, '2026-11-23', 30)).toEqual({ state: 'ending', text: '2026-01-01 起生效，8 天后到期（2026-12-01）' });
    expect(freshnessOf({ ...entry, expiresOn: '2026-11-23' }, '2026-11-23', 30)).toMatchObject({ state: 'ending', text: expect.stringContaining('今天到期') });
    expect(freshnessOf({ ...entry, expiresOn: '2026-11-22' }, '2026-11-23', 30)).toMatchObject({ state: 'expired', text: expect.stringContaining('已于 2026-11-22 失效') });
    expect(freshnessOf({ ...entry, reviewOn: '2026-11-20', expiresOn: '2027-12-01' }, '2026-11-23', 30)).toMatchObject({ state: 'due', text: expect.stringContaining('请核实') });
    expect(freshnessOf({ effectiveFrom: '2027-01-01' }, '2026-11-23', 30).state).toBe('coming');
  });

  it('names what weighed most, and nothing that weighed against it', () => {
    expect(whyText({ matched: ['居住证'], why: [{ feature: 'unitFour', share: 0.2 }, { feature: 'kind', share: 0.4 }, { feature: 'wholeWordMild', share: 0.1 }, { feature: 'same', share: -3 }] })).toBe('命中：居住证；答案正好给出所问的那类信息；与库中问法相近');
    expect(whyText({ matched: [] })).toBe('语义相近');
  });
});

describe('item, department and deadline', () => {
  it('come by the very rules that will dispatch the ticket', () => {
    const { dispatch } = thoughtsOn('c: 东城鸿福路工地半夜打桩吵得睡不着');
    expect(dispatch.items[0]).toMatchObject({ code: 'env.noise.construction', sure: true, matched: expect.arrayContaining(['打桩']) });
    expect(dispatch.department).toEqual({ id: 'ecology', name: city.departments.find(({ id }) => id === 'ecology')?.name });
    // Five workdays from Monday the 23rd, the day itself not counted.
    expect(dispatch.deadline).toMatchObject({ rule: 'demo/general', text: expect.stringMatching(/^2026年11月30日 \d\d:\d\d 前（演示时限：5个工作日）$/) });
    expect(dispatch.deadline?.lines.at(0)).toContain('起算');
    expect(dispatch.deadline?.lines.at(-1)).toContain('到期时间');
  });

  it('go by the clock of life and safety when it is one, and by the enterprise lane’s when it is one', () => {
    expect(thoughtsOn('c: 东城鸿福路工地塌了有人被埋').dispatch.deadline?.rule).toBe('demo/life');
    expect(thinkOf(talk('c: 我们公司的政策补贴一直没有兑现'), told({ enterprise: true }), mind).dispatch.deadline?.rule).toMatch(/^zhuhai-enterprise\//);
  });

  it('take the model’s own word for sure where there is one', () => {
    const unsure = { ...mind, suggestItems: () => [{ code: 'city.street-lamp', name: '路灯故障', score: 0.9, matched: ['路灯'], sure: false }] };
    const thoughts = thinkOf(talk('c: 东城鸿福路路灯坏了'), told(), unsure);
    expect(thoughts.dispatch.items[0]?.sure).toBe(false);
    expect(thoughts.form.slots.find(({ name }) => name === 'itemCode')?.note).toBe('把握不大，请核对');
  });
});

describe('questions for what is missing', () => {
  const asked = (...said: readonly string[]): readonly string[] => thoughtsOn(...said).questions.map(({ id }) => id);

  it('ask by kind and item, and stop when it was told', () => {
    expect(asked('c: 工地半夜打桩吵得睡不着')).toEqual(expect.arrayContaining(['where', 'town', 'phone']));
    expect(asked('c: 工地半夜打桩吵得睡不着', 'c: 东城鸿福路12号，电话138****8000')).not.toEqual(expect.arrayContaining(['where']));
    expect(asked('c: 出租车昨晚在东城鸿福路拒载')).toContain('plate');
    expect(asked('c: 出租车粤S12345昨晚在东城鸿福路拒载')).not.toContain('plate');
    expect(asked('c: 健身房关门了不退年卡的钱')).toEqual(expect.arrayContaining(['paid', 'order-number']));
    expect(asked('c: 厂里拖欠我们工资')).toEqual(expect.arrayContaining(['polluter', 'paid']));
    expect(asked('c: 整栋楼停水了，东城花园小区')).not.toContain('outage-scope');
  });

  it('ask nothing of who only wants to know, nor for a known phone', () => {
    expect(asked('c: 居住证怎么办理')).toEqual([]);
    expect(thinkOf(talk('c: 东城鸿福路路灯坏了'), told({ phoneKnown: true }), mind).questions.map(({ id }) => id)).not.toContain('phone');
  });

  it('do not repeat what was asked just now, and ask for photographs only who can send some', () => {
    const { questions } = thoughtsOn('c: 工地半夜打桩吵得睡不着');
    expect(asked('c: 工地半夜打桩吵得睡不着', `s: ${questions[0]?.ask ?? ''}`)).not.toContain(questions[0]?.id);
    const voice = thinkOf(talk('c: 投诉东城鸿福路工地半夜打桩'), told({ modality: 'voice' }), mind).questions;
    expect(voice.map(({ id }) => id)).not.toContain('evidence');
    expect(asked('c: 投诉东城鸿福路工地昨晚半夜打桩')).toContain('evidence');
    expect(voice.every((question) => question.voice.length > 0)).toBe(true);
  });
});

describe('the summary for the hand-over', () => {
  it('has at most five lines: matter, facts, what was done, what is open, mood', () => {
    const lines = talk('c: 投诉！！工地半夜打桩，打了三次电话没人管', 'b: 请问在哪里？', 'c: 东城鸿福路万达广场旁边', 's: 您好，我来帮您登记', 'c: 多久能处理好？').map((line) => (line.seq === 2 ? { ...line, source: '噪声污染防治法' } : line));
    const { summary } = thinkOf(lines, told({ handoffReason: '市民要求人工服务', tickets: [{ number: '20261123000012', title: '工地噪声', state: '待签收' }] }), mind);
    expect(summary.map(({ label }) => label)).toEqual(['诉求', '要素', '已做', '未了', '情绪']);
    const text = Object.fromEntries(summary.map((line) => [line.label, line.text]));
    expect(text['诉求']).toContain('工地半夜打桩');
    expect(text['要素']).toContain('鸿福路万达广场旁边');
    expect(text['已做']).toMatch(/已开工单 20261123000012.*《噪声污染防治法》.*坐席说过：您好，我来帮您登记/);
    expect(text['未了']).toMatch(/未答：多久能处理好.*转人工：市民要求人工服务/);
    expect(text['情绪']).toContain('“没人管”');
    for (const line of summary) expect([...line.text].length).toBeLessThanOrEqual(120);
  });

  it('is cut out of what was said: every word of the matter stands in a message', () => {
    const said = ['c: 楼下烧烤店油烟很大', 'c: 窗户都不敢开', 'c: 在东城鸿福路'];
    const matter = thoughtsOn(...said).summary[0]?.text.replace(/^【.*?】/, '') ?? '';
    for (const sentence of matter.split('。').filter((part) => part !== '')) expect(said.some((line) => line.includes(sentence))).toBe(true);
  });
});

describe('the rules of assist', () => {
  const faultsOf = (change: (file: AssistRuleFile) => void): readonly string[] => {
    const file = structuredClone(rules.file);
    change(file);
    return checkRules(file, city, (pointer, message) => ({ file: 'config/assist.yaml', line: 1, column: 1, message: `${pointer} ${message}` })).map(({ message }) => message);
  };

  it('are sound as shipped', () => {
    expect(faultsOf(() => undefined)).toEqual([]);
  });

  it.each([
    ['a pattern that could run for ever', (file: AssistRuleFile) => void file.asides.push('(a+)+b'), /^\/asides\/\d+ /],
    ['an unknown fact', (file: AssistRuleFile) => void file.questions.push({ id: 'x', order: 1, fact: 'nothing', ask: '请问是什么？', why: '不知道' }), /\/questions\/\d+\/fact no fact nothing/],
    ['an unknown item', (file: AssistRuleFile) => void file.questions.push({ id: 'x', order: 1, items: ['no.such'], ask: '请问是什么？', why: '不知道' }), /no item is or stands under no\.such/],
    ['a question that is always asked', (file: AssistRuleFile) => void file.questions.push({ id: 'x', order: 1, ask: '请问是什么？', why: '不知道' }), /would always be asked/],
    ['an id that stands twice', (file: AssistRuleFile) => void file.mood.signs.push({ id: 'rage', label: '又一个', words: ['气'] }), /\/mood\/signs\/\d+\/id rage stands twice/],
    ['a sign of nothing', (file: AssistRuleFile) => void file.mood.signs.push({ id: 'empty', label: '空' }), /neither words nor patterns/],
    ['a combination of unknown signs', (file: AssistRuleFile) => void file.mood.together.push({ signs: ['rage', 'nobody'], urgency: 'urgent' }), /no sign nobody/],
    ['anger that is less than displeasure', (file: AssistRuleFile) => void (file.mood.angry = 0.5), /\/mood\/angry/],
  ])('are refused with %s', (_what, change, fault) => {
    expect(faultsOf(change)).toEqual([expect.stringMatching(fault)]);
  });
});

describe('what thoughts hang on', () => {
  it('changes with the conversation, the knowledge base and the minute', () => {
    const key = thoughtKey({ id: 'c', version: 1, lastSeq: 4 }, 7, 60_000);
    expect(thoughtKey({ id: 'c', version: 1, lastSeq: 4 }, 7, 119_999)).toBe(key);
    for (const other of [thoughtKey({ id: 'd', version: 1, lastSeq: 4 }, 7, 60_000), thoughtKey({ id: 'c', version: 2, lastSeq: 4 }, 7, 60_000), thoughtKey({ id: 'c', version: 1, lastSeq: 5 }, 7, 60_000), thoughtKey({ id: 'c', version: 1, lastSeq: 4 }, 8, 60_000), thoughtKey({ id: 'c', version: 1, lastSeq: 4 }, 7, 120_000)]) expect(other).not.toBe(key);
  });
});
