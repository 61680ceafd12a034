import { words, type Said } from '../language.ts';

export const STORM = words({
  mode: { zh: '高峰模式', en: 'Storm mode' },
  calm: { zh: '平时', en: 'Calm' },
  off: { zh: '高峰模式没有开启', en: 'Storm mode is off' },
  level: { zh: (level: Said, levels: Said, name: Said) => `${level}/${levels} 级 · ${name}`, en: (level: Said, levels: Said, name: Said) => `level ${level} of ${levels} · ${name}` },
  mark: { zh: (name: Said, load: Said) => `高峰 · ${name} · 平时 ${load} 倍`, en: (name: Said, load: Said) => `Storm · ${name} · ${load} × usual` },
  since: { zh: '起始', en: 'Since' },
  load: { zh: '来话', en: 'Load' },
  loadText: { zh: (now: Said, normal: Said, times: Said) => `每五分钟 ${now} 条，平时 ${normal} 条，${times} 倍`, en: (now: Said, normal: Said, times: Said) => `${now} messages in five minutes, usually ${normal}: ${times} ×` },
  normalSet: { zh: '（平时值为设定值，历史还不够两周）', en: ' (the usual is set: less than two weeks of history)' },
  givenUp: { zh: '已减掉', en: 'Given up' },
  nothing: { zh: '无', en: 'nothing' },
  wait: { zh: '等人工', en: 'Wait for a person' },
  minutes: { zh: (minutes: Said) => `约 ${minutes} 分钟`, en: (minutes: Said) => `about ${minutes} min` },
  noWait: { zh: '无人等待，或暂时估计不出', en: 'nobody waits, or nobody can say' },
  gathered: { zh: '归到一起的事', en: 'Matters that are gathered' },
  people: { zh: (count: Said) => `${count} 件`, en: (count: Said) => `${count} tickets` },
  reply: { zh: (reply: Said) => `市民听到：${reply}`, en: (reply: Said) => `Citizens hear: ${reply}` },
  standard: { zh: '（通用答复，可用“统一答复”改写）', en: ' (standard answer; “Answer all” replaces it)' },
  byHand: { zh: '手动设级', en: 'Set by hand' },
  byHandUntil: { zh: (until: Said) => `手动设定，到 ${until} 为止`, en: (until: Said) => `set by hand until ${until}` },
  setLevel: { zh: '级别', en: 'Level' },
  forMinutes: { zh: '维持多少分钟', en: 'For how many minutes' },
  release: { zh: '恢复自动', en: 'Back to automatic' },
  changes: { zh: '级别变化', en: 'Changes of level' },
  change: { zh: (from: Said, to: Said) => `${from} → ${to} 级`, en: (from: Said, to: Said) => `level ${from} → ${to}` },
});

export const STORM_SIGNALS = words({
  load: { zh: '来话多', en: 'many messages' },
  wait: { zh: '应答排队', en: 'turns wait' },
  loop: { zh: '进程迟滞', en: 'the process is late' },
  lanes: { zh: '待办积压', en: 'work piles up' },
  hand: { zh: '手动', en: 'by hand' },
});

export const STORM_GIVEN_UP = words({
  typing: { zh: '正在输入的提示', en: 'typing signs' },
  'long-answers': { zh: '长答案（可回复“详细”）', en: 'long answers (“more details” brings them)' },
  rollups: { zh: '实时汇总（每分钟一批）', en: 'counting at once (a batch a minute)' },
  background: { zh: '质检、学习、报表、查重（之后补）', en: 'inspection, learning, reports, duplicate checks (made up later)' },
  suggestions: { zh: '登记时的事项建议（之后补并派单）', en: 'item suggestions at filing (made up later, then dispatched)' },
});
