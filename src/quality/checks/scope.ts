import type { CheckWith } from '../rules.ts';
import { findAll, has, phrases, plain, sentences, unquoted } from '../text.ts';
import { type Hit, type Transcript, turnsOf } from '../transcript.ts';

/** 超范围受理: litigation, arbitration, discipline, reconsideration and petition matters are explained, not taken. */
export function checkScope({ matters, taking, explaining }: CheckWith<'scope'>): (transcript: Transcript) => Hit[] {
  const matter = phrases(matters);
  const takes = phrases(taking);
  const explains = phrases(explaining);
  return ({ said }) =>
    turnsOf(said).flatMap((turn) => {
      if (turn.who !== 'seat' || turn.lines.some((line) => has(plain(line.text), explains))) return [];
      for (const line of turn.lines) {
        for (const sentence of sentences(unquoted(plain(line.text)))) {
          const [what] = findAll(sentence.text, matter);
          const [how] = findAll(sentence.text, takes);
          if (what === undefined || how === undefined) continue;
          return [{ seq: line.seq, seatId: line.seatId, start: sentence.start, end: sentence.end, why: `“${line.text.slice(sentence.start + what.start, sentence.start + what.end)}”不属于热线受理范围，坐席却答应“${line.text.slice(sentence.start + how.start, sentence.start + how.end)}”` }];
        }
      }
      return [];
    });
}
