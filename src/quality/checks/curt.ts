import type { CheckWith } from '../rules.ts';
import { findAll, has, phrases, plain, unquoted } from '../text.ts';
import { type Hit, type Transcript, turnsOf } from '../transcript.ts';

/** 生硬推诿: a refusal in a turn of the seat that says nowhere how it goes on. One finding a turn. */
export function checkCurt({ refusals, ways }: CheckWith<'curt'>): (transcript: Transcript) => Hit[] {
  const refuses = phrases(refusals);
  const leads = phrases(ways);
  return ({ said }) =>
    turnsOf(said).flatMap((turn) => {
      if (turn.who !== 'seat' || turn.lines.some((line) => has(plain(line.text), leads))) return [];
      for (const line of turn.lines) {
        const found = findAll(unquoted(plain(line.text)), refuses)[0];
        if (found !== undefined) return [{ seq: line.seq, seatId: line.seatId, ...found, why: `坐席以“${line.text.slice(found.start, found.end)}”回绝，没有告诉市民接下来怎么办` }];
      }
      return [];
    });
}
