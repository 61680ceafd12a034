import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { asAddress, asExternalId, AttachmentSchema, ChoiceSchema, LocaleSchema, ModalitySchema, SourceSchema, type ActivityContent, type EpochMs, type InboundActivity } from '../../domain/activity.ts';
import type { JsonValue } from '../../domain/json.ts';

/** One spooled activity: what is sealed into a frame. */
export interface SpoolRecord {
  readonly id: string;
  /** When the peer's webhook was taken; epoch ms. */
  readonly at: EpochMs;
  readonly inbound: InboundActivity;
}

/** Parsed from JSON, so any value is a JSON value. */
const Json = Type.Unsafe<JsonValue>(Type.Unknown());

const ContentSchema = Type.Union([
  Type.Object({
    type: Type.Literal('message'),
    text: Type.String(),
    speak: Type.Optional(Type.String()),
    choices: Type.Optional(Type.Array(ChoiceSchema)),
    attachments: Type.Optional(Type.Array(AttachmentSchema)),
    source: Type.Optional(SourceSchema),
    value: Type.Optional(Json),
    keys: Type.Optional(Type.String()),
    confidence: Type.Optional(Type.Number()),
    inputHint: Type.Optional(Type.Union([Type.Literal('acceptingInput'), Type.Literal('expectingInput'), Type.Literal('ignoringInput')])),
  }),
  Type.Object({ type: Type.Literal('event'), name: Type.String(), value: Type.Optional(Json) }),
  Type.Object({ type: Type.Literal('typing') }),
  Type.Object({ type: Type.Literal('endOfConversation'), code: Type.String() }),
  Type.Object({ type: Type.Literal('unsupported'), kind: Type.String() }),
]);

const RecordSchema = Type.Object({
  v: Type.Literal(1),
  id: Type.String({ minLength: 1 }),
  at: Type.Number(),
  inbound: Type.Object({
    channel: Type.String({ minLength: 1 }),
    address: Type.String({ minLength: 1 }),
    externalId: Type.String({ minLength: 1 }),
    modality: ModalitySchema,
    locale: Type.Optional(LocaleSchema),
    content: ContentSchema,
    channelData: Type.Optional(Json),
    identity: Type.Optional(Type.Object({ externalUserId: Type.Union([Type.String(), Type.Null()]), phone: Type.Optional(Type.String()), displayName: Type.Optional(Type.String()) })),
    raw: Type.Optional(Type.String()),
  }),
});
const validator = Compile(RecordSchema);

export function encodeRecord(record: SpoolRecord, seal: (text: string) => string): Buffer {
  return Buffer.from(seal(JSON.stringify({ v: 1, ...record })), 'utf8');
}

/** Null when it was sealed with another key, changed, or written by a version that this one does not know. */
export function decodeRecord(payload: Buffer, open: (sealed: string) => string): SpoolRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(open(payload.toString('utf8')));
  } catch {
    return null;
  }
  return validator.Check(parsed) ? toRecord(parsed) : null;
}

function toRecord({ id, at, inbound }: Static<typeof RecordSchema>): SpoolRecord {
  const content: ActivityContent = inbound.content;
  return { id, at, inbound: { ...inbound, content, address: asAddress(inbound.address), externalId: asExternalId(inbound.externalId) } };
}
