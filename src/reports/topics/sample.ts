import { hashOf } from '../../matcher/alike/place-words.ts';

/**
 * A sample of whatever comes, without knowing how much will: the `most` whose id hashes lowest. The same ids give the same sample, in any
 * order. Ids of one moment share their beginning, so the hash is stirred once more.
 */
export interface Sample<Each> {
  put(one: Each): void;
  readonly kept: () => readonly Each[];
  holds(id: string): boolean;
  readonly seen: () => number;
}

export function createSample<Each extends { readonly id: string }>(most: number): Sample<Each> {
  let limit = 2 ** 32;
  let seen = 0;
  let kept = new Map<string, { readonly one: Each; readonly hash: number }>();
  /** Down to `most` exactly; done seldom, when twice as many are held. */
  const shrink = (): void => {
    if (kept.size <= most) return;
    const order = [...kept.values()].sort((a, b) => a.hash - b.hash || (a.one.id < b.one.id ? -1 : 1)).slice(0, most);
    limit = (order.at(-1)?.hash ?? limit) + 1;
    kept = new Map(order.map((each) => [each.one.id, each]));
  };
  return {
    put: (one) => {
      seen += 1;
      const hash = stirred(one.id);
      if (hash >= limit) return;
      kept.set(one.id, { one, hash });
      if (kept.size >= most * 2) shrink();
    },
    kept: () => {
      shrink();
      return [...kept.values()].map(({ one }) => one);
    },
    holds: (id) => kept.has(id),
    seen: () => seen,
  };
}

function stirred(id: string): number {
  let hash = hashOf(id);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
