import type { MatchContext, MatchEntry } from './types.ts';

/** Which entries a context leaves out: those of other towns, and those that do not hold on its day. */
export interface Scope {
  /** 1 for each entry that is left out; null: none is. Not to be written to. */
  left(context: MatchContext | undefined): Uint8Array | null;
}

/** Towns and days that are remembered: a city has some dozens of towns, and a day lasts a day. */
const REMEMBERED = 64;

export function createScope(entries: readonly Pick<MatchEntry, 'towns' | 'from' | 'until'>[]): Scope {
  const bounded = entries.some(({ towns, from, until }) => (towns?.length ?? 0) > 0 || from !== undefined || until !== undefined);
  const known = new Map<string, Uint8Array>();
  return {
    left: (context) => {
      const town = context?.town ?? '';
      const today = context?.today ?? '';
      if (!bounded || (town === '' && today === '')) return null;
      const key = `${town}\n${today}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = Uint8Array.from(entries, ({ towns, from, until }) => {
        const elsewhere = town !== '' && towns !== undefined && towns.length > 0 && !towns.includes(town);
        const otherTime = today !== '' && ((from !== undefined && from > today) || (until !== undefined && until < today));
        return elsewhere || otherTime ? 1 : 0;
      });
      if (known.size >= REMEMBERED) known.clear();
      known.set(key, made);
      return made;
    },
  };
}
