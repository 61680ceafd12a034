import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { ReportCell, ReportDocument, ReportFigure, ReportNamed, ReportSection, ReportTable, ReportTopic } from '../../../shared/report-types.ts';
import { Chart, Trend } from './report-charts.tsx';
import { cellText, countText, figureText, isNumeric, sorted, valueText } from './labels.ts';
import { REPORT_DOCUMENT as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** A report to read: what stands out first, then each part with its figures, charts, tables and topics. */
export function DocumentView({ document: { title, madeAt, until, summary, sections, basis } }: { readonly document: ReportDocument }): JSX.Element {
  return (
    <article class="report-paper" aria-label={title}>
      <h2>{title}</h2>
      <p class="dim center">
        {w.figuresUpToMade(dateTime(until), dateTime(madeAt))}
      </p>
      <div class="report-summary">
        {summary.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <nav class="report-contents" aria-label={w.contents}>
        {sections.map(({ id, title: name }) => (
          <button key={id} type="button" onClick={() => document.getElementById(`report-${id}`)?.scrollIntoView()}>
            {name}
          </button>
        ))}
      </nav>
      {sections.map((section) => (
        <SectionView key={section.id} section={section} />
      ))}
      <section>
        <h3>{w.aboutTheFigures}</h3>
        {basis.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </section>
    </article>
  );
}

function SectionView({ section: { id, title, text, figures, charts, tables, topics, notes } }: { readonly section: ReportSection }): JSX.Element {
  return (
    <section id={`report-${id}`}>
      <h3>{title}</h3>
      {text.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {figures.length === 0 ? null : <Figures figures={figures} />}
      {charts.map((chart) => (
        <Chart key={chart.id} chart={chart} />
      ))}
      {tables.map((table) => (
        <TableView key={table.id} table={table} />
      ))}
      {topics.map((topic, at) => (
        <TopicView key={topic.title} topic={topic} number={at + 1} />
      ))}
      {notes.map((line) => (
        <p key={line} class="dim">
          {line}
        </p>
      ))}
    </section>
  );
}

function Figures({ figures }: { readonly figures: readonly ReportFigure[] }): JSX.Element {
  return (
    <dl class="report-figures">
      {figures.map((figure) => (
        <div key={figure.id}>
          <dt>{figure.name}</dt>
          <dd class={figure.value === null ? 'dim' : 'value'}>{figureText(figure)}</dd>
          {figure.goal === null ? null : <dd class={figure.goalMet === false ? 'missed' : 'met'}>{w.target(figure.goal, figure.goalMet === null ? '' : figure.goalMet ? w.met : w.missed)}</dd>}
          <dd class="dim">{figure.value === null ? w.compared(valueText(figure.previous, figure.unit)) : figure.change}</dd>
          <dd>
            <details>
              <summary>{w.formulasAndSources}</summary>
              {figure.formula}
              <br />
              {w.source(figure.source)}
            </details>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function TableView({ table: { title, columns, rows, note } }: { readonly table: ReportTable }): JSX.Element {
  const [order, setOrder] = useState<{ readonly column: number; readonly up: boolean } | null>(null);
  const shown = order === null ? rows : sorted(rows, order.column, order.up);
  return (
    <div class="report-table">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {columns.map(({ id, label, kind }, at) => (
              <th key={id} scope="col" class={isNumeric(kind) ? 'n' : undefined} aria-sort={order?.column === at ? (order.up ? 'ascending' : 'descending') : 'none'}>
                {/* Numbers from the largest, words from the first. */}
                <button type="button" onClick={() => setOrder({ column: at, up: order?.column === at ? !order.up : !isNumeric(kind) && kind !== 'time' })}>
                  {label}
                  <span aria-hidden="true">{order?.column === at ? (order.up ? ' ▲' : ' ▼') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={`${index} ${String(row[0])}`}>
              {columns.map(({ id, kind }, at) => (
                <td key={id} class={isNumeric(kind) ? 'n' : undefined}>
                  {kind === 'ticket' ? <TicketLink cell={row[at] ?? null} /> : cellText(row[at] ?? null, kind)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {note === '' ? null : <p class="dim">{note}</p>}
    </div>
  );
}

function TicketLink({ cell }: { readonly cell: ReportCell }): JSX.Element {
  const [id = '', number = ''] = typeof cell === 'string' ? cell.split(' ') : [];
  return <a href={`#/tickets/${id}`}>{number}</a>;
}

const listed = (named: readonly ReportNamed[]): string => named.map(({ name, count }) => `${name} ${countText(count)}`).join(common.comma);

function TopicView({ topic, number }: { readonly topic: ReportTopic; readonly number: number }): JSX.Element {
  return (
    <section class="report-topic" aria-label={topic.title}>
      <header>
        <h4>
          {number}. {topic.title}
        </h4>
        <span>{w.ticket(countText(topic.count))}</span>
        <Trend counts={topic.trend} said={topic.said} />
      </header>
      <p class="dim">{[topic.said, w.density(topic.closeness.toFixed(2)), w.towns(listed(topic.towns)), w.departments(listed(topic.departments)), w.items(listed(topic.items))].filter((text) => text !== '').join(common.semicolon)}</p>
      {topic.voices.map((voice) => (
        <blockquote key={voice.ticketId}>
          {voice.text}
          <footer>
            {voice.town === null ? '' : w.thenClause(voice.town)}
            <a href={`#/tickets/${voice.ticketId}`}>{voice.number}</a>
          </footer>
        </blockquote>
      ))}
      <details>
        <summary>{w.ticketsOfItNewest(topic.tickets.length)}</summary>
        <ul>
          {topic.tickets.map(({ id, number: ticket, title }) => (
            <li key={id}>
              <a href={`#/tickets/${id}`}>{ticket}</a> {title}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
