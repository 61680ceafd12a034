import type { EpochMs } from '../../../domain/activity.ts';
import { type BoardCounts, type BoardGiven, type BoardStates, readCounts, readStates } from '../../../measures/board.ts';
import type { Repositories, Store } from '../../../store/contract.ts';
import type { BoardPictureShape } from './board-schemas.ts';
import type { StormModeShape } from './storm-schemas.ts';

/** States are read anew after so long, for all walls together. */
export const PICTURE_MS = 2_000;
/** Counts move every few seconds at most: the job that counts is no faster. */
const COUNTS_MS = 6_000;

export interface BoardPainter {
  /** At most `pictureMs` old; whoever asks while one is made gets that one. */
  picture(): Promise<BoardPictureShape>;
}

/** One picture for everybody who looks, however many walls there are. */
export function createBoardPainter({ store, now, pictureMs, given, storm }: { readonly store: Store; readonly now: () => EpochMs; readonly pictureMs: number; readonly given: () => BoardGiven; readonly storm?: (repos: Repositories, at: EpochMs) => Promise<StormModeShape> }): BoardPainter {
  let last: BoardPictureShape | null = null;
  let counted: { readonly at: EpochMs; readonly counts: BoardCounts | null } | null = null;
  let making: Promise<BoardPictureShape> | null = null;

  const isFresh = (at: EpochMs, within: number): boolean => at <= now() && now() - at < within;
  const paint = async (): Promise<BoardPictureShape> => {
    const at = now();
    return store.read(async (repos) => {
      const shown = given();
      if (counted === null || !isFresh(counted.at, COUNTS_MS)) counted = { at, counts: await readCounts(repos, shown, at) };
      return toShape(at, counted.counts, await readStates(repos, shown, at), (await storm?.(repos, at)) ?? null);
    });
  };
  return {
    async picture() {
      if (last !== null && isFresh(last.at, pictureMs)) return last;
      making ??= paint().finally(() => {
        making = null;
      });
      last = await making;
      return last;
    },
  };
}

/** The same with arrays of its own: what a schema describes knows no readonly. */
function toShape(at: EpochMs, counts: BoardCounts | null, states: BoardStates, storm: StormModeShape | null): BoardPictureShape {
  return {
    at,
    storm,
    counts:
      counts === null
        ? null
        : {
            ...counts,
            channels: [...counts.channels], hours: [...counts.hours], service: [...counts.service], quality: [...counts.quality], fields: [...counts.fields], towns: [...counts.towns],
            items: counts.items.map((item) => ({ ...item, hours: [...item.hours] })), rising: counts.rising === null ? null : [...counts.rising],
          },
    states: { ...states, groups: [...states.groups] },
  };
}
