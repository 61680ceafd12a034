import { XMLParser } from 'fast-xml-parser';
import Fastify, { type FastifyInstance } from 'fastify';
import { open311Zone, type Open311ZoneOptions } from '../../src/http/zones/open311/index.ts';
import { makePartnerKey } from '../../src/partners/keys.ts';
import type { Partner } from '../../src/store/contract.ts';
import type { IntakeUnderTest } from './intake.ts';

/** The partners' door over an intake under test, alone. */
export async function openPartnerDoor(intake: IntakeUnderTest, options: Partial<Open311ZoneOptions> = {}): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, routerOptions: { maxParamLength: 1500 } });
  await app.register(open311Zone({ context: intake.context, publicUrl: 'https://yihu.test', version: '0.0.0', jurisdiction: '', requests: 'public', perPartner: 10_000, perAddress: 10_000, production: false, startedAt: intake.clock.now(), ...options }));
  await app.ready();
  return app;
}

let partners = 0;

/** A stored partner with a key. */
export async function addPartner(intake: IntakeUnderTest, over: Partial<Partner> & { readonly secret?: string } = {}): Promise<{ readonly partner: Partner; readonly key: string }> {
  const { secret = null, ...rest } = over;
  const { key, hash } = makePartnerKey();
  const partner: Partner = { id: `partner-${(partners += 1)}`, name: '省平台', webhookUrl: null, events: [], scope: 'own', active: true, createdAt: intake.clock.now(), ...rest };
  await intake.store.write(async (repos) => {
    await repos.partners.put(partner, secret);
    await repos.apiTokens.insert({ id: `token-${partner.id}`, kind: 'partner', ownerId: partner.id, name: '测试', createdBy: 'seat-1', createdAt: intake.clock.now(), expiresAt: null, revokedAt: null }, hash);
  });
  return { partner, key };
}

export const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const parser = new XMLParser({ ignoreDeclaration: true, parseTagValue: false, trimValues: false });
export function readXml(text: string): Record<string, unknown> {
  const parsed: unknown = parser.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('no XML');
  return { ...parsed };
}

/** The rules of the public GeoReport schemas, as faults; empty when it holds. */
export function schemaFaults(kind: 'service' | 'service_definition' | 'request', value: unknown): readonly string[] {
  const faults: string[] = [];
  const object = (it: unknown): Readonly<Record<string, unknown>> => (typeof it === 'object' && it !== null ? { ...it } : {});
  const given = object(value);
  const rule = (holds: boolean, text: string): void => void (holds || faults.push(text));
  const isString = (name: string): void => rule(typeof given[name] === 'string', `${name} is no string`);
  const stringOrNull = (name: string): void => rule(given[name] === undefined || given[name] === null || typeof given[name] === 'string', `${name} is neither string nor null`);
  if (kind === 'service') {
    isString('service_code');
    isString('service_name');
    rule(typeof given['metadata'] === 'boolean', 'metadata is no boolean');
    rule(['realtime', 'batch', 'blackbox'].includes(String(given['type'])), 'type');
    for (const name of ['description', 'keywords', 'group']) stringOrNull(name);
  }
  if (kind === 'service_definition') {
    isString('service_code');
    rule(Array.isArray(given['attributes']), 'attributes is no list');
    for (const each of Array.isArray(given['attributes']) ? given['attributes'] : []) {
      const attribute = object(each);
      rule(typeof attribute['variable'] === 'boolean' && typeof attribute['required'] === 'boolean' && typeof attribute['code'] === 'string', 'attribute: variable, required, code');
      rule(['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist'].includes(String(attribute['datatype'])), 'attribute: datatype');
      rule(attribute['order'] === null || Number.isInteger(attribute['order']), 'attribute: order');
      const values = attribute['values'];
      rule(values === undefined || (Array.isArray(values) && values.every((one) => typeof object(one)['key'] === 'string' && typeof object(one)['name'] === 'string')), 'attribute: values');
    }
  }
  if (kind === 'request') {
    for (const name of ['service_request_id', 'service_code']) isString(name);
    rule(given['status'] === 'open' || given['status'] === 'closed', 'status');
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/;
    rule(typeof given['requested_datetime'] === 'string', 'requested_datetime is missing');
    for (const name of ['requested_datetime', 'updated_datetime', 'expected_datetime']) rule(!(name in given) || (typeof given[name] === 'string' && time.test(given[name])), `${name} is no date-time`);
    rule(given['description'] === null || (typeof given['description'] === 'string' && [...given['description']].length <= 4000), 'description');
    for (const name of ['lat', 'long']) rule(given[name] === null || typeof given[name] === 'number', name);
    rule(given['media_url'] === null || (typeof given['media_url'] === 'string' && URL.canParse(given['media_url'])), 'media_url');
  }
  return faults;
}
