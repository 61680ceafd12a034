import type { CheckWith } from '../rules.ts';
import { clauses, findAll, has, phrases, plain, unquoted } from '../text.ts';
import type { Hit, Transcript } from '../transcript.ts';

/** 喊什么喊, 催什么催: the scolding that no list holds in full. 有什么有 and its like are none. */
const SCOLDING = /([嚷喊吵催叫急问闹吼凶哭说怕慌横]{1,2})什么\1/g;
/** Shortly before a banned word, in the same clause: it is denied, not said. */
const DENIED_WITHIN = 6;

/** 服务禁语: insults and impatience in a seat's own words; what is quoted, reported or denied is not counted. */
export function checkBanned({ words, quoting, unless, scolding }: CheckWith<'banned'>): (transcript: Transcript) => Hit[] {
  const banned = phrases(words);
  const reports = phrases(quoting);
  const denies = phrases(unless);
  return ({ said }) => {
    const hits: Hit[] = [];
    for (const line of said) {
      if (line.who !== 'seat') continue;
      const text = unquoted(plain(line.text));
      const found = [...findAll(text, banned), ...(scolding ? findAll(text, SCOLDING) : [])].sort((a, b) => a.start - b.start);
      const first = found.find(({ start }) => {
        // A phrase may hold a comma; what matters is the clause in which it begins.
        const clause = clauses(text).find((one) => start >= one.start && start < one.end);
        const before = clause === undefined ? '' : text.slice(clause.start, start);
        return !has(before, reports) && !has(before.slice(-DENIED_WITHIN), denies);
      });
      if (first !== undefined) hits.push({ seq: line.seq, seatId: line.seatId, start: first.start, end: first.end, why: `坐席说了服务禁语“${line.text.slice(first.start, first.end)}”` });
    }
    return hits;
  };
}
