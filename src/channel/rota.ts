/**
 * Something that each member needs once a period, spread over the period: ten thousand sockets that get their sign of life in one go
 * would make everybody wait for half a second. Runs while it has members.
 */
export interface Rota<Member> {
  add(member: Member): void;
  remove(member: Member): void;
  stop(): void;
}

/** A hundredth of the period from one group to the next (at thirty seconds, 100 of 10,000 every 300 ms), where that is not less than a timer can do. */
const GROUPS = 100;
const LEAST_MS = 10;

/**
 * @param periodMs each member's turn comes once in this time; the first one up to that much later
 * @param turn gets those whose turn it is, never none
 */
export function createRota<Member>(periodMs: number, turn: (members: readonly Member[]) => void): Rota<Member> {
  const amount = Math.max(1, Math.min(GROUPS, Math.floor(periodMs / LEAST_MS)));
  const groups = Array.from({ length: amount }, () => new Set<Member>());
  const groupOf = new Map<Member, Set<Member>>();
  let timer: NodeJS.Timeout | null = null;
  let next = 0;
  let joining = 0;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const tick = (): void => {
    const group = groups[next % amount];
    next += 1;
    if (group !== undefined && group.size > 0) turn([...group]);
  };
  return {
    add: (member) => {
      if (groupOf.has(member)) return;
      const group = groups[joining % amount] ?? new Set<Member>();
      joining += 1;
      group.add(member);
      groupOf.set(member, group);
      timer ??= setInterval(tick, periodMs / amount).unref();
    },
    remove: (member) => {
      groupOf.get(member)?.delete(member);
      groupOf.delete(member);
      if (groupOf.size === 0) stop();
    },
    stop,
  };
}
