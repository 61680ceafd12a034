import { words, type Said } from '../../language.ts';

export const PURPOSES = words({
  visit: { zh: '回访', en: 'Visit-back' },
  missed: { zh: '未接回拨', en: 'Call back' },
  progress: { zh: '进度告知', en: 'Progress' },
  notice: { zh: '通知', en: 'Notice' },
});

export const CAMPAIGN_STATES = words({
  draft: { zh: '未开始', en: 'Not started' },
  running: { zh: '进行中', en: 'Running' },
  paused: { zh: '已暂停', en: 'Paused' },
  done: { zh: '已完成', en: 'Done' },
  stopped: { zh: '已停止', en: 'Stopped' },
});

export const TARGET_STATES = words({
  waiting: { zh: '等待', en: 'Waiting' },
  calling: { zh: '通话中', en: 'On the line' },
  reached: { zh: '完成', en: 'Reached' },
  unreached: { zh: '未接通', en: 'Not reached' },
  refused: { zh: '不愿接听', en: 'Refused' },
  skipped: { zh: '跳过', en: 'Left out' },
});

/** Why somebody is left out, how a call ended; what is not here is shown as it is (a vendor's own number). */
export const CODES = words({
  ticket_done: { zh: '工单已经不需要呼叫', en: 'The ticket needs no call' },
  confidential: { zh: '保密工单', en: 'Confidential' },
  merged: { zh: '已并入别的工单', en: 'Merged into another ticket' },
  no_number: { zh: '没有电话号码', en: 'No number known' },
  opted_out: { zh: '市民不愿接听', en: 'Does not want to be called' },
  engaged: { zh: '已在别的外呼任务里', en: 'In another campaign already' },
  same_citizen: { zh: '同一位市民的另一张工单', en: 'Another ticket of the same citizen' },
  not_found: { zh: '没有这个工单号', en: 'No such ticket' },
  other_person: { zh: '不是本人', en: 'Somebody else' },
  silent: { zh: '接通没有回答', en: 'Answered, said nothing' },
  later: { zh: '当时不方便', en: 'Not a good time' },
  machine: { zh: '语音信箱或机器应答', en: 'Answering machine' },
  busy: { zh: '占线', en: 'Busy' },
  'no-answer': { zh: '无人接听', en: 'No answer' },
  completed: { zh: '接通后挂机', en: 'Answered, hung up' },
  answered: { zh: '已接通', en: 'Answered' },
  ringing: { zh: '振铃', en: 'Ringing' },
  sending: { zh: '拨出', en: 'Ordered' },
  sent: { zh: '已拨出', en: 'Placed' },
  failed: { zh: '呼叫失败', en: 'Failed' },
  canceled: { zh: '已取消', en: 'Canceled' },
  unknown: { zh: '没有回音', en: 'Nothing heard' },
  stopped: { zh: '任务已停止', en: 'Campaign stopped' },
  quiet: { zh: '免打扰时段', en: 'Quiet hours' },
  caps: { zh: '近期已联系过', en: 'Was called lately' },
  cost: { zh: '今天的费用已到上限', en: 'Today’s budget is spent' },
});

/** What a flow asked; another flow's own names are shown as they are. */
export const QUESTIONS = words({
  me: { zh: '本人', en: 'Right person' },
  convenient: { zh: '方便', en: 'Good time' },
  process: { zh: '过程', en: 'Handling' },
  solved: { zh: '结果', en: 'Result' },
  comment: { zh: '意见', en: 'Comment' },
  wants: { zh: '还需要', en: 'Still needed' },
  heard: { zh: '听清', en: 'Heard' },
});

export const ANSWERS = words({
  true: { zh: '是', en: 'Yes' },
  false: { zh: '否', en: 'No' },
  heard: { zh: '听清了', en: 'Heard' },
  again: { zh: '再听', en: 'Again' },
});

export const OUTBOUND = words({
  campaigns: { zh: '外呼任务', en: 'Campaigns of calls' },
  make: { zh: '新建任务', en: 'New campaign' },
  none: { zh: '还没有外呼任务。', en: 'No campaigns yet.' },
  choose: { zh: '选一个任务看进度和结果', en: 'Choose a campaign to see how it goes' },
  noChannel: { zh: '没有能外呼的电话渠道：请先设置主叫号码。', en: 'No telephone channel places calls: set its number first.' },
  back: { zh: '返回列表', en: 'Back to the list' },
  start: { zh: '开始', en: 'Start' },
  goOn: { zh: '继续', en: 'Go on' },
  pause: { zh: '暂停', en: 'Pause' },
  stop: { zh: '停止', en: 'Stop' },
  stopFor: { zh: '停止以后剩下的市民都不再呼叫，不能恢复。', en: 'Whoever is left is not called any more; this cannot be undone.' },
  progress: { zh: (done: Said, all: Said) => `已完成 ${done}/${all}`, en: (done: Said, all: Said) => `${done} of ${all} done` },
  settings: { zh: (lines: Said, attempts: Said, retry: Said, hours: Said) => `同时 ${lines} 路，每人最多 ${attempts} 次，隔 ${retry} 分钟再拨，时段 ${hours}`, en: (lines: Said, attempts: Said, retry: Said, hours: Said) => `${lines} lines, at most ${attempts} calls each, again after ${retry} min, hours ${hours}` },
  workdays: { zh: '，仅工作日', en: ', workdays only' },
  all: { zh: '全部', en: 'All' },
  shown: { zh: '显示', en: 'Shown' },
  ticket: { zh: '工单', en: 'Ticket' },
  state: { zh: '结果', en: 'Result' },
  calls: { zh: '每次呼叫', en: 'Calls' },
  keys: { zh: '按键（原样）', en: 'Keys as pressed' },
  heard: { zh: '回答', en: 'Answers' },
  next: { zh: '下次', en: 'Next' },
  seconds: { zh: (seconds: Said) => `${seconds} 秒`, en: (seconds: Said) => `${seconds} s` },
  more: { zh: '更多', en: 'More' },
  nobody: { zh: '没有这样的市民', en: 'Nobody like that' },
});

export const WISH = words({
  title: { zh: '新建外呼任务', en: 'New campaign of calls' },
  create: { zh: '建立（先不拨打）', en: 'Make (nobody is called yet)' },
  name: { zh: '名称', en: 'Name' },
  purpose: { zh: '用途', en: 'Purpose' },
  channel: { zh: '电话渠道', en: 'Telephone channel' },
  whom: { zh: '呼叫谁', en: 'Whom' },
  byQuery: { zh: '按条件', en: 'By a query' },
  byList: { zh: '按工单号清单', en: 'By a list of tickets' },
  department: { zh: '承办单位', en: 'Department' },
  town: { zh: '镇街', en: 'Town' },
  item: { zh: '事项', en: 'Item' },
  any: { zh: '不限', en: 'Any' },
  days: { zh: '最近几天', en: 'Days back' },
  tickets: { zh: '工单号', en: 'Ticket numbers' },
  ticketsHint: { zh: '一行一个；只写工单号，不要写电话号码', en: 'One a line; ticket numbers only, no telephone numbers' },
  file: { zh: '或选一个 CSV、Excel 文件', en: 'Or choose a CSV or Excel file' },
  fileRefused: { zh: (amount: Said) => `文件里有 ${amount} 格不是工单号，没有取用。`, en: (amount: Said) => `${amount} cells of the file are no ticket numbers and were left.` },
  words: { zh: '通知内容', en: 'What is said' },
  wordsHint: { zh: '电话里照着念，一两句话', en: 'Read aloud; one or two sentences' },
  concurrency: { zh: '同时几路', en: 'Lines at once' },
  attempts: { zh: '每人最多几次', en: 'Calls each, at most' },
  retry: { zh: '隔多少分钟再拨', en: 'Minutes before another try' },
  hours: { zh: '时段', en: 'Hours' },
  hoursHint: { zh: '例如 09:00-12:00 14:00-20:00', en: 'for example 09:00-12:00 14:00-20:00' },
  workdays: { zh: '仅工作日', en: 'Workdays only' },
  look: { zh: '看看会呼叫多少人', en: 'See how many would be called' },
  preview: { zh: (called: Said, found: Said) => `共 ${found} 件，会呼叫 ${called} 位市民。`, en: (called: Said, found: Said) => `${called} citizens of ${found} matters would be called.` },
  leftOut: { zh: '不呼叫的：', en: 'Left out: ' },
});
