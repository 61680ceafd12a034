import type { ReachAttempt } from '../store/contract.ts';

/** States, ways and reasons as seats read them. */

const CHANNELS: Readonly<Record<string, string>> = {
  'sms-aliyun': '短信（阿里云）', 'sms-tencent': '短信（腾讯云）', 'wechat-miniprogram': '微信订阅消息（小程序）', 'wechat-official': '微信订阅消息（公众号）',
  'ivr-jambonz': '电话外呼（jambonz）', 'ivr-twilio': '电话外呼（Twilio）', webchat: '网页会话', wechaty: '微信（Wechaty）', botframework: 'Bot Framework',
};
export const channelText = (channel: string): string => CHANNELS[channel] ?? channel;

const STATES: Readonly<Record<ReachAttempt['state'], string>> = {
  sending: '正在发出', sent: '已发出', ringing: '振铃中', answered: '已接听', machine: '语音信箱接听', delivered: '已送达', completed: '通话完成', busy: '忙线', 'no-answer': '无人接听', canceled: '已取消', failed: '未送达', unknown: '结果不明',
};
export const stateText = (state: ReachAttempt['state']): string => STATES[state];

const TEMPLATES: Readonly<Record<string, string>> = { progress: '办理进展', visit: '回访', callback: '来电回复', notice: '通知', outboundVisit: '电话回访', outboundMissed: '未接回拨', outboundProgress: '进度告知', outboundNotice: '电话通知' };
export const scriptText = (script: string): string => TEMPLATES[script] ?? script;

const CODES: Readonly<Record<string, string>> = {
  'notification.no_template': '渠道没有配置这类通知的模板', 'reach.no_answer': '渠道没有回音，不知道有没有发出', 'reach.no_report': '没有收到送达报告', 'reach.gave_up': '多次重试仍未发出',
  'channel.off': '渠道没有开通', 'channel.threw': '渠道没有回音，不知道有没有发出',
  'sms.number': '号码无效或不支持', 'sms.template': '模板未通过审核或变量不符', 'sms.signature': '签名未通过审核', 'sms.account': '短信账户欠费或停用', 'sms.access': '访问密钥或权限有误', 'sms.flow_control': '短信平台限流', 'sms.blacklist': '号码在短信平台黑名单中',
  'sms.content': '内容被短信平台拦截', 'sms.busy': '短信平台繁忙', 'sms.unreachable': '连不上短信平台', 'sms.refused': '短信平台拒绝', 'sms.undelivered': '运营商未能送达', 'sms.powered_off': '手机关机或不在服务区', 'sms.no_free_text': '短信不能发自由文本',
};
/** A code of the house, in words; the peer's own word as it is. */
export function codeText(code: string | null): string | null {
  if (code === null) return null;
  const known = CODES[code];
  if (known !== undefined) return known;
  const [ours = '', peers] = code.split(':', 2);
  const general = CODES[ours];
  return general === undefined ? code : `${general}${peers === undefined ? '' : `（${peers}）`}`;
}

export const yuanText = (fen: number): string => `${(fen / 100).toFixed(2)}元`;

/** One line of a ticket's history. */
export function attemptLine(attempt: Pick<ReachAttempt, 'kind' | 'channel' | 'script' | 'state' | 'code'>): string {
  const why = codeText(attempt.code);
  const what = attempt.kind === 'call' ? channelText(attempt.channel) : `${channelText(attempt.channel)}：${scriptText(attempt.script)}`;
  return `${what}，${stateText(attempt.state)}${why === null || attempt.state === 'sent' || attempt.state === 'delivered' ? '' : `（${why}）`}`;
}
