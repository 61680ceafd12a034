export { createFinder, stateOf } from './finder.ts';
export type { EntryState, Finder, FinderHit, FinderQuery, FinderResult, FoundIn, MarkedText, TextRange } from './types.ts';
