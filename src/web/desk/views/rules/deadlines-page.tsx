import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DeadlineProfile, DeadlineRule } from '../../../../domain/config-files.ts';
import { ruleText } from '../../../../domain/deadlines.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { Faults, SelectField, TextField } from './parts/fields.tsx';
import { Things } from './parts/things.tsx';
import { classLabel, STAGES, UNITS } from './parts/labels.ts';

/** Deadlines: `#/deadlines`, `#/deadlines/VERSION`. */
export function DeadlinesPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="deadlines" title="时限" about="每个环节按事项类别多久办完。正在走的时限不变；以后开始的环节按新的。" rest={rest}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

function Body({ body, change, faults, at }: Editing<'deadlines'>): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const { active, enterprise = active, profiles } = body;
  const one = chosen === null ? undefined : profiles[chosen];
  const set = change === null || chosen === null ? null : (next: DeadlineProfile) => change({ ...body, profiles: profiles.map((profile, index) => (index === chosen ? next : profile)) });
  const options = profiles.map(({ id, name }) => [id, `${name}（${id}）`] as const);
  return (
    <>
      <div class="fields in-force">
        <SelectField label="市民诉求用" value={active} change={change === null ? null : (value) => change({ ...body, active: value })} faults={at('/active')} options={options} />
        <SelectField label="企业直通车用" value={enterprise} change={change === null ? null : (value) => change({ ...body, enterprise: value })} faults={at('/enterprise')} options={options} />
      </div>
      <Things
        label="时限方案"
        rows={profiles.map(({ id, name, source }, index) => ({ id: String(index), title: name, note: `${id} · ${source}`, pointer: `/profiles/${index}`, ...(id === active ? { mark: '市民在用' } : id === enterprise ? { mark: '企业在用' } : {}) }))}
        faults={faults}
        chosen={one === undefined ? null : String(chosen)}
        choose={(id) => setChosen(id === null ? null : Number(id))}
        add={change === null ? undefined : { label: '照此新增', run: () => { const like = one ?? profiles[0]; if (like === undefined) return; change({ ...body, profiles: [...profiles, { ...like, id: `${like.id}-${profiles.length + 1}`, name: `${like.name}（副本）` }] }); setChosen(profiles.length); } }}
      >
        {one === undefined || chosen === null ? null : <Profile key={chosen} profile={one} index={chosen} set={set} at={at} remove={change === null || profiles.length === 1 ? null : () => { change({ ...body, profiles: profiles.filter((_one, index) => index !== chosen) }); setChosen(null); }} />}
      </Things>
    </>
  );
}

type Stage = keyof DeadlineProfile['stages'];

function Profile({ profile, index, set, at, remove }: { readonly profile: DeadlineProfile; readonly index: number; readonly set: ((next: DeadlineProfile) => void) | null; readonly at: Editing<'deadlines'>['at']; readonly remove: (() => void) | null }): JSX.Element {
  const { id, name, source, stages, extension, warnings = {} } = profile;
  const setRule = (stage: Stage, className: string, rule: DeadlineRule | null): void => {
    const { [className]: _gone, ...kept } = stages[stage] ?? {};
    const rules = rule === null ? kept : { ...stages[stage], [className]: rule };
    const { [stage]: _stage, ...others } = stages;
    // The handling stage stays: without it nothing has a deadline.
    if (stage === 'handle') set?.({ ...profile, stages: { ...stages, handle: rules } });
    else set?.({ ...profile, stages: { ...others, handle: stages.handle, ...(Object.keys(rules).length === 0 ? {} : { [stage]: rules }) } });
  };
  const setWarnings = (stage: string, list: readonly DeadlineRule[]): void => {
    const { [stage]: _gone, ...kept } = warnings;
    const { warnings: _all, ...bare } = profile;
    const next = list.length === 0 ? kept : { ...kept, [stage]: [...list] };
    set?.(Object.keys(next).length === 0 ? bare : { ...bare, warnings: next });
  };
  const classes = [...new Set(['life', 'utility', 'consult', 'general', 'complex', ...STAGES.flatMap(([stage]) => Object.keys(stages[stage] ?? {})), 'default'])].filter((one, place, all) => one !== 'default' || place === all.length - 1);
  return (
    <div class="fields">
      <TextField label="方案名称" value={name} change={set === null ? null : (value) => set({ ...profile, name: value })} />
      <TextField label="编号" hint="工单记着它" value={id} change={set === null ? null : (value) => set({ ...profile, id: value })} faults={at(`/profiles/${index}/id`)} code max={60} />
      <TextField label="依据" value={source} change={set === null ? null : (value) => set({ ...profile, source: value })} wide max={400} />
      <Faults list={at(`/profiles/${index}/stages`)} />
      <div class="table wide" role="region" aria-label="各环节的时限" tabIndex={0}>
        <table class="rules-table">
          <caption>各环节的时限；空着的不计时</caption>
          <thead>
            <tr>
              <th scope="col">类别</th>
              {STAGES.map(([stage, label]) => (
                <th key={stage} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((className) => (
              <tr key={className}>
                <th scope="row">{classLabel(className)}</th>
                {STAGES.map(([stage, label]) => (
                  <td key={stage}>
                    <Rule label={`${label}，${classLabel(className)}`} rule={stages[stage]?.[className] ?? null} change={set === null ? null : (rule) => setRule(stage, className, rule)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="read">
        <span class="dim">延期</span>
        <div>{extension === undefined ? '不能延期' : `最多 ${extension.times} 次，每次至多${ruleText(extension.limit)}`}</div>
      </div>
      <div class="read">
        <span class="dim">到期前提醒</span>
        <div>{Object.keys(warnings).length === 0 ? '不提醒' : Object.entries(warnings).map(([stage, list]) => `${STAGES.find(([one]) => one === stage)?.[1] ?? stage}：${list.map((rule) => `提前${ruleText(rule)}`).join('、')}`).join('；')}</div>
      </div>
      <Faults list={at(`/profiles/${index}/warnings`)} />
      {set === null ? null : (
        <fieldset class="wide rule-row">
          <legend>
            到期前提醒<small>每个环节可以提醒几次</small>
          </legend>
          {STAGES.filter(([stage]) => stages[stage] !== undefined && stage !== 'return').map(([stage, label]) => (
            <span key={stage} class="span">
              {label}
              {(warnings[stage] ?? []).map((rule, place) => (
                <Rule key={place} label={`${label}第 ${place + 1} 次提醒`} rule={rule} change={(next) => setWarnings(stage, (warnings[stage] ?? []).flatMap((one, at) => (at !== place ? [one] : next === null ? [] : [next])))} />
              ))}
              <button type="button" onClick={() => setWarnings(stage, [...(warnings[stage] ?? []), { amount: 1, unit: 'workdays' }])} aria-label={`${label}加一次提醒`}>
                加
              </button>
            </span>
          ))}
        </fieldset>
      )}
      {set === null ? null : (
        <fieldset class="wide rule-row">
          <legend>延期</legend>
          <label>
            次数
            <input type="number" min={0} max={9} value={extension?.times ?? 0} onInput={(event) => { const times = event.currentTarget.valueAsNumber; if (!Number.isInteger(times)) return; const { extension: _gone, ...kept } = profile; set(times <= 0 ? kept : { ...kept, extension: { times, limit: extension?.limit ?? { amount: 10, unit: 'workdays' } } }); }} />
          </label>
          {extension === undefined ? null : <Rule label="每次至多" rule={extension.limit} change={(limit) => limit !== null && set({ ...profile, extension: { ...extension, limit } })} />}
        </fieldset>
      )}
      {remove === null ? null : (
        <div class="buttons">
          <button type="button" class="danger" onClick={remove}>
            删去这个方案
          </button>
        </div>
      )}
    </div>
  );
}

/** An amount and its unit; an empty amount is no rule. */
function Rule({ label, rule, change }: { readonly label: string; readonly rule: DeadlineRule | null; readonly change: ((rule: DeadlineRule | null) => void) | null }): JSX.Element {
  if (change === null) return <>{rule === null ? '—' : ruleText(rule)}</>;
  return (
    <span class="rule">
      <input type="number" min={1} max={9_999} aria-label={`${label}：数`} value={rule?.amount ?? ''} onInput={(event) => { const amount = event.currentTarget.valueAsNumber; change(Number.isInteger(amount) && amount > 0 ? { amount, unit: rule?.unit ?? 'workdays' } : null); }} />
      <select aria-label={`${label}：单位`} value={rule?.unit ?? 'workdays'} disabled={rule === null} onChange={(event) => { const unit = UNITS.find(([one]) => one === event.currentTarget.value)?.[0]; if (rule !== null && unit !== undefined) change({ ...rule, unit }); }}>
        {UNITS.map(([unit, name]) => (
          <option key={unit} value={unit}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
