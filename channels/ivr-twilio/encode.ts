import type { HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { nextUrl, type CallState, type NextCall } from '../../src/channel/voice/call-state.ts';
import { planRoom } from '../../src/channel/voice/conference.ts';
import { planVoice, type Line, type VoiceStep } from '../../src/channel/voice/plan.ts';
import type { Locale } from '../../src/domain/activity.ts';
import type { TwilioConfig } from './config.ts';
import { roomTwiml } from './conference.ts';
import { callStateOf, isOver, NO_CONTENT, seatHasTalked } from './decode.ts';
import { param } from './form.ts';
import { VOICE_PATH } from './paths.ts';
import { readParams } from './request.ts';
import { spoken } from './say.ts';
import { writeTwiml, type Gather, type Say, type Twiml } from './twiml.ts';

/** What a call does next (src/channel/voice/plan.ts) as TwiML (https://www.twilio.com/docs/voice/twiml). Here it is data; twiml.ts writes and escapes it. */

export function encodeStatusReply(): HookReply {
  return NO_CONTENT;
}

export function encodeVoiceReply(config: TwilioConfig, request: RawRequest, outcome: HookOutcome): HookReply {
  const params = readParams(request);
  const asked = callStateOf(request, params);
  const room = isOver(params) || config.caller === null ? null : planRoom(request.url, asked, outcome);
  if (room !== null) return { status: 200, contentType: 'text/xml; charset=utf-8', body: writeTwiml([...spoken({ config, slow: room.state.slow }, room.lines), roomTwiml(config, room)]) };
  const { steps, state } = planVoice(
    {
      state: asked,
      // An empty document is all that may follow a call's end.
      over: isOver(params),
      seatTalked: seatHasTalked(asked, params),
      seatFailed: asked.purpose === 'seat' && param(params, 'DialCallStatus') !== '',
      keys: param(params, 'Digits'),
      speech: param(params, 'SpeechResult'),
    },
    outcome,
    config.seatNumber,
  );
  return { status: 200, contentType: 'text/xml; charset=utf-8', body: writeTwiml(steps.flatMap((step) => twimlOf({ config, state }, step))) };
}

interface Call {
  readonly config: TwilioConfig;
  readonly state: CallState;
}

function twimlOf(call: Call, step: VoiceStep): readonly Twiml[] {
  switch (step.kind) {
    case 'say':
      return spokenIn(call, step.lines);
    case 'listen':
      return [gather(call, step)];
    case 'pause':
      return [{ verb: 'Pause', attributes: { length: step.seconds } }];
    case 'go':
      return [{ verb: 'Redirect', attributes: { method: 'POST' }, content: address(call, step.next) }];
    case 'dial':
      return [{ verb: 'Dial', attributes: { action: address(call, step.next), method: 'POST', timeout: step.timeoutSeconds }, content: [{ verb: 'Number', content: step.number }] }];
    case 'hangup':
      return [{ verb: 'Hangup' }];
  }
}

function gather(call: Call, { keys, lines, locale, next }: Extract<VoiceStep, { kind: 'listen' }>): Gather {
  return {
    verb: 'Gather',
    attributes: {
      input: ['dtmf', 'speech'],
      action: address(call, next),
      method: 'POST',
      language: HEARD[locale],
      timeout: keys.timeout,
      speechTimeout: 'auto',
      ...(keys.mode === 'single' ? { numDigits: 1, finishOnKey: '' } : { finishOnKey: '#' }),
      bargeIn: true,
      // A complaint is written down as it was said.
      profanityFilter: false,
      // They are words of Mandarin.
      ...(locale === 'zh-CN' ? { hints: call.config.hints } : {}),
    },
    content: spokenIn(call, lines),
  };
}

function address({ config, state }: Call, next: NextCall): string {
  return nextUrl(config.pathPrefix + VOICE_PATH, state, next);
}

const HEARD: Readonly<Record<Locale, Gather['attributes']['language']>> = { 'zh-CN': 'cmn-Hans-CN', 'zh-HK': 'yue-Hant-HK', en: 'en-US' };

const spokenIn = ({ config, state }: Call, lines: readonly Line[]): readonly Say[] => spoken({ config, slow: state.slow }, lines);
