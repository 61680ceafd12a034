import type { HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import type { NextCall } from '../../src/channel/voice/call-state.ts';
import { PHRASES } from '../../src/channel/voice/phrases.ts';
import { planVoice, type VoiceStep } from '../../src/channel/voice/plan.ts';
import type { AliyunConfig } from './config.ts';
import { readTold, stepOf } from './decode.ts';
import { answer, HANG_UP, REPORT_TAKEN, transfer, type Data } from './reply.ts';
import { writeThread } from './thread.ts';

/**
 * What a call does next (src/channel/voice/plan.ts) as one action: Aliyun plays a text and calls back when the caller speaks, presses a key or is silent. What is
 * to follow a text (hanging up, passing the call on) waits in the thread for that silence.
 */

export const PATH = '/hooks/ivr/aliyun';
export const REPORT_PATH = '/hooks/ivr/aliyun/report';

/** The platform's own longest call. */
const SESSION_S = 3_600;
/** The vendor's default; people think while they tell a story. */
const PAUSE_MS = 800;
const MUTE_MS = { least: 1_000, most: 20_000 } as const;

export const encodeReport = (): HookReply => REPORT_TAKEN;

export function encodeCallback(config: AliyunConfig, request: RawRequest, outcome: HookOutcome): HookReply {
  const opened = readTold(request);
  const step = opened.ok ? stepOf(config, opened.told) : null;
  if (!opened.ok || step === null || 'body' in step) return step !== null && 'body' in step ? step : HANG_UP('');
  const { told } = opened;
  const { steps, state } = planVoice(
    {
      state: step.state,
      over: false,
      // The record after the call tells; the platform calls nobody back while two people talk.
      seatTalked: false,
      seatFailed: step.state.purpose === 'seat',
      keys: step.heard.keys,
      speech: step.heard.speech,
    },
    outcome,
    config.seatNumber,
  );
  const first = told.type === 'callin';
  const lines = steps.flatMap((one) => (one.kind === 'say' || one.kind === 'listen' ? one.lines : []));
  const words = lines.map(({ text }) => sayable(text)).filter((text) => text !== '').join(' ') || (first ? sayable(PHRASES[state.locale].goOn) : '');
  const planned = { ...told, thread: { ...told.thread, state } };
  const dialled = steps.find((one) => one.kind === 'dial');
  const ends = steps.some((one) => one.kind === 'hangup');
  if (words === '' && ends) return HANG_UP(told.call);
  if (words === '' && dialled?.kind === 'dial') return transfer(planned, dialled.number);
  return answer({
    call_id: told.call,
    ...(words === '' ? { action: 'donothing' } : { action: first ? 'answer' : 'play', action_code: '$tts$', action_code_param: JSON.stringify({ tts: words }), action_code_break: true, ...(first ? {} : { action_break: true }) }),
    ...waits(steps, (next, more) => writeThread(state, next, more)),
    ...(first ? { session_timeout: SESSION_S, pause_time: PAUSE_MS, record_flag: false } : {}),
  });
}

type Writes = (next: NextCall, more: Parameters<typeof writeThread>[2]) => string;

/** How long the platform waits for the caller, and where it stands then. */
function waits(steps: readonly VoiceStep[], write: Writes): Pick<Data, 'dynamic_id' | 'mute_time'> {
  const goes = steps.findLast((one) => one.kind === 'go');
  const listens = steps.find((one) => one.kind === 'listen');
  const dials = steps.find((one) => one.kind === 'dial');
  if (steps.some((one) => one.kind === 'hangup')) return { dynamic_id: write({ purpose: 'gather' }, { after: 'hangup' }), mute_time: MUTE_MS.least };
  if (dials?.kind === 'dial') return { dynamic_id: write(dials.next, { after: 'transfer' }), mute_time: MUTE_MS.least };
  if (listens?.kind === 'listen') return { dynamic_id: write(goes?.kind === 'go' ? goes.next : listens.next, { keys: listens.keys.mode }), mute_time: muteOf(listens.keys.timeout) };
  const pause = steps.find((one) => one.kind === 'pause');
  return { dynamic_id: write(goes?.kind === 'go' ? goes.next : { purpose: 'wait' }, { keys: 'single' }), mute_time: muteOf(pause?.kind === 'pause' ? pause.seconds : 1) };
}

const muteOf = (seconds: number): number => Math.min(MUTE_MS.most, Math.max(MUTE_MS.least, seconds * 1000));

/** Marks that a vendor's page forbids in what its callbacks are answered with, by those that sound the same. */
const FORBIDDEN: Readonly<Record<string, string>> = { ':': '：', '"': '', '=': '，', '@': '', $: '', '{': '', '}': '', '^': '', '*': '', '¥': '' };

const sayable = (text: string): string => text.replace(/[@=:"${}^*¥]/g, (mark) => FORBIDDEN[mark] ?? '').trim();
