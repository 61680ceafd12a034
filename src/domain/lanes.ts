import type { Item } from './config-files.ts';

/** The items that every citizen may be suggested: those of no lane. The same list when none is in a lane. */
export function openItems(items: readonly Item[]): readonly Item[] {
  return items.every(({ lane }) => lane === undefined) ? items : items.filter(({ lane }) => lane === undefined);
}
