/** Why a row was refused. Never holds what the row says where that could be about a person. */
export interface RowFault {
  /** Field of the entry (`voice`, `source.url`, `places.0.phone`), or `row` for the row as a whole. */
  readonly field: string;
  readonly rule: FaultRule;
  /** What was read, masked and cut, for fields that hold names of things (department, town, item, module, days, ids) only; or a limit. */
  readonly value?: string;
}

export type FaultRule =
  | 'required' | 'too_short' | 'too_long' | 'too_many' | 'pattern' | 'type' | 'unknown_field' | 'unknown' | 'ambiguous' | 'not_a_day' | 'days_reversed'
  | 'personal_mobile' | 'personal_identity' | 'personal_number' | 'personal_email' | 'personal_name'
  | 'duplicate' | 'draft_open' | 'cell_error' | 'not_json' | 'not_an_object' | 'row_too_long' | 'changed_meanwhile' | 'itself';

const RULE_TEXTS: Readonly<Record<FaultRule, string>> = {
  required: '必须填写', too_short: '太短', too_long: '太长', too_many: '项目太多', pattern: '格式不对', type: '类型不对', unknown_field: '没有这个字段', unknown: '找不到',
  ambiguous: '对应不止一个，请写编号', not_a_day: '不是日期（如 2026-01-31）', days_reversed: '失效日期早于生效日期',
  personal_mobile: '含手机号码', personal_identity: '含身份证号码', personal_number: '含疑似证件或银行卡号码', personal_email: '含个人邮箱', personal_name: '含联系人姓名',
  duplicate: '与本文件中前面的行重复', draft_open: '这条知识有未完成的草稿，请先处理', cell_error: '单元格是错误值（如 #N/A）', not_json: '不是 JSON', not_an_object: '不是一条知识', row_too_long: '这一行太长',
  itself: '不能是本条知识自己', changed_meanwhile: '检查之后内容被他人改动，请重新导入',
};

const FIELD_TEXTS: Readonly<Record<string, string>> = {
  row: '整行', id: '编号', module: '模块', question: '标准问法', wordings: '其他问法', answer: '答案', voice: '口播', links: '链接', card: '卡片', conditions: '适用条件', steps: '办理步骤', materials: '所需材料', fees: '费用',
  hours: '办理时间', places: '办理地点', department: '承办单位', alsoDepartments: '其他承办单位', owner: '维护人', source: '来源', effectiveFrom: '生效日期', expiresOn: '失效日期', reviewOn: '复核日期', towns: '适用镇街',
  item: '关联事项', audience: '公开范围', related: '相关知识', keywords: '关键词', en: '英文',
};

/** Name of a field in Chinese: `places.0.phone` → 办理地点 0.phone. */
export function fieldText(field: string): string {
  const [head = '', ...rest] = field.split('.');
  const name = FIELD_TEXTS[head] ?? head;
  return rest.length === 0 ? name : `${name} ${rest.map((part) => (/^\d+$/.test(part) ? `第 ${Number(part) + 1} 项` : part)).join(' ')}`;
}

export function faultText({ field, rule, value }: RowFault): string {
  return `${fieldText(field)}：${RULE_TEXTS[rule]}${value === undefined ? '' : `（${value}）`}`;
}
