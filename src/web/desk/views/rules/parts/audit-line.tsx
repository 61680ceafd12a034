import type { JSX } from 'preact';
import { dateTime } from '../../../../shared/format.ts';
import type { TrailRow } from '../../../../shared/rules-types.ts';
import { actionLabel } from '../../../labels.ts';
import { useDesk, useSeat } from '../../../ui/context.ts';
import { useLoaded } from '../../../ui/use-loaded.ts';

const LEADERS: readonly string[] = ['supervisor', 'administrator'];

/** Where the trail page shows these rows. */
export const trailLink = (given: Readonly<Record<string, string>>): string => `#/trail/${new URLSearchParams(given).toString()}`;

/** Who changed what last; leaders go on from here into the trail. */
export function AuditLine({ filter, fresh = '', rows: given }: { readonly filter: Readonly<Record<string, string>>; readonly fresh?: string; readonly rows?: readonly TrailRow[] | undefined }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const loaded = useLoaded(() => (given === undefined ? desk.api.rules.trail({ ...filter, limit: 3 }) : Promise.resolve(null)), `${JSON.stringify(filter)} ${fresh}`);
  const rows = given ?? loaded.value?.entries ?? [];
  return (
    <p class="audit">
      <b>最近改动：</b>
      {loaded.fault !== '' ? '没有读到审计记录' : rows.length === 0 ? '还没有记录' : null}
      {rows.slice(0, 3).map((row) => (
        <span key={row.seq}>
          {row.actorName} {dateTime(row.at)} {actionLabel(row.action)}
          {row.subject.includes('/') ? ` 第 ${row.subject.split('/').at(-1) ?? ''} 版` : ''}
          {row.purpose === null ? '' : `（${row.purpose}）`}
        </span>
      ))}
      {LEADERS.includes(seat.role) ? <a href={trailLink(filter)}>全部审计记录</a> : null}
    </p>
  );
}
