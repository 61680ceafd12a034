import type { HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { planRoom } from '../../src/channel/voice/conference.ts';
import { nextUrl, readCallState, type CallState, type NextCall } from '../../src/channel/voice/call-state.ts';
import { planVoice, type Line, type VoiceStep } from '../../src/channel/voice/plan.ts';
import type { Locale } from '../../src/domain/activity.ts';
import type { JambonzConfig } from './config.ts';
import { roomVerb, type Conference } from './conference.ts';
import { callStateOf, heardOf, isOver, NO_CONTENT, readPayload, seatHasTalked, text } from './decode.ts';
import { VOICE_PATH } from './paths.ts';
import { byLocale, spoken, type Say } from './say.ts';

/** What a call does next (src/channel/voice/plan.ts) as jambonz verbs (@jambonz/schema 0.4.15, verbs/). */

/** Seconds without a word after which an utterance counts as finished. */
const SPEECH_TIMEOUT_S = 1;
/** Between keys of a number. */
const DIGIT_TIMEOUT_S = 4;

export type Verb =
  | ({ readonly verb: 'say' } & Say)
  | {
      readonly verb: 'gather';
      readonly actionHook: string;
      readonly input: readonly ('speech' | 'digits')[];
      readonly timeout: number;
      readonly speechTimeout: number;
      readonly interDigitTimeout: number;
      readonly numDigits?: number;
      readonly finishOnKey?: '#';
      readonly bargein: true;
      readonly dtmfBargein: true;
      readonly recognizer?: { readonly vendor: string; readonly language: string; readonly hints?: readonly string[] };
      readonly say?: Say;
    }
  | { readonly verb: 'pause'; /** Seconds. */ readonly length: number }
  | { readonly verb: 'redirect'; readonly actionHook: string }
  | { readonly verb: 'dial'; readonly actionHook: string; /** Seconds. */ readonly timeout: number; readonly target: readonly [{ readonly type: 'phone'; readonly number: string }] }
  | Conference
  | { readonly verb: 'hangup' };

export function encodeStatusReply(): HookReply {
  return NO_CONTENT;
}

export function encodeVoiceReply(config: JambonzConfig, request: RawRequest, outcome: HookOutcome): HookReply {
  const read = readPayload(request);
  // Nobody listens any more, and an empty list of verbs is none that jambonz knows.
  if (read !== null && isOver(read)) return NO_CONTENT;
  const asked = read === null ? readCallState(request.url) : callStateOf(request, read);
  const room = config.caller === null ? null : planRoom(request.url, asked, outcome);
  if (room !== null) {
    const verbs: readonly Verb[] = [...byLocale(room.lines).map((lines): Verb => ({ verb: 'say', ...spoken({ config, slow: room.state.slow }, lines) })), roomVerb(config, room)];
    return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(verbs) };
  }
  const heard = read === null ? { keys: '', speech: '' } : heardOf(read);
  const { steps, state } = planVoice(
    {
      state: asked,
      over: false,
      seatTalked: read !== null && seatHasTalked(asked, read),
      seatFailed: asked.purpose === 'seat' && read !== null && text(read.dial_call_status) !== '',
      keys: heard.keys,
      speech: heard.speech,
    },
    outcome,
    config.seatNumber,
  );
  return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(verbsOf({ config, state }, steps)) };
}

interface Call {
  readonly config: JambonzConfig;
  readonly state: CallState;
}

/**
 * A gather without input calls its action hook too, with the reason `timeout`: that is the silence which a plan's `go` after a
 * `listen` stands for, so the gather goes where the `go` would, and what is said there is words all the same.
 */
function verbsOf(call: Call, steps: readonly VoiceStep[]): readonly Verb[] {
  return steps.flatMap((step, index): readonly Verb[] => {
    const after = steps[index + 1];
    switch (step.kind) {
      case 'say':
        return byLocale(step.lines).map((lines) => ({ verb: 'say', ...spokenIn(call, lines) }));
      case 'listen':
        return listen(call, step, after?.kind === 'go' ? after.next : step.next);
      case 'go':
        return steps[index - 1]?.kind === 'listen' ? [] : [{ verb: 'redirect', actionHook: address(call, step.next) }];
      case 'pause':
        return [{ verb: 'pause', length: step.seconds }];
      case 'dial':
        return [{ verb: 'dial', actionHook: address(call, step.next), timeout: step.timeoutSeconds, target: [{ type: 'phone', number: step.number }] }];
      case 'hangup':
        return [{ verb: 'hangup' }];
    }
  });
}

/** Only the last language can be said inside the gather; what comes before in another is said first. */
function listen(call: Call, { keys, lines, locale }: Extract<VoiceStep, { kind: 'listen' }>, next: NextCall): readonly Verb[] {
  const groups = byLocale(lines);
  const inside = groups.at(-1);
  const { config } = call;
  return [
    ...groups.slice(0, -1).map((before): Verb => ({ verb: 'say', ...spokenIn(call, before) })),
    {
      verb: 'gather',
      actionHook: address(call, next),
      input: ['speech', 'digits'],
      timeout: keys.timeout,
      speechTimeout: SPEECH_TIMEOUT_S,
      interDigitTimeout: keys.mode === 'number' ? keys.timeout : DIGIT_TIMEOUT_S,
      ...(keys.mode === 'single' ? { numDigits: 1 } : { finishOnKey: '#' }),
      bargein: true,
      dtmfBargein: true,
      ...(config.sttVendor === null ? {} : { recognizer: { vendor: config.sttVendor, language: heardAs(config.sttVendor, locale), ...(locale !== 'zh-CN' || config.hints.length === 0 ? {} : { hints: config.hints }) } }),
      ...(inside === undefined ? {} : { say: spokenIn(call, inside) }),
    },
  ];
}

/** Each vendor has a name of its own for Cantonese; Azure's is what the others are given. */
const CANTONESE_HEARD: Readonly<Record<string, string>> = { google: 'yue-Hant-HK' };

const heardAs = (vendor: string, locale: Locale): string => ({ 'zh-CN': 'zh-CN', 'zh-HK': CANTONESE_HEARD[vendor] ?? 'zh-HK', en: 'en-US' })[locale];

/** Absolute path with the prefix: a relative one would lose it. */
function address({ config, state }: Call, next: NextCall): string {
  return nextUrl(config.pathPrefix + VOICE_PATH, state, next);
}

const spokenIn = ({ config, state }: Call, lines: readonly Line[]): Say => spoken({ config, slow: state.slow }, lines);
