import type { ConversationView, MoveNeed, Owner, Role, SeatRole, TicketEventView, TicketState, Urgency } from '../shared/api-types.ts';

/** Every word of the desk that stands for a code. An unknown code is shown as it is rather than hidden. */

const CHANNELS: Readonly<Record<string, string>> = {
  webchat: '网页',
  directline: '网页',
  'wechat-miniprogram': '微信小程序',
  'wechat-official': '公众号',
  wechaty: '微信',
  'ivr-twilio': '电话',
  'ivr-jambonz': '电话',
  'ivr-vxml': '电话',
  open311: '伙伴平台',
  botframework: 'Bot Framework',
};
export const channelLabel = (channel: string): string => CHANNELS[channel] ?? channel;

/** Categories of config/dialog.yaml. */
const EMERGENCIES: Readonly<Record<string, string>> = {
  fire: '火情',
  traffic: '交通事故伤人',
  violence: '家庭暴力',
  crime: '治安警情',
  lost: '人员走失',
  trapped: '人员被困',
  injury: '伤病急救',
  suicide: '轻生风险',
  drowning: '溺水落水',
  electric: '触电漏电',
  gas: '燃气泄漏',
};
export const emergencyLabel = (category: string): string => EMERGENCIES[category] ?? category;

export const OWNERS: Readonly<Record<Owner, string>> = { bot: '机器人接待', waiting: '待接入', human: '人工接待', closed: '已结束' };
export const ROLES: Readonly<Record<Role, string>> = { citizen: '市民', bot: '机器人', seat: '坐席', system: '系统' };
export const SEAT_ROLES: Readonly<Record<SeatRole, string>> = { seat: '坐席', editor: '知识编辑', supervisor: '班长', administrator: '管理员', department: '承办单位' };
export const URGENCIES: Readonly<Record<Urgency, string>> = { normal: '一般', urgent: '紧急', emergency: '特急' };
export const TICKET_STATES: readonly TicketState[] = ['受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访', '归档'];
export const NEEDS: Readonly<Record<MoveNeed, string>> = {
  departmentId: '承办单位', assistIds: '协办单位', result: '办理结果', reason: '理由', reasonCode: '理由类别', evidence: '证明材料', amount: '延长多少', until: '挂起到何时', person: '责任人', process: '对办理过程的评价', solved: '问题是否解决',
};

const EVENTS: Readonly<Record<string, string>> = {
  'ticket.opened': '登记工单',
  'ticket.accepted': '受理',
  'ticket.dispatched': '派单',
  'ticket.redirected': '改派',
  'ticket.signed': '签收',
  'ticket.finished': '办结',
  'ticket.refused': '不予受理',
  'ticket.answered_at_once': '直接答复',
  'ticket.contacted': '首次联系市民',
  'ticket.return_requested': '申请退单',
  'ticket.return_upheld': '同意退单',
  'ticket.return_refused': '驳回退单',
  'ticket.extension_requested': '申请延期',
  'ticket.extension_granted': '同意延期',
  'ticket.extension_refused': '驳回延期',
  'ticket.hold_requested': '申请挂起',
  'ticket.held': '挂起',
  'ticket.hold_refused': '驳回挂起',
  'ticket.resumed': '恢复办理',
  'ticket.request_withdrawn': '撤回申请',
  'ticket.review_passed': '办结审核通过',
  'ticket.review_failed': '办结审核退回',
  'ticket.visit_asked': '回访',
  'ticket.confirmed': '市民认可',
  'ticket.vetoed': '市民不认可，重新办理',
  'ticket.unreached': '回访未联系上，归档',
  'ticket.reopened': '重新办理',
  'ticket.rated': '市民评价',
  'ticket.escalated': '提级办理',
  'ticket.supervised': '督办',
  'ticket.supervision_ended': '督办结束',
  'ticket.merged': '并入主单',
  'ticket.unmerged': '从主单拆出',
  'ticket.follower_merged': '并入一张工单',
  'ticket.follower_unmerged': '拆出一张工单',
  'ticket.leader_moved': '主单有进展',
  'ticket.warned': '临期提醒',
  'ticket.overdue': '超期',
  'ticket.withdrawn': '市民撤回',
  'ticket.corrected': '更正',
  'ticket.supplemented': '市民补充',
  'ticket.urged': '市民催办',
  'ticket.noted': '备注',
};
export const eventLabel = (type: string): string => EVENTS[type] ?? type;

export const REQUESTS: Readonly<Record<'return' | 'extension' | 'hold', string>> = { return: '退单', extension: '延期', hold: '挂起' };
const REQUEST_STATES: Readonly<Record<string, string>> = { asked: '待审', upheld: '已同意', refused: '已驳回', withdrawn: '已撤回' };
export const requestStateLabel = (state: string): string => REQUEST_STATES[state] ?? state;
export const SUPERVISION_LEVELS: readonly (readonly [1 | 2 | 3, string])[] = [[1, '督促'], [2, '重点督办'], [3, '挂牌督办']];
const CAUSES: Readonly<Record<string, string>> = { person: '人工督办', overdue: '超期', item: '重点事项', urges: '市民多次催办', repetition: '反复重办' };
export const causeLabel = (cause: string): string => CAUSES[cause] ?? cause;
const FILE_PURPOSES: Readonly<Record<string, string>> = { citizen: '市民材料', evidence: '证明材料' };
export const filePurposeLabel = (purpose: string): string => FILE_PURPOSES[purpose] ?? purpose;
export const DELIVERY_STATES: Readonly<Record<'waiting' | 'delivered' | 'dead', string>> = { waiting: '等待发送', delivered: '已送达', dead: '没有送达' };

const ACTIONS: Readonly<Record<string, string>> = {
  'seat.signed_in': '登录',
  'seat.signed_out': '退出登录',
  'seat.created': '新建坐席',
  'seat.changed': '修改坐席',
  'identity.unmasked': '查看身份',
  'conversation.taken_over': '接管会话',
  'conversation.handed_back': '交还机器人',
  'conversation.closed': '结束会话',
  'dead_letter.retried': '重试死信',
  'dead_letter.discarded': '丢弃死信',
  'catalogue.drafted': '起草规则',
  'catalogue.changed': '修改草稿',
  'catalogue.published': '发布规则',
  'trail.exported': '导出审计',
  'canned.created': '新建常用语',
  'canned.changed': '修改常用语',
  'canned.removed': '删除常用语',
  'ticket.opened': '登记工单',
  'storm.merged': '集中诉求并单',
  'storm.answered': '集中诉求统一答复',
  'storm.ended': '结束集中诉求',
  'partner.created': '新建合作平台',
  'partner.changed': '修改合作平台',
  'partner.secret_rotated': '更换推送密钥',
  'partner.key_made': '新建平台密钥',
  'partner.key_revoked': '收回平台密钥',
  'partner.replayed': '批量重发推送',
  'partner.delivery_replayed': '重发推送',
};
/** What the trail can be searched for. */
export const ACTION_NAMES: readonly string[] = Object.keys(ACTIONS);
export const actionLabel = (action: string): string => ACTIONS[action] ?? eventLabel(action);

const SUBJECTS: Readonly<Record<string, string>> = { catalogue: '规则', trail: '审计', conversation: '会话', citizen: '市民', seat: '坐席', ticket: '工单', outbox: '死信', canned: '常用语', partner: '合作平台', delivery: '推送' };
/** `citizen:ID` → the kind in words and the id. */
export function subjectLabel(subject: string): { readonly kind: string; readonly id: string } {
  const at = subject.indexOf(':');
  const kind = subject.slice(0, Math.max(0, at));
  return { kind: SUBJECTS[kind] ?? kind, id: subject.slice(at + 1) };
}

const FLOWS: Readonly<Record<string, string>> = {
  welcome: '欢迎',
  ask: '咨询',
  report: '诉求登记',
  progress: '进度查询',
  supplement: '补充工单',
  urge: '催办',
  callback: '回电登记',
  person: '转人工',
  emergency: '紧急情况',
  nottaken: '不受理事项',
  smalltalk: '寒暄',
  goodbye: '告别',
};
export const flowLabel = (flow: string): string => FLOWS[flow] ?? flow;

/** How to call a citizen in a list: a masked name, else a masked number, else nobody in particular. */
export function citizenLabel(conversation: ConversationView): string {
  return conversation.citizen.nameMasked ?? conversation.citizen.phoneMasked ?? '匿名市民';
}

/** What an event of a ticket says beside its name: free text and names, never bare ids. */
export function eventDetail(event: TicketEventView): string {
  return ['departmentName', 'person', 'result', 'reason', 'words', 'outcome', 'text']
    .map((name) => event.data[name])
    .filter((value) => typeof value === 'string' && value !== '')
    .join('；');
}
