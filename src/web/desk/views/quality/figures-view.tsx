import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { scoreTone } from './labels.ts';

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
      <section aria-label="质检统计">
        <header class="head">
          <h2>{leads ? '质检统计' : '我的质检统计'}</h2>
          <select class="short" aria-label="时间" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((count) => (
              <option key={count} value={count}>
                近 {count} 天
              </option>
            ))}
          </select>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {figures === null ? null : (
          <dl class="quality-figures">
            <Figure name="质检服务" value={String(figures.inspections)} />
            <Figure name="平均得分" value={figures.score === null ? '—' : figures.score.toFixed(1)} />
            <Figure name="有致命项" value={String(figures.fatal)} />
            <Figure name="人工复核" value={`${figures.looked}（${percent(figures.inspections === 0 ? null : figures.looked / figures.inspections)}）`} />
            <Figure name="申诉" value={String(figures.appealed)} />
            <Figure name="复核后改分" value={String(figures.changed)} />
          </dl>
        )}
      </section>
      <section aria-label="按规则">
        <header class="head">
          <h2>按规则</h2>
        </header>
        {figures?.rules.length === 0 ? <Empty>没有扣分项</Empty> : null}
        {figures === null || figures.rules.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">规则</th>
                  <th scope="col">扣分次数</th>
                  <th scope="col">复核成立率</th>
                </tr>
              </thead>
              <tbody>
                {figures.rules.map((row) => (
                  <tr key={row.rule}>
                    <td>{row.ruleName}</td>
                    <td>
                      <meter min={0} max={most} value={row.findings} aria-label={`${row.ruleName} ${row.findings} 次`} /> {row.findings}
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
        <section aria-label="按坐席">
          <header class="head">
            <h2>按坐席（平均分低的在前）</h2>
          </header>
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">坐席</th>
                  <th scope="col">质检</th>
                  <th scope="col">平均分</th>
                  <th scope="col">致命</th>
                  <th scope="col">扣分项</th>
                </tr>
              </thead>
              <tbody>
                {figures.seats.map((row) => (
                  <tr key={row.seatId}>
                    <td>{row.seatName ?? '坐席'}</td>
                    <td>{row.inspections}</td>
                    <td>
                      <Chip tone={scoreTone(row.score)}>{row.score.toFixed(1)}</Chip>
                    </td>
                    <td>{row.fatal}</td>
                    <td>
                      {Object.entries(row.findings)
                        .map(([rule, count]) => `${figures.rules.find((one) => one.rule === rule)?.ruleName ?? rule} ${count}`)
                        .join('，')}
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
