import type { ConversationView } from '../../shared/api-types.ts';
import { finds } from './pinyin.ts';

/** What narrows a list. Pure. */
export interface Filter {
  readonly text: string;
  readonly channel: string;
  readonly group: string;
  readonly emergency: boolean;
  readonly enterprise: boolean;
  readonly unread: boolean;
}

export const NO_FILTER: Filter = { text: '', channel: '', group: '', emergency: false, enterprise: false, unread: false };

export const isFiltering = (filter: Filter): boolean => filter.text.trim() !== '' || filter.channel !== '' || filter.group !== '' || filter.emergency || filter.enterprise || filter.unread;

/** `mentioned`: conversations with a note for this seat that it has not read; they count as unread. */
export function narrow(rows: readonly ConversationView[], filter: Filter, mentioned: ReadonlySet<string>): readonly ConversationView[] {
  if (!isFiltering(filter)) return rows;
  return rows.filter(
    (row) =>
      (filter.channel === '' || row.channel === filter.channel) &&
      (filter.group === '' || row.groupId === filter.group) &&
      (!filter.emergency || row.emergency !== null) &&
      (!filter.enterprise || (row.enterprise ?? null) !== null) &&
      (!filter.unread || row.unread > 0 || mentioned.has(row.id)) &&
      finds(filter.text, `${row.citizen.nameMasked ?? ''} ${row.citizen.phoneMasked ?? ''} ${row.preview} ${row.seatName ?? ''} ${row.enterprise?.name ?? ''} ${row.handoffReason ?? ''} ${row.id}`),
  );
}
