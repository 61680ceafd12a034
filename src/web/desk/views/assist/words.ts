import { words, type Said } from '../../language.ts';

export const LABELS_WORDS = words({
  kind: { zh: '类别', en: 'Kind' },
  itemCode: { zh: '事项', en: 'Items' },
  title: { zh: '标题', en: 'Title' },
  content: { zh: '内容', en: 'Content' },
  townId: { zh: '镇街', en: 'Towns' },
  place: { zh: '地点', en: 'Place' },
  happened: { zh: '发生时间', en: 'When it happened' },
  name: { zh: '称呼', en: 'Name' },
  urgency: { zh: '紧急程度', en: 'Urgency' },
  callback: { zh: '承诺回电', en: 'Call back promised' },
  confidential: { zh: '保密', en: 'Confidential' },
});

export const EQUAL_WORDS = words({
  text: { zh: '文字', en: 'Text' },
  place: { zh: '地点', en: 'Place' },
  item: { zh: '事项', en: 'Items' },
  time: { zh: '时间', en: 'Time' },
  citizen: { zh: '市民', en: 'Citizen' },
});

export const ASSIST_PAGE = words({
  copiedPasteItIn: { zh: '已复制，到会话里粘贴', en: 'Copied; paste it in the conversation' },
  theBrowserDoesNot: { zh: '浏览器不允许复制', en: 'The browser does not allow copying' },
  assist: { zh: '坐席辅助', en: 'Assist' },
  takeAConversationAnd: { zh: '接管一个会话之后，这里显示辅助信息', en: 'Take a conversation and assist shows here' },
});

export const ASSIST_PANEL = words({
  putIntoTheReply: { zh: '已放入回复框，尚未发送', en: 'Put into the reply box, not sent yet' },
  accepted: { zh: (label: Said) => `已采用${label}`, en: (label: Said) => `${label} accepted` },
  allAcceptedPleaseCheck: { zh: '已全部采用，请核对后登记', en: 'All accepted; please check before opening the ticket' },
  added: { zh: (label: Said) => `已补进${label}`, en: (label: Said) => `${label} added` },
  assist: { zh: '坐席辅助', en: 'Assist' },
  readingTheConversation: { zh: '正在读会话', en: 'Reading the conversation' },
  mood: { zh: (label: Said) => `情绪：${label}`, en: (label: Said) => `Mood: ${label}` },
  toAsk: { zh: '待问', en: 'To ask' },
  nothingLeftToAsk: { zh: '没有要追问的', en: 'Nothing left to ask' },
  putIntoTheReplyBox: { zh: '放入回复框（Alt+Q）', en: 'Put into the reply box (Alt+Q)' },
  putIntoTheReplyBox2: { zh: '放入回复框', en: 'Put into the reply box' },
  thisConversationHasTicket: { zh: '本会话已登记工单 ', en: 'This conversation has ticket ' },
  pleaseCheckItBefore: { zh: '，再登记前请先核对', en: ' ; please check it before opening another' },
  itemAccepted: { zh: '已采用事项', en: 'Item accepted' },
  similarTickets: { zh: '相似工单', en: 'Similar tickets' },
  noSimilarOpenTickets: { zh: '没有相似的在办工单', en: 'No similar open tickets' },
  theIndexIsLoading: { zh: '索引正在载入，稍后可能有', en: 'The index is loading; some may follow' },
  theSame: { zh: '相同：', en: 'The same: ' },
  afterStop: { zh: (words: Said) => `。${words}`, en: (words: Said) => `. ${words}` },
  mergeWithThisConversations: { zh: (number: Said) => `到本会话的工单 ${number} 并单`, en: (number: Said) => `Merge with this conversation's ticket ${number}` },
});

export const DISPATCH_PART = words({
  itemAndDispatch: { zh: '事项与派单', en: 'Item and dispatch' },
  noItemCanBe: { zh: '还看不出是什么事项', en: 'No item can be told yet' },
  useAsTheTickets: { zh: '用作工单事项', en: "Use as the ticket's item" },
  quiteSure: { zh: '把握大', en: 'Quite sure' },
  pleaseCheck: { zh: '请核对', en: 'Please check' },
  becauseOf: { zh: (field: Said, list: Said) => `${field} · 依据：${list}`, en: (field: Said, list: Said) => `${field} · because of: ${list}` },
  handledBy: { zh: '承办', en: 'Handled by' },
  toBeDispatchedBy: { zh: '待人工派单', en: 'To be dispatched by hand' },
  assistedBy: { zh: (list: Said) => `，协办 ${list}`, en: (list: Said) => `, assisted by ${list}` },
  deadline: { zh: '期限', en: 'Deadline' },
});

export const FORM_PART = words({
  ticketDraft: { zh: '工单草稿', en: 'Ticket draft' },
  acceptAll: { zh: '全部采用', en: 'Accept all' },
  nothingInTheConversation: { zh: '会话里还没有可填的内容', en: 'Nothing in the conversation to fill in yet' },
  accepted: { zh: '已采用', en: 'Accepted' },
  acceptIntoTheTicket: { zh: '采用到工单', en: 'Accept into the ticket' },
  addToTheTickets: { zh: '补进工单内容', en: "Add to the ticket's content" },
});

export const KNOWLEDGE_PART = words({
  knowledge: { zh: '知识', en: 'Knowledge' },
  followsOn: { zh: '接着前文 · ', en: 'Follows on · ' },
  theCitizenHasNot: { zh: '市民还没有说到事', en: 'The citizen has not named a matter yet' },
  noKnowledgeWithEnough: { zh: '没有把握大的知识', en: 'No knowledge with enough certainty' },
  forSeatsOnlyDo: { zh: '仅供坐席参考，不能发给市民', en: 'For seats only; do not send to citizens' },
  putIntoTheReply: { zh: (what: Said) => `放入回复框${what}`, en: (what: Said) => `Put into the reply box${what}` },
  altD: { zh: '（Alt+D）', en: ' (Alt+D)' },
  details: { zh: (question: Said) => `${question}：详情`, en: (question: Said) => `${question}: details` },
  less: { zh: '收起', en: 'Less' },
  details2: { zh: '详情', en: 'Details' },
  internal: { zh: '仅内部', en: 'Internal' },
  becauseOf: { zh: ' · 依据：', en: ' · because of:' },
  wrongMissingUnclear: { zh: '有误、缺漏、不清楚', en: 'Wrong, missing, unclear' },
  fullText: { zh: '全文', en: 'Full text' },
});

export const PARTS = words({
  calm: { zh: '平静', en: 'Calm' },
  dissatisfied: { zh: '不满', en: 'Dissatisfied' },
  angry: { zh: '愤怒', en: 'Angry' },
  inDanger: { zh: '危急', en: 'In danger' },
  reviewDue: { zh: '待复核', en: 'Review due' },
  expiresSoon: { zh: '即将到期', en: 'Expires soon' },
  notYetValid: { zh: '未生效', en: 'Not yet valid' },
  message: { zh: (seq: Said) => `第 ${seq} 条消息`, en: (seq: Said) => `message ${seq}` },
  andMore: { zh: (fromText: Said) => `等 ${fromText} 处`, en: (fromText: Said) => `and ${fromText} more` },
  pleaseCheck: { zh: (percent: Said) => `${percent}% 请核对`, en: (percent: Said) => `${percent}%, please check` },
});

export const SUMMARY_PART = words({
  summaryForTheHand: { zh: '交接摘要', en: 'Summary for the hand-over' },
  maskedTextGoesTo: { zh: '脱敏后的对话会发给配置的模型', en: 'Masked text goes to the configured model' },
  drafting: { zh: '正在起草', en: 'Drafting' },
  draftByTheModel: { zh: '请模型起草', en: 'Draft by the model' },
  nothingToSummarizeYet: { zh: '还没有可摘的内容', en: 'Nothing to summarize yet' },
  showWhatWasSaid: { zh: '看原话', en: 'Show what was said' },
  draft: { zh: '草稿', en: 'Draft' },
  takenFromWhatWas: { zh: '原话摘取', en: 'Taken from what was said' },
  draftedByModelNot: { zh: (model: Said) => `由模型 ${model} 起草，未经核实，请看过再用`, en: (model: Said) => `Drafted by model ${model}, not checked; read before use` },
});

/** Goes into a ticket, which departments read: Chinese in both. */
export const detailLine = (label: string, value: string): string => `${label}：${value}。`;
