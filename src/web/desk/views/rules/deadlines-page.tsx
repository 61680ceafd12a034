import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DeadlineProfile, DeadlineRule } from '../../../../domain/config-files.ts';
import { ruleText } from './parts/conditions.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { Faults, SelectField, TextField } from './parts/fields.tsx';
import { Things } from './parts/things.tsx';
import { classLabel, stages as allStages, units } from './parts/labels.ts';
import { DEADLINES_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Deadlines: `#/deadlines`, `#/deadlines/VERSION`. */
export function DeadlinesPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="deadlines" title={common.deadlines} about={w.howLongEachStage} rest={rest}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

function Body({ body, change, faults, at }: Editing<'deadlines'>): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const { active, enterprise = active, profiles } = body;
  const one = chosen === null ? undefined : profiles[chosen];
  const set = change === null || chosen === null ? null : (next: DeadlineProfile) => change({ ...body, profiles: profiles.map((profile, index) => (index === chosen ? next : profile)) });
  const options = profiles.map(({ id, name }) => [id, common.bracketed(name, id)] as const);
  return (
    <>
      <div class="fields in-force">
        <SelectField label={w.forCitizens} value={active} change={change === null ? null : (value) => change({ ...body, active: value })} faults={at('/active')} options={options} />
        <SelectField label={w.forEnterprises} value={enterprise} change={change === null ? null : (value) => change({ ...body, enterprise: value })} faults={at('/enterprise')} options={options} />
      </div>
      <Things
        label={w.deadlineProfiles}
        rows={profiles.map(({ id, name, source }, index) => ({ id: String(index), title: name, note: `${id} · ${source}`, pointer: `/profiles/${index}`, ...(id === active ? { mark: w.usedForCitizens } : id === enterprise ? { mark: w.usedForEnterprises } : {}) }))}
        faults={faults}
        chosen={one === undefined ? null : String(chosen)}
        choose={(id) => setChosen(id === null ? null : Number(id))}
        add={change === null ? undefined : { label: w.addOneLikeIt, run: () => { const like = one ?? profiles[0]; if (like === undefined) return; change({ ...body, profiles: [...profiles, { ...like, id: `${like.id}-${profiles.length + 1}`, name: w.copy(like.name) }] }); setChosen(profiles.length); } }}
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
  const classes = [...new Set(['life', 'utility', 'consult', 'general', 'complex', ...allStages().flatMap(([stage]) => Object.keys(stages[stage] ?? {})), 'default'])].filter((one, place, all) => one !== 'default' || place === all.length - 1);
  return (
    <div class="fields">
      <TextField label={w.profileName} value={name} change={set === null ? null : (value) => set({ ...profile, name: value })} />
      <TextField label={common.id} hint={w.ticketsRememberIt} value={id} change={set === null ? null : (value) => set({ ...profile, id: value })} faults={at(`/profiles/${index}/id`)} code max={60} />
      <TextField label={w.ground} value={source} change={set === null ? null : (value) => set({ ...profile, source: value })} wide max={400} />
      <Faults list={at(`/profiles/${index}/stages`)} />
      <div class="table wide" role="region" aria-label={w.timeForEachStage} tabIndex={0}>
        <table class="rules-table">
          <caption>{w.timeForEachStageEmpty}</caption>
          <thead>
            <tr>
              <th scope="col">{common.kind}</th>
              {allStages().map(([stage, label]) => (
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
                {allStages().map(([stage, label]) => (
                  <td key={stage}>
                    <Rule label={w.joined(label, classLabel(className))} rule={stages[stage]?.[className] ?? null} change={set === null ? null : (rule) => setRule(stage, className, rule)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="read">
        <span class="dim">{w.extension}</span>
        <div>{extension === undefined ? w.noExtension : w.atMostTimeEach(extension.times, ruleText(extension.limit))}</div>
      </div>
      <div class="read">
        <span class="dim">{w.warningsBeforeItIs}</span>
        <div>{Object.keys(warnings).length === 0 ? w.noWarnings : Object.entries(warnings).map(([stage, list]) => common.labelled(allStages().find(([one]) => one === stage)?.[1] ?? stage, list.map((rule) => w.before(ruleText(rule))).join(common.comma))).join(common.semicolon)}</div>
      </div>
      <Faults list={at(`/profiles/${index}/warnings`)} />
      {set === null ? null : (
        <fieldset class="wide rule-row">
          <legend>
            {w.warningsBeforeItIs}<small>{w.aStageMayWarn}</small>
          </legend>
          {allStages().filter(([stage]) => stages[stage] !== undefined && stage !== 'return').map(([stage, label]) => (
            <span key={stage} class="span">
              {label}
              {(warnings[stage] ?? []).map((rule, place) => (
                <Rule key={place} label={w.warning(label, place + 1)} rule={rule} change={(next) => setWarnings(stage, (warnings[stage] ?? []).flatMap((one, at) => (at !== place ? [one] : next === null ? [] : [next])))} />
              ))}
              <button type="button" onClick={() => setWarnings(stage, [...(warnings[stage] ?? []), { amount: 1, unit: 'workdays' }])} aria-label={w.addAWarningTo(label)}>
                {w.add}
              </button>
            </span>
          ))}
        </fieldset>
      )}
      {set === null ? null : (
        <fieldset class="wide rule-row">
          <legend>{w.extension}</legend>
          <label>
            {w.times}
            <input type="number" min={0} max={9} value={extension?.times ?? 0} onInput={(event) => { const times = event.currentTarget.valueAsNumber; if (!Number.isInteger(times)) return; const { extension: _gone, ...kept } = profile; set(times <= 0 ? kept : { ...kept, extension: { times, limit: extension?.limit ?? { amount: 10, unit: 'workdays' } } }); }} />
          </label>
          {extension === undefined ? null : <Rule label={w.upToEach} rule={extension.limit} change={(limit) => limit !== null && set({ ...profile, extension: { ...extension, limit } })} />}
        </fieldset>
      )}
      {remove === null ? null : (
        <div class="buttons">
          <button type="button" class="danger" onClick={remove}>
            {w.deleteThisProfile}
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
      <input type="number" min={1} max={9_999} aria-label={w.amount(label)} value={rule?.amount ?? ''} onInput={(event) => { const amount = event.currentTarget.valueAsNumber; change(Number.isInteger(amount) && amount > 0 ? { amount, unit: rule?.unit ?? 'workdays' } : null); }} />
      <select aria-label={w.unit(label)} value={rule?.unit ?? 'workdays'} disabled={rule === null} onChange={(event) => { const unit = units().find(([one]) => one === event.currentTarget.value)?.[0]; if (rule !== null && unit !== undefined) change({ ...rule, unit }); }}>
        {units().map(([unit, name]) => (
          <option key={unit} value={unit}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
