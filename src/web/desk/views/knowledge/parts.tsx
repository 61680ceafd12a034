import type { JSX } from 'preact';
import type { FacetCount, KnowledgeHit, MarkedText } from '../../../shared/api-types.ts';
import { Chip } from '../../ui/bits.tsx';
import { moduleLabel, states } from './labels.ts';
import { PARTS as w } from './words.ts';

/** Small pieces that the panel and the pages of the knowledge base share. */

/** Text with the places that were found marked. */
export function Found({ text, ranges }: MarkedText): JSX.Element {
  const pieces: JSX.Element[] = [];
  let done = 0;
  for (const [from = 0, to = 0] of ranges) {
    if (from < done || to <= from) continue;
    pieces.push(<>{text.slice(done, from)}</>, <mark>{text.slice(from, to)}</mark>);
    done = to;
  }
  return (
    <>
      {pieces}
      {text.slice(done)}
    </>
  );
}

/** What a seat must know before reading it out: for the desk only, expired, not yet in force, review due. */
export function Caution({ hit }: { readonly hit: Pick<KnowledgeHit, 'state' | 'stale' | 'audience'> }): JSX.Element | null {
  if (hit.audience === 'public' && hit.stale === null) return null;
  return (
    <>
      {hit.audience === 'desk' ? <Chip tone="warn">{w.internal}</Chip> : null}
      {hit.stale === null ? null : (
        <span title={hit.stale}>
          <Chip tone={states()[hit.state].tone}>{states()[hit.state].label}</Chip>
        </span>
      )}
    </>
  );
}

/** From when to when it holds, and when somebody looks at it again. */
export function Freshness({ hit }: { readonly hit: Pick<KnowledgeHit, 'effectiveFrom' | 'expiresOn' | 'reviewOn'> }): JSX.Element {
  return (
    <small class="freshness">
      {[w.validFrom(hit.effectiveFrom), hit.expiresOn === null ? '' : w.validUntil(hit.expiresOn), hit.reviewOn === null ? '' : w.reviewOn(hit.reviewOn)].filter((part) => part !== '').join(' · ')}
    </small>
  );
}

/** Modules with their counts; pressing one again takes the filter off. */
export function ModuleChips({ counts, value, onChange }: { readonly counts: readonly FacetCount[]; readonly value: string; readonly onChange: (module: string) => void }): JSX.Element | null {
  if (counts.length < 2 && value === '') return null;
  return (
    <div class="facets" role="group" aria-label={w.narrowByModule}>
      {counts.map(({ id, count }) => (
        <button key={id} type="button" class="facet" aria-pressed={id === value} onClick={() => onChange(id === value ? '' : id)}>
          {moduleLabel(id)} <span>{count}</span>
        </button>
      ))}
    </div>
  );
}
