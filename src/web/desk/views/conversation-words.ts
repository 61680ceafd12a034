import { plural, words, type Said } from '../language.ts';

export const HANDOFF_WORDS = words({
  accepted: { zh: '人工坐席已接入', en: 'A seat has joined' },
  failed: { zh: '转人工未成功', en: 'Hand-off did not work' },
  completed: { zh: '人工服务结束', en: 'Service by a seat ended' },
  waiting: { zh: '等待人工', en: 'Waiting for a seat' },
});

export const CONTEXT_PANE = words({
  detailsAndKnowledge: { zh: '信息与知识', en: 'Details' },
  assist: { zh: '辅助', en: 'Assist' },
  history: { zh: '往来', en: 'History' },
  conversationDetails: { zh: '会话信息', en: 'Conversation details' },
  conversation: { zh: '← 会话', en: '← Conversation' },
  whatTheBotUnderstood: { zh: '机器人的理解', en: 'What the bot understood' },
  began: { zh: (channel: Said, createdAt: Said) => `${channel} · ${createdAt} 开始`, en: (channel: Said, createdAt: Said) => `${channel} · began ${createdAt}` },
  openTickets: { zh: (open: Said) => `在办工单（${open}）`, en: (open: Said) => `Open tickets (${open})` },
  knowledgeBase: { zh: '知识库', en: 'Knowledge base' },
  thisCitizenHasNo: { zh: '这位市民没有工单', en: 'This citizen has no tickets' },
  theBotHasDrawn: { zh: '机器人还没有得出结论', en: 'The bot has drawn no conclusion yet' },
  workingOn: { zh: '正在办理 ', en: 'Working on ' },
  suggestedItems: { zh: '建议事项', en: 'Suggested items' },
  becauseOf: { zh: (list: Said) => `依据：${list}`, en: (list: Said) => `Because of: ${list}` },
  deadline: { zh: (deadlineText: Said) => `期限 ${deadlineText}`, en: (deadlineText: Said) => `Deadline ${deadlineText}` },
});

export const CONVERSATION_PANE = words({
  conversationWith: { zh: (conversation: Said) => `与${conversation}的会话`, en: (conversation: Said) => `Conversation with ${conversation}` },
  queue: { zh: '← 队列', en: '← Queue' },
  with: { zh: (seatName: Said) => `${seatName}接待`, en: (seatName: Said) => `With ${seatName}` },
  anotherSeat: { zh: '其他坐席', en: 'Another seat' },
  takesPart: { zh: (seatName: Said) => `${seatName} 参与`, en: (seatName: Said) => `${seatName} takes part` },
  listens: { zh: (seatName: Said) => `${seatName} 监听`, en: (seatName: Said) => `${seatName} listens` },
  takeOver: { zh: '接管', en: 'Take over' },
  stopListening: { zh: '停止监听', en: 'Stop listening' },
  listen: { zh: '监听', en: 'Listen' },
  whisper: { zh: '耳语', en: 'Whisper' },
  takeOverByForce: { zh: '强制接管', en: 'Take over by force' },
  leave: { zh: '退出会话', en: 'Leave' },
  transfer: { zh: '转接', en: 'Transfer' },
  invite: { zh: '邀请', en: 'Invite' },
  handBackToThe: { zh: '交还机器人', en: 'To the bot' },
  end: { zh: '结束', en: 'End' },
  openATicket: { zh: '开工单', en: 'Open a ticket' },
  details: { zh: '信息', en: 'Details' },
  emergency: { zh: (category: Said) => `紧急：${category}`, en: (category: Said) => `Emergency: ${category}` },
  words: { zh: (list: Said) => `触发词：${list}`, en: (list: Said) => `Words: ${list}` },
  firstMakeSureOf: { zh: '请先确认安全，必要时转 110 / 119 / 120 / 122', en: 'First make sure of their safety; if needed transfer to 110 / 119 / 120 / 122' },
  from: { zh: (fromSeatName: Said) => `${fromSeatName} 转来：`, en: (fromSeatName: Said) => `From ${fromSeatName}:` },
  isServingYouCan: { zh: (seatName: Said) => `${seatName}正在接待，您只能查看`, en: (seatName: Said) => `${seatName} is serving; you can only read` },
  takeOverToReply: { zh: '接管之后才能回复', en: 'Take over to reply' },
  writeAPrivateNote: { zh: '写内部备注', en: 'Write a private note' },
  isServingThisCitizen: { zh: (seatName: Said) => `${seatName}正在接待这位市民。强制接管后对方将不能再回复。`, en: (seatName: Said) => `${seatName} is serving this citizen and can no longer reply once you take over by force.` },
  waiting: { zh: (now: Said) => `已等 ${now}`, en: (now: Said) => `Waiting ${now}` },
  place: { zh: (position: Said) => ` · 第 ${position} 位`, en: (position: Said) => ` · place ${position}` },
});

export const HISTORY_PANEL = words({
  thisCitizenHasNo: { zh: '这位市民没有别的会话', en: 'This citizen has no other conversations' },
  citizen: { zh: (lastCitizen: Said) => `市民：${lastCitizen}`, en: (lastCitizen: Said) => `Citizen: ${lastCitizen}` },
  answer: { zh: (lastAnswer: Said) => `答复：${lastAnswer}`, en: (lastAnswer: Said) => `Answer: ${lastAnswer}` },
  began: { zh: (channel: Said, createdAt: Said) => `${channel} · ${createdAt} 开始`, en: (channel: Said, createdAt: Said) => `${channel} · began ${createdAt}` },
  contactHistory: { zh: '往来记录', en: 'Contact history' },
  earlierOnesAreNot: { zh: (seq: Said) => `更早的 ${seq} 条未显示`, en: (seq: Said) => `${seq} earlier ones are not shown` },
});

export const IDENTITY = words({
  name: { zh: '姓名', en: 'Name' },
  masked: { zh: '已遮蔽', en: 'Masked' },
  notOnRecord: { zh: '未登记', en: 'Not on record' },
  phone: { zh: '电话', en: 'Phone' },
  maskedAgainInS: { zh: (left: Said) => `${left} 秒后恢复遮蔽 · `, en: (left: Said) => `Masked again in ${left} s · ` },
  maskNow: { zh: '立即遮蔽', en: 'Mask now' },
  showTheCitizensIdentity: { zh: '查看市民身份', en: "Show the citizen's identity" },
  showFor60S: { zh: '查看 60 秒', en: 'Show for 60 s' },
  everyLookGoesInto: { zh: '每次查看都会记入审计，包括您的姓名、时间和用途。', en: 'Every look goes into the trail with your name, the time and the purpose.' },
  forExampleCheckThe: { zh: '例如：核对回拨号码', en: 'For example: check the number to call back' },
});

export const KNOWLEDGE_SEARCH = words({
  searchTheKnowledgeBase: { zh: '检索知识库', en: 'Search the knowledge base' },
  charactersPinyinOrInitials: { zh: '汉字、拼音或首字母，如 jzz', en: 'Characters, pinyin or initials such as jzz' },
  searchByTheCitizens: { zh: '按市民原话检索', en: "Search by the citizen's words" },
  narrowByDepartment: { zh: '按承办单位筛选', en: 'Filter by department' },
  allDepartments: { zh: '全部承办单位', en: 'All departments' },
  noMatchingKnowledge: { zh: '没有匹配的知识', en: 'No matching knowledge' },
  entry: { zh: (total: Said, what: Said, what2: Said) => `${total}${what} 条${what2}`, en: (total: Said, what: Said, what2: Said) => `${total}${what} ${plural(what, 'entry', 'entries')}${what2}` },
  partlyMatching: { zh: '，部分匹配', en: ', partly matching' },
  entriesYouOpenedOr: { zh: '打开过和置顶的知识会列在这里', en: 'Entries you opened or pinned stand here' },
  pinned: { zh: '已置顶', en: 'Pinned' },
  checkBeforeAnswering: { zh: (stale: Said) => `${stale}，答复前请核实。`, en: (stale: Said) => `${stale}, check before answering.` },
  forSeatsOnlyDo: { zh: '仅供坐席参考，不能发给市民', en: 'For seats only; do not send to citizens' },
  takeTheConversationTo: { zh: '接管会话之后才能回复', en: 'Take the conversation to reply' },
  putIntoTheReply: { zh: '放入回复框', en: 'Put into the reply box' },
  unpin: { zh: '★ 取消置顶', en: '★ Unpin' },
  pin: { zh: '☆ 置顶', en: '☆ Pin' },
  feedback: { zh: '反馈', en: 'Feedback' },
  fullText: { zh: '全文', en: 'Full text' },
});

export const LIGHTBOX = words({
  openInANew: { zh: '在新窗口打开', en: 'Open in a new window' },
});

export const MESSAGE = words({
  askedForAPerson: { zh: '请求转人工', en: 'Asked for a person' },
  conversationEnded: { zh: (at: Said) => `会话结束 · ${at}`, en: (at: Said) => `Conversation ended · ${at}` },
  receivedSomethingNotSupported: { zh: (kind: Said, at: Said) => `收到不支持的内容（${kind}） · ${at}`, en: (kind: Said, at: Said) => `Received something not supported (${kind}) · ${at}` },
  key: { zh: (keys: Said) => `按键 ${keys}`, en: (keys: Said) => `Key ${keys}` },
  certaintyOfTheSpeech: { zh: '语音识别的把握', en: 'Certainty of the speech recognition' },
  heard: { zh: (confidence: Said) => `识别 ${confidence}%`, en: (confidence: Said) => `heard ${confidence}%` },
  noText: { zh: '（没有文字）', en: '(no text)' },
  choices: { zh: '选项：', en: 'Choices: ' },
  source: { zh: '依据：', en: 'Source: ' },
  attachment: { zh: '附件', en: 'Attachment' },
  enlargePicture: { zh: (name: Said) => `放大图片 ${name}`, en: (name: Said) => `Enlarge picture ${name}` },
  a: { zh: '音', en: 'A' },
  v: { zh: '影', en: 'V' },
  p: { zh: '图', en: 'P' },
  d: { zh: '文', en: 'D' },
  sent: { zh: '已发出', en: 'Sent' },
  notDelivered: { zh: '未送达', en: 'Not delivered ' },
  deliveryFailedTryingAgain: { zh: '送达失败，正在重试', en: 'Delivery failed, trying again' },
  delivered: { zh: '已送达', en: 'Delivered' },
  whisper: { zh: (seatName: Said, toSeatName: Said) => `耳语 · ${seatName} → ${toSeatName}`, en: (seatName: Said, toSeatName: Said) => `Whisper · ${seatName} → ${toSeatName}` },
  privateNote: { zh: (seatName: Said) => `内部备注 · ${seatName}`, en: (seatName: Said) => `Private note · ${seatName}` },
  notSeenByCitizens: { zh: '市民看不到', en: 'not seen by citizens' },
  aboutToBeSent: { zh: '即将发送，可以撤回', en: 'About to be sent; can be taken back' },
  sending: { zh: '发送中', en: 'Sending' },
  notSent: { zh: (error: Said) => `未发出：${error}`, en: (error: Said) => `Not sent: ${error}` },
  drop: { zh: '放弃', en: 'Drop' },
});

export const NOTE_BOX = words({
  notNoted: { zh: '没有记下', en: 'Not noted' },
  whisperToNotSeen: { zh: (seatName: Said) => `耳语给 ${seatName}，市民看不到`, en: (seatName: Said) => `Whisper to ${seatName}, not seen by citizens` },
  privateNoteNotSeen: { zh: '内部备注，市民看不到', en: 'Private note, not seen by citizens' },
  whisper: { zh: '耳语内容', en: 'Whisper' },
  note: { zh: '备注内容', en: 'Note' },
  onlyThisSeatSees: { zh: '只有这位坐席看得到', en: 'Only this seat sees it' },
  mentionsAColleague: { zh: '@ 提到同事', en: '@ mentions a colleague' },
  enterSavesEscGoes: { zh: 'Enter 保存，Esc 返回', en: 'Enter saves, Esc goes back' },
  whisper2: { zh: '耳语', en: 'Whisper' },
  save: { zh: '记下', en: 'Save' },
});

export const QUEUE_FILTER = words({
  narrowTheConversations: { zh: '筛选会话', en: 'Filter conversations' },
  byNameWordsOr: { zh: '按称呼、内容、坐席查找', en: 'By name, words or seat' },
  find: { zh: '查找  /', en: 'Find  /' },
  narrow: { zh: (what: Said) => `筛选${what}`, en: (what: Said) => `Filter${what}` },
  active: { zh: '（已启用）', en: ' (active)' },
  channels: { zh: '渠道', en: 'Channels' },
  allChannels: { zh: '全部渠道', en: 'All channels' },
  allSkillGroups: { zh: '全部技能组', en: 'All skill groups' },
  urgent: { zh: '紧急', en: 'Urgent' },
  enterprise: { zh: '企业', en: 'Enterprise' },
  unread: { zh: '未读', en: 'Unread' },
  clear: { zh: '清除', en: 'Clear' },
});

export const QUEUE = words({
  becauseOf: { zh: (words: Said) => `依据：${words}`, en: (words: Said) => `Because of: ${words}` },
  waiting: { zh: '待接入', en: 'Waiting' },
  noCitizenIsWaiting: { zh: '没有等待的市民', en: 'No citizen is waiting' },
  mine: { zh: '我的', en: 'Mine' },
  youHaveNoConversations: { zh: '您还没有接管会话', en: 'You have no conversations' },
  anotherSeat: { zh: '其他坐席', en: 'Others' },
  noOtherSeatHas: { zh: '其他坐席没有进行中的会话', en: 'No other seat has a conversation' },
  bot: { zh: '机器人', en: 'Bot' },
  theBotHasNo: { zh: '机器人没有进行中的会话', en: 'The bot has no conversation' },
  noEndedConversations: { zh: '没有已结束的会话', en: 'No ended conversations' },
  conversations: { zh: '会话队列', en: 'Conversations' },
  noMatchingConversations: { zh: '没有符合筛选的会话 ', en: 'No matching conversations ' },
  clearTheFilter: { zh: '清除筛选', en: 'Clear the filter' },
  waitingBySkillGroup: { zh: '各技能组等待人数', en: 'Waiting by skill group' },
  ofSeatsFree: { zh: (seatsFree: Said, seatsOnline: Said) => `空闲坐席 ${seatsFree}，在线 ${seatsOnline}`, en: (seatsFree: Said, seatsOnline: Said) => `${seatsFree} of ${seatsOnline} seats free` },
  longest: { zh: (now: Said) => `最久 ${now}`, en: (now: Said) => `longest ${now}` },
  noMessagesYet: { zh: '（还没有消息）', en: '(no messages yet)' },
  unread: { zh: (unread: Said) => `${unread} 条未读`, en: (unread: Said) => `${unread} unread` },
  unread2: { zh: '条未读', en: 'unread' },
  emergency: { zh: (category: Said) => `紧急 ${category}`, en: (category: Said) => `Emergency ${category}` },
  mentionsYou: { zh: '@ 提到您', en: '@ mentions you' },
  place: { zh: (groupName: Said, position: Said) => `${groupName} 第 ${position} 位`, en: (groupName: Said, position: Said) => `${groupName} place ${position}` },
  draft: { zh: '草稿', en: 'Draft' },
  enterpriseYours: { zh: '企业 · 您是专员', en: 'Enterprise · yours' },
  enterprise: { zh: '企业', en: 'Enterprise' },
  enterprise2: { zh: (seatName: Said) => `企业 · 专员${seatName}`, en: (seatName: Said) => `Enterprise · ${seatName}` },
  waitingForMoreThan: { zh: '等待已超过三分钟', en: 'Waiting for more than three minutes' },
  waitingTime: { zh: '等待时间', en: 'Waiting time' },
  waiting2: { zh: (what: Said, ms: Said) => `${what}等 ${ms}`, en: (what: Said, ms: Said) => `${what} waiting ${ms}` },
  mark: { zh: '！', en: '!' },
});

export const REPLY = words({
  cannedAnswers: { zh: '常用语', en: 'Canned answers' },
  reply: { zh: '回复内容', en: 'Reply' },
  theReplyIsRead: { zh: '回复会朗读给来电市民，/ 插入常用语', en: 'The reply is read out to the caller; / inserts a canned answer' },
  writeAReplyInserts: { zh: '输入回复，/ 插入常用语', en: 'Write a reply; / inserts a canned answer' },
  notFilledInYet: { zh: '还有没填的内容：', en: 'Not filled in yet: ' },
  fillIn: { zh: '去填写', en: 'Fill in' },
  privateNote: { zh: '内部备注', en: 'Private note' },
  chooseAFileTo: { zh: '选择要发送的文件', en: 'Choose a file to send' },
  sendingTheFile: { zh: '正在发送文件', en: 'Sending the file' },
  file: { zh: '文件', en: 'File' },
  takeTheReplyBack: { zh: '撤回刚才的回复', en: 'Take the reply back' },
  enterSendsShiftEnter: { zh: 'Enter 发送，Shift+Enter 换行', en: 'Enter sends, Shift+Enter breaks the line' },
  ctrlEnterSends: { zh: 'Ctrl+Enter 发送', en: 'Ctrl+Enter sends' },
  send: { zh: '发送', en: 'Send' },
});

export const SUGGEST_LIST = words({
  nothingFound: { zh: '没有找到', en: 'Nothing found' },
});

export const TRANSCRIPT = words({
  transcript: { zh: '对话记录', en: 'Transcript' },
  scrollUpToRead: { zh: (more: Said) => `向上滚动读取更早的 ${more} 条`, en: (more: Said) => `Scroll up to read ${more} earlier ones` },
  backToTheNewest: { zh: '↓ 回到最新', en: '↓ Back to the newest' },
  theCitizenIsTyping: { zh: '市民正在输入…', en: 'The citizen is typing…' },
});

export const TRANSFER_DIALOG = words({
  onlineFreeWaiting: { zh: (seatsOnline: Said, seatsFree: Said, waiting: Said) => `在线 ${seatsOnline}，空闲 ${seatsFree}，等待 ${waiting}`, en: (seatsOnline: Said, seatsFree: Said, waiting: Said) => `${seatsOnline} online, ${seatsFree} free, ${waiting} waiting` },
  becomesATicketThe: { zh: '转为工单，会话交还机器人', en: 'Becomes a ticket; the conversation goes back to the bot' },
  pleaseChoose: { zh: (find: Said) => `请选择${find}`, en: (find: Said) => `Please choose: ${find}` },
  transferred: { zh: '已转接', en: 'Transferred' },
  passedToTheDepartment: { zh: (ticketNumber: Said) => `已转承办单位，工单编号 ${ticketNumber}`, en: (ticketNumber: Said) => `Passed to the department; ticket number ${ticketNumber}` },
  transferTheConversation: { zh: '转接会话', en: 'Transfer the conversation' },
  transfer: { zh: '转接', en: 'Transfer' },
  transferTo: { zh: '转给', en: 'Transfer to' },
  typeANameTo: { zh: '输入名称查找', en: 'Type a name to find it' },
  noteForTheHand: { zh: '交接说明', en: 'Note for the hand-over' },
  seenByWhoTakes: { zh: '对方接手时看到，市民看不到；会话摘要自动附上', en: 'Seen by who takes it, not by the citizen; a summary is added by itself' },
  pleaseChooseAColleague: { zh: '请选择同事', en: 'Please choose a colleague' },
  inviteAColleague: { zh: '邀请同事加入', en: 'Invite a colleague' },
  invite: { zh: '邀请', en: 'Invite' },
  theyCanReadAll: { zh: '对方可以看到全部对话并直接回复市民；会话仍由您负责。', en: 'They can read all of it and reply to the citizen; the conversation stays yours.' },
  typeANameToFind: { zh: '输入姓名查找', en: 'Type a name to find it' },
  has: { zh: (presence: Said, load: Said, capacity: Said) => `${presence} · 在办 ${load}/${capacity}`, en: (presence: Said, load: Said, capacity: Said) => `${presence} · has ${load}/${capacity}` },
});

export const WORKBENCH = words({
  chooseAConversationOn: { zh: '从左侧选择一个会话，或按 ', en: 'Choose a conversation on the left, or press ' },
  toTakeTheCitizen: { zh: ' 接管等得最久的市民。全部快捷键：', en: ' to take the citizen who waits longest. All shortcuts: ' },
  conversationDetails: { zh: '会话信息', en: 'Conversation details' },
});
