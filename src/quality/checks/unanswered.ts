import type { CheckWith } from '../rules.ts';
import { asks, clauses, has, phrases, plain, type Piece, sentences, unquoted } from '../text.ts';
import { type Hit, type Said, type Transcript, type Turn, turnsOf } from '../transcript.ts';

/**
 * 未回应提问: a citizen asks, and nothing that the seat says soon afterwards takes it up. A question is known by its words (“多少”, “能不能”, “吗”); that it
 * was taken up by the words that answer such a question, by words of its own that come again, or by its being looked into.
 */

/** Turns of the seat in which an answer counts; it may ask back and look things up first. */
const NEAR_TURNS = 4;
/** “你们查？” repeats what was heard. */
const ECHO_CHARS = 4;
const BY_TONE = { kind: { name: '疑问' }, answers: null };
const FIGURES = /几(?:天|个|分钟|小时|周)|[0-9一二两三四五六七八九十百千半]+(?:个|点|多)?(?:元|块|毛|万|天|日|号|月|年|周|星期|小时|分钟|成|%|折|次|度|立方|岁|人|名|份|例|以内|左右|之间|工作日|个月)|(?:[0-9]|[二两三四五六七八九十])点|一点(?:钟|半|整|前|后|到)|免费|不收费|不用交|不要钱/;
/** 能不能, 有没有, 得唔得: what is asked for may come back as the answer. */
const EITHER = /([\u4e00-\u9fff])[不没唔]\1/g;
/** One who may is told 可以, not 能. */
const SAME: Readonly<Record<string, readonly string[]>> = { 能: ['能', '可以', '行'], 可: ['可以', '能', '行'], 行: ['可以', '能', '行'], 得: ['可以', '能', '行', '得'], 合: ['合', '标准', '规定', '依据', '不得'], 是: ['是', '不会', '对'], 要: ['要', '不用', '需'], 有: ['有', '没'] };

type Kind = CheckWith<'unanswered'>['kinds'][number];

interface Question {
  readonly line: Said;
  readonly clause: Piece;
  readonly kind: Pick<Kind, 'name' | 'numbers'>;
  /** Null: asked by its tone alone; whatever is told answers it. */
  readonly answers: RegExp | null;
  /** Pairs of characters that say what it is about. */
  readonly about: ReadonlySet<string>;
  readonly modal: readonly string[];
}

export function checkUnanswered({ idle, kinds, withdrawn, takesUp, refusals, filler }: CheckWith<'unanswered'>): (transcript: Transcript) => Hit[] {
  const rhetorical = phrases(idle);
  const known = kinds.map((kind) => ({ kind, asks: phrases(kind.asks), answers: phrases(kind.answers) }));
  const gone = phrases(withdrawn);
  const uptake = phrases(takesUp);
  const refuses = phrases(refusals);
  const empty = phrases(filler);

  const pairs = (text: string): Set<string> => {
    const found = new Set<string>();
    for (const run of text.replace(empty, ' ').match(/[\u4e00-\u9fff]{2,}|[a-z0-9]{2,}/g) ?? []) {
      if (/[a-z0-9]/.test(run)) found.add(run);
      else for (let at = 0; at + 1 < run.length; at += 1) found.add(run.slice(at, at + 2));
    }
    return found;
  };

  const questionsOf = (turn: Turn): Question[] => {
    const turnText = turn.lines.map(({ text }) => plain(text)).join('\n');
    return turn.lines.flatMap((line) =>
      sentences(plain(line.text)).flatMap((sentence) => {
        const parts = clauses(sentence.text);
        return parts.flatMap((clause, index) => {
          if (has(clause.text, rhetorical) || has(turnText.slice(turnText.indexOf(clause.text) + clause.text.length), gone)) return [];
          const last = index === parts.length - 1;
          const found = known.find((one) => has(clause.text, one.asks)) ?? (last && clause.text.length > ECHO_CHARS && asks(sentence.text) ? BY_TONE : undefined);
          if (found === undefined) return [];
          // 怎么办 says nothing of what it is about: the clause before it does.
          const about = pairs(clause.text.length >= 6 ? clause.text : `${parts[index - 1]?.text ?? ''} ${clause.text}`);
          const modal = [...clause.text.matchAll(EITHER)].flatMap(([, verb = '']) => SAME[verb] ?? [verb]);
          return [{ line, clause: { ...clause, start: sentence.start + clause.start, end: sentence.start + clause.end }, kind: found.kind, answers: found.answers, about, modal }];
        });
      }),
    );
  };

  /** What a seat tells in a turn: no questions of its own, no refusals. */
  const told = (turn: Turn): string[] =>
    turn.lines.flatMap((line) => sentences(unquoted(plain(line.text))))
      .flatMap((sentence) => (asks(sentence.text) ? clauses(sentence.text).slice(0, -1) : clauses(sentence.text)))
      .map(({ text }) => text)
      .filter((text) => !has(text, refuses));

  const answered = (question: Question, asked: readonly Question[], after: readonly string[]): boolean => {
    const others = asked.length - 1;
    const { answers } = question;
    const again = after.some((text) => [...pairs(text)].some((pair) => question.about.has(pair)));
    const alone = asked.every(({ line }) => line.seq === question.line.seq);
    if (answers === null) return alone ? after.some((text) => text.replace(empty, '').trim() !== '') : again;
    // Messages are read one by one: what takes up one of them need not have seen the other.
    if (after.some((text) => has(text, uptake)) && (again || alone)) return true;
    if (question.kind.numbers === true) return after.some((text) => FIGURES.test(text) || has(text, answers));
    if (again) return true;
    if (others > 0 && question.modal.length > 0) return after.some((text) => question.modal.some((word) => text.includes(word)));
    return after.some((text) => has(text, answers) || question.modal.some((word) => text.includes(word)));
  };

  return ({ said, happened }) => {
    const turns = turnsOf(said);
    const left = happened.findLast(({ kind }) => kind === 'ended' || kind === 'left')?.kind === 'left';
    return turns.flatMap((turn, index) => {
      if (turn.who !== 'citizen') return [];
      const later = turns.slice(index + 1).filter(({ who }) => who === 'seat').slice(0, NEAR_TURNS);
      // Whoever goes at once did not wait for an answer.
      if (later.length === 0 && (left || turns.slice(0, index).every(({ who }) => who !== 'seat'))) return [];
      const questions = questionsOf(turn);
      const after = later.flatMap(told);
      // Asked back, and the citizen went: there was no time to answer.
      if (left && after.length === 0 && later.every((one) => one.lines.every((line) => asks(plain(line.text))))) return [];
      const open = questions.find((question) => !answered(question, questions, after));
      if (open === undefined) return [];
      const { line, clause, kind } = open;
      return [{ seq: line.seq, seatId: later[0]?.seatId ?? null, start: clause.start, end: clause.end, why: `市民问“${line.text.slice(clause.start, clause.end)}”（${kind.name}），坐席之后没有回应` }];
    });
  };
}
