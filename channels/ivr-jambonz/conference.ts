import type { ConferenceCalls, ConferenceLeg, ConferenceReport, EndReceipt, HookReading, MoveReceipt, RawRequest } from '../../src/channel/contract.ts';
import { nextUrl } from '../../src/channel/voice/call-state.ts';
import { HOLD_PAUSE_S, holdLine, movedUrl, readRoomHook, roomUrl, toldOfRoom, type RoomHook, type RoomPlan } from '../../src/channel/voice/conference.ts';
import { exchange, type Exchange } from '../../src/channel/voice/place.ts';
import type { Address } from '../../src/domain/activity.ts';
import { callsUrl, findCall, headersOf, orderCall, TAG } from './call.ts';
import type { Caller, JambonzConfig } from './config.ts';
import { NO_CONTENT, openEnvelope, text, type Payload } from './decode.ts';
import { ROOM_PATH, VOICE_PATH } from './paths.ts';
import { spoken } from './say.ts';

/**
 * Three-party calls: the conference verb and its hooks (@jambonz/schema 0.4.15: verbs/conference, callbacks/conference-status, conference-wait), the caller
 * moved by the live call control of PUT /Calls/{sid}, the others rung by POST /Calls and ended by the same control's call_status: `no-answer` ends a call
 * that rings, `completed` one that was answered, and each is refused (422) where the other would do (jambonz-feature-server, update-call).
 */

export interface Conference {
  readonly verb: 'conference';
  readonly name: string;
  readonly memberTag: string;
  readonly beep: true;
  readonly startConferenceOnEnter: boolean;
  readonly endConferenceOnExit: false;
  readonly actionHook?: string;
  readonly waitHook?: string;
  readonly statusHook: string;
  readonly statusEvents: readonly ('start' | 'end' | 'join' | 'leave')[];
}

/** The caller's way into a room: hold words until somebody else is there, and afterwards back to the loop. */
export function roomVerb(config: JambonzConfig, { room, locale, state, next }: RoomPlan): Conference {
  return { ...conference(config, room, 'citizen'), actionHook: nextUrl(config.pathPrefix + VOICE_PATH, state, next), waitHook: roomUrl(config.publicUrl + ROOM_PATH, { purpose: 'hold', room, locale }) };
}

function conference(config: JambonzConfig, room: string, party: 'citizen' | 'seat' | 'service'): Conference {
  return {
    verb: 'conference',
    name: room,
    memberTag: party,
    beep: true,
    // A citizen alone hears hold words; whoever joins begins the talk.
    startConferenceOnEnter: party !== 'citizen',
    endConferenceOnExit: false,
    // jambonz heeds that of whoever begins the room, so everybody brings the same, and absolute.
    statusHook: roomUrl(config.publicUrl + ROOM_PATH, { purpose: 'event', room }),
    statusEvents: ['start', 'end', 'join', 'leave'],
  };
}

/** The order of a leg; its document is asked for when it is answered. */
export function legBody(config: JambonzConfig, caller: Caller, { room, party, key, to, ringSeconds, greeting }: ConferenceLeg): object {
  const hook = (purpose: 'leg' | 'join'): object => ({ url: roomUrl(config.publicUrl + ROOM_PATH, { purpose, room, party, key, ...(purpose === 'join' ? { greeting } : {}) }), method: 'POST' });
  return { from: caller.number, to: { type: 'phone', number: to }, call_hook: hook('join'), call_status_hook: hook('leg'), tag: { [TAG]: key }, timeout: ringSeconds, ...(caller.speech === null ? {} : caller.speech) };
}

export function conferenceCalls(config: JambonzConfig, caller: Caller): ConferenceCalls {
  const update = (sid: string, change: object): Promise<Exchange> => exchange(`${callsUrl(caller)}/${encodeURIComponent(sid)}`, { method: 'PUT', headers: headersOf(caller), body: JSON.stringify(change) });
  const move = async (address: Address, url: string): Promise<MoveReceipt> => {
    const answer = await update(address, { call_hook: { url, method: 'POST' } });
    if (answer.kind !== 'answer') return { status: answer.kind === 'unsent' ? 'refused' : 'unknown', code: answer.code };
    if (answer.status >= 200 && answer.status < 300) return { status: 'moved' };
    return { status: answer.status < 500 ? 'refused' : 'unknown', code: `jambonz.http_${answer.status}` };
  };
  return {
    bring: ({ room, address, locale, now }) => move(address, movedUrl(config.publicUrl + VOICE_PATH, { room, locale, now })),
    release: ({ address, locale, now }) => move(address, movedUrl(config.publicUrl + VOICE_PATH, { room: null, locale, now })),
    ring: (leg) => orderCall(caller, legBody(config, caller, leg)),
    end: async ({ externalId, answered }): Promise<EndReceipt> => {
      const [first, other] = answered ? (['completed', 'no-answer'] as const) : (['no-answer', 'completed'] as const);
      const answer = await update(externalId, { call_status: first });
      return readEnding(answer.kind === 'answer' && answer.status === WRONG_STATE ? await update(externalId, { call_status: other }) : answer);
    },
    find: async ({ room, party, key }): Promise<ConferenceReport | null> => {
      const found = await findCall(caller, key);
      return found === null ? null : { room, party, key, externalId: found.externalId, state: found.state === 'answered' ? 'answered' : 'ringing', code: null, at: null };
    },
  };
}

const WRONG_STATE = 422;

/** Neither ringing nor answered, or not known any more: it is over. */
function readEnding(answer: Exchange): EndReceipt {
  if (answer.kind !== 'answer') return { status: answer.kind === 'unsent' ? 'refused' : 'unknown', code: answer.code };
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 404 || status === WRONG_STATE) return { status: 'ended' };
  return { status: status < 500 ? 'refused' : 'unknown', code: `jambonz.http_${status}` };
}

/** The hook of rooms. */
export function readRoom(config: JambonzConfig, request: RawRequest, now: number): HookReading {
  const opened = openEnvelope(config, request, now);
  if (!opened.ok) return { kind: 'refused', status: opened.status, reason: opened.reason };
  const { payload: read, address } = opened;
  const hook = readRoomHook(request.url);
  if (hook === null) return { kind: 'refused', status: 400, reason: 'no_room' };
  switch (hook.purpose) {
    case 'hold':
      return { kind: 'reply', reply: verbsReply(holdVerbs(config, hook, Math.floor(now / 1000))) };
    case 'event':
      return readEvent(read, address, hook);
    case 'leg':
      return readLeg(read, address, hook);
    case 'join':
      return readJoin(config, address, hook);
  }
}

const verbsReply = (verbs: readonly object[]) => ({ status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(verbs) });

/** jambonz asks the same address again for as long as somebody waits: which words come is told by the clock. */
function holdVerbs(config: JambonzConfig, { locale }: RoomHook, seconds: number): readonly object[] {
  const round = Math.floor(seconds / (HOLD_PAUSE_S * 2));
  return [{ verb: 'say', ...spoken({ config }, [holdLine(locale, round)]) }, { verb: 'pause', length: HOLD_PAUSE_S }];
}

/** Whoever picked up goes into the room. */
function readJoin(config: JambonzConfig, call: Address, { room, party, key, greeting }: RoomHook): HookReading {
  if (party === null || party === 'citizen' || key === null) return { kind: 'refused', status: 400, reason: 'no_leg' };
  const greet = greeting === '' ? [] : [{ verb: 'say', ...spoken({ config }, [{ text: greeting, locale: 'zh-CN' }]) }];
  return { kind: 'told', told: toldOfRoom({ room, party, key, call, state: 'answered' }), reply: verbsReply([...greet, conference(config, room, party), { verb: 'hangup' }]) };
}

const LEG_STATES: Readonly<Record<string, ConferenceReport['state'] | undefined>> = {
  ringing: 'ringing', 'early-media': 'ringing', 'in-progress': 'answered', completed: 'completed', busy: 'busy', 'no-answer': 'no-answer', failed: 'failed',
};

function readLeg(read: Payload, call: Address, { room, party, key }: RoomHook): HookReading {
  if (party === null || key === null) return { kind: 'refused', status: 400, reason: 'no_leg' };
  const state = LEG_STATES[read.call_status ?? ''];
  if (state === undefined) return { kind: 'reply', reply: NO_CONTENT };
  const { sip_status: sip } = read;
  return { kind: 'told', told: toldOfRoom({ room, party, key, call, state, code: state === 'failed' && typeof sip === 'number' && Number.isInteger(sip) ? `sip.${sip}` : null }), reply: NO_CONTENT };
}

/** Told in the name of one party's call; whose it is, the room knows. */
function readEvent(read: Payload, call: Address, { room }: RoomHook): HookReading {
  const time = Date.parse(text(read.time));
  const at = Number.isFinite(time) ? time : null;
  switch (text(read.event)) {
    case 'join':
      return { kind: 'told', told: toldOfRoom({ room, party: null, call, state: 'joined', at }), reply: NO_CONTENT };
    case 'leave':
      return { kind: 'told', told: toldOfRoom({ room, party: null, call, state: 'left', at }), reply: NO_CONTENT };
    case 'end':
      return { kind: 'told', told: toldOfRoom({ room, party: null, call: null, state: 'ended', at }), reply: NO_CONTENT };
    default:
      return { kind: 'reply', reply: NO_CONTENT };
  }
}
