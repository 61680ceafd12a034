import type { Core } from './state.ts';
import type { Rendered } from './template.ts';
import type { DialogFacts } from './types.ts';

/** A sentence, or a line of a list. */
const SENTENCE = /[^。！？!?\n]*(?:[。！？!?]+|\n+|$)/g;

/**
 * The first sentences of an answer and how to have the rest, while very much comes in; as it is when little would be left out. On the phone
 * answers are short already.
 */
export function shorten({ facts, core }: { readonly facts: Pick<DialogFacts, 'brief' | 'modality'>; readonly core: Pick<Core, 'locale'> }, told: Rendered): Rendered {
  const { brief, modality } = facts;
  if (brief === undefined || brief.sentences === null || modality === 'voice') return told;
  const more = brief.more[core.locale === 'en' ? 'en' : 'zh-CN'];
  const sentences = told.text.match(SENTENCE) ?? [];
  let short = '';
  for (let said = 0, at = 0; said < brief.sentences && at < sentences.length; at += 1) {
    short += sentences[at] ?? '';
    if ((sentences[at] ?? '').trim() !== '') said += 1;
  }
  const kept = short.trim();
  return kept.length + more.length >= told.text.trim().length ? told : { text: `${kept}\n${more}`, voice: told.voice };
}
