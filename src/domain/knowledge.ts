import Type, { type Static } from 'typebox';

/** The five modules of a hotline's knowledge base (DOMAIN: 问政清单 业务指引 常见问题 专业名词 办事指南). */
export const KnowledgeModuleSchema = Type.Union([
  Type.Literal('duties'), // 问政清单: who answers for what
  Type.Literal('desk'), // 业务指引: how the desk handles a matter
  Type.Literal('faq'), // 常见问题
  Type.Literal('terms'), // 专业名词
  Type.Literal('guides'), // 办事指南
]);
export type KnowledgeModule = Static<typeof KnowledgeModuleSchema>;

const IsoDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/** One smallest scene (最小颗粒场景): one question, one answer. The shape of an entry in config/knowledge/*.yaml. */
export const KnowledgeEntrySchema = Type.Object(
  {
    /** Stable, lower-case, dotted: `residence-permit.apply`. */
    id: Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$' }),
    module: KnowledgeModuleSchema,
    /** Standard question. */
    question: Type.String({ minLength: 2, maxLength: 80 }),
    /** Other wordings, as citizens say it. */
    wordings: Type.Array(Type.String({ minLength: 2, maxLength: 80 })),
    /** Shown answer, plain text, short paragraphs. */
    answer: Type.String({ minLength: 10, maxLength: 900 }),
    /** Spoken answer: at most three short sentences, no links, no lists. */
    voice: Type.String({ minLength: 5, maxLength: 160 }),
    /** Department id of config/departments.yaml. */
    department: Type.String({ pattern: '^[a-z0-9-]+$' }),
    source: Type.Object({ title: Type.String({ minLength: 2 }), url: Type.Optional(Type.String()) }),
    effectiveFrom: IsoDate,
    expiresOn: Type.Optional(IsoDate),
    /** Town ids of config/towns.yaml it is limited to; absent: whole city. */
    towns: Type.Optional(Type.Array(Type.String())),
    /** Item code of config/items.yaml to suggest when the citizen wants to file something about it. */
    item: Type.Optional(Type.String()),
    /** `desk`: seats only, never shown to a citizen. */
    audience: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('desk')])),
    related: Type.Optional(Type.Array(Type.String())),
    keywords: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
export type KnowledgeEntry = Static<typeof KnowledgeEntrySchema>;
