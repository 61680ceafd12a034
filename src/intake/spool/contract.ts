import type { Address, EpochMs, InboundActivity } from '../../domain/activity.ts';
import type { Log } from '../context.ts';
import type { LockFolder } from './lock.ts';

/** What the intake does while its database is away (ADR 13). */
export interface Spool {
  /**
   * Takes one webhook's activities: by `store` while the store answers, else into the spool. A store that is late with one while it
   * answers others is busy, not away: then this one is spooled and nothing else. `spooled` means: on this
   * machine's disk for good (fsync), stored later, in order. Throws what `store` throws when that is not the store's
   * absence, and AppError `spool.full` or `spool.failed` (retry `later`, 503) when the spool cannot keep it either.
   * @param store gets the activities with an externalId each; must be harmless to run again. May still be running when
   * this resolves: a store that hangs is not waited for longer than the patience.
   */
  take<Result>(activities: readonly InboundActivity[], store: (activities: readonly InboundActivity[]) => Promise<Result>): Promise<Result | 'spooled'>;
  /**
   * Asks the store about a conversation. `away`: it does not answer, or what was said there is still in the spool (`stats().state` tells which).
   * @param waitMs how long `ask` waits for other things than the store (a turn), ms
   */
  ask<Result>(channel: string, address: Address, ask: () => Promise<Result>, waitMs?: number): Promise<Result | 'away'>;
  /** Begins to look for the store and to replay, in the background. */
  start(): void;
  /** Ends the work in hand and closes the files; what is spooled is replayed after the next start. */
  stop(): Promise<void>;
  stats(): SpoolStats;
}

export interface SpoolStats {
  /** `away`: the store does not answer; everything is spooled. `draining`: it answers again, not everything is replayed yet. */
  readonly state: 'through' | 'away' | 'draining';
  /** Webhook activities that wait on disk, and their bytes there. */
  readonly records: number;
  readonly bytes: number;
  readonly oldestAgeMs: number;
  /** Since the start of the process. */
  readonly spooled: number;
  readonly replayed: number;
  /** Set aside because the store will never take them. */
  readonly refused: number;
  /** Places in spool files that could not be read though more came after them. */
  readonly damaged: number;
  /** Webhooks turned away because the spool was full or its disk failed. */
  readonly turnedAway: number;
  /** How often the spool's files were synced; `spooled` ÷ `syncs` is the size of a group. */
  readonly syncs: number;
  /** Processor and waiting time spent in replays, seconds. */
  readonly replaySeconds: number;
}

export interface TimerHandle {
  cancel(): void;
}

export interface SpoolOptions {
  /** `DATA_DIR/spool`; each process works in a folder of its own below it. */
  readonly folder: string;
  /** The vault's: numbers and words lie sealed on the disk. */
  readonly seal: (text: string) => string;
  readonly open: (sealed: string) => string;
  /** Puts one spooled activity where it belongs; harmless to run again. `takenAt`: when the peer was told that we have it. */
  readonly store: (inbound: InboundActivity, takenAt: EpochMs) => Promise<unknown>;
  /** Resolves when the database answers. */
  readonly ping: () => Promise<void>;
  readonly now: () => EpochMs;
  readonly newId: () => string;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Everything that waits, at most, bytes. 512 MiB unless told. */
  readonly limitBytes?: number;
  /** How long a webhook waits for the store, ms; 2,500 unless told: WeChat gives up after five seconds. */
  readonly patienceMs?: number;
  /** How long a webhook waits for what its address still has in the spool while the store answers, ms; 2,000 unless told. */
  readonly catchUpMs?: number;
  /** Between two looks for the store, ms. */
  readonly probeMs?: number;
  /** Size of a file; one is always written in advance, so that a full disk does not stop the spool too. */
  readonly segmentBytes?: number;
  /** Files written in advance. */
  readonly reserveSegments?: number;
  /** Told after each replayed group; for a histogram. */
  readonly onReplay?: (group: { readonly records: number; readonly seconds: number }) => void;
  readonly timers?: { after(ms: number, run: () => void): TimerHandle };
  readonly lock?: LockFolder;
  readonly disk?: Disk;
}

/** The two calls that a bad disk fails; replaced in tests only. */
export interface Disk {
  write(handle: DiskFile, bytes: Buffer, position: number): Promise<void>;
  sync(handle: DiskFile): Promise<void>;
}
export interface DiskFile {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
}
