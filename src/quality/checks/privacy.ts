import type { CheckWith } from '../rules.ts';
import { clauses, findAll, has, phrases, plain, unquoted } from '../text.ts';
import type { Hit, Transcript } from '../transcript.ts';

/** 明文索要隐私: a seat asks for what nobody should say in a conversation, or again for a number that is known. */
export function checkPrivacy({ secrets, phone, asking, unless }: CheckWith<'privacy'>): (transcript: Transcript) => Hit[] {
  const secret = phrases(secrets);
  const number = phrases(phone);
  const wants = phrases(asking);
  const fine = phrases(unless);
  return ({ said, knowsPhone }) => {
    const hits: Hit[] = [];
    for (const line of said) {
      if (line.who !== 'seat') continue;
      for (const clause of clauses(unquoted(plain(line.text)))) {
        if (!has(clause.text, wants) || has(clause.text, fine)) continue;
        const known = findAll(clause.text, secret)[0];
        const found = known ?? (knowsPhone ? findAll(clause.text, number)[0] : undefined);
        if (found === undefined) continue;
        const [start, end] = [clause.start + found.start, clause.start + found.end];
        const what = line.text.slice(start, end);
        hits.push({ seq: line.seq, seatId: line.seatId, start: clause.start, end: clause.end, why: known === undefined ? `系统已有市民的联系电话，坐席仍索要“${what}”` : `坐席在会话中索要“${what}”` });
        break;
      }
    }
    return hits;
  };
}
