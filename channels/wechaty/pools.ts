/** Forgets the oldest of a pool of Wechaty's (a Map by id, in the order of meeting) until `limit` are left; anything else is left alone. */
export function forgetOldest(pool: unknown, limit: number): void {
  if (!(pool instanceof Map)) return;
  for (const id of pool.keys()) {
    if (pool.size <= limit) return;
    pool.delete(id);
  }
}
