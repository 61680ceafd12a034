import type { NoticeCode } from './chat/model.ts';

export type Lang = 'zh-CN' | 'en';

/** Everything the widget says itself. What bot and seats say comes from the server. */
export interface Strings {
  readonly title: string;
  /** Read out after the button's visible words. */
  readonly open: string;
  readonly openUnread: (count: number) => string;
  readonly close: string;
  readonly human: string;
  readonly humanHint: string;
  /** What the button sends; the bot understands both words in every flow. */
  readonly humanText: string;
  readonly elder: string;
  readonly elderHint: string;
  readonly switchLang: string;
  readonly switchLangHint: string;
  readonly log: string;
  readonly input: string;
  readonly inputHint: string;
  /** For a screen without a keyboard. */
  readonly inputHintTouch: string;
  readonly send: string;
  readonly attach: string;
  readonly newer: string;
  readonly sender: Readonly<Record<'citizen' | 'bot' | 'seat' | 'system', string>>;
  readonly typing: Readonly<Record<'bot' | 'seat', string>>;
  readonly source: string;
  readonly since: (date: string) => string;
  readonly image: string;
  readonly file: string;
  readonly newTab: string;
  readonly delivery: Readonly<Record<'queued' | 'sending' | 'retrying' | 'failed' | 'rejected', string>>;
  readonly refused: (status: number) => string;
  readonly retry: string;
  readonly notices: Readonly<Record<NoticeCode, string>>;
  readonly status: Readonly<Record<'connecting' | 'waiting' | 'offline' | 'online' | 'polling' | 'idle', string>>;
  readonly mode: Readonly<Record<'bot' | 'waiting' | 'human', string>>;
  readonly offline: string;
  readonly reconnecting: string;
  readonly opening: string;
  readonly tooLong: (over: number) => string;
  readonly fileType: string;
  readonly fileSize: (limit: string) => string;
}

const ZH: Strings = {
  title: '12345 智能客服',
  open: '打开对话窗口',
  openUnread: (count) => `${count} 条未读消息，打开对话窗口`,
  close: '关闭对话窗口',
  human: '人工',
  humanHint: '转人工坐席',
  humanText: '人工',
  elder: '大字版',
  elderHint: '大字版',
  switchLang: 'EN',
  switchLangHint: 'EN: switch to English',
  log: '对话记录',
  input: '输入您的问题',
  inputHint: '请输入您的问题，Shift+Enter 换行',
  inputHintTouch: '请输入您的问题',
  send: '发送',
  attach: '发送图片或文件',
  newer: '有新消息',
  sender: { citizen: '我', bot: '智能客服', seat: '人工坐席', system: '系统提示' },
  typing: { bot: '智能客服正在输入', seat: '人工坐席正在输入' },
  source: '依据：',
  since: (date) => `${date} 起施行`,
  image: '图片',
  file: '文件',
  newTab: '在新窗口打开',
  delivery: { queued: '等待发送', sending: '发送中', retrying: '服务暂时不可用，正在重试', failed: '发送失败', rejected: '未能发送：' },
  refused: (status) => (status === 413 ? '内容过大' : status === 415 ? '不支持这种文件' : '服务器没有接受这条消息'),
  retry: '重试',
  notices: {
    'handoff.waiting': '正在为您转接人工坐席，请稍候',
    'handoff.accepted': '人工坐席已接入，为您服务',
    'handoff.failed': '暂时没有空闲的人工坐席',
    'handoff.completed': '人工服务已结束，由智能客服继续为您服务',
    ended: '本次服务已结束，继续输入即可重新咨询',
    restarted: '已为您开始新的会话',
  },
  status: { connecting: '连接中', waiting: '重新连接中', offline: '网络已断开', online: '在线', polling: '在线', idle: '' },
  mode: { bot: '智能客服为您服务', waiting: '正在转接人工', human: '人工坐席为您服务' },
  offline: '网络已断开，您发送的内容会在恢复后自动送出',
  reconnecting: '连接中断，正在重新连接',
  opening: '正在连接',
  tooLong: (over) => `超出 ${over} 字，请分条发送`,
  fileType: '只能发送图片（JPG、PNG、GIF、WebP）或 PDF 文件',
  fileSize: (limit) => `文件不能超过 ${limit}`,
};

const EN: Strings = {
  title: '12345 Assistant',
  open: 'Open the chat window',
  openUnread: (count) => `${count} unread, open the chat window`,
  close: 'Close the chat window',
  human: 'Agent',
  humanHint: 'Agent: talk to a person',
  humanText: '人工',
  elder: 'A+',
  elderHint: 'A+: large text',
  switchLang: '中',
  switchLangHint: '中：切换为中文',
  log: 'Conversation',
  input: 'Your question',
  inputHint: 'Type your question, Shift+Enter for a new line',
  inputHintTouch: 'Type your question',
  send: 'Send',
  attach: 'Send a picture or file',
  newer: 'New messages',
  sender: { citizen: 'Me', bot: 'Assistant', seat: 'Agent', system: 'Notice' },
  typing: { bot: 'Assistant is typing', seat: 'Agent is typing' },
  source: 'Source: ',
  since: (date) => `in force since ${date}`,
  image: 'Picture',
  file: 'File',
  newTab: 'opens in a new window',
  delivery: { queued: 'Waiting to send', sending: 'Sending', retrying: 'Service unavailable, trying again', failed: 'Not sent', rejected: 'Not sent: ' },
  refused: (status) => (status === 413 ? 'Too large' : status === 415 ? 'This file type is not accepted' : 'The server did not accept this message'),
  retry: 'Retry',
  notices: {
    'handoff.waiting': 'Connecting you to a person, please wait',
    'handoff.accepted': 'A person has joined the conversation',
    'handoff.failed': 'Nobody is free at the moment',
    'handoff.completed': 'The agent has left; the assistant continues',
    ended: 'This service has ended. Just write to begin again',
    restarted: 'A new conversation has begun',
  },
  status: { connecting: 'Connecting', waiting: 'Reconnecting', offline: 'No network', online: 'Online', polling: 'Online', idle: '' },
  mode: { bot: 'Assistant', waiting: 'Finding a person', human: 'A person is here' },
  offline: 'No network. What you send will go out when it is back',
  reconnecting: 'Connection lost, reconnecting',
  opening: 'Connecting',
  tooLong: (over) => `${over} characters too many, please split your message`,
  fileType: 'Only pictures (JPG, PNG, GIF, WebP) or PDF files',
  fileSize: (limit) => `Files may not be larger than ${limit}`,
};

export const stringsFor = (lang: Lang): Strings => (lang === 'en' ? EN : ZH);
