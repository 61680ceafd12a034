import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { countFindings, lintEntries, type LintFacts, type LintRule } from '../../../src/knowledge/lint/index.ts';
import { isIdentityNumber, personalData } from '../../../src/knowledge/lint/personal.ts';
import { beijingDay, lintFacts, loadReplacedSources } from '../../../src/knowledge/lint/sources.ts';
import { countSentences } from '../../../src/knowledge/lint/voice.ts';
import { aKnowledgeEntry } from '../../factories/index.ts';
import { city } from '../files/support.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const facts: LintFacts = lintFacts(city, '2026-06-15', [{ title: '信访条例', by: '信访工作条例', since: '2022-05-01' }, { title: '将来条例', by: '新条例', since: '2030-01-01' }]);

/** An entry that nothing is wrong with; the starting point of every case. */
const sound = (over: Partial<KnowledgeEntry> = {}): KnowledgeEntry => aKnowledgeEntry({ id: 'a.one', wordings: ['晚上施工太吵找谁', '半夜还在打桩谁来管', '工地噪音去哪里投诉'], ...over });
const rules = (over: Partial<KnowledgeEntry>, given: LintFacts = facts): readonly string[] => lintEntries([sound(over)], given).map(({ rule, severity, field }) => `${severity} ${rule} ${field ?? ''}`.trim());

describe('the lint of one entry', () => {
  it('has nothing to say of a sound one', () => {
    expect(rules({})).toEqual([]);
  });

  const CASES: readonly (readonly [string, Partial<KnowledgeEntry>, readonly string[]])[] = [
    ['a voice of four sentences', { voice: '第一句。第二句！第三句？第四句。' }, ['error voice.sentences voice']],
    ['a voice of three', { voice: '第一句。第二句！缴费3.5元就可以。' }, []],
    ['a voice with an address', { voice: '请看 www.example.gov.cn 上的说明。' }, ['error voice.link voice']],
    ['a voice with a list', { voice: '请带：一、身份证；二、户口本。' }, ['error voice.list voice']],
    ['a voice with numbered lines', { voice: '1. 身份证\n2. 户口本' }, ['error voice.list voice']],
    ['a voice with figures that are no list', { voice: '满16周岁可以办，3到5天拿到，费用20元。' }, []],
    ['a voice with brackets', { voice: '请到村（社区）服务站办理。' }, ['warning voice.brackets voice']],
    ['a voice with signs', { voice: '请到镇/街道的窗口办理。' }, ['warning voice.symbols voice']],
    ['an English voice', { en: { question: 'How to apply', wordings: [], answer: 'Please go to the service hall.', voice: 'Go there. Bring your passport. Pay 20 yuan. Wait.' } }, ['error voice.sentences en.voice']],
    ['a mobile number', { answer: '请联系值班手机13800138000处理这件事。' }, ['error personal.mobile answer']],
    ['a mobile number in words', { materials: ['联系电话一三八零零一三八零零零'] }, ['error personal.mobile materials.0']],
    ['an identity number', { card: { title: '样本', text: '身份证号11010519491231002X的格式' } }, ['error personal.identity card.text']],
    ['an old fixed line in the answer', { answer: '请打大厅电话0769-22222222咨询办理时间。' }, ['hint personal.landline answer']],
    ['a fixed line where it belongs', { places: [{ name: '办事大厅', phone: '0769-22222222' }] }, []],
    ['lines of public service', { answer: '请打12345、110、12333或者4008123123咨询。' }, []],
    ['a name beside a telephone', { answer: '联系人：王小明，电话见公示栏，请提前预约。' }, ['error personal.name answer']],
    ['an office that answers for it', { answer: '负责人应当在现场，联系电话以公示为准。' }, []],
    ['a private mail address', { fees: '咨询 someone@example.com' }, ['error personal.email fees']],
    ['an office\'s mail address', { fees: '咨询 office@dg.gov.cn' }, []],
    ['a day that is none', { effectiveFrom: '2026-02-30' }, ['error days.impossible effectiveFrom']],
    ['an end before the beginning', { effectiveFrom: '2026-01-01', expiresOn: '2025-12-31' }, ['error days.reversed expiresOn']],
    ['an end that is past', { expiresOn: '2026-06-14' }, ['error days.expired expiresOn']],
    ['its last day', { expiresOn: '2026-06-15' }, ['hint days.expiring expiresOn']],
    ['an end that is far', { expiresOn: '2026-07-16' }, []],
    ['a review that is due', { reviewOn: '2026-06-14' }, ['warning days.review reviewOn']],
    ['a review today', { reviewOn: '2026-06-15' }, []],
    ['a law that another has replaced', { source: { title: '《信访条例》第十条' } }, ['error source.replaced source.title']],
    ['the law that replaced it', { source: { title: '《信访工作条例》' } }, []],
    ['a law that will be replaced', { source: { title: '将来条例' } }, []],
    ['a link without s', { links: [{ title: '办事网', url: 'http://example.org/' }] }, ['warning link.insecure links.0.url']],
    ['a source without s', { source: { title: '示例办事指引', url: 'http://example.org/' } }, ['warning link.insecure source.url']],
    ['ids that are not there', { department: 'nowhere', alsoDepartments: ['ps', 'gone'], item: 'no.item', towns: ['humen', 'moon'], related: ['a.gone'] }, ['error reference.department department', 'error reference.department alsoDepartments.1', 'error reference.item item', 'error reference.town towns.1', 'error reference.related related.0']],
    ['itself as related', { related: ['a.one'] }, ['warning reference.self related']],
    ['a promise', { voice: '我们保证三天内解决。' }, ['warning promise voice']],
    ['a sure outcome', { answer: '只要材料齐全就一定能办下来，请放心。' }, ['warning promise answer']],
    ['a duty of somebody else', { answer: '商家应当保证质量，不能承诺收益；签信用承诺书的可以缓交材料。' }, []],
    ['two wordings', { wordings: ['晚上施工太吵找谁', '半夜还在打桩谁来管'] }, ['hint wording.few wordings']],
    ['a wording twice', { wordings: ['晚上施工太吵找谁', '半夜打桩谁来管', '晚上施工，太吵找谁？', '工地噪音去哪里投诉'] }, ['warning wording.repeated wordings.2']],
    ['a guide without its parts', { module: 'guides' }, ['hint guide.materials materials', 'hint guide.steps steps']],
    ['a guide with them', { module: 'guides', materials: ['身份证'], steps: ['到窗口递交'] }, []],
    ['an answer of two messages', { answer: Array.from({ length: 8 }, () => '居'.repeat(99)).join('\n') }, ['hint length.message answer']],
    ['a long paragraph', { answer: '居'.repeat(221) }, ['hint length.paragraph answer']],
  ];

  it.each(CASES)('%s', (_name, over, expected) => {
    expect(rules(over)).toEqual(expected);
  });

  it('repeats no personal data in what it finds', () => {
    const found = lintEntries([sound({ answer: '联系人：王小明，手机13800138000，证件11010519491231002X。' })], facts);
    expect(found.map(({ rule }) => rule).sort()).toEqual(['personal.identity', 'personal.mobile', 'personal.name']);
    expect(JSON.stringify(found)).not.toMatch(/王小明|13800138000|1101051949/);
  });

  it('knows an identity number by its check digit', () => {
    expect(['11010519491231002X', '11010519491231002x', '440524188001010014'].map(isIdentityNumber)).toEqual([true, true, true]);
    expect(['110105194912310021', '11010519491231002', '', '010105194912310020'].map(isIdentityNumber)).toEqual([false, false, false, false]);
    expect(personalData('编号110105194912310021的批文')).toEqual(['number']);
  });

  it('counts what a caller hears as sentences', () => {
    expect(['一句', '一句。', '两句。第二句', '请问？好！……', '费用3.5元。', 'One. Two. Three', ''].map(countSentences)).toEqual([1, 1, 2, 2, 1, 3, 0]);
  });
});

describe('two entries and one question', () => {
  const pair = (one: Partial<KnowledgeEntry>, two: Partial<KnowledgeEntry>): readonly (readonly [LintRule, string, readonly string[]])[] =>
    lintEntries([sound(one), sound({ id: 'a.two', wordings: [], ...two })], facts).filter(({ rule }) => /^(?:wording\.(?:twice|same)|conflict)/.test(rule)).map(({ rule, severity, entryIds }) => [rule, severity, entryIds]);
  const ids = ['a.two', 'a.one'];

  it('is found when the wording is the same but for marks', () => {
    expect(pair({}, { question: '半夜还在打桩，谁来管？', answer: '由生态环境部门处理，请说明位置。' })).toEqual([['wording.twice', 'error', ids]]);
  });

  it('weighs more when the answers name other figures', () => {
    const money = (amount: string) => ({ question: '补办居住证要多少钱', wordings: ['补居住证收费吗', '居住证补办费用', '居住证工本费'], answer: `补办居住证收取工本费${amount}，到派出所办理。` });
    expect(pair(money('20元'), money('30元'))).toEqual([['conflict.facts', 'error', ids]]);
    expect(pair(money('20元'), { ...money('二十元'), answer: '补办居住证只收二十元，带身份证到派出所。' })).toEqual([['wording.twice', 'error', ids]]);
    const days = (text: string) => ({ question: '居住证多少天能办下来', wordings: [], answer: `材料齐全的，公安机关${text}制证发放。` });
    expect(pair(days('十五日内'), { ...days('三十日内'), question: '居住证多少天能办下来呢' })).toEqual([['conflict.facts', 'warning', ids]]);
    expect(pair(days('在2016年1月1日起十五日内'), { ...days('自2020年5月3日起15日内'), question: '居住证多少天能办下来呢' })).toEqual([['wording.same_question', 'warning', ids]]);
  });

  it('is none when the subjects differ by a word, the towns or the times are apart', () => {
    expect(pair({ question: '居住证丢了怎么补办', wordings: [] }, { question: '身份证丢了怎么补办' })).toEqual([]);
    expect(pair({ question: '买房提取公积金怎么办', wordings: [] }, { question: '租房提取公积金怎么办' })).toEqual([]);
    const same = { question: '垃圾几点收', answer: '每天早上七点收运，请提前投放。' };
    expect(pair({ ...same, towns: ['humen'] }, { ...same, towns: ['houjie'] })).toEqual([]);
    expect(pair({ ...same, expiresOn: '2026-12-31' }, { ...same, effectiveFrom: '2027-01-01' })).toEqual([]);
    expect(pair({ ...same, towns: ['humen'] }, same)).toEqual([['wording.twice', 'error', ids]]);
  });

  it('is only a hint between what seats and what citizens read', () => {
    expect(pair({}, { question: '半夜还在打桩谁来管', audience: 'desk', answer: '先登记位置，再转生态环境部门。' })).toEqual([['wording.twice', 'hint', ids]]);
  });

  it('stays readable when ten thousand entries are equal', () => {
    const many = Array.from({ length: 10_000 }, (_unused, index) => sound({ id: `a.n${index}` }));
    const found = lintEntries(many, facts).filter(({ rule }) => rule === 'wording.twice');
    // Every entry once at least, and not fifty million pairs.
    expect(new Set(found.flatMap(({ entryIds }) => entryIds)).size).toBe(10_000);
    expect(found.length).toBeLessThanOrEqual(50_000);
  });
});

describe('the knowledge that ships', () => {
  const replaced = loadReplacedSources(root);

  it('cites no law that others have replaced, and the list is one of real days', () => {
    expect(replaced.length).toBeGreaterThan(10);
    expect(new Set(replaced.map(({ title }) => title)).size).toBe(replaced.length);
    for (const { title, by, since } of replaced) expect([title, title === by, beijingDay(Date.parse(`${since}T00:00:00+08:00`))]).toEqual([title, false, since]);
  });

  it('is free of personal data, unspeakable voices and conflicts', () => {
    const found = lintEntries(city.knowledge, lintFacts(city, '2026-06-15', replaced)).filter(({ severity }) => severity === 'error');
    expect(found).toEqual([]);
    expect(countFindings(found).error).toBe(0);
  });
});
