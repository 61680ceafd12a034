import type { DeliveryView, PartnerKeyView, PartnerView } from '../../../src/web/desk/api/partners.ts';
import type { AttemptView, Wishes } from '../../../src/web/desk/api/reach.ts';
import type { ClockView, FileView, NumberView, PrecedentsView, RequestView, SupervisionView, WaitingView } from '../../../src/web/desk/api/ticket-work.ts';
import type { TicketView } from '../../../src/web/shared/api-types.ts';
import type { Reply } from './fake-direct-line.ts';

/** What hangs on tickets, and the partner platforms, in memory; empty until a test puts something in. */
export interface FakeTicketWork {
  handle(method: string, path: readonly string[], query: URLSearchParams, body: Record<string, unknown>): Reply | null;
  /** What a ticket's own answer carries beside it. */
  of(ticketId: string): object;
  judge(ticketId: string, upheld: boolean, verdict: string): void;
  readonly requests: RequestView[];
  readonly clocks: ClockView[];
  readonly attempts: AttemptView[];
  wishes: Wishes;
  readonly files: FileView[];
  readonly numbers: NumberView[];
  readonly supervisions: SupervisionView[];
  readonly partners: PartnerView[];
  readonly keys: PartnerKeyView[];
  readonly deliveries: DeliveryView[];
  precedents: PrecedentsView;
}

export const aRequest = (given: Partial<RequestView> = {}): RequestView => ({
  id: 'r1', ticketId: 't2', kind: 'return', departmentName: '市生态环境局', itemName: '建筑施工噪声扰民', reasonLabel: '不属于本单位职责', reason: '该工地夜间施工许可由城管部门管理。', evidence: [], amount: null, until: null,
  askedAt: 0, judgeBy: null, late: false, state: 'asked', judgedAt: null, verdict: null, ...given,
});
export const aSupervision = (given: Partial<SupervisionView> = {}): SupervisionView => ({
  id: 'v1', ticketId: 't1', number: '20261122000018', title: '工地夜间施工扰民', ticketState: '办理中', level: 2, levelName: '重点督办', cause: 'overdue', departmentName: '市生态环境局', person: '分管副局长', words: '已超期两天，请当面核实并报告。',
  dueAt: null, late: false, createdBy: '系统', createdAt: 0, endedAt: null, outcome: null, ...given,
});
export const aPartner = (given: Partial<PartnerView> = {}): PartnerView => ({ id: 'city-app', name: '示例市民云', webhookUrl: 'https://partner.example/hook', events: ['ticket.opened'], scope: 'own', active: true, createdAt: 0, ...given });
export const aDelivery = (given: Partial<DeliveryView> = {}): DeliveryView => ({ id: 'w1', partnerId: 'city-app', ticketId: 't1', seq: 3, state: 'dead', attempts: 12, lastResult: 'HTTP 503', createdAt: 0, deliveredAt: null, ...given });

const OK = (body: unknown): Reply => ({ status: 200, body });
const DONE: Reply = { status: 204, body: null };

export function createFakeTicketWork(tickets: ReadonlyMap<string, TicketView>, now: () => number): FakeTicketWork {
  const work: FakeTicketWork = {
    requests: [], clocks: [], attempts: [], wishes: { all: false, sms: false }, files: [], numbers: [], supervisions: [], partners: [], keys: [], deliveries: [],
    precedents: { upheld: 0, refused: 0, last: [] },
    of: (ticketId) => ({
      requests: work.requests.filter((one) => one.ticketId === ticketId),
      files: work.files,
      supervisions: work.supervisions.filter((one) => one.ticketId === ticketId),
      precedents: work.requests.some((one) => one.ticketId === ticketId && one.state === 'asked') ? work.precedents : null,
    }),
    judge(ticketId, upheld, verdict) {
      const at = work.requests.findIndex((one) => one.ticketId === ticketId && one.state === 'asked');
      const request = work.requests[at];
      if (request !== undefined) work.requests[at] = { ...request, state: upheld ? 'upheld' : 'refused', judgedAt: now(), verdict };
    },
    handle(method, [name = '', id = '', action = '', part = ''], query, body) {
      const key = `${method} ${name}${id === '' ? '' : '/:id'}${action === '' ? '' : `/${action}`}${part === '' ? '' : '/:key'}`;
      if (name === 'tickets' && id === 'requests') return OK({ waiting: waiting() });
      switch (key) {
        case 'GET tickets/:id/clocks':
          return OK({ clocks: work.clocks });
        case 'GET tickets/:id/attempts':
          return OK({ attempts: work.attempts, stopped: work.wishes });
        case 'POST tickets/:id/wish': {
          const stopped = body['wish'] === 'stop';
          work.wishes = body['place'] === 'all' ? { all: stopped, sms: stopped && work.wishes.sms } : { ...work.wishes, sms: stopped };
          return OK(work.wishes);
        }
        case 'GET tickets/:id/files':
          return OK({ files: work.files });
        case 'GET tickets/:id/external-numbers':
          return OK({ numbers: work.numbers });
        case 'POST tickets/:id/supervisions': {
          const { number = '', title = '', state = '受理' } = tickets.get(id) ?? {};
          const level = Number(body['level']);
          const supervision = aSupervision({ id: `v${work.supervisions.length + 1}`, ticketId: id, number, title, ticketState: state, level, levelName: ['', '督促', '重点督办', '挂牌督办'][level] ?? '', cause: 'person', words: String(body['words']), person: typeof body['person'] === 'string' ? body['person'] : null, createdAt: now() });
          work.supervisions.push(supervision);
          return { status: 201, body: { supervision } };
        }
        case 'POST supervisions/:id/end': {
          const at = work.supervisions.findIndex((one) => one.id === id);
          const supervision = { ...(work.supervisions[at] ?? aSupervision()), endedAt: now(), outcome: String(body['outcome']) };
          work.supervisions[at] = supervision;
          return OK({ supervision });
        }
        case 'GET supervisions': {
          const month = query.get('month');
          return OK({ supervisions: work.supervisions.filter((one) => (month === null ? one.endedAt === null : new Date(one.createdAt + 8 * 3_600_000).toISOString().startsWith(month))) });
        }
        case 'GET partners':
          return OK({ partners: work.partners, events: ['ticket.opened', 'ticket.finished'] });
        case 'POST partners': {
          work.partners.push(aPartner({ ...body, active: true, createdAt: now() }));
          return { status: 201, body: { webhookSecret: 'whsec_fake_shown_once' } };
        }
        case 'PATCH partners/:id': {
          const at = work.partners.findIndex((one) => one.id === id);
          work.partners[at] = aPartner({ ...work.partners[at], ...body });
          return OK({ partner: work.partners[at] });
        }
        case 'POST partners/:id/secret':
          return { status: 201, body: { webhookSecret: 'whsec_fake_renewed', previousUntil: now() + 86_400_000 } };
        case 'GET partners/:id/keys':
          return OK({ keys: work.keys });
        case 'POST partners/:id/keys':
          work.keys.push({ id: `k${work.keys.length + 1}`, name: String(body['name']), createdAt: now(), expiresAt: null, revokedAt: null });
          return { status: 201, body: { apiKey: 'yp_fake_shown_once' } };
        case 'DELETE partners/:id/keys/:key': {
          const at = work.keys.findIndex((one) => one.id === part);
          const found = work.keys[at];
          if (found !== undefined) work.keys[at] = { ...found, revokedAt: now() };
          return DONE;
        }
        case 'POST partners/:id/replay': {
          const since = Number(body['since']);
          return OK({ replayed: replay((one) => one.partnerId === id && one.createdAt >= since && (body['state'] === undefined || one.state === body['state'])) });
        }
        case 'GET webhook-deliveries':
          return OK({ deliveries: work.deliveries.filter((one) => (query.get('state') ?? one.state) === one.state && (query.get('partner') ?? one.partnerId) === one.partnerId) });
        case 'POST webhook-deliveries/:id/replay':
          replay((one) => one.id === id);
          return DONE;
        default:
          return null;
      }
    },
  };

  function waiting(): readonly WaitingView[] {
    return work.requests.flatMap((request) => {
      const ticket = tickets.get(request.ticketId);
      if (request.state !== 'asked' || ticket === undefined) return [];
      const { id, number, title, state, version } = ticket;
      return [{ request, ticket: { id, number, title, state, version }, precedents: work.precedents }];
    });
  }
  function replay(wanted: (one: DeliveryView) => boolean): number {
    let count = 0;
    for (const [at, one] of work.deliveries.entries()) {
      if (!wanted(one) || one.state === 'waiting') continue;
      work.deliveries[at] = { ...one, state: 'waiting', attempts: 0 };
      count += 1;
    }
    return count;
  }
  return work;
}
