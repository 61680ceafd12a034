import type { ActivityView, ConversationView, SeatView, TicketView } from '../../../src/web/shared/api-types.ts';

export const NOW = Date.parse('2026-11-22T08:00:00Z');

export const aSeat = (given: Partial<SeatView> = {}): SeatView => ({ id: 'seat-1', username: 'zhang', displayName: '张坐席', role: 'seat', ...given });

export const aConversation = (given: Partial<ConversationView> = {}): ConversationView => ({
  id: 'c1',
  channel: 'webchat',
  modality: 'text',
  owner: 'waiting',
  seatId: null,
  seatName: null,
  handoffReason: '市民要求人工服务',
  waitingSince: NOW - 65_000,
  emergency: null,
  understood: null,
  unread: 0,
  createdAt: NOW - 300_000,
  lastInboundAt: NOW - 65_000,
  lastActivityAt: NOW - 65_000,
  lastSeq: 2,
  version: 1,
  citizen: { id: 'citizen-1', phoneMasked: '138****8000', nameMasked: '王*' },
  preview: '楼下工地半夜还在打桩',
  ...given,
});

export const anActivity = (given: Partial<ActivityView> = {}): ActivityView => ({
  id: `a${given.seq ?? 1}`,
  seq: 1,
  direction: 'in',
  role: 'citizen',
  seatId: null,
  seatName: null,
  at: NOW - 120_000,
  content: { type: 'message', text: '楼下工地半夜还在打桩' },
  replyToId: null,
  ...given,
});

export const aTicket = (given: Partial<TicketView> = {}): TicketView => ({
  id: 't1',
  number: '20261122000018',
  kind: '投诉',
  state: '待派',
  itemCode: 'env.noise.construction',
  itemName: '建筑施工噪声扰民',
  title: '工地夜间施工扰民',
  content: '东城街道某工地凌晨两点仍在施工，影响休息。',
  townId: 'dongcheng',
  townName: '东城街道',
  place: '示范路 1 号',
  happened: '昨晚两点',
  departmentId: null,
  departmentName: null,
  routeId: null,
  urgency: 'normal',
  confidential: false,
  callback: true,
  citizenId: 'citizen-1',
  conversationId: 'c1',
  channel: 'webchat',
  deadlineAt: NOW + 5 * 86_400_000,
  deadlineRule: 'general',
  deadlineText: '2026-11-27 18:00 前',
  urges: 0,
  createdAt: NOW - 3_600_000,
  updatedAt: NOW - 3_600_000,
  version: 3,
  ...given,
});
