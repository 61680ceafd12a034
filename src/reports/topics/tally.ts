import { LINKED, type Counts, type FoundTopic, type TopicTicket } from './types.ts';

/** What is counted of one matter while the tickets go by. */
export interface Tally {
  add(ticket: TopicTicket): void;
  readonly count: () => number;
  told(): Pick<FoundTopic, 'count' | 'firstAt' | 'lastAt' | 'towns' | 'departments' | 'items' | 'trend' | 'tickets'>;
}

export function createTally({ from, to, parts }: { readonly from: number; readonly to: number; readonly parts: number }): Tally {
  let count = 0;
  let firstAt = Infinity;
  let lastAt = -Infinity;
  const [towns, departments, items] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const trend = Array.from({ length: parts }, () => 0);
  let linked: TopicTicket[] = [];
  const raise = (counts: Map<string, number>, key: string | null): void => void counts.set(key ?? '', (counts.get(key ?? '') ?? 0) + 1);
  const newest = (): TopicTicket[] => linked.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, LINKED);
  return {
    add: (ticket) => {
      count += 1;
      firstAt = Math.min(firstAt, ticket.at);
      lastAt = Math.max(lastAt, ticket.at);
      raise(towns, ticket.townId);
      raise(departments, ticket.departmentId);
      raise(items, ticket.itemCode);
      const part = Math.min(parts - 1, Math.max(0, Math.floor(((ticket.at - from) / Math.max(1, to - from)) * parts)));
      trend[part] = (trend[part] ?? 0) + 1;
      if (ticket.confidential) return;
      // Without the text: a matter of thousands holds a handful of titles.
      linked.push({ ...ticket, content: '' });
      if (linked.length >= LINKED * 4) linked = newest();
    },
    count: () => count,
    told: () => ({
      count, firstAt: count === 0 ? from : firstAt, lastAt: count === 0 ? from : lastAt,
      towns: counted(towns), departments: counted(departments), items: counted(items), trend,
      tickets: newest().map(({ id, number, title }) => ({ id, number, title })),
    }),
  };
}

/** The most first, then by key. */
export function counted(counts: ReadonlyMap<string, number>): Counts {
  return [...counts].map(([key, count]) => ({ key, count })).sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
