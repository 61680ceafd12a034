import type { JSX } from 'preact';
import type { FindingView } from '../../../shared/quality-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { severityLabel, severityTone, verdictLabel } from './labels.ts';
import { FINDINGS_LIST as w } from './words.ts';

/** What was found. A click shows the evidence; N and P go through them. */
export function FindingsList({ findings, current, onChoose }: { readonly findings: readonly FindingView[]; readonly current: number; readonly onChoose: (number: number) => void }): JSX.Element {
  return (
    <section class="findings" aria-label={w.findings}>
      <h3>{w.findings2}{findings.filter(({ verdict }) => verdict !== 'dropped').length}{w.bracketEnd}</h3>
      {findings.length === 0 ? <Empty>{w.noFindings}</Empty> : null}
      <ol>
        {findings.map((one) => (
          <li key={one.number} class={`finding${one.verdict === 'dropped' ? ' dropped' : ''}${one.number === current ? ' current' : ''}`}>
            <button type="button" class="plain finding-key" aria-pressed={one.number === current} onClick={() => onChoose(one.number)}>
              <span class="finding-number">{one.number}</span>
              <b>{one.ruleName}</b>
              <Chip tone={severityTone(one.severity)}>{severityLabel(one.severity)}</Chip>
              <span class="finding-points">{one.verdict === 'dropped' ? w.nothingTakenOff : `-${one.points}`}</span>
            </button>
            <p>{one.why}</p>
            <blockquote>
              {one.sentence.slice(0, one.start)}
              <mark>{one.sentence.slice(one.start, one.end)}</mark>
              {one.sentence.slice(one.end)}
            </blockquote>
            <small class="dim">
              {one.seatName === null ? '' : `${one.seatName} · `}
              {verdictLabel(one.verdict)}
            </small>
          </li>
        ))}
      </ol>
    </section>
  );
}
