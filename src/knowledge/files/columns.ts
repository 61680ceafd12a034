import { foldText } from '../../domain/text.ts';

/** The columns of a knowledge table, in the order in which they are written. */

export type ColumnKey =
  | 'id' | 'module' | 'question' | 'wordings' | 'answer' | 'voice' | 'department' | 'alsoDepartments' | 'sourceTitle' | 'sourceArticle' | 'sourceUrl'
  | 'effectiveFrom' | 'expiresOn' | 'reviewOn' | 'towns' | 'item' | 'who' | 'where' | 'steps' | 'materials' | 'fees' | 'hours' | 'places' | 'links'
  | 'cardTitle' | 'cardText' | 'related' | 'keywords' | 'owner' | 'audience' | 'enQuestion' | 'enWordings' | 'enAnswer' | 'enVoice';

export interface Column {
  readonly key: ColumnKey;
  /** Header that is written. */
  readonly label: string;
  /** Further headers that are understood, besides the key itself. */
  readonly also: readonly string[];
  /** Width in characters, for Excel. */
  readonly width: number;
  /** An entry cannot do without it. */
  readonly required?: true;
}

export const COLUMNS: readonly Column[] = [
  { key: 'id', label: '编号', also: ['知识编号', '条目编号', '知识id'], width: 28 },
  { key: 'module', label: '模块', also: ['所属模块', '知识模块', '类别', '分类', 'category'], width: 12, required: true },
  { key: 'question', label: '标准问法', also: ['问题', '标准问题', '标准问', '标题', 'standardquestion', 'title'], width: 30, required: true },
  { key: 'wordings', label: '其他问法', also: ['相似问法', '相似问', '扩展问', '问法', 'variants', 'otherwordings'], width: 36 },
  { key: 'answer', label: '答案', also: ['回答', '标准答案', '文本答案', '答复', '内容'], width: 60, required: true },
  { key: 'voice', label: '口播', also: ['口播答案', '语音答案', '电话答案', 'voiceanswer', 'spoken'], width: 40, required: true },
  { key: 'department', label: '承办单位', also: ['主办单位', '责任单位', '部门', '单位', 'departmentid'], width: 24, required: true },
  { key: 'alsoDepartments', label: '其他承办单位', also: ['协办单位', '相关单位', 'otherdepartments'], width: 24 },
  { key: 'sourceTitle', label: '来源', also: ['依据', '政策依据', '来源文件', 'source', 'sourcetitle'], width: 30, required: true },
  { key: 'sourceArticle', label: '来源条款', also: ['条款', '条文', 'article'], width: 14 },
  { key: 'sourceUrl', label: '来源网址', also: ['来源链接', '依据链接', 'sourcelink'], width: 30 },
  { key: 'effectiveFrom', label: '生效日期', also: ['生效时间', '起始日期', 'effectivedate', 'from'], width: 12, required: true },
  { key: 'expiresOn', label: '失效日期', also: ['失效时间', '截止日期', '有效期至', 'expirydate', 'expires', 'until'], width: 12 },
  { key: 'reviewOn', label: '复核日期', also: ['复审日期', 'reviewdate', 'review'], width: 12 },
  { key: 'towns', label: '适用镇街', also: ['镇街', '适用区域', 'town'], width: 20 },
  { key: 'item', label: '关联事项', also: ['事项', '事项编码', '事项名称', 'itemcode'], width: 20 },
  { key: 'who', label: '适用对象', also: ['适用人群', 'conditionswho'], width: 24 },
  { key: 'where', label: '适用地点', also: ['适用范围', 'conditionswhere'], width: 24 },
  { key: 'steps', label: '办理步骤', also: ['步骤', '办理流程', '流程'], width: 40 },
  { key: 'materials', label: '所需材料', also: ['材料', '申请材料'], width: 40 },
  { key: 'fees', label: '费用', also: ['收费', '收费标准', 'fee'], width: 20 },
  { key: 'hours', label: '办理时间', also: ['办公时间', '服务时间'], width: 20 },
  { key: 'places', label: '办理地点', also: ['地点', '办理窗口'], width: 40 },
  { key: 'links', label: '链接', also: ['相关链接', 'link'], width: 40 },
  { key: 'cardTitle', label: '卡片标题', also: [], width: 20 },
  { key: 'cardText', label: '卡片内容', also: ['卡片文字'], width: 30 },
  { key: 'related', label: '相关知识', also: ['相关条目', '关联知识', 'relatedids'], width: 28 },
  { key: 'keywords', label: '关键词', also: ['关键字', '标签', 'tags'], width: 24 },
  { key: 'owner', label: '维护人', also: ['负责人账号', '维护账号'], width: 14 },
  { key: 'audience', label: '公开范围', also: ['公开级别', '密级', 'confidentiality'], width: 10 },
  { key: 'enQuestion', label: '英文问法', also: ['英文标准问法', 'englishquestion'], width: 30 },
  { key: 'enWordings', label: '英文其他问法', also: ['englishwordings'], width: 36 },
  { key: 'enAnswer', label: '英文答案', also: ['englishanswer'], width: 60 },
  { key: 'enVoice', label: '英文口播', also: ['englishvoice'], width: 40 },
];

const squeeze = (header: string): string => foldText(header).replace(/[([【].*?[)\]】]/g, '').replace(/[^\p{L}\p{N}]+/gu, '');

export interface Header<Key extends string = ColumnKey> {
  /** Column of each place; null where the place is not read. */
  readonly places: readonly (Key | null)[];
  readonly unknown: readonly string[];
  /** Headers that name a column which an earlier header names too. */
  readonly repeated: readonly string[];
}

/** How tables of one kind of thing are recognized. */
export interface TableLayout<Key extends string> {
  /** Null for a row that is no header. */
  readHeader(cells: readonly string[]): Header<Key> | null;
  /** Headers that are to be there, for the message when none is found. */
  readonly wanted: string;
}

/** Column by each of its names; blanks, stars, case, full width and remarks in brackets do not matter. */
export function headersOf<Key extends string>(columns: readonly { readonly key: Key; readonly label: string; readonly also: readonly string[] }[]): (header: string) => Key | null {
  const byHeader = new Map(columns.flatMap(({ key, label, also }) => [key, label, ...also].map((name): [string, Key] => [squeeze(name), key])));
  return (header) => byHeader.get(squeeze(header)) ?? null;
}

/** A layout whose header is a row that names `needed` and at least one more column. */
export function layoutOf<Key extends string>(find: (header: string) => Key | null, needed: Key, wanted: string): TableLayout<Key> {
  return { readHeader: (cells) => readHeaderBy(cells, find, needed), wanted };
}

function readHeaderBy<Key extends string>(cells: readonly string[], find: (header: string) => Key | null, needed: Key): Header<Key> | null {
  const places: (Key | null)[] = [];
  const unknown: string[] = [];
  const repeated: string[] = [];
  for (const cell of cells) {
    const key = find(cell);
    if (key === null && cell.trim() !== '') unknown.push(cell.trim().slice(0, 40));
    if (key !== null && places.includes(key)) {
      repeated.push(cell.trim());
      places.push(null);
    } else places.push(key);
  }
  const known = places.filter((key) => key !== null).length;
  return known >= 2 && places.includes(needed) ? { places, unknown, repeated } : null;
}

/** Which column a header means; null for one that is not ours (`标准问法（必填）*` is). */
export const columnOf = headersOf(COLUMNS);

/** Tables of knowledge. A header names the question and at least one more column. */
export const KNOWLEDGE_LAYOUT = layoutOf(columnOf, 'question', '“标准问法”“模块”“答案”');
export const { readHeader } = KNOWLEDGE_LAYOUT;
