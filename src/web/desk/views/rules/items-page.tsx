import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Item, ItemCatalogue, ItemGroup } from '../../../../domain/config-files.ts';
import { levelOf } from '../../../../domain/items.ts';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { ChecksField, ManyField, SelectField, TextField, WordsField } from './parts/fields.tsx';
import { FileButtons } from './parts/file-buttons.tsx';
import { Things, type ThingRow } from './parts/things.tsx';
import { classLabel, KINDS } from './parts/labels.ts';
import { ITEMS_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';
import { kindLabel } from '../../labels.ts';

/** Items: `#/items`, `#/items/VERSION`. */
export function ItemsPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="items" title={common.items} about={w.whatKindOfMatter} rest={rest} tools={(editing) => <FileButtons kind="items" version={editing.version} />}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

/** `item 3` or `group 0`: where the chosen one stands. */
type Place = { readonly what: 'item' | 'group'; readonly index: number };
const keyOf = ({ what, index }: Place): string => `${what} ${index}`;
const readPlace = (key: string): Place => ({ what: key.startsWith('group') ? 'group' : 'item', index: Number(key.split(' ')[1]) });

/** In the order of the tree: a branch, then what stands below it; items of a field without branches stand by field. */
function rowsOf(body: ItemCatalogue, departments: ReadonlyMap<string, string>): readonly ThingRow[] {
  const groups = body.groups ?? [];
  const rows = [
    ...groups.map((group, index) => ({ node: group, sort: pathText(body, group), row: { id: keyOf({ what: 'group', index }), title: group.name, note: w.class(group.code), depth: levelOf(body, group.code) - 1, pointer: `/groups/${index}`, mark: w.class2 } })),
    ...body.items.map((item, index) => ({
      node: item, sort: pathText(body, item),
      row: { id: keyOf({ what: 'item', index }), title: item.name === '' ? w.noName : item.name, note: `${item.field} · ${departments.get(item.department) ?? item.department} · ${item.code}`, words: `${item.keywords.join(' ')} ${item.examples.join(' ')}`, depth: levelOf(body, item.code) - 1, pointer: `/items/${index}` },
    })),
  ];
  // Without branches the fields are the branches, in the order in which they come first.
  const fields = [...new Set(body.items.map(({ field }) => field))];
  return groups.length === 0 ? fields.flatMap((field) => body.items.flatMap((item, index) => (item.field === field && rows[index] !== undefined ? [{ ...rows[index].row, depth: 1, group: field }] : []))) : rows.toSorted((a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0)).map(({ row }) => row);
}

function pathText(body: ItemCatalogue, node: { readonly code: string; readonly parent?: string | undefined }): string {
  const path = [node.code];
  const parents = new Map<string, string | undefined>([...(body.groups ?? []), ...body.items].map(({ code, parent }) => [code, parent]));
  for (let above = node.parent; above !== undefined && !path.includes(above); above = parents.get(above)) path.unshift(above);
  return path.join('\u0001');
}

function Body({ body, change, faults, at }: Editing<'items'>): JSX.Element {
  const desk = useDesk();
  const [chosen, setChosen] = useState<Place | null>(null);
  const catalog = desk.catalog.value;
  const departments = useMemo(() => new Map((catalog?.departments ?? []).map(({ id, name }) => [id, name])), [catalog]);
  const deadlines = useLoaded(() => desk.api.rules.versions('deadlines').then((versions) => desk.api.rules.version('deadlines', versions.find(({ state }) => state === 'published')?.version ?? 0)), 'deadlines in force');
  const classes = Object.keys(deadlines.value?.body.profiles.find(({ id }) => id === deadlines.value?.body.active)?.stages.handle ?? { general: null }).filter((name) => name !== 'default');
  const rows = useMemo(() => rowsOf(body, departments), [body, departments]);
  const groups = body.groups ?? [];
  const item = chosen?.what === 'item' ? body.items[chosen.index] : undefined;
  const group = chosen?.what === 'group' ? groups[chosen.index] : undefined;
  const setItem = change === null || chosen === null ? null : (next: Item) => change({ ...body, items: body.items.map((one, index) => (index === chosen.index ? next : one)) });
  const setGroup = change === null || chosen === null ? null : (next: ItemGroup) => change({ ...body, groups: groups.map((one, index) => (index === chosen.index ? next : one)) });
  const parents = groups.map(({ code, name }) => [code, common.bracketed(name, code)] as const);
  const addItem = (): void => {
    if (change === null) return;
    const like = item;
    change({ ...body, items: [...body.items, { code: `new.item-${body.items.length + 1}`, name: '', field: like?.field ?? '', ...(like?.parent === undefined ? {} : { parent: like.parent }), kinds: [...(like?.kinds ?? ['投诉' as const])], department: like?.department ?? catalog?.departments[0]?.id ?? '', deadlineClass: like?.deadlineClass ?? 'general', keywords: [], examples: [] }] });
    setChosen({ what: 'item', index: body.items.length });
  };
  return (
    <Things label={common.items} rows={rows} faults={faults} chosen={item === undefined && group === undefined ? null : chosen === null ? null : keyOf(chosen)} choose={(id) => setChosen(id === null ? null : readPlace(id))} add={change === null ? undefined : { label: w.newItem, run: addItem }}>
      {group === undefined || chosen === null ? null : (
        <div class="fields">
          <TextField label={w.nameOfTheClass} value={group.name} change={setGroup === null ? null : (name) => setGroup({ ...group, name })} />
          <TextField label={w.code} value={group.code} change={setGroup === null ? null : (code) => setGroup({ ...group, code })} faults={at(`/groups/${chosen.index}/code`)} code />
          <SelectField label={w.parentClass} value={group.parent ?? ''} change={setGroup === null ? null : (parent) => { const { parent: _gone, ...kept } = group; setGroup(parent === '' ? kept : { ...kept, parent }); }} faults={at(`/groups/${chosen.index}/parent`)} options={[['', w.top], ...parents.filter(([code]) => code !== group.code)]} />
        </div>
      )}
      {item === undefined || chosen === null ? null : (
        <ItemFields key={chosen.index} item={item} index={chosen.index} set={setItem} at={at} departments={[...departments]} parents={parents} classes={classes} remove={change === null ? null : () => { change({ ...body, items: body.items.filter((_one, index) => index !== chosen.index) }); setChosen(null); }} />
      )}
    </Things>
  );
}

type Options = readonly (readonly [value: string, label: string])[];

function ItemFields({ item, index, set, at, departments, parents, classes, remove }: { readonly item: Item; readonly index: number; readonly set: ((next: Item) => void) | null; readonly at: Editing<'items'>['at']; readonly departments: Options; readonly parents: Options; readonly classes: readonly string[]; readonly remove: (() => void) | null }): JSX.Element {
  const here = (field: string) => at(`/items/${index}/${field}`);
  const field = (name: 'code' | 'name' | 'field' | 'department' | 'deadlineClass') => (set === null ? null : (value: string) => set({ ...item, [name]: value }));
  const { parent: _parent, ...orphan } = item;
  const { assist: _assist, ...alone } = item;
  const { evidence: _evidence, ...unproven } = item;
  const { lane: _lane, ...open } = item;
  return (
    <div class="fields">
      <TextField label={w.nameOfTheItem} value={item.name} change={field('name')} faults={here('name')} />
      <TextField label={w.code} hint={w.levelsByDots} value={item.code} change={field('code')} faults={here('code')} code />
      <TextField label={w.field} value={item.field} change={field('field')} faults={here('field')} />
      {parents.length === 0 ? null : <SelectField label={w.parentClass} value={item.parent ?? ''} change={set === null ? null : (value) => set(value === '' ? orphan : { ...orphan, parent: value })} faults={here('parent')} options={[['', w.byTheDotsOf], ...parents]} />}
      <SelectField label={common.department} value={item.department} change={field('department')} faults={here('department')} options={departments} />
      <SelectField label={w.deadlineClass} value={item.deadlineClass} change={field('deadlineClass')} faults={here('deadlineClass')} options={classes.map((name) => [name, classLabel(name)] as const)} />
      <ManyField label={w.assistingDepartments} value={item.assist ?? []} change={set === null ? null : (assist) => set(assist.length === 0 ? alone : { ...alone, assist: [...assist] })} faults={here('assist')} options={departments} add={w.addADepartment} />
      <ChecksField label={w.kindsOfTickets} value={item.kinds} change={set === null ? null : (kinds) => set({ ...item, kinds: KINDS.filter((kind) => kinds.includes(kind)) })} faults={here('kinds')} options={KINDS.map((kind) => [kind, kindLabel(kind)] as const)} />
      <SelectField label={w.needsEvidenceToFinish} value={item.evidence === true ? 'yes' : ''} change={set === null ? null : (value) => set(value === '' ? unproven : { ...unproven, evidence: true })} options={[['', w.no], ['yes', common.yes]]} />
      <SelectField label={w.lane} value={item.lane ?? ''} change={set === null ? null : (value) => set(value === 'enterprise' ? { ...open, lane: 'enterprise' } : open)} options={[['', w.everybody], ['enterprise', w.enterpriseLine]]} />
      <WordsField label={common.keywords} value={item.keywords} change={set === null ? null : (keywords) => set({ ...item, keywords: [...keywords] })} faults={here('keywords')} />
      <WordsField label={w.examples} value={item.examples} change={set === null ? null : (examples) => set({ ...item, examples: [...examples] })} faults={here('examples')} lines />
      {remove === null ? null : (
        <div class="buttons">
          <button type="button" class="danger" onClick={remove}>
            {w.deleteThisItem}
          </button>
        </div>
      )}
    </div>
  );
}
