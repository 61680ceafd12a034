/** 热点话题: what a period's tickets are about, gathered by their words. */

/** A ticket as the gathering reads it. Texts are masked when they are stored. */
export interface TopicTicket {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  readonly itemCode: string | null;
  readonly departmentId: string | null;
  /** Opened, epoch ms. */
  readonly at: number;
  /** Counts, but nobody reads its words in a report. */
  readonly confidential: boolean;
}

export interface Voice {
  readonly ticketId: string;
  readonly number: string;
  readonly at: number;
  readonly townId: string | null;
  /** Masked, shortened. */
  readonly text: string;
}

/** Keys with how often, the most first; `''` stands for not known. */
export type Counts = readonly { readonly key: string; readonly count: number }[];

export interface FoundTopic {
  /** Telling words, the most telling first. */
  readonly words: readonly string[];
  /** A place that many of them name; null: none. */
  readonly place: string | null;
  readonly count: number;
  /** 0 to 1: how near its tickets' words lie to their middle. What is broad (公交, 噪音) has little, one matter at one place much. */
  readonly closeness: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly towns: Counts;
  readonly departments: Counts;
  readonly items: Counts;
  /** Tickets in each stretch of the period. */
  readonly trend: readonly number[];
  readonly voices: readonly Voice[];
  /** Newest first, at most `LINKED`; confidential ones are not among them. */
  readonly tickets: readonly { readonly id: string; readonly number: string; readonly title: string }[];
}

export interface TopicsFound {
  /** The hottest first: count × closeness². */
  readonly topics: readonly FoundTopic[];
  /** Tickets seen, and how many of them the gathering itself looked at: beyond a limit it works on a sample and sorts the others in. */
  readonly tickets: number;
  readonly gathered: number;
  /** Gathered in matters of two tickets or more. */
  readonly matters: number;
  /** In one of the topics. */
  readonly covered: number;
}

export interface TopicOptions {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Stretches of the trend. */
  readonly parts: number;
  /** Topics told; 10 unless told. */
  readonly most?: number;
  /** Fewer tickets are no topic; 5 unless told. */
  readonly least?: number;
  /** Tickets that the gathering looks at; 8,000 unless told. */
  readonly sample?: number;
  /** Towns' names, which are no telling words. */
  readonly placeNames?: readonly string[];
}

export const LINKED = 30;
