import type { JSX } from 'preact';
import type { Route } from '../../../../../domain/config-files.ts';
import type { FaultView } from '../../../../shared/rules-types.ts';
import { ChecksField, DateField, Faults, ManyField, SelectField, TextField, WordsField } from './fields.tsx';
import type { City } from './use-city.ts';
import { KINDS, URGENCIES } from './labels.ts';

type When = Route['when'];
const WEEKDAYS = ['1', '2', '3', '4', '5', '6', '7'].map((day) => [day, `周${'一二三四五六日'.charAt(Number(day) - 1)}`] as const);
const EITHER = [['', '都算'], ['yes', '是'], ['no', '否']] as const;
const eitherOf = (value: boolean | undefined): string => (value === undefined ? '' : value ? 'yes' : 'no');

/** Conditions, target and reason of a rule. What is empty is no condition. */
export function RouteForm({ route, city, change, remove, faults, pointer }: { readonly route: Route; readonly city: City; readonly change: (next: Route) => void; readonly remove: () => void; readonly faults: (pointer: string) => readonly FaultView[]; readonly pointer: string }): JSX.Element {
  const { when } = route;
  /** Without it where it is empty: an absent condition and an empty one are not the same to the checker. */
  const set = <Name extends keyof When>(name: Name, value: When[Name] | undefined): void => {
    const { [name]: _gone, ...kept } = when;
    change({ ...route, when: value === undefined || (Array.isArray(value) && value.length === 0) ? kept : { ...kept, [name]: value } });
  };
  const codes = [...city.itemGroups.map(({ code, name }) => [code, `类目 ${name}（${code}）`] as const), ...branches(city).map((code) => [code, `${code} 以下全部`] as const), ...city.items.map(({ code, name }) => [code, `${name}（${code}）`] as const)];
  const targets = [['item', '事项自己的承办单位'] as const, ['town', '属地镇街'] as const, ...city.departments.map(({ id, name }) => [id, name] as const)];
  const { assist: _assist, ...alone } = route;
  return (
    <div class="fields route-form">
      <TextField label="编号" hint="小写字母、数字、连字符；事件里留着它" value={route.id} change={(id) => change({ ...route, id })} faults={faults(`${pointer}/id`)} code max={60} />
      <TextField label="理由" hint="工单上会写" value={route.why} change={(why) => change({ ...route, why })} faults={faults(`${pointer}/why`)} wide max={200} />
      <ManyField label="事项" hint="任一即可" value={when.items ?? []} change={(items) => set('items', [...items])} faults={faults(`${pointer}/when/items`)} options={codes} add="加事项或类目" />
      <ManyField label="镇街" hint="任一即可" value={when.towns ?? []} change={(towns) => set('towns', [...towns])} faults={faults(`${pointer}/when/towns`)} options={city.towns.map(({ id, name }) => [id, name] as const)} add="加镇街" />
      <ChecksField label="诉求类型" value={when.kinds ?? []} change={(kinds) => set('kinds', KINDS.filter((kind) => kinds.includes(kind)))} options={KINDS.map((kind) => [kind, kind] as const)} />
      <ChecksField label="紧急程度" value={when.urgencies ?? []} change={(urgencies) => set('urgencies', URGENCIES.map(([id]) => id).filter((id) => urgencies.includes(id)))} options={URGENCIES} />
      <WordsField label="地点含有" value={when.places ?? []} change={(places) => set('places', [...places])} faults={faults(`${pointer}/when/places`)} />
      <ChecksField label="星期" value={(when.weekdays ?? []).map(String)} change={(days) => set('weekdays', days.map(Number))} options={WEEKDAYS} />
      <SelectField label="企业直通车" value={eitherOf(when.enterprise)} change={(value) => set('enterprise', value === '' ? undefined : value === 'yes')} options={EITHER} />
      <SelectField label="工作日办公时间内" value={eitherOf(when.office)} change={(value) => set('office', value === '' ? undefined : value === 'yes')} options={EITHER} />
      <DateField label="从哪天起" value={when.days?.from ?? ''} change={(from) => set('days', daysOf({ from, to: when.days?.to ?? '' }))} faults={faults(`${pointer}/when/days`)} />
      <DateField label="到哪天止" value={when.days?.to ?? ''} change={(to) => set('days', daysOf({ from: when.days?.from ?? '', to }))} />
      <SelectField label="派给（主办）" value={route.to} change={(to) => change({ ...route, to })} faults={faults(`${pointer}/to`)} options={targets} />
      <SelectField label="协办" value={route.assist === undefined ? 'item' : 'own'} change={(value) => change(value === 'item' ? alone : { ...alone, assist: [] })} options={[['item', '按事项的协办单位'], ['own', '由这条规则定']]} />
      {route.assist === undefined ? null : <ManyField label="协办单位" hint="不选就是没有协办" value={route.assist} change={(assist) => change({ ...route, assist: [...assist] })} faults={faults(`${pointer}/assist`)} options={targets} add="加一个" />}
      <Faults list={faults(`${pointer}/when`).filter(({ pointer: own }) => own === `${pointer}/when`)} />
      <div class="buttons">
        <button type="button" class="danger" onClick={remove}>
          删去这条规则
        </button>
      </div>
    </div>
  );
}

function daysOf({ from, to }: { readonly from: string; readonly to: string }): When['days'] | undefined {
  return from === '' && to === '' ? undefined : { ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) };
}

/** What stands above dotted codes. */
function branches({ items }: City): readonly string[] {
  const found = new Set<string>();
  for (const { code } of items) for (let dot = code.lastIndexOf('.'); dot > 0; dot = code.lastIndexOf('.', dot - 1)) found.add(code.slice(0, dot));
  return [...found].toSorted();
}
