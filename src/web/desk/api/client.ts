import type {
  ActivityView,
  Catalog,
  ConversationView,
  Counts,
  DepartmentKeyView,
  EntryFaultView,
  ManagedSeatView,
  MoveView,
  ReceiptView,
  SeatRole,
  SessionView,
  TicketDraft,
  TicketEventView,
  TicketView,
  UnmaskedView,
} from '../../shared/api-types.ts';
import type { FilesView } from '../../shared/desk-work-types.ts';
import { arrayOf, isRecord, isString, isUnknown, keepValid, nullable, object, optional, parseJson, type Guard } from '../../shared/guards.ts';
import {
  isActivity,
  isCatalog,
  isConversation,
  isCounts,
  isDepartmentKey,
  isManagedSeat,
  isMove,
  isReceipt,
  isSession,
  isTicket,
  isTicketEvent,
  isUnmasked,
} from './guards.ts';
import { createAlikeApi } from './alike.ts';
import { createStormApi } from './storm.ts';
import { createAssistApi } from './assist.ts';
import { createDeskWorkApi, isDraft, isFiles } from './desk-work.ts';
import { createKnowledgeApi } from './knowledge.ts';
import { createLinkageApi } from './linkage.ts';
import { createPartnersApi } from './partners.ts';
import { createRulesApi } from './rules.ts';
import { createQualityApi } from './quality.ts';
import { createReportsApi } from './reports.ts';
import { createQueueApi } from './queue.ts';
import { refusalText } from './refusal.ts';
import { createOutboundApi } from './outbound.ts';
import { createReachApi } from './reach.ts';
import { createTicketWorkApi, readWork, type TicketWork } from './ticket-work.ts';
import { CLIENT as w } from '../words.ts';

/** A refusal of the server, or no answer at all (`status` 0). `message` is fit to be shown. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** What is wrong with a text that was refused, field by field; mostly none. */
  readonly faults: readonly EntryFaultView[];

  constructor(status: number, code: string, message: string, faults: readonly EntryFaultView[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
  }
}

export type ListName = 'waiting' | 'mine' | 'human' | 'bot' | 'closed' | 'all';

export interface ConversationDetail {
  readonly conversation: ConversationView;
  readonly activities: readonly ActivityView[];
  readonly tickets: readonly TicketView[];
  readonly receipts: readonly ReceiptView[];
  /** The reply that this seat has not sent yet. */
  readonly draft?: { readonly text: string; readonly at: number } | null;
  readonly files?: FilesView | null;
}

export interface TicketFilter {
  readonly state?: string;
  readonly department?: string;
  readonly q?: string;
  readonly overdue?: true | undefined;
  readonly dueBefore?: number | undefined;
  /** At least this level. */
  readonly supervision?: string;
  readonly enterprise?: true | undefined;
  readonly order?: string;
  /** With order=due the last one's deadline, else when it was made. */
  readonly before?: number | undefined;
  readonly beforeId?: string;
}

export interface MoveArguments {
  readonly version: number;
  readonly departmentId?: string;
  readonly result?: string;
  readonly reason?: string;
  readonly reasonCode?: string;
  readonly person?: string;
  readonly amount?: number;
  readonly until?: number;
  readonly process?: number;
  readonly solved?: boolean;
  readonly evidence?: readonly string[];
}

export interface SeatChange {
  readonly displayName?: string;
  readonly role?: SeatRole;
  readonly active?: boolean;
  readonly password?: string;
}

export type Api = ReturnType<typeof createApi>;

const isError = object({ error: object({ code: isString, message: isString }) });
const isFaulty = object({ error: object({ faults: arrayOf(object({ field: isString, text: isString })) }) });
const TIMEOUT_MS = 20_000;
/** A file is looked through row by row before it is answered. */
const UPLOAD_TIMEOUT_MS = 600_000;

/**
 * The desk's REST calls. Every method throws ApiError and nothing else. A 401 also calls `signedOut`: the session ended
 * elsewhere. A CSRF token that went stale (a new sign-in in another window) is fetched again once.
 */
export function createApi(options: { readonly fetch: (url: string, init: RequestInit) => Promise<Response>; readonly signedOut: () => void }) {
  let csrf = '';

  async function send(method: string, path: string, body?: object, last = false): Promise<unknown> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (method !== 'GET' && csrf !== '') headers['x-csrf-token'] = csrf;
    // A form with files says its own type.
    const form = body instanceof FormData ? body : null;
    if (body !== undefined && form === null) headers['content-type'] = 'application/json';
    let response: Response;
    let text: string;
    try {
      response = await options.fetch(path, { method, headers, body: body === undefined ? null : (form ?? JSON.stringify(body)), credentials: 'same-origin', cache: 'no-store', keepalive: last, signal: AbortSignal.timeout(form === null ? TIMEOUT_MS : UPLOAD_TIMEOUT_MS) });
      text = await response.text();
    } catch {
      throw new ApiError(0, 'network', w.noNetworkPleaseTry);
    }
    const answer = parseJson(text);
    if (response.ok) return answer;
    const said = isError(answer) ? answer.error : { code: '', message: '' };
    throw new ApiError(response.status, said.code, refusalText(response.status, said.code, said.message), isFaulty(answer) ? answer.error.faults : []);
  }

  async function request(method: string, path: string, body?: object, last = false): Promise<unknown> {
    try {
      return await send(method, path, body, last);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 && path !== '/api/session') options.signedOut();
      if (error.status !== 403 || !error.code.includes('csrf')) throw error;
      const session = await send('GET', '/api/session');
      if (!isSession(session)) throw error;
      csrf = session.csrf;
      return send(method, path, body, last);
    }
  }

  async function read<T>(guard: Guard<T>, method: string, path: string, body?: object, last = false): Promise<T> {
    const answer = await request(method, path, body, last);
    if (guard(answer)) return answer;
    throw new ApiError(200, 'bad_answer', w.theServersAnswerWas);
  }

  /** A list under a name; rows that this page does not understand are left out rather than hiding the others. */
  async function list<T>(name: string, guard: Guard<T>, path: string): Promise<T[]> {
    const answer = await read(isRecord, 'GET', path);
    const rows = answer[name];
    return Array.isArray(rows) ? keepValid(rows, guard) : [];
  }

  const one = <T>(name: string, guard: Guard<T>) =>
    async (method: string, path: string, body?: object, last = false): Promise<T> => {
      const answer = await read(isRecord, method, path, body, last);
      const value = answer[name];
      if (guard(value)) return value;
      throw new ApiError(200, 'bad_answer', w.theServersAnswerWas);
    };
  const conversation = one('conversation', isConversation);
  const ticket = one('ticket', isTicket);
  const id = encodeURIComponent;

  return {
    async session(): Promise<SessionView | null> {
      try {
        const session = await read(isSession, 'GET', '/api/session');
        csrf = session.csrf;
        return session;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    async signIn(username: string, password: string): Promise<SessionView> {
      const session = await read(isSession, 'POST', '/api/session', { username, password });
      csrf = session.csrf;
      return session;
    },
    async signOut(): Promise<void> {
      await request('DELETE', '/api/session');
      csrf = '';
    },

    /** @param from a time: what is older than it; a cursor that an answer gave as `next`: what comes behind it */
    async conversations(view: ListName, limit: number, from?: number | string): Promise<{ conversations: ConversationView[]; counts: Counts; next: string | null }> {
      const answer = await read(object({ conversations: arrayOf(isUnknown), counts: isCounts, next: optional(nullable(isString)) }), 'GET', `/api/conversations?view=${view}&limit=${limit}${from === undefined ? '' : typeof from === 'number' ? `&before=${from}` : `&cursor=${encodeURIComponent(from)}`}`);
      return { conversations: keepValid(answer.conversations, isConversation), counts: answer.counts, next: answer.next ?? null };
    },
    async conversation(conversationId: string): Promise<ConversationDetail> {
      const answer = await read(isRecord, 'GET', `/api/conversations/${id(conversationId)}`);
      const rows = (name: string): unknown[] => (Array.isArray(answer[name]) ? answer[name] : []);
      if (!isConversation(answer['conversation'])) throw new ApiError(200, 'bad_answer', w.theServersAnswerWas);
      return { conversation: answer['conversation'], activities: keepValid(rows('activities'), isActivity), tickets: keepValid(rows('tickets'), isTicket), receipts: keepValid(rows('receipts'), isReceipt), draft: isDraft(answer['draft']) ? answer['draft'] : null, files: isFiles(answer['files']) ? answer['files'] : null };
    },
    activities: (conversationId: string, afterSeq: number): Promise<ActivityView[]> => list('activities', isActivity, `/api/conversations/${id(conversationId)}/activities?afterSeq=${afterSeq}`),
    /** The newest of those before a seq, oldest first. */
    earlier: (conversationId: string, beforeSeq: number): Promise<ActivityView[]> => list('activities', isActivity, `/api/conversations/${id(conversationId)}/activities?beforeSeq=${beforeSeq}&limit=200`),
    take: (conversationId: string, version: number, force: boolean): Promise<ConversationView> => conversation('POST', `/api/conversations/${id(conversationId)}/take`, force ? { version, force } : { version }),
    reply: (conversationId: string, text: string, clientId: string, last = false): Promise<{ conversation: ConversationView; activity: ActivityView }> =>
      read(object({ conversation: isConversation, activity: isActivity }), 'POST', `/api/conversations/${id(conversationId)}/reply`, { text, clientId }, last),
    handBack: (conversationId: string, last = false): Promise<ConversationView> => conversation('POST', `/api/conversations/${id(conversationId)}/hand-back`, {}, last),
    close: (conversationId: string, last = false): Promise<ConversationView> => conversation('POST', `/api/conversations/${id(conversationId)}/close`, {}, last),
    read: (conversationId: string, seq: number): Promise<ConversationView> => conversation('POST', `/api/conversations/${id(conversationId)}/read`, { seq }),
    openTicket: (conversationId: string, draft: TicketDraft): Promise<TicketView> => ticket('POST', `/api/conversations/${id(conversationId)}/tickets`, draft),
    unmask: (citizenId: string, purpose: string, note: string): Promise<UnmaskedView> => read(isUnmasked, 'POST', `/api/citizens/${id(citizenId)}/unmask`, note === '' ? { purpose } : { purpose, note }),

    unmaskByTicket: (ticketId: string, purpose: string, note: string): Promise<UnmaskedView> => read(isUnmasked, 'POST', `/api/tickets/${id(ticketId)}/unmask`, note === '' ? { purpose } : { purpose, note }),

    tickets(filter: TicketFilter): Promise<TicketView[]> {
      const query = new URLSearchParams({ limit: '50' });
      for (const [name, value] of Object.entries(filter)) if (value !== undefined && value !== '') query.set(name, String(value));
      return list('tickets', isTicket, `/api/tickets?${query.toString()}`);
    },
    async ticket(ticketId: string): Promise<{ ticket: TicketView; events: readonly TicketEventView[]; moves: readonly MoveView[]; work: TicketWork }> {
      const answer = await read(object({ ticket: isTicket, events: arrayOf(isUnknown), moves: arrayOf(isMove) }), 'GET', `/api/tickets/${id(ticketId)}`);
      return { ticket: answer.ticket, events: keepValid(answer.events, isTicketEvent), moves: answer.moves, work: readWork({ ...answer }) };
    },
    move: (ticketId: string, name: string, given: MoveArguments): Promise<TicketView> => ticket('POST', `/api/tickets/${id(ticketId)}/moves/${id(name)}`, given),
    noteTicket: (ticketId: string, text: string): Promise<TicketView> => ticket('POST', `/api/tickets/${id(ticketId)}/notes`, { text }),
    /** Stores a file with the ticket; its id, to be named as evidence. */
    async addTicketFile(ticketId: string, file: File): Promise<string> {
      const form = new FormData();
      form.set('file', file);
      return (await read(object({ file: object({ id: isString }) }), 'POST', `/api/tickets/${id(ticketId)}/files`, form)).file.id;
    },

    catalog: (): Promise<Catalog> => read(isCatalog, 'GET', '/api/catalog'),
    alike: createAlikeApi({ request, read, list }),
    storm: createStormApi({ read }),
    assist: createAssistApi({ read }),
    linkage: createLinkageApi({ request, read, list }),
    knowledge: createKnowledgeApi({ request, read, list }),
    deskWork: createDeskWorkApi({ request, read, list }),
    queue: createQueueApi({ request, read, list }),
    partners: createPartnersApi({ request, read, list }),
    rules: createRulesApi({ request, read, list }),
    quality: createQualityApi({ request, read, list }),
    reports: createReportsApi({ request, read, list }),
    reach: createReachApi({ read }),
    outbound: createOutboundApi({ read }),
    ticketWork: createTicketWorkApi({ request, read, list }),
    seats: (): Promise<ManagedSeatView[]> => list('seats', isManagedSeat, '/api/seats'),
    createSeat: async (seat: { username: string; displayName: string; role: SeatRole; password: string; departmentId?: string }): Promise<void> => void (await request('POST', '/api/seats', seat)),
    changeSeat: async (seatId: string, change: SeatChange): Promise<void> => void (await request('PATCH', `/api/seats/${id(seatId)}`, change)),
    departmentKeys: (): Promise<DepartmentKeyView[]> => list('tokens', isDepartmentKey, '/api/tokens'),
    async createDepartmentKey(wanted: { readonly departmentId: string; readonly name: string }): Promise<string> {
      return (await read(object({ key: isString }), 'POST', '/api/tokens', wanted)).key;
    },
    revokeDepartmentKey: async (keyId: string): Promise<void> => void (await request('DELETE', `/api/tokens/${id(keyId)}`)),
  };
}
