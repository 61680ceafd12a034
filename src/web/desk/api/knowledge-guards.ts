import type { DiffView, EffectView, FacetCount, GapView, KnowledgeEntry, KnowledgeEntryAnswer, ImportReport, KnowledgeHit, KnowledgeRevisionView, KnowledgeRowView, KnowledgeTaskView, LintReport, TitledEntry } from '../../shared/api-types.ts';
import { arrayOf, isBoolean, isNumber, isString, nullable, object, oneOf, optional, type Guard } from '../../shared/guards.ts';

/** Checks of what the server sends of the knowledge base. */

const isText = nullable(isString);
const isModule = oneOf('duties', 'desk', 'faq', 'terms', 'guides');
const isRanges = arrayOf(arrayOf(isNumber));
const isMarked = object({ text: isString, ranges: isRanges });
const isAudience = oneOf('public', 'desk');
const isStrings = arrayOf(isString);
const isLink = object({ title: isString, url: isString });
const isPlace = object({ name: isString, address: optional(isString), phone: optional(isString), hours: optional(isString) });

export const isEntry: Guard<KnowledgeEntry> = object({
  id: isString,
  module: isModule,
  question: isString,
  wordings: isStrings,
  answer: isString,
  voice: isString,
  links: optional(arrayOf(isLink)),
  card: optional(object({ title: isString, text: isString })),
  conditions: optional(object({ who: optional(isString), where: optional(isString) })),
  steps: optional(isStrings),
  materials: optional(isStrings),
  fees: optional(isString),
  hours: optional(isString),
  places: optional(arrayOf(isPlace)),
  department: isString,
  alsoDepartments: optional(isStrings),
  owner: optional(isString),
  source: object({ title: isString, article: optional(isString), url: optional(isString) }),
  effectiveFrom: isString,
  expiresOn: optional(isString),
  reviewOn: optional(isString),
  towns: optional(isStrings),
  item: optional(isString),
  audience: optional(isAudience),
  related: optional(isStrings),
  keywords: optional(isStrings),
  en: optional(object({ question: isString, wordings: isStrings, answer: isString, voice: optional(isString) })),
});

export const isHit: Guard<KnowledgeHit> = object({
  id: isString,
  module: isModule,
  question: isString,
  ranges: isRanges,
  wording: nullable(isMarked),
  snippet: isMarked,
  answer: isString,
  voice: isString,
  department: isText,
  source: isString,
  sourceUrl: isText,
  audience: isAudience,
  effectiveFrom: isString,
  expiresOn: isText,
  reviewOn: isText,
  state: oneOf('valid', 'due', 'expired', 'coming'),
  stale: isText,
  score: isNumber,
  foundIn: isText,
  pinned: isBoolean,
  recent: isBoolean,
});
export const isFacet: Guard<FacetCount> = object({ id: isString, name: isText, count: isNumber });

export const isRow: Guard<KnowledgeRowView> = object({
  id: isString,
  state: oneOf('published', 'retired'),
  origin: oneOf('file', 'desk'),
  revision: isNumber,
  updatedAt: isNumber,
  module: isModule,
  question: isString,
  departmentName: isString,
  owner: isText,
  expiresOn: isText,
  reviewOn: isText,
});

export const isRevision: Guard<KnowledgeRevisionView> = object({
  id: isString,
  entryId: isString,
  number: isNumber,
  state: oneOf('draft', 'review', 'returned', 'approved', 'published', 'replaced', 'retired', 'dropped'),
  stateName: isString,
  wish: oneOf('publish', 'retire'),
  entry: isEntry,
  basedOn: nullable(isNumber),
  author: isString,
  authorName: isString,
  editedBy: isString,
  editedByName: isString,
  reviewerName: isText,
  note: isText,
  verdict: isText,
  publishAt: nullable(isNumber),
  createdAt: isNumber,
  updatedAt: isNumber,
  decidedAt: nullable(isNumber),
  version: isNumber,
});
const isTitled: Guard<TitledEntry> = object({ id: isString, question: isString });
export const isEntryAnswer: Guard<KnowledgeEntryAnswer> = object({ row: nullable(isRow), entry: isEntry, open: nullable(isRevision), related: arrayOf(isTitled), pinned: isBoolean, openTasks: isNumber });

export const isDiff: Guard<DiffView> = object({
  against: nullable(isNumber),
  fields: arrayOf(object({ field: isString, label: isString, change: oneOf('added', 'removed', 'changed'), shape: oneOf('text', 'list'), marks: arrayOf(object({ op: oneOf('same', 'removed', 'added'), text: isString })) })),
});

export const isTask: Guard<KnowledgeTaskView> = object({
  id: isString,
  kind: oneOf('wrong', 'missing', 'unclear', 'review', 'expiry', 'lint', 'gap'),
  entryId: isText,
  question: isText,
  owner: isText,
  text: isString,
  createdByName: isString,
  createdAt: isNumber,
  dueOn: isText,
  state: oneOf('open', 'done', 'dismissed'),
  closedByName: isText,
  closedAt: nullable(isNumber),
  outcome: isText,
});

export const isImportReport: Guard<ImportReport> = object({
  outcome: oneOf('checked', 'refused', 'handed_in', 'published'),
  counts: object({ new: isNumber, changed: isNumber, same: isNumber, refused: isNumber }),
  written: isNumber,
  rows: arrayOf(object({ row: isNumber, line: isNumber, id: isText, status: oneOf('new', 'changed', 'same', 'refused'), faults: arrayOf(object({ field: isString, text: isString })) })),
});
export const isLintReport: Guard<LintReport> = object({
  entries: isNumber,
  counts: object({ error: isNumber, warning: isNumber, hint: isNumber }),
  findings: arrayOf(object({ rule: isString, severity: oneOf('error', 'warning', 'hint'), entryIds: isStrings, text: isString, mend: isString })),
});

export const isGap: Guard<GapView> = object({
  id: isString,
  state: oneOf('open', 'drafted', 'added', 'dismissed'),
  title: isString,
  samples: isStrings,
  count: isNumber,
  unhelpful: isNumber,
  best: nullable(object({ id: isString, question: isText, score: isNumber })),
  firstAt: isNumber,
  lastAt: isNumber,
  entryId: isText,
});
const isFigures = object({ recallAt1: isNumber, wrongAnswers: isNumber, answered: isNumber, refused: isNumber });
const isOutcome = object({ top: isText, decision: oneOf('answer', 'choices', 'clarify', 'abstain') });
export const isEffect: Guard<EffectView> = object({
  questions: object({ answerable: isNumber, unanswerable: isNumber }),
  before: isFigures,
  after: isFigures,
  changed: arrayOf(object({ q: isString, entry: isText, before: isOutcome, after: isOutcome, verdict: oneOf('better', 'worse', 'other') })),
});
