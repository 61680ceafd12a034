import Type, { type Static } from 'typebox';

/** Shapes of the data files in config/: what an operator edits. Checked at start with file and line in the error. */

const Slug = Type.String({ pattern: '^[a-z0-9-]+$' });

/** config/departments.yaml → `departments: Department[]` */
export const DepartmentSchema = Type.Object(
  {
    id: Slug,
    /** Full Chinese name, e.g. 市人力资源和社会保障局. */
    name: Type.String(),
    short: Type.String(),
    /** Other names citizens use. */
    aliases: Type.Optional(Type.Array(Type.String())),
    /** Fields of duty, for humans. */
    duties: Type.String(),
  },
  { additionalProperties: false },
);
export type Department = Static<typeof DepartmentSchema>;

/** config/departments.yaml, and the body of a catalogue of kind `departments`. */
export const DepartmentsCatalogueSchema = Type.Object({ departments: Type.Array(DepartmentSchema) }, { additionalProperties: false });
export type DepartmentsCatalogue = Static<typeof DepartmentsCatalogueSchema>;

/** config/towns.yaml → `towns: Town[]` */
export const TownSchema = Type.Object(
  {
    id: Slug,
    /** Division code (GB/T 2260 with town level), 9 digits; functional zones carry their statistical code. */
    code: Type.String({ pattern: '^\\d{9}$' }),
    name: Type.String(),
    short: Type.String(),
    kind: Type.Union([Type.Literal('街道'), Type.Literal('镇'), Type.Literal('园区')]),
    aliases: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
export type Town = Static<typeof TownSchema>;

/** config/towns.yaml, and the body of a catalogue of kind `towns`. */
export const TownsCatalogueSchema = Type.Object({ towns: Type.Array(TownSchema) }, { additionalProperties: false });
export type TownsCatalogue = Static<typeof TownsCatalogueSchema>;

export const TicketKindSchema = Type.Union([
  Type.Literal('咨询'), Type.Literal('求助'), Type.Literal('投诉'), Type.Literal('举报'), Type.Literal('建议'), Type.Literal('表扬'),
]);
export type TicketKind = Static<typeof TicketKindSchema>;

export const UrgencySchema = Type.Union([Type.Literal('normal'), Type.Literal('urgent'), Type.Literal('emergency')]);
export type Urgency = Static<typeof UrgencySchema>;

const ItemCode = Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)*$' });

/** One item of config/items.yaml or of a published catalogue: what a ticket can be filed under. */
export const ItemSchema = Type.Object(
  {
    /** Code of the scheme; dotted (`env.noise.construction`, ours) or plain (`010203`, official ones, whose tree is told by `parent`). */
    code: ItemCode,
    name: Type.String(),
    /** One of the top-level fields (环境保护, 城市管理 …). */
    field: Type.String(),
    /** The group or item above it; absent: it stands at the top, or its dotted code says where. */
    parent: Type.Optional(ItemCode),
    kinds: Type.Array(TicketKindSchema, { minItems: 1 }),
    department: Slug,
    /** 协办: they assist wherever a dispatch rule says nothing else. */
    assist: Type.Optional(Type.Array(Slug)),
    /** Key of a rule in config/deadlines.yaml: life, utility, general, complex, consult. */
    deadlineClass: Slug,
    /** 办结 needs a file that shows the result, beside `evidenceItems` of config/tickets.yaml. */
    evidence: Type.Optional(Type.Boolean()),
    /** 通道: only enterprises of the register (企业直通车) are suggested it; absent: everybody. A seat may file anything. */
    lane: Type.Optional(Type.Literal('enterprise')),
    keywords: Type.Array(Type.String()),
    examples: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type Item = Static<typeof ItemSchema>;

/** A branch of the item tree: orders items, and dispatch rules may name it; no ticket is filed under it. */
export const ItemGroupSchema = Type.Object({ code: ItemCode, name: Type.String(), parent: Type.Optional(ItemCode) }, { additionalProperties: false });
export type ItemGroup = Static<typeof ItemGroupSchema>;

/** config/items.yaml, and the body of a catalogue of kind `items`. `version`: the edition of the scheme, as its publisher counts. */
export const ItemCatalogueSchema = Type.Object({ scheme: Type.String(), version: Type.Integer(), groups: Type.Optional(Type.Array(ItemGroupSchema)), items: Type.Array(ItemSchema) }, { additionalProperties: false });
export type ItemCatalogue = Static<typeof ItemCatalogueSchema>;

const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });

/**
 * One rule of the dispatch catalogue (派单目录): config/routing.yaml → `routes: Route[]`, and the body of a catalogue of kind `dispatch`.
 * The first match wins; a rule without conditions must be the last one. All conditions of a rule must hold, of a list one member.
 */
export const RouteSchema = Type.Object(
  {
    id: Slug,
    when: Type.Object(
      {
        /** Codes of items, or of what stands above them. */
        items: Type.Optional(Type.Array(Type.String())),
        towns: Type.Optional(Type.Array(Slug)),
        kinds: Type.Optional(Type.Array(TicketKindSchema)),
        urgencies: Type.Optional(Type.Array(UrgencySchema)),
        /** Words that the place of the ticket must have one of: 高速, 火车站. */
        places: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
        /** Only the enterprise lane, or only citizens'. */
        enterprise: Type.Optional(Type.Boolean()),
        /** Opened inside the departments' office hours of a workday (config/calendar.yaml), or outside. */
        office: Type.Optional(Type.Boolean()),
        /** Beijing days of the week, 1 Monday to 7 Sunday. */
        weekdays: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1 })),
        /** First and last Beijing day, both in: a flood season, a works. */
        days: Type.Optional(Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }, { additionalProperties: false })),
      },
      { additionalProperties: false },
    ),
    /** 主办: department id, or `item` (the item's own) or `town` (the town's government). */
    to: Type.String(),
    /** 协办, in the same words; absent: those of the item. */
    assist: Type.Optional(Type.Array(Type.String())),
    why: Type.String(),
  },
  { additionalProperties: false },
);
export type Route = Static<typeof RouteSchema>;

/** config/routing.yaml, and the body of a catalogue of kind `dispatch`. */
export const DispatchCatalogueSchema = Type.Object({ routes: Type.Array(RouteSchema, { minItems: 1 }) }, { additionalProperties: false });
export type DispatchCatalogue = Static<typeof DispatchCatalogueSchema>;

/** config/deadlines.yaml → `active: profile id, enterprise: profile id, profiles: DeadlineProfile[]` */
export const DeadlineRuleSchema = Type.Object(
  {
    amount: Type.Integer({ minimum: 1 }),
    /** `minutes`, `hours`, `days`: round the clock; `workhours`, `workdays`: by the calendar. */
    unit: Type.Union([Type.Literal('minutes'), Type.Literal('hours'), Type.Literal('workhours'), Type.Literal('workdays'), Type.Literal('days')]),
  },
  { additionalProperties: false },
);
/** A rule for each class of item; `default` serves the classes that are not named. */
const StageRulesSchema = Type.Record(Slug, DeadlineRuleSchema);
export const DeadlineProfileSchema = Type.Object(
  {
    id: Slug,
    name: Type.String(),
    source: Type.String(),
    /** What runs against the clock. The first begins when the ticket is opened, the last when a return is asked for, all others at dispatch. */
    stages: Type.Object(
      {
        /** 受理: from opening to dispatch. */
        accept: Type.Optional(StageRulesSchema),
        /** 签收 by the department. */
        sign: Type.Optional(StageRulesSchema),
        /** First contact with the citizen. */
        contact: Type.Optional(StageRulesSchema),
        /** 办理: the whole. */
        handle: StageRulesSchema,
        /** 退单: a department may only return it within this time. */
        return: Type.Optional(StageRulesSchema),
        /** The hotline judges a return or an extension. */
        judge: Type.Optional(StageRulesSchema),
      },
      { additionalProperties: false },
    ),
    /** 延期: how often, and how much at most each time. */
    extension: Type.Optional(Type.Object({ times: Type.Integer({ minimum: 0 }), limit: DeadlineRuleSchema }, { additionalProperties: false })),
    /** Warnings this long before a stage runs out. */
    warnings: Type.Optional(Type.Record(Slug, Type.Array(DeadlineRuleSchema, { minItems: 1 }))),
  },
  { additionalProperties: false },
);
export type DeadlineRule = Static<typeof DeadlineRuleSchema>;
export type DeadlineProfile = Static<typeof DeadlineProfileSchema>;

/** config/deadlines.yaml, and the body of a catalogue of kind `deadlines`. `enterprise` absent: the lane goes by the active one too. */
export const DeadlinesCatalogueSchema = Type.Object({ active: Type.String(), enterprise: Type.Optional(Type.String()), profiles: Type.Array(DeadlineProfileSchema, { minItems: 1 }) }, { additionalProperties: false });
export type DeadlinesCatalogue = Static<typeof DeadlinesCatalogueSchema>;

/** config/calendar.yaml: exceptions to Monday-Friday, and office hours of departments and of seats, Beijing time. */
export const CalendarSchema = Type.Object(
  {
    timezone: Type.Literal('Asia/Shanghai'),
    years: Type.Array(
      Type.Object(
        {
          year: Type.Integer(),
          provisional: Type.Boolean(),
          source: Type.String(),
          holidays: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
          /** 调休: Saturdays and Sundays that are workdays. */
          makeUpWorkdays: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
        },
        { additionalProperties: false },
      ),
    ),
    /** HH:MM pairs; working hours of departments. */
    officeHours: Type.Array(Type.Object({ from: Type.String(), to: Type.String() })),
    /** Hours in which seats are staffed; the law asks for 7×24, so the default is 00:00-24:00. */
    seatHours: Type.Array(Type.Object({ from: Type.String(), to: Type.String() })),
  },
  { additionalProperties: false },
);
export type Calendar = Static<typeof CalendarSchema>;
