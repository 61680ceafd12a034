/**
 * Something that each member needs once a period, spread over the period: ten thousand sockets that get their sign of life in one go
 * would make everybody wait for half a second. Runs while it has members.
 */
export interface Rota<Member> {
  add(member: Member): void;
  remove(member: Member): void;
  stop(): void;
}

/** A hundredth of the period from one group to the next: at thirty seconds, 100 of 10,000 every 300 ms. */
const GROUPS = 100;

/** @param periodMs each member's turn comes once in this time; the first one up to that much later */
export function createRota<Member>(periodMs: number, turn: (member: Member) => void): Rota<Member> {
  const groups = Array.from({ length: GROUPS }, () => new Set<Member>());
  const groupOf = new Map<Member, Set<Member>>();
  let timer: NodeJS.Timeout | null = null;
  let next = 0;
  let joining = 0;

  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const tick = (): void => {
    const group = groups[next % GROUPS];
    next += 1;
    // Whoever leaves in their turn, or in another's, is not met again.
    for (const member of group ?? []) turn(member);
  };
  return {
    add: (member) => {
      if (groupOf.has(member)) return;
      const group = groups[joining % GROUPS] ?? new Set<Member>();
      joining += 1;
      group.add(member);
      groupOf.set(member, group);
      timer ??= setInterval(tick, periodMs / GROUPS);
    },
    remove: (member) => {
      groupOf.get(member)?.delete(member);
      groupOf.delete(member);
      if (groupOf.size === 0) stop();
    },
    stop,
  };
}
