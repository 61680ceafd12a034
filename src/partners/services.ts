import { openItems } from '../domain/lanes.ts';
import type { CityData } from '../config/city.ts';
import { type Item, type TicketKind } from '../domain/config-files.ts';

/** GeoReport v2 services: the city's items, and one for whatever has no item. @see https://wiki.open311.org/GeoReport_v2 “GET Service List” */

/** No dot and a prefix of our own: no scheme of items uses it. Its tickets are dispatched by a person. */
export const GENERAL_SERVICE = 'yihu-general';
const GENERAL_NAME = '其他诉求';
const EVERY_KIND: readonly TicketKind[] = ['求助', '投诉', '咨询', '举报', '建议', '表扬'];

type ServiceCity = Pick<CityData, 'items' | 'towns'>;

export interface ServiceView {
  readonly service_code: string;
  readonly service_name: string;
  readonly description: string | null;
  readonly metadata: boolean;
  readonly type: 'realtime';
  /** Comma separated. */
  readonly keywords: string;
  readonly group: string;
}

export type AttributeType = 'string' | 'number' | 'datetime' | 'text' | 'singlevaluelist' | 'multivaluelist';

export interface AttributeView {
  readonly variable: boolean;
  readonly code: AttributeCode;
  readonly datatype: AttributeType;
  readonly required: boolean;
  readonly datatype_description: string | null;
  readonly order: number;
  readonly description: string;
  readonly values?: readonly { readonly key: string; readonly name: string }[];
}

export interface ServiceDefinitionView {
  readonly service_code: string;
  readonly attributes: readonly AttributeView[];
}

export const ATTRIBUTE_CODES = ['kind', 'town', 'place', 'happened', 'confidential', 'callback', 'external_number'] as const;
export type AttributeCode = (typeof ATTRIBUTE_CODES)[number];

export function listServices(city: ServiceCity): readonly ServiceView[] {
  const services = openItems(city.items).map((item): ServiceView => ({
    service_code: item.code,
    service_name: item.name,
    description: item.examples.slice(0, 2).join('；'),
    metadata: true,
    type: 'realtime',
    keywords: item.keywords.map((word) => word.replaceAll(',', ' ')).join(','),
    group: item.field,
  }));
  return [...services, { service_code: GENERAL_SERVICE, service_name: GENERAL_NAME, description: '不属于以上任何一类，由热线人工分派', metadata: true, type: 'realtime', keywords: '其他', group: '其他' }];
}

/** Null: no such service. */
export function findService(city: ServiceCity, code: string): { readonly item: Item | null; readonly name: string; readonly kinds: readonly TicketKind[] } | null {
  if (code === GENERAL_SERVICE) return { item: null, name: GENERAL_NAME, kinds: EVERY_KIND };
  const item = openItems(city.items).find((candidate) => candidate.code === code);
  return item === undefined ? null : { item, name: item.name, kinds: item.kinds };
}

export function serviceOf(city: ServiceCity, itemCode: string | null): { readonly code: string; readonly name: string } {
  if (itemCode === null) return { code: GENERAL_SERVICE, name: GENERAL_NAME };
  // An item that is gone from the scheme still names its old tickets.
  return { code: itemCode, name: findService(city, itemCode)?.name ?? itemCode };
}

/** What may be told beside the standard's own fields. Null: no such service. */
export function serviceDefinition(city: ServiceCity, code: string): ServiceDefinitionView | null {
  const service = findService(city, code);
  if (service === null) return null;
  const yesOrNo = [{ key: 'yes', name: '是' }, { key: 'no', name: '否' }];
  const attributes: Omit<AttributeView, 'order' | 'variable' | 'required'>[] = [
    { code: 'kind', datatype: 'singlevaluelist', datatype_description: `不填为${service.kinds[0] ?? '求助'}`, description: '诉求类型', values: service.kinds.map((kind) => ({ key: kind, name: kind })) },
    { code: 'town', datatype: 'singlevaluelist', datatype_description: '可代替地址字段', description: '事发镇街', values: city.towns.map(({ id, name }) => ({ key: id, name })) },
    { code: 'place', datatype: 'string', datatype_description: '路名、门牌、地标；可代替地址字段', description: '具体地点' },
    { code: 'happened', datatype: 'datetime', datatype_description: 'ISO 8601，须带时区', description: '事发时间' },
    { code: 'confidential', datatype: 'singlevaluelist', datatype_description: '不填为否', description: '市民要求保密', values: yesOrNo },
    { code: 'callback', datatype: 'singlevaluelist', datatype_description: '不填为否', description: '市民要求回电', values: yesOrNo },
    { code: 'external_number', datatype: 'string', datatype_description: '最长 64 字，同一编号只建一张工单', description: '贵平台的工单编号' },
  ];
  return { service_code: code, attributes: attributes.map((attribute, index) => ({ variable: true, required: false, order: index + 1, ...attribute })) };
}
