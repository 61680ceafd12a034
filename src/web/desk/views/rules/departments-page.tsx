import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Department } from '../../../../domain/config-files.ts';
import { FileButtons } from './parts/file-buttons.tsx';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { TextField, WordsField } from './parts/fields.tsx';
import { Things } from './parts/things.tsx';

/** Departments: `#/departments`, `#/departments/VERSION`. */
export function DepartmentsPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="departments" title="承办单位" about="编号供事项、派单规则和知识引用；名称和别名用来认出市民口中的叫法。" rest={rest} tools={(editing) => <FileButtons kind="departments" version={editing.version} />}>
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
      label="承办单位"
      rows={departments.map(({ id, name, short, aliases = [], duties }, index) => ({ id: String(index), title: name === '' ? '（没有名称）' : name, note: `${short} · ${id}`, words: `${aliases.join(' ')} ${duties}`, pointer: `/departments/${index}` }))}
      faults={faults}
      chosen={one === undefined ? null : String(chosen)}
      choose={(id) => setChosen(id === null ? null : Number(id))}
      add={change === null ? undefined : { label: '新增单位', run: () => { change({ departments: [...departments, { id: `dept-${departments.length + 1}`, name: '', short: '', duties: '' }] }); setChosen(departments.length); } }}
    >
      {one === undefined ? null : (
        <div class="fields">
          <TextField label="名称" value={one.name} change={field('name')} faults={at(`/departments/${chosen}/name`)} />
          <TextField label="简称" value={one.short} change={field('short')} faults={at(`/departments/${chosen}/short`)} max={20} />
          <TextField label="编号" hint="小写字母、数字、连字符；别处按它引用，不要随便改" value={one.id} change={field('id')} faults={at(`/departments/${chosen}/id`)} code max={60} />
          <WordsField label="别名" value={one.aliases ?? []} change={set === null ? null : (aliases) => { const { aliases: _gone, ...kept } = one; set(aliases.length === 0 ? kept : { ...kept, aliases: [...aliases] }); }} faults={at(`/departments/${chosen}/aliases`)} />
          <TextField label="职责" value={one.duties} change={field('duties')} faults={at(`/departments/${chosen}/duties`)} wide max={400} />
          {change === null ? null : (
            <div class="buttons">
              <button type="button" class="danger" onClick={() => { change({ departments: departments.filter((_one, index) => index !== chosen) }); setChosen(null); }}>
                删去这个单位
              </button>
            </div>
          )}
        </div>
      )}
    </Things>
  );
}
