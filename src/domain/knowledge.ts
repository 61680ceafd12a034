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
const shape = { additionalProperties: false };

/** A page that says more, or where the matter is done. */
const LinkSchema = Type.Object({ title: Type.String({ minLength: 2, maxLength: 60 }), url: Type.String({ pattern: '^https?://', maxLength: 500 }) }, shape);

/** A counter, hall or office where the matter is done. */
const PlaceSchema = Type.Object(
  { name: Type.String({ minLength: 2, maxLength: 60 }), address: Type.Optional(Type.String({ maxLength: 120 })), phone: Type.Optional(Type.String({ maxLength: 40 })), hours: Type.Optional(Type.String({ maxLength: 80 })) },
  shape,
);

/** The same scene for those who ask in English. */
const EnglishSchema = Type.Object(
  {
    question: Type.String({ minLength: 2, maxLength: 160 }),
    wordings: Type.Array(Type.String({ minLength: 2, maxLength: 160 })),
    answer: Type.String({ minLength: 10, maxLength: 1500 }),
    /** Spoken; at most three short sentences. */
    voice: Type.Optional(Type.String({ minLength: 5, maxLength: 320 })),
  },
  shape,
);

/** One smallest scene (最小颗粒场景): one question, one answer. The shape of an entry in config/knowledge/*.yaml, in imports and in the database. */
export const KnowledgeEntrySchema = Type.Object(
  {
    /** Stable, lower-case, dotted: `residence-permit.apply`. */
    id: Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$', maxLength: 100 }),
    module: KnowledgeModuleSchema,
    /** Standard question. */
    question: Type.String({ minLength: 2, maxLength: 80 }),
    /** Other wordings, as citizens say it. */
    wordings: Type.Array(Type.String({ minLength: 2, maxLength: 80 })),
    /** Shown answer, plain text, short paragraphs. */
    answer: Type.String({ minLength: 10, maxLength: 900 }),
    /** Spoken answer: at most three short sentences, no links, no lists. */
    voice: Type.String({ minLength: 5, maxLength: 160 }),
    /** Shown beside the answer where the channel can: pages to open, and a card that sums the matter up. */
    links: Type.Optional(Type.Array(LinkSchema, { maxItems: 3 })),
    card: Type.Optional(Type.Object({ title: Type.String({ minLength: 2, maxLength: 40 }), text: Type.String({ minLength: 2, maxLength: 200 }) }, shape)),
    /** For whom and where it holds, in words that the citizen reads. */
    conditions: Type.Optional(Type.Object({ who: Type.Optional(Type.String({ maxLength: 120 })), where: Type.Optional(Type.String({ maxLength: 120 })) }, shape)),
    steps: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 200 }), { maxItems: 12 })),
    materials: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 120 }), { maxItems: 20 })),
    fees: Type.Optional(Type.String({ maxLength: 200 })),
    hours: Type.Optional(Type.String({ maxLength: 120 })),
    places: Type.Optional(Type.Array(PlaceSchema, { maxItems: 40 })),
    /** Department id of config/departments.yaml that answers for it. */
    department: Type.String({ pattern: '^[a-z0-9-]+$' }),
    /** Further departments whose matters it also covers (scope of the seats' filter). */
    alsoDepartments: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9-]+$' }))),
    /** Username of the seat who keeps it true; absent: the editors together. */
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    /** `article`: the clause, such as 第六条. */
    source: Type.Object({ title: Type.String({ minLength: 2, maxLength: 120 }), article: Type.Optional(Type.String({ maxLength: 60 })), url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 500 })) }, shape),
    effectiveFrom: IsoDate,
    /** The last day on which it holds. */
    expiresOn: Type.Optional(IsoDate),
    /** The day by which its owner looks at it again. */
    reviewOn: Type.Optional(IsoDate),
    /** Town ids of config/towns.yaml it is limited to; absent: whole city. */
    towns: Type.Optional(Type.Array(Type.String())),
    /** Item code of config/items.yaml to suggest when the citizen wants to file something about it. */
    item: Type.Optional(Type.String()),
    /** Confidentiality. `desk`: seats only, never shown to a citizen; absent: public. */
    audience: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('desk')])),
    related: Type.Optional(Type.Array(Type.String())),
    keywords: Type.Optional(Type.Array(Type.String())),
    en: Type.Optional(EnglishSchema),
  },
  shape,
);
export type KnowledgeEntry = Static<typeof KnowledgeEntrySchema>;
