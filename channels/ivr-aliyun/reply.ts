import type { HookReply } from '../../src/channel/contract.ts';
import type { Told } from './decode.ts';
import { withTyped, writeThread } from './thread.ts';

/** Answers to a callback: `{result, msg, code, data}`, data with the action that the platform is to take. */

export interface Data {
  readonly call_id: string;
  /** The first callback takes `answer` or `hangup` only. */
  readonly action: 'answer' | 'play' | 'donothing' | 'hangup' | 'transfer';
  readonly action_code?: '$tts$';
  /** A JSON text inside the JSON: `{"tts":"…"}`. */
  readonly action_code_param?: string;
  /** Stops what is being played. */
  readonly action_break?: boolean;
  /** May be interrupted by the caller. */
  readonly action_code_break?: boolean;
  readonly dynamic_id?: string;
  /** Milliseconds of silence after which the platform calls back, 1,000 to 20,000. */
  readonly mute_time?: number;
  /** Milliseconds of pause that end a sentence; the first answer decides. */
  readonly pause_time?: number;
  /** Longest call in seconds; the first answer decides. */
  readonly session_timeout?: number;
  readonly record_flag?: boolean;
  /** Of `transfer`. */
  readonly number?: string;
}

export const answer = (data: Data): HookReply => json({ result: 'success', msg: '', code: 200, data });

const json = (body: object): HookReply => ({ status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) });

export const HANG_UP = (call: string): HookReply => answer({ call_id: call, action: 'hangup' });

/** Goes on as it was. */
export const nothing = ({ call, thread }: Pick<Told, 'call' | 'thread'>): HookReply => answer({ call_id: call, action: 'donothing', ...(thread.raw === '' ? {} : { dynamic_id: thread.raw }) });

/** Between the keys of a number people look at a slip of paper. */
const TYPING_MS = 7_000;

/** More keys may come; the next silence takes what there is for the whole. */
export const typing = ({ call, thread }: Pick<Told, 'call' | 'thread'>, keys: string): HookReply => answer({ call_id: call, action: 'donothing', action_break: true, dynamic_id: withTyped(thread, keys), mute_time: TYPING_MS });

/** The telephone of a seat. A callback that comes all the same says that it was not answered. */
export const transfer = ({ call, thread }: Pick<Told, 'call' | 'thread'>, number: string): HookReply => answer({ call_id: call, action: 'transfer', number, dynamic_id: writeThread(thread.state, { purpose: 'seat', locale: thread.state.locale, outage: thread.state.outage }) });

/** Only the number is looked at: https://help.aliyun.com/zh/vms/voicereport-6 */
export const REPORT_TAKEN: HookReply = json({ code: 0, msg: '接收成功' });
