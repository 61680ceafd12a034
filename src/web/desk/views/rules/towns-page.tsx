import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Town } from '../../../../domain/config-files.ts';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { SelectField, TextField, WordsField } from './parts/fields.tsx';
import { Things } from './parts/things.tsx';
import { townKindLabel } from '../../labels.ts';
import { TOWNS_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const KINDS: readonly Town['kind'][] = ['街道', '镇', '园区'];

/** Towns: `#/towns`, `#/towns/VERSION`. */
export function TownsPage({ rest }: { readonly rest: string }): JSX.Element {
  return (
    <CataloguePage kind="towns" title={common.towns} about={w.townsStreetsAndZones} rest={rest}>
      {(editing) => <Body {...editing} />}
    </CataloguePage>
  );
}

function Body({ body, change, faults, at }: Editing<'towns'>): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const { towns } = body;
  const one = chosen === null ? undefined : towns[chosen];
  const set = change === null || chosen === null ? null : (next: Town) => change({ towns: towns.map((town, index) => (index === chosen ? next : town)) });
  const field = (name: 'id' | 'name' | 'short' | 'code') => (set === null || one === undefined ? null : (value: string) => set({ ...one, [name]: value }));
  return (
    <Things
      label={common.towns}
      rows={towns.map(({ id, name, short, code, kind, aliases = [] }, index) => ({ id: String(index), title: name === '' ? w.noName : name, note: `${townKindLabel(kind)} · ${short} · ${code} · ${id}`, words: aliases.join(' '), pointer: `/towns/${index}` }))}
      faults={faults}
      chosen={one === undefined ? null : String(chosen)}
      choose={(id) => setChosen(id === null ? null : Number(id))}
      add={change === null ? undefined : { label: w.newTown, run: () => { change({ towns: [...towns, { id: `town-${towns.length + 1}`, code: '000000000', name: '', short: '', kind: '镇' }] }); setChosen(towns.length); } }}
    >
      {one === undefined ? null : (
        <div class="fields">
          <TextField label={common.name} value={one.name} change={field('name')} faults={at(`/towns/${chosen}/name`)} />
          <TextField label={w.shortName} value={one.short} change={field('short')} faults={at(`/towns/${chosen}/short`)} max={20} />
          <SelectField label={common.kind} value={one.kind} change={set === null ? null : (value) => set({ ...one, kind: KINDS.find((kind) => kind === value) ?? one.kind })} options={KINDS.map((kind) => [kind, townKindLabel(kind)] as const)} />
          <TextField label={w.areaCode} hint={w.n9DigitsZonesUse} value={one.code} change={field('code')} faults={at(`/towns/${chosen}/code`)} code max={9} />
          <TextField label={common.id} hint={w.smallLettersDigitsHyphens} value={one.id} change={field('id')} faults={at(`/towns/${chosen}/id`)} code max={60} />
          <WordsField label={w.aliases} value={one.aliases ?? []} change={set === null ? null : (aliases) => { const { aliases: _gone, ...kept } = one; set(aliases.length === 0 ? kept : { ...kept, aliases: [...aliases] }); }} faults={at(`/towns/${chosen}/aliases`)} />
          {change === null ? null : (
            <div class="buttons">
              <button type="button" class="danger" onClick={() => { change({ towns: towns.filter((_one, index) => index !== chosen) }); setChosen(null); }}>
                {w.deleteThisTown}
              </button>
            </div>
          )}
        </div>
      )}
    </Things>
  );
}
