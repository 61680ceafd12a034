import type { Choice, EpochMs } from '../domain/activity.ts';
import type { Town } from '../domain/config-files.ts';

/**
 * What the slot readers (src/dialog/slots/) are given and answer. Pure: text in, findings with their span out, so that
 * three facts in one breath are three findings of one text.
 */
export interface SlotContext {
  readonly now: EpochMs;
  readonly towns: readonly Town[];
  /** Words that end a place name in speech (路 街 小区 花园 …) and other lexicon lists, from config/lexicon.yaml. */
  readonly lexicon: SlotLexicon;
  /** What the bot has just asked for, if anything: a bare 陈大文 or 万达门口 counts as an answer only then. */
  readonly asked?: AskedFor;
  /** What was read before with the same `now`, towns and lexicon; a turn reads the same words for several slots. */
  readonly readings?: Readings;
}

/** Findings by the text they were read from. */
export interface Readings {
  readonly times: Map<string, Finding<SpokenTime>[]>;
  /** The key begins with what was asked for. */
  readonly places: Map<string, Finding<PlaceFound>[]>;
}

export type AskedFor = 'time' | 'place' | 'phone' | 'name' | 'ticket' | 'number' | 'yes-no' | 'choice' | 'text';

export interface SlotLexicon {
  readonly placeSuffixes: readonly string[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
  /** Words that open a correction: 不对, 不是, 错了, 应该是, 改成 … */
  readonly correction: readonly string[];
  readonly surnames: readonly string[];
}

/** The offered choice that was meant, with its place in the list. */
export interface ChoiceRead extends Choice {
  readonly index: number;
  /** 1 by key, number or exact title; less for a part of the title, a sound-alike or a typo. */
  readonly confidence: number;
}

/** One finding. `value` is canonical, `start`/`end` are UTF-16 offsets into the text given. */
export interface Finding<Value> {
  readonly value: Value;
  readonly start: number;
  readonly end: number;
  /** 0 to 1: how sure the reader is; the engine asks back below its threshold. */
  readonly confidence: number;
}

/** A moment or a stretch as people say it. `spoken` is what the citizen said, for read-back. */
export interface SpokenTime {
  readonly from: EpochMs;
  /** Null for a moment. */
  readonly to: EpochMs | null;
  /** Smallest unit that was said: 昨晚 is `part-of-day`, 3点半 is `minute`. */
  readonly grain: 'minute' | 'hour' | 'part-of-day' | 'day' | 'week' | 'month';
  /** True for 每天晚上, 一直, 经常. */
  readonly recurring: boolean;
  readonly spoken: string;
}

export interface PlaceFound {
  readonly townId: string | null;
  /**
   * The place as said, without filler and without the province, city and town in front of it: “我在东城鸿福路口” gives
   * `dongcheng` and 鸿福路口. Empty when nothing finer than the town was said.
   */
  readonly place: string;
}
