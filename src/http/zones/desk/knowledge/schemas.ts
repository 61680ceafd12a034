import Type from 'typebox';
import { KnowledgeEntrySchema, KnowledgeModuleSchema } from '../../../../domain/knowledge.ts';
import { Counter, NullableText } from '../schemas.ts';

/** Shapes of the knowledge base by REST. Times are epoch ms, days `YYYY-MM-DD` in Beijing. */

const shape = { additionalProperties: false };
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Nullable(Type.String());
const Time = Nullable(Type.Number());
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));
const Id = Type.String({ minLength: 1, maxLength: 100 });
const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const ClientId = Type.String({ minLength: 8, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' });

const RowState = Type.Union([Type.Literal('published'), Type.Literal('retired')]);
export const RevisionStateSchema = Type.Union([
  Type.Literal('draft'), Type.Literal('review'), Type.Literal('returned'), Type.Literal('approved'), Type.Literal('published'), Type.Literal('replaced'), Type.Literal('retired'), Type.Literal('dropped'),
]);
const TaskKind = Type.Union([Type.Literal('wrong'), Type.Literal('missing'), Type.Literal('unclear'), Type.Literal('review'), Type.Literal('expiry'), Type.Literal('lint'), Type.Literal('gap')]);
const NoteKind = Type.Union([Type.Literal('wrong'), Type.Literal('missing'), Type.Literal('unclear')]);
const TaskState = Type.Union([Type.Literal('open'), Type.Literal('done'), Type.Literal('dismissed')]);

/* ---- what is shown ---- */

/** A line of the list. */
export const RowView = Type.Object({
  id: Type.String(), state: RowState, origin: Type.Union([Type.Literal('file'), Type.Literal('desk')]), revision: Type.Number(), updatedAt: Type.Number(),
  module: KnowledgeModuleSchema, question: Type.String(), department: Type.String(), departmentName: Type.String(), owner: Text, audience: Type.Union([Type.Literal('public'), Type.Literal('desk')]),
  effectiveFrom: Type.String(), expiresOn: Text, reviewOn: Text,
});
export const RevisionView = Type.Object({
  id: Type.String(), entryId: Type.String(), number: Type.Number(), state: RevisionStateSchema, stateName: Type.String(), wish: Type.Union([Type.Literal('publish'), Type.Literal('retire')]), entry: KnowledgeEntrySchema,
  basedOn: Nullable(Type.Number()), author: Type.String(), authorName: Type.String(), editedBy: Type.String(), editedByName: Type.String(), reviewer: Text, reviewerName: Text, note: Text, verdict: Text,
  publishAt: Time, createdAt: Type.Number(), updatedAt: Type.Number(), decidedAt: Time, version: Type.Number(),
});
export const TaskView = Type.Object({
  id: Type.String(), kind: TaskKind, entryId: Text, question: Text, owner: Text, text: Type.String(), conversationId: Text, createdBy: Type.String(), createdByName: Type.String(), createdAt: Type.Number(),
  dueOn: Text, state: TaskState, closedBy: Text, closedByName: Text, closedAt: Time, outcome: Text,
});
const Titled = Type.Object({ id: Type.String(), question: Type.String() });
export const EntryAnswer = Type.Object({ row: Nullable(RowView), entry: KnowledgeEntrySchema, open: Nullable(RevisionView), related: Type.Array(Titled), pinned: Type.Boolean(), openTasks: Type.Number() });
export const RowsAnswer = Type.Object({ entries: Type.Array(RowView), counts: Type.Record(Type.String(), Type.Number()), nextAfterId: Text });
export const RevisionAnswer = Type.Object({ revision: RevisionView });
export const RevisionsAnswer = Type.Object({ revisions: Type.Array(RevisionView), nextAfterId: Text });
const MarkView = Type.Object({ op: Type.Union([Type.Literal('same'), Type.Literal('removed'), Type.Literal('added')]), text: Type.String() });
export const DiffAnswer = Type.Object({
  /** Number of the revision it was compared with; null: there was nothing. */
  against: Nullable(Type.Number()),
  fields: Type.Array(
    Type.Object({ field: Type.String(), label: Type.String(), change: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]), shape: Type.Union([Type.Literal('text'), Type.Literal('list')]), marks: Type.Array(MarkView) }),
  ),
});
export const TaskAnswer = Type.Object({ task: TaskView });
export const TasksAnswer = Type.Object({ tasks: Type.Array(TaskView), open: Type.Number() });
export const MemosAnswer = Type.Object({ recent: Type.Array(Titled), pinned: Type.Array(Titled) });

/* ---- what is asked and given ---- */

export const RowsQuery = Type.Object({
  state: Type.Optional(RowState), module: Type.Optional(KnowledgeModuleSchema), department: Type.Optional(Type.String({ maxLength: 100 })), owner: Type.Optional(Type.String({ maxLength: 60 })),
  afterId: Type.Optional(Id), limit: Limit,
});
export const RevisionsQuery = Type.Object({
  /** One state, or several with commas; absent: all that are open. */
  state: Type.Optional(Type.String({ maxLength: 100 })),
  mine: Type.Optional(Type.Boolean()),
  afterId: Type.Optional(Id),
  limit: Limit,
});
export const DiffQuery = Type.Object({ against: Type.Optional(Id) });
export const LimitQuery = Type.Object({ limit: Limit });
/** One of `entry`, `entryId`, `fromRevision`. */
export const DraftBody = Type.Object({ entry: Type.Optional(Type.Unknown()), entryId: Type.Optional(Id), fromRevision: Type.Optional(Id), note: Type.Optional(NullableText(1000)) }, shape);
export const SaveBody = Type.Object({ entry: Type.Unknown(), note: Type.Optional(NullableText(1000)), version: Version }, shape);
export const VersionBody = Type.Object({ version: Version }, shape);
export const ReturnBody = Type.Object({ version: Version, verdict: Type.String({ minLength: 2, maxLength: 1000 }) }, shape);
/** `publishAt`: `now`, a time, or null: it waits for somebody to publish it. Null stands first: the checker coerces. */
export const ApproveBody = Type.Object({ version: Version, verdict: Type.Optional(NullableText(1000)), publishAt: Type.Union([Type.Null(), Counter, Type.Literal('now')]) }, shape);
export const RetireBody = Type.Object({ note: Type.String({ minLength: 2, maxLength: 1000 }) }, shape);
export const NoteBody = Type.Object({ kind: NoteKind, text: Type.String({ minLength: 2, maxLength: 1000 }), conversationId: Type.Optional(Type.Union([Type.Null(), Id])), clientId: Type.Optional(ClientId) }, shape);
/** Owner and day are for the editors to give. */
export const TaskBody = Type.Object({ ...NoteBody.properties, entryId: Type.Optional(Type.Union([Type.Null(), Id])), owner: Type.Optional(NullableText(60)), dueOn: Type.Optional(Type.Union([Type.Null(), Day])) }, shape);
export const TasksQuery = Type.Object({ state: Type.Optional(TaskState), kind: Type.Optional(TaskKind), entryId: Type.Optional(Id), mine: Type.Optional(Type.Boolean()), limit: Limit });
export const CloseBody = Type.Object({ state: Type.Union([Type.Literal('done'), Type.Literal('dismissed')]), outcome: Type.Optional(NullableText(1000)) }, shape);
