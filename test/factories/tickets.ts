import type { Ticket } from '../../src/domain/ticket.ts';
import { nextId } from './ids.ts';

const NOW = 1_760_000_000_000;

export function aTicket(overrides: Partial<Ticket> = {}): Ticket {
  const made = nextId('ticket');
  const id = overrides.id ?? made;
  return {
    id, number: `20261122${made.replaceAll(/\D/g, '').padStart(6, '0')}`, kind: '投诉', state: '受理', itemCode: 'env.noise.construction', title: '工地夜间施工噪声',
    content: '小区旁边的工地夜里十一点还在施工，影响休息。', townId: null, place: '东城大道与莞樟路口', happened: '昨晚十一点', departmentId: null, routeId: null,
    urgency: 'normal', confidential: false, callback: false, citizenId: 'citizen-0000', conversationId: null, channel: 'webchat', deadlineAt: null, deadlineRule: null,
    stateBefore: null, pending: null, assistIds: [], enterpriseId: null, profileId: 'demo', holds: [], overdueAt: null, dispatchedAt: null, signedAt: null, contactedAt: null,
    finishedAt: null, archivedAt: null, result: null, closure: null, visit: null, returns: 0, extensions: 0, redirects: 0, redos: 0, vetoes: 0, supervision: 0, leadingId: null,
    urges: 0, createdAt: NOW, updatedAt: NOW, version: 1, ...overrides,
  };
}
