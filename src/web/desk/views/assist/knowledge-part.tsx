import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AssistHint, AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { NoteDialog } from '../knowledge/note-dialog.tsx';
import { moduleLabel } from '../knowledge/labels.ts';
import { fresh, onListKey, Part } from './parts.tsx';
import { KNOWLEDGE_PART as w } from './words.ts';

/** Answers for what the citizen has just said. Enter on one puts it into the reply. */
export function KnowledgePart({ view, voice, insert }: { readonly view: AssistView; readonly voice: boolean; readonly insert: (text: string) => void }): JSX.Element {
  const { asked, topic, hints } = view.knowledge;
  const [opened, setOpened] = useState('');
  const [noting, setNoting] = useState<AssistHint | null>(null);
  return (
    <Part title={w.knowledge} aside={asked === null ? null : <small class="dim asked" title={asked.text}>{topic === null ? '' : w.followsOn}“{asked.text}”</small>}>
      {hints.length === 0 ? <Empty>{asked === null ? w.theCitizenHasNot : w.noKnowledgeWithEnough}</Empty> : null}
      <ul class="assist-hints" onKeyDown={onListKey}>
        {hints.map((hint, at) => (
          <li key={hint.id}>
            <div class="line-of">
              <button type="button" class="main-act answer" disabled={hint.audience === 'desk'} title={hint.audience === 'desk' ? w.forSeatsOnlyDo : w.putIntoTheReply(at === 0 ? w.altD : '')} onClick={() => insert(voice ? hint.voice : hint.answer)}>
                {hint.question}
              </button>
              <button type="button" class="plain detail-toggle" aria-expanded={opened === hint.id} aria-label={w.details(hint.question)} onClick={() => setOpened(opened === hint.id ? '' : hint.id)}>
                {opened === hint.id ? w.less : w.details2}
              </button>
            </div>
            <p class="why-line">
              {hint.audience === 'desk' ? <Chip tone="warn">{w.internal}</Chip> : null}
              {hint.fresh.state === 'valid' ? null : <Chip tone={fresh()[hint.fresh.state].tone}>{fresh()[hint.fresh.state].label}</Chip>}
              <small>{hint.why}</small>
            </p>
            {opened === hint.id ? (
              <div class="hint-body">
                <p class="text">{voice ? hint.voice : hint.answer}</p>
                <small class="dim">{hint.fresh.text}</small>
                <small class="dim">
                  {moduleLabel(hint.module)}
                  {hint.department === null ? '' : ` · ${hint.department}`}{w.becauseOf}
                  {hint.sourceUrl === null ? (
                    hint.source
                  ) : (
                    <a href={hint.sourceUrl} target="_blank" rel="noopener noreferrer nofollow">
                      {hint.source}
                    </a>
                  )}
                </small>
                <p class="acts">
                  <button type="button" onClick={() => setNoting(hint)}>
                    {w.wrongMissingUnclear}
                  </button>
                  <a class="button" href={`#/knowledge/entry/${encodeURIComponent(hint.id)}`}>
                    {w.fullText}
                  </a>
                </p>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      {noting === null ? null : <NoteDialog entry={noting} conversationId={view.conversationId} onClose={() => setNoting(null)} />}
    </Part>
  );
}
