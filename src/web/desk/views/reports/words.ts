import { plural, words, type Said } from '../../language.ts';

export const UNITS_WORDS = words({
  count: { zh: '', en: '' },
  share: { zh: '', en: '' },
  seconds: { zh: ' 秒', en: ' s' },
  minutes: { zh: ' 分钟', en: ' min' },
  hours: { zh: ' 小时', en: ' h' },
  days: { zh: ' 天', en: ' d' },
  points: { zh: ' 分', en: ' points' },
});

export const KINDS_WORDS = words({
  day: { zh: '日报', en: 'Daily' },
  week: { zh: '周报', en: 'Weekly' },
  month: { zh: '月报', en: 'Monthly' },
  special: { zh: '专报', en: 'Special' },
});

export const ASK_FORM = words({
  daily: { zh: '日报', en: 'Daily' },
  weekly: { zh: '周报', en: 'Weekly' },
  monthly: { zh: '月报', en: 'Monthly' },
  special: { zh: '专报', en: 'Special' },
  makeAReport: { zh: '生成报表', en: 'Make a report' },
  make: { zh: '生成', en: 'Make' },
  kind: { zh: '种类', en: 'Kind' },
  from: { zh: '从', en: 'From' },
  toWith: { zh: '到（含）', en: 'To (with)' },
  where: { zh: '范围', en: 'Where' },
  wholeCity: { zh: '全市', en: 'Whole city' },
  anItem: { zh: '一个事项', en: 'An item' },
  aTown: { zh: '一个镇街', en: 'A town' },
  aStorm: { zh: '一次集中诉求', en: 'A storm' },
  stormId: { zh: '集中诉求编号', en: 'Storm id' },
  idOfTheStorm: { zh: '集中诉求的编号', en: 'Id of the storm' },
  typeANameTo: { zh: '输入名称查找', en: 'Type a name to find it' },
  period: { zh: '时段', en: 'Period' },
  forExample2026W45: { zh: '例如 2026-W45', en: 'for example 2026-W45' },
  reportsOfTheSame: { zh: '同一时段已有的报表会保留，新做的是下一版。', en: 'Reports of the same period are kept; this becomes the next version.' },
});

export const LABELS = words({
  noDataYet: { zh: '暂无数据', en: 'No data yet' },
  ratio: { zh: (value: Said, part: Said, ofText: Said) => `${value}（${part} / ${ofText}）`, en: (value: Said, part: Said, ofText: Said) => `${value} (${part} / ${ofText})` },
});

export const REPORT_CHARTS = words({
  course: { zh: (list: Said) => `走势：${list}`, en: (list: Said) => `Course: ${list}` },
});

export const REPORT_DOCUMENT = words({
  figuresUpToMade: { zh: (until: Said, madeAt: Said) => `数据截至 ${until}，成稿 ${madeAt}（北京时间）`, en: (until: Said, madeAt: Said) => `Figures up to ${until}, made ${madeAt} (Beijing time)` },
  contents: { zh: '目录', en: 'Contents' },
  aboutTheFigures: { zh: '数据说明', en: 'About the figures' },
  target: { zh: (goal: Said, what: Said) => `目标 ${goal}${what}`, en: (goal: Said, what: Said) => `Target ${goal}${what}` },
  met: { zh: '，达到', en: ', met' },
  missed: { zh: '，未达到', en: ', missed' },
  compared: { zh: (previous: Said) => `对比：${previous}`, en: (previous: Said) => `Compared: ${previous}` },
  formulasAndSources: { zh: '公式与来源', en: 'Formulas and sources' },
  source: { zh: (source: Said) => `来源：${source}`, en: (source: Said) => `Source: ${source}` },
  ticket: { zh: (count: Said) => `${count} 件`, en: (count: Said) => `${count} ${plural(count, 'ticket', 'tickets')}` },
  density: { zh: (percent: Said) => `集中度 ${percent}`, en: (percent: Said) => `Density ${percent}` },
  towns: { zh: (towns: Said) => `镇街：${towns}`, en: (towns: Said) => `Towns: ${towns}` },
  departments: { zh: (departments: Said) => `承办：${departments}`, en: (departments: Said) => `Departments: ${departments}` },
  items: { zh: (items: Said) => `事项：${items}`, en: (items: Said) => `Items: ${items}` },
  thenClause: { zh: (town: Said) => `${town}，`, en: (town: Said) => `${town}, ` },
  ticketsOfItNewest: { zh: (tickets: Said) => `相关工单（最近 ${tickets} 件）`, en: (tickets: Said) => `Tickets of it (newest ${tickets})` },
});

export const REPORTS_PAGE = words({
  waiting: { zh: '等待生成', en: 'Waiting' },
  beingMade: { zh: '生成中', en: 'Being made' },
  ready: { zh: '已生成', en: 'Ready' },
  failed: { zh: '没有做成', en: 'Failed' },
  noEarlierReports: { zh: '没有更早的报表', en: 'No earlier reports' },
  reports: { zh: '报表列表', en: 'Reports' },
  reports2: { zh: '报表', en: 'Reports' },
  makeAReport: { zh: '生成报表', en: 'Make a report' },
  noReportsYet: { zh: '还没有报表', en: 'No reports yet' },
  text: { zh: (kind: Said, what: Said, madeByName: Said, madeAt: Said, what2: Said) => `${kind}${what}，${madeByName}，${madeAt}${what2}`, en: (kind: Said, what: Said, madeByName: Said, madeAt: Said, what2: Said) => `${kind}${what}, ${madeByName}, ${madeAt}${what2}` },
  version: { zh: (version: Said) => `，第 ${version} 版`, en: (version: Said) => `, version ${version}` },
  afterClause: { zh: (bytes: Said) => `，${bytes}`, en: (bytes: Said) => `, ${bytes}` },
  progress: { zh: (progress: Said) => `生成进度 ${progress}%`, en: (progress: Said) => `Progress ${progress}%` },
  earlierReports: { zh: '更早的报表', en: 'Earlier reports' },
  madeByItself: { zh: '自动生成：', en: 'Made by itself: ' },
  next: { zh: (nextAt: Said) => `（下次 ${nextAt}）`, en: (nextAt: Said) => ` (next ${nextAt})` },
  report: { zh: '报表内容', en: 'Report' },
  chooseAReportTo: { zh: '选一份报表来看', en: 'Choose a report to read' },
  readingTheReport: { zh: '正在读取报表', en: 'Reading the report' },
  thisReportCouldNot: { zh: '这份报表没有做成，可以重新生成。', en: 'This report could not be made; it can be asked for again.' },
  beingMadeDone: { zh: (progress: Said) => `正在生成，已完成 ${progress}%`, en: (progress: Said) => `Being made, ${progress}% done` },
  backToTheList: { zh: '返回列表', en: 'Back to the list' },
  downloadPdf: { zh: '下载 PDF', en: 'Download PDF' },
  downloadExcel: { zh: '下载 Excel', en: 'Download Excel' },
  downloadWebPage: { zh: '下载网页', en: 'Download web page' },
  print: { zh: '打印', en: 'Print' },
});
