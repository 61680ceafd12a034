import { createHash } from 'node:crypto';
import { pinyin } from 'pinyin-pro';
import type { KnowledgeModule } from '../../domain/knowledge.ts';
import { foldText } from '../../domain/text.ts';
import { questionKey } from './tidy.ts';

/** Longest pinyin part of an id; whole ids may have 100 characters. */
const SLUG = 48;

/**
 * The id of an entry that came without one: the same question in the same module always gives the same id
 * (`guides.ju-zhu-zheng-zen-me-ban-1f0c9a52`), so a second import of a file meets the entries of the first.
 */
export function idFor(module: KnowledgeModule, question: string): string {
  const syllables = pinyin(foldText(question), { toneType: 'none', type: 'array', nonZh: 'consecutive', v: true });
  const slug = syllables.join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, SLUG).replace(/^-+|-+$/g, '');
  const digest = createHash('sha256').update(`${module}\n${questionKey(question)}`).digest('hex').slice(0, 8);
  return `${module}.${slug === '' ? digest : `${slug}-${digest}`}`;
}
