import type { KnowledgeModule, KnowledgeState, NoteKind, RevisionState, TaskKind } from '../../../shared/api-types.ts';
import type { Tone } from '../../ui/bits.tsx';

/** Words of the knowledge base that stand for codes, and who may do what. */

export const MODULES: Readonly<Record<KnowledgeModule, string>> = { duties: '问政清单', desk: '业务指引', faq: '常见问题', terms: '专业名词', guides: '办事指南' };
export const MODULE_LIST: readonly KnowledgeModule[] = ['faq', 'guides', 'duties', 'desk', 'terms'];
export const moduleLabel = (id: string): string => MODULE_LIST.flatMap((each) => (each === id ? [MODULES[each]] : []))[0] ?? id;

export const STATES: Readonly<Record<KnowledgeState, { readonly label: string; readonly tone: Tone }>> = {
  valid: { label: '有效', tone: 'good' },
  due: { label: '待复核', tone: 'warn' },
  expired: { label: '已过期', tone: 'bad' },
  coming: { label: '未生效', tone: 'info' },
};
export const STATE_LIST: readonly KnowledgeState[] = ['valid', 'due', 'expired', 'coming'];

export const REVISION_TONES: Readonly<Record<RevisionState, Tone>> = { draft: 'plain', review: 'warn', returned: 'bad', approved: 'info', published: 'good', replaced: 'plain', retired: 'plain', dropped: 'plain' };
export const TASK_KINDS: Readonly<Record<TaskKind, string>> = { wrong: '有误', missing: '缺漏', unclear: '不清楚', review: '复核到期', expiry: '即将失效', lint: '检查发现', gap: '缺口' };
export const TASK_LIST: readonly TaskKind[] = ['wrong', 'missing', 'unclear', 'review', 'expiry', 'lint', 'gap'];
export const NOTE_KINDS: readonly NoteKind[] = ['wrong', 'missing', 'unclear'];

export const FOUND_IN: Readonly<Record<string, string>> = { wording: '其他问法', keyword: '关键词', answer: '答案', meaning: '语义相近' };

/** A name for one request, so that sending it twice is once. */
export const newClientId = (): string => `kb-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
