import type { ActivityView, ConversationView, LiveFrame, ManagedSeatView, SeatRole, SeatView, TicketView } from '../../../src/web/shared/api-types.ts';
import type { SocketHandlers } from '../../../src/web/shared/ports.ts';
import { aConversation, anActivity, aSeat, aTicket, NOW } from './desk-factories.ts';
import type { Reply } from './fake-direct-line.ts';
import { createFakeDeskWork, type FakeDeskWork } from './fake-desk-work.ts';
import { createFakeKnowledge, type FakeKnowledge } from './fake-knowledge.ts';
import { createFakeRules, type FakeRules } from './fake-rules.ts';
import { createFakeTicketWork, type FakeTicketWork } from './fake-ticket-work.ts';

export interface DeskRequest {
  readonly method: string;
  readonly path: string;
  readonly csrf: string | undefined;
  readonly cookie: boolean;
  readonly body: Record<string, unknown>;
}

/** The desk's API in memory: one writer per conversation, idempotent replies, CSRF on every change. */
export interface FakeDesk {
  readonly knowledge: FakeKnowledge;
  readonly work: FakeTicketWork;
  readonly rules: FakeRules;
  /** Notes, answers, drafts, queues. */
  readonly beside: FakeDeskWork;
  readonly tickets: Map<string, TicketView>;
  handle(request: DeskRequest): Reply;
  connect(handlers: Pick<SocketHandlers, 'message'>): { receive(text: string): void; disconnect(): void };
  /** Tells every connected desk. */
  tell(frame: LiveFrame): void;
  /** The citizen writes. */
  hear(conversationId: string, text: string): void;
  put(conversation: ConversationView): void;
  /** Another seat takes it. */
  takeAway(conversationId: string): void;
  /** Somebody signed in earlier: who brings the cookie is let in. */
  startSession(): void;
  endSession(): void;
  fail(match: RegExp, reply: Reply, times?: number): void;
  readonly requests: DeskRequest[];
  readonly conversations: Map<string, ConversationView>;
  /** Are those who wait told page by page, as a server does? All at once unless set. */
  readonly paging: { waiting: boolean };
  readonly activities: Map<string, ActivityView[]>;
  readonly received: string[];
  readonly seat: SeatView;
}

const LIMITS = { textLimit: 2000, textLimitUnit: 'chars', replyWindowHours: null, proactive: false };
const CHANNEL_STATES = [
  { name: 'webchat', state: 'on', note: null, missing: [], inbound: 'socket', delivery: 'stream', lastInAt: NOW - 5_000, lastOutAt: NOW - 4_000, waiting: 0, oldestAt: null, dead: 0, errors: [], limits: LIMITS },
  { name: 'ivr-twilio', state: 'off', note: null, missing: [{ name: 'TWILIO_AUTH_TOKEN', about: '电话平台的令牌' }], inbound: 'webhook', delivery: 'pull', lastInAt: null, lastOutAt: null, waiting: 2, oldestAt: NOW - 120_000, dead: 1, errors: [{ code: 'wechat.quota_spent', status: 'failed', amount: 3, lastAt: NOW }], limits: LIMITS },
  { name: 'wechaty', state: 'on', note: 'waits for a scan', missing: [], inbound: 'session', delivery: 'push', lastInAt: null, lastOutAt: null, waiting: 0, oldestAt: null, dead: 0, errors: [], limits: LIMITS },
];
const CSRF = 'csrf-token';
const refuse = (status: number, code: string, message: string): Reply => ({ status, body: { error: { code, message } } });

export function createFakeDesk(role: SeatRole = 'administrator', now: () => number = () => NOW): FakeDesk {
  const seat = aSeat({ role, displayName: '张坐席' });
  let signedIn = false;
  const conversations = new Map<string, ConversationView>();
  const paging = { waiting: false };
  const activities = new Map<string, ActivityView[]>();
  const tickets = new Map<string, TicketView>();
  const replies = new Map<string, ActivityView>();
  const seats: ManagedSeatView[] = [{ ...seat, active: true, online: true, createdAt: NOW - 86_400_000 }, { ...aSeat({ id: 'seat-2', username: 'li', displayName: '李坐席' }), active: true, online: false, createdAt: NOW - 86_400_000 }];
  const sockets = new Set<Pick<SocketHandlers, 'message'>>();
  const requests: DeskRequest[] = [];
  const received: string[] = [];
  const faults: { match: RegExp; reply: Reply; times: number }[] = [];
  let deadLetters = [{ id: 'd1', kind: 'deliver', lane: 'send:c9', attempts: 12, lastError: 'wechat.45015', createdAt: NOW - 600_000, diedAt: NOW - 60_000, position: 9, conversationId: 'c9' }];
  let serial = 0;
  const knowledge = createFakeKnowledge(seat, now);
  const work = createFakeTicketWork(tickets, now);
  const rules = createFakeRules(seat, now);

  const tell = (frame: LiveFrame): void => {
    for (const socket of sockets) socket.message(JSON.stringify(frame));
  };
  const put = (conversation: ConversationView): void => {
    conversations.set(conversation.id, conversation);
    tell({ type: 'conversation', conversation });
  };
  const change = (conversation: ConversationView, part: Partial<ConversationView>): ConversationView => {
    const next = { ...conversation, ...part, version: conversation.version + 1 };
    put(next);
    return next;
  };
  const beside = createFakeDeskWork({
    seat, now, conversations, tell,
    change: (id, part) => {
      const known = conversations.get(id);
      if (known === undefined) throw new Error('the fake has no such conversation');
      return change(known, part);
    },
  });
  const append = (conversationId: string, given: Partial<ActivityView>): ActivityView => {
    const list = activities.get(conversationId) ?? [];
    const activity = anActivity({ id: `${conversationId}-${list.length + 1}`, at: now(), ...given, seq: list.length + 1 });
    activities.set(conversationId, [...list, activity]);
    tell({ type: 'activity', conversationId, activity });
    return activity;
  };

  function conversationCall(conversation: ConversationView, action: string, body: Record<string, unknown>): Reply {
    const mine = conversation.owner === 'human' && conversation.seatId === seat.id;
    const notMine = refuse(409, 'conversation.not_owner', '请先接管会话');
    switch (action) {
      case '':
        return { status: 200, body: { conversation, activities: (activities.get(conversation.id) ?? []).slice(-200), tickets: [...tickets.values()].filter((ticket) => ticket.citizenId === conversation.citizen.id), receipts: [], draft: beside.drafts.has(conversation.id) ? { text: beside.drafts.get(conversation.id) ?? '', at: now() } : null, files: { carried: conversation.modality === 'text', why: conversation.modality === 'text' ? null : '电话里不能发送文件' } } };
      case 'take':
        if (conversation.owner === 'human' && !mine && body['force'] !== true) return refuse(409, 'conversation.taken', '会话已被接管');
        return { status: 200, body: { conversation: change(conversation, { owner: 'human', seatId: seat.id, seatName: seat.displayName, waitingSince: null }) } };
      case 'reply': {
        const key = String(body['clientId']);
        const known = replies.get(key);
        if (known !== undefined) return { status: 200, body: { conversation, activity: known } };
        if (!mine) return notMine;
        const activity = append(conversation.id, { direction: 'out', role: 'seat', seatId: seat.id, seatName: seat.displayName, content: { type: 'message', text: String(body['text']) } });
        replies.set(key, activity);
        beside.drafts.delete(conversation.id);
        return { status: 200, body: { conversation: change(conversation, { lastSeq: activity.seq, lastActivityAt: now() }), activity } };
      }
      case 'hand-back':
        return mine ? { status: 200, body: { conversation: change(conversation, { owner: 'bot', seatId: null, seatName: null, handoffReason: null }) } } : notMine;
      case 'close':
        return { status: 200, body: { conversation: change(conversation, { owner: 'closed', seatId: null, seatName: null, waitingSince: null }) } };
      case 'read':
        return { status: 200, body: { conversation: conversation.unread === 0 ? conversation : change(conversation, { unread: 0 }) } };
      case 'tickets': {
        const ticket = aTicket({ id: `t${(serial += 1) + 10}`, title: String(body['title']), content: String(body['content']), citizenId: conversation.citizen.id, conversationId: conversation.id, createdAt: now(), version: 1 });
        tickets.set(ticket.id, ticket);
        tell({ type: 'ticket', ticket });
        return { status: 200, body: { ticket } };
      }
      default:
        return refuse(404, 'http.not_found', '没有这个地址');
    }
  }

  function ticketCall(ticket: TicketView, action: string, body: Record<string, unknown>): Reply {
    const moves = ticket.state === '待派' ? [{ name: 'dispatch', label: '派单', needs: ['departmentId'] }] : ticket.state === '待签收' ? [{ name: 'sign', label: '签收', needs: [] }] : ticket.pending === 'return' ? [{ name: 'upholdReturn', label: '同意退单', needs: ['reason'] }, { name: 'refuseReturn', label: '驳回退单', needs: ['reason'] }] : [];
    if (action === '') return { status: 200, body: { ticket, events: [{ seq: 1, type: 'ticket.opened', actor: { kind: 'system' }, actorName: '系统', at: ticket.createdAt, data: {} }], moves, ...work.of(ticket.id) } };
    if (action.startsWith('moves/')) {
      if (body['version'] !== ticket.version) return refuse(409, 'ticket.conflict', '工单已被他人修改，请重新操作');
      if (action.endsWith('Return')) {
        work.judge(ticket.id, action === 'moves/upholdReturn', String(body['reason']));
        tickets.set(ticket.id, aTicket({ ...ticket, state: action === 'moves/upholdReturn' ? '待派' : '办理中', pending: null, version: ticket.version + 1 }));
        return { status: 200, body: { ticket: tickets.get(ticket.id) } };
      }
      const next = action === 'moves/dispatch' ? aTicket({ ...ticket, state: '待签收', departmentId: String(body['departmentId']), departmentName: '市生态环境局', version: ticket.version + 1 }) : aTicket({ ...ticket, state: '办理中', version: ticket.version + 1 });
      tickets.set(next.id, next);
      return { status: 200, body: { ticket: next } };
    }
    return { status: 200, body: { ticket } };
  }

  function route(request: DeskRequest): Reply {
    const url = new URL(request.path, 'http://desk');
    const { method, body } = request;
    const session = { seat, csrf: CSRF };
    if (url.pathname === '/api/session' && method === 'POST') {
      if (body['password'] !== 'correct horse') return refuse(401, 'desk.sign_in_refused', '用户名或密码不正确。');
      signedIn = true;
      return { status: 200, body: session };
    }
    if (!signedIn || !request.cookie) return refuse(401, 'desk.unauthorized', '请先登录。');
    if (method !== 'GET' && request.csrf !== CSRF) return refuse(403, 'desk.csrf', '页面已过期，请刷新后重试。');
    if (url.pathname === '/api/session' && method === 'DELETE') {
      signedIn = false;
      return { status: 204, body: null };
    }
    const [, , name = '', id = '', ...rest] = url.pathname.split('/');
    if (name === 'knowledge') return knowledge.handle(method, [id, ...rest].map(decodeURIComponent), url.searchParams, body);
    const ruled = rules.handle(method, url, body);
    if (ruled !== null) return ruled;
    const worked = work.handle(method, [name, id, ...rest], url.searchParams, body);
    if (worked !== null) return worked;
    const kept = beside.handle(method, [name, id, ...rest], body);
    if (kept !== null) return kept;
    const key = `${method} ${name}`;
    const all = [...conversations.values()];
    switch (key) {
      case 'GET session':
        return { status: 200, body: session };
      case 'PUT presence':
        return { status: 200, body };
      case 'GET catalog':
        return {
          status: 200,
          body: {
            items: [{ code: 'env.noise.construction', name: '建筑施工噪声扰民', field: '环境保护', kinds: ['投诉', '举报'] }, { code: 'city.street-lamp', name: '路灯故障', field: '城市管理', kinds: ['求助', '投诉'] }],
            departments: [{ id: 'ecology', name: '市生态环境局' }, { id: 'city-management', name: '市城市管理和综合执法局' }],
            towns: [{ id: 'dongcheng', name: '东城街道' }, { id: 'nancheng', name: '南城街道' }],
            kinds: ['咨询', '求助', '投诉', '举报', '建议', '表扬'],
            urgencies: ['normal', 'urgent', 'emergency'],
            purposes: ['回拨市民', '核实工单信息', '其他'],
          },
        };
      case 'GET channels':
        return id === 'state' ? { status: 200, body: { channels: CHANNEL_STATES } } : { status: 200, body: { channels: [{ name: 'webchat', state: 'on', note: null, missing: [], inbound: 'socket', delivery: 'stream' }, { name: 'ivr-twilio', state: 'off', note: null, missing: ['TWILIO_AUTH_TOKEN'], inbound: 'webhook', delivery: 'pull' }] } };
      case 'GET dead-letters':
        return { status: 200, body: id === 'groups' ? { groups: deadLetters.map(({ kind, lastError, createdAt, diedAt }) => ({ kind, error: lastError, amount: 1, oldestAt: createdAt, newestAt: diedAt })) } : { deadLetters } };
      case 'POST dead-letters': {
        const done = deadLetters.length;
        deadLetters = [];
        return { status: 200, body: { done } };
      }
      case 'GET seats':
        return { status: 200, body: { seats } };
      case 'POST seats': {
        const made: ManagedSeatView = { ...aSeat({ id: `seat-${seats.length + 1}`, username: String(body['username']), displayName: String(body['displayName']) }), active: true, online: false, createdAt: now() };
        seats.push(made);
        return { status: 201, body: { seat: made } };
      }
      case 'GET trail':
        return { status: 200, body: { entries: [{ seq: 2, at: NOW, actor: 'seat:seat-1', actorName: '张坐席', action: 'identity.unmasked', subject: 'citizen:citizen-1', purpose: '回拨市民' }], next: null, brokenAt: null, check: { state: 'done', startedAt: NOW, updatedAt: NOW, upTo: 2, total: 2, brokenAt: null } } };
      case 'POST citizens':
        return { status: 200, body: { phone: '13800138000', name: '王示例', shownUntil: now() + 60_000 } };
      case 'GET tickets':
      case 'POST tickets': {
        if (id === '') return { status: 200, body: { tickets: [...tickets.values()] } };
        const ticket = tickets.get(id);
        return ticket === undefined ? refuse(404, 'ticket.not_found', '没有找到这张工单。') : ticketCall(ticket, rest.join('/'), body);
      }
      case 'GET conversations':
      case 'POST conversations': {
        if (id === '') {
          const view = url.searchParams.get('view');
          const shown = view === 'all' ? all : view === 'mine' ? all.filter((one) => one.owner === 'human' && one.seatId === seat.id) : all.filter((one) => one.owner === view);
          const count = (owner: string): number => all.filter((one) => one.owner === owner).length;
          const from = Number((url.searchParams.get('cursor') ?? 'w.0').slice(2));
          const limit = Number(url.searchParams.get('limit') ?? '50');
          const page = view === 'waiting' && paging.waiting ? shown.slice(from, from + limit) : shown;
          return { status: 200, body: { conversations: page, next: view === 'waiting' && paging.waiting && from + limit < shown.length ? `w.${from + limit}` : null, counts: { bot: count('bot'), waiting: count('waiting'), human: count('human'), closed: count('closed') } } };
        }
        if (rest[0] === 'activities') {
          const before = url.searchParams.get('beforeSeq');
          const all = activities.get(id) ?? [];
          return { status: 200, body: { activities: before === null ? all.filter((activity) => activity.seq > Number(url.searchParams.get('afterSeq') ?? '0')) : all.filter((activity) => activity.seq < Number(before)).slice(-200) } };
        }
        const conversation = conversations.get(id);
        return conversation === undefined ? refuse(404, 'conversation.not_found', '没有找到这个会话。') : conversationCall(conversation, rest.join('/'), body);
      }
      default:
        return refuse(404, 'http.not_found', '没有这个地址。');
    }
  }

  const desk: FakeDesk = {
    knowledge,
    work,
    rules,
    beside,
    tickets,
    seat,
    requests,
    conversations,
    paging,
    activities,
    received,
    put,
    tell,
    handle(request) {
      requests.push(request);
      const fault = faults.find(({ match, times }) => times > 0 && match.test(`${request.method} ${request.path}`));
      if (fault === undefined) return route(request);
      fault.times -= 1;
      return fault.reply;
    },
    connect(handlers) {
      sockets.add(handlers);
      handlers.message(JSON.stringify({ type: 'hello', seat, now: now() }));
      return { receive: (text) => void received.push(text), disconnect: () => sockets.delete(handlers) };
    },
    hear(conversationId, text) {
      const activity = append(conversationId, { content: { type: 'message', text } });
      const conversation = conversations.get(conversationId);
      if (conversation !== undefined) change(conversation, { unread: conversation.unread + 1, lastSeq: activity.seq, lastInboundAt: now(), lastActivityAt: now(), preview: text });
    },
    takeAway(conversationId) {
      const conversation = conversations.get(conversationId);
      if (conversation !== undefined) conversations.set(conversationId, { ...conversation, owner: 'human', seatId: 'seat-2', seatName: '李坐席', waitingSince: null, version: conversation.version + 1 });
    },
    startSession: () => void (signedIn = true),
    endSession: () => void (signedIn = false),
    fail: (match, reply, times = 1) => void faults.push({ match, reply, times }),
  };

  const first = anActivity({ id: 'c1-1', seq: 1 });
  activities.set('c1', [first, anActivity({ id: 'c1-2', seq: 2, direction: 'out', role: 'bot', at: NOW - 110_000, content: { type: 'message', text: '请问工地在哪个镇街？', choices: [{ title: '东城街道', value: '东城街道' }] } })]);
  conversations.set(
    'c1',
    aConversation({
      understood: {
        flow: 'report',
        slots: [{ name: 'kind', label: '类别', value: '投诉' }, { name: 'content', label: '内容', value: '楼下工地半夜还在打桩' }, { name: 'town', label: '镇街', value: '东城街道' }, { name: 'phone', label: '电话', value: '138****8000' }],
        items: [{ code: 'env.noise.construction', name: '建筑施工噪声扰民', score: 0.91, matched: ['工地', '打桩'] }, { code: 'env.noise.industry', name: '工厂企业噪声扰民', score: 0.34, matched: ['打桩'] }],
      },
    }),
  );
  tickets.set('t1', aTicket());
  return desk;
}
