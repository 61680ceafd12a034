import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FlowPart, FlowView } from '../../../shared/rules-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { FlowTry } from './parts/flow-try.tsx';
import { Things } from './parts/things.tsx';
import { FLOWS_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Flows: `#/flows`, `#/flows/ID` to read, `#/flows/try` to try. */
export function FlowsPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const flows = useLoaded(() => desk.api.rules.flows(), 'flows');
  const trying = rest === 'try';
  const chosen = trying || rest === '' ? null : rest;
  return (
    <div class="page rules-page">
      <section aria-label={w.flows}>
        <header class="head">
          <div class="title">
            <h2>{w.flows}</h2>
            <p class="dim">{w.howTheBotListens}</p>
          </div>
          <div class="switch" role="group" aria-label={w.show}>
            <a class="button" href="#/flows" aria-current={trying ? undefined : 'page'}>
              {w.read}
            </a>
            <a class="button" href="#/flows/try" aria-current={trying ? 'page' : undefined}>
              {w.try}
            </a>
          </div>
        </header>
        {flows.fault === '' ? null : (
          <p class="fault" role="alert">
            {flows.fault}
          </p>
        )}
        {flows.value === null ? null : <p class="status dim">{w.flowRunningVersion(flows.value.flows.length)}<span class="code">{flows.value.program}</span>{w.checksumOfTheContent}</p>}
        {trying ? (
          <FlowTry flows={flows.value?.flows ?? []} />
        ) : (
          <Things
            label={w.flows}
            rows={(flows.value?.flows ?? []).map(({ id, title, about, aside, steps, triggers }) => ({ id, title, note: w.triggerStep(about, triggers, steps), words: id, pointer: '/none', ...(aside ? { mark: w.aside } : {}) }))}
            faults={[]}
            chosen={chosen}
            choose={(id) => { location.hash = id === null ? '#/flows' : `#/flows/${id}`; }}
          >
            {chosen === null ? null : <Flow key={chosen} id={chosen} />}
          </Things>
        )}
        <p class="audit">
          <b>{w.recordOfChanges}</b>{w.flowsAreFilesWho}
        </p>
      </section>
    </div>
  );
}

function Flow({ id }: { readonly id: string }): JSX.Element {
  const desk = useDesk();
  const flow = useLoaded(() => desk.api.rules.flow(id), `flow ${id}`);
  const [source, setSource] = useState(false);
  const [line, setLine] = useState<number | null>(null);
  if (flow.fault !== '') return <p class="fault">{flow.fault}</p>;
  if (flow.value === null) return <Empty>{common.reading}</Empty>;
  const { title, about, path, aside, interrupts, inherit, usedBy, triggers, slots, steps, cancel } = flow.value;
  const toLine = (at: number): void => {
    setLine(at);
    setSource(true);
    requestAnimationFrame(() => document.getElementById(`line-${at}`)?.scrollIntoView({ block: 'center' }));
  };
  return (
    <div class="flow">
      <h3>
        {title} <span class="code dim">{id}</span>
      </h3>
      <p>{about}</p>
      <p class="dim">
        {[aside ? w.anAsideGoesBack : '', interrupts ? w.mayBreakIntoOther : '', inherit.length === 0 ? '' : w.takesFromTheFlow(inherit.join(common.comma)), cancel === null ? '' : w.forgetItLeadsTo(cancel)].filter((part) => part !== '').join(common.semicolon)}
      </p>
      {usedBy.length === 0 ? null : (
        <p class="dim">
          {w.comesFromTheseFlows}
          {usedBy.map((other) => (
            <a key={other} href={`#/flows/${other}`}>
              {other}{' '}
            </a>
          ))}
        </p>
      )}
      <div class="switch" role="group" aria-label={w.view}>
        <button type="button" aria-pressed={!source} onClick={() => setSource(false)}>
          {w.outline}
        </button>
        <button type="button" aria-pressed={source} onClick={() => setSource(true)}>
          {w.source}
        </button>
      </div>
      {source ? (
        <Source flow={flow.value} line={line} />
      ) : (
        <>
          <Parts title={w.howItBegins} parts={triggers} toLine={toLine} empty={w.noTriggersOtherFlows} />
          <Parts title={w.whatItNeedsTo} parts={slots} toLine={toLine} empty={w.asksNothing} />
          <Parts title={w.steps} parts={steps} toLine={toLine} empty="" />
        </>
      )}
      <p class="dim code">{path}</p>
    </div>
  );
}

function Parts({ title, parts, toLine, empty }: { readonly title: string; readonly parts: readonly FlowPart[]; readonly toLine: (line: number) => void; readonly empty: string }): JSX.Element {
  return (
    <section class="flow-parts" aria-label={title}>
      <h4>{title}</h4>
      {parts.length === 0 ? <p class="dim">{empty}</p> : null}
      <ol>
        {parts.map(({ name, title: own, line, lines, links }) => (
          <li key={name} id={`step-${name}`}>
            <p class="line">
              <b>{own}</b>
              {own === name || /^\d+$/.test(name) ? null : <span class="code dim">{name}</span>}
              <button type="button" class="link" onClick={() => toLine(line)}>
                {w.line(line)}
              </button>
            </p>
            <dl>
              {lines.map(({ label, text }, index) => (
                <div key={index}>
                  <dt>{label}</dt>
                  <dd class="text">{text}</dd>
                </div>
              ))}
            </dl>
            {links.length === 0 ? null : (
              <p class="links">
                {links.map(({ label, to, other }, index) => (
                  <span key={index}>
                    {label} → {other ? <a href={`#/flows/${to.split('.')[0] ?? to}`}>{to}</a> : <button type="button" class="link" onClick={() => document.getElementById(`step-${to}`)?.scrollIntoView({ block: 'start' })}>{to}</button>}
                  </span>
                ))}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Source({ flow, line }: { readonly flow: FlowView; readonly line: number | null }): JSX.Element {
  return (
    <div class="source" role="region" aria-label={w.source} tabIndex={0}>
      <ol>
        {flow.source.split('\n').map((text, index) => (
          <li key={index} id={`line-${index + 1}`} class={index + 1 === line ? 'current' : ''}>
            <code>{text === '' ? ' ' : text}</code>
          </li>
        ))}
      </ol>
      {line === null ? null : <Chip tone="info">{w.line(line)}</Chip>}
    </div>
  );
}
