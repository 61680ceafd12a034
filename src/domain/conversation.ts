import type { Address, EpochMs, Locale, Modality } from './activity.ts';

/** Who writes to the citizen. Exactly one, decided on the server when a reply is sent (law 3). */
export type Owner = 'bot' | 'waiting' | 'human' | 'closed';

export interface Emergency {
  readonly category: string;
  readonly words: readonly string[];
  readonly at: EpochMs;
}

/** One conversation: everything said at one address of one channel. A message to a closed one reopens it. */
export interface Conversation {
  readonly id: string;
  readonly channel: string;
  readonly address: Address;
  readonly modality: Modality;
  readonly locale: Locale;
  readonly citizenId: string;
  /** The enterprise that the citizen speaks for (企业直通车); null: nobody but themselves. */
  readonly enterpriseId: string | null;
  readonly owner: Owner;
  /** The seat that has it; only when owner is `human`. */
  readonly seatId: string | null;
  /** Why a person is asked for; null while the bot has it. */
  readonly handoffReason: string | null;
  readonly waitingSince: EpochMs | null;
  readonly emergency: Emergency | null;
  readonly understood: Understood | null;
  /** Citizen's messages that the seat has not seen. */
  readonly unread: number;
  readonly createdAt: EpochMs;
  readonly lastInboundAt: EpochMs | null;
  readonly lastActivityAt: EpochMs;
  /** Highest seq of its activities. */
  readonly lastSeq: number;
  /** Highest seq a `pull` channel has collected. */
  readonly collectedSeq: number;
  /** Counts changes; writers compare it. */
  readonly version: number;
}

export interface ItemSuggestion {
  readonly code: string;
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
  /** Words of the text that decided. */
  readonly matched: readonly string[];
  /** May be filled in without a person, says the learned model's calibration; absent: no model was learned, `itemScore` of config/dialog.yaml decides. */
  readonly sure?: boolean;
}

/** What the desk shows beside a conversation. Slot values are masked by the runner before they are stored. */
export interface Understood {
  /** Flow id the citizen is in, e.g. `report`. */
  readonly flow: string | null;
  readonly slots: readonly { readonly name: string; readonly label: string; readonly value: string }[];
  /** Item suggestions for what was said, best first. */
  readonly items: readonly ItemSuggestion[];
}
