import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MOVE_NAMES } from '../../src/domain/ticket-moves.ts';
import { TICKET_STATES } from '../../src/domain/ticket.ts';
import { DOCUMENT, movesText, withMoves } from '../support/ticket-diagram.ts';

describe('docs/tickets.md', () => {
  const document = readFileSync(DOCUMENT, 'utf8');

  it('shows the table of moves as it is (write it anew: npx tsx test/support/ticket-diagram.ts)', () => {
    expect(document).toBe(withMoves(document));
  });

  it('draws every state and names every move, with the ways back that only the ticket knows', () => {
    const text = movesText();
    for (const state of TICKET_STATES) expect(text).toContain(`state "${state}" as s`);
    for (const name of MOVE_NAMES) expect(text).toContain(`| \`${name}\` |`);
    // 退单待审 goes back to 待签收 and 办理中, 回访 to 重办, 归档 to 重办 and to 待派.
    for (const edge of ['s7 --> s3: 驳回退单', 's7 --> s4: 驳回退单', 's11 --> s6: 回访不满意', 's12 --> s6: 重新办理', 's12 --> s2: 重新办理', 's4 --> s4: 登记首次联系']) expect(text).toContain(edge);
    expect(text).not.toContain('s12 --> s7');
  });
});
