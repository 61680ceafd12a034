import type { Disturbance } from './plan.ts';

export type ChannelName = 'webchat' | 'wechat-miniprogram' | 'wechat-official' | 'ivr-twilio';
/** Answers that go by WeChat's API, which takes no key for a send. */
export const isWeChat = (channel: ChannelName): boolean => channel.startsWith('wechat-');
export const CHANNELS: readonly ChannelName[] = ['webchat', 'wechat-miniprogram', 'wechat-official', 'ivr-twilio'];

export interface TortureOptions {
  readonly seed: number;
  /** SIGKILLs of server processes. */
  readonly kills: number;
  readonly bus: 'embedded' | 'bullmq';
  readonly db: 'sqlite' | 'postgres';
  readonly nodes: number;
  /** Of each node (PROCESSES); 1 unless told. */
  readonly processes?: number;
  /** Citizens of each channel who talk at the same time. */
  readonly citizens: number;
  /** Which server runs; see `ServerOptions.built`. */
  readonly built: boolean | 'when-fresh';
  /** Other disturbances for each kill, about. */
  readonly spice: number;
  /** How long a citizen rests between two words, ms, so that nodes that come back need not share the cores with talk; not at all unless told. */
  readonly breathMs?: number;
  /** Arguments of the servers' node. */
  readonly nodeArguments?: readonly string[];
  readonly onProgress?: (progress: { readonly killed: number; readonly doing: string }) => void;
}

/** A broken promise, found from outside. */
export interface Fault {
  /** Which promise: `stored-once`, `one-effect`, `heard-in-order` … */
  readonly law: string;
  readonly channel?: ChannelName;
  /** The conversation's address; none of them is a person's. */
  readonly address?: string;
  readonly detail: string;
}

export interface DoneDisturbance {
  /** Milliseconds since the first disturbance could have come. */
  readonly atMs: number;
  readonly kind: Disturbance['kind'];
  readonly detail: string;
}

export interface Verdict {
  readonly verdict: 'ok' | 'broken';
  readonly seed: number;
  readonly combination: string;
  readonly nodes: number;
  readonly processes: number;
  readonly built: boolean;
  readonly kills: number;
  readonly disturbances: readonly DoneDisturbance[];
  /** What of the plan could not be done here, and why. */
  readonly skipped: readonly string[];
  readonly conversations: number;
  /** Messages, calls' steps included, whose peer got its yes. */
  readonly accepted: number;
  /** Requests that peers made again: no answer came, or the answer came and they asked all the same. */
  readonly resent: number;
  /** Repeated requests that changed nothing and got the first one's answer. */
  readonly duplicatesRefused: number;
  readonly answers: number;
  readonly tickets: number;
  readonly looksAtIdentity: number;
  /** WeChat sends that came more than once: the documented exception. */
  readonly repeatedSends: number;
  /** Answers that a caller did not wait for after being told to wait. */
  readonly unheard: number;
  /** Calls that ended while the database was away: each is owed a callback, and is a ticket of its own. */
  readonly callbacks: number;
  /** Sockets that were opened again and went on at their watermark. */
  readonly reconnects: number;
  readonly seconds: number;
  readonly faults: readonly Fault[];
  /** How to run the same again. */
  readonly again: string;
}
