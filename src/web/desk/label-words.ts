import { words } from './language.ts';

export const CHANNELS_WORDS = words({
  webchat: { zh: '网页', en: 'Web' },
  directline: { zh: '网页', en: 'Web' },
  'wechat-miniprogram': { zh: '微信小程序', en: 'WeChat mini-program' },
  'wechat-official': { zh: '公众号', en: 'WeChat official account' },
  wechaty: { zh: '微信', en: 'WeChat' },
  'ivr-twilio': { zh: '电话', en: 'Phone' },
  'ivr-jambonz': { zh: '电话', en: 'Phone' },
  'ivr-vxml': { zh: '电话', en: 'Phone' },
  'ivr-aliyun': { zh: '电话', en: 'Phone' },
  'sms-aliyun': { zh: '短信', en: 'Text message' },
  'sms-tencent': { zh: '短信', en: 'Text message' },
  open311: { zh: '伙伴平台', en: 'Partner platform' },
  'police-110': { zh: '110', en: '110' },
  'fire-119': { zh: '119', en: '119' },
  'medical-120': { zh: '120', en: '120' },
  'traffic-122': { zh: '122', en: '122' },
  renminwang: { zh: '人民网', en: "People's Daily Online" },
  yueshengxin: { zh: '粤省心', en: 'Yueshengxin' },
  yangguang: { zh: '阳光热线', en: 'Sunshine hotline' },
  botframework: { zh: 'Bot Framework', en: 'Bot Framework' },
});

export const EMERGENCIES_WORDS = words({
  fire: { zh: '火情', en: 'Fire' },
  traffic: { zh: '交通事故伤人', en: 'Traffic accident with injured' },
  violence: { zh: '家庭暴力', en: 'Domestic violence' },
  crime: { zh: '治安警情', en: 'Crime' },
  lost: { zh: '人员走失', en: 'Missing person' },
  trapped: { zh: '人员被困', en: 'Trapped person' },
  injury: { zh: '伤病急救', en: 'Medical emergency' },
  suicide: { zh: '轻生风险', en: 'Risk of suicide' },
  drowning: { zh: '溺水落水', en: 'Drowning' },
  electric: { zh: '触电漏电', en: 'Electric shock' },
  gas: { zh: '燃气泄漏', en: 'Gas leak' },
});

export const OWNERS_WORDS = words({
  bot: { zh: '机器人接待', en: 'With the bot' },
  waiting: { zh: '待接入', en: 'Waiting' },
  human: { zh: '人工接待', en: 'With a seat' },
  closed: { zh: '已结束', en: 'Ended' },
});

export const ROLES_WORDS = words({
  citizen: { zh: '市民', en: 'Citizen' },
  bot: { zh: '机器人', en: 'Bot' },
  seat: { zh: '坐席', en: 'Seat' },
  system: { zh: '系统', en: 'System' },
});

export const SEAT_ROLES_WORDS = words({
  seat: { zh: '坐席', en: 'Seat' },
  editor: { zh: '知识编辑', en: 'Knowledge editor' },
  supervisor: { zh: '班长', en: 'Supervisor' },
  administrator: { zh: '管理员', en: 'Administrator' },
  department: { zh: '承办单位', en: 'Department' },
});

export const URGENCIES_WORDS = words({
  normal: { zh: '一般', en: 'Normal' },
  urgent: { zh: '紧急', en: 'Urgent' },
  emergency: { zh: '特急', en: 'Emergency' },
});

export const NEEDS_WORDS = words({
  departmentId: { zh: '承办单位', en: 'Department' },
  assistIds: { zh: '协办单位', en: 'Assisting departments' },
  result: { zh: '办理结果', en: 'Result' },
  reason: { zh: '理由', en: 'Reason' },
  reasonCode: { zh: '理由类别', en: 'Kind of reason' },
  evidence: { zh: '证明材料', en: 'Evidence' },
  amount: { zh: '延长多少', en: 'Longer by' },
  until: { zh: '挂起到何时', en: 'On hold until' },
  person: { zh: '责任人', en: 'Responsible person' },
  process: { zh: '对办理过程的评价', en: 'Rating of the handling' },
  solved: { zh: '问题是否解决', en: 'Was it solved' },
});

export const EVENTS_WORDS = words({
  'ticket.opened': { zh: '登记工单', en: 'Ticket opened' },
  'ticket.accepted': { zh: '受理', en: 'Accepted' },
  'ticket.dispatched': { zh: '派单', en: 'Dispatched' },
  'ticket.redirected': { zh: '改派', en: 'Redirected' },
  'ticket.signed': { zh: '签收', en: 'Signed for' },
  'ticket.finished': { zh: '办结', en: 'Finished' },
  'ticket.refused': { zh: '不予受理', en: 'Not taken' },
  'ticket.answered_at_once': { zh: '直接答复', en: 'Answered at once' },
  'ticket.contacted': { zh: '首次联系市民', en: 'Citizen first contacted' },
  'ticket.return_requested': { zh: '申请退单', en: 'Return asked for' },
  'ticket.return_upheld': { zh: '同意退单', en: 'Return granted' },
  'ticket.return_refused': { zh: '驳回退单', en: 'Return refused' },
  'ticket.extension_requested': { zh: '申请延期', en: 'Extension asked for' },
  'ticket.extension_granted': { zh: '同意延期', en: 'Extension granted' },
  'ticket.extension_refused': { zh: '驳回延期', en: 'Extension refused' },
  'ticket.hold_requested': { zh: '申请挂起', en: 'Hold asked for' },
  'ticket.held': { zh: '挂起', en: 'On hold' },
  'ticket.hold_refused': { zh: '驳回挂起', en: 'Hold refused' },
  'ticket.resumed': { zh: '恢复办理', en: 'Resumed' },
  'ticket.request_withdrawn': { zh: '撤回申请', en: 'Request withdrawn' },
  'ticket.review_passed': { zh: '办结审核通过', en: 'Review passed' },
  'ticket.review_failed': { zh: '办结审核退回', en: 'Review failed' },
  'ticket.visit_asked': { zh: '回访', en: 'Visit-back' },
  'ticket.confirmed': { zh: '市民认可', en: 'Citizen satisfied' },
  'ticket.vetoed': { zh: '市民不认可，重新办理', en: 'Citizen objected, handled again' },
  'ticket.unreached': { zh: '回访未联系上，归档', en: 'Citizen not reached, archived' },
  'ticket.reopened': { zh: '重新办理', en: 'Handled again' },
  'ticket.rated': { zh: '市民评价', en: "Citizen's rating" },
  'ticket.escalated': { zh: '提级办理', en: 'Escalated' },
  'ticket.supervised': { zh: '督办', en: 'Supervision' },
  'ticket.supervision_ended': { zh: '督办结束', en: 'Supervision ended' },
  'ticket.merged': { zh: '并入主单', en: 'Merged into a leading ticket' },
  'ticket.unmerged': { zh: '从主单拆出', en: 'Split from the leading ticket' },
  'ticket.follower_merged': { zh: '并入一张工单', en: 'Took a ticket in' },
  'ticket.follower_unmerged': { zh: '拆出一张工单', en: 'A ticket was split off' },
  'ticket.leader_moved': { zh: '主单有进展', en: 'The leading ticket moved' },
  'ticket.warned': { zh: '临期提醒', en: 'Deadline warning' },
  'ticket.overdue': { zh: '超期', en: 'Overdue' },
  'ticket.withdrawn': { zh: '市民撤回', en: 'Withdrawn by the citizen' },
  'ticket.corrected': { zh: '更正', en: 'Corrected' },
  'ticket.supplemented': { zh: '市民补充', en: 'Citizen added something' },
  'ticket.urged': { zh: '市民催办', en: 'Citizen urged' },
  'ticket.noted': { zh: '备注', en: 'Note' },
});

export const REQUESTS_WORDS = words({
  return: { zh: '退单', en: 'Return' },
  extension: { zh: '延期', en: 'Extension' },
  hold: { zh: '挂起', en: 'On hold' },
});

export const REQUEST_STATES_WORDS = words({
  asked: { zh: '待审', en: 'Requests' },
  upheld: { zh: '已同意', en: 'Granted' },
  refused: { zh: '已驳回', en: 'Refused' },
  withdrawn: { zh: '已撤回', en: 'Withdrawn' },
});

export const CAUSES_WORDS = words({
  person: { zh: '人工督办', en: 'By a person' },
  overdue: { zh: '超期', en: 'Overdue' },
  item: { zh: '重点事项', en: 'Key item' },
  urges: { zh: '市民多次催办', en: 'Citizen urged several times' },
  repetition: { zh: '反复重办', en: 'Handled again repeatedly' },
});

export const FILE_PURPOSES_WORDS = words({
  citizen: { zh: '市民材料', en: 'From the citizen' },
  evidence: { zh: '证明材料', en: 'Evidence' },
});

export const DELIVERY_STATES_WORDS = words({
  waiting: { zh: '等待发送', en: 'Waiting to be sent' },
  delivered: { zh: '已送达', en: 'Delivered' },
  dead: { zh: '没有送达', en: 'Not delivered' },
});

export const ACTIONS_WORDS = words({
  'seat.signed_in': { zh: '登录', en: 'Sign in' },
  'seat.signed_out': { zh: '退出登录', en: 'Sign out' },
  'seat.created': { zh: '新建坐席', en: 'New seat' },
  'seat.changed': { zh: '修改坐席', en: 'Seat changed' },
  'identity.unmasked': { zh: '查看身份', en: 'Identity unmasked' },
  'conversation.taken_over': { zh: '接管会话', en: 'Take over the conversation' },
  'conversation.handed_back': { zh: '交还机器人', en: 'Hand back to the bot' },
  'conversation.closed': { zh: '结束会话', en: 'End the conversation' },
  'dead_letter.retried': { zh: '重试死信', en: 'Dead letter retried' },
  'dead_letter.discarded': { zh: '丢弃死信', en: 'Dead letter discarded' },
  'catalogue.drafted': { zh: '起草规则', en: 'Rules drafted' },
  'catalogue.changed': { zh: '修改草稿', en: 'Draft changed' },
  'catalogue.dropped': { zh: '作废草稿', en: 'Draft thrown away' },
  'catalogue.published': { zh: '发布规则', en: 'Rules published' },
  'trail.exported': { zh: '导出审计', en: 'Trail exported' },
  'canned.created': { zh: '新建常用语', en: 'New canned answer' },
  'canned.changed': { zh: '修改常用语', en: 'Change canned answer' },
  'canned.removed': { zh: '删除常用语', en: 'Canned answer removed' },
  'ticket.opened': { zh: '登记工单', en: 'Ticket opened' },
  'storm.merged': { zh: '集中诉求并单', en: 'Storm merged' },
  'storm.answered': { zh: '集中诉求统一答复', en: 'Storm answered' },
  'storm.ended': { zh: '结束集中诉求', en: 'Storm ended' },
  'partner.created': { zh: '新建合作平台', en: 'New partner' },
  'partner.changed': { zh: '修改合作平台', en: 'Change partner' },
  'partner.secret_rotated': { zh: '更换推送密钥', en: 'Delivery secret changed' },
  'partner.key_made': { zh: '新建平台密钥', en: 'Partner key made' },
  'partner.key_revoked': { zh: '收回平台密钥', en: 'Partner key revoked' },
  'partner.replayed': { zh: '批量重发推送', en: 'Deliveries sent again' },
  'consent.recorded': { zh: '记录市民通知意愿', en: 'Citizen’s wish recorded' },
  'identity.used': { zh: '系统取用号码', en: 'Number used by the system' },
  'partner.delivery_replayed': { zh: '重发推送', en: 'Delivery sent again' },
});

export const SUBJECTS_WORDS = words({
  catalogue: { zh: '规则', en: 'Rules' },
  trail: { zh: '审计', en: 'Trail' },
  conversation: { zh: '会话', en: 'Conversations' },
  citizen: { zh: '市民', en: 'Citizen' },
  seat: { zh: '坐席', en: 'Seat' },
  ticket: { zh: '工单', en: 'Tickets' },
  outbox: { zh: '死信', en: 'Dead letters' },
  canned: { zh: '常用语', en: 'Canned answers' },
  partner: { zh: '合作平台', en: 'Partners' },
  delivery: { zh: '推送', en: 'Delivery' },
});

export const FLOWS_WORDS = words({
  welcome: { zh: '欢迎', en: 'Welcome' },
  ask: { zh: '咨询', en: 'Enquiry' },
  report: { zh: '诉求登记', en: 'Report' },
  progress: { zh: '进度查询', en: 'Progress' },
  supplement: { zh: '补充工单', en: 'Supplement' },
  urge: { zh: '催办', en: 'Urge' },
  callback: { zh: '回电登记', en: 'Call-back' },
  person: { zh: '转人工', en: 'Hand-off' },
  emergency: { zh: '紧急情况', en: 'Emergency' },
  nottaken: { zh: '不受理事项', en: 'Matters not taken' },
  smalltalk: { zh: '寒暄', en: 'Small talk' },
  goodbye: { zh: '告别', en: 'Goodbye' },
});

export const LABELS = words({
  reminder: { zh: '督促', en: 'Reminder' },
  keySupervision: { zh: '重点督办', en: 'Key supervision' },
  listedSupervision: { zh: '挂牌督办', en: 'Listed supervision' },
  anonymousCitizen: { zh: '匿名市民', en: 'Anonymous citizen' },
  semicolon: { zh: '；', en: '; ' },
});

/** Values of tickets that are words themselves: shown by what they mean, sent as they are. */
export const STATES_WORDS = words({
  受理: { zh: '受理', en: 'Accepted' },
  待派: { zh: '待派', en: 'To dispatch' },
  待签收: { zh: '待签收', en: 'To sign' },
  办理中: { zh: '办理中', en: 'In hand' },
  提级: { zh: '提级', en: 'Escalated' },
  重办: { zh: '重办', en: 'Handled again' },
  退单待审: { zh: '退单待审', en: 'Return asked' },
  延期待审: { zh: '延期待审', en: 'Extension asked' },
  挂起: { zh: '挂起', en: 'On hold' },
  办结待审: { zh: '办结待审', en: 'Under review' },
  回访: { zh: '回访', en: 'Visit-back' },
  归档: { zh: '归档', en: 'Archived' },
});

export const KINDS_WORDS = words({
  咨询: { zh: '咨询', en: 'Enquiry' },
  求助: { zh: '求助', en: 'Help' },
  投诉: { zh: '投诉', en: 'Complaint' },
  举报: { zh: '举报', en: 'Report of wrongdoing' },
  建议: { zh: '建议', en: 'Suggestion' },
  表扬: { zh: '表扬', en: 'Praise' },
});

export const TOWN_KINDS_WORDS = words({
  街道: { zh: '街道', en: 'Street' },
  镇: { zh: '镇', en: 'Town' },
  园区: { zh: '园区', en: 'Zone' },
});

/** Purposes of the trail; stored as they are. */
export const PURPOSES_WORDS = words({
  回拨市民: { zh: '回拨市民', en: 'Call the citizen back' },
  核实工单信息: { zh: '核实工单信息', en: 'Check facts of a ticket' },
  紧急救助: { zh: '紧急救助', en: 'Emergency help' },
  投诉复核: { zh: '投诉复核', en: 'Review of a complaint' },
  其他: { zh: '其他', en: 'Other' },
});

/** Moves of a ticket, by name; the server's own words are Chinese. */
export const MOVES_WORDS = words({
  accept: { zh: '受理', en: 'Accept' },
  refuse: { zh: '不予受理', en: 'Do not take' },
  answer: { zh: '直接答复', en: 'Answer at once' },
  dispatch: { zh: '派单', en: 'Dispatch' },
  redirect: { zh: '改派', en: 'Redirect' },
  sign: { zh: '签收', en: 'Sign for it' },
  contact: { zh: '登记首次联系', en: 'Record first contact' },
  requestReturn: { zh: '申请退单', en: 'Ask for a return' },
  upholdReturn: { zh: '同意退单', en: 'Grant the return' },
  refuseReturn: { zh: '驳回退单', en: 'Refuse the return' },
  requestExtension: { zh: '申请延期', en: 'Ask for an extension' },
  grantExtension: { zh: '同意延期', en: 'Grant the extension' },
  refuseExtension: { zh: '驳回延期', en: 'Refuse the extension' },
  requestHold: { zh: '申请挂起', en: 'Ask for a hold' },
  grantHold: { zh: '同意挂起', en: 'Grant the hold' },
  refuseHold: { zh: '驳回挂起', en: 'Refuse the hold' },
  resume: { zh: '恢复办理', en: 'Resume' },
  withdrawRequest: { zh: '撤回申请', en: 'Withdraw the request' },
  finish: { zh: '办结', en: 'Finish' },
  passReview: { zh: '审核通过', en: 'Pass the review' },
  failReview: { zh: '审核退回', en: 'Fail the review' },
  confirm: { zh: '回访满意', en: 'Citizen satisfied' },
  veto: { zh: '回访不满意', en: 'Citizen not satisfied' },
  unreached: { zh: '回访未联系上', en: 'Citizen not reached' },
  reopen: { zh: '重新办理', en: 'Handle again' },
  escalate: { zh: '提级办理', en: 'Escalate' },
  withdraw: { zh: '撤回诉求', en: 'Withdraw the ticket' },
});

/** Stages of a ticket that have a clock. */
export const STAGES_WORDS = words({
  accept: { zh: '受理派单', en: 'Accept and dispatch' },
  sign: { zh: '签收', en: 'Sign' },
  contact: { zh: '首次联系', en: 'First contact' },
  handle: { zh: '办理', en: 'Handle' },
  return: { zh: '申请退单', en: 'Ask for a return' },
  judge: { zh: '审核申请', en: 'Judge requests' },
  hold: { zh: '挂起', en: 'Hold' },
  visit: { zh: '回访', en: 'Visit-back' },
});

/** Slots of the shipped flows. */
export const SLOTS_WORDS = words({
  kind: { zh: '类别', en: 'Kind' },
  content: { zh: '事由', en: 'Matter' },
  question: { zh: '问题', en: 'Question' },
  place: { zh: '地点', en: 'Place' },
  town: { zh: '镇街', en: 'Town' },
  happened: { zh: '时间', en: 'When' },
  name: { zh: '称呼', en: 'Name' },
  phone: { zh: '电话', en: 'Phone' },
  number: { zh: '工单号', en: 'Ticket' },
  details: { zh: '补充', en: 'Details' },
  confidential: { zh: '保密', en: 'Confidential' },
});
