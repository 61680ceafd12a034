import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MoverRole, TICKET_MOVES, type TicketMove } from '../../src/domain/ticket-moves.ts';
import { TICKET_STATES, type TicketState } from '../../src/domain/ticket.ts';

/**
 * The table of moves as docs/tickets.md shows it: a diagram (https://mermaid.js.org/syntax/stateDiagram.html) and a table.
 * Write it anew after a change of the table: `npx tsx test/support/ticket-diagram.ts`.
 */

export const DOCUMENT = new URL('../../docs/tickets.md', import.meta.url);
const BEGIN = '<!-- moves: written by test/support/ticket-diagram.ts -->';
const END = '<!-- /moves -->';

const ROLES: Readonly<Record<MoverRole, string>> = { system: '系统', citizen: '市民', seat: '坐席', editor: '知识编辑', supervisor: '班长', administrator: '管理员', department: '承办单位', partner: '伙伴平台' };
const idOf = (state: TicketState): string => `s${TICKET_STATES.indexOf(state) + 1}`;

/** Where a move may lead from a state. */
function targets(move: TicketMove, from: TicketState): readonly TicketState[] {
  if (move.to === 'same') return [from];
  if (move.to !== 'before') return [move.to, ...(move.unsent === undefined ? [] : [move.unsent])];
  // Back to where the state was entered from; a request for a hold leaves the state as it is.
  const entered = [...new Set(TICKET_MOVES.filter(({ to }) => to === from).flatMap((other) => other.from))];
  return ['退单待审', '延期待审', '挂起', '办结待审'].includes(from) ? entered : [from];
}

export function movesText(): string {
  const edges = new Map<string, string[]>();
  for (const move of TICKET_MOVES) for (const from of move.from) for (const to of targets(move, from)) edges.set(`${idOf(from)} --> ${idOf(to)}`, [...(edges.get(`${idOf(from)} --> ${idOf(to)}`) ?? []), move.label]);
  const diagram = ['```mermaid', 'stateDiagram-v2', ...TICKET_STATES.map((state) => `  state "${state}" as ${idOf(state)}`), '  [*] --> s1', ...[...edges].map(([edge, labels]) => `  ${edge}: ${labels.join('、')}`), `  ${idOf('归档')} --> [*]`, '```'];
  const who = ({ roles }: TicketMove): string => roles.map((role) => ROLES[role]).join(' ');
  const goal = ({ to, unsent }: TicketMove): string => `${to === 'same' ? '不变' : to === 'before' ? '原状态' : to}${unsent === undefined ? '' : `（没有承办单位时${unsent}）`}`;
  const table = ['| Move | 动作 | From | To | Who | Must be given | May be given | Event |', '|---|---|---|---|---|---|---|---|', ...TICKET_MOVES.map((move) => `| \`${move.name}\` | ${move.label} | ${move.from.join(' ')} | ${goal(move)} | ${who(move)} | ${move.needs.join(', ')} | ${move.takes.join(', ')} | \`${move.event}\` |`)];
  return [...diagram, '', ...table].join('\n');
}

/** The document with its generated part as the table of moves is now. */
export function withMoves(document: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/tickets.md has lost the marks of its generated part');
  return `${before}${BEGIN}\n${movesText()}\n${END}${after}`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) writeFileSync(DOCUMENT, withMoves(readFileSync(DOCUMENT, 'utf8')));
