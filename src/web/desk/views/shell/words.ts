import { words, type Said } from '../../language.ts';

export const PRESENCES_WORDS = words({
  online: { zh: '在线', en: 'Online' },
  busy: { zh: '忙碌', en: 'Busy' },
  break: { zh: '小休', en: 'Break' },
  'wrap-up': { zh: '整理', en: 'Wrap-up' },
  away: { zh: '离开', en: 'Away' },
  offline: { zh: '未登录', en: 'Signed out' },
});

export const ABOUT_WORDS = words({
  online: { zh: '可以接待，会派会话给您', en: 'Ready; conversations are offered to you' },
  busy: { zh: '暂不派新会话，手上的继续', en: 'No new ones; those you have go on' },
  break: { zh: '小休', en: 'Break' },
  'wrap-up': { zh: '整理工单，到时自动恢复', en: 'Finishing tickets; ends by itself' },
  away: { zh: '离开座位', en: 'Away from the desk' },
});

export const BELL = words({
  judge: { zh: '质检结果', en: 'Quality result' },
  appeal: { zh: '质检申诉', en: 'Quality appeal' },
  rejudge: { zh: '申诉裁定', en: 'Appeal decided' },
  score: { zh: (score: Said) => `得分 ${score}`, en: (score: Said) => `Score ${score}` },
  notices: { zh: '提醒', en: 'Notices' },
  noticesUnread: { zh: (unread: Said) => `提醒：${unread} 条未读`, en: (unread: Said) => `Notices: ${unread} unread` },
  unread: { zh: '条未读', en: 'unread' },
  markAllAsRead: { zh: '全部标为已读', en: 'Mark all as read' },
  nobodyHasMentionedYou: { zh: '还没有人在备注里提到您', en: 'Nobody has mentioned you in a note yet' },
  whispersToYou: { zh: ' 对您耳语', en: ' whispers to you' },
  mentionsYou: { zh: ' 提到您', en: ' mentions you' },
  unread2: { zh: '未读', en: 'Unread' },
});

export const DRAWER = words({
  allPages: { zh: '全部页面', en: 'All pages' },
});

export const HELP = words({
  list: { zh: '列表', en: 'List' },
  reply: { zh: '回复', en: 'Reply' },
  conversationDetails: { zh: '会话信息', en: 'Conversation details' },
  general: { zh: '通用', en: 'General' },
  shortcuts: { zh: '快捷键', en: 'Shortcuts' },
  keysWithAltAnd: { zh: '带 Alt 和 Ctrl 的键随时可用；单独的键在输入文字时不起作用。', en: 'Keys with Alt and Ctrl work any time; bare ones not while you type.' },
  keyboardShortcuts: { zh: '快捷键一览', en: 'Keyboard shortcuts' },
  mentionAColleagueIn: { zh: '备注里提到同事', en: 'Mention a colleague in a note' },
  closeWhatPoppedUp: { zh: '关闭弹出的内容', en: 'Close what popped up' },
  openAPage: { zh: '打开页面', en: 'Open a page' },
});

export const OFFERS = words({
  conversationsOfferedToYou: { zh: '派给您的会话', en: 'Conversations offered to you' },
  fromAColleague: { zh: '同事转接', en: 'From a colleague' },
  offeredToYou: { zh: '派给您', en: 'Offered to you' },
  newConversation: { zh: '新的会话', en: 'New conversation' },
  emergency: { zh: (category: Said) => `紧急 ${category}`, en: (category: Said) => `Emergency ${category}` },
  accept: { zh: '接受', en: 'Accept ' },
  decline: { zh: '谢绝', en: 'Decline ' },
  s: { zh: (left: Said) => `${left} 秒`, en: (left: Said) => `${left} s` },
});

export const PALETTE = words({
  open: { zh: (label: Said) => `打开：${label}`, en: (label: Said) => `Open: ${label}` },
  gThen: { zh: (path: Said) => `G 然后 ${path}`, en: (path: Said) => `G then ${path}` },
  conversation: { zh: (row: Said, preview: Said) => `会话：${row} ${preview}`, en: (row: Said, preview: Said) => `Conversation: ${row} ${preview}` },
  ticket: { zh: (number: Said, title: Said) => `工单：${number} ${title}`, en: (number: Said, title: Said) => `Ticket: ${number} ${title}` },
  commandPalette: { zh: '命令面板', en: 'Command palette' },
  pageActionConversationOr: { zh: '输入页面、操作、会话或工单编号', en: 'Page, action, conversation or ticket number' },
  pageActionConversationOrTicket: { zh: '输入页面、操作、会话或工单编号，可用拼音首字母', en: 'Page, action, conversation or ticket number; pinyin initials work too' },
  nothingFound: { zh: '没有找到', en: 'Nothing found' },
});

export const PRESENCE_MENU = words({
  presence: { zh: (presence: Said, what: Said) => `接待状态：${presence}${what}`, en: (presence: Said, what: Said) => `Presence: ${presence}${what}` },
  presence2: { zh: '接待状态：', en: 'Presence:' },
  left: { zh: (until: Said) => `还有 ${until}`, en: (until: Said) => `${until} left` },
  break: { zh: (name: Said) => `小休：${name}`, en: (name: Said) => `Break: ${name}` },
  nothingIsOfferedCounts: { zh: '不派会话，时长计入小休', en: 'Nothing is offered; counts as a break' },
});

export const RAIL = words({
  pages: { zh: '页面', en: 'Pages' },
  waiting: { zh: '待接入', en: 'Waiting' },
  waiting2: { zh: '人待接入', en: 'waiting' },
  pagesOfThisGroup: { zh: '本组页面', en: 'Pages of this group' },
});

export const UNDO_BAR = words({
  aboutTo: { zh: (text: Said) => `即将${text}`, en: (text: Said) => `About to: ${text}` },
  undo: { zh: '撤销 ', en: 'Undo ' },
  doItNow: { zh: '立即执行', en: 'Do it now' },
});

export const USER_MENU = words({
  dataWall: { zh: '数据大屏', en: 'Data wall' },
  asTheSystem: { zh: '跟随系统', en: 'As the system' },
  light: { zh: '浅色', en: 'Light' },
  dark: { zh: '深色', en: 'Dark' },
  appearance: { zh: '外观', en: 'Appearance' },
  enterSendsOtherwiseCtrl: { zh: '按 Enter 发送（关闭后用 Ctrl+Enter）', en: 'Enter sends (otherwise Ctrl+Enter)' },
  aReplyCanBe: { zh: '发送后 3 秒内可以撤回', en: 'A reply can be taken back for 3 seconds' },
  ringForNewMessages: { zh: '有新消息时响铃', en: 'Ring for new messages' },
  theBrowserDidNot: { zh: '浏览器没有允许通知，请在地址栏左侧的网站设置里打开', en: 'The browser did not allow notifications; allow them in the site settings left of the address bar' },
  notifyMeWhileThe: { zh: '窗口不在前台时弹出通知', en: 'Notify me while the window is not in front' },
  keyboardShortcuts: { zh: '快捷键一览 ', en: 'Keyboard shortcuts ' },
  signOut: { zh: '退出登录', en: 'Sign out' },
});
