import type { CityData } from '../config/city.ts';
import { beijingText } from '../domain/clock.ts';
import type { TicketKind } from '../domain/config-files.ts';
import { normalizePhone } from '../domain/masking.ts';
import { ATTRIBUTE_CODES, findService, serviceDefinition } from './services.ts';
import type { Fault, Fields } from './fields.ts';
import { fromGcj02, type Position, writePosition } from './position.ts';
import { MAX_DESCRIPTION } from './view.ts';

/** “POST Service Request” of GeoReport v2, read and checked: a report that can become a ticket, or everything that is wrong with it. Pure. */
export interface Report {
  readonly itemCode: string | null;
  readonly kind: TicketKind;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  readonly happened: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly confidential: boolean;
  readonly callback: boolean;
  /** The partner's own number of the matter. */
  readonly externalNumber: string | null;
  /** What the partner knows its citizen by; null: nobody in particular. */
  readonly account: string | null;
  readonly mediaUrls: readonly string[];
}

type ReportCity = Pick<CityData, 'items' | 'towns'>;

const MAX_TEXT = 200;
const MAX_NUMBER = 64;
const MAX_URL = 2_000;
const MAX_MEDIA = 5;
const MAX_OTHERS = 20;
const TITLE_CHARS = 40;

export function readReport(city: ReportCity, fields: Fields): { readonly report: Report } | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const wrong = (description: string, code = 400): null => {
    faults.push({ code, description });
    return null;
  };
  const short = (name: string, limit = MAX_TEXT): string | null => {
    const value = fields.one(name);
    return value !== null && [...value].length > limit ? wrong(`${name}：最长 ${limit} 字`) : value;
  };

  const code = fields.one('service_code');
  if (code === null) wrong('service_code：必填');
  const service = code === null ? null : findService(city, code);
  if (code !== null && service === null) wrong('service_code：没有这个服务，请先查询服务列表', 404);

  const description = short('description', MAX_DESCRIPTION);
  const attributes = readAttributes(city, code, fields, wrong);
  const where = readPlace(city, fields, attributes, short, wrong);
  const given = fields.one('phone');
  const phone = given === null ? null : (normalizePhone(given)?.phone ?? wrong('phone：不是有效的电话号码'));
  const email = fields.one('email');
  // Checked and not kept: the house has no way to write to it (docs/open311.md).
  if (email !== null && !/^[^\s@]{1,64}@[^\s@]{1,250}$/.test(email)) wrong('email：不是有效的邮箱');
  const externalNumber = short('yihu_external_number', MAX_NUMBER) ?? attributes.one('external_number');
  const account = short('account_id') ?? short('device_id');
  const mediaUrls = fields.all('media_url');
  if (mediaUrls.length > MAX_MEDIA) wrong(`media_url：最多 ${MAX_MEDIA} 个`);
  if (mediaUrls.some((url) => !isWebAddress(url))) wrong('media_url：须为 http 或 https 网址');
  const name = joinName(short('first_name', 50), short('last_name', 50));

  const kinds = service?.kinds ?? [];
  const kind = kinds.find((candidate) => candidate === attributes.one('kind')) ?? kinds[0];
  if (faults.length > 0 || service === null || kind === undefined) return { faults };
  return {
    report: {
      itemCode: service.item?.code ?? null, kind,
      title: titleOf(description, service.name),
      content: [description ?? service.name, ...attributes.others].join('\n'),
      townId: where.townId, place: where.place, happened: attributes.happened, phone, name,
      confidential: attributes.one('confidential') === 'yes', callback: attributes.one('callback') === 'yes',
      externalNumber, account, mediaUrls,
    },
  };
}

type Wrong = (description: string, code?: number) => null;

interface ReadAttributes {
  one(code: (typeof ATTRIBUTE_CODES)[number]): string | null;
  readonly happened: string | null;
  /** Those that the definition does not have, as lines: a partner's form may ask more than ours. */
  readonly others: readonly string[];
}

function readAttributes(city: ReportCity, serviceCode: string | null, fields: Fields, wrong: Wrong): ReadAttributes {
  const definition = serviceCode === null ? null : serviceDefinition(city, serviceCode);
  for (const { code, values } of definition?.attributes ?? []) {
    const given = fields.attributes.get(code);
    if (given === undefined) continue;
    if (given.length > 1) wrong(`attribute[${code}]：只能有一个值`);
    if (values !== undefined && given.some((value) => !values.some(({ key }) => key === value))) wrong(`attribute[${code}]：不在可选值之中`);
    if ([...(given[0] ?? '')].length > (code === 'external_number' ? MAX_NUMBER : MAX_TEXT)) wrong(`attribute[${code}]：太长`);
  }
  const one = (code: string): string | null => fields.attributes.get(code)?.[0] ?? null;
  const happened = one('happened');
  const at = happened === null ? null : readTime(happened);
  if (happened !== null && at === null) wrong('attribute[happened]：须为带时区的 ISO 8601 时间');
  const known = new Set<string>(ATTRIBUTE_CODES);
  const others = [...fields.attributes].filter(([code]) => !known.has(code));
  if (others.length > MAX_OTHERS || others.some(([, values]) => values.join('').length > MAX_TEXT)) wrong(`attribute：其他属性最多 ${MAX_OTHERS} 个，每个最长 ${MAX_TEXT} 字`);
  return { one, happened: at === null ? null : beijingText(at), others: others.map(([code, values]) => `${code}：${values.join('、')}`) };
}

/** One of lat and long, address_string or address_id; our own attributes town and place will do. */
function readPlace(city: ReportCity, fields: Fields, attributes: ReadAttributes, short: (name: string) => string | null, wrong: Wrong): { readonly townId: string | null; readonly place: string | null } {
  const [lat, long] = [fields.one('lat'), fields.one('long')];
  if ((lat === null) !== (long === null)) wrong('lat、long：须同时提供');
  const position = lat === null || long === null ? null : readPositionFields(lat, long, fields.one('yihu_datum'), wrong);
  const addressString = short('address_string') ?? short('address');
  const addressId = short('address_id');
  const byId = addressId === null ? undefined : city.towns.find(({ id, code }) => id === addressId || code === addressId);
  if (addressId !== null && byId === undefined) wrong('address_id：须为镇街代码');
  const town = attributes.one('town');
  if (lat === null && long === null && addressString === null && addressId === null && town === null && attributes.one('place') === null) wrong('地点：须有 lat 和 long、address_string、address_id 三者之一');
  const words = [addressString, attributes.one('place') === addressString ? null : attributes.one('place')].filter((part) => part !== null);
  if (position !== null) words.push(words.length === 0 ? writePosition(position) : `（${writePosition(position)}）`);
  return { townId: town ?? byId?.id ?? townIn(city, addressString), place: words.length === 0 ? null : words.join(' ') };
}

function readPositionFields(lat: string, long: string, datum: string | null, wrong: Wrong): Position | null {
  const number = /^-?\d{1,3}(\.\d{1,15})?$/;
  const position = { lat: Number(lat), long: Number(long) };
  if (!number.test(lat) || !number.test(long) || Math.abs(position.lat) > 90 || Math.abs(position.long) > 180) return wrong('lat、long：须为十进制度数');
  if (datum !== null && datum !== 'WGS-84' && datum !== 'GCJ-02') return wrong('yihu_datum：须为 WGS-84 或 GCJ-02');
  return datum === 'GCJ-02' ? fromGcj02(position) : position;
}

/** The one town whose full name an address holds. Short names stand in street names all over the city (东城大道), so they tell nothing. */
function townIn(city: ReportCity, address: string | null): string | null {
  const named = address === null ? [] : city.towns.filter(({ name }) => address.includes(name));
  return named.length === 1 ? (named[0]?.id ?? null) : null;
}

/** Chinese names are written together, family name first. */
function joinName(first: string | null, last: string | null): string | null {
  if (first === null || last === null) return first ?? last;
  return /\p{Script=Han}/u.test(first + last) ? last + first : `${first} ${last}`;
}

function titleOf(description: string | null, serviceName: string): string {
  const sentence = description?.split(/[。！？!?\n]/).find((part) => part.trim() !== '')?.trim();
  return sentence === undefined ? serviceName : [...sentence].slice(0, TITLE_CHARS).join('');
}

export function isWebAddress(text: string): boolean {
  if (text.length > MAX_URL || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A W3C date and time with its zone, as epoch ms; null: none. A plus sign that a form turned into a blank is one again. */
export function readTime(text: string): number | null {
  const whole = text.replace(/ (\d{2}:\d{2})$/, '+$1');
  if (!TIME.test(whole)) return null;
  const at = Date.parse(whole);
  return Number.isNaN(at) ? null : at;
}
