import { describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import { buildKnowledge } from '../../src/intake/knowledge.ts';
import type { MatchEntry } from '../../src/matcher/types.ts';
import { city } from '../support/intake.ts';

const first = city.knowledge[0];
if (first === undefined) throw new Error('the demo city has no knowledge');
const department = city.departments[0];
if (department === undefined) throw new Error('the demo city has no department');

const entry = (id: string, over: Partial<KnowledgeEntry> = {}): KnowledgeEntry => {
  const { expiresOn: _expiresOn, ...rest } = first;
  return { ...rest, id, audience: 'public', department: department.id, effectiveFrom: '2026-01-01', ...over };
};

function build(entries: readonly KnowledgeEntry[], today = '2026-11-23') {
  const indexes: string[][] = [];
  const snapshot = buildKnowledge(entries, city, today, (list: readonly MatchEntry[]) => {
    indexes.push(list.map(({ id }) => id));
    return { match: () => ({ decision: { kind: 'abstain' }, ranked: [] }), size: list.length };
  });
  return { snapshot, publicIds: indexes[0] ?? [], deskIds: () => { expect(snapshot.deskMatcher.size).toBeGreaterThanOrEqual(0); return indexes[1] ?? []; } };
}

describe('knowledge snapshot', () => {
  it('keeps what only the desk may see out of the citizens\' index and answers', () => {
    const { snapshot, publicIds, deskIds } = build([entry('open'), entry('inside', { audience: 'desk' })]);
    expect(publicIds).toEqual(['open']);
    expect(deskIds()).toEqual(['open', 'inside']);
    expect(snapshot.entry('inside')).toBeNull();
    expect(snapshot.full('inside')?.id).toBe('inside');
    expect(snapshot.entry('nobody')).toBeNull();
  });

  it('holds from its first day to its last, both included', () => {
    const one = entry('x', { effectiveFrom: '2026-11-20', expiresOn: '2026-11-25' });
    for (const [today, there] of [['2026-11-19', false], ['2026-11-20', true], ['2026-11-25', true], ['2026-11-26', false]] as const) {
      const { snapshot, publicIds } = build([one], today);
      expect([today, publicIds.length === 1, snapshot.entry('x') !== null, snapshot.full('x') !== null]).toEqual([today, there, there, there]);
    }
  });

  it('names the department and the day an answer holds from', () => {
    const { snapshot } = build([entry('x', { source: { title: '办法', url: 'https://example.gov.cn/1' } }), entry('y', { department: 'gone', source: { title: '办法' } })]);
    expect(snapshot.entry('x')?.source).toEqual({ title: '办法', department: department.name, effectiveFrom: '2026-01-01', url: 'https://example.gov.cn/1' });
    expect(snapshot.entry('y')?.source).toEqual({ title: '办法', effectiveFrom: '2026-01-01' });
  });
});
