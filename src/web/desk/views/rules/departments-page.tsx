import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Department } from '../../../../domain/config-files.ts';
import { FileButtons } from './parts/file-buttons.tsx';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { TextField, WordsField } from './parts/fields.tsx';
import { Things } from './parts/things.tsx';
import { DEPARTMENTS_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Departments: `#/departments`, `#/departments/VERSION`. */
export function DepartmentsPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="departments" title={common.department} about={w.idsAreWhatItems} rest={rest} tools={(editing) => <FileButtons kind="departments" version={editing.version} />}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

function Body({ body, change, faults, at }: Editing<'departments'>): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const { departments } = body;
  const one = chosen === null ? undefined : departments[chosen];
  const set = change === null || chosen === null ? null : (next: Department) => change({ departments: departments.map((department, index) => (index === chosen ? next : department)) });
  const field = (name: 'id' | 'name' | 'short' | 'duties') => (set === null || one === undefined ? null : (value: string) => set({ ...one, [name]: value }));
  return (
    <Things
      label={common.department}
      rows={departments.map(({ id, name, short, aliases = [], duties }, index) => ({ id: String(index), title: name === '' ? w.noName : name, note: `${short} · ${id}`, words: `${aliases.join(' ')} ${duties}`, pointer: `/departments/${index}` }))}
      faults={faults}
      chosen={one === undefined ? null : String(chosen)}
      choose={(id) => setChosen(id === null ? null : Number(id))}
      add={change === null ? undefined : { label: w.newDepartment, run: () => { change({ departments: [...departments, { id: `dept-${departments.length + 1}`, name: '', short: '', duties: '' }] }); setChosen(departments.length); } }}
    >
      {one === undefined ? null : (
        <div class="fields">
          <TextField label={common.name} value={one.name} change={field('name')} faults={at(`/departments/${chosen}/name`)} />
          <TextField label={w.shortName} value={one.short} change={field('short')} faults={at(`/departments/${chosen}/short`)} max={20} />
          <TextField label={common.id} hint={w.smallLettersDigitsHyphens} value={one.id} change={field('id')} faults={at(`/departments/${chosen}/id`)} code max={60} />
          <WordsField label={w.aliases} value={one.aliases ?? []} change={set === null ? null : (aliases) => { const { aliases: _gone, ...kept } = one; set(aliases.length === 0 ? kept : { ...kept, aliases: [...aliases] }); }} faults={at(`/departments/${chosen}/aliases`)} />
          <TextField label={w.duties} value={one.duties} change={field('duties')} faults={at(`/departments/${chosen}/duties`)} wide max={400} />
          {change === null ? null : (
            <div class="buttons">
              <button type="button" class="danger" onClick={() => { change({ departments: departments.filter((_one, index) => index !== chosen) }); setChosen(null); }}>
                {w.deleteThisDepartment}
              </button>
            </div>
          )}
        </div>
      )}
    </Things>
  );
}
