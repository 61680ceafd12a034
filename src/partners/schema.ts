import Type from 'typebox';
import { TICKET_STATES } from '../domain/ticket.ts';
import { PARTNER_EVENTS } from './events.ts';

/** What partners are promised to get: docs/webhook.schema.json is this, and a test holds real bodies against it. Only ever added to. */

const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\+08:00$' });
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);

export const RequestViewSchema = Type.Object({
  service_request_id: Type.String(),
  status: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
  status_notes: Type.String(),
  service_name: Type.String(),
  service_code: Type.String(),
  description: TextOrNull,
  agency_responsible: TextOrNull,
  service_notice: TextOrNull,
  requested_datetime: Time,
  updated_datetime: Time,
  expected_datetime: Type.Optional(Time),
  address: TextOrNull,
  address_id: TextOrNull,
  zipcode: Type.Null(),
  lat: NumberOrNull,
  long: NumberOrNull,
  media_url: TextOrNull,
  yihu_state: Type.Union(TICKET_STATES.map((state) => Type.Literal(state))),
  yihu_closure: Type.Union([...(['confirmed', 'unreached', 'withdrawn', 'not_taken', 'answered_at_once', 'merged'] as const).map((closure) => Type.Literal(closure)), Type.Null()]),
  yihu_kind: Type.String(),
  yihu_department: TextOrNull,
  yihu_town: TextOrNull,
  yihu_supervision: Type.Integer({ minimum: 0, maximum: 3 }),
  yihu_overdue: Type.Boolean(),
  yihu_urges: Type.Integer({ minimum: 0 }),
  yihu_external_number: TextOrNull,
});

export const WebhookBodySchema = Type.Object(
  {
    type: Type.Union(PARTNER_EVENTS.map((event) => Type.Literal(event))),
    timestamp: Time,
    data: Type.Object({
      sequence: Type.Integer({ minimum: 1 }),
      actor: Type.Union((['system', 'citizen', 'seat', 'department', 'partner'] as const).map((kind) => Type.Literal(kind))),
      request: RequestViewSchema,
    }),
  },
  { title: 'Yihu webhook', description: 'Body of a webhook to a partner platform; fields may be added, none changes.' },
);
