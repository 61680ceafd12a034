import type { JSX } from 'preact';
import { dateTime } from '../../../../shared/format.ts';
import type { TrailRow } from '../../../../shared/rules-types.ts';
import { actionLabel } from '../../../labels.ts';
import { useDesk, useSeat } from '../../../ui/context.ts';
import { useLoaded } from '../../../ui/use-loaded.ts';
import { AUDIT_LINE as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

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
      <b>{w.lastChanges}</b>
      {loaded.fault !== '' ? w.theTrailCouldNot : rows.length === 0 ? w.nothingRecordedYet : null}
      {rows.slice(0, 3).map((row) => (
        <span key={row.seq}>
          {row.actorName} {dateTime(row.at)} {actionLabel(row.action)}
          {row.subject.includes('/') ? w.version(row.subject.split('/').at(-1) ?? '') : ''}
          {row.purpose === null ? '' : common.inBrackets(row.purpose)}
        </span>
      ))}
      {LEADERS.includes(seat.role) ? <a href={trailLink(filter)}>{w.wholeTrail}</a> : null}
    </p>
  );
}
