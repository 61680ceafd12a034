import type { BenchChannel } from './gateway.ts';
import { phoneOf, type Caller } from './peers/peer.ts';

/** What a city says to its hotline in a year: which matter, by which channel, in which words. Pure; the same in every run. */

export type Matter = 'question' | 'form' | 'progress' | 'person';

/** Parts of all messages. */
export const MATTERS: Readonly<Record<Matter, number>> = { question: 0.6, form: 0.25, progress: 0.1, person: 0.05 };

/** Dongguan's eleven months: 4.841 of 5.568 million requests by phone. The rest is divided between the two written channels. */
export const CITY_CHANNELS: Readonly<Record<BenchChannel, number>> = { phone: 0.87, webchat: 0.065, wechat: 0.065 };

export interface Talk {
  readonly channel: BenchChannel;
  readonly matter: Matter;
  readonly caller: Caller;
  readonly lines: readonly string[];
  /** The answer to the last line names a ticket that was opened. */
  readonly opensTicket: boolean;
}

export interface Mix {
  next(): Talk;
  /** A ticket was opened: somebody will ask for it. */
  opened(ticket: { readonly number: string; readonly caller: Caller }): void;
  /** Messages planned so far, by matter. */
  planned(): Readonly<Record<Matter, number>>;
}

export interface MixOptions {
  readonly random: () => number;
  /** Wordings of questions. */
  readonly questions: readonly string[];
  readonly channels?: Readonly<Record<BenchChannel, number>>;
  /** Callers begin with this one, so that two mixes on one store are not the same people. */
  readonly firstCaller?: number;
}

/** Tickets that are remembered to be asked for. */
const REMEMBERED = 4096;
const CALLERS = 100_000_000;
/** Coprime to CALLERS: everybody is met once before anybody is met again, in no order. */
const STRIDE = 61_803_397;
const QUESTIONS_MOST = 4;

export function createMix({ random, questions, channels = CITY_CHANNELS, firstCaller = 0 }: MixOptions): Mix {
  const matters = { question: 0, form: 0, progress: 0, person: 0 };
  const byChannel = { phone: 0, webchat: 0, wechat: 0 };
  const tickets: { readonly number: string; readonly caller: Caller }[] = [];
  let talks = 0;
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';

  return {
    next: () => {
      talks += 1;
      const channel = neediest(channels, byChannel);
      // Nobody can ask for a ticket before one was opened; what is missed is made up for later.
      const matter = neediest(tickets.length === 0 ? { ...MATTERS, progress: 0 } : MATTERS, matters);
      const ticket = matter === 'progress' ? tickets.splice(Math.floor(random() * tickets.length), 1)[0] : undefined;
      const caller = ticket?.caller ?? { number: ((firstCaller + talks) * STRIDE) % CALLERS };
      const lines = ticket === undefined ? linesOf(matter, channel, caller, random, () => pick(questions)) : [`查一下${ticket.number}，后四位${phoneOf(caller).slice(-4)}`];
      matters[matter] += lines.length;
      byChannel[channel] += lines.length;
      return { channel, matter, caller, lines, opensTicket: matter === 'form' };
    },
    opened: (ticket) => {
      if (tickets.length < REMEMBERED) tickets.push(ticket);
      else tickets[Math.floor(random() * REMEMBERED)] = ticket;
    },
    planned: () => ({ ...matters }),
  };
}

/** A ticket's number in an answer, as it is written or as it is spoken (digit by digit); null when there is none. */
export function ticketNumberIn(answer: string): string | null {
  return /(?<!\d)2(?:[ ,，]?\d){13}(?![ ,，]?\d)/.exec(answer)?.[0].replace(/\D/g, '') ?? null;
}

/** The one that is farthest behind its share. */
function neediest<Name extends string>(shares: Readonly<Record<Name, number>>, done: Readonly<Record<Name, number>>): Name {
  let best: Name | null = null;
  for (const name in shares) {
    if (shares[name] > 0 && (best === null || done[name] / shares[name] < done[best] / shares[best])) best = name;
  }
  if (best === null) throw new Error('nothing has a share');
  return best;
}

function linesOf(matter: Matter, channel: BenchChannel, caller: Caller, random: () => number, question: () => string): readonly string[] {
  // The network vouches for a caller's number; in writing it is asked for.
  const number = channel === 'phone' ? [] : [phoneOf(caller)];
  const house = 1 + Math.floor(random() * 900);
  switch (matter) {
    case 'form':
      return [`楼下工地半夜两点还在施工吵死了，东城鸿福路${house}号`, ...number, '对'];
    case 'person':
      return ['人工', `小区门口的路灯坏了好几天，东城东纵路${house}号`, ...number];
    default:
      return Array.from({ length: 1 + Math.floor(random() * QUESTIONS_MOST) }, question);
  }
}
