import type { EpochMs, Modality } from '../domain/activity.ts';

/** What an inspection looks at: who said what and when, and what happened besides, from the asking for a person to the end. */

export interface Said {
  /** Of the activity; places in findings are told by it. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly who: 'citizen' | 'seat' | 'bot' | 'system';
  /** Which seat; null for everybody else. */
  readonly seatId: string | null;
  /** As it was shown, personal numbers masked. */
  readonly text: string;
}

/**
 * `asked`: for a person; `accepted`: a seat took it; `ticket`: one was opened; `urged`: an open one was pressed; `transferred`: to a seat, a group or a
 * department; `ended`: by the seat; `left`: the citizen went, or the line broke.
 */
export interface Happening {
  readonly kind: 'asked' | 'accepted' | 'ticket' | 'urged' | 'transferred' | 'ended' | 'left';
  readonly at: EpochMs;
  /** Of `accepted`: who. */
  readonly seatId?: string;
}

export interface Transcript {
  readonly channel: string;
  readonly modality: Modality;
  /** In order of seq. */
  readonly said: readonly Said[];
  /** In order of time. */
  readonly happened: readonly Happening[];
  /** A number to call back at was known before anybody asked. */
  readonly knowsPhone: boolean;
}

/** What one rule holds against one line. */
export interface Hit {
  readonly seq: number;
  readonly seatId: string | null;
  /** Part of the line's text that is the evidence, UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** In words for people, without personal data. */
  readonly why: string;
}

/** Uninterrupted lines of one speaker; the bot's and the house's lines interrupt nobody. */
export interface Turn {
  readonly who: 'citizen' | 'seat';
  readonly seatId: string | null;
  readonly lines: readonly Said[];
}

/** Lines of citizen and seats, gathered into turns. */
export function turnsOf(said: readonly Said[]): readonly Turn[] {
  const turns: { who: 'citizen' | 'seat'; seatId: string | null; lines: Said[] }[] = [];
  for (const line of said) {
    if (line.who !== 'citizen' && line.who !== 'seat') continue;
    const last = turns.at(-1);
    if (last !== undefined && last.who === line.who && last.seatId === line.seatId) last.lines.push(line);
    else turns.push({ who: line.who, seatId: line.seatId, lines: [line] });
  }
  return turns;
}

/** The whole line as evidence. */
export function hitLine(line: Said, why: string): Hit {
  return { seq: line.seq, seatId: line.seatId, start: 0, end: line.text.length, why };
}
