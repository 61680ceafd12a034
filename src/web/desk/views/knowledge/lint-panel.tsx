import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LintReport } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useRun } from '../../ui/use-run.ts';
import { LINT_PANEL as w } from './work-words.ts';

const severities = () => ({ error: [w.error, 'bad'], warning: [w.warning, 'warn'], hint: [w.hint, 'plain'] } as const);

/** Looks all published entries through; findings become tasks on demand. */
export function LintPanel({ made }: { readonly made: () => void }): JSX.Element {
  const desk = useDesk();
  const [report, setReport] = useState<LintReport | null>(null);
  const { busy, run } = useRun();
  const look = (): Promise<void> => run(async () => setReport(await desk.api.knowledge.lint()));
  const makeTasks = (): Promise<void> =>
    run(async () => {
      const added = await desk.api.knowledge.lintTasks();
      desk.alerts.say('info', added === 0 ? w.nothingNewFound : w.taskMade(added));
      made();
    });
  return (
    <section aria-label={w.check}>
      <header class="head">
        <h2>{w.check}</h2>
        <button type="button" disabled={busy} onClick={() => void look()}>
          {w.checkAllKnowledge}
        </button>
        {report === null || report.counts.error + report.counts.warning === 0 ? null : (
          <button type="button" class="primary" disabled={busy} onClick={() => void makeTasks()}>
            {w.makeTasksOfErrors}
          </button>
        )}
      </header>
      {report === null ? (
        <Empty>{w.contradictingAnswersSourcesGone}</Empty>
      ) : (
        <>
          <p class="summary-line" role="status">
            {w.entryErrorWarningHint(report.entries, report.counts.error, report.counts.warning, report.counts.hint)}
          </p>
          <ul class="tasks">
            {report.findings.map((finding) => (
              <li key={`${finding.rule} ${finding.entryIds.join(' ')} ${finding.text}`}>
                <p class="line">
                  <Chip tone={severities()[finding.severity][1]}>{severities()[finding.severity][0]}</Chip>
                  {finding.entryIds.map((id) => (
                    <a key={id} href={`#/knowledge/entry/${encodeURIComponent(id)}`}>
                      {id}
                    </a>
                  ))}
                </p>
                <p>{finding.text}</p>
                <p class="dim">{finding.mend}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
