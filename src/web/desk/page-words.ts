import { words } from './language.ts';

export const PAGE_GROUPS = words({
  work: { zh: '接待', en: 'Service' },
  tickets: { zh: '工单', en: 'Tickets' },
  knowledge: { zh: '知识', en: 'Knowledge' },
  quality: { zh: '质检与报表', en: 'Quality' },
  rules: { zh: '规则', en: 'Rules' },
  house: { zh: '运行', en: 'House' },
});

/** By the first part of the address' fragment. */
export const PAGE_NAMES = words({
  conversations: { zh: '会话', en: 'Conversations' },
  assist: { zh: '辅助', en: 'Assist' },
  canned: { zh: '常用语', en: 'Canned answers' },
  team: { zh: '班组', en: 'Team' },
  tickets: { zh: '工单', en: 'Tickets' },
  requests: { zh: '待审', en: 'Requests' },
  supervision: { zh: '督办', en: 'Supervision' },
  outbound: { zh: '外呼', en: 'Outbound calls' },
  storms: { zh: '集中诉求', en: 'Storms' },
  linkage: { zh: '联动', en: 'Linkage' },
  knowledge: { zh: '知识库', en: 'Knowledge base' },
  quality: { zh: '质检', en: 'Quality' },
  reports: { zh: '报表', en: 'Reports' },
  items: { zh: '事项', en: 'Items' },
  dispatch: { zh: '派单', en: 'Dispatch' },
  departments: { zh: '部门', en: 'Departments' },
  towns: { zh: '镇街', en: 'Towns' },
  calendar: { zh: '日历', en: 'Calendar' },
  deadlines: { zh: '时限', en: 'Deadlines' },
  flows: { zh: '流程', en: 'Flows' },
  channels: { zh: '渠道', en: 'Channels' },
  'dead-letters': { zh: '死信', en: 'Dead letters' },
  seats: { zh: '坐席', en: 'Seats' },
  partners: { zh: '合作平台', en: 'Partners' },
  trail: { zh: '审计', en: 'Trail' },
});
