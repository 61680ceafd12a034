import type { KnowledgeModule, KnowledgeState, NoteKind, RevisionState, TaskKind } from '../../../shared/api-types.ts';
import type { Tone } from '../../ui/bits.tsx';
import { LABELS as w, MODULES_WORDS, TASK_KINDS_WORDS, FOUND_IN_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Words of the knowledge base that stand for codes, and who may do what. */

export const MODULES: Readonly<Record<KnowledgeModule, string>> = MODULES_WORDS;
export const MODULE_LIST: readonly KnowledgeModule[] = ['faq', 'guides', 'duties', 'desk', 'terms'];
export const moduleLabel = (id: string): string => MODULE_LIST.flatMap((each) => (each === id ? [MODULES[each]] : []))[0] ?? id;

export const states = (): Readonly<Record<KnowledgeState, { readonly label: string; readonly tone: Tone }>> => ({
  valid: { label: common.valid, tone: 'good' },
  due: { label: w.reviewDue, tone: 'warn' },
  expired: { label: common.expired, tone: 'bad' },
  coming: { label: w.notYetValid, tone: 'info' },
});
export const STATE_LIST: readonly KnowledgeState[] = ['valid', 'due', 'expired', 'coming'];

export const REVISION_TONES: Readonly<Record<RevisionState, Tone>> = { draft: 'plain', review: 'warn', returned: 'bad', approved: 'info', published: 'good', replaced: 'plain', retired: 'plain', dropped: 'plain' };
export const TASK_KINDS: Readonly<Record<TaskKind, string>> = TASK_KINDS_WORDS;
export const TASK_LIST: readonly TaskKind[] = ['wrong', 'missing', 'unclear', 'review', 'expiry', 'lint', 'gap'];
export const NOTE_KINDS: readonly NoteKind[] = ['wrong', 'missing', 'unclear'];

export const FOUND_IN: Readonly<Record<string, string>> = FOUND_IN_WORDS;

/** A name for one request, so that sending it twice is once. */
export const newClientId = (): string => `kb-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
