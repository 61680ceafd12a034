import Type, { type Static } from 'typebox';
import { MoodSchema } from '../../../assist/rules-schema.ts';
import { SLOT_NAMES } from '../../../assist/types.ts';
import { UrgencySchema } from '../../../domain/config-files.ts';
import { KnowledgeModuleSchema } from '../../../domain/knowledge.ts';

/** Shapes of agent assist. Every finding carries the words it comes from: `seq` of the message, offsets in UTF-16 units of its text. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Evidence = Type.Object({ seq: Type.Integer(), start: Type.Integer(), end: Type.Integer(), text: Type.String() });
const Evidences = Type.Array(Evidence);
const Named = Type.Object({ id: Type.String(), name: Type.String() });

const KnowledgePart = Type.Object({
  asked: Type.Union([Evidence, Type.Null()]),
  topic: Text,
  hints: Type.Array(Type.Object({
    id: Type.String(), question: Type.String(), module: KnowledgeModuleSchema, answer: Type.String(), voice: Type.String(), audience: Type.Union([Type.Literal('public'), Type.Literal('desk')]),
    department: Text, source: Type.String(), sourceUrl: Text, score: Type.Number(), matched: Type.Array(Type.String()),
    /** In words. */
    why: Type.String(),
    /** `ending`: it expires soon. */
    fresh: Type.Object({ state: Type.Union([Type.Literal('valid'), Type.Literal('due'), Type.Literal('expired'), Type.Literal('coming'), Type.Literal('ending')]), text: Type.String() }),
  })),
});

const DispatchPart = Type.Object({
  items: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), field: Type.String(), score: Type.Number(), sure: Type.Boolean(), matched: Type.Array(Type.String()) })),
  department: Type.Union([Named, Type.Null()]),
  assistants: Type.Array(Type.String()),
  routeId: Text,
  why: Type.String(),
  because: Type.Array(Type.String()),
  deadline: Type.Union([Type.Object({ dueAt: Type.Number(), rule: Type.String(), text: Type.String(), lines: Type.Array(Type.String()) }), Type.Null()]),
});

const FormPart = Type.Object({
  slots: Type.Array(Type.Object({ name: Type.Enum([...SLOT_NAMES]), label: Type.String(), value: Type.String(), shown: Type.String(), confidence: Type.Number(), from: Evidences, note: Text })),
  details: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), value: Type.String(), from: Evidences })),
});

const Questions = Type.Array(Type.Object({ id: Type.String(), ask: Type.String(), voice: Type.String(), why: Type.String() }));
const MoodPart = Type.Object({ level: MoodSchema, urgency: UrgencySchema, why: Type.String(), signs: Type.Array(Type.Object({ ...Evidence.properties, id: Type.String(), label: Type.String() })) });
const Summary = Type.Array(Type.Object({ label: Type.String(), text: Type.String(), seqs: Type.Array(Type.Integer()) }));

const Brief = Type.Object({ id: Type.String(), number: Type.String(), title: Type.String(), state: Type.String(), itemName: Text, townName: Text, place: Text, departmentName: Text, createdAt: Type.Number(), leadingId: Text, version: Type.Number() });
const AlikePart = Type.Object({
  /** `why`: what is equal: `text`, `place`, `item`, `time`, `citizen`. */
  likes: Type.Array(Type.Object({ ticket: Brief, score: Type.Number(), why: Type.Array(Type.String()), words: Type.String() })),
  /** False while the index fills after a start. */
  complete: Type.Boolean(),
  /** Tickets that were opened in this conversation: what a duplicate would be merged with. */
  own: Type.Array(Type.Object({ id: Type.String(), number: Type.String() })),
});

export const PARTS = ['knowledge', 'dispatch', 'form', 'questions', 'mood', 'alike', 'summary'] as const;
export type PartName = (typeof PARTS)[number];

export const AssistQuery = Type.Object({ /** Only this part. */ part: Type.Optional(Type.Enum([...PARTS])) });
export const AssistAnswer = Type.Object({
  conversationId: Type.String(),
  version: Type.Number(),
  lastSeq: Type.Number(),
  knowledge: Type.Optional(KnowledgePart),
  dispatch: Type.Optional(DispatchPart),
  form: Type.Optional(FormPart),
  questions: Type.Optional(Questions),
  mood: Type.Optional(MoodPart),
  alike: Type.Optional(AlikePart),
  summary: Type.Optional(Summary),
  /** May a draft be asked of a language model? */
  drafts: Type.Boolean(),
});
export type AssistAnswerShape = Static<typeof AssistAnswer>;
export type AlikePartShape = Static<typeof AlikePart>;

export const DraftAnswer = Type.Object({
  /** `model`: a draft, to be read before it is used; `extract`: cut out of the conversation because there was none. */
  by: Type.Union([Type.Literal('model'), Type.Literal('extract')]),
  lines: Type.Array(Type.Object({ label: Type.String(), text: Type.String() })),
  note: Text,
  model: Text,
});
