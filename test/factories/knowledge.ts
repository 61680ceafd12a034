import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import { nextId } from './ids.ts';

export function aKnowledgeEntry(overrides: Partial<KnowledgeEntry> = {}): KnowledgeEntry {
  return {
    id: `sample.${nextId('entry')}`, module: 'faq', question: '工地夜间施工归谁管？', wordings: ['晚上施工太吵找谁'], answer: '夜间施工噪声由生态环境部门受理，可以通过热线登记。',
    voice: '夜间施工噪声由生态环境部门受理。', department: 'ecology', source: { title: '示例办事指引' }, effectiveFrom: '2025-01-01', ...overrides,
  };
}
