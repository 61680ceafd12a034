import type { TurnContext } from 'botbuilder';
import type { Capabilities, ChannelPorts } from '../../src/channel/contract.ts';
import type { Settings } from './config.ts';
import type { References } from './references.ts';

/** What receiving and sending share. */
export interface Service {
  readonly settings: Settings;
  readonly capabilities: Capabilities;
  readonly ports: ChannelPorts;
  readonly references: References;
  /** Absolute public address of an attachment's url. */
  readonly publicUrl: (url: string) => string;
  /** Longest wait for the answer that `expectReplies` asks for, ms. */
  readonly patienceMs: number;
}

/** A conversation that is open for sending. */
export type OpenTurn = Pick<TurnContext, 'activity' | 'sendActivities'>;
