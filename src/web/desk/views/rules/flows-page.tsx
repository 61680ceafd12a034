import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FlowPart, FlowView } from '../../../shared/rules-types.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { FlowTry } from './parts/flow-try.tsx';
import { Things } from './parts/things.tsx';

/** Flows: `#/flows`, `#/flows/ID` to read, `#/flows/try` to try. */
export function FlowsPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const flows = useLoaded(() => desk.api.rules.flows(), 'flows');
  const trying = rest === 'try';
  const chosen = trying || rest === '' ? null : rest;
  return (
    <div class="page rules-page">
      <section aria-label="流程">
        <header class="head">
          <div class="title">
            <h2>流程</h2>
            <p class="dim">机器人怎么听、问什么、说什么。流程是文件（flows/），改动要过检查，不在这里改；这里可以读，也可以试。</p>
          </div>
          <div class="switch" role="group" aria-label="显示">
            <a class="button" href="#/flows" aria-current={trying ? undefined : 'page'}>
              读
            </a>
            <a class="button" href="#/flows/try" aria-current={trying ? 'page' : undefined}>
              试
            </a>
          </div>
        </header>
        {flows.fault === '' ? null : (
          <p class="fault" role="alert">
            {flows.fault}
          </p>
        )}
        {flows.value === null ? null : <p class="status dim">共 {flows.value.flows.length} 个流程，正在运行的版本 <span class="code">{flows.value.program}</span>（内容的校验值，文件一改就变）</p>}
        {trying ? (
          <FlowTry flows={flows.value?.flows ?? []} />
        ) : (
          <Things
            label="流程"
            rows={(flows.value?.flows ?? []).map(({ id, title, about, aside, steps, triggers }) => ({ id, title, note: `${about} · ${triggers} 个触发，${steps} 步`, words: id, pointer: '/none', ...(aside ? { mark: '插话' } : {}) }))}
            faults={[]}
            chosen={chosen}
            choose={(id) => { location.hash = id === null ? '#/flows' : `#/flows/${id}`; }}
          >
            {chosen === null ? null : <Flow key={chosen} id={chosen} />}
          </Things>
        )}
        <p class="audit">
          <b>改动记录：</b>流程是文件，谁在什么时候改了什么，看版本库的提交记录。
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
  if (flow.value === null) return <Empty>正在读取</Empty>;
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
        {[aside ? '插话，说完接着办原来的事' : '', interrupts ? '可以打断别的流程' : '', inherit.length === 0 ? '' : `接过前一个流程的：${inherit.join('、')}`, cancel === null ? '' : `说“算了”去 ${cancel}`].filter((part) => part !== '').join('；')}
      </p>
      {usedBy.length === 0 ? null : (
        <p class="dim">
          从这些流程转来：
          {usedBy.map((other) => (
            <a key={other} href={`#/flows/${other}`}>
              {other}{' '}
            </a>
          ))}
        </p>
      )}
      <div class="switch" role="group" aria-label="看法">
        <button type="button" aria-pressed={!source} onClick={() => setSource(false)}>
          大纲
        </button>
        <button type="button" aria-pressed={source} onClick={() => setSource(true)}>
          源文件
        </button>
      </div>
      {source ? (
        <Source flow={flow.value} line={line} />
      ) : (
        <>
          <Parts title="怎么开始" parts={triggers} toLine={toLine} empty="没有触发：由别的流程转来" />
          <Parts title="要知道什么" parts={slots} toLine={toLine} empty="不问什么" />
          <Parts title="步骤" parts={steps} toLine={toLine} empty="" />
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
                第 {line} 行
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
    <div class="source" role="region" aria-label="源文件" tabIndex={0}>
      <ol>
        {flow.source.split('\n').map((text, index) => (
          <li key={index} id={`line-${index + 1}`} class={index + 1 === line ? 'current' : ''}>
            <code>{text === '' ? ' ' : text}</code>
          </li>
        ))}
      </ol>
      {line === null ? null : <Chip tone="info">第 {line} 行</Chip>}
    </div>
  );
}
