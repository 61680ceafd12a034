/**
 * The knowledge base's own room: editing, notes and tasks, what time brings.
 *
 * The wiring gives an `EditingContext` (its `announce` is called after each commit that published or took back something: read
 * `knowledge.changes` into the index, tell the other nodes) and calls `createKnowledgeUpkeep(context).tick(now)` every minute.
 */
export { EntryRefused, readEntry, storeFaults, type EntryFault } from './check.ts';
export { EDITING_ROLES, type EditingContext, type Editor } from './context.ts';
export { diffEntries, diffTexts, type FieldDiff, type Mark } from './diff.ts';
export { drop, requestRetirement, saveDraft, startDraft, submit, type DraftSource } from './drafts.ts';
export { approve, publish, publishDue, sendBack } from './review.ts';
export { OPEN_STATES, STATE_NAMES } from './revisions.ts';
export { closeTask, leaveNote, type NoteGiven, type NoteKind } from './tasks.ts';
export { createKnowledgeUpkeep, EXPIRY_DAYS, REVIEW_DAYS, type KnowledgeUpkeep, type UpkeepReport } from './upkeep.ts';
