import type {
  ActivityContent,
  ActivityView,
  Catalog,
  ConversationView,
  Counts,
  DepartmentKeyView,
  LiveFrame,
  ManagedSeatView,
  MoveView,
  ReceiptView,
  SeatView,
  SessionView,
  TicketEventView,
  TicketView,
  UnmaskedView,
} from '../../shared/api-types.ts';
import type { NoteView } from '../../shared/desk-work-types.ts';
import type { OfferView, ParticipantView, SeatPresenceView } from '../../shared/queue-types.ts';
import { arrayOf, isBoolean, isNumber, isRecord, isString, nullable, object, oneOf, optional, parseJson, type Guard } from '../../shared/guards.ts';

/** Checks of what the server sends, one guard a shape. The annotations hold them to `shared/api-types.ts`. */

const isText = nullable(isString);
const isTime = nullable(isNumber);
const isOwner = oneOf('bot', 'waiting', 'human', 'closed');
const isRole = oneOf('citizen', 'bot', 'seat', 'system');
const isKind = oneOf('咨询', '求助', '投诉', '举报', '建议', '表扬');
const isUrgency = oneOf('normal', 'urgent', 'emergency');
const isState = oneOf('受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访', '归档');

export const isSeat: Guard<SeatView> = object({ id: isString, username: isString, displayName: isString, role: oneOf('seat', 'editor', 'supervisor', 'administrator', 'department') });
export const isSession: Guard<SessionView> = object({ seat: isSeat, csrf: isString });
export const isManagedSeat: Guard<ManagedSeatView> = object({
  id: isString,
  username: isString,
  displayName: isString,
  role: oneOf('seat', 'editor', 'supervisor', 'administrator', 'department'),
  active: isBoolean,
  online: optional(isBoolean),
  createdAt: isNumber,
});

const isSuggestion = object({ code: isString, name: isString, score: isNumber, matched: arrayOf(isString) });
const isUnderstood = object({ flow: isText, slots: arrayOf(object({ name: isString, label: isString, value: isString })), items: arrayOf(isSuggestion) });

const isOffer: Guard<OfferView> = object({ seatId: isString, seatName: isString, until: isNumber, kind: oneOf('queue', 'transfer') });
const isParticipant: Guard<ParticipantView> = object({ seatId: isString, seatName: isString, kind: oneOf('guest', 'listener'), since: isNumber });
const isPerson = object({ id: isString, name: isString });
export const isNote: Guard<NoteView> = object({
  id: isString, conversationId: isString, seatId: isString, seatName: isString, kind: oneOf('note', 'whisper'), text: isString, mentions: arrayOf(isPerson), toSeatId: isText, toSeatName: isText, at: isNumber, afterSeq: isNumber,
});
export const isSeatPresence: Guard<SeatPresenceView> = object({
  id: isString, displayName: isString, role: oneOf('seat', 'editor', 'supervisor', 'administrator', 'department'), groups: arrayOf(isString),
  presence: oneOf('online', 'busy', 'break', 'wrap-up', 'away', 'offline'), reason: isText, since: isTime, until: isTime, load: isNumber, capacity: isNumber,
});

export const isConversation: Guard<ConversationView> = object({
  id: isString,
  channel: isString,
  modality: oneOf('text', 'voice'),
  locale: optional(oneOf('zh-CN', 'zh-HK', 'en')),
  owner: isOwner,
  seatId: isText,
  seatName: isText,
  handoffReason: isText,
  waitingSince: isTime,
  emergency: nullable(object({ category: isString, words: arrayOf(isString), at: isNumber })),
  understood: nullable(isUnderstood),
  unread: isNumber,
  createdAt: isNumber,
  lastInboundAt: isTime,
  lastActivityAt: isNumber,
  lastSeq: isNumber,
  version: isNumber,
  citizen: object({ id: isString, phoneMasked: isText, nameMasked: isText }),
  enterprise: optional(nullable(object({ id: isString, name: isString, seatId: isText, seatName: isText }))),
  preview: isString,
  groupId: optional(isText),
  groupName: optional(isText),
  offeredTo: optional(nullable(isOffer)),
  position: optional(isTime),
  participants: optional(arrayOf(isParticipant)),
  mood: optional(nullable(object({ level: oneOf('calm', 'upset', 'angry', 'distress'), urgency: isUrgency, why: isString, words: arrayOf(isString) }))),
  transferNote: optional(nullable(object({ fromSeatId: isText, fromSeatName: isText, note: isString, at: isNumber }))),
});
export const isCounts: Guard<Counts> = object({ bot: isNumber, waiting: isNumber, human: isNumber, closed: isNumber });

const isMessage = object({
  type: oneOf('message'),
  text: isString,
  speak: optional(isString),
  choices: optional(arrayOf(object({ title: isString, value: isString, key: optional(isString) }))),
  attachments: optional(arrayOf(object({ contentType: isString, name: optional(isString), url: isString, sizeBytes: optional(isNumber) }))),
  source: optional(object({ title: isString, department: optional(isString), effectiveFrom: optional(isString), url: optional(isString) })),
  keys: optional(isString),
  confidence: optional(isNumber),
});
const isEvent = object({ type: oneOf('event'), name: isString });
const isOther = object({ type: oneOf('typing') });
const isEnd = object({ type: oneOf('endOfConversation'), code: isString });
const isUnsupported = object({ type: oneOf('unsupported'), kind: isString });
const isContent = (value: unknown): value is ActivityContent => isMessage(value) || isEvent(value) || isOther(value) || isEnd(value) || isUnsupported(value);

export const isActivity: Guard<ActivityView> = object({
  id: isString,
  seq: isNumber,
  direction: oneOf('in', 'out'),
  role: isRole,
  seatId: isText,
  seatName: isText,
  at: isNumber,
  content: isContent,
  replyToId: isText,
});
export const isReceipt: Guard<ReceiptView> = object({ activityId: isString, status: oneOf('delivered', 'retrying', 'failed'), code: isText, at: isNumber });

export const isTicket: Guard<TicketView> = object({
  id: isString,
  number: isString,
  kind: isKind,
  state: isState,
  stateBefore: nullable(isState),
  pending: nullable(oneOf('return', 'extension', 'hold')),
  itemCode: isText,
  itemName: isText,
  title: isString,
  content: isString,
  townId: isText,
  townName: isText,
  place: isText,
  happened: isText,
  departmentId: isText,
  departmentName: isText,
  assistIds: arrayOf(isString),
  routeId: isText,
  urgency: isUrgency,
  confidential: isBoolean,
  callback: isBoolean,
  citizenId: isString,
  enterpriseId: isText,
  conversationId: isText,
  channel: isString,
  profileId: isString,
  deadlineAt: isTime,
  deadlineRule: isText,
  deadlineText: isText,
  holds: arrayOf(object({ from: isNumber, to: isTime })),
  overdueAt: isTime,
  dispatchedAt: isTime,
  signedAt: isTime,
  contactedAt: isTime,
  finishedAt: isTime,
  archivedAt: isTime,
  result: isText,
  closure: nullable(oneOf('confirmed', 'unreached', 'withdrawn', 'not_taken', 'answered_at_once', 'merged')),
  visit: nullable(object({ process: nullable(oneOf(1, 2, 3, 4, 5)), solved: nullable(isBoolean) })),
  urges: isNumber,
  returns: isNumber,
  extensions: isNumber,
  redirects: isNumber,
  redos: isNumber,
  vetoes: isNumber,
  supervision: oneOf(0, 1, 2, 3),
  leadingId: isText,
  createdAt: isNumber,
  updatedAt: isNumber,
  version: isNumber,
});
export const isTicketEvent: Guard<TicketEventView> = object({ seq: isNumber, type: isString, actorName: isString, at: isNumber, data: isRecord });
const isNeed = oneOf('departmentId', 'assistIds', 'reason', 'reasonCode', 'evidence', 'result', 'amount', 'until', 'person', 'process', 'solved');
export const isMove: Guard<MoveView> = object({
  name: isString,
  label: isString,
  needs: arrayOf(isNeed),
  takes: optional(arrayOf(isNeed)),
  reasons: optional(arrayOf(object({ code: isString, label: isString, evidence: isBoolean }))),
});

const isNamed = object({ id: isString, name: isString });
export const isCatalog: Guard<Catalog> = object({
  items: arrayOf(object({ code: isString, name: isString, field: isString, kinds: arrayOf(isString) })),
  departments: arrayOf(isNamed),
  towns: arrayOf(isNamed),
  kinds: arrayOf(isKind),
  urgencies: arrayOf(isUrgency),
  purposes: arrayOf(isString),
});
export const isDepartmentKey: Guard<DepartmentKeyView> = object({ id: isString, departmentId: isString, departmentName: isString, name: isString, createdAt: isNumber, expiresAt: isTime, revokedAt: isTime });
export const isUnmasked: Guard<UnmaskedView> = object({ phone: isText, name: isText, shownUntil: isNumber });

const FRAMES: { readonly [K in LiveFrame['type']]: Guard<Extract<LiveFrame, { type: K }>> } = {
  hello: object({ type: oneOf('hello'), seat: isSeat, now: isNumber }),
  conversation: object({ type: oneOf('conversation'), conversation: isConversation }),
  activity: object({ type: oneOf('activity'), conversationId: isString, activity: isActivity }),
  typing: object({ type: oneOf('typing'), conversationId: isString, role: isRole }),
  receipt: object({ type: oneOf('receipt'), conversationId: isString, receipt: isReceipt }),
  ticket: object({ type: oneOf('ticket'), ticket: isTicket }),
  counts: object({ type: oneOf('counts'), counts: isCounts }),
  emergency: object({ type: oneOf('emergency'), conversationId: isString, category: isString }),
  inspection: object({ type: oneOf('inspection'), inspectionId: isString, move: oneOf('judge', 'appeal', 'rejudge'), score: isNumber }),
  campaign: object({ type: oneOf('campaign'), campaignId: isString }),
  storm: object({ type: oneOf('storm'), storm: object({ level: isNumber, name: isText, since: isNumber, load: isNumber }) }),
  note: object({ type: oneOf('note'), note: isNote }),
  offer: object({ type: oneOf('offer'), conversationId: isString, groupId: isText, seatId: isText, until: isTime, kind: oneOf('queue', 'transfer') }),
  presence: object({ type: oneOf('presence'), seats: arrayOf(isSeatPresence) }),
  queue: object({ type: oneOf('queue'), groups: arrayOf(object({ id: isString, waiting: isNumber, oldestWaitingSince: isTime })) }),
};

/** A frame of the desk's socket; null for a keep-alive and for what this version of the page does not know. */
export function readFrame(text: string): LiveFrame | null {
  const value = parseJson(text);
  return isFrame(value) ? value : null;
}

const isFrame = (value: unknown): value is LiveFrame => Object.values(FRAMES).some((guard: Guard<LiveFrame>) => guard(value));
