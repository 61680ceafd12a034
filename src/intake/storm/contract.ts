import type { EpochMs } from '../../domain/activity.ts';
import type { GivenUp, StormCause, StormPin } from '../../domain/storm.ts';
import type { Repositories } from '../../store/contract.ts';
import type { StormGroups } from './groups.ts';
import type { StormSettings } from './settings.ts';

/** How pressed the house is, as this node knows it; what all nodes agreed on lies in the store. */
export interface StormView {
  readonly level: number;
  /** Null: calm. */
  readonly name: string | null;
  readonly since: EpochMs;
  readonly began: EpochMs | null;
  /** × the usual. */
  readonly load: number;
  /** Messages in five minutes: at the pace of now, and usually at this hour. */
  readonly perFive: number;
  readonly normal: number;
  /** Is the usual learned from weeks before, or set in config/storm.yaml? */
  readonly learned: boolean;
  readonly givesUp: readonly GivenUp[];
  readonly cause: StormCause | null;
  readonly pin: StormPin | null;
  /** Newest last. */
  readonly history: readonly StormChange[];
}

export interface StormChange {
  readonly at: EpochMs;
  readonly from: number;
  readonly to: number;
  readonly cause: StormCause | null;
  readonly load: number;
}

/** What intake asks and tells. */
export interface Storm {
  readonly settings: StormSettings;
  readonly view: () => StormView;
  /** Is this given up now? */
  readonly givesUp: (what: GivenUp) => boolean;
  /** Is the same matter gathered now? */
  readonly gathers: () => boolean;
  /** A citizen's message was taken here. */
  readonly heard: () => void;
  /** A turn began so long after it was due, ms. */
  readonly waited: (ms: number) => void;
  readonly groups: StormGroups;
  /** Called when the level is another than before. @returns how to stop hearing */
  readonly onChange: (listener: (view: StormView) => void) => () => void;
}

/** What only the wiring and the desk need. */
export interface StormKeeper extends Storm {
  /** One look: measure, agree with the other nodes, act. Never throws. */
  look(): Promise<void>;
  /** A supervisor sets the level for a while; null: the figures decide again. Holds on this node at once. */
  pin(repos: Repositories, pin: StormPin | null): Promise<void>;
  /** After the commit of `pin`. */
  pinned(): Promise<void>;
}
