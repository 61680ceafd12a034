import type { CallReceipt, ConferenceCalls, ConferenceLeg, ConferenceReport, EndReceipt, HookReading, MoveReceipt, RawRequest } from '../../src/channel/contract.ts';
import { nextUrl } from '../../src/channel/voice/call-state.ts';
import { HOLD_PAUSE_S, holdLine, movedUrl, partyOf, readRoomHook, roomUrl, toldOfRoom, type RoomHook, type RoomPlan } from '../../src/channel/voice/conference.ts';
import { exchange, type Exchange, fieldOf } from '../../src/channel/voice/place.ts';
import type { Address } from '../../src/domain/activity.ts';
import { EVENTS, MAX_RING_S, readReceipt, twilioHeaders } from './call.ts';
import type { Caller, TwilioConfig } from './config.ts';
import { addressOf, NO_CONTENT, sipWord, timeOf } from './decode.ts';
import { param, type Params } from './form.ts';
import { ROOM_PATH, VOICE_PATH } from './paths.ts';
import { openEnvelope } from './request.ts';
import { spoken } from './say.ts';
import { writeTwiml, type Conference, type RoomDial } from './twiml.ts';

/**
 * Three-party calls: `<Dial><Conference>` (https://www.twilio.com/docs/voice/twiml/conference), the caller moved by the Call resource's update, the others
 * rung by its create and ended by its update's Status (https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource). Room events, hold words and the legs' own progress come to one signed hook.
 */

/** A room that nobody leaves is ended for each party after this long, seconds. */
const ROOM_LIMIT_S = 4 * 60 * 60;

/** The caller's way into a room: hold words until somebody else is there, and afterwards back to the loop. */
export function roomTwiml(config: TwilioConfig, { room, locale, state, next }: RoomPlan): RoomDial {
  return {
    verb: 'Dial',
    attributes: { action: nextUrl(config.pathPrefix + VOICE_PATH, state, next), method: 'POST', timeLimit: ROOM_LIMIT_S },
    content: [conference(config, { room, party: 'citizen', waitUrl: roomUrl(config.pathPrefix + ROOM_PATH, { purpose: 'hold', room, locale }) })],
  };
}

function conference(config: TwilioConfig, { room, party, waitUrl }: { readonly room: string; readonly party: 'citizen' | 'seat' | 'service'; readonly waitUrl?: string }): Conference {
  return {
    verb: 'Conference',
    attributes: {
      participantLabel: party,
      beep: 'onEnter',
      // A citizen alone hears hold words; whoever joins begins the talk.
      startConferenceOnEnter: party !== 'citizen',
      endConferenceOnExit: false,
      ...(waitUrl === undefined ? {} : { waitUrl, waitMethod: 'POST' }),
      // Twilio heeds those of whoever comes first, so everybody brings the same.
      statusCallback: roomUrl(config.publicUrl + ROOM_PATH, { purpose: 'event', room }),
      statusCallbackMethod: 'POST',
      statusCallbackEvent: ['start', 'end', 'join', 'leave'],
    },
    content: room,
  };
}

/** The form of a leg's order. Its document travels with it: whoever picks up is in the room even if the gateway is away just then. */
export function legForm(config: TwilioConfig, caller: Caller, { room, party, key, to, ringSeconds, greeting }: ConferenceLeg): URLSearchParams {
  const greet = spoken({ config }, [{ text: greeting, locale: 'zh-CN' }]);
  const form = new URLSearchParams({
    To: to,
    From: caller.number,
    Twiml: writeTwiml([...greet, { verb: 'Dial', attributes: { timeLimit: ROOM_LIMIT_S }, content: [conference(config, { room, party })] }, { verb: 'Hangup' }]),
    StatusCallback: roomUrl(config.publicUrl + ROOM_PATH, { purpose: 'leg', room, party, key }),
    StatusCallbackMethod: 'POST',
    Timeout: String(Math.min(MAX_RING_S, ringSeconds)),
  });
  for (const event of EVENTS) form.append('StatusCallbackEvent', event);
  return form;
}

/** Twilio cannot be searched by a name of ours, so there is no `find`: the leg's own hook tells, or a person looks. */
export function conferenceCalls(config: TwilioConfig, caller: Caller): ConferenceCalls {
  const url = `${caller.apiBase}/2010-04-01/Accounts/${caller.accountSid}/Calls`;
  const update = (sid: string, change: Readonly<Record<string, string>>): Promise<Exchange> => exchange(`${url}/${encodeURIComponent(sid)}.json`, { method: 'POST', headers: twilioHeaders(caller), body: new URLSearchParams(change).toString() });
  const move = async (address: Address, to: string): Promise<MoveReceipt> => {
    const answer = await update(address, { Url: to, Method: 'POST' });
    if (answer.kind !== 'answer') return { status: answer.kind === 'unsent' ? 'refused' : 'unknown', code: answer.code };
    if (answer.status === 200) return { status: 'moved' };
    const receipt = readReceipt(answer);
    return { status: receipt.status === 'refused' ? 'refused' : 'unknown', code: receipt.status === 'placed' ? `twilio.http_${answer.status}` : receipt.code };
  };
  return {
    bring: ({ room, address, locale, now }) => move(address, movedUrl(config.publicUrl + VOICE_PATH, { room, locale, now })),
    release: ({ address, locale, now }) => move(address, movedUrl(config.publicUrl + VOICE_PATH, { room: null, locale, now })),
    ring: async (leg): Promise<CallReceipt> => {
      const answer = await exchange(`${url}.json`, { method: 'POST', headers: twilioHeaders(caller), body: legForm(config, caller, leg).toString() });
      if (answer.kind === 'unsent') return { status: 'refused', code: answer.code };
      return answer.kind === 'lost' ? { status: 'unknown', code: answer.code } : readReceipt(answer);
    },
    end: async ({ externalId, answered }): Promise<EndReceipt> => {
      if (!answered) {
        // Ends what is queued or rings, and leaves a call alone that has just been answered: then the other word.
        const canceled = await update(externalId, { Status: 'canceled' });
        if (canceled.kind !== 'answer' || !(canceled.status === 400 || fieldOf(canceled.body, 'status') === 'in-progress')) return readEnding(canceled);
      }
      return readEnding(await update(externalId, { Status: 'completed' }));
    },
  };
}

/** 21220: the call is not in a state to be changed, as it is over (https://www.twilio.com/docs/api/errors/21220). */
function readEnding(answer: Exchange): EndReceipt {
  if (answer.kind !== 'answer') return { status: answer.kind === 'unsent' ? 'refused' : 'unknown', code: answer.code };
  if (answer.status === 200 || answer.status === 404 || fieldOf(answer.body, 'code') === '21220') return { status: 'ended' };
  const receipt = readReceipt(answer);
  return receipt.status === 'placed' ? { status: 'unknown', code: `twilio.http_${answer.status}` } : { status: receipt.status, code: receipt.code };
}

/** The hook of rooms. */
export function readRoom(config: TwilioConfig, request: RawRequest): HookReading {
  const envelope = openEnvelope(config, request);
  if (!envelope.ok) return { kind: 'refused', status: envelope.status, reason: envelope.reason };
  const { params } = envelope;
  const hook = readRoomHook(request.url);
  if (hook === null) return { kind: 'refused', status: 400, reason: 'no_room' };
  switch (hook.purpose) {
    case 'hold':
      return { kind: 'reply', reply: holdReply(config, hook) };
    case 'leg':
      return readLeg(params, hook);
    case 'event':
      return readEvent(params, hook);
    case 'join':
      // Twilio's legs bring their document along.
      return { kind: 'refused', status: 400, reason: 'no_room' };
  }
}

function holdReply(config: TwilioConfig, hook: RoomHook) {
  const again = roomUrl(config.pathPrefix + ROOM_PATH, { purpose: 'hold', room: hook.room, locale: hook.locale, round: Math.min(9_999, hook.round + 1) });
  const words = spoken({ config }, [holdLine(hook.locale, hook.round)]);
  return { status: 200, contentType: 'text/xml; charset=utf-8', body: writeTwiml([...words, { verb: 'Pause', attributes: { length: HOLD_PAUSE_S } }, { verb: 'Redirect', attributes: { method: 'POST' }, content: again }]) };
}

const LEG_STATES: Readonly<Record<string, ConferenceReport['state'] | undefined>> = {
  ringing: 'ringing', 'in-progress': 'answered', completed: 'completed', busy: 'busy', 'no-answer': 'no-answer', canceled: 'canceled', failed: 'failed',
};

function readLeg(params: Params, { room, party, key }: RoomHook): HookReading {
  const call = addressOf(params);
  const state = LEG_STATES[param(params, 'CallStatus')];
  if (call === null || party === null || key === null) return { kind: 'refused', status: 400, reason: 'no_leg' };
  if (state === undefined) return { kind: 'reply', reply: NO_CONTENT };
  return { kind: 'told', told: toldOfRoom({ room, party, key, call, state, code: state === 'failed' ? sipWord(params) : null, at: timeOf(params) }), reply: NO_CONTENT };
}

/** StatusCallbackEvent of a conference. `conference-start` says nothing that the joins do not. */
function readEvent(params: Params, { room }: RoomHook): HookReading {
  const at = timeOf(params);
  const call = addressOf(params);
  const party = partyOf(param(params, 'ParticipantLabel'));
  switch (param(params, 'StatusCallbackEvent')) {
    case 'participant-join':
      return { kind: 'told', told: toldOfRoom({ room, party, call, state: 'joined', at }), reply: NO_CONTENT };
    case 'participant-leave':
      // A caller also leaves by being moved, which is no end of its call.
      return { kind: 'told', told: toldOfRoom({ room, party, call, state: party === 'citizen' && param(params, 'ReasonParticipantLeft') === 'participant_hung_up' ? 'completed' : 'left', at }), reply: NO_CONTENT };
    case 'conference-end':
      return { kind: 'told', told: toldOfRoom({ room, party: null, call: null, state: 'ended', at, code: reasonIn(params) }), reply: NO_CONTENT };
    default:
      return { kind: 'reply', reply: NO_CONTENT };
  }
}

function reasonIn(params: Params): string | null {
  const reason = param(params, 'ReasonConferenceEnded');
  return /^[a-z-]{1,60}$/.test(reason) ? reason : null;
}
