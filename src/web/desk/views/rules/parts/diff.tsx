import type { JSX } from 'preact';
import type { CatalogueKind, ChangeView } from '../../../../shared/rules-types.ts';
import { Chip, Empty } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import { useLoaded } from '../../../ui/use-loaded.ts';
import { classLabel, stageLabel, versionName } from './labels.ts';
import { DIFF as w, WHATS_WORDS, FIELDS_WORDS, DAYS_WORDS, HOURS_WORDS } from './words.ts';
import { COMMON as common } from '../../../words.ts';

const WHATS: Readonly<Record<string, string>> = WHATS_WORDS;
const hows = () => ({ added: [common.added, 'good'], removed: [w.removed, 'bad'], changed: [w.changed, 'warn'] } as const);
const FIELDS: Readonly<Record<string, string>> = FIELDS_WORDS;
const DAYS: Readonly<Record<string, string>> = DAYS_WORDS;
const HOURS: Readonly<Record<string, string>> = HOURS_WORDS;

function fieldName(what: string, field: string): string {
  if (what !== 'profile') return FIELDS[field] ?? field;
  const [stage = '', name = ''] = field.split('.');
  if (stage === 'warnings') return w.warning(stageLabel(name));
  return name === '' ? (FIELDS[field] ?? field) : `${stageLabel(stage)}·${classLabel(name)}`;
}

function valueText(what: string, value: unknown): string {
  if (value === null || value === undefined) return w.none;
  if (typeof value === 'boolean') return value ? common.yes : w.no;
  if (typeof value === 'string') return what === 'day' ? (DAYS[value] ?? value) : value;
  if (Array.isArray(value)) return value.map((one) => valueText(what, one)).join(common.comma);
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** What differs from another version, in words. */
export function Diff({ kind, version, fresh, against }: { readonly kind: CatalogueKind; readonly version: number; readonly fresh: string; readonly against?: number | undefined }): JSX.Element {
  const desk = useDesk();
  const diff = useLoaded(() => desk.api.rules.diff(kind, version, against), `diff ${kind} ${version} ${against ?? ''} ${fresh}`);
  if (diff.fault !== '') return <p class="fault">{diff.fault}</p>;
  if (diff.value === null) return <Empty>{w.comparing}</Empty>;
  const { changes } = diff.value;
  if (changes.length === 0) return <Empty>{w.noDifferencesFrom(versionName(diff.value.against))}</Empty>;
  return (
    <>
      <p class="dim">
        {w.differenceFrom(versionName(diff.value.against), changes.length)}
      </p>
      <ul class="changes" aria-label={w.differences}>
        {changes.map((change) => (
          <Change key={`${change.what} ${change.id} ${change.how}`} change={change} />
        ))}
      </ul>
    </>
  );
}

function Change({ change: { what, id, how, fields } }: { readonly change: ChangeView }): JSX.Element {
  const [label, tone] = how === 'added' ? hows().added : how === 'removed' ? hows().removed : hows().changed;
  return (
    <li>
      <Chip tone={tone}>{label}</Chip> {WHATS[what] ?? what} <b>{what === 'hours' ? (HOURS[id] ?? id) : id}</b>
      {fields.length === 0 ? null : (
        <ul>
          {fields.map(({ field, before, after }) => (
            <li key={field}>
              {w.colon(fieldName(what, field))}<del>{valueText(what, before)}</del> <span aria-hidden="true">→</span> <ins>{valueText(what, after)}</ins>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
