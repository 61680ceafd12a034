import type { JSX } from 'preact';
import type { CatalogueKind, ChangeView } from '../../../../shared/rules-types.ts';
import { Chip, Empty } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import { useLoaded } from '../../../ui/use-loaded.ts';
import { classLabel, stageLabel, versionName } from './labels.ts';

const WHATS: Readonly<Record<string, string>> = { item: '事项', group: '类目', rule: '规则', order: '规则顺序', scheme: '编码方案', department: '单位', town: '镇街', year: '年份', day: '日期', hours: '时间', profile: '方案', active: '在用方案' };
const HOWS = { added: ['新增', 'good'], removed: ['删去', 'bad'], changed: ['改动', 'warn'] } as const;
const FIELDS: Readonly<Record<string, string>> = {
  name: '名称', short: '简称', aliases: '别名', duties: '职责', code: '代码', kind: '类别', department: '承办单位', assist: '协办单位', deadlineClass: '时限类别', evidence: '须附证明', lane: '通道', keywords: '关键词', examples: '例句', kinds: '诉求类型', field: '领域', parent: '上级',
  when: '条件', to: '派往', why: '理由', order: '顺序', source: '依据', provisional: '推算', hours: '时间', active: '市民', enterprise: '企业直通车', extension: '延期', scheme: '方案', version: '版次',
};
const DAYS: Readonly<Record<string, string>> = { usual: '平常', holiday: '放假', makeUp: '调休上班' };
const HOURS: Readonly<Record<string, string>> = { officeHours: '办公时间', seatHours: '坐席时间' };

function fieldName(what: string, field: string): string {
  if (what !== 'profile') return FIELDS[field] ?? field;
  const [stage = '', name = ''] = field.split('.');
  if (stage === 'warnings') return `提前提醒·${stageLabel(name)}`;
  return name === '' ? (FIELDS[field] ?? field) : `${stageLabel(stage)}·${classLabel(name)}`;
}

function valueText(what: string, value: unknown): string {
  if (value === null || value === undefined) return '（无）';
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (typeof value === 'string') return what === 'day' ? (DAYS[value] ?? value) : value;
  if (Array.isArray(value)) return value.map((one) => valueText(what, one)).join('、');
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** What differs from another version, in words. */
export function Diff({ kind, version, fresh, against }: { readonly kind: CatalogueKind; readonly version: number; readonly fresh: string; readonly against?: number | undefined }): JSX.Element {
  const desk = useDesk();
  const diff = useLoaded(() => desk.api.rules.diff(kind, version, against), `diff ${kind} ${version} ${against ?? ''} ${fresh}`);
  if (diff.fault !== '') return <p class="fault">{diff.fault}</p>;
  if (diff.value === null) return <Empty>正在比较</Empty>;
  const { changes } = diff.value;
  if (changes.length === 0) return <Empty>与{versionName(diff.value.against)}没有差别</Empty>;
  return (
    <>
      <p class="dim">
        与{versionName(diff.value.against)}相比：{changes.length} 处
      </p>
      <ul class="changes" aria-label="差别">
        {changes.map((change) => (
          <Change key={`${change.what} ${change.id} ${change.how}`} change={change} />
        ))}
      </ul>
    </>
  );
}

function Change({ change: { what, id, how, fields } }: { readonly change: ChangeView }): JSX.Element {
  const [label, tone] = how === 'added' ? HOWS.added : how === 'removed' ? HOWS.removed : HOWS.changed;
  return (
    <li>
      <Chip tone={tone}>{label}</Chip> {WHATS[what] ?? what} <b>{what === 'hours' ? (HOURS[id] ?? id) : id}</b>
      {fields.length === 0 ? null : (
        <ul>
          {fields.map(({ field, before, after }) => (
            <li key={field}>
              {fieldName(what, field)}：<del>{valueText(what, before)}</del> <span aria-hidden="true">→</span> <ins>{valueText(what, after)}</ins>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
