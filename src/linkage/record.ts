import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { allErrors } from '../config/all-errors.ts';
import { TicketKindSchema, UrgencySchema } from '../domain/config-files.ts';
import { AppError } from '../domain/errors.ts';
import { readTime } from '../partners/report.ts';

/**
 * The canonical exchange record: what any linked platform and this house tell each other about one matter. There is no public nationwide
 * wire format; the groups and fields are those that recur in city systems, the additions of the 110 link those of the State Council
 * office's notice of 2022. docs/linkage.schema.json is this. Only ever added to.
 */

export const RECORD_FORMAT = 'yihu-exchange-1';

const closed = { additionalProperties: false };

/** What a record does to the matter. The first one of a matter is a `dispatch`. */
export const RecordKindSchema = Type.Union([
  Type.Literal('dispatch'), Type.Literal('acceptance'), Type.Literal('refusal'), Type.Literal('progress'), Type.Literal('feedback'),
  Type.Literal('result'), Type.Literal('supplement'), Type.Literal('urge'), Type.Literal('withdraw'),
]);
export type RecordKind = Static<typeof RecordKindSchema>;

const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?[+-]\\d{2}:\\d{2}$', description: 'Time with its offset; ours is always +08:00' });
const text = (maxLength: number, description?: string) => Type.Optional(Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) }));
const time = Type.Optional(Time);
const yes = Type.Optional(Type.Boolean());
const Number64 = Type.String({ minLength: 1, maxLength: 64 });
const number = Type.Optional(Number64);

const Attachment = Type.Object(
  {
    name: text(200),
    contentType: text(100),
    /** Where it can be fetched; the bytes never travel in a record. */
    url: Type.String({ minLength: 1, maxLength: 2000 }),
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);

export const RecordSchema = Type.Object(
  {
    format: Type.Literal(RECORD_FORMAT),
    profile: Type.String({ pattern: '^[a-z0-9-]{2,40}$', description: 'Profile of config/linkage.yaml that it goes by' }),
    kind: RecordKindSchema,
    /** Counts the records of one sender about one matter: 1, 2, 3 … The order, and with the number the key of repetition. */
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    sentAt: Time,
    identity: Type.Object(
      {
        ticketNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Number of the matter at this 12345' })),
        externalNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Number of the matter at the other platform' })),
        upstreamNo: number,
        parentNo: number,
        repeatOf: number,
        channel: text(40),
        sourceCallId: text(128),
        recordingRef: text(2000),
      },
      closed,
    ),
    citizen: Type.Optional(
      Type.Object(
        {
          name: text(80), sex: Type.Optional(Type.Union([Type.Literal('male'), Type.Literal('female'), Type.Literal('unknown')])),
          phone: text(40), backupPhone: text(40), idType: text(40), idNo: text(40), address: text(200),
          requesterType: Type.Optional(Type.Union([Type.Literal('person'), Type.Literal('company')])), companyName: text(120), companyCode: text(40),
          confidential: yes, callback: yes,
        },
        closed,
      ),
    ),
    demand: Type.Optional(
      Type.Object(
        {
          type: Type.Optional(TicketKindSchema), title: text(120), content: text(8000),
          categoryCode: text(64), categoryScheme: text(120), categoryVersion: text(40),
          /** As the citizen said it, or a time. */
          eventTime: text(200),
          areaCode: text(16, 'GB/T 2260, with the town level where it is known'), street: text(80), grid: text(40), address: text(300),
          position: Type.Optional(Type.Object({ longitude: Type.Number({ minimum: -180, maximum: 180 }), latitude: Type.Number({ minimum: -90, maximum: 90 }), datum: Type.Union([Type.Literal('WGS-84'), Type.Literal('GCJ-02')]) }, closed)),
          involvedParty: text(200),
          attachments: Type.Optional(Type.Array(Attachment, { maxItems: 60 })),
        },
        closed,
      ),
    ),
    handling: Type.Optional(
      Type.Object(
        {
          urgency: Type.Optional(UrgencySchema), acceptedAt: time, acceptedBy: text(80), lead: text(120), assist: Type.Optional(Type.Array(Type.String({ maxLength: 120 }), { maxItems: 50 })),
          dueAt: time, limit: text(80), status: text(40), supervision: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })), urges: Type.Optional(Type.Integer({ minimum: 0 })),
          transfers: Type.Optional(Type.Array(Type.Object({ at: Time, from: text(120), to: text(120), reason: text(2000) }, closed), { maxItems: 200 })),
          returns: Type.Optional(Type.Array(Type.Object({ at: Time, reason: text(2000) }, closed), { maxItems: 200 })),
          extensions: Type.Optional(Type.Array(Type.Object({ at: Time, reason: text(2000), amount: Type.Optional(Type.Number()) }, closed), { maxItems: 200 })),
          /** What happened now, in words: of `progress`, `supplement`, `urge`, `withdraw`. */
          note: text(4000),
        },
        closed,
      ),
    ),
    result: Type.Optional(
      Type.Object(
        {
          reply: text(8000), handledAt: time, archivedAt: time, evaluationSource: text(40),
          callback: Type.Optional(Type.Object({ at: time, reached: yes, processSatisfaction: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })), solved: yes, reason: text(2000) }, closed)),
        },
        closed,
      ),
    ),
    link: Type.Optional(
      Type.Object(
        {
          direction: Type.Optional(Type.Union([Type.Literal('to-12345'), Type.Literal('from-12345')])),
          incidentNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Number of the police’s (fire’s, ambulance’s, traffic’s) own incident' })),
          emergency: yes,
          mode: Type.Optional(Type.Union([Type.Literal('phone'), Type.Literal('system')])),
          threeParty: yes,
          refusalReason: text(2000),
          feedback: text(8000),
        },
        closed,
      ),
    ),
  },
  { additionalProperties: false, title: 'Yihu exchange record', description: 'What 12345 and a linked platform tell each other about one matter; docs/linkage.md' },
);
export type ExchangeRecord = Static<typeof RecordSchema>;

const validator = Compile(RecordSchema);
/** Faults that are told; whoever has more mends these first. */
const TOLD = 10;

/**
 * A record that a peer sent, checked: its shape, times that are none, and what its kind cannot do without.
 * @throws AppError `linkage.invalid` (400) that names every field, never its value
 */
export function readRecord(value: unknown): ExchangeRecord {
  if (!validator.Check(value)) throw invalid(shapeFaults(value));
  const faults = [...timeFaults(value, ''), ...kindFaults(value)];
  if (faults.length > 0) throw invalid(faults);
  return value;
}

function shapeFaults(value: unknown): readonly string[] {
  const faults = allErrors(validator, value).map(({ instancePath, message, params }) => {
    const unknown = 'additionalProperties' in params && Array.isArray(params.additionalProperties) ? `：多余 ${params.additionalProperties.slice(0, 5).map((key) => String(key).slice(0, 40)).join('、')}` : '';
    return `${instancePath.slice(1).replaceAll('/', '.') || '记录'}：${message}${unknown}`;
  });
  return [...new Set(faults)];
}

function timeFaults(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => timeFaults(one, `${path}.${at}`));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, inner]) => timeFaults(inner, path === '' ? name : `${path}.${name}`));
  return /(^|\.)(at|sentAt|acceptedAt|dueAt|handledAt|archivedAt)$/.test(path) && typeof value === 'string' && readTime(value) === null ? [`${path}：不是真实的时间`] : [];
}

function kindFaults(record: ExchangeRecord): readonly string[] {
  const faults: string[] = [];
  const need = (there: unknown, path: string): void => {
    if (there === undefined) faults.push(`${path}：${record.kind} 必填`);
  };
  if (record.kind === 'dispatch') {
    need(record.demand?.title ?? record.demand?.content, 'demand.content');
  } else if (record.kind === 'refusal') need(record.link?.refusalReason, 'link.refusalReason');
  else if (record.kind === 'result') need(record.result?.reply, 'result.reply');
  else if (record.kind === 'feedback') need(record.link?.feedback ?? record.result?.callback, 'link.feedback');
  else if (record.kind === 'supplement') need(record.handling?.note ?? record.demand?.content ?? record.demand?.attachments, 'handling.note');
  return faults;
}

function invalid(faults: readonly string[]): AppError {
  return new AppError('linkage.invalid', `the record has ${faults.length} faults`, { status: 400, citizenText: `记录有误：${faults.slice(0, TOLD).join('；')}${faults.length > TOLD ? `；另有 ${faults.length - TOLD} 处` : ''}` });
}
