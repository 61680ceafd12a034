/** Every word of the wall, in both languages. Names of items, towns, fields and groups come from the city's own files and are not translated. */

export type Lang = 'zh-CN' | 'en';

const ZH = {
  title: '12345 热线数据大屏',
  live: '实时',
  connecting: '正在连接…',
  lost: '连接已断开，正在重连',
  lostSince: '以下是 {time} 的数据',
  refused: '没有查看大屏的权限',
  refusedHelp: '请用坐席账号登录后再打开，或用带口令的大屏链接打开。',
  signIn: '去登录',
  asOf: '统计截至 {time}',
  late: '统计落后 {ago}',
  never: '还没有统计结果',
  noData: '暂无数据',
  unknown: '—',
  dark: '深色', light: '浅色',
  language: 'English',
  theme: '换成{name}',
  ofToday: '今日',
  received: '今日来话消息', begun: '会话', waiting: '正在排队', longest: '最长等待', nobodyWaits: '无人等待',
  connected: '人工接通率', prompt: '15秒应答率', contained: '机器人独立解决率', signed_on_time: '按时签收率', closed_on_time: '按时办结率', solved: '解决率', satisfied: '满意率',
  last24: '近24小时', last30: '近30天', target: '目标 {value}', met: '达标', missed: '未达标', averageWait: '平均等待 {time}',
  open: '在办工单', overdue: '超期', opened: '登记工单', openedToday: '今日登记 {amount}', closedToday: '今日办结 {amount}', ratings: '{amount} 人评价',
  vsYesterday: '比昨日同期 {change}',
  channels: '各渠道今日', channel: '渠道', messages: '消息', conversations: '会话',
  queue: '排队', group: '技能组', people: '人', now: '当前',
  seats: '坐席', online: '空闲在线', busy: '忙碌', wrapUp: '整理', break: '小休', away: '离开', offline: '离线', state: '状态', bot: '机器人接待中', human: '人工接待中',
  towns: '各镇街今日登记工单', town: '镇街', amount: '件数', fewer: '少', more: '多', otherTowns: '其他', townsNote: '方格只示意相对位置',
  trend: '近24小时', hour: '时间', ratesTrend: '接通率与15秒应答率（近24小时）',
  fields: '今日前五领域', field: '领域',
  items: '今日高频事项', item: '事项', rising: '突增事项', risingNote: '近{hours}小时，对比平日同一时段', recent: '近期', usual: '平日', calm: '没有突增', tooYoung: '历史不足，暂不判断', ticketsByState: '工单状态', itemTrend: '高频事项走势（近24小时）',
  quality: '办理质量',
  storm: '高峰模式', stormLevel: '{level}/{levels} 级', stormLoad: '来话是平时的 {times} 倍', stormSince: '{time} 起', stormWait: '等人工约 {time}', stormGivesUp: '已减：{what}', stormReports: '件',
  upTyping: '正在输入提示', upAnswers: '长答案', upRollups: '实时汇总', upBackground: '质检、学习、报表、查重', upSuggestions: '事项建议',
} as const;

type Words = Readonly<Record<keyof typeof ZH, string>>;

const EN: Words = {
  title: '12345 hotline wall',
  live: 'Live',
  connecting: 'Connecting…',
  lost: 'Connection lost, trying again',
  lostSince: 'Figures of {time}',
  refused: 'You may not see this wall',
  refusedHelp: 'Sign in as a seat and open it again, or use the link with the token.',
  signIn: 'Sign in',
  asOf: 'Counted up to {time}',
  late: 'Counting is {ago} behind',
  never: 'Nothing counted yet',
  noData: 'No data yet',
  unknown: '—',
  dark: 'dark', light: 'light',
  language: '中文',
  theme: 'Switch to {name}',
  ofToday: 'today',
  received: 'Messages today', begun: 'Conversations', waiting: 'Waiting now', longest: 'Longest wait', nobodyWaits: 'Nobody waits',
  connected: 'Connection rate', prompt: 'Answered in 15 s', contained: 'Solved by the bot', signed_on_time: 'Signed on time', closed_on_time: 'Closed on time', solved: 'Solved', satisfied: 'Satisfied',
  last24: 'last 24 h', last30: 'last 30 days', target: 'target {value}', met: 'met', missed: 'missed', averageWait: 'average wait {time}',
  open: 'Open tickets', overdue: 'overdue', opened: 'Tickets opened', openedToday: '{amount} opened today', closedToday: '{amount} closed today', ratings: '{amount} ratings',
  vsYesterday: '{change} on yesterday',
  channels: 'Channels today', channel: 'Channel', messages: 'Messages', conversations: 'Conversations',
  queue: 'Queues', group: 'Group', people: 'People', now: 'now',
  seats: 'Seats', online: 'Ready', busy: 'Busy', wrapUp: 'Wrap-up', break: 'Break', away: 'Away', offline: 'Offline', state: 'State', bot: 'With the bot', human: 'With a seat',
  towns: 'Tickets opened today by town', town: 'Town', amount: 'Tickets', fewer: 'fewer', more: 'more', otherTowns: 'Others', townsNote: 'Tiles only hint at the place',
  trend: 'Last 24 hours', hour: 'Time', ratesTrend: 'Connection and 15-second rate (last 24 h)',
  fields: 'Top five fields today', field: 'Field',
  items: 'Most reported today', item: 'Item', rising: 'Rising items', risingNote: 'last {hours} h against the same hours of ordinary days', recent: 'Recent', usual: 'Usual', calm: 'Nothing rises', tooYoung: 'Too little history to tell', ticketsByState: 'Tickets by state', itemTrend: 'Most reported items (last 24 h)',
  quality: 'Handling',
  storm: 'Storm mode', stormLevel: 'level {level} of {levels}', stormLoad: '{times} × the usual', stormSince: 'since {time}', stormWait: 'a person in about {time}', stormGivesUp: 'Given up: {what}', stormReports: 'reports',
  upTyping: 'typing signs', upAnswers: 'long answers', upRollups: 'counting at once', upBackground: 'inspection, learning, reports, duplicate checks', upSuggestions: 'item suggestions',
};

export type Word = keyof typeof ZH;

export function createWords(lang: Lang): (word: Word, given?: Readonly<Record<string, string | number>>) => string {
  const words = lang === 'en' ? EN : ZH;
  return (word, given = {}) => words[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(given[name] ?? whole));
}

const CHANNELS: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  webchat: ['网页', 'Web'], directline: ['网页', 'Web'], phone: ['电话', 'Phone'], open311: ['伙伴平台', 'Partners'], 'ivr-twilio': ['电话', 'Phone'], 'ivr-jambonz': ['电话（jambonz）', 'Phone (jambonz)'], 'ivr-vxml': ['电话（VXML）', 'Phone (VXML)'], 'ivr-aliyun': ['电话（阿里云）', 'Phone (Aliyun)'],
  'wechat-miniprogram': ['微信小程序', 'WeChat mini'], 'wechat-official': ['公众号', 'WeChat official'], 'wechat-official-account': ['公众号', 'WeChat official'], wechaty: ['微信', 'WeChat'], botframework: ['Bot Framework', 'Bot Framework'], desk: ['坐席登记', 'Desk'],
};
export const channelName = (channel: string, lang: Lang): string => CHANNELS[channel]?.[lang === 'en' ? 1 : 0] ?? channel;

const STATES: Readonly<Record<string, string>> = { 受理: 'Accepted', 待派: 'To dispatch', 待签收: 'To sign', 办理中: 'Handling', 提级: 'Escalated', 重办: 'Redone', 退单待审: 'Return asked', 延期待审: 'Extension asked', 挂起: 'On hold', 办结待审: 'Under review', 回访: 'Visit-back' };
/** Open states in the order of a ticket's life. */
export const TICKET_STATES: readonly string[] = Object.keys(STATES);
export const stateName = (state: string, lang: Lang): string => (lang === 'en' ? (STATES[state] ?? state) : state);

/** 45秒, 3分05秒, 1小时02分; 45 s, 3 m 05 s, 1 h 02 m. */
export function lasted(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = lang === 'en' ? [' h ', ' m', ' s'] : ['小时', '分', '秒'];
  if (seconds < 60) return `${seconds}${s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${m}${lang === 'en' ? ' ' : ''}${two(seconds % 60)}${s}`;
  return `${Math.floor(minutes / 60)}${h}${two(minutes % 60)}${m}`;
}

export const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
/** A target: 95%, 92.5%. */
export const rounded = (share: number): string => `${Math.round(share * 1000) / 10}%`;
export const grouped = (amount: number, lang: Lang): string => Math.round(amount).toLocaleString(lang);
