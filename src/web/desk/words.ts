import { words, type Said } from './language.ts';

export const NOTICE_WORDS = words({
  offer: { zh: '有会话派给您', en: 'A conversation is offered to you' },
  message: { zh: '发来新消息', en: 'sent a new message' },
  mention: { zh: '有备注提到您', en: 'A note mentions you' },
  emergency: { zh: '紧急情况', en: 'Emergency' },
});

export const CLIENT = words({
  noNetworkPleaseTry: { zh: '网络不通，请稍后再试', en: 'No network. Please try again later' },
  theServerRefusedThe: { zh: (status: Said) => `服务器拒绝了请求（${status}）`, en: (status: Said) => `The server refused the request (${status})` },
  theServersAnswerWas: { zh: '服务器的回答无法识别，请刷新页面', en: "The server's answer was not understood. Please reload the page" },
});

export const MAIN = words({
  seatDeskYihu: { zh: '坐席工作台 · 一呼', en: 'Seat desk · Yihu' },
  openingTheDesk: { zh: '正在打开工作台', en: 'Opening the desk' },
});

export const ACTS = words({
  hasTakenThisConversation: { zh: (seatName: Said) => `${seatName}已接管这个会话`, en: (seatName: Said) => `${seatName} has taken this conversation` },
  anotherSeat: { zh: '其他坐席', en: 'Another seat' },
  handBackToThe: { zh: (conversation: Said) => `把${conversation}交还机器人`, en: (conversation: Said) => `Hand ${conversation} back to the bot` },
  endTheConversationWith: { zh: (conversation: Said) => `结束与${conversation}的会话`, en: (conversation: Said) => `End the conversation with ${conversation}` },
  declineTheConversationOffered: { zh: '谢绝派给您的会话', en: 'Decline the conversation offered to you' },
});

export const ALERTS = words({
  somethingBrokeOnThis: { zh: '页面出错了，请刷新', en: 'Something broke on this page. Please reload it' },
});

export const ANNOUNCE = words({
  newConversation: { zh: '新的会话', en: 'New conversation' },
});

export const COMMON = words({
  seat: { zh: '坐席', en: 'Seat' },
  citizen: { zh: '市民', en: 'Citizen' },
  deadlines: { zh: '时限', en: 'Deadlines' },
  items: { zh: '事项', en: 'Items' },
  towns: { zh: '镇街', en: 'Towns' },
  labelled: { zh: (who: Said, word: Said) => `${who}：${word}`, en: (who: Said, word: Said) => `${who}: ${word}` },
  thatDidNotWork: { zh: '没有成功', en: 'That did not work' },
  cancel: { zh: '取消', en: 'Cancel' },
  couldNotBeRead: { zh: '没有读到', en: 'Could not be read' },
  comma: { zh: '、', en: ', ' },
  reload: { zh: '刷新', en: 'Reload' },
  tickets: { zh: '工单', en: 'Tickets' },
  time: { zh: '时间', en: 'Time' },
  bracketed: { zh: (number: Said, state: Said) => `${number}（${state}）`, en: (number: Said, state: Said) => `${number} (${state})` },
  conversations: { zh: '会话', en: 'Conversations' },
  tryAgain: { zh: '重试', en: 'Try again' },
  semicolon: { zh: '；', en: '; ' },
  valid: { zh: '有效', en: 'Valid' },
  expired: { zh: '已过期', en: 'Expired' },
  change: { zh: '修改', en: 'Change' },
  save: { zh: '保存', en: 'Save' },
  title: { zh: '标题', en: 'Title' },
  content: { zh: '内容', en: 'Content' },
  inBrackets: { zh: (tickets: Said) => `（${tickets}）`, en: (tickets: Said) => ` (${tickets})` },
  aColleague: { zh: '同事', en: 'a colleague' },
  department: { zh: '承办单位', en: 'Department' },
  purpose: { zh: '用途', en: 'Purpose' },
  state: { zh: '状态', en: 'State' },
  actions: { zh: '操作', en: 'Actions' },
  pleaseChoose: { zh: '请选择', en: 'Please choose' },
  close: { zh: '关闭', en: 'Close' },
  show: { zh: '查看', en: 'Show' },
  note: { zh: '说明', en: 'Note' },
  id: { zh: '编号', en: 'Id' },
  keywords: { zh: '关键词', en: 'Keywords' },
  name: { zh: '名称', en: 'Name' },
  clause: { zh: '，', en: ', ' },
  allStates: { zh: '全部状态', en: 'All states' },
  reading: { zh: '正在读取', en: 'Reading' },
  reason: { zh: '理由', en: 'Reason' },
  added: { zh: '新增', en: 'Added' },
  result: { zh: '结果', en: 'Result' },
  afterColon: { zh: (entryId: Said) => `：${entryId}`, en: (entryId: Said) => `: ${entryId}` },
  deactivate: { zh: '停用', en: 'Deactivate' },
  rules: { zh: '规则', en: 'Rules' },
  skillGroups: { zh: '技能组', en: 'Skill groups' },
  ended: { zh: '已结束', en: 'Ended' },
  kind: { zh: '类别', en: 'Kind' },
  yes: { zh: '是', en: 'Yes' },
  urgency: { zh: '紧急程度', en: 'Urgency' },
  place: { zh: '地点', en: 'Place' },
});

export const CANNED = words({
  nameOfTheSeat: { zh: '正在接待的坐席姓名', en: 'Name of the seat that serves' },
  howToAddressThe: { zh: '市民称呼（遮蔽后的姓名）', en: 'How to address the citizen (masked name)' },
  numberOfTheNewest: { zh: '这次会话最近一张工单的编号，没有则取市民最近的工单', en: "Number of the newest ticket of this conversation, else of the citizen's newest" },
  theDepartmentOfThat: { zh: '该工单的承办单位', en: 'The department of that ticket' },
  theDeadlineOfThat: { zh: '该工单的办理时限', en: 'The deadline of that ticket' },
  theItemOfThat: { zh: '该工单或机器人判断的事项', en: 'The item of that ticket, or what the bot thinks it is' },
  theTownOfThat: { zh: '该工单或市民说到的镇街', en: 'The town of that ticket, or the one the citizen named' },
});

export const DESK = words({
  judge: { zh: (score: Said) => `您的一次服务已质检，得分 ${score}，可在“质检”里查看和申诉`, en: (score: Said) => `A service of yours was judged, score ${score}; see it and appeal under Quality` },
  appeal: { zh: (score: Said) => `坐席对您复核的质检提出了申诉（得分 ${score}）`, en: (score: Said) => `A seat appeals against your judgement (score ${score})` },
  rejudge: { zh: (score: Said) => `您的申诉已裁定，得分 ${score}`, en: (score: Said) => `Your appeal was decided, score ${score}` },
  yourSessionHasEnded: { zh: '登录已过期，请重新登录', en: 'Your session has ended. Please sign in again' },
  signedOut: { zh: '已退出登录', en: 'Signed out' },
});

export const NOTIFY = words({
  n12345SeatDesk: { zh: '12345 坐席工作台', en: '12345 seat desk' },
});

export const REPLIES = words({
  couldNotBeSent: { zh: '未能发送', en: 'Could not be sent' },
});

export const BITS = words({
  match: { zh: (percent: Said) => `匹配度 ${percent}%`, en: (percent: Said) => `Match ${percent}%` },
});

export const COMBOBOX = words({
  noMatchingOption: { zh: '没有匹配的选项', en: 'No matching option' },
});
