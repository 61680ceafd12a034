import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LintReport } from '../../../shared/api-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';

const SEVERITIES = { error: ['错误', 'bad'], warning: ['警告', 'warn'], hint: ['提示', 'plain'] } as const;

/** Looks all published entries through; findings become tasks on demand. */
export function LintPanel({ made }: { readonly made: () => void }): JSX.Element {
  const desk = useDesk();
  const [report, setReport] = useState<LintReport | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (what: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      await what();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有成功');
    }
    setBusy(false);
  };
  const look = (): Promise<void> => run(async () => setReport(await desk.api.knowledge.lint()));
  const makeTasks = (): Promise<void> =>
    run(async () => {
      const added = await desk.api.knowledge.lintTasks();
      desk.alerts.say('info', added === 0 ? '没有新的发现' : `已建立 ${added} 项任务`);
      made();
    });
  return (
    <section aria-label="检查">
      <header class="head">
        <h2>检查</h2>
        <button type="button" disabled={busy} onClick={() => void look()}>
          检查全部知识
        </button>
        {report === null || report.counts.error + report.counts.warning === 0 ? null : (
          <button type="button" class="primary" disabled={busy} onClick={() => void makeTasks()}>
            把错误和警告列为任务
          </button>
        )}
      </header>
      {report === null ? (
        <Empty>互相矛盾的答案、失效的来源、过长的口播、个人信息</Empty>
      ) : (
        <>
          <p class="summary-line" role="status">
            {report.entries} 条知识：{report.counts.error} 处错误，{report.counts.warning} 处警告，{report.counts.hint} 条提示
          </p>
          <ul class="tasks">
            {report.findings.map((finding) => (
              <li key={`${finding.rule} ${finding.entryIds.join(' ')} ${finding.text}`}>
                <p class="line">
                  <Chip tone={SEVERITIES[finding.severity][1]}>{SEVERITIES[finding.severity][0]}</Chip>
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
