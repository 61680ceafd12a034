import type { CheckWith } from '../rules.ts';
import { asks, clauses, findAll, has, phrases, plain, type Piece, sentences, type Span, unquoted } from '../text.ts';
import type { Hit, Transcript } from '../transcript.ts';

/** 越权承诺: a result that is guaranteed, or told sooner than any rule gives it. An answer within the deadline is none. */
export function checkOverpromise({ sure, soon, results, unless }: CheckWith<'overpromise'>): (transcript: Transcript) => Hit[] {
  const guarantees = phrases(sure);
  const hurries = phrases(soon);
  const outcome = phrases(results);
  const careful = phrases(unless);
  /** The result follows what guarantees it (修好了，肯定 is no promise), in its clause or the next; what hurries stands in the clause itself. */
  const promisesIn = (sentence: Piece): Span[] => {
    const parts = clauses(sentence.text);
    return parts.flatMap((clause, index) => {
      if (has(clause.text, careful)) return [];
      const next = parts[index + 1];
      const firmly = findAll(clause.text, guarantees)[0];
      const soonest = findAll(clause.text, hurries)[0];
      const first = Math.min(firmly?.start ?? Infinity, soonest?.start ?? Infinity);
      if (first !== Infinity && has(clause.text.slice(first), outcome)) return [{ start: sentence.start + clause.start, end: sentence.start + clause.end }];
      if (firmly === undefined || next === undefined || has(next.text, careful) || !has(next.text, outcome)) return [];
      return [{ start: sentence.start + clause.start, end: sentence.start + next.end }];
    });
  };
  return ({ said }) => {
    const hits: Hit[] = [];
    for (const line of said) {
      if (line.who !== 'seat') continue;
      const found = sentences(unquoted(plain(line.text)))
        .filter((sentence) => !asks(sentence.text))
        .flatMap((sentence) => promisesIn(sentence))
        .at(0);
      if (found !== undefined) hits.push({ seq: line.seq, seatId: line.seatId, start: found.start, end: found.end, why: `坐席承诺了办理结果或时间：“${line.text.slice(found.start, found.end)}”` });
    }
    return hits;
  };
}
