import type { JSX } from 'preact';
import type { ActivityView } from '../../../shared/api-types.ts';
import { clockTime } from '../../../shared/format.ts';
import { isRecord } from '../../../shared/guards.ts';
import type { FindingView } from '../../../shared/quality-types.ts';
import { ROLES } from '../../labels.ts';
import { MARKED_TRANSCRIPT as w } from './words.ts';

/** What was said, the evidence of each finding marked with its number. */
export function MarkedTranscript({ activities, findings, current, onChoose }: { readonly activities: readonly ActivityView[]; readonly findings: readonly FindingView[]; readonly current: number; readonly onChoose: (number: number) => void }): JSX.Element {
  return (
    <ol class="said" aria-label={w.transcript}>
      {activities.flatMap((activity) => {
        const text = textOf(activity);
        if (text === '') return [];
        const here = findings.filter(({ seq }) => seq === activity.seq);
        return [
          <li key={activity.id} class={`said-line ${activity.role}`}>
            <span class="said-who">
              {activity.seatName ?? ROLES[activity.role]} <time>{clockTime(activity.at)}</time>
            </span>
            <p class="text">
              <Marks text={text} findings={here} current={current} onChoose={onChoose} />
            </p>
          </li>,
        ];
      })}
    </ol>
  );
}

/** What somebody wrote or said; what the house notes (accepted, ended) as a word in brackets; else ''. */
function textOf({ content }: ActivityView): string {
  if (content.type === 'message') return content.text !== '' ? content.text : (content.speak ?? ((content.attachments?.length ?? 0) > 0 ? w.attachment : ''));
  if (content.type === 'event' && content.name === 'handoff.status' && isRecord(content.value)) {
    const state = content.value['state'];
    return state === 'accepted' ? w.seatJoins : state === 'waiting' ? w.askedForAPerson : state === 'completed' ? w.serviceByASeat : '';
  }
  return content.type === 'endOfConversation' ? w.conversationEnds : '';
}

interface Piece {
  readonly text: string;
  readonly marks: readonly FindingView[];
}

/** Spans may lie over each other: cut at every border. */
function cut(text: string, findings: readonly FindingView[]): readonly Piece[] {
  const borders = [...new Set([0, text.length, ...findings.flatMap(({ start, end }) => [Math.min(start, text.length), Math.min(end, text.length)])])].sort((a, b) => a - b);
  return borders.flatMap((from, index) => {
    const to = borders[index + 1];
    return to === undefined ? [] : [{ text: text.slice(from, to), marks: findings.filter(({ start, end }) => start < to && end > from) }];
  });
}

function Marks({ text, findings, current, onChoose }: { readonly text: string; readonly findings: readonly FindingView[]; readonly current: number; readonly onChoose: (number: number) => void }): JSX.Element {
  const told = new Set<number>();
  return (
    <>
      {cut(text, findings).map((piece, at) => {
        const fresh = piece.marks.filter(({ number }) => !told.has(number));
        for (const { number } of fresh) told.add(number);
        if (piece.marks.length === 0) return piece.text;
        const standing = piece.marks.filter(({ verdict }) => verdict !== 'dropped');
        const worst = standing.find(({ severity }) => severity === 'fatal') ?? standing.find(({ severity }) => severity === 'major') ?? standing[0];
        return (
          <span key={at}>
            {fresh.map(({ number, ruleName }) => (
              <button key={number} type="button" class="said-number" data-finding={number} aria-label={w.finding(number, ruleName)} aria-pressed={number === current} onClick={() => onChoose(number)}>
                {number}
              </button>
            ))}
            <mark class={`${worst?.severity ?? 'dropped'}${piece.marks.some(({ number }) => number === current) ? ' current' : ''}`}>{piece.text}</mark>
          </span>
        );
      })}
    </>
  );
}
