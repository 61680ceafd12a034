import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { scoreTone } from './labels.ts';
import { FIGURES_VIEW as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90] as const;

const percent = (share: number | null): string => (share === null ? '—' : `${(share * 100).toFixed(1)}%`);

/** Counts and means, by rule and by seat. */
export function FiguresView(): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const [days, setDays] = useState(30);
  const loaded = useLoaded(() => desk.api.quality.figures(Math.max(0, desk.now.peek() - days * DAY_MS), desk.now.peek() + DAY_MS), String(days));
  const figures = loaded.value;
  const most = Math.max(1, ...(figures?.rules.map(({ findings }) => findings) ?? []));
  return (
    <div class="page">
      <section aria-label={w.qualityFigures}>
        <header class="head">
          <h2>{leads ? w.qualityFigures : w.myQualityFigures}</h2>
          <select class="short" aria-label={common.time} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {w.lastDay(count)}
              </option>
            ))}
          </select>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {figures === null ? null : (
          <dl class="quality-figures">
            <Figure name={w.servicesInspected} value={String(figures.inspections)} />
            <Figure name={w.averageScore} value={figures.score === null ? '—' : figures.score.toFixed(1)} />
            <Figure name={w.withFatalFindings} value={String(figures.fatal)} />
            <Figure name={w.judgedByAPerson} value={common.bracketed(figures.looked, percent(figures.inspections === 0 ? null : figures.looked / figures.inspections))} />
            <Figure name={w.appeals} value={String(figures.appealed)} />
            <Figure name={w.changedByJudgement} value={String(figures.changed)} />
          </dl>
        )}
      </section>
      <section aria-label={w.byRule}>
        <header class="head">
          <h2>{w.byRule}</h2>
        </header>
        {figures?.rules.length === 0 ? <Empty>{w.noFindings}</Empty> : null}
        {figures === null || figures.rules.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">{common.rules}</th>
                  <th scope="col">{w.findings}</th>
                  <th scope="col">{w.upheld}</th>
                </tr>
              </thead>
              <tbody>
                {figures.rules.map((row) => (
                  <tr key={row.rule}>
                    <td>{row.ruleName}</td>
                    <td>
                      <meter min={0} max={most} value={row.findings} aria-label={w.time(row.ruleName, row.findings)} /> {row.findings}
                    </td>
                    <td>{percent(row.right)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {!leads || figures === null || figures.seats.length === 0 ? null : (
        <section aria-label={w.bySeat}>
          <header class="head">
            <h2>{w.bySeatLowestAverage}</h2>
          </header>
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">{common.seat}</th>
                  <th scope="col">{w.quality}</th>
                  <th scope="col">{w.average}</th>
                  <th scope="col">{w.fatal}</th>
                  <th scope="col">{w.findings2}</th>
                </tr>
              </thead>
              <tbody>
                {figures.seats.map((row) => (
                  <tr key={row.seatId}>
                    <td>{row.seatName ?? common.seat}</td>
                    <td>{row.inspections}</td>
                    <td>
                      <Chip tone={scoreTone(row.score)}>{row.score.toFixed(1)}</Chip>
                    </td>
                    <td>{row.fatal}</td>
                    <td>
                      {Object.entries(row.findings)
                        .map(([rule, count]) => `${figures.rules.find((one) => one.rule === rule)?.ruleName ?? rule} ${count}`)
                        .join(common.clause)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
