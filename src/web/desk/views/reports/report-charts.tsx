import type { JSX } from 'preact';
import type { ReportChart } from '../../../shared/report-types.ts';
import { countText } from './labels.ts';
import { REPORT_CHARTS as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Charts as SVG; the sentence beneath says the same. Lines differ by dashes too. */

const WIDTH = 760;
const HEIGHT = 170;
const LEFT = 48;
const TOP = 26;
const BAR = 22;
const MOST_LABELS = 14;

export function Chart({ chart }: { readonly chart: ReportChart }): JSX.Element {
  return (
    <figure class="report-chart">
      <figcaption>{chart.title}</figcaption>
      {chart.kind === 'lines' ? <Lines chart={chart} /> : <Bars chart={chart} />}
      <p class="dim">{chart.said}</p>
    </figure>
  );
}

/** 1, 2 or 5 times a power of ten, at most six marks. */
function marksOf(most: number): readonly number[] {
  if (most <= 0) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(most / 5));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= most / 5) ?? 10) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_none, at) => at * step);
}

function Lines({ chart: { title, labels, series, said } }: { readonly chart: ReportChart }): JSX.Element {
  const marks = marksOf(Math.max(0, ...series.flatMap(({ values }) => values.flatMap((value) => value ?? []))));
  const most = marks.at(-1) ?? 1;
  const x = (at: number): number => LEFT + (labels.length < 2 ? WIDTH / 2 : (at / (labels.length - 1)) * WIDTH);
  const y = (value: number): number => TOP + HEIGHT - (value / most) * HEIGHT;
  const every = Math.max(1, Math.ceil(labels.length / MOST_LABELS));
  return (
    <svg role="img" aria-label={common.labelled(title, said)} viewBox={`0 0 ${LEFT + WIDTH + 24} ${TOP + HEIGHT + 26}`}>
      {marks.map((mark) => (
        <g key={mark}>
          <line class="grid" x1={LEFT} x2={LEFT + WIDTH} y1={y(mark)} y2={y(mark)} />
          <text x={LEFT - 6} y={y(mark) + 4} text-anchor="end">
            {countText(mark)}
          </text>
        </g>
      ))}
      {series.map(({ name, values }, at) => (
        <g key={name}>
          <polyline class={`line n${at % 3}`} points={values.flatMap((value, index) => (value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`])).join(' ')} />
          <line class={`line n${at % 3}`} x1={LEFT + at * 120} x2={LEFT + at * 120 + 24} y1={10} y2={10} />
          <text x={LEFT + at * 120 + 30} y={14}>
            {name}
          </text>
        </g>
      ))}
      {labels.map((label, at) =>
        at % every > 0 ? null : (
          <text key={label} x={x(at)} y={TOP + HEIGHT + 18} text-anchor="middle">
            {label}
          </text>
        ),
      )}
    </svg>
  );
}

function Bars({ chart: { title, labels, series, said } }: { readonly chart: ReportChart }): JSX.Element {
  const values = series[0]?.values ?? [];
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return (
    <svg role="img" aria-label={common.labelled(title, said)} viewBox={`0 0 ${WIDTH} ${values.length * BAR + 4}`}>
      {values.map((value, at) => (
        <g key={labels[at]}>
          <text x={110} y={at * BAR + 15} text-anchor="end">
            {labels[at]}
          </text>
          <rect class="bar" x={118} y={at * BAR + 4} width={Math.max(1, ((value ?? 0) / most) * 540)} height={14} />
          <text x={126 + ((value ?? 0) / most) * 540} y={at * BAR + 15}>
            {value === null ? '' : countText(value)}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** A topic's trend beside its name. */
export function Trend({ counts, said }: { readonly counts: readonly number[]; readonly said: string }): JSX.Element {
  const most = Math.max(1, ...counts);
  return (
    <svg class="report-trend" role="img" aria-label={said === '' ? w.course(counts.join(common.comma)) : said} viewBox={`0 0 ${counts.length * 6} 28`} preserveAspectRatio="none">
      {counts.map((count, at) => (
        <rect key={at} class="bar" x={at * 6 + 0.5} y={28 - (count / most) * 27} width={5} height={(count / most) * 27} />
      ))}
    </svg>
  );
}
