import type { ConversationView, Owner } from '../../shared/api-types.ts';
import type { ListName } from '../api/client.ts';
import type { QueueView } from './model.ts';

/** Which lists a desk reads, and how much of each at a time. */
export type ListPage = readonly [ListName, number];

/** Every desk follows these two; the others only while it shows them. */
export const WAITING_AT_ONCE = 200;
const OWN: readonly ListPage[] = [['waiting', WAITING_AT_ONCE], ['mine', 200]];
/** Lists that go on when they are scrolled, newest first; who waits goes on in the order of the queue (desk.ts). */
const LONG: Readonly<Record<QueueView, ListPage | null>> = { waiting: null, mine: null, others: ['human', 200], bot: ['bot', 100], closed: ['closed', 50] };

export const listsOf = (view: QueueView): readonly ListPage[] => [...OWN, ...(LONG[view] === null ? [] : [LONG[view]])];
export const longListOf = (view: QueueView): ListPage | null => LONG[view];

/** Of the list that goes on, the oldest row that was read: older ones that scrolling has brought are not gone because of it. A list that came whole has none. */
export function floorsOf(view: QueueView, rows: readonly ConversationView[]): Readonly<Partial<Record<Owner, number>>> {
  const list = LONG[view];
  if (list === null || rows.length < list[1]) return {};
  const [name] = list;
  return name === 'human' || name === 'bot' || name === 'closed' ? { [name]: Math.min(...rows.map((row) => row.lastActivityAt)) } : {};
}
