import type { JSX } from 'preact';
import type { Route } from '../../../../../domain/config-files.ts';
import type { FaultView } from '../../../../shared/rules-types.ts';
import { ChecksField, DateField, Faults, ManyField, SelectField, TextField, WordsField } from './fields.tsx';
import type { City } from './use-city.ts';
import { KINDS, urgencies } from './labels.ts';
import { kindLabel } from '../../../labels.ts';
import { ROUTE_FORM as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

type When = Route['when'];
const weekdays = () => ([['1', w.monday], ['2', w.tuesday], ['3', w.wednesday], ['4', w.thursday], ['5', w.friday], ['6', w.saturday], ['7', w.sunday]] as const);
const either = () => ([['', w.any], ['yes', common.yes], ['no', w.no]] as const);
const eitherOf = (value: boolean | undefined): string => (value === undefined ? '' : value ? 'yes' : 'no');

/** Conditions, target and reason of a rule. What is empty is no condition. */
export function RouteForm({ route, city, change, remove, faults, pointer }: { readonly route: Route; readonly city: City; readonly change: (next: Route) => void; readonly remove: () => void; readonly faults: (pointer: string) => readonly FaultView[]; readonly pointer: string }): JSX.Element {
  const { when } = route;
  /** Without it where it is empty: an absent condition and an empty one are not the same to the checker. */
  const set = <Name extends keyof When>(name: Name, value: When[Name] | undefined): void => {
    const { [name]: _gone, ...kept } = when;
    change({ ...route, when: value === undefined || (Array.isArray(value) && value.length === 0) ? kept : { ...kept, [name]: value } });
  };
  const codes = [...city.itemGroups.map(({ code, name }) => [code, w.class(name, code)] as const), ...branches(city).map((code) => [code, w.allBelow(code)] as const), ...city.items.map(({ code, name }) => [code, common.bracketed(name, code)] as const)];
  const targets = [['item', w.theItemsOwnDepartment] as const, ['town', w.theTownOfThe] as const, ...city.departments.map(({ id, name }) => [id, name] as const)];
  const { assist: _assist, ...alone } = route;
  return (
    <div class="fields route-form">
      <TextField label={common.id} hint={w.smallLettersDigitsHyphens} value={route.id} change={(id) => change({ ...route, id })} faults={faults(`${pointer}/id`)} code max={60} />
      <TextField label={common.reason} hint={w.writtenOnTheTicket} value={route.why} change={(why) => change({ ...route, why })} faults={faults(`${pointer}/why`)} wide max={200} />
      <ManyField label={common.items} hint={w.anyOfThem} value={when.items ?? []} change={(items) => set('items', [...items])} faults={faults(`${pointer}/when/items`)} options={codes} add={w.addAnItemOr} />
      <ManyField label={common.towns} hint={w.anyOfThem} value={when.towns ?? []} change={(towns) => set('towns', [...towns])} faults={faults(`${pointer}/when/towns`)} options={city.towns.map(({ id, name }) => [id, name] as const)} add={w.addATown} />
      <ChecksField label={w.kinds} value={when.kinds ?? []} change={(kinds) => set('kinds', KINDS.filter((kind) => kinds.includes(kind)))} options={KINDS.map((kind) => [kind, kindLabel(kind)] as const)} />
      <ChecksField label={common.urgency} value={when.urgencies ?? []} change={(chosen) => set('urgencies', urgencies().map(([id]) => id).filter((id) => chosen.includes(id)))} options={urgencies()} />
      <WordsField label={w.placeContains} value={when.places ?? []} change={(places) => set('places', [...places])} faults={faults(`${pointer}/when/places`)} />
      <ChecksField label={w.weekdays} value={(when.weekdays ?? []).map(String)} change={(days) => set('weekdays', days.map(Number))} options={weekdays()} />
      <SelectField label={w.enterpriseLine} value={eitherOf(when.enterprise)} change={(value) => set('enterprise', value === '' ? undefined : value === 'yes')} options={either()} />
      <SelectField label={w.officeHoursOfWorking} value={eitherOf(when.office)} change={(value) => set('office', value === '' ? undefined : value === 'yes')} options={either()} />
      <DateField label={w.fromWhichDay} value={when.days?.from ?? ''} change={(from) => set('days', daysOf({ from, to: when.days?.to ?? '' }))} faults={faults(`${pointer}/when/days`)} />
      <DateField label={w.untilWhichDay} value={when.days?.to ?? ''} change={(to) => set('days', daysOf({ from: when.days?.from ?? '', to }))} />
      <SelectField label={w.goesToLeading} value={route.to} change={(to) => change({ ...route, to })} faults={faults(`${pointer}/to`)} options={targets} />
      <SelectField label={w.assisting} value={route.assist === undefined ? 'item' : 'own'} change={(value) => change(value === 'item' ? alone : { ...alone, assist: [] })} options={[['item', w.asTheItemSays], ['own', w.asThisRuleSays]]} />
      {route.assist === undefined ? null : <ManyField label={w.assistingDepartments} hint={w.noneChosenNobodyAssists} value={route.assist} change={(assist) => change({ ...route, assist: [...assist] })} faults={faults(`${pointer}/assist`)} options={targets} add={w.addOne} />}
      <Faults list={faults(`${pointer}/when`).filter(({ pointer: own }) => own === `${pointer}/when`)} />
      <div class="buttons">
        <button type="button" class="danger" onClick={remove}>
          {w.deleteThisRule}
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
