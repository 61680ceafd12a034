import { scanPhones } from '../../domain/masking.ts';
import { isDay } from '../files/cells.ts';
import { fieldText } from '../files/faults.ts';
import { questionKey } from '../files/tidy.ts';
import { personalData, type PersonalKind } from './personal.ts';
import { textsOf, type EntryRule, type Finding, type LintRule, type Severity } from './types.ts';
import { voiceRules } from './voice.ts';

/** Rules that look at one entry alone. Pure. */

const PERSONAL: Readonly<Record<PersonalKind, string>> = { mobile: '手机号码', identity: '身份证号码', number: '疑似证件或银行卡号码', email: '个人邮箱', name: '联系人姓名' };

const personal: EntryRule = (entry) => {
  const one = entry.id;
  const found: Finding[] = textsOf(entry).flatMap(([field, text]) =>
    personalData(text).map((kind): Finding => ({ rule: `personal.${kind}`, severity: 'error', entryIds: [one], field, text: `${fieldText(field)}里有${PERSONAL[kind]}`, mend: '删去，改写 12345 或单位对外公布的电话' })),
  );
  const landline = textsOf(entry).find(([field, text]) => !/^places\.\d+\.phone$/.test(field) && scanPhones(text).some(({ kind, phone }) => kind === 'landline' && phone.startsWith('0')));
  if (landline !== undefined) found.push({ rule: 'personal.landline', severity: 'hint', entryIds: [one], field: landline[0], text: `${fieldText(landline[0])}里有固定电话`, mend: '单位电话写进“办理地点”的电话一栏，换号时只改一处' });
  return found;
};

const wordings: EntryRule = (entry) => {
  const found: Finding[] = [];
  const keys = [entry.question, ...entry.wordings].map(questionKey);
  const twice = entry.wordings.findIndex((_wording, index) => keys.indexOf(keys[index + 1] ?? '') < index + 1);
  if (twice !== -1) found.push({ rule: 'wording.repeated', severity: 'warning', entryIds: [entry.id], field: `wordings.${twice}`, text: `问法“${entry.wordings[twice] ?? ''}”在本条里重复`, mend: '删去重复的问法' });
  if (new Set(keys.slice(1)).size < 3) found.push({ rule: 'wording.few', severity: 'hint', entryIds: [entry.id], field: 'wordings', text: `只有 ${entry.wordings.length} 种其他问法`, mend: '补到 3 种以上市民真会说的问法' });
  return found;
};

/** Days before its end on which an entry is told of. */
const SOON_DAYS = 30;

const days: EntryRule = (entry, { today, replaced }) => {
  const found: Finding[] = [];
  const add = (rule: LintRule, severity: Severity, field: string, text: string, mend: string): void => void found.push({ rule, severity, entryIds: [entry.id], field, text, mend });
  for (const field of ['effectiveFrom', 'expiresOn', 'reviewOn'] as const) {
    const day = entry[field];
    if (day !== undefined && !isDay(day)) add('days.impossible', 'error', field, `${fieldText(field)} ${day} 不是日历上的日子`, '改成真实的日期');
  }
  const { expiresOn, reviewOn } = entry;
  if (expiresOn !== undefined && isDay(expiresOn)) {
    if (expiresOn < entry.effectiveFrom) add('days.reversed', 'error', 'expiresOn', `失效日期 ${expiresOn} 早于生效日期 ${entry.effectiveFrom}`, '核对两个日期');
    else if (expiresOn < today) add('days.expired', 'error', 'expiresOn', `已于 ${expiresOn} 失效，仍是已发布状态`, '换成现行规定，或撤下这条知识');
    else if (expiresOn <= laterDay(today, SOON_DAYS)) add('days.expiring', 'hint', 'expiresOn', `${expiresOn} 起失效`, '准备接替的内容，或到期撤下');
  }
  if (reviewOn !== undefined && isDay(reviewOn) && reviewOn < today) add('days.review', 'warning', 'reviewOn', `复核日期 ${reviewOn} 已过`, '核对内容，改填下一次复核日期');
  const old = replaced.find(({ title, since }) => since <= today && citedTitles(entry.source.title).includes(title));
  if (old !== undefined) add('source.replaced', 'error', 'source.title', `来源《${old.title}》自 ${old.since} 起由《${old.by}》取代`, '按现行规定核对答案，并改写来源');
  return found;
};

/** Titles in 《》, else the whole text. */
function citedTitles(text: string): readonly string[] {
  const titles = [...text.matchAll(/《([^《》]+)》/g)].map((match) => match[1] ?? '');
  return titles.length > 0 ? titles : [text.trim()];
}

function laterDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

const references: EntryRule = (entry, facts) => {
  const found: Finding[] = [];
  const unknown = (rule: LintRule, field: string, id: string, file: string): void => void found.push({ rule, severity: 'error', entryIds: [entry.id], field, text: `${fieldText(field)}“${id}”不存在`, mend: `对照 ${file} 改正编号` });
  if (!facts.departments.has(entry.department)) unknown('reference.department', 'department', entry.department, 'config/departments.yaml');
  for (const [index, id] of (entry.alsoDepartments ?? []).entries()) if (!facts.departments.has(id)) unknown('reference.department', `alsoDepartments.${index}`, id, 'config/departments.yaml');
  if (entry.item !== undefined && !facts.items.has(entry.item)) unknown('reference.item', 'item', entry.item, 'config/items.yaml');
  for (const [index, id] of (entry.towns ?? []).entries()) if (!facts.towns.has(id)) unknown('reference.town', `towns.${index}`, id, 'config/towns.yaml');
  if (entry.related?.includes(entry.id) === true) found.push({ rule: 'reference.self', severity: 'warning', entryIds: [entry.id], field: 'related', text: '相关知识里有它自己', mend: '删去自己的编号' });
  return found;
};

const links: EntryRule = (entry) =>
  urlsOf(entry).flatMap(({ field, url }): Finding[] => (url.startsWith('https://') ? [] : [{ rule: 'link.insecure', severity: 'warning', entryIds: [entry.id], field, text: '链接不是 https', mend: '换成 https 地址；网站不支持时写明机构名称，不放链接' }]));

/** Every address of an entry. */
export function urlsOf({ links: shown = [], source }: Parameters<EntryRule>[0]): readonly { readonly field: string; readonly url: string }[] {
  return [...shown.map(({ url }, index) => ({ field: `links.${index}.url`, url })), ...(source.url === undefined ? [] : [{ field: 'source.url', url: source.url }])];
}

const guides: EntryRule = (entry) => {
  if (entry.module !== 'guides') return [];
  const missing = (rule: LintRule, field: string, name: string): Finding => ({ rule, severity: 'hint', entryIds: [entry.id], field, text: `办事指南没有填“${name}”`, mend: `把答案里的${name}分列出来，网页和坐席才能逐项显示` });
  return [...(entry.materials === undefined ? [missing('guide.materials', 'materials', '所需材料')] : []), ...(entry.steps === undefined ? [missing('guide.steps', 'steps', '办理步骤')] : [])];
};

/** What the hotline cannot keep; a guarantee that a law asks of somebody else (商家应当保证质量, 信用承诺) is no promise. */
const PROMISE = /(?:我们|我|本热线|热线|本单位|工作人员)(?:会|将|可以|向您|一定)?(?:保证|承诺)(?!书|制)|(?<!不|不能|无法)(?:保证|确保)(?:您|给您|为您|帮您|能|会|解决|办成|办好|办妥|通过|退款|录取|赔)|包您|包你|(?<!不)一定(?:能|会(?!议)|可以|给您|帮您)|肯定(?:能|会|可以)|绝对(?:能|会|可以|没问题)|(?:百分之百|100%)(?:办|解决|退|通过)/;

const promise: EntryRule = (entry) =>
  ([['answer', entry.answer], ['voice', entry.voice]] as const).flatMap(([field, text]): Finding[] => {
    const match = PROMISE.exec(text);
    return match === null ? [] : [{ rule: 'promise', severity: 'warning', entryIds: [entry.id], field, text: `${fieldText(field)}有承诺的口气：“${match[0]}”`, mend: '改成条件和程序：符合什么条件、由谁、多久答复' }];
  });

/** A WeChat text may have 2,048 bytes (客服消息 text); the source line under an answer takes some 150 of them. */
const MESSAGE_BYTES = 1_900;
const PARAGRAPH = 220;

const lengths: EntryRule = (entry) => {
  const found: Finding[] = [];
  const bytes = Buffer.byteLength(entry.answer);
  if (bytes > MESSAGE_BYTES) found.push({ rule: 'length.message', severity: 'hint', entryIds: [entry.id], field: 'answer', text: `答案 ${entry.answer.length} 字，在微信里要分两条发`, mend: '压到 600 字以内，细节放进步骤、材料或链接' });
  const longest = Math.max(...entry.answer.split('\n').map((paragraph) => paragraph.length));
  if (longest > PARAGRAPH) found.push({ rule: 'length.paragraph', severity: 'hint', entryIds: [entry.id], field: 'answer', text: `有一段长达 ${longest} 字`, mend: `拆成 ${PARAGRAPH} 字以内的短段` });
  return found;
};

export const ENTRY_RULES: readonly EntryRule[] = [personal, wordings, voiceRules, days, references, links, guides, promise, lengths];
