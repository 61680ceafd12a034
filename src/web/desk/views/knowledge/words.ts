import { plural, words, type Said } from '../../language.ts';

export const CHANGES_WORDS = words({
  added: { zh: '新增', en: 'Added' },
  removed: { zh: '删去', en: 'Removed' },
  changed: { zh: '修改', en: 'Change' },
});

export const MODULES_WORDS = words({
  duties: { zh: '问政清单', en: 'Duties' },
  desk: { zh: '业务指引', en: 'Desk guidance' },
  faq: { zh: '常见问题', en: 'Common questions' },
  terms: { zh: '专业名词', en: 'Terms' },
  guides: { zh: '办事指南', en: 'Guides' },
});

export const TASK_KINDS_WORDS = words({
  wrong: { zh: '有误', en: 'Wrong' },
  missing: { zh: '缺漏', en: 'Missing' },
  unclear: { zh: '不清楚', en: 'Unclear' },
  review: { zh: '复核到期', en: 'Review due' },
  expiry: { zh: '即将失效', en: 'Expires soon' },
  lint: { zh: '检查发现', en: 'Found by the check' },
  gap: { zh: '缺口', en: 'Gaps' },
});

export const FOUND_IN_WORDS = words({
  wording: { zh: '其他问法', en: 'Other wordings' },
  keyword: { zh: '关键词', en: 'Keywords' },
  answer: { zh: '答案', en: 'Answer' },
  meaning: { zh: '语义相近', en: 'Close in meaning' },
});

export const DIFF = words({
  nothingInIt: { zh: '没有内容', en: 'Nothing in it' },
  noDifferenceFromVersion: { zh: (against: Said) => `与第 ${against} 版没有差别`, en: (against: Said) => `No difference from version ${against}` },
});

export const EDITOR = words({
  question: { zh: '问题', en: 'Question' },
  module: { zh: '模块', en: 'Module' },
  optionalMadeByItself: { zh: '可不填，自动生成', en: 'Optional, made by itself' },
  cannotBeChanged: { zh: '不能改', en: 'Cannot be changed' },
  questionAsAsked: { zh: '标准问法', en: 'Question as asked' },
  otherWordings: { zh: '其他问法', en: 'Other wordings' },
  addAWording: { zh: '添加问法', en: 'Add a wording' },
  otherWording: { zh: (at: Said) => `其他问法第 ${at} 项`, en: (at: Said) => `Other wording ${at}` },
  separateWithOrLine: { zh: '用顿号或换行分开', en: 'Separate with 、 or line breaks' },
  answer: { zh: '答案', en: 'Answer' },
  writtenAnswer: { zh: '文字答案', en: 'Written answer' },
  spokenAnswer: { zh: '口播答案', en: 'Spoken answer' },
  atMostThreeShort: { zh: '不超过三个短句，不含链接和列表', en: 'At most three short sentences, no links or lists' },
  sentence: { zh: (sentences: Said) => `${sentences} 句 · `, en: (sentences: Said) => `${sentences} ${plural(sentences, 'sentence', 'sentences')} · ` },
  forWhom: { zh: '适用对象', en: 'For whom' },
  scope: { zh: '适用范围', en: 'Scope' },
  howItIsDone: { zh: '办事', en: 'How it is done' },
  steps: { zh: '办理步骤', en: 'Steps' },
  oneStepALine: { zh: '每行一步', en: 'One step a line' },
  papersNeeded: { zh: '所需材料', en: 'Papers needed' },
  oneALine: { zh: '每行一项', en: 'One a line' },
  fee: { zh: '费用', en: 'Fee' },
  openingHours: { zh: '办理时间', en: 'Opening hours' },
  places: { zh: '办理地点', en: 'Places' },
  addAPlace: { zh: '添加地点', en: 'Add a place' },
  nameOfPlace: { zh: (at: Said) => `地点 ${at} 名称`, en: (at: Said) => `Name of place ${at}` },
  address: { zh: '地址', en: 'Address' },
  addressOfPlace: { zh: (at: Said) => `地点 ${at} 地址`, en: (at: Said) => `Address of place ${at}` },
  phone: { zh: '电话', en: 'Phone' },
  phoneOfPlace: { zh: (at: Said) => `地点 ${at} 电话`, en: (at: Said) => `Phone of place ${at}` },
  hoursOfPlace: { zh: (at: Said) => `地点 ${at} 时间`, en: (at: Said) => `Hours of place ${at}` },
  picturesAndLinks: { zh: '图文', en: 'Pictures and links' },
  links: { zh: '链接', en: 'Links' },
  addALink: { zh: '添加链接', en: 'Add a link' },
  titleOfLink: { zh: (at: Said) => `链接 ${at} 标题`, en: (at: Said) => `Title of link ${at}` },
  addressOfLink: { zh: (at: Said) => `链接 ${at} 地址`, en: (at: Said) => `Address of link ${at}` },
  cardTitle: { zh: '卡片标题', en: 'Card title' },
  cardText: { zh: '卡片内容', en: 'Card text' },
  sourceAndValidity: { zh: '来源与有效期', en: 'Source and validity' },
  sourceDocument: { zh: '来源文件', en: 'Source document' },
  clause: { zh: '条款', en: 'Clause' },
  suchAs: { zh: '如 第六条', en: 'such as 第六条' },
  linkToTheSource: { zh: '来源链接', en: 'Link to the source' },
  beginsWithHttps: { zh: 'https:// 开头', en: 'begins with https://' },
  validFrom: { zh: '生效日期', en: 'Valid from' },
  validUntil: { zh: '失效日期', en: 'Valid until' },
  reviewOn: { zh: '复核日期', en: 'Review on' },
  belongingAndScope: { zh: '归属与范围', en: 'Belonging and scope' },
  typeANameTo: { zh: '输入名称筛选', en: 'Type a name to filter' },
  itemsItBelongsTo: { zh: '关联事项', en: 'Items it belongs to' },
  keptBy: { zh: '维护人', en: 'Kept by' },
  userNameEmptyAll: { zh: '用户名，空为全体编辑', en: 'User name; empty: all editors' },
  openTo: { zh: '公开范围', en: 'Open to' },
  publicMayBeAnswered: { zh: '公开，可答复市民', en: 'Public, may be answered to citizens' },
  internalForSeatsOnly: { zh: '仅内部，只给坐席看', en: 'Internal, for seats only' },
  otherDepartments: { zh: '其他承办单位', en: 'Other departments' },
  none: { zh: '无', en: 'None' },
  towns: { zh: '适用镇街', en: 'Towns' },
  wholeCity: { zh: '全市', en: 'Whole city' },
  relatedKnowledge: { zh: '相关知识', en: 'Related knowledge' },
  oneIdALine: { zh: '每行一个编号', en: 'One id a line' },
  english: { zh: '英文', en: 'English' },
});

export const ENTRY_BODY = words({
  module: { zh: '模块', en: 'Module' },
  towns: { zh: '适用镇街', en: 'Towns' },
  wholeCity: { zh: '全市', en: 'Whole city' },
  itemsItBelongsTo: { zh: '关联事项', en: 'Items it belongs to' },
  forWhom: { zh: '适用对象', en: 'For whom' },
  scope: { zh: '适用范围', en: 'Scope' },
  fee: { zh: '费用', en: 'Fee' },
  openingHours: { zh: '办理时间', en: 'Opening hours' },
  validFrom: { zh: '生效', en: 'Valid from' },
  validTo: { zh: '有效至', en: 'Valid to' },
  reviewOn: { zh: '复核日期', en: 'Review on' },
  keptBy: { zh: '维护人', en: 'Kept by' },
  allEditors: { zh: '全体编辑', en: 'All editors' },
  writtenAnswer: { zh: '文字答案', en: 'Written answer' },
  spokenAnswer: { zh: '口播答案', en: 'Spoken answer' },
  card: { zh: '卡片', en: 'Card' },
  steps: { zh: '办理步骤', en: 'Steps' },
  papersNeeded: { zh: '所需材料', en: 'Papers needed' },
  places: { zh: '办理地点', en: 'Places' },
  links: { zh: '链接', en: 'Links' },
  source: { zh: '来源', en: 'Source' },
  otherWordings: { zh: (wordings: Said) => `其他问法（${wordings}）`, en: (wordings: Said) => `Other wordings (${wordings})` },
  properties: { zh: '属性', en: 'Properties' },
  relatedKnowledge: { zh: '相关知识', en: 'Related knowledge' },
  english: { zh: '英文', en: 'English' },
});

export const ENTRY_LIST = words({
  knowledgeList: { zh: '知识列表', en: 'Knowledge list' },
  searchKnowledge: { zh: '检索知识', en: 'Search knowledge' },
  charactersPinyinOrInitials: { zh: '汉字、拼音或首字母，如 jzz', en: 'Characters, pinyin or initials such as jzz' },
  allDepartments: { zh: '全部单位', en: 'All departments' },
  allTowns: { zh: '全部镇街', en: 'All towns' },
  retired: { zh: '已下架', en: 'Retired' },
  entry: { zh: (total: Said, what: Said, what2: Said) => `${total}${what} 条${what2}`, en: (total: Said, what: Said, what2: Said) => `${total}${what} ${plural(what, 'entry', 'entries')}${what2}` },
  partlyMatching: { zh: '（部分匹配）', en: ' (partly matching)' },
  pinned: { zh: '已置顶', en: 'Pinned' },
  noMatchingKnowledge: { zh: '没有匹配的知识', en: 'No matching knowledge' },
  more: { zh: '更多', en: 'More' },
  noRetiredKnowledge: { zh: '没有下架的知识', en: 'No retired knowledge' },
});

export const ENTRY_VIEW = words({
  list: { zh: '← 列表', en: '← List' },
  notPublished: { zh: '未发布', en: 'Not published' },
  retired: { zh: '已下架', en: 'Retired' },
  version: { zh: (revision: Said) => `第 ${revision} 版`, en: (revision: Said) => `Version ${revision}` },
  internal: { zh: '仅内部', en: 'Internal' },
  toDo: { zh: (openTasks: Said) => `${openTasks} 项待办`, en: (openTasks: Said) => `${openTasks} to do` },
  unpin: { zh: '★ 取消置顶', en: '★ Unpin' },
  pin: { zh: '☆ 置顶', en: '☆ Pin' },
  feedback: { zh: '反馈', en: 'Feedback' },
  retire: { zh: '下架', en: 'Retire' },
  draftAgain: { zh: '重新起草', en: 'Draft again' },
  versionBy: { zh: (authorName: Said, number: Said, what: Said) => `${authorName} 的第 ${number} 版${what}`, en: (authorName: Said, number: Said, what: Said) => `Version ${number} by ${authorName}${what}` },
  toRetire: { zh: '（申请下架）', en: ' (to retire)' },
  toBePublished: { zh: (publishAt: Said) => `，定于 ${publishAt} 发布`, en: (publishAt: Said) => `, to be published ${publishAt}` },
  history: { zh: '历史', en: 'History' },
  noVersionsYet: { zh: '还没有版本', en: 'No versions yet' },
  publishedFromTheConfiguration: { zh: '由配置文件发布，没有修改记录', en: 'Published from the configuration files, no changes recorded' },
  sentForReviewRetired: { zh: '已送审，他人通过后下架', en: 'Sent for review; retired once somebody else approves' },
  askToRetire: { zh: '申请下架', en: 'Ask to retire' },
  sendForReview: { zh: '送审', en: 'Send for review' },
});

export const FIELDS = words({
  remove: { zh: (label: Said, at: Said) => `删除${label}第 ${at} 项`, en: (label: Said, at: Said) => `Remove ${label} ${at}` },
});

export const KNOWLEDGE_PAGE = words({
  search: { zh: '检索', en: 'Search' },
  toDo: { zh: '待办', en: 'To do' },
  tasks: { zh: '任务', en: 'Tasks' },
  gaps: { zh: '缺口', en: 'Gaps' },
  importAndExport: { zh: '导入导出', en: 'Import and export' },
  knowledgeBase: { zh: '知识库', en: 'Knowledge base' },
  newEntry: { zh: '新建知识', en: 'New entry' },
  knowledgeEntry: { zh: '知识内容', en: 'Knowledge entry' },
  chooseAnEntryOn: { zh: '从左侧选择一条知识', en: 'Choose an entry on the left' },
});

export const LABELS = words({
  reviewDue: { zh: '待复核', en: 'Review due' },
  notYetValid: { zh: '未生效', en: 'Not yet valid' },
});

export const NEW_PAGE = words({
  newEntry: { zh: '新建知识', en: 'New entry' },
  list: { zh: '← 列表', en: '← List' },
  saveDraft: { zh: '存草稿', en: 'Save draft' },
});

export const PARTS = words({
  internal: { zh: '仅内部', en: 'Internal' },
  validFrom: { zh: (effectiveFrom: Said) => `${effectiveFrom} 起生效`, en: (effectiveFrom: Said) => `Valid from ${effectiveFrom}` },
  validUntil: { zh: (expiresOn: Said) => `有效至 ${expiresOn}`, en: (expiresOn: Said) => `Valid until ${expiresOn}` },
  reviewOn: { zh: (reviewOn: Said) => `${reviewOn} 复核`, en: (reviewOn: Said) => `Review on ${reviewOn}` },
  narrowByModule: { zh: '按模块筛选', en: 'Filter by module' },
});

export const USE_SEARCH = words({
  nothingFound: { zh: '没有查到', en: 'Nothing found' },
});
