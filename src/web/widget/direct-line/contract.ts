import type { Draft, Pending, SendState } from './outbox.ts';
import type { WireActivity } from './wire.ts';

/** What the rest of the widget knows of the Direct Line client. */

export type ConnectionStatus =
  /** Not asked for yet. */
  | 'idle'
  | 'connecting'
  /** The stream is open. */
  | 'online'
  /** No stream can be had; answers are fetched every few seconds. */
  | 'polling'
  /** Lost; a new try is planned. */
  | 'waiting'
  /** The device has no network. */
  | 'offline';

export interface ClientEvents {
  /** Once for every activity, in the server's order. `own`: the citizen wrote it. */
  activity(activity: WireActivity, own: boolean): void;
  status(status: ConnectionStatus): void;
  outgoing(clientId: string, state: SendState, info: { readonly serverId?: string; readonly status?: number }): void;
  /** The server has lost the conversation and a new one was begun. */
  restarted(): void;
}

export interface DirectLineClient {
  /** Connects (or resumes); does nothing when already begun. */
  start(): void;
  stop(): void;
  /** `made` hears of the message before its first progress report. */
  send(draft: Draft, made?: (pending: Pending) => void): Pending;
  retryFailed(): void;
  typing(): void;
  /** The browser's online and offline events. */
  network(online: boolean): void;
  /** The page is looked at again: make sure that the stream still lives. */
  wake(): void;
  /** Texts of an earlier page of this tab that were never sent. */
  readonly restored: readonly Pending[];
  readonly resumable: boolean;
}
